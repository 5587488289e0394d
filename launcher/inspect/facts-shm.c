/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-shm.c - the check "shared-memory": can guest and host share what the profile says? */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/cli.h"
#include "launcher/host/user/shm-file.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/looking.h"
#include "launcher/plan/changes/shm.h"

#define MEBI(bytes) ((bytes) >> 20)

static int failed(const struct looking *l, const struct profile_pos *pos, const char *remedy,
		  const char *what)
{
	if (pos->line)
		check_add(l->results, "shared-memory", CHECK_FAILED, remedy, "%s: %s",
			  opened_place(l->o, pos), what);
	else
		check_add(l->results, "shared-memory", CHECK_FAILED, remedy, "%s", what);
	return EXIT_HOST;
}

/**
 * facts_shm_words() - what is wrong with a file in /dev/shm, and what to do
 * @what, @remedy: at least 256 bytes each
 */
void facts_shm_words(const struct plan_shm *shm, const struct host_shm *found, char *what,
		     char *remedy, size_t size)
{
	int n = snprintf(what, size, HOST_SHM_DIR "%s: ", shm->file);
	size_t used = n > 0 && (size_t)n < size ? (size_t)n : 0;

	(void)snprintf(remedy, size, "remove it: `sudo rm -r " HOST_SHM_DIR "%s`", shm->file);
	switch (found->problem) {
	case HOST_SHM_NO_FILE:
		(void)snprintf(what + used, size - used,
			       "is not an ordinary file with this one name");
		break;
	case HOST_SHM_FOREIGN:
		(void)snprintf(what + used, size - used,
			       "belongs to another user (uid %" PRIu32 "), who could read the guest's screen",
			       found->owner);
		break;
	case HOST_SHM_TAKEN:
		(void)snprintf(what + used, size - used, "another VM that runs has it");
		(void)snprintf(remedy, size, "stop that VM: `vfio-run status` names those that run");
		break;
	case HOST_SHM_NO_ROOM:
		(void)snprintf(what + used, size - used, "/dev/shm has no room for %" PRIu64 "M",
			       MEBI(shm->bytes));
		(void)snprintf(remedy, size,
			       "remove what is in there, write a smaller size, or enlarge it: "
			       "`mount -o remount,size=SIZE /dev/shm`");
		break;
	default:
		(void)snprintf(what + used, size - used, "%s", strerror(-found->error));
		(void)snprintf(remedy, size, "`ls -ld /dev/shm` must show drwxrwxrwt");
	}
}

static int look_at_file(const struct looking *l, const struct plan_shm *shm)
{
	char what[256], remedy[256];
	struct host_shm found;
	int r = host_shm_look(&l->f->user, shm->file, shm->bytes, &found);

	if (r)
		found = (struct host_shm){ .problem = HOST_SHM_ERROR, .error = r };
	if (found.problem == HOST_SHM_GOOD)
		return 0;
	facts_shm_words(shm, &found, what, remedy, sizeof(what));
	return failed(l, shm->pos, remedy, what);
}

/* The smallest that the profile takes: what its module has to be loaded with. */
static unsigned int wanted_mebi(const struct profile *p)
{
	return p->looking_glass_bytes ? (unsigned int)MEBI(p->looking_glass_bytes) : 64;
}

static int kvmfr_failed(const struct looking *l, const struct host_kvmfr *found)
{
	const struct profile *p = l->o->profile;
	char what[256], remedy[256];
	const char *why = found->problem == HOST_KVMFR_MISSING ? "there is no such device"
			  : found->problem == HOST_KVMFR_FILE
				  ? "is an ordinary file, which QEMU makes where there is no device"
			  : found->problem == HOST_KVMFR_OTHER ? "is no device of the module kvmfr"
							       : strerror(-found->error);

	(void)snprintf(what, sizeof(what), "%s: %s", p->looking_glass_device, why);
	if (found->problem == HOST_KVMFR_ERROR)
		(void)snprintf(remedy, sizeof(remedy),
			       "give it to that user by a udev rule: SUBSYSTEM==\"kvmfr\", OWNER=\"%s\"",
			       l->f->user.name);
	else
		(void)snprintf(remedy, sizeof(remedy), "%s%s%s`modprobe kvmfr static_size_mb=%u` as root",
			       found->problem == HOST_KVMFR_FILE ? "`rm " : "",
			       found->problem == HOST_KVMFR_FILE ? p->looking_glass_device : "",
			       found->problem == HOST_KVMFR_FILE ? "`, then " : "", wanted_mebi(p));
	return failed(l, &p->looking_glass_device_pos, remedy, what);
}

/* A further group of the user's is enough: its client has the same rights. */
static int look_at_kvmfr(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	struct host_user all = l->f->user;
	char what[256], remedy[256];
	struct host_kvmfr found;
	int r;

	all.alone = false;
	r = host_kvmfr(&all, p->looking_glass_device, &found);
	if (r)
		found = (struct host_kvmfr){ .problem = HOST_KVMFR_ERROR, .error = r };
	if (found.problem)
		return kvmfr_failed(l, &found);
	l->f->plan.kvmfr = (struct plan_kvmfr){ found.major, found.minor, found.bytes };
	if (found.bytes & (found.bytes - 1) || found.bytes < p->looking_glass_bytes) {
		(void)snprintf(what, sizeof(what), "%s has %" PRIu64 "M, and %s",
			       p->looking_glass_device, MEBI(found.bytes),
			       found.bytes < p->looking_glass_bytes ? "the resolution needs more"
								    : "a power of two is needed");
		(void)snprintf(remedy, sizeof(remedy),
			       "`modprobe -r kvmfr`, then `modprobe kvmfr static_size_mb=%u` as root",
			       wanted_mebi(p));
		return failed(l, &p->looking_glass_device_pos, remedy, what);
	}
	return 0;
}

/**
 * facts_look_at_shm() - what [looking-glass] and [shm] ask for
 *
 * Return: 0 or EXIT_HOST
 */
int facts_look_at_shm(const struct opened_profile *o, struct host *host, struct facts *f,
		      struct check_results *results)
{
	const struct looking l = { o, host, f, results };
	int code = 0;

	if (geteuid() && geteuid() != f->user.uid)
		return 0; /* "files" has reported it */
	if (o->profile->has_looking_glass && o->profile->looking_glass_device)
		code |= look_at_kvmfr(&l);
	for (size_t i = 0; i < plan_shm_count(o->profile); i++) {
		struct plan_shm shm;

		plan_shm(o->profile, &f->plan, i, &shm);
		if (!i)
			code |= facts_need_device(&l, shm.pos, "ivshmem-plain",
						  "name another QEMU with `qemu =`");
		if (shm.file)
			code |= look_at_file(&l, &shm);
	}
	return code;
}
