/* SPDX-License-Identifier: GPL-2.0-or-later */
/* as-user.c - becomes the user in a child, does one thing, and answers over a socket */
#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/message.h"
#include "launcher/host/user/as-user.h"

static int take_groups(const struct host_user *user)
{
	return user->alone ? setgroups(1, &user->gid) : initgroups(user->name, user->gid);
}

/**
 * as_user_become() - become the user for good: ids, groups, no way back
 *
 * For a child only. A process that is that user already keeps what it has; root loses all
 * its capabilities with the change.
 *
 * Return: 0 or -errno; the caller must then end
 */
int as_user_become(const struct host_user *user)
{
	uid_t real, effective, saved;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	if (geteuid() == user->uid && getuid() == user->uid)
		return 0;
	if (take_groups(user) || setresgid(user->gid, user->gid, user->gid) ||
	    setresuid(user->uid, user->uid, user->uid))
		return -errno;
	if (getresuid(&real, &effective, &saved) || real != user->uid || effective != user->uid ||
	    saved != user->uid)
		return -EPERM;
	/*
	 * Root relies on this answer, so the user's other processes must not trace this one. The
	 * kernel does so already with each change of uid, unless fs.suid_dumpable is 1.
	 */
	return prctl(PR_SET_DUMPABLE, 0) ? -errno : 0;
}

static void __attribute__((noreturn)) child(const struct host_user *user, as_user_work work,
					    const void *request, size_t reply_size, int socket)
{
	void *reply = calloc(1, reply_size);
	pid_t parent = getppid();
	int fd;

	if (!reply || as_user_become(user))
		_exit(1);
	/* After the change of ids, which clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	fd = work(request, reply);
	_exit(message_send(socket, reply, reply_size, fd) ? 1 : 0);
}

/* The answer or the end of the child, whichever is first, or the deadline. */
static int wait_reply(int socket)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	struct timespec now, end;
	int r;

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += AS_USER_SECONDS;
	do {
		long left;

		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		left = (end.tv_sec - now.tv_sec) * 1000 + (end.tv_nsec - now.tv_nsec) / 1000000;
		r = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r ? 0 : -ETIMEDOUT;
}

/* A child that hangs in the kernel is not waited for: it dies when the kernel lets go of it. */
static void end_child(pid_t pid, bool answered)
{
	if (!answered)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, answered ? 0 : WNOHANG) < 0 && errno == EINTR)
		;
}

/**
 * as_user_call() - have one thing done by a child that is the user
 * @work:	runs in the child, with a copy of everything
 * @reply:	receives @reply_size bytes, at least one, on success
 * @fd_out:	receives the descriptor that @work returned, or -1; NULL: none is wanted
 *
 * Return: 0; -ETIMEDOUT after AS_USER_SECONDS; -EIO when the child could not become the
 * user or died; other -errno
 */
int as_user_call(const struct host_user *user, as_user_work work, const void *request, void *reply,
		 size_t reply_size, int *fd_out)
{
	int pair[2], r;
	pid_t pid;

	if (fd_out)
		*fd_out = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (pid < 0) {
		r = -errno;
		(void)close(pair[0]);
		(void)close(pair[1]);
		return r;
	}
	if (!pid) {
		(void)close(pair[0]);
		child(user, work, request, reply_size, pair[1]);
	}
	(void)close(pair[1]);
	r = wait_reply(pair[0]);
	if (!r)
		r = message_receive(pair[0], MSG_DONTWAIT, reply, reply_size, fd_out);
	if (r == -EPIPE || r == -EAGAIN)
		r = -EIO; /* it ended without an answer */
	(void)close(pair[0]);
	end_child(pid, r != -ETIMEDOUT);
	return r;
}
