// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stub.c - stands in the keeper's place: starts the tracer, then becomes the real one
 *
 * The tracer is a grandchild, which no process waits for, so the keeper has the pid, the parent and
 * the children that it would have without it.
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/keeper/handover.h"
#include "tests/lab/matrix/matrix.h"

static bool is_meant(struct spec *spec)
{
	static struct keeper_plan plan;
	int fd = open(SPEC_FILE, O_RDONLY | O_CLOEXEC);
	bool meant = fd >= 0 && read(fd, spec, sizeof(*spec)) == (ssize_t)sizeof(*spec);

	if (fd >= 0)
		(void)close(fd);
	return meant &&
	       pread(KEEPER_FD_PLAN, &plan, sizeof(plan), 0) >= (ssize_t)offsetof(struct keeper_plan, flags) &&
	       plan.job == spec->job;
}

/* Calls that are to fail stop for the tracer, in the keeper and in all that it starts. */
static bool filter_calls(const struct spec *spec)
{
	struct sock_filter rule[FAULTS_MAX * 2 + 2];
	struct sock_fprog program = { .filter = rule };

	rule[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							   offsetof(struct seccomp_data, nr));
	for (unsigned int i = 0; i < spec->count; i++) {
		rule[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned int)spec->fault[i].at.call, 0, 1);
		rule[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	rule[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

_Noreturn void stub(char **argv)
{
	struct spec spec;
	int ready[2], raised[2];
	pid_t keeper = getpid(), child;
	char byte;

	if (is_meant(&spec) && pipe2(ready, O_CLOEXEC) == 0) {
		for (int i = 0; i < 2; i++) /* out of the way of the keeper's own */
			raised[i] = fcntl(ready[i], F_DUPFD_CLOEXEC, 64);
		child = fork();
		if (child == 0) {
			if (fork() == 0)
				tracer(keeper, &spec, raised[1]);
			_exit(0);
		}
		(void)waitpid(child, NULL, 0);
		for (int i = 0; i < 2; i++)
			(void)close(ready[i]);
		(void)close(raised[1]);
		if (read(raised[0], &byte, 1) != 1)
			_exit(126);
		(void)close(raised[0]);
		if (!spec.trace && !filter_calls(&spec))
			_exit(126);
	}
	(void)execv(KEEPER_REAL, argv);
	_exit(126);
}
