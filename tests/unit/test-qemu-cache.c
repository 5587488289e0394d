// SPDX-License-Identifier: GPL-2.0-or-later
/* test-qemu-cache.c - an answer counts for the very file that gave it, and for no other */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/host/qemu/qemu-cache.h"

static bool own_run; /* /run is this test's alone */
static char emulator[] = "/tmp/test-qemu-cache-XXXXXX";

/* A /run of the test's own; skipped where that cannot be had. */
static int setup(void **state)
{
	int fd = mkstemp(emulator);

	(void)state;
	own_run = geteuid() == 0 && unshare(CLONE_NEWNS) == 0 &&
		  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
		  mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0;
	return fd < 0 || close(fd);
}

static int teardown(void **state)
{
	(void)state;
	return unlink(emulator);
}

static void needs_own_run(void)
{
	if (!own_run)
		skip(); /* only root can have one */
}

static bool get(const char *file, const char *question, char answer[QEMU_CACHE_ANSWER_MAX])
{
	char key[QEMU_CACHE_KEY_MAX];

	return qemu_cache_key(file, question, key) && qemu_cache_get(key, answer);
}

static void put(const char *file, const char *question, const char *answer)
{
	char key[QEMU_CACHE_KEY_MAX];

	if (qemu_cache_key(file, question, key))
		qemu_cache_put(key, answer);
}

static void an_answer_is_remembered_for_that_file(void **state)
{
	char answer[QEMU_CACHE_ANSWER_MAX];
	struct stat st;
	int fd;

	(void)state;
	needs_own_run();
	assert_false(get(emulator, "version", answer));
	(void)umask(077);
	put(emulator, "version", "7.2.22");
	assert_int_equal(access("/run/vfio-run", F_OK), -1); /* a dry run leaves nothing */
	qemu_cache_allow();
	put(emulator, "version", "7.2.22");
	assert_true(get(emulator, "version", answer));
	assert_string_equal(answer, "7.2.22");
	assert_false(get(emulator, "devices", answer));
	assert_false(get("/bin/sh", "version", answer));
	assert_int_equal(stat("/run/vfio-run", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0711);
	assert_int_equal(stat("/run/vfio-run/cache", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);

	/* an update of the emulator makes it another file */
	fd = open(emulator, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "x", 1), 1);
	(void)close(fd);
	assert_false(get(emulator, "version", answer));
	put(emulator, "version", "9.0.0");
	assert_true(get(emulator, "version", answer));
	assert_string_equal(answer, "9.0.0");
}

static void what_root_did_not_write_is_not_believed(void **state)
{
	char answer[QEMU_CACHE_ANSWER_MAX];

	(void)state;
	needs_own_run();
	assert_true(get(emulator, "version", answer));
	assert_int_equal(system("chown 65534 /run/vfio-run/cache/*"), 0);
	assert_false(get(emulator, "version", answer));
	assert_int_equal(system("chown 0 /run/vfio-run/cache/* && chmod 666 /run/vfio-run/cache/*"), 0);
	assert_false(get(emulator, "version", answer));
	put(emulator, "version", "9.0.0");
	assert_true(get(emulator, "version", answer));
	assert_int_equal(system("chmod 777 /run/vfio-run/cache"), 0);
	put(emulator, "version", "1.0.0");
	assert_true(get(emulator, "version", answer));
	assert_string_equal(answer, "9.0.0"); /* not written where others can write */
	assert_int_equal(system("chmod 755 /run/vfio-run/cache"), 0);
}

static void damage_is_no_answer(void **state)
{
	char answer[QEMU_CACHE_ANSWER_MAX];

	(void)state;
	needs_own_run();
	assert_int_equal(system("for f in /run/vfio-run/cache/*; do truncate -s -1 $f; done"), 0);
	assert_false(get(emulator, "version", answer));
	put(emulator, "version", "two\nlines");
	assert_false(get(emulator, "version", answer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_remembered_for_that_file),
		cmocka_unit_test(what_root_did_not_write_is_not_believed),
		cmocka_unit_test(damage_is_no_answer),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
