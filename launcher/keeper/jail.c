/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail.c - starting a program as the VM's user, with nothing but what it needs
 *
 * The child goes through stages, each of which has a reason to stand where it does:
 *
 *	session		its own: no terminal to type into, no Ctrl-C that was not for it
 *	views		mounts, private /dev, /proc of its pid namespace: needs all of root
 *	limits		locked memory, core files: the hard limits need root
 *	descriptors	what it is given, at the numbers it expects; all others are closed
 *	user		uid and gid for good, no groups, no capabilities, proved
 *	bonds		no_new_privs, and SIGKILL when the keeper dies: the kernel forgets
 *			the latter at a change of uid, so it comes after
 *	parked		until the keeper has placed it; the pipe's end means that the keeper
 *			died before the bond was made
 *	exec
 *
 * A program with namespaces is pid 1 of its own: its death, reaped, is the death of
 * everything that it ever started. Any failure is told through a pipe that an exec
 * closes, and ends the child.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/caps.h"
#include "launcher/keeper/jail.h"
#include "launcher/keeper/oom.h"

#define PRIVATE_DEV_OPTIONS "mode=0755,size=64k,nr_inodes=128"
#define FIRST_FREE_FD 64 /* while descriptors are moved to their places */

/* clang-format off */
/* The nodes that a plan can name and where the kernel tells their numbers; 0, 0: asked there. */
static const struct {
	const char *path;
	unsigned int major, minor;
	const char *number;	/* file that holds "major:minor" */
} known_nodes[] = {
	{ "null",      1, 3, NULL },
	{ "zero",      1, 5, NULL },
	{ "full",      1, 7, NULL },
	{ "random",    1, 8, NULL },
	{ "urandom",   1, 9, NULL },
	{ "kvm",       0, 0, "/sys/class/misc/kvm/dev" },
	{ "vfio/vfio", 0, 0, "/sys/class/misc/vfio/dev" },
	{ "net/tun",   0, 0, "/sys/class/misc/tun/dev" },
};
/* clang-format on */

/* ---- the child ------------------------------------------------------------------- */

struct child {
	const struct jail *jail;
	int park, failure;
};

static _Noreturn void fail(const struct child *c, const char *step, int error)
{
	struct jail_failure f = { .error = error };

	(void)snprintf(f.step, sizeof(f.step), "%s", step);
	(void)!write(c->failure, &f, sizeof(f));
	_exit(127);
}

static void check(const struct child *c, int rc, const char *step)
{
	if (rc < 0)
		fail(c, step, errno);
}

/* Numbers of a node, from the table, from the kernel, or for a disk from the plan. */
static int node_numbers(const struct keeper_node *n, dev_t *out)
{
	char path[96], text[32];
	const char *number = NULL;
	unsigned int major_no, minor_no;

	for (size_t i = 0; i < ARRAY_SIZE(known_nodes); i++) {
		if (strcmp(known_nodes[i].path, n->path))
			continue;
		number = known_nodes[i].number;
		if (!number) {
			*out = makedev(known_nodes[i].major, known_nodes[i].minor);
			return 0;
		}
	}
	if (!number && !strncmp(n->path, "vfio/", 5)) {
		(void)snprintf(path, sizeof(path), "/sys/class/vfio/%s/dev", n->path + 5);
		number = path;
	}
	if (!number && n->block && n->major) {
		*out = makedev(n->major, n->minor);
		return 0;
	}
	if (!number || sysfs_read(AT_FDCWD, number, text, sizeof(text)) <= 0 ||
	    sscanf(text, "%u:%u", &major_no, &minor_no) != 2) {
		errno = ENODEV;
		return -1;
	}
	*out = makedev(major_no, minor_no);
	return 0;
}

/* Makes the directories above a node. */
static int make_parents(char *path)
{
	for (char *slash = strchr(path + strlen("/dev/"), '/'); slash; slash = strchr(slash + 1, '/')) {
		int rc;

		*slash = '\0';
		rc = mkdir(path, 0755);
		*slash = '/';
		if (rc < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int make_node(const struct jail *jail, const struct keeper_node *n)
{
	char path[KEEPER_NODE_PATH_MAX + 8];
	dev_t numbers;

	(void)snprintf(path, sizeof(path), "/dev/%s", n->path);
	if (node_numbers(n, &numbers) < 0 || make_parents(path) < 0 ||
	    mknod(path, (n->block ? S_IFBLK : S_IFCHR) | 0600, numbers) < 0)
		return -1;
	return chown(path, jail->uid, jail->gid);
}

/* The host's /dev is covered, never changed: there is nothing to restore after a crash. */
static void private_dev(const struct child *c)
{
	const struct jail *jail = c->jail;

	check(c, mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, PRIVATE_DEV_OPTIONS),
	      "covering /dev");
	for (uint32_t i = 0; i < jail->node_count; i++)
		if (make_node(jail, &jail->node[i]) < 0)
			fail(c, "making a device node", errno);
	check(c, symlink("/proc/self/fd", "/dev/fd"), "making /dev/fd");
	check(c, mount(NULL, "/dev", NULL, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL),
	      "closing /dev");
}

static void views(const struct child *c)
{
	if (!c->jail->namespaces)
		return;
	check(c, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "separating mounts");
	private_dev(c);
	check(c, mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL),
	      "mounting its /proc");
}

static void limits(const struct child *c)
{
	struct rlimit none = { 0, 0 };
	struct rlimit memlock = { c->jail->memlock_bytes, c->jail->memlock_bytes };

	check(c, setrlimit(RLIMIT_CORE, &none), "limiting core files");
	if (c->jail->memlock_bytes)
		check(c, setrlimit(RLIMIT_MEMLOCK, &memlock), "raising locked memory");
}

/* Out of the way first: a target number may be the source of another. */
static int move_up(const struct child *c, int fd)
{
	int moved = fd < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : fd;

	moved = fcntl(moved, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	check(c, moved, "moving descriptors");
	return moved;
}

static void descriptors(struct child *c, int *program)
{
	const struct jail *jail = c->jail;
	int standard[3] = { jail->input, jail->output, jail->errors };
	int last = 3 + (int)jail->pass_count;
	int moved[16];

	c->failure = move_up(c, c->failure);
	c->park = move_up(c, c->park);
	*program = jail->program >= 0 ? move_up(c, jail->program) : -1;
	for (int i = 0; i < last; i++)
		moved[i] = move_up(c, i < 3 ? standard[i] : jail->pass[i - 3]);
	for (int i = 0; i < last; i++)
		check(c, dup2(moved[i], i), "placing descriptors");
	/* what stays above is closed by the exec: it has its mark */
	check(c, (int)syscall(SYS_close_range, last, FIRST_FREE_FD - 1, 0), "closing descriptors");
	for (int i = 0; i < last; i++)
		(void)close(moved[i]);
}

/* Whatever else was inherited and is not marked is marked now. */
static void mark_the_rest(const struct child *c)
{
	check(c, (int)syscall(SYS_close_range, FIRST_FREE_FD, ~0U, 1u << 2 /* CLOSE_RANGE_CLOEXEC */),
	      "closing descriptors");
}

static void wait_parked(const struct child *c)
{
	char byte;
	ssize_t n;

	do
		n = read(c->park, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(127); /* the keeper is gone */
}

static void default_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void child(struct child *c)
{
	const struct jail *jail = c->jail;
	int program;

	oom_unprotect();
	if (setsid() < 0 && errno != EPERM)
		fail(c, "leaving the session", errno);
	views(c);
	(void)umask(077);
	check(c, chdir("/"), "leaving the directory");
	limits(c);
	descriptors(c, &program);
	mark_the_rest(c);
	check(c, caps_become(jail->uid, jail->gid), "becoming the user");
	check(c, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "giving up new privileges");
	check(c, prctl(PR_SET_PDEATHSIG, SIGKILL), "binding it to the keeper");
	default_signals();
	wait_parked(c);
	if (program >= 0)
		(void)execveat(program, "", jail->argv, jail->env, AT_EMPTY_PATH);
	else
		(void)execve(jail->argv[0], jail->argv, jail->env);
	fail(c, "executing it", errno);
}

/* ---- the keeper ------------------------------------------------------------------- */

static pid_t start_child(const struct jail *jail, int *pidfd)
{
	struct clone_args args = { .flags = CLONE_PIDFD,
				   .pidfd = (uint64_t)(uintptr_t)pidfd,
				   .exit_signal = SIGCHLD };

	if (jail->namespaces)
		args.flags |= CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS;
	if (jail->private_network)
		args.flags |= CLONE_NEWNET;
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

/**
 * jail_start() - fork a program and park it just before its exec
 * @jail:	borrowed, also by the child
 * @out:	filled; end with jail_forget() after it was reaped
 *
 * Return: 0; -errno of pipe2(2) or clone3(2). What fails in the child shows in
 *	   jail_failure().
 * Context: all of root's capabilities
 */
int jail_start(const struct jail *jail, struct jailed *out)
{
	int park[2], failure[2], rc;
	struct child c;
	pid_t pid;

	*out = (struct jailed)JAILED_NONE;
	if (pipe2(park, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(failure, O_CLOEXEC) < 0) {
		rc = -errno;
		(void)close(park[0]);
		(void)close(park[1]);
		return rc;
	}
	c = (struct child){ .jail = jail, .park = park[0], .failure = failure[1] };
	pid = start_child(jail, &out->pidfd);
	rc = pid < 0 ? -errno : 0;
	if (pid == 0) {
		(void)close(park[1]); /* or it would never see the keeper's end */
		child(&c);
	}
	(void)close(park[0]);
	(void)close(failure[1]);
	out->park = park[1];
	out->failure = failure[0];
	out->pid = rc ? 0 : pid;
	if (rc)
		jail_forget(out);
	return rc;
}

/** jail_let_go() - the program is placed: let it execute; 0 or -errno when it is gone already */
int jail_let_go(struct jailed *j)
{
	ssize_t n = write(j->park, "", 1);
	int rc = n == 1 ? 0 : -errno;

	(void)close(j->park);
	j->park = -1;
	return rc;
}

/**
 * jail_failure() - why was nothing executed?
 * @out:	filled when there is a reason
 *
 * To be asked when the child is dead; does not block then.
 *
 * Return: true when the child told of a failure before its exec
 */
bool jail_failure(struct jailed *j, struct jail_failure *out)
{
	ssize_t n;

	if (j->failure < 0)
		return false;
	n = read(j->failure, out, sizeof(*out));
	out->step[sizeof(out->step) - 1] = '\0';
	return n == (ssize_t)sizeof(*out);
}

/** jail_forget() - close what is left of a program that was reaped, or never was */
void jail_forget(struct jailed *j)
{
	const int fds[] = { j->pidfd, j->park, j->failure };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
	*j = (struct jailed)JAILED_NONE;
}
