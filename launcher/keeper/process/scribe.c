/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scribe.c - the process that writes to what a caller chose, and may wait for it
 *
 * A write to a file sleeps while its file system is frozen or its server does not answer, and no
 * signal ends that, SIGKILL least of all. Neither does it end a process whose last descriptor of
 * such a file is closed: its exit, and so its pidfd, waits for as long as that takes (FUSE and NFS
 * write back then). poll(2) reports every regular file as writable.
 *
 * So no process that is needed to give a device back has such a descriptor. What stderr is, if it
 * is neither a terminal nor a pipe nor a socket, and the VM's log are given to a process of their
 * own. It reads from pipes of ours, which the keeper, its standby and vfio-qmp write to without
 * waiting, and ends when all of them are gone. It is never waited for; when it is lost, output is,
 * and while one of the two files takes nothing the other one gets nothing either: two processes
 * were too much memory for that.
 *
 *	keeper, standby, vfio-qmp --pipe--> scribe --> the file behind stderr
 *	vfio-qmp               --pipe-->        --> the VM's log
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/output.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/keeper.h"

#define END_MS 1000 /* for the last output; a file that still blocks is given up */

/* What cannot be written is lost: the run does not depend on it. */
static void put(int to, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = write(to, text, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		text += n;
		size -= (size_t)n;
	}
}

/* The newest lines show why a VM died, so the old ones go. Return: bytes that are in it now */
static uint64_t start_anew(int to, const char **text, size_t *size)
{
	static const char again[] = "... older lines are gone: the log is full\n";
	const char *end = memchr(*text, '\n', *size);
	size_t rest = end ? (size_t)(end + 1 - *text) : 0; /* of a line that was begun before */

	if (ftruncate(to, 0) < 0)
		return 0;
	put(to, again, sizeof(again) - 1);
	*text += rest;
	*size -= rest;
	return sizeof(again) - 1;
}

/* One read of what has come. Ends the stream when the last writer is gone. */
static void copy_some(struct scribe_stream *s)
{
	char buf[1024]; /* it stays on the stack that was the keeper's */
	ssize_t n = read(s->from, buf, sizeof(buf));
	const char *text = buf;
	size_t size = n > 0 ? (size_t)n : 0;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		s->from = -1;
		return;
	}
	if (s->most && s->bytes + size > s->most)
		s->bytes = start_anew(s->to, &text, &size);
	put(s->to, text, size);
	s->bytes += size;
}

/**
 * scribe_copy() - write all that comes, until the last writer is gone
 * @s:		what is read, and where that goes
 * @count:	at most SCRIBE_STREAMS
 *
 * poll(2) can fail for ever: with EINVAL when RLIMIT_NOFILE is less than @count, or by a filter
 * that a caller is under. The pipes are then read in turn, with reads that block: nothing spins.
 */
_Noreturn void scribe_copy(struct scribe_stream *s, size_t count)
{
	struct pollfd p[SCRIBE_STREAMS];
	struct stat st;
	size_t open;
	bool told;

	for (size_t i = 0; i < count; i++)
		s[i].bytes = s[i].most && fstat(s[i].to, &st) == 0 ? (uint64_t)st.st_size : 0;
	do {
		open = 0;
		for (size_t i = 0; i < count; i++) {
			p[i] = (struct pollfd){ .fd = s[i].from, .events = POLLIN };
			open += s[i].from >= 0;
		}
		told = poll(p, open ? (nfds_t)count : 0, open ? -1 : 0) >= 0;
		for (size_t i = 0; i < count; i++)
			if (s[i].from >= 0 && (!told || p[i].revents))
				copy_some(&s[i]);
	} while (open);
	_exit(0);
}

/* To the lowest numbers, the only ones that stay open. Return: false when that fails */
static bool take_only(struct scribe_stream *s, size_t count)
{
	int *fd[2 * SCRIBE_STREAMS];
	int n = 0;

	for (size_t i = 0; i < count; i++) {
		fd[n++] = &s[i].from;
		fd[n++] = &s[i].to;
	}
	for (int i = 0; i < n; i++)
		if ((*fd[i] = fcntl(*fd[i], F_DUPFD, KEEPER_FD_LAST + 1)) < 0)
			return false;
	for (int i = 0; i < n; i++)
		if ((*fd[i] = dup2(*fd[i], i)) < 0)
			return false;
	return syscall(SYS_close_range, n, ~0U, 0) == 0;
}

/* Drops the keeper's tables: each page would become a copy when the keeper writes to it. */
static void forget_the_keeper(const struct keeper *k)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = ((uintptr_t)k + page - 1) & ~(page - 1);
	uintptr_t to = (uintptr_t)(k + 1) & ~(page - 1);

	if (from < to)
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
}

/* In the child. No signal but SIGKILL ends it: others that a terminal sends are not for it. */
static _Noreturn void life(const struct keeper *k, struct scribe_stream *s, size_t count)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setsid();
	keeper_rename(k, SCRIBE_NAME);
	forget_the_keeper(k);
	if (!take_only(s, count) || caps_none() < 0)
		_exit(1);
	scribe_copy(s, count);
}

/* A pipe. Return: its write end, with O_NONBLOCK, or -errno */
static int pipe_into(struct scribe_stream *s)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	s->from = pair[0];
	return fcntl(pair[1], F_SETFL, O_NONBLOCK) < 0 ? -errno : pair[1];
}

/*
 * Each file's number becomes the end of its pipe that is written to; stderr stays open in what is
 * executed, the log does not. By itself clone(2) writes to fewer pages than fork(3).
 */
static int start(struct keeper *k, struct scribe_stream *s, size_t count)
{
	int in[SCRIBE_STREAMS], rc = 0;

	for (size_t i = 0; i < count; i++)
		if ((in[i] = pipe_into(&s[i])) < 0)
			return in[i];
	k->scribe.pid = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
	if (k->scribe.pid < 0)
		return -errno;
	if (k->scribe.pid == 0)
		life(k, s, count);
	k->scribe.pidfd = (int)syscall(SYS_pidfd_open, k->scribe.pid, 0);
	if (k->scribe.pidfd < 0)
		rc = -errno;
	for (size_t i = 0; i < count; i++) {
		if ((s[i].to == STDERR_FILENO ? dup2(in[i], s[i].to) :
						dup3(in[i], s[i].to, O_CLOEXEC)) < 0)
			rc = -errno;
		(void)close(in[i]);
		(void)close(s[i].from);
	}
	return rc;
}

/**
 * scribe_start() - from here on the keeper has no descriptor of a caller's that it could wait for
 *
 * Nothing is read from stdin or printed to stdout here; what is behind them could hold up even
 * the end of a process. Letting go of them can wait for a file system too: nothing is changed
 * yet, and no signal is blocked.
 *
 * Return: 0 or -errno
 */
int scribe_start(struct keeper *k)
{
	cleanup_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct scribe_stream s[SCRIBE_STREAMS];
	int rc = null < 0 ? -errno : 0;
	size_t count = 0;

	if (!output_own(STDERR_FILENO))
		s[count++] = (struct scribe_stream){ .to = STDERR_FILENO };
	if (k->has_log)
		s[count++] = (struct scribe_stream){ .to = KEEPER_FD_LOG, .most = SCRIBE_LOG_MAX };
	if (!rc && count)
		rc = start(k, s, count);
	for (int fd = STDIN_FILENO; !rc && fd <= STDOUT_FILENO; fd++)
		if (dup2(null, fd) < 0)
			rc = -errno;
	return rc;
}

/**
 * scribe_end() - at the end of the keeper: the last output is written before the keeper ends
 *
 * Not of one whose standby goes on.
 */
void scribe_end(struct keeper *k)
{
	struct pollfd p = { .fd = k->scribe.pidfd, .events = POLLIN };

	if (k->standby.pid || k->scribe.pidfd < 0)
		return;
	(void)close(STDERR_FILENO);
	(void)close(KEEPER_FD_LOG);
	(void)poll(&p, 1, END_MS);
}
