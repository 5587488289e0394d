/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scribe.c - the process that writes to what a caller chose, and may wait for it
 *
 * A write to a file sleeps while its file system is frozen or its server does not answer, and no
 * signal ends that, SIGKILL least of all. Neither does it end a process whose last descriptor of
 * such a file is closed: it is not dead for its twin either, as long as that takes (FUSE and NFS
 * write back then). poll(2) says of every file that it can be written.
 *
 * So nobody who is needed to give a device back has such a descriptor. What stderr is, if it is
 * neither a terminal nor a pipe nor a socket, and the VM's log are given to a process each. It
 * reads from a pipe of ours, which the keeper, its twin and vfio-qmp write to without waiting,
 * and ends when all of them are gone. Nobody waits for it, and when it is lost, words are.
 *
 *	keeper, twin, vfio-qmp --pipe--> scribe --> the file behind stderr
 *	vfio-qmp               --pipe--> scribe --> the VM's log
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/output.h"
#include "launcher/keeper/caps.h"
#include "launcher/keeper/keep.h"

#define END_MS 1000 /* for the last words; a file that takes nothing has had its time */

/* What cannot be written is lost: a full disk is nobody's business here. */
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

/* The newest lines say why a VM died, so the old ones go. Return: bytes that are in it now */
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

/**
 * scribe_copy() - write all that comes, until nobody is left who could send more
 * @from:	read with waiting
 * @most:	bytes that the file may have, which is open for appending; 0: no limit
 */
_Noreturn void scribe_copy(int from, int to, uint64_t most)
{
	char buf[4096];
	struct stat st;
	uint64_t bytes = most && fstat(to, &st) == 0 ? (uint64_t)st.st_size : 0;

	for (;;) {
		ssize_t n = read(from, buf, sizeof(buf));
		const char *text = buf;
		size_t size = n > 0 ? (size_t)n : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(0);
		if (most && bytes + size > most)
			bytes = start_anew(to, &text, &size);
		put(to, text, size);
		bytes += size;
	}
}

/* In the child. No signal but SIGKILL ends it: others that a terminal sends are not for it. */
static _Noreturn void life(const struct keep *k, int from, int to, uint64_t most)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	(void)setsid();
	keep_rename(k, SCRIBE_NAME);
	from = fcntl(from, F_DUPFD, KEEPER_FD_LAST + 1);
	to = fcntl(to, F_DUPFD, KEEPER_FD_LAST + 1);
	if (from < 0 || to < 0 || dup2(from, STDIN_FILENO) < 0 || dup2(to, STDOUT_FILENO) < 0 ||
	    syscall(SYS_close_range, STDERR_FILENO, ~0U, 0) < 0 || caps_none() < 0)
		_exit(1);
	scribe_copy(STDIN_FILENO, STDOUT_FILENO, most);
}

/* @fd: becomes the end of the pipe that is written to; it closes with an exec only where it did */
static int start(const struct keep *k, struct scribe *s, int fd, uint64_t most)
{
	int cloexec = fcntl(fd, F_GETFD) & FD_CLOEXEC ? O_CLOEXEC : 0;
	cleanup_close int from = -1, to = -1;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	from = pair[0];
	to = pair[1];
	if (fcntl(to, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	s->pid = fork();
	if (s->pid < 0)
		return -errno;
	if (s->pid == 0)
		life(k, from, fd, most);
	s->pidfd = (int)syscall(SYS_pidfd_open, s->pid, 0);
	if (s->pidfd < 0 || (cloexec ? dup3(to, fd, O_CLOEXEC) : dup2(to, fd)) < 0)
		return -errno;
	return 0;
}

/**
 * scribes_start() - from here on the keeper has no descriptor of a caller's that it could wait for
 *
 * Nothing is read from stdin or printed to stdout here; what is behind them could hold up even
 * the end of a process. Letting go of them can wait for a file system too: nothing is changed
 * yet, and no signal is blocked.
 *
 * Return: 0 or -errno
 */
int scribes_start(struct keep *k)
{
	cleanup_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int rc = null < 0 ? -errno : 0;

	if (!rc && !output_own(STDERR_FILENO))
		rc = start(k, &k->words, STDERR_FILENO, 0);
	if (!rc && k->has_log)
		rc = start(k, &k->log, KEEPER_FD_LOG, SCRIBE_LOG_MAX);
	for (int fd = STDIN_FILENO; !rc && fd <= STDOUT_FILENO; fd++)
		if (dup2(null, fd) < 0)
			rc = -errno;
	return rc;
}

static void wait_for(struct scribe *s)
{
	struct pollfd p = { .fd = s->pidfd, .events = POLLIN };

	if (s->pidfd >= 0)
		(void)poll(&p, 1, END_MS);
}

/**
 * scribes_end() - at the end of the keeper: whoever waits for it finds the last words written
 *
 * Not of one whose twin goes on.
 */
void scribes_end(struct keep *k)
{
	if (k->twin.pid)
		return;
	(void)close(STDERR_FILENO);
	(void)close(KEEPER_FD_LOG);
	wait_for(&k->words);
	wait_for(&k->log);
}
