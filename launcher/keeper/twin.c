/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * twin.c - a second keeper, asleep, that gives the devices back when the first one dies
 *
 * No program can do anything about its own SIGKILL, so there are two. The twin is a
 * fork of the keeper, made when the locks are held and nothing is changed yet. It has
 * a session of its own, a name that `pkill vfio-run` does not find, and the locks: a
 * flock belongs to the open file, so the groups are free only when both are gone, and
 * nobody takes them in between. It sleeps on the keeper's pidfd. When that says that the
 * keeper is dead, the twin reads the journal, makes sure that QEMU and the keeper's
 * workers are dead, reverts, and has a twin of its own while it does.
 *
 * It is ended by SIGKILL, as the very last thing that a keeper does: there is no moment
 * in which a death leaves work that nobody does, and nothing has to be said that could
 * get lost. So it may wake when all of it is done already; then it finds that.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/caps.h"
#include "launcher/keeper/job.h"

#define TWIN_NAME "vfio-twin" /* nothing that `pkill -f vfio-run` would find */
#define ANSWER_MS 10000	      /* a fork that has not answered by then is stopped or starved */

/* What it goes on with; all else that the keeper has open is QEMU's or a worker's. */
static size_t kept_descriptors(const struct keep *k, int answer, int *fds)
{
	size_t n = 0;

	for (int fd = STDIN_FILENO; fd <= KEEPER_FD_LAST; fd++)
		if (fd != KEEPER_FD_QMP && fd != KEEPER_FD_NOTIFY && fd != KEEPER_FD_FILTER)
			fds[n++] = fd;
	fds[n++] = k->state.run_fd;
	fds[n++] = k->state.state_fd;
	fds[n++] = k->journal.fd;
	fds[n++] = k->signals;
	fds[n++] = k->self;
	fds[n++] = answer;
	for (size_t i = 0; i < k->group_count; i++)
		fds[n++] = k->group_lock[i];
	return n;
}

static int next_kept(const int *fds, size_t count, int from)
{
	int next = -1;

	for (size_t i = 0; i < count; i++)
		if (fds[i] >= from && (next < 0 || fds[i] < next))
			next = fds[i];
	return next;
}

/* A copy of a worker's socket or of QEMU's monitor would keep them waiting for an end. */
static int close_the_rest(const struct keep *k, int answer)
{
	int fds[KEEPER_FD_LAST + 7 + KEEPER_GROUPS_MAX], from = 0, next;
	size_t count = kept_descriptors(k, answer, fds);

	for (; (next = next_kept(fds, count, from)) >= 0; from = next + 1)
		if (next > from && syscall(SYS_close_range, from, next - 1, 0) < 0)
			return -errno;
	return syscall(SYS_close_range, from, ~0U, 0) < 0 ? -errno : 0;
}

/* In place: /proc shows the memory that the arguments stood in. */
static void rename_itself(const struct keep *k)
{
	(void)prctl(PR_SET_NAME, TWIN_NAME);
	memset(k->arguments, 0, k->arguments_size);
	if (k->arguments_size > sizeof(TWIN_NAME))
		memcpy(k->arguments, TWIN_NAME, sizeof(TWIN_NAME));
}

/* Return: when the keeper is dead */
static void wait_for_its_end(const struct keep *k)
{
	struct pollfd p = { .fd = k->self, .events = POLLIN };

	while (poll(&p, 1, -1) <= 0)
		; /* one descriptor takes no memory, and all signals are blocked */
}

/* What the keeper knew is of the time of the fork; what it did stands in the journal. */
static void become_the_keeper(struct keep *k)
{
	(void)close(k->self);
	k->self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	k->twin = (struct twin)TWIN_INIT;
	k->worker = (struct worker)WORKER_INIT;
	k->worker.module = KEEPER_FD_MODULE;
	k->interrupted = false;
	k->took_over = true;
	memset(k->gone, 0, sizeof(k->gone));
	memset(k->held, 0, sizeof(k->held));
}

static _Noreturn void life(struct keep *k, int answer)
{
	(void)setsid();
	rename_itself(k);
	if (close_the_rest(k, answer) || caps_limit() || write(answer, "", 1) != 1)
		_exit(1);
	(void)close(answer);
	wait_for_its_end(k);
	become_the_keeper(k);
	_exit(job_take_over(k));
}

/* Waits until it sleeps; a twin that does not is none. */
static int wait_for_answer(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte;
	int n;

	do
		n = poll(&p, 1, ANSWER_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : -ETIME;
	return read(fd, &byte, 1) == 1 ? 0 : -ECHILD;
}

static void forget(struct twin *t)
{
	if (t->pidfd >= 0)
		(void)close(t->pidfd);
	*t = (struct twin)TWIN_INIT;
}

/**
 * twin_start() - have a twin, from before the first change to after the last
 * @k:	holds its locks and has its journal open; no twin is started by a unit's keeper,
 *	whose service manager does what a twin does
 *
 * Return: 0, also when there is one; -errno: there is none
 */
int twin_start(struct keep *k)
{
	struct twin *t = &k->twin;
	int answer[2], rc;

	if (t->pid || (k->plan->flags & KEEPER_SERVICE))
		return 0;
	if (pipe2(answer, O_CLOEXEC) < 0)
		return -errno;
	t->pid = fork();
	if (t->pid == 0)
		life(k, answer[1]);
	rc = t->pid < 0 ? -errno : 0;
	(void)close(answer[1]);
	if (!rc) {
		t->pidfd = (int)syscall(SYS_pidfd_open, t->pid, 0);
		rc = t->pidfd < 0 ? -errno : wait_for_answer(answer[0]);
	}
	(void)close(answer[0]);
	if (t->pid < 0)
		t->pid = 0;
	if (rc)
		twin_end(k);
	return rc;
}

/**
 * twin_ensure() - is there still one? Else another
 *
 * Called before each change and whenever the loop wakes; silent while there is one.
 *
 * Return: 0; -errno there is none, which was said once
 */
int twin_ensure(struct keep *k)
{
	bool died = k->twin.pid && waitpid(k->twin.pid, NULL, WNOHANG) == k->twin.pid;
	int rc;

	if (died)
		forget(&k->twin);
	if (k->twin.pid)
		return 0;
	rc = twin_start(k);
	if (rc && !k->twinless)
		log_warning("%s: has no twin (%s): a kill -9 of vfio-run would leave its devices to "
			    "`sudo vfio-run recover`", k->journal.name, strerror(-rc));
	else if (died && !rc)
		log_verbose("%s: its twin was killed and replaced", k->journal.name);
	k->twinless = rc != 0;
	return rc;
}

/**
 * twin_end() - nothing is left that a twin could give back
 *
 * The last thing that is done: all that it shares is closed or taken away by now.
 */
void twin_end(struct keep *k)
{
	if (!k->twin.pid)
		return;
	(void)kill(k->twin.pid, SIGKILL); /* not reaped yet, so it is nobody else's pid */
	(void)waitpid(k->twin.pid, NULL, 0);
	forget(&k->twin);
}
