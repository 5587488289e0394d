/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu.c - where the emulator is, and which version it has */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher/host/as-user.h"
#include "launcher/host/qemu.h"

#define VERSION_MS 10000 /* under emulation it takes 300 ms */
#define VERSION_TEXT 512

/* Where a system keeps it; PATH is the caller's, and is not read. RHEL has qemu-kvm in libexec. */
static const char *const directories[] = { "/usr/bin", "/usr/local/bin", "/usr/libexec",
					   "/usr/sbin" };

/* Can only root change what is here? */
static bool is_roots(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !st.st_uid && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/**
 * host_path_is_system() - is this file, and all that leads to it, root's alone to change?
 * @path:	absolute; links in it are followed
 */
bool host_path_is_system(const char *path)
{
	cleanup_free char *real = realpath(path, NULL);

	if (!real)
		return false;
	for (char *end = real + strlen(real); end; end = strrchr(real, '/')) {
		*end = '\0';
		if (!is_roots(*real ? real : "/"))
			return false;
	}
	return true;
}

/**
 * host_qemu_find() - the emulator behind `qemu =`
 * @name:	a file name, looked for in the system's directories, or an absolute path
 * @path:	absolute; freed by the caller
 *
 * A name must lead to a file that only root can change. A path is taken as it is: who may
 * name one is asked elsewhere (host_path_is_system()).
 *
 * Return: 0; -ENOENT; -EPERM: found, but not root's alone; -EINVAL: a relative path; -ENOMEM
 */
int host_qemu_find(const char *name, char **path)
{
	int r = -ENOENT;

	if (*name == '/') {
		if (access(name, X_OK))
			return -errno;
		*path = strdup(name);
		return *path ? 0 : -ENOMEM;
	}
	if (!*name || strchr(name, '/'))
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		cleanup_free char *candidate = NULL;

		if (asprintf(&candidate, "%s/%s", directories[i], name) < 0) {
			candidate = NULL;
			return -ENOMEM;
		}
		if (access(candidate, X_OK))
			continue;
		if (host_path_is_system(candidate)) {
			*path = take_ptr(candidate);
			return 0;
		}
		r = -EPERM;
	}
	return r;
}

/**
 * host_qemu_parse_version() - the version out of what `--version` says
 * @out:	major << 16 | minor << 8 | micro
 *
 * Return: 0, or -EPROTO for other words
 */
int host_qemu_parse_version(const char *text, unsigned int *out)
{
	static const char start[] = "QEMU emulator version ";
	unsigned int major, minor, micro = 0;

	if (strncmp(text, start, sizeof(start) - 1))
		return -EPROTO;
	if (sscanf(text + sizeof(start) - 1, "%3u.%3u.%3u", &major, &minor, &micro) < 2)
		return -EPROTO;
	if (major > 255 || minor > 255 || micro > 255)
		return -EPROTO;
	*out = major << 16 | minor << 8 | micro;
	return 0;
}

static void __attribute__((noreturn))
execute(const char *path, const struct host_user *user, int out)
{
	char *argv[] = { strdup(path), strdup("--version"), NULL };
	static char locale[] = "LC_ALL=C";
	char *environment[] = { locale, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (as_user_become(user) || prctl(PR_SET_PDEATHSIG, SIGKILL) || !argv[0] || !argv[1])
		_exit(126);
	if (dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0 || close_range(3, ~0u, 0))
		_exit(126);
	(void)execve(path, argv, environment);
	_exit(127);
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
static int read_answer(int fd, char text[VERSION_TEXT])
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec end;
	size_t length = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += VERSION_MS / 1000;
	while (length < VERSION_TEXT - 1) {
		int r = poll(&p, 1, milliseconds_left(&end));
		ssize_t n;

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r ? -errno : -ETIMEDOUT;
		n = read(fd, text + length, VERSION_TEXT - 1 - length);
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

/**
 * host_qemu_version() - ask the emulator itself
 * @user:	who runs it; never root: it may be a file that the user can change
 * @out:	major << 16 | minor << 8 | micro
 *
 * Return: 0; -ETIMEDOUT after 10 s; -EPROTO: it does not answer as QEMU does; other -errno
 */
int host_qemu_version(const char *path, const struct host_user *user, unsigned int *out)
{
	char text[VERSION_TEXT];
	int pipes[2], r;
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid)
		execute(path, user, pipes[1]);
	r = pid < 0 ? -errno : 0;
	(void)close(pipes[1]);
	if (!r)
		r = read_answer(pipes[0], text);
	(void)close(pipes[0]);
	if (pid > 0) {
		(void)kill(pid, SIGKILL); /* it has said all, or is not heard any more */
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return r ? r : host_qemu_parse_version(text, out);
}
