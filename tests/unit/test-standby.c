// SPDX-License-Identifier: GPL-2.0-or-later
/* test-standby.c - one that is kept by others keeps no keeper waiting */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/keeper/keeper.h"

static struct keeper keep; /* too large for a stack */

static pid_t sleeper(void)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
		for (;;)
			(void)pause();
	}
	return pid;
}

static void has_standby(pid_t pid)
{
	memset(&keep, 0, sizeof(keep));
	keep.standby = (struct standby)STANDBY_INIT;
	keep.standby.pid = pid;
	keep.standby.pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(keep.standby.pidfd >= 0);
}

static void it_is_ended_and_reaped(void **state)
{
	pid_t pid = sleeper();

	(void)state;
	has_standby(pid);
	standby_end(&keep);
	assert_int_equal(keep.standby.pid, 0);
	assert_int_equal(keep.standby.pidfd, -1);
	assert_int_equal(waitpid(pid, NULL, 0), -1);
}

/* A tracer that does not reap it keeps it from its parent. */
static void one_that_is_traced_is_left(void **state)
{
	pid_t pid = sleeper(), tracer;
	int pair[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(pair), 0);
	tracer = fork();
	assert_true(tracer >= 0);
	if (tracer == 0) {
		long rc = -1;

		for (int tries = 0; rc && tries < 100; tries++) {
			rc = ptrace(PTRACE_SEIZE, pid, NULL, NULL);
			if (rc)
				(void)usleep(10000);
		}
		(void)!write(pair[1], rc ? "n" : "y", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(pair[0], &byte, 1), 1);
	if (byte == 'y') {
		has_standby(pid);
		(void)alarm(30);
		standby_end(&keep);
		(void)alarm(0);
		assert_int_equal(keep.standby.pid, 0);
	}
	(void)kill(tracer, SIGKILL);
	(void)waitpid(tracer, NULL, 0);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
	if (byte != 'y')
		skip(); /* nobody may trace here */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_ended_and_reaped),
		cmocka_unit_test(one_that_is_traced_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
