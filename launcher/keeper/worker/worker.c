/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * worker.c - a disposable process for every operation that can block, with a deadline
 *
 * One worker lives as long as the keeper. When an operation does not come back in
 * time its worker is abandoned, not waited for: SIGKILL does not end a task that
 * sleeps inside a driver's remove(), and its write can still take effect later. The
 * next operation gets a new worker.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/process/cgroup.h"
#include "launcher/keeper/process/oom.h"
#include "launcher/keeper/worker/worker.h"

#define END_MS 10000 /* from SIGKILL; one that sleeps in no driver is gone at once */

/*
 * How often the kernel has oopsed since boot. Before there was a count, whether it has:
 * a taint that is never taken back.
 * Source: Documentation/ABI/testing/sysfs-kernel-oops_count, admin-guide/tainted-kernels.rst
 */
static uint64_t kernel_oopses(void)
{
	const uint64_t taint_die = 1 << 7;
	int64_t n = 0;

	if (sysfs_read_number(AT_FDCWD, "/sys/kernel/oops_count", &n) == 0)
		return (uint64_t)n;
	if (sysfs_read_number(AT_FDCWD, "/proc/sys/kernel/tainted", &n))
		return 0;
	return (uint64_t)n & taint_die;
}

/*
 * In the child: nothing stays open but the socket and the programs, the locks least of all. Not the terminal either: one that hangs would keep a pipe behind vfio-run waiting.
 */
static _Noreturn void child(int socket, int module, int scope, pid_t parent)
{
	int a, b, c, null;

	/* first of all: a worker stopped before this would outlive the keeper, with its locks */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
	oom_unprotect();
	a = fcntl(socket, F_DUPFD, 10);
	b = fcntl(module, F_DUPFD, 10);
	c = fcntl(scope, F_DUPFD, 10);
	null = fcntl(open("/dev/null", O_RDWR), F_DUPFD, 10);
	if (a < 0 || b < 0 || null < 0 || dup3(a, WORK_FD_SOCKET, O_CLOEXEC) < 0 ||
	    dup3(b, WORK_FD_MODULE, O_CLOEXEC) < 0 ||
	    dup3(c < 0 ? null : c, WORK_FD_SCOPE, O_CLOEXEC) < 0)
		_exit(1);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (dup2(null, fd) < 0)
			_exit(1);
	if (syscall(SYS_close_range, WORK_FD_MODULE + 1, WORK_FD_SCOPE - 1, 0) < 0)
		_exit(1);
	if (syscall(SYS_close_range, WORK_FD_SCOPE + 1, ~0U, 0) < 0)
		_exit(1);
	if (caps_worker() < 0) /* giving some up leaves the bond as it is */
		_exit(1);
	work_loop(parent);
}

/**
 * worker_start() - have a worker ready
 * @w:	WORKER_INIT with its module program set, or one that was used before
 *
 * Return: 0; -errno of socketpair(2) or fork(2), and there is no worker
 */
int worker_start(struct worker *w)
{
	pid_t parent;
	int pair[2];
	int rc;

	if (w->pid)
		return 0;
	parent = getpid();
	w->oopses = kernel_oopses();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	w->pid = cgroup_fork(w->leaf, &w->in_leaf);
	if (w->pid < 0) {
		rc = -errno;
		goto fail;
	}
	if (w->pid == 0)
		child(pair[1], w->module, w->scope, parent);
	w->pidfd = (int)syscall(SYS_pidfd_open, w->pid, 0);
	rc = w->pidfd < 0 ? -errno : 0;
	if (!rc && w->started)
		rc = w->started(w->context, w->pid);
	if (!rc) {
		(void)close(pair[1]);
		w->socket = pair[0];
		return 0;
	}
	(void)kill(w->pid, SIGKILL);
	(void)waitpid(w->pid, NULL, 0);
fail:
	w->pid = 0;
	if (w->pidfd >= 0)
		(void)close(w->pidfd);
	w->pidfd = -1;
	(void)close(pair[0]);
	(void)close(pair[1]);
	return rc;
}

/* Forgets the worker without waiting for it. Its pid, for messages. */
static pid_t forget(struct worker *w)
{
	pid_t pid = w->pid;

	if (w->socket >= 0)
		(void)close(w->socket);
	if (w->pidfd >= 0)
		(void)close(w->pidfd);
	w->pid = 0;
	w->pidfd = w->socket = -1;
	return pid;
}

/**
 * worker_abandon() - give up a worker that did not come back
 *
 * It is sent SIGKILL, which ends it at the latest when what it waits for is over.
 *
 * Return: its pid; still there for as long as it is stuck
 */
pid_t worker_abandon(struct worker *w)
{
	if (w->pid)
		(void)kill(w->pid, SIGKILL);
	return forget(w);
}

/**
 * worker_stop() - end a worker that is idle, or dead, and reap it
 *
 * One that the kernel oopsed in may hang even in its exit: it is not waited for then.
 */
void worker_stop(struct worker *w)
{
	struct pollfd p = { .fd = w->pidfd, .events = POLLIN };
	pid_t pid = w->pid;
	int n;

	if (!pid)
		return;
	(void)kill(pid, SIGKILL);
	do
		n = poll(&p, 1, END_MS);
	while (n < 0 && errno == EINTR);
	/* one that is dead is waited for: a debugger may see its end first */
	if (waitpid(pid, &w->status, n > 0 ? 0 : WNOHANG) != pid)
		w->status = -1;
	(void)forget(w);
}

/**
 * worker_oopsed() - was it the kernel that ended the worker which died while it worked?
 *
 * An oops ends the task as a signal would: with SIGKILL after a bad address, with SIGSEGV
 * after a BUG(). Only SIGKILL can come from a kill(2), too: then the kernel's own count
 * decides. Source: page_fault_oops(), die() in arch/x86/, make_task_dead() in kernel/exit.c
 */
bool worker_oopsed(const struct worker *w)
{
	if (w->status == -1)
		return true;
	return WIFSIGNALED(w->status) &&
	       (WTERMSIG(w->status) != SIGKILL || kernel_oopses() != w->oopses);
}

static long long now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Waits until there is an answer. Return: 0, -ETIME not in time, -ECHILD the worker died of it */
static int wait_for_answer(const struct worker *w, unsigned int deadline_ms)
{
	struct pollfd fds[] = { { .fd = w->socket, .events = POLLIN },
				{ .fd = w->pidfd, .events = POLLIN } };
	long long end = now_ms() + deadline_ms;

	for (;;) {
		long long left = end - now_ms();
		int n = poll(fds, ARRAY_SIZE(fds), left > 0 ? (int)left : 0);

		if (n < 0 && left <= 0)
			return -ETIME; /* no error of poll(2) means that the worker has ended */
		if (n > 0 && (fds[0].revents & POLLIN))
			return 0;
		if (n > 0 && fds[1].revents)
			return -ECHILD;
		if (n == 0 && left <= 0)
			return -ETIME;
	}
}

/**
 * worker_ask() - give the worker one operation to do
 * @w:		idle; a worker is started when there is none
 * @work:	the operation; gets its serial number here
 *
 * Return: 0: call worker_answer(); -errno of fork(2) or of the journal: nothing was begun
 */
int worker_ask(struct worker *w, struct work *work)
{
	int rc = worker_start(w);

	if (rc)
		return rc;
	work->serial = ++w->serial;
	if (send(w->socket, work, sizeof(*work), MSG_NOSIGNAL) == (ssize_t)sizeof(*work))
		return 0;
	/* it was killed while idle: the next one does it */
	worker_stop(w);
	rc = worker_start(w);
	if (rc)
		return rc;
	return send(w->socket, work, sizeof(*work), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Return: false when it is no answer: the worker has ended */
static bool take_answer(int socket, struct work_reply *reply, struct work_fds *fds)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(fds->fd))];
	} control;
	struct iovec part = { reply, sizeof(*reply) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&message);

	fds->count = 0;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
		fds->count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds->fd, CMSG_DATA(c), fds->count * sizeof(int));
	}
	if (n == (ssize_t)sizeof(*reply))
		return true;
	work_fds_close(fds);
	return false;
}

/**
 * worker_answer() - wait for what worker_ask() began
 * @deadline_ms:	milliseconds
 * @reply:		filled when it came back
 * @fds:		likewise, with what came along; the caller's to close
 *
 * Return: the operation's own 0 or -errno; -ETIME not back in time: the worker is
 *	   still at it, wait again or call worker_abandon(); -ECHILD it was killed
 *	   while it worked, which a kernel oops does
 */
int worker_answer(struct worker *w, unsigned int deadline_ms, struct work_reply *reply,
		  struct work_fds *fds)
{
	int rc;

	do { /* an abandoned request's answer is none to this one */
		*reply = (struct work_reply){ .serial = 0 };
		fds->count = 0;
		rc = wait_for_answer(w, deadline_ms);
		if (!rc && !take_answer(w->socket, reply, fds))
			rc = -ECHILD;
		if (!rc && reply->serial != w->serial)
			work_fds_close(fds);
	} while (!rc && reply->serial != w->serial);
	if (rc == -ECHILD)
		worker_stop(w);
	return rc ? rc : reply->error;
}
