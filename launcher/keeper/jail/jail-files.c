/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail-files.c - the files of a VM, opened as its user
 *
 * Root never follows a path that a user can swap. A helper, forked inside the jail's pid
 * namespace, becomes the user for good, opens each path with that user's rights only, and
 * sends the descriptors back. O_PATH descriptors allow no reading or writing: they only
 * identify the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/message.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/jail/jail-inside.h"

/** jail_has_file() - is this one of the plan's files in this jail? */
bool jail_has_file(const struct jail *jail, uint32_t i)
{
	return jail->file[i].program == jail->row;
}

/* Symbolic links are followed; /proc's magic links are not: they lead to this process's files. */
static int open_one(const char *path, struct jail_opened *out)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		out->error = -errno;
		return -1;
	}
	out->mode = st.st_mode;
	return fd;
}

/*
 * A file system that does not answer can block the helper for ever. It then dies with the jail
 * if it can; if it cannot, it holds none of the keeper's locks.
 */
static int stand_alone(int socket)
{
	struct pollfd p = { .fd = socket };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || poll(&p, 1, 0) != 0 ||
	    syscall(SYS_close_range, 0, socket - 1, 0) < 0 ||
	    syscall(SYS_close_range, socket + 1, ~0U, 0) < 0)
		return -errno;
	return 0;
}

static _Noreturn void open_all(const struct jail *jail, int socket)
{
	int rc = caps_become(jail->uid, jail->gid);

	if (!rc) /* the kernel clears PR_SET_PDEATHSIG when the uid changes */
		rc = stand_alone(socket);

	for (uint32_t i = 0; i < jail->file_count; i++) {
		struct jail_opened opened = { .error = rc };
		int fd;

		if (!jail_has_file(jail, i))
			continue;
		fd = rc ? -1 : open_one(jail->file_path[i], &opened);
		if (message_send(socket, &opened, sizeof(opened), fd))
			_exit(1);
		if (fd >= 0)
			(void)close(fd);
	}
	_exit(0);
}

/**
 * jail_files_start() - have the jail's files opened by its user
 * @helper:	the process that does it
 *
 * Return: a socket for jail_files_next(), or -errno
 */
int jail_files_start(const struct jail *jail, pid_t *helper)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	*helper = fork();
	if (!*helper) {
		(void)close(pair[0]);
		open_all(jail, pair[1]);
	}
	(void)close(pair[1]);
	if (*helper > 0)
		return pair[0];
	(void)close(pair[0]);
	return -EAGAIN;
}

/**
 * jail_files_next() - the next file, in the order of the plan
 * @fd:		close-on-exec, opened with O_PATH; -1 with an error in @out
 *
 * Return: 0; -EPIPE when the helper is gone; other -errno
 */
int jail_files_next(int socket, struct jail_opened *out, int *fd)
{
	int rc = message_receive(socket, 0, out, sizeof(*out), fd);

	if (rc)
		return rc;
	return !out->error && *fd < 0 ? -EPIPE : 0;
}

/** jail_files_end() - reap the helper; 0, or -ECHILD when it did not end as it should */
int jail_files_end(pid_t helper, int socket)
{
	int status = 0;

	(void)close(socket);
	if (waitpid(helper, &status, 0) != helper || !WIFEXITED(status) || WEXITSTATUS(status))
		return -ECHILD;
	return 0;
}
