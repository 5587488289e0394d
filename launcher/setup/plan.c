/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan.c - from needs to steps, and what steps may be at all */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "launcher/base/at-boot.h"
#include "launcher/base/pci-address.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/small-file.h"
#include "launcher/setup/edit.h"
#include "launcher/setup/setup.h"

/* ---- needs as words ------------------------------------------------------------------------- */

static const char *const kinds[SETUP_KINDS] = {
	[SETUP_PARAMETER] = "parameter",
	[SETUP_NO_PARAMETER] = "no-parameter",
	[SETUP_PACKAGE] = "package",
	[SETUP_NO_OPTION] = "no-option",
	[SETUP_AT_BOOT] = "at-boot",
	[SETUP_NO_AT_BOOT] = "no-at-boot",
};

/* The words of the kernel's command line that anything here adds or takes off. */
static const char *const parameters[] = { "intel_iommu=on" };
static const char *const bad_parameters[] = { "iommu=off", "intel_iommu=off", "amd_iommu=off",
					      "acpi=off" };
static const char *const options[] = { "vfio:enable_unsafe_noiommu_mode",
				       "vfio_iommu_type1:allow_unsafe_interrupts",
				       "iommufd:allow_unsafe_interrupts" };

static bool is_among(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], word))
			return true;
	return false;
}

static bool is_package(const char *word)
{
	for (size_t i = 0; i < setup_package_count(); i++)
		if (!strcmp(setup_package_name(i), word))
			return true;
	return false;
}

static bool is_word(enum setup_kind kind, const char *word)
{
	struct pci_address address;
	unsigned int vendor, device;

	switch (kind) {
	case SETUP_PARAMETER:
		return is_among(word, parameters, ARRAY_SIZE(parameters));
	case SETUP_NO_PARAMETER:
		return is_among(word, bad_parameters, ARRAY_SIZE(bad_parameters));
	case SETUP_PACKAGE:
		return is_package(word);
	case SETUP_NO_OPTION:
		return is_among(word, options, ARRAY_SIZE(options));
	case SETUP_AT_BOOT:
		return setup_at_boot_parse(word, &address, &vendor, &device);
	case SETUP_NO_AT_BOOT:
		return setup_no_at_boot_parse(word);
	default:
		return false;
	}
}

/** setup_need_parse() - "KIND=WORD". Return: is it one that there is? */
bool setup_need_parse(const char *text, struct setup_need *out)
{
	*out = (struct setup_need){ .kind = SETUP_KINDS };
	for (size_t i = 0; i < SETUP_KINDS; i++) {
		size_t length = strlen(kinds[i]);

		if (strncmp(text, kinds[i], length) != 0 || text[length] != '=')
			continue;
		text += length + 1;
		if (strlen(text) >= sizeof(out->word) || !is_word((enum setup_kind)i, text))
			return false;
		out->kind = (enum setup_kind)i;
		(void)snprintf(out->word, sizeof(out->word), "%s", text);
		return true;
	}
	return false;
}

/** setup_need_format() - what setup_need_parse() reads. Return: @buf */
const char *setup_need_format(const struct setup_need *need, char buf[SETUP_WORD_MAX + 16])
{
	(void)snprintf(buf, SETUP_WORD_MAX + 16, "%s=%s", kinds[need->kind], need->word);
	return buf;
}

/* ---- what may be written and run at all -------------------------------------------------------
 */

static const char *const writable[] = {
	"etc/default/grub",          "etc/default/grub.d/*.cfg",       "etc/default/limine",
	"etc/kernel/cmdline",        "etc/update-extlinux.conf",       "etc/modprobe.d/*.conf",
	"boot/limine.conf",          "boot/limine/limine.conf",        "boot/loader/entries/*.conf",
	"efi/loader/entries/*.conf", "boot/efi/loader/entries/*.conf",
	"etc/dracut.conf.d/*.conf",  "etc/mkinitcpio.conf.d/*.conf",   AT_BOOT_RULES,
};

static const char *const executable[] = {
	"usr/bin/rpm-ostree",
	"usr/bin/kernelstub",
	"usr/sbin/proxmox-boot-tool",
	"usr/bin/limine-update",
	"usr/sbin/grubby",
	"usr/bin/grubby",
	"usr/sbin/update-grub",
	"usr/sbin/grub2-mkconfig",
	"usr/bin/grub2-mkconfig",
	"usr/bin/grub-mkconfig",
	"usr/sbin/grub-mkconfig",
	"usr/bin/sdbootutil",
	"usr/bin/mkinitcpio",
	"usr/bin/kernel-install",
	"sbin/update-extlinux",
	"usr/sbin/update-initramfs",
	"usr/bin/dracut",
	"usr/sbin/dracut",
	"usr/bin/apt-get",
	"usr/bin/dpkg",
	"usr/bin/dnf",
	"usr/bin/rpm",
	"usr/bin/pacman",
	"usr/bin/zypper",
	"sbin/apk",
	"usr/bin/xbps-install",
	"usr/bin/xbps-remove",
};

/** setup_may_write() - is it a file that setup writes on any system? Below the root, no slash
 * before it */
bool setup_may_write(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(writable); i++)
		if (!fnmatch(writable[i], path, FNM_PATHNAME | FNM_PERIOD | FNM_NOESCAPE))
			return !strstr(path, "..");
	return false;
}

/** setup_may_run() - is it a program that setup executes on any system? */
bool setup_may_run(const char *path)
{
	return is_among(path, executable, ARRAY_SIZE(executable));
}

/* ---- what is there ------------------------------------------------------------------------------
 */

/* One that has a * in a part of it: the folder before that is looked through. */
static bool is_there(int root, const char *path)
{
	const char *star = strchr(path, '*');
	char folder[SETUP_PATH_MAX], one[SETUP_PATH_MAX * 2], **name;
	bool found = false;
	size_t count;

	if (!star)
		return sysfs_exists(root, path);
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)(star - path), path);
	if (host_list(root, folder, &name, &count))
		return false;
	for (size_t i = 0; i < count && !found; i++) {
		(void)snprintf(one, sizeof(one), "%s%s%s", folder, name[i], star + 1);
		found = sysfs_exists(root, one);
	}
	host_list_free(name, count);
	return found;
}

/** setup_first() - the first of "a|b|c" that is there, or the first of them. Return: @buf */
const char *setup_first(int root, const char *paths, char buf[SETUP_PATH_MAX])
{
	for (const char *at = paths; *at; at += strcspn(at, "|"), at += *at == '|') {
		(void)snprintf(buf, SETUP_PATH_MAX, "%.*s", (int)strcspn(at, "|"), at);
		if (is_there(root, buf))
			return buf;
	}
	(void)snprintf(buf, SETUP_PATH_MAX, "%.*s", (int)strcspn(paths, "|"), paths);
	return buf;
}

/** setup_any() - is any of "a|b|c" there? */
bool setup_any(int root, const char *paths)
{
	char buf[SETUP_PATH_MAX];

	return is_there(root, setup_first(root, paths, buf));
}

/* ---- steps
 * ---------------------------------------------------------------------------------------- */

static struct setup_step *new_step(struct setup_plan *plan)
{
	struct setup_step *bigger = reallocarray(plan->step, plan->step_count + 1, sizeof(*bigger));

	if (!bigger)
		return NULL;
	plan->step = bigger;
	bigger[plan->step_count] = (struct setup_step){ .need = 0 };
	return &bigger[plan->step_count++];
}

static bool same_argv(char *const *a, const char *const *b)
{
	size_t i = 0;

	while (a[i] && b[i] && !strcmp(a[i], b[i]))
		i++;
	return !a[i] && !b[i];
}

static int copy_argv(char **to, const char *const *from)
{
	for (size_t i = 0; from[i]; i++) {
		if (i + 1 >= SETUP_ARGS_MAX)
			return -E2BIG;
		to[i] = strdup(from[i]);
		if (!to[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * setup_add_command() - a command at the end, unless it is there already
 * @undo:	what takes it back
 *
 * Return: 0, -ENOMEM or -E2BIG
 */
int setup_add_command(struct setup_plan *plan, size_t need, const char *const *argv,
		      const char *const *undo, bool installs)
{
	struct setup_step *s;
	int r;

	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->step[i].kind == SETUP_COMMAND && same_argv(plan->step[i].argv, argv))
			return 0;
	s = new_step(plan);
	if (!s)
		return -ENOMEM;
	s->kind = SETUP_COMMAND;
	s->need = need;
	s->installs = installs;
	r = copy_argv(s->argv, argv);
	return r ? r : copy_argv(s->undo, undo);
}

/* The text of a file that is none of a link's and of a plain file's alone. */
static int read_plain(int root, const char *path, char **out)
{
	struct stat st;

	*out = NULL;
	if (fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(st.st_mode))
		return -ELOOP;
	return host_text(root, path, out);
}

/**
 * setup_edit() - the step that changes a file, with its text as the steps before leave it
 * @path:	below the root
 * @out:	its `new` is to be replaced; "" when the file is not there
 *
 * A step whose text stays as it was is dropped at the end.
 *
 * Return: 0; -ELOOP it is a link or no file; other -errno
 */
int setup_edit(int root, struct setup_plan *plan, size_t need, const char *path,
	       struct setup_step **out)
{
	char *old;
	int r;

	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->step[i].kind == SETUP_FILE && !strcmp(plan->step[i].path, path)) {
			*out = &plan->step[i];
			return 0;
		}
	r = read_plain(root, path, &old);
	if (r)
		return r;
	*out = new_step(plan);
	if (!*out) {
		free(old);
		return -ENOMEM;
	}
	(*out)->kind = SETUP_FILE;
	(*out)->need = need;
	(void)snprintf((*out)->path, sizeof((*out)->path), "%s", path);
	(*out)->old = old;
	(*out)->new = strdup(old ? old : "");
	return (*out)->new ? 0 : -ENOMEM;
}

/** setup_by_hand() - there is no step for a need: what its owner is to do. Return: 0 */
int setup_by_hand(struct setup_plan *plan, size_t need, const char *format, ...)
{
	struct setup_answer *a = &plan->answer[need];
	va_list args;

	a->state = SETUP_BY_HAND;
	va_start(args, format);
	(void)vsnprintf(a->text, sizeof(a->text), format, args);
	va_end(args);
	return 0;
}

static void free_step(struct setup_step *s)
{
	free(s->old);
	free(s->new);
	for (size_t i = 0; i < SETUP_ARGS_MAX; i++) {
		free(s->argv[i]);
		free(s->undo[i]);
	}
}

/* Files that stay as they are are no steps; one that has nothing left goes. */
static void drop_empty(struct setup_plan *plan)
{
	size_t kept = 0;

	for (size_t i = 0; i < plan->step_count; i++) {
		struct setup_step *s = &plan->step[i];
		bool same = s->kind == SETUP_FILE && !strcmp(s->old ? s->old : "", s->new);

		if (s->kind == SETUP_FILE && s->old && *s->old && !*s->new) {
			free(s->new);
			s->new = NULL;
		}
		if (same)
			free_step(s);
		else
			plan->step[kept++] = *s;
	}
	plan->step_count = kept;
}

/* An option of a module's, in whichever file of /etc/modprobe.d it stands. */
static int take_option(int root, struct setup_plan *plan, size_t need)
{
	char module[SETUP_WORD_MAX], path[SETUP_PATH_MAX], **name;
	const char *option = strchr(plan->need[need].word, ':') + 1;
	size_t count, changed = 0;
	int r = host_list(root, "etc/modprobe.d", &name, &count) == -ENOMEM ? -ENOMEM : 0;

	(void)snprintf(module, sizeof(module), "%.*s", (int)(option - 1 - plan->need[need].word),
		       plan->need[need].word);
	for (size_t i = 0; i < count && !r; i++) {
		struct setup_step *s;
		char *new = NULL;

		(void)snprintf(path, sizeof(path), "etc/modprobe.d/%.200s", name[i]);
		if (!setup_may_write(path))
			continue;
		r = setup_edit(root, plan, need, path, &s);
		while (!r && !(r = edit_take_option(s->new, module, option, &new))) {
			free(s->new);
			s->new = new;
			changed++;
		}
		r = r == -ENOMEM ? r : 0;
	}
	host_list_free(name, count);
	if (r || changed)
		return r;
	return setup_by_hand(
		plan, need,
		"%s of %s is on, and no file of /etc/modprobe.d says so: it is gone with the next boot, or `echo N >/sys/module/%s/parameters/%s`",
		option, module, module, option);
}

static int each_need(int root, struct setup_plan *plan, bool refresh)
{
	int r = 0;

	for (size_t i = 0; i < plan->need_count && !r; i++)
		switch (plan->need[i].kind) {
		case SETUP_PARAMETER:
		case SETUP_NO_PARAMETER:
			r = setup_parameter(root, plan, i, refresh);
			break;
		case SETUP_NO_OPTION:
			if (!refresh)
				r = take_option(root, plan, i);
			else if (plan->answer[i].state == SETUP_STEPS)
				r = setup_initramfs(root, plan, i);
			plan->reboot |= refresh && plan->answer[i].state == SETUP_STEPS;
			break;
		case SETUP_AT_BOOT:
		case SETUP_NO_AT_BOOT:
			r = setup_at_boot(root, plan, i, refresh);
			break;
		default:
			break;
		}
	return r;
}

/**
 * setup_plan_make() - what has to be done on the system below a root
 * @root:	read and not changed
 * @need:	at most SETUP_NEEDS_MAX; borrowed, as are their words, until setup_plan_fini()
 * @out:	setup_plan_fini() in any case
 *
 * Packages first, then files, and at the end what makes boot loader and initramfs read them.
 *
 * Return: 0; -E2BIG, -ENOMEM
 */
int setup_plan_make(int root, struct setup_need *need, size_t count, struct setup_plan *out)
{
	struct system s;
	int r;

	*out = (struct setup_plan){ .need = need, .need_count = count };
	if (count > SETUP_NEEDS_MAX)
		return -E2BIG;
	setup_system(root, &s);
	(void)snprintf(out->system_text, sizeof(out->system_text), "%s", s.name);
	out->system = out->system_text;
	setup_find_loader(root, out);
	r = setup_packages(root, &s, out);
	if (!r)
		r = each_need(root, out, false);
	if (!r)
		drop_empty(out);
	return r ? r : each_need(root, out, true);
}

/** setup_plan_fini() - free the steps */
void setup_plan_fini(struct setup_plan *plan)
{
	for (size_t i = 0; i < plan->step_count; i++)
		free_step(&plan->step[i]);
	free(plan->step);
	plan->step = NULL;
	plan->step_count = 0;
}

static bool append(char **text, size_t *size, const char *what)
{
	size_t more = strlen(what) + 1; /* with its NUL: no two lists of words look alike */
	char *bigger = realloc(*text, *size + more);

	if (!bigger)
		return false;
	memcpy(bigger + *size, what, more);
	*text = bigger;
	*size += more;
	return true;
}

/**
 * setup_plan_digest() - one word for all steps: two plans with the same one do the same
 *
 * Return: @buf; "" when there is no memory
 */
const char *setup_plan_digest(const struct setup_plan *plan, char buf[HASH_TEXT])
{
	cleanup_free char *text = NULL;
	size_t size = 0;
	bool good = true;

	for (size_t i = 0; i < plan->step_count && good; i++) {
		const struct setup_step *s = &plan->step[i];

		good = append(&text, &size, s->path) &&
		       append(&text, &size, s->old ? s->old : "\1") &&
		       append(&text, &size, s->new ? s->new : "\1");
		for (size_t k = 0; s->argv[k] && good; k++)
			good = append(&text, &size, s->argv[k]);
	}
	*buf = '\0';
	return good ? hash_text(text ? text : "", size, buf) : buf;
}
