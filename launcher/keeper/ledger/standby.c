/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * standby.c - a second keeper, asleep, that gives the devices back when the first one dies
 *
 * No program can do anything about its own SIGKILL, so there are two. The standby is a
 * fork of the keeper, made before anything else is. It has a session of its own and a
 * name that `pkill vfio-run` does not find. It sleeps on the keeper's pidfd; when that
 * shows that the keeper is dead, the standby reads the journal, makes sure that the VM's
 * programs and the keeper's workers are dead, reverts, and has a standby of its own while it does.
 *
 * The keeper sends it its locks as it takes them. In the socket they are locks already:
 * a flock belongs to the open file, so no other process can take a group between the keeper's
 * death and its standby's waking. With them goes a pidfd of each child. Each message holds all
 * that there is. The standby acknowledges it; one that does not, in time, is replaced by
 * another, which is forked with all of it.
 *
 * It is ended by SIGKILL, as the very last thing that a keeper does: so no death at any
 * moment leaves work undone, and no message of the keeper's end is needed that could
 * get lost. It may therefore wake when everything is restored already; it finds that out.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/keeper.h"

#define STANDBY_NAME "vfio-standby" /* `pkill -f vfio-run` does not match it */
#define END_MS 10000 /* from SIGKILL: a debugger, or a frozen cgroup, may keep it for ever */
#define ANSWER_MS 10000	      /* a fork that has not answered by then is stopped or starved */

/* The descriptors, in this order: the single ones that there are, groups, processes. */
enum { SHARED_RUN, SHARED_STATE, SHARED_JOURNAL, SHARED_SINGLE };
#define SHARED_MAX (SHARED_SINGLE + KEEPER_GROUPS_MAX + KNOWN_MAX)

/* What the keeper holds, as its standby gets it. */
struct share {
	char name[sizeof(((struct journal *)NULL)->name)];
	char leaves[CGROUP_PATH_MAX]; /* go to your cgroup, below this; "": stay */
	uint32_t number; /* to be answered with */
	bool has[SHARED_SINGLE];
	uint32_t group_count, known_count;
	int32_t group[KEEPER_GROUPS_MAX];
	struct known known[KNOWN_MAX]; /* its descriptor is one of those that come with it */
};
_Static_assert(SHARED_MAX <= 253, "SCM_MAX_FD of net/scm.h");

union share_control {
	struct cmsghdr header;
	char room[CMSG_SPACE(SHARED_MAX * sizeof(int))];
};

/* What it goes on with; all else that the keeper has open is QEMU's or a worker's. */
static size_t kept_descriptors(const struct keeper *k, int socket, int *fds)
{
	size_t n = 0;

	for (int fd = STDIN_FILENO; fd <= KEEPER_FD_LAST; fd++)
		if (fd != KEEPER_FD_QMP && fd != KEEPER_FD_NOTIFY && fd != KEEPER_FD_FILTER &&
		    (fd != KEEPER_FD_LOG || k->plan->trial_s) && fd != KEEPER_FD_CONFIG && fd != KEEPER_FD_ROWS &&
		    fd != KEEPER_FD_DISPLAY && fd != KEEPER_FD_GIVEN &&
		    fd != KEEPER_FD_FILTER_BESIDE && fd != KEEPER_FD_SESSION)
			fds[n++] = fd;
	fds[n++] = k->state.run_fd;
	fds[n++] = k->state.state_fd;
	fds[n++] = k->journal.fd;
	fds[n++] = k->signals;
	fds[n++] = k->self;
	fds[n++] = k->hooks;
	fds[n++] = socket;
	for (size_t i = 0; i < k->group_count; i++)
		fds[n++] = k->group_lock[i];
	for (size_t i = 0; i < k->known_count; i++)
		fds[n++] = k->known[i].pidfd;
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
static int close_the_rest(const struct keeper *k, int socket)
{
	int fds[KEEPER_FD_LAST + 8 + KEEPER_GROUPS_MAX + KNOWN_MAX], from = 0, next;
	size_t count = kept_descriptors(k, socket, fds);

	for (; (next = next_kept(fds, count, from)) >= 0; from = next + 1)
		if (next > from && syscall(SYS_close_range, from, next - 1, 0) < 0)
			return -errno;
	return syscall(SYS_close_range, from, ~0U, 0) < 0 ? -errno : 0;
}

static void find_single(struct keeper *k, int *fd[SHARED_SINGLE])
{
	fd[SHARED_RUN] = &k->state.run_fd;
	fd[SHARED_STATE] = &k->state.state_fd;
	fd[SHARED_JOURNAL] = &k->journal.fd;
}

/* What it held before; the last message is the keeper's whole state. */
static void drop_share(struct keeper *k)
{
	int *fd[SHARED_SINGLE];

	find_single(k, fd);
	for (size_t i = 0; i < SHARED_SINGLE; i++) {
		if (*fd[i] >= 0)
			(void)close(*fd[i]);
		*fd[i] = -1;
	}
	for (size_t i = 0; i < k->group_count; i++)
		(void)close(k->group_lock[i]);
	for (size_t i = 0; i < k->known_count; i++)
		(void)close(k->known[i].pidfd);
}

static void take_share(struct keeper *k, const struct share *share, const int *fds)
{
	int *fd[SHARED_SINGLE];
	size_t n = 0;

	drop_share(k);
	find_single(k, fd);
	for (size_t i = 0; i < SHARED_SINGLE; i++)
		if (share->has[i])
			*fd[i] = fds[n++];
	k->group_count = share->group_count;
	for (size_t i = 0; i < k->group_count; i++) {
		k->group[i] = share->group[i];
		k->group_lock[i] = fds[n++];
	}
	k->known_count = share->known_count;
	for (size_t i = 0; i < k->known_count; i++) {
		k->known[i] = share->known[i];
		k->known[i].pidfd = fds[n++];
	}
	memcpy(k->journal.name, share->name, sizeof(share->name));
	k->journal.name[sizeof(share->name) - 1] = '\0';
}

static size_t descriptors_of(const struct share *share)
{
	size_t n = share->group_count + share->known_count;

	for (size_t i = 0; i < SHARED_SINGLE; i++)
		n += share->has[i];
	return n;
}

/* Return: true when there was one more */
static bool receive_share(struct share *share, int socket, int fds[SHARED_MAX])
{
	union share_control control = { .room = { 0 } };
	struct iovec data = { .iov_base = share, .iov_len = sizeof(*share) };
	struct msghdr message = { .msg_iov = &data,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	size_t count;

	if (n != (ssize_t)sizeof(*share) || (message.msg_flags & MSG_CTRUNC))
		return false;
	count = header ? (header->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;
	if (share->group_count > KEEPER_GROUPS_MAX || share->known_count > KNOWN_MAX ||
	    count != descriptors_of(share))
		return false;
	if (count)
		memcpy(fds, CMSG_DATA(header), count * sizeof(int));
	return true;
}

/* Return: true when there was one more */
static bool read_share(struct keeper *k, int socket)
{
	struct share share;
	int fds[SHARED_MAX] = { 0 }; /* as many are set as @share counts */

	if (!receive_share(&share, socket, fds))
		return false;
	take_share(k, &share, fds);
	share.leaves[sizeof(share.leaves) - 1] = '\0';
	if (*share.leaves) {
		cgroup_enter_at(share.leaves, CGROUP_TWIN);
		memcpy(k->cgroup.base, share.leaves, sizeof(share.leaves)); /* what there is to end */
	}
	(void)send(socket, &share.number, sizeof(share.number), MSG_NOSIGNAL | MSG_DONTWAIT);
	return true;
}

/*
 * Return: when the keeper is dead. All signals are blocked, and two descriptors take no memory:
 * poll(2) does not fail.
 */
static void wait_for_its_end(struct keeper *k, int socket)
{
	struct pollfd p[] = { { .fd = k->self, .events = POLLIN },
			      { .fd = socket, .events = POLLIN } };

	while (poll(p, ARRAY_SIZE(p), -1) <= 0 || !p[0].revents)
		if (p[1].revents && !read_share(k, socket))
			p[1].fd = -1; /* hung up: its end follows */
}

/* Its copy of the keeper's tables dates from the fork; later changes stand in the journal. */
static void become_the_keeper(struct keeper *k, int socket)
{
	while (read_share(k, socket))
		;
	(void)close(socket);
	(void)close(k->self);
	k->self = (int)syscall(SYS_pidfd_open, getpid(), 0);
	k->standby = (struct standby)STANDBY_INIT;
	k->worker = (struct worker)WORKER_INIT;
	k->worker.module = KEEPER_FD_MODULE;
	k->worker.scope = k->has_scope ? KEEPER_FD_SCOPE : -1;
	k->status = (struct status)STATUS_INIT; /* closed above, as are the VM's sockets */
	k->control = k->agent = k->display = -1;
	k->interrupted = false;
	k->took_over = true;
	k->hooks_serial += UINT32_MAX / 2; /* what the keeper has asked for is not answered here */
	/* attach and recover revert what other keepers began, with children of their own */
	k->knows_all = k->plan->job == KEEPER_RUN || k->plan->job == KEEPER_DETACH;
}

static _Noreturn void life(struct keeper *k, int socket)
{
	const uint32_t number = 0;

	cgroup_enter(k, CGROUP_TWIN);
	(void)setsid();
	keeper_rename(k, STANDBY_NAME);
	if (close_the_rest(k, socket) || caps_limit(0) ||
	    send(socket, &number, sizeof(number), MSG_NOSIGNAL) != (ssize_t)sizeof(number))
		_exit(1);
	wait_for_its_end(k, socket);
	become_the_keeper(k, socket);
	_exit(k->take_over(k));
}

static int wait_until_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, ANSWER_MS);
	while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : n < 0 ? -errno : -ETIME;
}

/* Waits until it has acknowledged the last message, the first time: until it sleeps. */
static int wait_for_answer(struct standby *t)
{
	int rc = 0;

	while (!rc && t->answered != t->sent) {
		rc = wait_until_readable(t->socket);
		if (!rc && recv(t->socket, &t->answered, sizeof(t->answered), 0) !=
				   (ssize_t)sizeof(t->answered))
			rc = -ECHILD;
	}
	return rc;
}

static void forget(struct standby *t)
{
	if (t->pidfd >= 0)
		(void)close(t->pidfd);
	if (t->socket >= 0)
		(void)close(t->socket);
	*t = (struct standby)STANDBY_INIT;
}

static int start_one(struct keeper *k)
{
	struct standby *t = &k->standby;
	int pair[2], rc;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	t->pid = fork();
	if (t->pid == 0)
		life(k, pair[1]);
	rc = t->pid < 0 ? -errno : 0;
	(void)close(pair[1]);
	t->socket = pair[0];
	if (!rc) {
		t->pidfd = (int)syscall(SYS_pidfd_open, t->pid, 0);
		rc = t->pidfd < 0 ? -errno : wait_for_answer(t);
	}
	status_set_process(&k->status, VM_STATUS_STANDBY, rc ? 0 : t->pid);
	if (rc)
		standby_end(k);
	return rc;
}

/**
 * standby_start() - have a standby, from before the first change to after the last
 *
 * None is started by a unit's keeper: its service manager does what a standby does.
 *
 * Return: 0, also when there is one; -errno: there is none
 */
int standby_start(struct keeper *k)
{
	int rc;

	if (k->standby.pid || (k->plan->flags & KEEPER_SERVICE))
		return 0;
	rc = k->self < 0 ? -EBADF : start_one(k); /* without its pidfd it would sleep for ever */
	if (rc == -ECHILD) /* killed before it slept */
		rc = start_one(k);
	return rc;
}

static size_t fill_share(struct keeper *k, struct share *share, int fds[SHARED_MAX])
{
	int *fd[SHARED_SINGLE];
	size_t n = 0;

	find_single(k, fd);
	for (size_t i = 0; i < SHARED_SINGLE; i++) {
		share->has[i] = *fd[i] >= 0;
		if (share->has[i])
			fds[n++] = *fd[i];
	}
	share->group_count = (uint32_t)k->group_count;
	for (size_t i = 0; i < k->group_count; i++) {
		share->group[i] = k->group[i];
		fds[n++] = k->group_lock[i];
	}
	share->known_count = (uint32_t)k->known_count;
	for (size_t i = 0; i < k->known_count; i++) {
		share->known[i] = k->known[i];
		fds[n++] = k->known[i].pidfd;
	}
	memcpy(share->name, k->journal.name, sizeof(share->name));
	return n;
}

static int send_share(struct keeper *k, const char *leaves)
{
	struct share share = { .group_count = 0 };
	union share_control control = { .header = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec data = { .iov_base = &share, .iov_len = sizeof(share) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control };
	int fds[SHARED_MAX];
	size_t count = fill_share(k, &share, fds);

	(void)snprintf(share.leaves, sizeof(share.leaves), "%s", leaves);
	share.number = ++k->standby.sent;
	message.msg_controllen = count ? CMSG_SPACE(count * sizeof(int)) : 0;
	control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
	return sendmsg(k->standby.socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* One that has died, or is stopped, is replaced by a new fork, which inherits the whole state. */
static int replace(struct keeper *k)
{
	standby_end(k);
	return standby_ensure(k);
}

/**
 * standby_share() - send the standby the keeper's locks and the pidfds of its children
 *
 * To be called when groups or a journal were locked, and before a child is let go.
 *
 * Return: 0: there is a standby that has it (or a service manager in its place); -errno there is none
 */
int standby_share(struct keeper *k)
{
	int rc = standby_ensure(k);

	if (rc || !k->standby.pid)
		return rc;
	return send_share(k, "") || wait_for_answer(&k->standby) ? replace(k) : 0;
}

/** standby_enter_leaf() - the standby moves itself to its cgroup, which takes 10 ms */
void standby_enter_leaf(struct keeper *k)
{
	if (k->standby.pid && *k->cgroup.base)
		(void)send_share(k, k->cgroup.base);
}

/**
 * standby_has_all() - wait until it is where it belongs, with all that was sent
 *
 * Before the first change: ending this session by its cgroup must not end both.
 *
 * Return: as standby_share()
 */
int standby_has_all(struct keeper *k)
{
	return k->standby.pid && wait_for_answer(&k->standby) ? replace(k) : 0;
}

/**
 * standby_ensure() - is there still one? Else another
 *
 * Called before each change and whenever the loop wakes; silent while there is one.
 *
 * Return: 0; -errno there is none, which was reported once
 */
int standby_ensure(struct keeper *k)
{
	bool died = k->standby.pid && waitpid(k->standby.pid, NULL, WNOHANG) == k->standby.pid;
	int rc;

	if (died)
		forget(&k->standby);
	if (k->standby.pid)
		return 0;
	rc = standby_start(k);
	if (rc && !k->no_standby)
		log_warning("%s: has no standby (%s): a kill -9 of vfio-run would leave its devices to "
			    "`sudo vfio-run recover`", k->journal.name, strerror(-rc));
	else if (died && !rc)
		log_verbose("%s: its standby was killed and replaced", k->journal.name);
	k->no_standby = rc != 0;
	return rc;
}

/**
 * standby_end() - nothing is left that a standby could give back
 *
 * The last thing that is done: all that it shares is closed or taken away by now. One that does
 * not end is left: it acts on nothing any more, as SIGKILL is the first thing that it will get.
 */
void standby_end(struct keeper *k)
{
	struct pollfd p = { .fd = k->standby.pidfd, .events = POLLIN };

	/* not reaped yet, so its pid is not reused */
	if (k->standby.pid > 0 && kill(k->standby.pid, SIGKILL) == 0) {
		if (p.fd >= 0 && poll(&p, 1, END_MS) == 0)
			log_verbose("%s: its standby (process %d) does not end", k->journal.name,
				    (int)k->standby.pid);
		/* dead is not reaped: of what is traced, its tracer hears first */
		(void)waitpid(k->standby.pid, NULL, p.fd >= 0 ? WNOHANG : 0);
	}
	forget(&k->standby);
}

/**
 * standby_know() - before a child is let go: keeper and standby both have its descriptor
 * @row:	of the plan's programs, or KNOWN_WORKER
 * @pidfd:	borrowed
 * @id:		filled, whatever is returned
 *
 * Return: 0; -errno as known_add() and standby_share()
 */
int standby_know(struct keeper *k, int row, pid_t pid, int pidfd, struct process_id *id)
{
	int rc = known_add(k, row, pid, pidfd, id);

	return rc ? rc : standby_share(k);
}

/**
 * standby_move_in() - go to the leaves, with the standby, before anything is changed
 *
 * A job that is no run has nothing to do meanwhile; a run's processes go one after the other.
 */
void standby_move_in(struct keeper *k)
{
	if (k->took_over || !*k->cgroup.base)
		return;
	standby_enter_leaf(k);
	cgroup_enter(k, CGROUP_KEEPER);
	if (standby_has_all(k))
		log_verbose("%s: its standby is not in a cgroup of its own", k->journal.name);
}
