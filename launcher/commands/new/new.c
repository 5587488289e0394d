/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * new.c - `vfio-run new`: a commented profile for this machine
 *
 * Asks the host what it has and writes what a person would have to look up: the card with its ids,
 * memory, whole cores, firmware, keyboard and mouse. The file is the user's, made as the user;
 * one that is there is never touched. Of another machine (--sysroot) it is printed.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/new/new.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/host/qemu/firmware.h"
#include "launcher/host/qemu/hyperv.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/host/small-file.h"
#include "launcher/host/user/new-files.h"
#include "launcher/inspect/invoker.h"
#include "launcher/inspect/running.h"
#include "launcher/setup/setup.h"

#define MOST_GIB 32 /* of memory, when it is not said how much */

/* ---- memory, firmware, keyboard and mouse ------------------------------------------------------ */

/* Half of what is installed; the kernel's own share is missing in MemTotal. */
static uint64_t half_of_memory(struct host *h)
{
	cleanup_free char *text = NULL;
	char *rest, *line;
	uint64_t kib = 0, gib;

	if (host_text(host_root_fd(h), "proc/meminfo", &text))
		return 2;
	rest = text;
	while ((line = host_next_line(&rest)))
		if (sscanf(line, "MemTotal: %" SCNu64 " kB", &kib) == 1)
			break;
	gib = (kib + (1 << 20) - 1) >> 20;
	gib = gib / 2 < MOST_GIB ? gib / 2 : MOST_GIB;
	return gib ? gib : 1;
}

static bool ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && !strcmp(text + a - b, end);
}

/** new_is_plain() - is it a name that a profile, or a file of the desktop's, can hold as it is? */
bool new_is_plain(const char *name)
{
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("_.:+-", *name))
			return false;
	return true;
}

static void find_inputs(struct host *h, struct new_vm *vm)
{
	char **names = NULL;
	size_t count = 0;

	if (host_list(host_root_fd(h), "dev/input/by-id", &names, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		char *to = ends_with(names[i], "-event-kbd")   ? vm->keyboard :
			   ends_with(names[i], "-event-mouse") ? vm->mouse :
								 NULL;

		if (to && !*to && new_is_plain(names[i]) && strlen(names[i]) < sizeof(vm->mouse))
			(void)snprintf(to, sizeof(vm->mouse), "%s", names[i]);
	}
	host_list_free(names, count);
}

static bool has_firmware(struct host *h, enum firmware_want want)
{
	struct firmware f;
	bool has = firmware_find(host_root_fd(h), want, &f) == 0 && f.code;

	firmware_fini(&f);
	return has;
}

/* Does `setup` have a step for this package? Of some distributions it knows none. */
static bool setup_installs(struct host *h, const char *package)
{
	struct setup_need need = { .kind = SETUP_PACKAGE };
	struct setup_plan plan;
	bool has;

	(void)snprintf(need.word, sizeof(need.word), "%s", package);
	has = !setup_plan_make(host_root_fd(h), &need, 1, &plan) && plan.step_count;
	setup_plan_fini(&plan);
	return has;
}

/* ---- the command ------------------------------------------------------------------------------ */

/* Return: 0 or EXIT_HOST, reported */
static int find_iso(const struct cli *cli, const struct host_user *user, struct new_iso *iso)
{
	int rc = new_files_iso(user, cli->iso, iso);
	char why[160];

	if (!rc)
		rc = iso->error;
	if (rc) {
		log_error("--iso %s: %s", cli_shown(cli->iso), strerror(-rc));
		return EXIT_HOST;
	}
	if (new_files_is_cd(iso, false, why, sizeof(why)))
		return 0;
	log_error("--iso %s: %s", cli_shown(cli->iso), why);
	return EXIT_HOST;
}

/* The same question that a run asks, which refuses `hyperv = yes` where KVM has nothing of it. */
static bool has_hyperv(const struct host_user *user)
{
	cleanup_free char *qemu = NULL;
	unsigned int mask = 0;

	return host_qemu_find("qemu-system-x86_64", &qemu) || host_qemu_hyperv(qemu, user, &mask) || mask;
}

/* @other: it is another machine's tree */
static void ask_host(struct host *h, const struct host_user *user, bool other, struct new_vm *vm)
{
	vm->windows = !strncasecmp(vm->name, "win", 3);
	vm->windows11 = !strncasecmp(vm->name, "win11", 5);
	vm->hyperv = vm->windows && (other || has_hyperv(user));
	vm->gib = half_of_memory(h);
	/* where there is none yet, what `setup` installs has it */
	vm->secure = has_firmware(h, FIRMWARE_SECURE) || !has_firmware(h, FIRMWARE_PLAIN);
	vm->swtpm = !faccessat(host_root_fd(h), "usr/bin/swtpm", F_OK, 0);
	vm->window_step = !setup_package_is_there(host_root_fd(h), "window") && setup_installs(h, "window");
	new_choose_cpus(h, &vm->cpus);
	find_inputs(h, vm);
}

/* What is left to be typed, in its order. */
static void say_next(const struct new_vm *vm, const char *path, bool menu)
{
	char text[128];

	(void)printf("%s is written: read it, it is short.\n", path);
	if (vm->no_iommu)
		(void)printf("Its card can be given once the IOMMU is on: `vfio-run setup` says how.\n");
	if (!vm->iso)
		(void)printf("  mkdir -p " NEW_FOLDER "\n  qemu-img create -f qcow2 " NEW_FOLDER
			     "/disk.qcow2 " NEW_FILES_DISK "\n", vm->name, vm->name);
	if (vm->windows11 && !vm->swtpm)
		(void)printf("  vfio-run setup %s    for its TPM\n", vm->name);
	(void)printf("  sudo vfio-run check %s\n", vm->name);
	if (vm->desktop)
		(void)printf("  sudo vfio-run try %s    the card goes and comes back, without a guest\n", vm->name);
	if (vm->iso && vm->window_step)
		(void)printf("  vfio-run setup    names the package that QEMU has for a window\n");
	if (vm->iso && vm->card)
		(void)printf("  sudo vfio-run --no-devices %s    to install it in a window\n", vm->name);
	(void)printf("  sudo vfio-run %s\n", vm->name);
	(void)snprintf(text, sizeof(text),
		       "%s.desktop and .rules, beside it, are for the desktop's menu: each says where it goes.", vm->name);
	if (menu)
		columns_wrap(text, 0, 2, screen_width());
}

/* For the desktop's menu; what is there already stays. Return: were they written, or are there? */
static bool make_menu(const struct host_user *user, const struct new_vm *vm)
{
	const struct {
		const char *suffix, *text;
	} file[] = { { "desktop", new_menu_desktop }, { "rules", new_menu_rules } };
	bool there = new_is_plain(user->name);

	for (size_t i = 0; i < ARRAY_SIZE(file) && there; i++) {
		cleanup_free char *text = NULL;
		char path[PATH_MAX];
		size_t size;
		FILE *out = open_memstream(&text, &size);
		int rc = out ? 0 : -ENOMEM;

		(void)snprintf(path, sizeof(path), "%s/.config/vfio-run/%s.%s", user->home, vm->name,
			       file[i].suffix);
		if (out)
			new_menu_write(file[i].text, vm->name, user->name, out);
		if (out && fclose(out))
			rc = -ENOMEM;
		if (!rc)
			rc = new_files_text(user, path, text);
		there = !rc || rc == -EEXIST;
		if (!there)
			log_warning("%s: %s", path, strerror(-rc));
	}
	return there;
}

static int make_files(const struct host_user *user, const struct new_vm *vm, const char *text)
{
	char path[PATH_MAX];
	int rc;

	(void)snprintf(path, sizeof(path), "%s/.config/vfio-run/%s.profile", user->home, vm->name);
	rc = new_files_text(user, path, text);
	if (rc == -EEXIST)
		log_error("%s is there already, and stays as it is: take another name, or remove it", path);
	else if (rc)
		log_error("%s: %s", path, strerror(-rc));
	if (rc)
		return EXIT_HOST;
	rc = vm->iso ? new_files_disk(user, vm->disk) : 0;
	if (rc)
		log_warning("%s: %s; make it yourself: qemu-img create -f qcow2 %s " NEW_FILES_DISK, vm->disk,
			    rc == -ENOPKG ? "qemu-img is not installed" : strerror(-rc), vm->disk);
	say_next(vm, path, make_menu(user, vm));
	return EXIT_OK;
}

static int for_user(const struct cli *cli, struct host *h, const struct host_user *user,
		    struct new_vm *vm)
{
	cleanup_free char *text = NULL;
	struct new_iso iso = { .error = 0 };
	size_t size;
	FILE *out;
	int code = new_find_card(cli, h, vm);

	if (!code && cli->iso)
		code = find_iso(cli, user, &iso);
	if (code)
		return code;
	if (vm->refused)
		log_warning("the profile is without the card %s: %s", vm->refused->name, vm->why);
	ask_host(h, user, cli->sysroot, vm);
	vm->iso = cli->iso ? iso.path : NULL;
	if (vm->windows && !cli->sysroot && new_files_drivers(user, vm->drivers, sizeof(vm->drivers)))
		*vm->drivers = '\0'; /* there are none, or that cannot be told */
	(void)snprintf(vm->disk, sizeof(vm->disk), "%s" NEW_BELOW_HOME "/disk.qcow2", user->home,
		       vm->name);
	out = open_memstream(&text, &size);
	if (out)
		new_write(vm, out);
	if (!out || fclose(out)) {
		log_error("no memory for the profile");
		return EXIT_HOST;
	}
	if (!cli->sysroot)
		return make_files(user, vm, text);
	(void)fputs(text, stdout);
	return EXIT_OK;
}

static bool has_suffix(const char *name)
{
	size_t length = strlen(name);

	return length >= 8 && !strcmp(name + length - 8, ".profile");
}

/**
 * command_new() - write a commented profile for this machine
 *
 * Return: EXIT_OK; EXIT_HOST with the reason; EXIT_BAD_USE
 */
int command_new(const struct cli *cli)
{
	struct new_vm *vm = calloc(1, sizeof(*vm));
	struct host_user user;
	struct host *h = NULL;
	bool found;
	int code = vm ? invoker_find(&user, &found) : EXIT_HOST;

	if (!code && !found) {
		log_error("start it as the user whose VM it is to be, without sudo or with it: root has none");
		code = EXIT_HOST;
	}
	if (!code && has_suffix(cli->word[0])) {
		log_error("%s: expected a name without .profile: the file gets that by itself", cli_shown(cli->word[0]));
		code = EXIT_BAD_USE;
	}
	if (!code && !running_is_name(cli->word[0])) {
		log_error("%s: expected a name: a letter or a digit first, then letters, digits, `_`, `.` and `-`, 32 at most",
			  cli_shown(cli->word[0]));
		code = EXIT_BAD_USE;
	}
	if (!code && cli_find_command(cli->word[0])) {
		log_error("%s: that is a command of vfio-run's: take another name", cli->word[0]);
		code = EXIT_BAD_USE;
	}
	if (!code && host_open(cli->sysroot, &h)) {
		log_error("the host's devices cannot be read");
		code = EXIT_HOST;
	}
	if (!code) {
		vm->name = cli->word[0];
		code = for_user(cli, h, &user, vm);
	}
	host_close(h);
	free(vm);
	return code;
}
