/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known.c - the identity of a process: by its pidfd
 *
 * A keeper has a pidfd of each child that acts for it, and so has its standby: no child is let go
 * before the standby has acknowledged it, and a new standby is forked with all of them. So a
 * takeover does not depend on /proc, which hides processes (hidepid=), shows another
 * namespace's, or takes a capability that was withheld.
 *
 * A later `recover` has the pid and the start time of the journal instead, and reads
 * /proc: known-proc.c. When that gives no answer, such a process is neither taken for gone, nor
 * ended, nor reported as hung.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/keeper.h"

_Static_assert(KNOWN_MAX >= KEEPER_PROGRAMS_MAX + JOURNAL_WORKERS_MAX, "all that can live");

static bool has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void forget_ended(struct keeper *k)
{
	size_t kept = 0;

	for (size_t i = 0; i < k->known_count; i++)
		if (has_ended(k->known[i].pidfd))
			(void)close(k->known[i].pidfd);
		else
			k->known[kept++] = k->known[i];
	k->known_count = kept;
}

/**
 * known_add() - remember a child by its descriptor; standby_know() has the standby remember it too
 * @row:	of the plan's programs, or KNOWN_WORKER
 * @pidfd:	borrowed
 * @id:		filled, whatever is returned
 *
 * Return: 0; -E2BIG; -errno of fcntl(2)
 */
int known_add(struct keeper *k, int row, pid_t pid, int pidfd, struct process_id *id)
{
	int fd;

	known_identify(pid, id);
	forget_ended(k);
	if (k->known_count == ARRAY_SIZE(k->known))
		return -E2BIG;
	fd = fcntl(pidfd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	k->known[k->known_count++] = (struct known){ .id = *id, .row = row, .pidfd = fd };
	return 0;
}

/** known_is() - a child of that pid: @id receives who it is */
bool known_is(const struct keeper *k, pid_t pid, struct process_id *id)
{
	for (size_t i = k->known_count; i-- > 0;) /* a pid can come again: the last one has it */
		if (k->known[i].id.pid == pid) {
			*id = k->known[i].id;
			return true;
		}
	return false;
}

static const struct known *find(const struct keeper *k, const struct process_id *id)
{
	for (size_t i = k->known_count; i-- > 0;)
		if (k->known[i].id.pid == id->pid && k->known[i].id.start == id->start)
			return &k->known[i];
	return NULL;
}

/** known_fate() - does a process of the journal still live? */
enum process_fate known_fate(const struct keeper *k, const struct process_id *id)
{
	const struct known *known = id->pid > 0 ? find(k, id) : NULL;

	if (known)
		return has_ended(known->pidfd) ? PROCESS_ENDED : PROCESS_LIVES;
	return id->pid <= 0 || k->knows_all ? PROCESS_ENDED : known_by_proc(id);
}

static int end_by(int pidfd, int deadline_ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	uint64_t before = caps_lend(CAP_KILL);

	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	caps_take_back(before);
	return poll(&p, 1, deadline_ms) > 0 ? 0 : -ETIME;
}

/**
 * known_end() - SIGKILL to that very process, then wait
 * @deadline_ms:	-1: for ever
 *
 * Return: 0 it is gone; -ETIME it is not; -EPERM which process has its pid is not known: none is
 *	   killed on a guess; -EMFILE
 */
int known_end(const struct keeper *k, const struct process_id *id, int deadline_ms)
{
	const struct known *known = find(k, id);
	cleanup_close int fd = -1;

	if (known)
		return end_by(known->pidfd, deadline_ms);
	/* first the descriptor: what is asked then is asked of the process that it is of */
	fd = id->pid > 0 && !k->knows_all ? (int)syscall(SYS_pidfd_open, id->pid, 0) : -1;
	switch (known_fate(k, id)) {
	case PROCESS_ENDED:
		return 0;
	case PROCESS_HIDDEN:
		return -EPERM;
	default:
		return fd < 0 ? -EMFILE : end_by(fd, deadline_ms);
	}
}

/** known_end_programs() - SIGKILL to those that only help the VM, and wait a moment for each */
void known_end_programs(const struct keeper *k, int wait_ms)
{
	for (size_t i = 0; i < k->known_count; i++)
		if (k->known[i].row != KNOWN_WORKER &&
		    !k->plan->program[k->known[i].row].has_devices)
			(void)end_by(k->known[i].pidfd, wait_ms);
}

static bool is(const struct process_id *a, const struct process_id *b)
{
	return a->pid == b->pid && a->start == b->start;
}

static bool is_written_down(const struct journal *j, const struct process_id *id)
{
	for (size_t i = 0; i < j->worker_count; i++)
		if (is(&j->worker[i], id))
			return true;
	for (size_t i = 0; i < j->process_count; i++)
		if (is(&j->process[i].id, id))
			return true;
	return false;
}

/* A process without a line was never let go, and is not waited for, unless a line was lost. */
static void program_to_journal(struct journal *j, const struct keeper_program *row,
			       const struct process_id *id)
{
	struct journal_process p = { .id = *id, .has_devices = row->has_devices };

	memcpy(p.role, row->role, sizeof(p.role));
	if (j->unread && j->process_count < ARRAY_SIZE(j->process))
		j->process[j->process_count++] = p;
}

/** known_to_journal() - what a dead keeper had let its standby know, and could not write down any more */
void known_to_journal(struct keeper *k)
{
	struct journal *j = &k->journal;

	for (size_t i = 0; i < k->known_count; i++) {
		const struct known *known = &k->known[i];

		if (is_written_down(j, &known->id))
			continue;
		if (known->row != KNOWN_WORKER)
			program_to_journal(j, &k->plan->program[known->row], &known->id);
		else if (j->worker_count < ARRAY_SIZE(j->worker))
			j->worker[j->worker_count++] = known->id;
	}
}
