/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scope.c - asking systemd for a scope, through a program that can be done without */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/keeper/process/oom.h"
#include "launcher/keeper/process/scope.h"

#define DEADLINE_MS 5000
#define END_MS 1000 /* from SIGKILL; one that waits in the kernel may never end */
#define NUMBER_TEXT 12

/* In the child: it is as killable as any other, and must not outlive the keeper. */
static _Noreturn void execute(int program, char **argv, pid_t parent)
{
	char *env[] = { NULL };
	sigset_t none;

	oom_unprotect();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(ECHILD); /* it is dead already, and sends no signal */
	(void)execveat(program, "", argv, env, AT_EMPTY_PATH);
	_exit(errno);
}

/* Return: its exit status as -errno; -ETIME it was not done in time */
static int wait_for(pid_t pid)
{
	cleanup_close int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool late = fd < 0 || poll(&p, 1, DEADLINE_MS) <= 0;
	int status = 0;

	if (late) {
		(void)kill(pid, SIGKILL);
		(void)poll(&p, 1, END_MS);
	}
	if (waitpid(pid, &status, late ? WNOHANG : 0) < 0)
		return -errno;
	if (late)
		return -ETIME;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

/**
 * scope_ask() - execute the program, and wait for its end
 * @argv:	ends with NULL
 *
 * Return: its exit status as -errno; -ETIME no answer in five seconds; other -errno
 */
int scope_ask(int program, char **argv)
{
	pid_t parent = getpid(), child = fork();

	if (child < 0)
		return -errno;
	if (child == 0)
		execute(program, argv, parent);
	return wait_for(child);
}

/**
 * scope_start() - move processes into a new scope of a VM
 * @program:	programs/scope.c, open
 * @name:	the VM's
 * @stop_s:	seconds from systemd's SIGTERM to its SIGKILL
 * @pid:	at most SCOPE_PIDS_MAX
 *
 * Return: 0; -EEXIST there is such a scope; -ETIME no answer in five seconds; other -errno.
 *	   They are where they were then, or will be moved later: no promise depends on it.
 */
int scope_start(int program, enum scope_role role, const char *name, unsigned int stop_s,
		const pid_t *pid, size_t count)
{
	char words[][16] = { "scope", "keeper", "vm", "isolated" };
	char seconds[NUMBER_TEXT], pids[SCOPE_PIDS_MAX][NUMBER_TEXT], vm[64];
	char *argv[4 + SCOPE_PIDS_MAX + 1] = { words[0], words[1 + role], vm, seconds };

	if (count > SCOPE_PIDS_MAX || role >= SCOPE_ROLES)
		return -E2BIG;
	(void)snprintf(vm, sizeof(vm), "%s", name);
	(void)snprintf(seconds, sizeof(seconds), "%u", stop_s);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(pids[i], sizeof(pids[i]), "%d", (int)pid[i]);
		argv[4 + i] = pids[i];
	}
	return scope_ask(program, argv);
}
