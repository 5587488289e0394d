/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts.c - what a plan needs to know of the host beside its PCI devices */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/suggest.h"
#include "launcher/cli.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/facts.h"
#include "launcher/inspect/looking.h"
#include "launcher/setup/packages.h"
#include "profiles/profile.h"

#define CPUS_OF_ANY 255
#define QEMU_OLDEST (7u << 16 | 2u << 8) /* 7.2: the oldest that is tested */

/* ---- user --------------------------------------------------------------------------- */

/* The keeper refuses it: a group of root's is a right that no VM should have. */
static int check_group(const struct opened_profile *o, const struct host_user *user,
		       struct check_results *results)
{
	const struct profile_pos *pos = &o->profile->user_pos;

	if (user->gid)
		return 0;
	if (o->profile->user)
		check_add(results, "user", CHECK_FAILED,
			  "`usermod -g` another group, or name another user",
			  "%s: user = %s: its primary group is root's", opened_place(o, pos),
			  user->name);
	else
		check_add(results, "user", CHECK_FAILED,
			  "`usermod -g` another group, or name another user with `user =`",
			  "the primary group of %s is root's", user->name);
	return EXIT_HOST;
}

static int find_user(const struct opened_profile *o, struct host_user *out,
		     struct check_results *results)
{
	const struct profile *p = o->profile;
	int rc;

	if (!p->user) {
		if (o->has_invoker) {
			*out = o->invoker;
			return check_group(o, out, results);
		}
		log_error(
			"%s: started by root for nobody: say in [vm] whose VM it is, `user = NAME`",
			o->path);
		return EXIT_BAD_USE;
	}
	rc = host_user_named(p->user, out);
	if (!rc)
		return check_group(o, out, results);
	if (rc == -EPERM) {
		log_error("%s: user = %s: a VM never runs as root: name another user",
			  opened_place(o, &p->user_pos), p->user);
		return EXIT_BAD_USE;
	}
	check_add(results, "user", CHECK_FAILED, "`useradd` it, or name another user",
		  "%s: user = %s: %s", opened_place(o, &p->user_pos), p->user,
		  rc == -ESRCH ? "there is no such user" : strerror(-rc));
	return EXIT_HOST;
}

/* ---- emulator ------------------------------------------------------------------------- */

#define EMULATOR "qemu-system-x86_64"

/* What is wrong with the emulator that a profile names, at its line, or with the usual one. */
static int wrong_qemu(const struct opened_profile *o, const char *remedy, const char *what,
		      struct check_results *results)
{
	bool named = o && o->profile->qemu_pos.line;

	check_add(results, "qemu", CHECK_FAILED, remedy, "%s%s%s",
		  named ? opened_place(o, &o->profile->qemu_pos) : "", named ? ": " : "", what);
	return EXIT_HOST;
}

/* A package is the answer to its absence only where it is meant. */
static void missing_qemu(const char *name, char *remedy, size_t size)
{
	const char *slash = strrchr(name, '/'), *file = slash ? slash + 1 : name;
	struct suggestion near = { .word = file };
	char install[SETUP_INSTALL_MAX];

	suggestion_offer(&near, EMULATOR);
	if (!strncmp(EMULATOR, file, strlen(file)) && strlen(file) > strlen("qemu"))
		near.best = EMULATOR;
	if (!strcmp(file, EMULATOR))
		(void)snprintf(remedy, size, "%s, or name another one with `qemu =`",
			       setup_install(SETUP_HERE, "qemu", install));
	else if (near.best)
		(void)snprintf(remedy, size, "did you mean " EMULATOR "?");
	else
		(void)snprintf(remedy, size, "correct `qemu =`, or leave it out: " EMULATOR " is taken then");
}

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static int find_qemu(const struct opened_profile *o, const char *name, struct facts *f,
		     struct check_results *results)
{
	char remedy[PATH_MAX + SETUP_INSTALL_MAX + 64], what[PATH_MAX + 160], install[SETUP_INSTALL_MAX];
	static const char other[] = "name an emulator of QEMU's with `qemu =`, such as " EMULATOR;
	int rc = host_qemu_find(name, &f->qemu);

	if (!rc && !is_file(f->qemu)) {
		(void)snprintf(what, sizeof(what), "%s is no program", f->qemu);
		free(f->qemu);
		f->qemu = NULL;
		return wrong_qemu(o, other, what, results);
	}
	if (rc == -ENOENT) {
		missing_qemu(name, remedy, sizeof(remedy));
		(void)snprintf(what, sizeof(what), "the emulator %s is not installed", name);
		return wrong_qemu(o, remedy, what, results);
	}
	if (rc) {
		(void)snprintf(what, sizeof(what), "the emulator %s is not to be had: %s", name,
			       rc == -EPERM ? "others than root can change it" : strerror(-rc));
		return wrong_qemu(o, other, what, results);
	}
	rc = host_qemu_version(f->qemu, &f->user, &f->plan.qemu_version);
	if (rc == -ENOEXEC) {
		(void)snprintf(what, sizeof(what), "%s cannot be executed by user %s", f->qemu, f->user.name);
		return wrong_qemu(o, other, what, results);
	}
	if (rc == -EPROTO) {
		(void)snprintf(what, sizeof(what), "%s does not say a version as QEMU does", f->qemu);
		return wrong_qemu(o, other, what, results);
	}
	if (rc)
		log_warning("%s: does not say its version (%s): taken for QEMU 7.2", f->qemu,
			    strerror(-rc));
	if (rc)
		f->plan.qemu_version = QEMU_OLDEST;
	if (f->plan.qemu_version >= QEMU_OLDEST)
		return 0;
	(void)snprintf(remedy, sizeof(remedy), "%s, or name a newer one with `qemu =`",
		       setup_install(SETUP_HERE, "qemu", install));
	(void)snprintf(what, sizeof(what), "%s is QEMU %u.%u; 7.2 or newer is needed", f->qemu,
		       f->plan.qemu_version >> 16, f->plan.qemu_version >> 8 & 0xff);
	return wrong_qemu(o, remedy, what, results);
}

/**
 * facts_find_qemu() - the emulator and its version
 * @name:	as `qemu =` has it
 *
 * Return: 0, or EXIT_HOST with a failed "qemu" in @results
 */
int facts_find_qemu(const char *name, struct facts *f, struct check_results *results)
{
	return find_qemu(NULL, name, f, results);
}

/**
 * facts_need_device() - does the emulator have what a section of the profile asks for?
 * @device:	as `-device help` lists it
 *
 * Return: 0, also when there is no emulator to ask or it does not answer; EXIT_HOST: reported
 */
int facts_need_device(const struct looking *l, const struct profile_pos *pos, const char *device,
		      const char *remedy)
{
	if (!l->f->qemu || host_qemu_has_device(l->f->qemu, l->f->user.name, device) != 0)
		return 0;
	check_add(l->results, "qemu", CHECK_FAILED, remedy, "%s:%u:%u: %s has no %s", l->o->path,
		  pos->line, pos->column, l->f->qemu, device);
	return EXIT_HOST;
}

/* What is beyond every machine type's limit is asked; the common ones take 255. */
static int find_machine(const struct opened_profile *o, struct facts *f,
			struct check_results *results)
{
	const struct profile *p = o->profile;
	const char *machine = p->machine ? p->machine : "q35";
	unsigned int most;
	int r;

	if (p->cpus <= CPUS_OF_ANY && (!strcmp(machine, "q35") || !strcmp(machine, "pc")))
		return 0;
	r = host_qemu_machine(f->qemu, &f->user, machine, &most);
	if (r == -ENOENT)
		check_add(results, "qemu", CHECK_FAILED,
			  "`machine = q35`, or one that `-machine help` of it lists",
			  "%s: %s has no machine type %s", opened_place(o, &p->machine_pos), f->qemu,
			  machine);
	else if (!r && p->cpus > most)
		check_add(results, "qemu", CHECK_FAILED,
			  "write fewer `cpus`, or a newer machine type",
			  "cpus = %u: the machine type %s of %s has %u at most", p->cpus, machine,
			  f->qemu, most);
	else
		return 0; /* what it does not answer now it reports when it starts */
	return EXIT_HOST;
}

/*
 * Of another machine only its devices are captured. Its user, emulator, firmware and
 * files are taken to be there, in the usual places, and that is reported.
 */
static int assume(const struct opened_profile *o, struct facts *f)
{
	const struct profile *p = o->profile;
	const char *user = p->user ? p->user : o->has_invoker ? o->invoker.name : "user";

	f->user = (struct host_user){ .uid = 1000, .gid = 1000 };
	(void)snprintf(f->user.name, sizeof(f->user.name), "%s", user);
	(void)snprintf(f->user.home, sizeof(f->user.home), "/home/%.240s", user);
	f->plan.qemu_version = QEMU_OLDEST;
	if (asprintf(&f->qemu, "%s%s", *p->qemu == '/' ? "" : "/usr/bin/", p->qemu) < 0)
		return EXIT_HOST;
	if (p->firmware != PROFILE_FIRMWARE_BIOS) {
		if (facts_assume_firmware(o, f))
			return EXIT_HOST;
	}
	facts_assume_audio(o, f);
	if (facts_assume_beside(o, f))
		return EXIT_HOST;
	log_warning("another machine's devices: its user, emulator, firmware and files are not "
		    "looked at, QEMU 7.2 in the usual place is assumed");
	return 0;
}

/**
 * facts_gather() - user, emulator, firmware, files: everything the plan asks for
 * @host:	asked for the names of block devices
 * @out:	filled as far as possible; facts_fini() in any case
 * @results:	receives what is not as it must be, under the names of checks; goes on after one
 *
 * Return: 0; EXIT_HOST: the reasons are in @results; EXIT_BAD_USE: reported
 */
int facts_gather(const struct cli *cli, const struct opened_profile *o, struct host *host,
		 struct facts *out, struct check_results *results)
{
	int code;

	*out = (struct facts){ .disk_count = o->profile->disk_count };
	code = cli->sysroot ? assume(o, out) : find_user(o, &out->user, results);
	if (code)
		return code;
	out->user.alone = true; /* as QEMU will be */
	out->plan.uid = out->user.uid;
	out->plan.gid = out->user.gid;
	out->plan.user = out->user.name;
	out->plan.home = out->user.home;
	out->plan.extra_argument = cli->extra;
	if (facts_find_variants(o->profile, host, out))
		return EXIT_HOST; /* out of memory */
	if (cli->sysroot)
		facts_assume_display(o, host, out, results);
	if (!cli->sysroot) {
		code |= find_qemu(o, o->profile->qemu, out, results);
		code |= facts_find_firmware(o, out, results);
		code |= facts_look_at_files(o, host, out, results);
		code |= facts_look_at_ports(o, host, out, results);
		code |= facts_look_at_display(o, host, out, results);
		code |= facts_look_at_audio(o, host, out, results);
		code |= facts_find_passt(o, host, out, results);
		code |= facts_look_at_nets(o, host, out, results);
		code |= facts_look_at_shm(o, host, out, results);
		code |= facts_look_at_beside(o, host, out, results);
		code |= facts_look_at_input(o, host, out, results);
		code |= facts_look_at_hooks(o, results);
		if (out->plan.qemu_version)
			code |= find_machine(o, out, results);
	}
	code |= facts_look_at_session(o, !cli->sysroot, out, results);
	code |= facts_find_hyperv(o, !cli->sysroot, out, results);
	code |= facts_find_smbios(o, host, out, results);
	out->plan.qemu = out->qemu;
	out->plan.file = out->file;
	out->plan.file_count = out->file_count;
	return code;
}

/** facts_fini() - free what facts_gather() found */
void facts_fini(struct facts *f)
{
	free(f->qemu);
	free(f->nvram);
	firmware_fini(&f->firmware);
	for (size_t i = 0; f->disk && i < f->disk_count; i++)
		free((char *)(uintptr_t)f->disk[i].node);
	for (size_t i = 0; i < f->file_count; i++)
		free(f->file[i].path);
	free(f->file);
	for (size_t i = 0; i < f->variant_count; i++)
		free(f->variant[i]);
	free(f->variant);
	for (size_t i = 0; i < f->unit_count; i++)
		free((char *)(uintptr_t)f->unit[i].name);
	free(f->unit);
	for (size_t i = 0; i < f->kept_count; i++) {
		free((char *)(uintptr_t)f->kept[i].target);
		free((char *)(uintptr_t)f->kept[i].who);
	}
	free(f->kept);
	for (size_t i = 0; i < f->holder_count; i++)
		free((char *)(uintptr_t)f->holder[i].who);
	free(f->holder);
	free(f->disk);
	free(f->multi_queue);
	free(f->swtpm);
	free(f->passt);
	free(f->virtiofsd);
	free(f->input);
}
