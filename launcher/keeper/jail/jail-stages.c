/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail-stages.c - from a fork of the keeper to the program: one stage after another
 *
 * Each stage should do one thing, and must not do another; any failure is reported through a
 * pipe that the exec closes, and ends the child. The order has reasons:
 *
 *	stage		should					must not
 *	session		no terminal to type into, no Ctrl-C	keep the keeper's session
 *			that was not for it
 *	keys		no key of the caller's session		fail where a kernel has none
 *	separate	mounts go nowhere else from here on	be skipped by what comes next
 *	files		the VM's files are held, opened as	open one as root, or for reading
 *			its user
 *	system		the system's are held, by fixed paths	take one that a user names
 *	root		an empty root				be visible to the host
 *	devices		report that all before works here;	know a group's number before
 *			wait until they are the VM's
 *	dev		nodes of this VM, of its user		touch the host's nodes
 *	proc		the processes of its pid namespace	show the kernel's other files
 *	enter		the old root is gone			leave a way back to it
 *	place		what is held stands at its paths	make anything in what is put in
 *	close		nothing can be made or changed		stop writes to the VM's own disks
 *	name		it does not know the host's name	change the host's own name
 *	limits		locked memory, no core files, tasks,	limit what a disk image can be;
 *			open files				leave one that QEMU would raise
 *	descriptors	what it is given, where it expects it	lose one that it still needs
 *	rest		nothing else is open			wait for the exec to close it
 *	filter (map)	the filter is in memory			stay open as a descriptor
 *	bits		uid 0 would mean nothing		come after the capability it needs
 *	user		uid and gid for good, no groups, no	leave one capability in any set
 *			capabilities, proved; or those of a	leave one of the host's
 *			user namespace of its own
 *	privileges	no exec gives any			come after the filter, which needs it
 *	bond		SIGKILL when the keeper dies		come before the change of uid,
 *								which the kernel clears the first
 *								one for
 *	signals		none blocked, none ignored		come before the pipe is read
 *	parked		wait until it is placed; the pipe's	go on when the keeper died before
 *			end means that the keeper died		the bond was made
 *	filter (on)	last: the exec is all that it allows	be on while any other stage runs
 *
 * A program with a pid namespace is pid 1 of its own: its death, reaped, is the death of
 * everything that it ever started.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/jail/jail-inside.h"
#include "launcher/keeper/process/oom.h"

#define FIRST_FREE_FD 128 /* while descriptors are moved to their places */
#define FILES_MAX 524288 /* what systemd lets a session raise its limit to */

/* ---- failing ---------------------------------------------------------------------------- */

/* ---- stages -------------------------------------------------------------------------------- */

static void leave_session(struct child *c)
{
	if (setsid() < 0 && errno != EPERM)
		jail_fail(c, "leaving the session", NULL, errno);
}

/* root's keyring, or the caller's: the filter denies the calls, this drops the keys. */
static void forget_keys(struct child *c)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) < 0 &&
	    errno != ENOSYS && errno != EDQUOT)
		jail_fail(c, "leaving the session's keys", NULL, errno);
}

/* An entry of ~/.Xauthority is found by the host's name. Source: libXau, XauGetBestAuthByAddr(). */
static void rename_host(struct child *c)
{
	if (!c->jail->host_name)
		jail_check(c, sethostname("vm", 2), "naming its host");
}

static void limit(const struct child *c, int what, rlim_t value, const char *step)
{
	const struct rlimit both = { value, value };

	jail_check(c, setrlimit((__rlimit_resource_t)what, &both), step);
}

/*
 * Soft and hard are one: where they differ QEMU raises the soft one, since 9.0, at a time when it
 * cannot even warn. The filter refuses that, and QEMU ends with an assertion of its own.
 */
static void limit_files(const struct child *c)
{
	struct rlimit files;

	jail_check(c, getrlimit(RLIMIT_NOFILE, &files), "limiting open files");
	limit(c, RLIMIT_NOFILE, files.rlim_max < FILES_MAX ? files.rlim_max : FILES_MAX,
	      "limiting open files");
}

/*
 * A core limit of 0 is for files: a core that goes to a program, which root runs, is written
 * whatever it is, all of the guest's memory, and where that program hangs the dead QEMU keeps
 * its devices. 1 is the value that means none to the kernel. Source: core(5), do_coredump()
 *
 * Where the hard limit is 0 already, 1 would raise it, which takes CAP_SYS_RESOURCE: 0 stays.
 */
static void limit_core(const struct child *c)
{
	struct rlimit core;

	jail_check(c, getrlimit(RLIMIT_CORE, &core), "limiting core files");
	limit(c, RLIMIT_CORE, core.rlim_max < 1 ? 0 : 1, "limiting core files");
}

/* A login's may be lower (pam_limits), and stays. */
static void limit_threads(const struct child *c)
{
	const rlim_t most = c->jail->profile->tasks_max;
	struct rlimit tasks;

	jail_check(c, getrlimit(RLIMIT_NPROC, &tasks), "limiting threads");
	limit(c, RLIMIT_NPROC, tasks.rlim_max < most ? tasks.rlim_max : most, "limiting threads");
}

static void set_limits(struct child *c)
{
	limit_files(c);
	limit_core(c);
	if (c->jail->memlock_bytes)
		limit(c, RLIMIT_MEMLOCK, c->jail->memlock_bytes, "raising locked memory");
	if (c->jail->profile->tasks_max)
		limit_threads(c);
	(void)umask(077);
	jail_check(c, chdir("/"), "leaving the directory");
}

/* Out of the way first: a target number may be the source of another. */
static int move_up(const struct child *c, int fd)
{
	int moved = fd < 0 ? open("/dev/null", O_RDWR | O_CLOEXEC) : fd;

	moved = fcntl(moved, F_DUPFD_CLOEXEC, FIRST_FREE_FD);
	jail_check(c, moved, "moving descriptors");
	return moved;
}

static void place_descriptors(struct child *c)
{
	const struct jail *jail = c->jail;
	int standard[3] = { jail->input, jail->output, jail->errors };
	int last = 3 + (int)jail->pass_count;
	int moved[3 + KEEPER_CHANNELS_MAX];

	_Static_assert(3 + KEEPER_CHANNELS_MAX <= FIRST_FREE_FD, "no target is a source");

	c->failure = move_up(c, c->failure);
	c->park = move_up(c, c->park);
	c->program = jail->program >= 0 ? move_up(c, jail->program) : -1;
	for (int i = 0; i < last; i++)
		moved[i] = move_up(c, i < 3 ? standard[i] : jail->pass[i - 3]);
	for (int i = 0; i < last; i++)
		jail_check(c, dup2(moved[i], i), "placing descriptors");
	for (int i = 0; i < last; i++)
		(void)close(moved[i]);
}

/* What is above stays for the exec alone: it has its mark, or gets it now. */
static void close_the_rest(struct child *c)
{
	int last = 3 + (int)c->jail->pass_count;

	jail_check(c, (int)syscall(SYS_close_range, last, FIRST_FREE_FD - 1, 0),
		   "closing descriptors");
	jail_check(c, (int)syscall(SYS_close_range, FIRST_FREE_FD, ~0U, 1u << 2 /* CLOEXEC */),
		   "closing descriptors");
}

static void set_bits(struct child *c)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
				   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
				   SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;

	jail_check(c, prctl(PR_SET_SECUREBITS, bits, 0, 0, 0), "locking its security bits");
}

static void become_user(struct child *c)
{
	if (c->jail->profile->own_users) {
		jail_become_root_of_its_own(c);
		return;
	}
	jail_check(c, caps_become(c->jail->uid, c->jail->gid), "becoming the user");
}

static void give_up_privileges(struct child *c)
{
	jail_check(c, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "giving up new privileges");
}

static void bind_to_keeper(struct child *c)
{
	jail_check(c, prctl(PR_SET_PDEATHSIG, SIGKILL), "binding it to the keeper");
}

static void default_signals(struct child *c)
{
	/* the prologue made all others default, and the keeper has no handlers */
	static const int maybe_ignored[] = { SIGPIPE, SIGCHLD, SIGHUP,	SIGINT,
					     SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU };
	sigset_t none;

	(void)c;
	for (size_t i = 0; i < ARRAY_SIZE(maybe_ignored); i++)
		(void)signal(maybe_ignored[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A keeper that died before the bond was made can have sent the byte: then its pipe hangs up. */
static void wait_parked(struct child *c)
{
	struct pollfd p = { .fd = c->park };
	char byte;
	ssize_t n;

	do
		n = read(c->park, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1 || poll(&p, 1, 0) != 0)
		_exit(127); /* the keeper is gone */
}

/* What cannot be done here, an old kernel's mounts or a file of the user's, shows before this. */
static void wait_for_devices(struct child *c)
{
	const struct jail_failure built = { .error = 0 };

	(void)!write(c->failure, &built, sizeof(built));
	wait_parked(c);
}

/* ---- their order ------------------------------------------------------------------------------ */

/* clang-format off */
static const struct {
	const char *name;
	bool own_root;	/* only of a profile with one */
	void (*run)(struct child *c);
} stages[] = {
	{ "session",     false, leave_session },
	{ "keys",        false, forget_keys },
	{ "separate",    true,  jail_separate },
	{ "files",       true,  jail_take_files },
	{ "system",      true,  jail_take_system },
	{ "root",        true,  jail_make_root },
	{ "devices",     true,  wait_for_devices },
	{ "dev",         true,  jail_make_dev },
	{ "proc",        true,  jail_make_proc },
	{ "enter",       true,  jail_enter },
	{ "place",       true,  jail_place },
	{ "close",       true,  jail_close_root },
	{ "name",        true,  rename_host },
	{ "limits",      false, set_limits },
	{ "map",         false, jail_map_filter },
	{ "descriptors", false, place_descriptors },
	{ "rest",        false, close_the_rest },
	{ "bits",        false, set_bits },
	{ "user",        false, become_user },
	{ "privileges",  false, give_up_privileges },
	{ "bond",        false, bind_to_keeper },
	{ "signals",     false, default_signals },
	{ "parked",      false, wait_parked },
	{ "filter",      false, jail_put_filter_on },
};
/* clang-format on */

/** jail_inside() - the child: becomes the program, or reports why not and ends */
_Noreturn void jail_inside(struct child *c)
{
	const struct jail *jail = c->jail;

	struct pollfd keeper = { .fd = c->park };

	bind_to_keeper(c);
	if (poll(&keeper, 1, 0) != 0)
		_exit(127); /* it died before that */
	oom_unprotect();
	(void)umask(0); /* every mode is written out */
	for (size_t i = 0; i < ARRAY_SIZE(stages); i++)
		if (jail->profile->own_root ? !jail_skips(stages[i].name) : !stages[i].own_root)
			stages[i].run(c);
	if (c->program >= 0)
		(void)execveat(c->program, "", jail->argv, jail->env, AT_EMPTY_PATH);
	else
		(void)execve(jail->argv[0], jail->argv, jail->env);
	jail_fail(c, "executing it", NULL, errno);
}
