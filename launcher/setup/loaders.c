/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loaders.c - where each boot loader keeps the kernel's command line, and what makes it read that
 * again
 *
 * One table; the first row whose marks are all there is this machine's. What the firmware was
 * started by says more than files that an earlier boot loader left: LoaderInfo, see
 * systemd's Boot Loader Interface. Sources: grub-mkconfig(8), Debian's and SUSE's patches of it,
 * grubby(8), kernelstub(8), rpm-ostree(1), kernel-install(8), mkinitcpio(8), limine's CONFIG.md
 * and limine-entry-tool, proxmox-boot-tool, update-extlinux(8)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/small-file.h"
#include "launcher/setup/edit.h"
#include "launcher/setup/setup.h"

#define LOADER_INFO "sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

enum how {
	BY_TOOL,    /* a program keeps it: told the word */
	BY_DROP_IN, /* a file of ours beside the others */
	BY_EDIT,    /* a line of a file */
	BY_HAND,
};

struct loader {
	const char *name, *info; /* info: how LoaderInfo begins, NULL: whatever it is */
	const char *mark[3];     /* each there; "a|b": one of them */
	enum how how;
	enum edit_form form;
	const char *file; /* one that ends in "/" is a folder of entries */
	const char *key;
	const char *tool[6], *untool[6]; /* "%" is the word, at the end of an argument */
	const char *seen;                /* files and folders in which a word is looked for */
};

#define DEFAULT_GRUB "etc/default/grub"
#define GRUB_KEY "GRUB_CMDLINE_LINUX_DEFAULT"
#define GRUB_SEEN DEFAULT_GRUB "|etc/default/grub.d/"
#define OWN_DROP_IN "etc/default/grub.d/zz-vfio-run.cfg"

/* clang-format off */
static const struct loader loaders[] = {
	{ "rpm-ostree", NULL, { "run/ostree-booted", "usr/bin/rpm-ostree" }, BY_TOOL, 0, NULL, NULL,
	  { "usr/bin/rpm-ostree", "kargs", "--append-if-missing=%" }, { "usr/bin/rpm-ostree", "kargs", "--delete-if-present=%" },
	  "boot/loader/entries/" },
	{ "kernelstub", NULL, { "usr/bin/kernelstub", "etc/kernelstub" }, BY_TOOL, 0, NULL, NULL,
	  { "usr/bin/kernelstub", "--add-options", "%" }, { "usr/bin/kernelstub", "--delete-options", "%" },
	  "etc/kernelstub/configuration" },
	{ "NixOS", NULL, { "etc/NIXOS" }, BY_HAND, 0, "etc/nixos/configuration.nix", "boot.kernelParams", { NULL }, { NULL },
	  "etc/nixos/configuration.nix" },
	{ "proxmox-boot-tool", "systemd-boot", { "etc/kernel/proxmox-boot-uuids", "etc/kernel/cmdline", "usr/sbin/proxmox-boot-tool" },
	  BY_EDIT, EDIT_LINE, "etc/kernel/cmdline", NULL, { "usr/sbin/proxmox-boot-tool", "refresh" }, { NULL }, "etc/kernel/cmdline" },
	{ "Limine", "Limine", { "etc/default/limine", "usr/bin/limine-update" }, BY_EDIT, EDIT_VARIABLE, "etc/default/limine",
	  "KERNEL_CMDLINE[default]", { "usr/bin/limine-update" }, { NULL }, "etc/default/limine" },
	{ "Limine", "Limine", { "boot/limine.conf" }, BY_EDIT, EDIT_ENTRY, "boot/limine.conf", "cmdline:", { NULL }, { NULL }, "boot/limine.conf" },
	{ "Limine", "Limine", { "boot/limine/limine.conf" }, BY_EDIT, EDIT_ENTRY, "boot/limine/limine.conf", "cmdline:", { NULL }, { NULL },
	  "boot/limine/limine.conf" },
	{ "grubby", NULL, { "usr/sbin/grubby|usr/bin/grubby" }, BY_TOOL, 0, NULL, NULL,
	  { "usr/sbin/grubby|usr/bin/grubby", "--update-kernel=ALL", "--args=%" },
	  { "usr/sbin/grubby|usr/bin/grubby", "--update-kernel=ALL", "--remove-args=%" },
	  GRUB_SEEN "|boot/loader/entries/" },
	{ "GRUB", "GRUB", { "etc/default/grub.d", "usr/sbin/update-grub", DEFAULT_GRUB }, BY_DROP_IN, EDIT_VARIABLE, OWN_DROP_IN, GRUB_KEY,
	  { "usr/sbin/update-grub" }, { NULL }, GRUB_SEEN },
	{ "GRUB", "GRUB", { "usr/sbin/update-grub", DEFAULT_GRUB }, BY_EDIT, EDIT_VARIABLE, DEFAULT_GRUB, GRUB_KEY,
	  { "usr/sbin/update-grub" }, { NULL }, GRUB_SEEN },
	{ "GRUB", "GRUB", { "usr/sbin/grub2-mkconfig|usr/bin/grub2-mkconfig", "boot/grub2", DEFAULT_GRUB }, BY_EDIT, EDIT_VARIABLE,
	  DEFAULT_GRUB, GRUB_KEY, { "usr/sbin/grub2-mkconfig|usr/bin/grub2-mkconfig", "-o", "/boot/grub2/grub.cfg" }, { NULL }, GRUB_SEEN },
	{ "GRUB", "GRUB", { "usr/bin/grub-mkconfig|usr/sbin/grub-mkconfig", "boot/grub", DEFAULT_GRUB }, BY_EDIT, EDIT_VARIABLE,
	  DEFAULT_GRUB, GRUB_KEY, { "usr/bin/grub-mkconfig|usr/sbin/grub-mkconfig", "-o", "/boot/grub/grub.cfg" }, { NULL }, GRUB_SEEN },
	{ "systemd-boot", "systemd-boot", { "etc/kernel/cmdline", "usr/bin/sdbootutil" }, BY_EDIT, EDIT_LINE, "etc/kernel/cmdline", NULL,
	  { "usr/bin/sdbootutil", "update-all-entries" }, { NULL }, "etc/kernel/cmdline" },
	/* a unified image holds it: made again */
	{ "systemd-boot", "systemd-boot", { "etc/kernel/cmdline", "usr/bin/mkinitcpio", "etc/mkinitcpio.d" }, BY_EDIT, EDIT_LINE,
	  "etc/kernel/cmdline", NULL, { "usr/bin/mkinitcpio", "-P" }, { NULL }, "etc/kernel/cmdline" },
	{ "systemd-boot", "systemd-boot", { "etc/kernel/cmdline", "usr/bin/kernel-install" }, BY_EDIT, EDIT_LINE, "etc/kernel/cmdline", NULL,
	  { "usr/bin/kernel-install", "add-all" }, { NULL }, "etc/kernel/cmdline" },
	{ "systemd-boot", "systemd-boot", { "boot/loader/entries" }, BY_EDIT, EDIT_ENTRY, "boot/loader/entries/", "options", { NULL }, { NULL },
	  "boot/loader/entries/" },
	{ "systemd-boot", "systemd-boot", { "efi/loader/entries" }, BY_EDIT, EDIT_ENTRY, "efi/loader/entries/", "options", { NULL }, { NULL },
	  "efi/loader/entries/" },
	{ "systemd-boot", "systemd-boot", { "boot/efi/loader/entries" }, BY_EDIT, EDIT_ENTRY, "boot/efi/loader/entries/", "options", { NULL }, { NULL },
	  "boot/efi/loader/entries/" },
	{ "extlinux", NULL, { "etc/update-extlinux.conf", "sbin/update-extlinux" }, BY_EDIT, EDIT_VARIABLE, "etc/update-extlinux.conf",
	  "default_kernel_opts", { "sbin/update-extlinux" }, { NULL }, "etc/update-extlinux.conf" },
	{ "rEFInd", "rEFInd", { "boot/refind_linux.conf" }, BY_HAND, 0, "boot/refind_linux.conf", "the lines", { NULL }, { NULL },
	  "boot/refind_linux.conf" },
};

/* What makes the image that the kernel starts with, from what stands in /etc. */
static const struct {
	const char *name, *mark[2], *tool[6];
	const char *track[6], *untrack[6]; /* instead, of a file: "%" is its path */
} images[] = {
	/* the image comes with the deployment and holds nothing of /etc but what is tracked, as it is when told */
	{ "rpm-ostree", { "run/ostree-booted", "usr/bin/rpm-ostree" }, { NULL },
	  { "usr/bin/rpm-ostree", "initramfs-etc", "--force-sync", "--track=/%" }, { "usr/bin/rpm-ostree", "initramfs-etc", "--force-sync", "--untrack=/%" } },
	{ "initramfs-tools", { "usr/sbin/update-initramfs", "etc/initramfs-tools" }, { "usr/sbin/update-initramfs", "-u", "-k", "all" }, { NULL }, { NULL } },
	{ "mkinitcpio", { "usr/bin/mkinitcpio", "etc/mkinitcpio.conf" }, { "usr/bin/mkinitcpio", "-P" }, { NULL }, { NULL } },
	{ "dracut", { "usr/bin/dracut|usr/sbin/dracut", NULL }, { "usr/bin/dracut|usr/sbin/dracut", "--force", "--regenerate-all" }, { NULL }, { NULL } },
};
/* clang-format on */

/* ---- which one ------------------------------------------------------------------------------ */

static bool has_marks(int root, const char *const *mark, size_t count)
{
	for (size_t i = 0; i < count && mark[i]; i++)
		if (!setup_any(root, mark[i]))
			return false;
	return true;
}

/* UTF-16 behind four bytes of attributes; what is beyond ASCII does not matter here. */
static bool read_info(int root, char *buf, size_t size)
{
	cleanup_close int fd = openat(root, LOADER_INFO, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char raw[256];
	ssize_t n = fd < 0 ? -1 : read(fd, raw, sizeof(raw));
	size_t used = 0;

	for (ssize_t i = 4; i + 1 < n && used + 1 < size; i += 2)
		if (raw[i] && !raw[i + 1])
			buf[used++] = raw[i];
	buf[used] = '\0';
	return used;
}

static const struct loader *find_loader(int root)
{
	char info[128];
	bool known = read_info(root, info, sizeof(info));

	for (size_t i = 0; i < ARRAY_SIZE(loaders); i++) {
		const struct loader *l = &loaders[i];

		if (known && l->info && strncasecmp(info, l->info, strlen(l->info)) != 0)
			continue;
		if (has_marks(root, l->mark, ARRAY_SIZE(l->mark)))
			return l;
	}
	return NULL;
}

/** setup_find_loader() - name the boot loader and what makes the initramfs; NULL: not known */
void setup_find_loader(int root, struct setup_plan *plan)
{
	const struct loader *l = find_loader(root);

	plan->loader = l ? l->name : NULL;
	plan->initramfs = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(images) && !plan->initramfs; i++)
		if (has_marks(root, images[i].mark, ARRAY_SIZE(images[i].mark)))
			plan->initramfs = images[i].name;
}

/* ---- commands ------------------------------------------------------------------------------- */

/* The arguments of a row, with the word in them. */
struct filled {
	const char *argv[SETUP_ARGS_MAX];
	char path[SETUP_PATH_MAX], with_word[SETUP_WORD_MAX + 32];
};

static void fill(int root, const char *const *from, const char *word, struct filled *out)
{
	size_t n = 0;

	out->argv[n++] = setup_first(root, from[0], out->path);
	for (; from[n]; n++) {
		size_t length = strlen(from[n]);

		out->argv[n] = from[n];
		if (from[n][length - 1] != '%')
			continue;
		(void)snprintf(out->with_word, sizeof(out->with_word), "%.*s%s", (int)length - 1,
			       from[n], word);
		out->argv[n] = out->with_word;
	}
	out->argv[n] = NULL;
}

/* @untool: what takes it back; of one without, which only makes files known, it is the same again
 */
static int add_tool(int root, struct setup_plan *plan, size_t need, const char *const *tool,
		    const char *const *untool, const char *word)
{
	struct filled to, back;

	fill(root, tool, word, &to);
	fill(root, untool && untool[0] ? untool : tool, word, &back);
	return setup_add_command(plan, need, to.argv, back.argv, false);
}

/**
 * setup_initramfs() - a step that makes the initramfs again, once for all needs
 *
 * Return: 0, also where nothing is known that makes one; -ENOMEM
 */
int setup_initramfs(int root, struct setup_plan *plan, size_t need)
{
	for (size_t i = 0; i < ARRAY_SIZE(images); i++)
		if (plan->initramfs && !strcmp(images[i].name, plan->initramfs) &&
		    images[i].tool[0])
			return add_tool(root, plan, need, images[i].tool, NULL, "");
	return 0;
}

/**
 * setup_initramfs_of() - a step that makes the initramfs again with a file of /etc, or without it
 * @file:	below the root
 * @tracks:	with it
 *
 * Return: as setup_initramfs()
 */
int setup_initramfs_of(int root, struct setup_plan *plan, size_t need, const char *file, bool tracks)
{
	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		const char *const *to = tracks ? images[i].track : images[i].untrack;
		const char *const *back = tracks ? images[i].untrack : images[i].track;

		if (plan->initramfs && !strcmp(images[i].name, plan->initramfs) && to[0])
			return add_tool(root, plan, need, to, back, file);
	}
	return setup_initramfs(root, plan, need);
}

/* ---- files ---------------------------------------------------------------------------------- */

typedef int (*visit_fn)(int root, const char *path, void *context);

static bool is_spare(const char *name)
{
	return strstr(name, "fallback") || strstr(name, "rescue") || strstr(name, "recovery");
}

/* @paths: files, and folders that end in "/"; spare entries are left alone: they are the way back.
 */
static int each_file(int root, const char *paths, visit_fn visit, void *context)
{
	char all[SETUP_PATH_MAX], *save = NULL;
	int r = 0;

	(void)snprintf(all, sizeof(all), "%s", paths);
	for (char *p = strtok_r(all, "|", &save); p && !r; p = strtok_r(NULL, "|", &save)) {
		char path[SETUP_PATH_MAX + 256], **name;
		size_t count;

		if (p[strlen(p) - 1] != '/') {
			r = visit(root, p, context);
			continue;
		}
		if (host_list(root, p, &name, &count))
			continue;
		for (size_t i = 0; i < count && !r; i++) {
			size_t length = strlen(name[i]);
			bool fits = (length > 5 && !strcmp(name[i] + length - 5, ".conf")) ||
				    (length > 4 && !strcmp(name[i] + length - 4, ".cfg"));

			(void)snprintf(path, sizeof(path), "%s%s", p, name[i]);
			if (fits && !is_spare(name[i]) && strlen(path) < SETUP_PATH_MAX)
				r = visit(root, path, context);
		}
		host_list_free(name, count);
	}
	return r;
}

struct asked {
	struct setup_plan *plan;
	size_t need;
	const struct loader *loader;
	const char *word;
	size_t found, changed;
	int error;               /* the last one that a file was left alone for */
	char at[SETUP_PATH_MAX]; /* where it was found, or what could not be changed */
};

static int visit_search(int root, const char *path, void *context)
{
	cleanup_free char *text = NULL;
	struct asked *a = context;

	if (host_text(root, path, &text) || !edit_has(text, a->word))
		return 0;
	a->found++;
	(void)snprintf(a->at, sizeof(a->at), "%s", path);
	return 0;
}

static int visit_add(int root, const char *path, void *context)
{
	struct asked *a = context;
	struct setup_step *s;
	char *new = NULL;
	int r = setup_edit(root, a->plan, a->need, path, &s);

	if (!r)
		r = edit_add(s->new, a->loader->form, a->loader->key, a->word, &new);
	if (r == -ENOMEM)
		return r;
	if (r && r != -EALREADY) {
		a->error = r;
		(void)snprintf(a->at, sizeof(a->at), "%s", path);
	}
	if (r)
		return 0;
	free(s->new);
	s->new = new;
	a->changed++;
	return 0;
}

static int visit_take(int root, const char *path, void *context)
{
	struct asked *a = context;
	struct setup_step *s;
	char *new = NULL;
	int r = setup_edit(root, a->plan, a->need, path, &s);

	if (!r)
		r = edit_take(s->new, a->word, &new);
	if (r)
		return r == -ENOMEM ? r : 0;
	free(s->new);
	s->new = new;
	a->changed++;
	return 0;
}

/* ---- adding, taking ---------------------------------------------------------------------------
 */

static int drop_in(int root, struct asked *a)
{
	struct setup_step *s;
	int r = setup_edit(root, a->plan, a->need, a->loader->file, &s);
	const char *old = r ? NULL : s->new;
	char *new = NULL;

	if (r)
		return r;
	if (asprintf(
		    &new, "%s%s=\"$%s %s\"\n",
		    *old ? old
			 : "# written by `vfio-run setup`, which also takes it away: `vfio-run setup --undo`\n",
		    a->loader->key, a->loader->key, a->word) < 0)
		return -ENOMEM;
	free(s->new);
	s->new = new;
	a->changed++;
	return 0;
}

static int refused(struct asked *a, bool add)
{
	if (a->error == -EACCES || a->error == -EPERM)
		return setup_by_hand(a->plan, a->need,
				     "/%s takes root to read: `sudo vfio-run setup`", a->at);
	if (a->error == -ELOOP)
		return setup_by_hand(a->plan, a->need,
				     "%s %s %s /%s: it is a link, and left to its owner",
				     add ? "add" : "take", a->word, add ? "to" : "out of", a->at);
	if (a->error)
		return setup_by_hand(
			a->plan, a->need,
			"add %s to %s in /%s: it is not of the plain form that a program can change",
			a->word, a->loader->key ? a->loader->key : "the line", a->at);
	return setup_by_hand(
		a->plan, a->need,
		"%s %s %s the kernel's command line where %s keeps it: nothing in /%s has it",
		add ? "add" : "take", a->word, add ? "to" : "off", a->loader->name,
		a->loader->seen);
}

/* Written, by setup or by its owner, and not booted with: or what makes it known was not run. */
static int stands_already(int root, struct asked *a)
{
	struct setup_answer *answer = &a->plan->answer[a->need];
	const struct loader *l = a->loader;
	char path[SETUP_PATH_MAX];
	size_t used;

	answer->state = SETUP_REBOOT;
	(void)snprintf(answer->text, sizeof(answer->text),
		       "%s stands in /%s, and this boot was without it", a->word, a->at);
	if (l->how == BY_TOOL || !l->tool[0])
		return 0;
	used = strlen(answer->text);
	used += (size_t)snprintf(answer->text + used, sizeof(answer->text) - used,
				 "; if it still is then: `/%s",
				 setup_first(root, l->tool[0], path));
	for (size_t i = 1; l->tool[i] && used < sizeof(answer->text); i++)
		used += (size_t)snprintf(answer->text + used, sizeof(answer->text) - used, " %s",
					 l->tool[i]);
	if (used < sizeof(answer->text))
		(void)snprintf(answer->text + used, sizeof(answer->text) - used, "`");
	return 0;
}

static int add_word(int root, struct asked *a)
{
	const struct loader *l = a->loader;
	int r = each_file(root, l->seen, visit_search, a);

	if (r)
		return r;
	if (a->found && !(l->how == BY_EDIT && l->form == EDIT_ENTRY))
		return stands_already(root, a);
	if (l->how == BY_HAND)
		return setup_by_hand(a->plan, a->need, "add %s to %s in /%s", a->word, l->key,
				     l->file);
	if (l->how == BY_DROP_IN)
		return drop_in(root, a);
	r = l->how == BY_EDIT ? each_file(root, l->file, visit_add, a) : 0;
	if (r || l->how == BY_TOOL || a->changed)
		return r;
	if (a->found && !a->error)
		return stands_already(root, a);
	return refused(a, true);
}

static int take_word(int root, struct asked *a)
{
	const struct loader *l = a->loader;
	int r = 0;

	if (l->how == BY_HAND)
		return setup_by_hand(a->plan, a->need, "take %s out of %s in /%s", a->word, l->key,
				     l->file);
	if (l->how != BY_TOOL)
		r = each_file(root, l->seen, visit_take, a);
	return r || l->how == BY_TOOL || a->changed ? r : refused(a, false);
}

/**
 * setup_parameter() - the steps for a word of the kernel's command line
 * @refresh:	the second pass: what makes the boot loader read its files again, when all are
 * changed
 *
 * Return: 0 or -ENOMEM
 */
int setup_parameter(int root, struct setup_plan *plan, size_t need, bool refresh)
{
	struct asked a = { .plan = plan,
			   .need = need,
			   .loader = find_loader(root),
			   .word = plan->need[need].word };
	bool add = plan->need[need].kind == SETUP_PARAMETER;
	const struct loader *l = a.loader;

	if (!l)
		return refresh ? 0
			       : setup_by_hand(
					 plan, need,
					 "%s %s %s the kernel's command line: no boot loader that is known was found",
					 add ? "add" : "take", a.word, add ? "to" : "off");
	if (!refresh)
		return add ? add_word(root, &a) : take_word(root, &a);
	if (plan->answer[need].state != SETUP_STEPS)
		return 0;
	plan->reboot = true;
	if (!l->tool[0])
		return 0;
	if (l->how == BY_TOOL && !add)
		return add_tool(root, plan, need, l->untool, l->tool, a.word);
	return add_tool(root, plan, need, l->tool, l->untool, a.word);
}
