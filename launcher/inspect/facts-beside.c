/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-beside.c - the check "beside": are the programs there that the profile wants beside QEMU? */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/path.h"
#include "launcher/cli.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/host/user/tpm-state.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/looking.h"
#include "launcher/setup/packages.h"

static int failed(const struct looking *l, const struct profile_pos *pos, const char *remedy,
		  const char *what)
{
	check_add(l->results, "beside", CHECK_FAILED, remedy, "%s: %s", opened_place(l->o, pos), what);
	return EXIT_HOST;
}

static int say_missing(const struct looking *l, const struct profile_pos *pos, const char *name,
		       const char *section, const char *package, const char *wrong)
{
	char what[256], remedy[SETUP_INSTALL_MAX + 64], install[SETUP_INSTALL_MAX];

	(void)snprintf(what, sizeof(what), "%s needs the program %s: %s", section, name, wrong);
	(void)snprintf(remedy, sizeof(remedy), "%s, or remove the %s",
		       setup_install(SETUP_HERE, package, install), section);
	return failed(l, pos, remedy, what);
}

/* Return: 0 it is there; EXIT_HOST: reported, with the package that has it */
static int need_program(const struct looking *l, const struct profile_pos *pos, const char *name,
			const char *section, const char *package, char **path)
{
	int r = host_qemu_find(name, path);

	if (!r)
		return 0;
	return say_missing(l, pos, name, section, package,
			   r == -EPERM	  ? "others than root can change it"
			   : r == -ENOENT ? "it is not installed"
					  : strerror(-r));
}

/* A comma ends a value of swtpm's, and it knows no way to write one. */
static int look_at_place(const struct looking *l, const struct profile_pos *pos)
{
	if (!strchr(l->f->user.home, ','))
		return 0;
	return failed(l, pos, "run it as another user with `user =`",
		      "the TPM's state is kept below the user's home, whose path has a comma");
}

static int look_at_state(const struct looking *l, const struct profile_pos *pos)
{
	cleanup_free char *setup = NULL;
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/.local/state/vfio-run/%s/tpm/" HOST_TPM_STATE,
		       l->f->user.home, l->o->profile->name);
	if (host_tpm_has_state(&l->f->user, path))
		return 0;
	return need_program(l, pos, "swtpm_setup", "[tpm]", "tpm", &setup);
}

static int look_at_device(const struct looking *l, const struct profile_pos *pos)
{
	struct plan_host_facts *plan = &l->f->plan;
	const char *user = l->f->user.name;

	plan->tpm_device = "tpm-crb";
	if (!l->f->qemu || host_qemu_has_device(l->f->qemu, user, "tpm-crb") != 0)
		return 0; /* or it does not answer, and reports it when it starts */
	plan->tpm_device = "tpm-tis";
	return facts_need_device(l, pos, "tpm-tis", "install a QEMU that has one, or remove the [tpm]");
}

static int look_at_tpm(const struct looking *l)
{
	const struct profile_pos *pos = &l->o->profile->tpm_pos;
	int code = need_program(l, pos, "swtpm", "[tpm]", "tpm", &l->f->swtpm);

	l->f->plan.swtpm = l->f->swtpm;
	return code | look_at_place(l, pos) | look_at_state(l, pos) | look_at_device(l, pos);
}

/* clang-format off */
/* Where distributions have it, the newer first. Source: file lists of their packages. */
static const struct {
	const char *path;
	bool of_qemu;
} daemons[] = {
	{ "/usr/libexec/virtiofsd",  false }, /* Debian 13, Fedora, Ubuntu 24.04, openSUSE */
	{ "/usr/lib/virtiofsd",      false }, /* Arch */
	{ "/usr/bin/virtiofsd",      false },
	{ "/usr/lib/qemu/virtiofsd", true },  /* Debian 12, Ubuntu 22.04: part of QEMU up to 7.2 */
};
/* clang-format on */

static int find_virtiofsd(const struct looking *l, const struct profile_pos *pos)
{
	struct facts *f = l->f;
	const char *wrong = "it is not installed";

	for (size_t i = 0; i < ARRAY_SIZE(daemons) && !f->virtiofsd; i++) {
		if (access(daemons[i].path, X_OK))
			continue;
		if (!host_path_is_system(daemons[i].path)) {
			wrong = "others than root can change it";
			continue;
		}
		f->virtiofsd = strdup(daemons[i].path);
		f->plan.virtiofsd_of_qemu = daemons[i].of_qemu;
	}
	f->plan.virtiofsd = f->virtiofsd;
	return f->virtiofsd ? 0 : say_missing(l, pos, "virtiofsd", "[share]", "share", wrong);
}

/* Where the jail has what is its own. */
static bool is_no_place(const char *path)
{
	static const char *const own[] = { "/", "/proc", "/sys", "/dev", "/usr", "/etc" };
	char plain[PATH_MAX];

	if (!path_plain(path, plain, sizeof(plain)))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (!strcmp(plain, own[i]))
			return true;
	return !strncmp(plain, "/proc/", 6) || !strncmp(plain, "/sys/", 5) ||
	       !strncmp(plain, "/dev/", 5);
}

static int look_at_directory(const struct looking *l, const struct profile_share *s)
{
	const struct profile_pos *pos = &s->path_pos;
	struct as_user_file file;
	uint32_t mode = 0;
	char what[512], remedy[PATH_MAX + 64];
	int r = as_user_look(&l->f->user, s->path, false, &file);

	if (!r && !file.error)
		r = as_user_kind(&l->f->user, s->path, &mode);
	if (r || file.error) {
		(void)snprintf(what, sizeof(what), "path = %.300s: cannot be read by user %s: %s",
			       s->path, l->f->user.name, strerror(r ? -r : -file.error));
		(void)snprintf(remedy, sizeof(remedy),
			       file.error == -ENOENT ? "`mkdir %s` as that user, or correct the path"
						     : "let the user in: `setfacl -m u:USER:rwx %s`",
			       s->path);
		return failed(l, pos, remedy, what);
	}
	if (S_ISDIR(mode) && !is_no_place(s->path) &&
	    !(l->f->plan.virtiofsd_of_qemu && strchr(s->path, ',')))
		return 0;
	(void)snprintf(what, sizeof(what), "path = %.300s: %s", s->path,
		       !S_ISDIR(mode)	      ? "it is no directory"
		       : is_no_place(s->path) ? "it is a directory of the system's own"
					      : "virtiofsd of QEMU takes no comma in it");
	return failed(l, pos, "name a directory with what is to be shared", what);
}

static int look_at_shares(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	int code = find_virtiofsd(l, &p->share[0].pos);

	code |= facts_need_device(l, &p->share[0].pos, "vhost-user-fs-pci",
				  "install a QEMU that has it, or remove the [share]");
	for (size_t i = 0; i < p->share_count; i++)
		code |= geteuid() && geteuid() != l->f->user.uid ?
				0 : /* "files" has reported it */
				look_at_directory(l, &p->share[i]);
	return code;
}

static int look_at_program(const struct looking *l, const struct profile_program *p)
{
	char what[512];
	uint32_t mode = 0;
	int r = as_user_kind(&l->f->user, p->run, &mode);

	if (!r && S_ISREG(mode) && mode & 0111)
		return 0;
	(void)snprintf(what, sizeof(what), "run = %.300s: %s%s", p->run,
		       r	       ? strerror(-r)
		       : !mode	       ? "is not there, for user "
		       : S_ISREG(mode) ? "is not executable"
				       : "is no program",
		       !r && !mode ? l->f->user.name : "");
	return failed(l, &p->run_pos, "correct the path, or remove the [program]", what);
}

static int look_at_programs(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	int code = 0;

	if (geteuid() && geteuid() != l->f->user.uid)
		return 0; /* "files" has reported it */
	for (size_t i = 0; i < p->program_count; i++)
		code |= look_at_program(l, &p->program[i]);
	return code;
}

/**
 * facts_look_at_beside() - what a profile wants beside QEMU
 * @f:		its user and emulator are known; receives the programs
 *
 * Return: 0 or EXIT_HOST
 */
int facts_look_at_beside(const struct opened_profile *o, struct host *host, struct facts *f,
			 struct check_results *results)
{
	const struct looking l = { o, host, f, results };

	return (o->profile->has_tpm ? look_at_tpm(&l) : 0) |
	       (o->profile->share_count ? look_at_shares(&l) : 0) | look_at_programs(&l);
}

/** facts_assume_beside() - of a machine that is not asked: all there, in the usual places; 0 or -ENOMEM */
int facts_assume_beside(const struct opened_profile *o, struct facts *f)
{
	f->swtpm = o->profile->has_tpm ? strdup("/usr/bin/swtpm") : NULL;
	f->virtiofsd = o->profile->share_count ? strdup(daemons[0].path) : NULL;
	f->plan.swtpm = f->swtpm;
	f->plan.virtiofsd = f->virtiofsd;
	f->plan.tpm_device = "tpm-crb";
	return (!f->swtpm && o->profile->has_tpm) || (!f->virtiofsd && o->profile->share_count) ?
		       -ENOMEM : 0;
}
