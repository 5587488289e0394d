/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fence.c - before another keeper's changes are reverted: no process may still make any
 *
 * The keeper of a stale journal is dead; the kernel kills its children with
 * it, but that takes a moment, and a worker that sleeps inside a driver cannot be
 * killed at all. QEMU must be dead before a device leaves vfio-pci, and a device in
 * which a worker hangs is left out.
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/keeper.h"

#define DEVICES_DEADLINE_MS 120000 /* unpinning guest memory: up to 0.5 s per GiB */
#define WORKER_DEADLINE_MS 2000 /* one that is not in a driver is gone at once */
#define FOR_EVER (-1)

/* A worker's name has the device that it works on: "w:0000:01:00.1". */
static struct journal_device *device_of(struct keeper *k, const struct process_id *worker)
{
	uint64_t before = caps_lend(CAP_SYS_PTRACE); /* where /proc hides processes */
	char comm[32];

	process_comm(worker->pid, comm, sizeof(comm));
	caps_take_back(before);
	return strncmp(comm, "w:", 2) ? NULL : journal_device(&k->journal, comm + 2);
}

/*
 * A worker whose identity is not certain is not reported as hung: it checks that its keeper
 * lives before each operation, and if it hangs in a driver, so will the next one sent there.
 */
static void fence_worker(struct keeper *k, const struct process_id *worker)
{
	struct journal_device *d = device_of(k, worker);
	unsigned int patience_s;

	if (known_end(k, worker, WORKER_DEADLINE_MS) != -ETIME)
		return;
	if (!d)
		return; /* it hangs in a module's loading: no device is its */
	patience_s = device_patience_s(d);
	log_notice("%s: its driver is still at what was begun before (at most %u s)", d->name,
		   patience_s);
	if (known_end(k, worker, (int)patience_s * 1000) != -ETIME)
		return;
	d->stuck = *worker;
	(void)state_announce_stuck(&k->state, keeper_kind(k), k->journal.name, d->name);
}

/*
 * A device must not leave vfio-pci under a living QEMU. A standby waits without a limit; a
 * command, for which a user waits, does not.
 */
static int fence_owner(struct keeper *k, const struct journal_process *p)
{
	const char *name = k->journal.name;
	int rc = known_end(k, &p->id, DEVICES_DEADLINE_MS);

	if (rc != -ETIME || !k->took_over)
		return rc;
	log_error("%s: %s (process %d) does not die: it waits in the kernel; the devices come "
		  "back when it is gone",
		  name, p->role, (int)p->id.pid);
	return known_end(k, &p->id, FOR_EVER);
}

static void say_not_fenced(const struct journal *j, const struct journal_process *p, int error)
{
	if (error == -EPERM)
		log_error("%s: whether process %d is its %s is not known: /proc hides it, and "
			  "CAP_SYS_PTRACE is withheld: run `vfio-run recover` where root has it",
			  j->name, (int)p->id.pid, p->role);
	else
		log_error(
			"%s: its %s (process %d) does not die; try again when it is gone, or reboot",
			j->name, p->role, (int)p->id.pid);
}

/* One that has no device holds nothing up: it was sent SIGKILL, and ends when it can. */
static int fence_program(struct keeper *k, const struct journal_process *p)
{
	int rc;

	if (known_fate(k, &p->id) == PROCESS_ENDED)
		return 0;
	if (p->has_devices)
		log_notice("%s: ending its %s, process %d", k->journal.name, p->role,
			   (int)p->id.pid);
	rc = p->has_devices ? fence_owner(k, p) : known_end(k, &p->id, WORKER_DEADLINE_MS);
	if (rc && p->has_devices)
		say_not_fenced(&k->journal, p, rc);
	else if (rc == -ETIME)
		log_warning("%s: its %s (process %d) does not die: it waits in the kernel",
			    k->journal.name, p->role, (int)p->id.pid);
	return p->has_devices ? rc : 0;
}

/*
 * Those with devices first: nothing is given back before they are gone. What stops a session is
 * waited for by who starts that again: no device waits for it.
 */
static int fence_programs(struct keeper *k)
{
	const struct journal *j = &k->journal;
	int rc = 0;

	for (size_t i = 0; !rc && i < j->process_count; i++)
		if (j->process[i].has_devices)
			rc = fence_program(k, &j->process[i]);
	for (size_t i = 0; !rc && i < j->process_count; i++)
		if (!j->process[i].has_devices && !kept_is_role(j->process[i].role))
			rc = fence_program(k, &j->process[i]);
	return rc;
}

/**
 * fence_predecessor() - make sure that no process of the journal's run still acts
 *
 * Devices in which a worker of that run still hangs are marked stuck; those whose
 * worker has ended meanwhile are not any more.
 *
 * Return: 0; -EBUSY what has the devices does not die, or is not known; it was reported,
 *	   and nothing may be reverted
 */
int fence_predecessor(struct keeper *k)
{
	struct journal *j = &k->journal;

	if (k->knows_all)
		known_to_journal(k);
	if (fence_programs(k))
		return -EBUSY;
	for (size_t i = 0; i < j->device_count; i++)
		if (j->device[i].stuck.pid && known_fate(k, &j->device[i].stuck) == PROCESS_ENDED)
			j->device[i].stuck.pid = 0;
	for (size_t i = 0; i < j->worker_count; i++)
		if (known_fate(k, &j->worker[i]) != PROCESS_ENDED)
			fence_worker(k, &j->worker[i]);
	return 0;
}
