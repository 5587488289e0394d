/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output.c - output to a reader that may not read: no write waits for it */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/output.h"

static bool is_null(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

/**
 * output_own() - have writes to it fail from here on, instead of waiting
 * @fd:	a terminal or a pipe is opened anew in its place; all else stays as it is
 *
 * A terminal or a pipe can have room when poll(2) looks and none, or none for a whole line, when
 * it is written to. Opened anew it has flags of its own, so O_NONBLOCK does not change it for
 * other processes. A file has no such flag: a write to one waits as long as its file system lets
 * it, and no signal ends that.
 *
 * Return: true when no output_write() waits; false: of a file, of a device that is no terminal,
 *	   and where opening was not allowed
 */
bool output_own(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	cleanup_close int own = -1;
	struct stat st;
	char path[32];

	if (flags < 0 || fstat(fd, &st) < 0)
		return false;
	if ((flags & O_ACCMODE) == O_RDONLY || S_ISSOCK(st.st_mode) || is_null(&st))
		return true;
	if (!S_ISFIFO(st.st_mode) && !isatty(fd))
		return false;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return own >= 0 && dup2(own, fd) >= 0;
}

/**
 * output_write() - as write(2), but a socket is not waited for either
 *
 * A socket cannot be opened anew, and its flags are also others'.
 */
ssize_t output_write(int fd, const char *text, size_t size)
{
	ssize_t n = send(fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);

	return n < 0 && errno == ENOTSOCK ? write(fd, text, size) : n;
}
