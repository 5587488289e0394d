/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.c - a terminal that nobody reads holds up nobody */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/terminal.h"

/**
 * terminal_reopen() - writes to a terminal fail from here on, instead of waiting
 * @fd:	if it is a terminal it is opened anew in its place; a pipe or a file stays as it is
 *
 * A terminal can have room for half a line, which is what poll(2) tells, and then make a
 * write wait for ever. Opened anew it has flags of its own, so O_NONBLOCK harms nobody
 * else. When that is not allowed (another user's terminal) it stays as it is.
 */
void terminal_reopen(int fd)
{
	cleanup_close int own = -1;
	char path[32];

	if (!isatty(fd))
		return;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own >= 0)
		(void)dup2(own, fd);
}

/** terminal_columns() - how wide is the terminal? 0 when @fd is none, or it does not know */
unsigned int terminal_columns(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}
