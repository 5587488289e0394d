/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fence.c - before somebody else's changes are reverted: nobody may still make any
 *
 * The keeper of a stale journal is dead; the kernel was told to kill its children with
 * it, but that takes a moment, and a worker that sleeps inside a driver cannot be
 * killed at all. QEMU must be dead before a device leaves vfio-pci, and a device in
 * which a worker hangs is left out.
 */
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/caps.h"
#include "launcher/keeper/keep.h"

#define QEMU_DEADLINE_MS 120000 /* unpinning guest memory: up to 0.5 s per GiB */
#define WORKER_DEADLINE_MS 2000 /* one that is not in a driver is gone at once */
#define FOR_EVER (-1)

/*
 * Is the pid another's by now, or nobody's? What cannot be read is not known to be gone. To be
 * asked with a pidfd open: then it is of this very process, and stays.
 */
static bool is_forgotten(const struct process_id *id)
{
	struct process_id now;
	int rc = id->pid > 0 ? process_identify(id->pid, &now) : -ESRCH;

	return rc ? rc == -ENOENT || rc == -ESRCH : now.start != id->start;
}

/*
 * Only the pidfd tells when the last thread has ended: the first one, which /proc/PID/stat shows,
 * is a zombie as soon as it has, and QEMU's others may still be letting go of its devices.
 */
static bool has_ended(const struct process_id *id)
{
	cleanup_close int fd = id->pid > 0 ? (int)syscall(SYS_pidfd_open, id->pid, 0) : -1;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return is_forgotten(id) || (fd >= 0 && poll(&p, 1, 0) == 1);
}

/* SIGKILL to that very process, then wait. Return: 0 it is gone; -ETIME it is not */
static int end_process(const struct process_id *id, int deadline_ms)
{
	cleanup_close int fd = id->pid > 0 ? (int)syscall(SYS_pidfd_open, id->pid, 0) : -1;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct process_id now;

	if (is_forgotten(id))
		return 0;
	if (fd < 0 || process_identify(id->pid, &now))
		return -ETIME; /* no descriptors left, or no memory: nobody is killed on a guess */
	caps_raise(CAP_KILL);
	(void)syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
	caps_rest();
	return poll(&p, 1, deadline_ms) > 0 ? 0 : -ETIME;
}

/* A worker says in its name which device it works on: "w:0000:01:00.1". */
static struct journal_device *device_of(struct keep *k, const struct process_id *worker)
{
	char comm[32];

	process_comm(worker->pid, comm, sizeof(comm));
	return strncmp(comm, "w:", 2) ? NULL : journal_device(&k->journal, comm + 2);
}

static void fence_worker(struct keep *k, const struct process_id *worker)
{
	struct journal_device *d = device_of(k, worker);
	unsigned int patience_s;

	if (end_process(worker, WORKER_DEADLINE_MS) == 0)
		return;
	if (!d)
		return; /* it hangs in a module's loading: no device is its */
	patience_s = device_patience_s(d);
	log_notice("%s: its driver is still at what was begun before (at most %u s)", d->name,
		   patience_s);
	if (end_process(worker, (int)patience_s * 1000) == 0)
		return;
	d->stuck = *worker;
	(void)state_announce_stuck(&k->state, keep_kind(k), k->journal.name, d->name);
}

/*
 * A device must not leave vfio-pci under a living QEMU. A twin has all the time that there
 * is; a command that somebody waits for has not.
 */
static int fence_qemu(struct keep *k)
{
	const struct journal *j = &k->journal;
	int rc;

	if (has_ended(&j->qemu))
		return 0;
	log_notice("%s: ending its QEMU, process %d", j->name, (int)j->qemu.pid);
	rc = end_process(&j->qemu, QEMU_DEADLINE_MS);
	if (!rc || !k->took_over)
		return rc;
	log_error("%s: QEMU (process %d) does not die: it waits in the kernel; the devices come "
		  "back when it is gone", j->name, (int)j->qemu.pid);
	return end_process(&j->qemu, FOR_EVER);
}

/**
 * fence_predecessor() - make sure that nobody of the journal's run still acts
 *
 * Devices in which a worker of that run still hangs are marked stuck; those whose
 * worker has ended meanwhile are not any more.
 *
 * Return: 0; -EBUSY QEMU does not die: nothing may be reverted
 */
int fence_predecessor(struct keep *k)
{
	struct journal *j = &k->journal;

	if (fence_qemu(k))
		return -EBUSY;
	for (size_t i = 0; i < j->device_count; i++)
		if (j->device[i].stuck.pid && has_ended(&j->device[i].stuck))
			j->device[i].stuck.pid = 0;
	for (size_t i = 0; i < j->worker_count; i++)
		if (!has_ended(&j->worker[i]))
			fence_worker(k, &j->worker[i]);
	return 0;
}
