// SPDX-License-Identifier: GPL-2.0-or-later
/* test-device-holders.c - whoever holds a device besides those that are known is seen, however many these are */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/keeper/keeper.h"
#include "launcher/keeper/kinds/device-holders.h"

#define NODE "/dev/full" /* which nobody has open */
#define MANY 100

static pid_t known[MANY];
static size_t known_count;

static bool is_known(const void *context, pid_t pid)
{
	(void)context;
	for (size_t i = 0; i < known_count; i++)
		if (known[i] == pid)
			return true;
	return false;
}

static pid_t holder(void)
{
	int pair[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)!write(pair[1], open(NODE, O_RDWR) < 0 ? "n" : "y", 1);
		for (;;)
			(void)pause();
	}
	(void)close(pair[1]);
	assert_int_equal(read(pair[0], &byte, 1), 1);
	assert_int_equal(byte, 'y');
	(void)close(pair[0]);
	return pid;
}

static void more_known_ones(size_t count)
{
	while (known_count < count)
		known[known_count++] = holder();
}

static int end_all(void **state)
{
	(void)state;
	while (known_count) {
		(void)kill(known[--known_count], SIGKILL);
		(void)waitpid(known[known_count], NULL, 0);
	}
	return 0;
}

static void one_more_is_seen(void **state)
{
	struct device_holders h = { .count = 1 };
	struct stat st;
	pid_t other;

	(void)state;
	if (stat(NODE, &st) || !S_ISCHR(st.st_mode))
		skip();
	h.node[0].major = major(st.st_rdev);
	h.node[0].minor = minor(st.st_rdev);
	assert_int_equal(device_holders_beside(&h, is_known, NULL, NULL), 0);
	more_known_ones(KEEPER_HOLDERS_MAX); /* as many as a plan can have */
	assert_int_equal(device_holders_beside(&h, is_known, NULL, NULL), 0);
	other = holder();
	assert_int_equal(device_holders_beside(&h, is_known, NULL, NULL), other);
	(void)kill(other, SIGKILL);
	(void)waitpid(other, NULL, 0);
	more_known_ones(MANY); /* and when there is no room for all, that is not "nobody" */
	assert_int_equal(device_holders_beside(&h, is_known, NULL, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_teardown(one_more_is_seen, end_all) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
