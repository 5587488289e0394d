/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-ask.c - queries the emulator: runs it as the VM's user, with a deadline */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher/host/qemu/qemu.h"
#include "launcher/host/user/as-user.h"

#define ANSWER_S 20 /* under emulation it takes 0.3 s */
#define ARGUMENTS_MAX 12
#define NOT_EXECUTED 127 /* as a shell has it, whose interpreter is not there either */

static void __attribute__((noreturn)) execute(const char *path, const struct host_user *user,
					      const char *const *arguments, int in, int out)
{
	char *argv[ARGUMENTS_MAX + 2] = { strdup(path) };
	static char locale[] = "LC_ALL=C";
	char *environment[] = { locale, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; i < ARGUMENTS_MAX && arguments[i]; i++)
		argv[i + 1] = strdup(arguments[i]);
	if (as_user_become(user) || prctl(PR_SET_PDEATHSIG, SIGKILL) || !argv[0])
		_exit(126);
	if (dup2(in >= 0 ? in : null, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0 ||
	    close_range(3, ~0u, 0))
		_exit(126);
	(void)execve(path, argv, environment);
	_exit(NOT_EXECUTED);
}

static int milliseconds_left(const struct timespec *end)
{
	struct timespec now;
	long left;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	left = (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
	return left > 0 ? (int)left : 0;
}

/* Reads until the end, the cap or the deadline; what is beyond the cap is not wanted. */
static int read_answer(int fd, char *text, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec end;
	size_t length = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ANSWER_S;
	while (length < size - 1) {
		int r = poll(&p, 1, milliseconds_left(&end));
		ssize_t n;

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r ? -errno : -ETIMEDOUT;
		n = read(fd, text + length, size - 1 - length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		length += (size_t)n;
	}
	text[length] = '\0';
	return 0;
}

/* Return: a pipe's end to read @text from, and then its end; -1 when there is none */
static int filled_pipe(const char *text)
{
	int pipes[2];
	size_t length = strlen(text);
	bool written;

	if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK))
		return -1;
	written = write(pipes[1], text, length) == (ssize_t)length;
	(void)close(pipes[1]);
	if (written && !fcntl(pipes[0], F_SETFL, 0))
		return pipes[0];
	(void)close(pipes[0]);
	return -1;
}

/**
 * host_qemu_ask() - run the emulator and take what it writes to its stdout
 * @path:	absolute
 * @user:	who runs it; never root: it may be a file that the user can change
 * @arguments:	at most twelve, NULL-terminated
 * @input:	what it reads from its stdin, up to a pipe's 64 KiB; NULL: nothing
 * @text:	filled; cut at @size - 1 bytes
 *
 * Return: 0, also when it wrote nothing; -ETIMEDOUT after 20 s; -ENOEXEC it cannot be executed;
 * other -errno
 */
int host_qemu_ask(const char *path, const struct host_user *user, const char *const *arguments,
		  const char *input, char *text, size_t size)
{
	int pipes[2], r, status = 0;
	cleanup_close int in = -1;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	if (input)
		in = filled_pipe(input);
	pid = fork();
	if (!pid)
		execute(path, user, arguments, in, pipes[1]);
	r = pid < 0 ? -errno : 0;
	(void)close(pipes[1]);
	if (!r)
		r = read_answer(pipes[0], text, size);
	(void)close(pipes[0]);
	if (pid > 0) {
		(void)kill(pid, SIGKILL); /* its output is complete, or is not read any more */
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	return !r && WIFEXITED(status) && WEXITSTATUS(status) == NOT_EXECUTED ? -ENOEXEC : r;
}
