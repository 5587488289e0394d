// SPDX-License-Identifier: GPL-2.0-or-later
/* self.c - what it is: ids, rights, limits, descriptors; others that it must not reach */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/lab/probe/probe.h"

static void try_status(void)
{
	static const char *const lines[] = {
		"CapInh:\t0000000000000000", "CapPrm:\t0000000000000000", "CapEff:\t0000000000000000",
		"CapBnd:\t0000000000000000", "CapAmb:\t0000000000000000", "NoNewPrivs:\t1",
		"SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000", "Umask:\t0077",
	};
	static char status[8192];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);

	row("G5", fd < 0 || read(fd, status, sizeof(status) - 1) <= 0, "no /proc/self/status");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		row("G1", !strstr(status, lines[i]), "not \"%s\"", lines[i]);
	row("G19", filtered != !!strstr(status, "Seccomp:\t2"), "no filter");
	if (fd >= 0)
		close(fd);
}

static void try_ids(void)
{
	uid_t r = 0, e = 0, s = 0;
	gid_t rg = 0, eg = 0, sg = 0;

	(void)getresuid(&r, &e, &s);
	row("G1", !r || r != e || e != s, "uids %u %u %u", r, e, s);
	(void)getresgid(&rg, &eg, &sg);
	row("G1", !rg || rg != eg || eg != sg, "gids %u %u %u", rg, eg, sg);
	row("G1", getgroups(0, NULL) != 0, "it has groups");
	row("G12", getpid() != 1, "it is process %d", getpid());
	row("G3", getppid() != 0, "it sees its parent");
	if (!filtered) {
		row("G8", getsid(0) != 1, "it is in session %d", getsid(0));
		row("G1", setuid(0) == 0 || setgid(0) == 0, "became root");
		row("G1", prctl(PR_GET_SECUREBITS) != 0xcf, "security bits %#x", prctl(PR_GET_SECUREBITS));
	}
}

static void try_limits(void)
{
	char cwd[64] = "", host[65] = "";
	struct rlimit limit;

	row("G24", getrlimit(RLIMIT_CORE, &limit) || limit.rlim_max != 1, "core files");
	row("G11", getrlimit(RLIMIT_NPROC, &limit) || limit.rlim_max > 16384, "no limit for threads");
	row("G11", getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_max > 524288, "no limit for files");
	row("G25", limit.rlim_cur != limit.rlim_max, "QEMU would raise its %lu files to %lu, and end",
	    (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
	row("G6", !getcwd(cwd, sizeof(cwd)) || strcmp(cwd, "/"), "it stands in %s", cwd);
	row("G1", gethostname(host, sizeof(host)) || strcmp(host, "vm"), "the host is %s", host);
	for (char **v = environ; *v; v++)
		row("S2", strncmp(*v, "PATH=", 5) && strncmp(*v, "HOME=", 5) && strncmp(*v, "LC_ALL=", 7),
		    "variable %s", *v);
}

static void try_descriptors(void)
{
	struct stat st;

	for (int fd = 0; fd < 1024; fd++)
		if (fd > 3 && fcntl(fd, F_GETFD) >= 0 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
			row("G5", true, "descriptor %d", fd);
	for (int fd = 0; fd < 3; fd++)
		row("G5", fcntl(fd, F_GETFD) < 0, "no descriptor %d", fd);
	for (int fd = 0; fd < 4; fd++)
		row("G6", fstat(fd, &st) == 0 && S_ISDIR(st.st_mode), "descriptor %d is a directory", fd);
}

void try_self(void)
{
	try_descriptors();
	try_ids();
	try_status();
	try_limits();
}

/* ---- others --------------------------------------------------------------------------------- */

static void try_terminal(void)
{
	static const unsigned long requests[] = { TIOCSTI, TIOCLINUX, TIOCSTI | 1UL << 32,
						  TIOCLINUX | 1UL << 63, TIOCSCTTY };
	char byte = 'x';

	row("G8", open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0, "opened its terminal");
	for (int fd = 0; fd < 4; fd++) {
		row("G8", isatty(fd), "descriptor %d is a terminal", fd);
		for (size_t i = 0; i < ARRAY_SIZE(requests) && filtered; i++)
			row("G8", syscall(SYS_ioctl, fd, requests[i], &byte) == 0 || errno != EPERM,
			    "ioctl %#lx on %d: %s", requests[i], fd, strerror(errno));
	}
}

void try_processes(void)
{
	int number = 0;

	row("G4", kill(-1, 0) == 0, "there are others to signal");
	for (pid_t pid = 2; pid < 400; pid++)
		if (kill(pid, 0) == 0 || errno != ESRCH)
			row("G4", true, "process %d can be seen", pid);
	row("G4", kill(-1, SIGKILL) == 0, "killed somebody");
	try_terminal();
	if (filtered) {
		row("G12", fork() >= 0, "forked"); /* by clone: EPERM */
		return;
	}
	(void)prctl(PR_GET_PDEATHSIG, &number);
	row("G12", number != SIGKILL, "it outlives the keeper");
	row("G3", shmget(0x76667230, 0, 0) >= 0, "sees memory of another IPC namespace");
	row("G3", syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user",
			  "vfio-run-probe", 0) >= 0, "found a key of the caller's session");
}

/*
 * Calls that the kernel puts into a traced program itself, and asks no filter about: uretprobe
 * since 6.14 and the stable kernels of that time, uprobe since 6.18. From anywhere but its own
 * page it does nothing for them, and returns an error of their own. Source: kernel/seccomp.c,
 * arch/x86/kernel/uprobes.c
 */
static const struct {
	int number, signal, error;
} unasked[] = {
	{ 335, SIGILL, 0 },
	{ 336, 0, EPROTO },
	{ 336, 0, ENXIO }, /* at first */
};

static sigjmp_buf after_signal;

static void on_signal(int number)
{
	siglongjmp(after_signal, number);
}

static bool is_unasked(int number, int signal_number, int error)
{
	for (size_t i = 0; i < ARRAY_SIZE(unasked); i++)
		if (unasked[i].number == number && unasked[i].signal == signal_number &&
		    unasked[i].error == error)
			return true;
	return false;
}

static void try_call(int number, int wanted, const char *name)
{
	int got = sigsetjmp(after_signal, 1);
	long result = -1;

	errno = 0;
	if (!got)
		result = syscall(number, -1L, -1L, -1L, -1L, -1L, -1L);
	if (is_unasked(number, got, errno))
		row("G19", false, "%s", name);
	else
		row("G19", result != -1 || got || errno != wanted, "%s (%d): %s", name, number,
		    got ? strsignal(got) : result == -1 ? strerror(errno) : "allowed");
}

/* Every call that the filter does not allow: what it answers, and that nothing is done. */
void try_calls(const char *list)
{
	int number, error, length;
	char name[64];

	(void)signal(SIGILL, on_signal);
	for (; sscanf(list, "%d %d %63s\n%n", &number, &error, name, &length) == 3; list += length)
		try_call(number, error, name);
	(void)signal(SIGILL, SIG_DFL);
}
