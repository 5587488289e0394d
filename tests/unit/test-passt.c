// SPDX-License-Identifier: GPL-2.0-or-later
/* test-passt.c - whether passt starts here is found out by starting it, as the VM's user */
#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/qemu/passt.h"

static struct host_user user;
static char scratch[] = "/tmp/passt-XXXXXX", path[64];

/* As root the tests play a user of the system, else they are who they are. */
static int setup(void **state)
{
	const struct passwd *pw = getuid() ? getpwuid(getuid()) : getpwnam("nobody");

	(void)state;
	if (!pw || !mkdtemp(scratch) || chmod(scratch, 0755))
		return -1;
	user = (struct host_user){ .uid = pw->pw_uid, .gid = pw->pw_gid, .alone = true };
	(void)snprintf(path, sizeof(path), "%s/passt", scratch);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(scratch);
}

/* One that does this when it is started for a guest, and has these options. */
static struct host_passt of(const char *start, const char *options)
{
	struct host_passt found;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	(void)fprintf(f, "#!/bin/sh\nif [ \"$1\" = --help ]; then echo '%s'; exit; fi\n%s\n", options,
		      start);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(host_passt(&user, path, &found), 0);
	return found;
}

static void one_that_ends_with_its_connection(void **state)
{
	struct host_passt found = of("[ \"$*\" = '--foreground --quiet --fd 3' ] && read -r x <&3\n"
				     "[ $? = 1 ]", "  --vhost-user  Enable");

	(void)state;
	assert_int_equal(found.error, 0);
	assert_true(found.recent);
	assert_false(of("exit 0", "  --fd FD").recent);
}

static void one_that_does_not_start(void **state)
{
	struct host_passt found = of("echo 'Could not create user namespace' >&2; echo more >&2; exit 1",
				     "--vhost-user");

	(void)state;
	assert_int_not_equal(found.error, 0);
	assert_string_equal(found.said, "Could not create user namespace");
	assert_int_not_equal(of("kill -9 $$", "").error, 0);
}

static void it_is_the_user(void **state)
{
	char start[64];

	(void)state;
	(void)snprintf(start, sizeof(start), "[ \"$(id -u)\" = %u ]", (unsigned int)user.uid);
	assert_int_equal(of(start, "").error, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_that_ends_with_its_connection),
		cmocka_unit_test(one_that_does_not_start),
		cmocka_unit_test(it_is_the_user),
	};

	return cmocka_run_group_tests_name("passt", tests, setup, teardown);
}
