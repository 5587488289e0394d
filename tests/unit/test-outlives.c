// SPDX-License-Identifier: GPL-2.0-or-later
/* test-outlives.c - a program does nothing when who has started it was killed before it could be bound to that */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/keeper/process/scope.h"
#include "launcher/keeper/worker/work.h"

static char folder[] = "/tmp/test-outlives.XXXXXX";
static bool killed_before;

/* Its parent is killed right before it asks for a signal at its parent's death. */
int prctl(int option, ...)
{
	unsigned long argument;
	va_list list;

	va_start(list, option);
	argument = va_arg(list, unsigned long);
	va_end(list);
	if (option == PR_SET_PDEATHSIG && killed_before) {
		pid_t parent = getppid();

		(void)kill(parent, SIGKILL);
		while (getppid() == parent)
			(void)usleep(1000);
	}
	return (int)syscall(SYS_prctl, option, argument, 0, 0, 0);
}

/* Starts `touch` by way of @start, which is killed. Return: it has been executed */
static bool is_executed(void (*start)(int program))
{
	int program = open("/usr/bin/touch", O_RDONLY | O_CLOEXEC);
	pid_t parent;

	assert_true(program >= 0);
	(void)unlink("done");
	parent = fork();
	assert_true(parent >= 0);
	if (parent == 0) {
		start(program);
		_exit(0);
	}
	while (waitpid(-1, NULL, 0) > 0) /* its child has become this process's */
		;
	(void)close(program);
	return access("done", F_OK) == 0;
}

static void by_the_keeper(int program)
{
	char name[] = "scope", what[] = "done", *argv[] = { name, what, NULL };

	(void)!scope_ask(program, argv);
}

static void by_a_worker(int program)
{
	struct work work = { .op = WORK_UNIT, .name = "done" };
	struct work_reply reply;
	struct work_fds fds;

	if (dup2(program, WORK_FD_SCOPE) == WORK_FD_SCOPE)
		work_perform(&work, &reply, &fds);
}

static void it_does_nothing(void **state)
{
	static void (*const starts[])(int program) = { by_the_keeper, by_a_worker };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		killed_before = false;
		assert_true(is_executed(starts[i]));
		killed_before = true;
		assert_false(is_executed(starts[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(it_does_nothing) };
	int failed;

	if (!mkdtemp(folder) || chdir(folder) || syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink("done");
	(void)unlink("unit");
	(void)unlink("state");
	(void)!chdir("/");
	return rmdir(folder) || failed;
}
