/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail.c - starting a program as the VM's user, with nothing but what it needs
 *
 * What the child does, in which order and why, stands in jail-stages.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/keeper/jail/jail-inside.h"

#define OWN_NAMESPACES (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS)

/* clang-format off */
static const struct jail_profile profiles[KEEPER_JAIL_MAX] = {
	[KEEPER_JAIL_USER] = { .own_root = false },
	[KEEPER_JAIL_VM]   = { .own_root = true,
			       .namespaces = OWN_NAMESPACES,
			       .tasks_max = 16384 },
	[KEEPER_JAIL_BESIDE] = { .own_root = true,
				 .namespaces = OWN_NAMESPACES,
				 .tasks_max = 16384 },
	[KEEPER_JAIL_PROC] = { .own_root = true,
			       .namespaces = OWN_NAMESPACES,
			       .tasks_max = 16384,
			       .all_of_proc = true },
	[KEEPER_JAIL_NETWORK] = { .own_root = true,
				  .namespaces = OWN_NAMESPACES,
				  .tasks_max = 16384,
				  .network = true },
	[KEEPER_JAIL_USERS] = { .own_root = true,
				.namespaces = OWN_NAMESPACES,
				.tasks_max = 16384,
				.all_of_proc = true,
				.own_users = true },
};

/* A profile's; the network's is asked for apart: a card can need the host's. */
static const struct {
	const char *name;
	unsigned long flag;
} namespaces[] = {
	{ "pid-namespace",   CLONE_NEWPID },
	{ "mount-namespace", CLONE_NEWNS },
	{ "ipc-namespace",   CLONE_NEWIPC },
	{ "uts-namespace",   CLONE_NEWUTS },
};
/* clang-format on */

/** jail_profile() - the kind of a jail that a row of the plan asks for; it was checked */
const struct jail_profile *jail_profile(enum keeper_jail jail)
{
	return &profiles[jail];
}

static unsigned long namespace_flags(const struct jail *jail)
{
	unsigned long flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(namespaces); i++)
		if (!jail_skips(namespaces[i].name))
			flags |= namespaces[i].flag & (unsigned long)jail->profile->namespaces;
	if (jail->private_network && !jail_skips("network-namespace"))
		flags |= CLONE_NEWNET;
	return flags;
}

/*
 * clone3(2) only for the cgroup: a service manager's filter that limits namespaces cannot see
 * its flags, and refuses it. There are no cgroups of ours there, and clone(2) does all else.
 * Source: systemd.exec(5), RestrictNamespaces=
 */
static pid_t start_child(const struct jail *jail, struct jailed *out)
{
	unsigned long flags = namespace_flags(jail) | CLONE_PIDFD;
	const struct clone_args args = { .flags = flags | CLONE_INTO_CGROUP,
					 .pidfd = (uintptr_t)&out->pidfd,
					 .exit_signal = SIGCHLD,
					 .cgroup = (uint64_t)jail->leaf };
	pid_t pid = jail->leaf < 0 ? -1 : (pid_t)syscall(SYS_clone3, &args, sizeof(args));

	out->in_leaf = pid > 0;
	if (pid >= 0)
		return pid;
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, &out->pidfd, NULL, NULL);
}

static void close_pair(const int pair[2])
{
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/**
 * jail_start() - fork a program and park it just before its exec
 * @jail:	borrowed, also by the child
 * @out:	filled; end with jail_forget() after it was reaped
 *
 * Return: 0; -errno of pipe2(2) or clone(2). What fails in the child shows in
 *	   jail_failure().
 * Context: all of root's capabilities
 */
int jail_start(const struct jail *jail, struct jailed *out)
{
	int park[2], failure[2], dev[2] = { -1, -1 }, rc;
	struct child c;
	pid_t pid;

	*out = (struct jailed)JAILED_NONE;
	if (pipe2(park, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(failure, O_CLOEXEC) < 0) {
		rc = -errno;
		close_pair(park);
		return rc;
	}
	if (jail_has_late_nodes(jail) &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, dev) < 0) {
		rc = -errno;
		close_pair(park);
		close_pair(failure);
		return rc;
	}
	c = (struct child){ .jail = jail, .park = park[0], .failure = failure[1], .dev = dev[1],
			    .program = -1 };
	pid = start_child(jail, out);
	rc = pid < 0 ? -errno : 0;
	if (pid == 0) {
		(void)close(park[1]); /* or it would never see the keeper's end */
		if (dev[0] >= 0)
			(void)close(dev[0]);
		jail_inside(&c);
	}
	if (dev[1] >= 0)
		(void)close(dev[1]);
	(void)close(park[0]);
	(void)close(failure[1]);
	out->park = park[1];
	out->failure = failure[0];
	out->dev = dev[0];
	out->pid = rc ? 0 : pid;
	if (rc)
		jail_forget(out);
	return rc;
}

/**
 * jail_built() - is all done that needs no device, for a program with a root of its own?
 * @out:	filled when not: why; its step is "" when the child was killed
 *
 * To be asked when its failure pipe is readable.
 *
 * Return: 0 it is, and the program waits for its devices; -ECHILD it never will be
 */
int jail_built(struct jailed *j, struct jail_failure *out)
{
	*out = (struct jail_failure){ .error = ECHILD };
	return read(j->failure, out, sizeof(*out)) == (ssize_t)sizeof(*out) && !out->error ? 0 : -ECHILD;
}

/**
 * jail_devices_ready() - the nodes of its /dev exist: a program with a root of its own goes on
 *
 * All before its /dev can be done while drivers still let go of their devices. One that has
 * failed by now reports why when it is reaped.
 *
 * Return: 0, also when it is gone; -errno: it will wait for ever
 */
int jail_devices_ready(const struct jailed *j)
{
	return write(j->park, "", 1) == 1 || errno == EPIPE ? 0 : -errno;
}

/**
 * jail_let_go() - the program is placed: let it execute
 *
 * The pipe stays open: its end still means that the keeper is dead, for a child that reads
 * the byte when it is.
 *
 * Return: 0; -errno when it is gone already
 */
int jail_let_go(struct jailed *j)
{
	ssize_t n = write(j->park, "", 1);
	int rc = n == 1 ? 0 : -errno;

	return rc;
}

/**
 * jail_failure() - why was nothing executed?
 * @out:	filled when there is a reason
 *
 * To be asked when the child is dead; does not block then.
 *
 * Return: true when the child reported a failure before its exec
 */
bool jail_failure(struct jailed *j, struct jail_failure *out)
{
	ssize_t n;

	if (j->failure < 0)
		return false;
	do
		n = read(j->failure, out, sizeof(*out));
	while (n == (ssize_t)sizeof(*out) && !out->error);
	out->step[sizeof(out->step) - 1] = '\0';
	return n == (ssize_t)sizeof(*out);
}

/** jail_forget() - close what is left of a program that was reaped, or never was */
void jail_forget(struct jailed *j)
{
	const int fds[] = { j->pidfd, j->park, j->failure, j->dev };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	*j = (struct jailed)JAILED_NONE;
}
