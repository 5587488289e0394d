// SPDX-License-Identifier: GPL-2.0-or-later
/* test-shm-file.c - files in /dev/shm that are shared with QEMU, and what is no kvmfr device */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/user/shm-file.h"

#define BYTES (UINT64_C(1) << 20)

static struct host_user user;
static char name[32], path[64], scratch[] = "/tmp/shm-file-XXXXXX";

/* As root the tests play a user of the system, else they are who they are. */
static int setup(void **state)
{
	const struct passwd *pw = getuid() ? getpwuid(getuid()) : getpwnam("nobody");

	(void)state;
	if (!pw || !mkdtemp(scratch) || chmod(scratch, 0755))
		return -1;
	user = (struct host_user){ .uid = pw->pw_uid, .gid = pw->pw_gid, .alone = true };
	(void)snprintf(name, sizeof(name), "vfio-run-test-%d", (int)getpid());
	(void)snprintf(path, sizeof(path), HOST_SHM_DIR "%s", name);
	return 0;
}

static int remove_it(void **state)
{
	(void)state;
	(void)unlink(path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(scratch);
}

static enum host_shm_problem look(uint64_t bytes)
{
	struct host_shm found;

	assert_int_equal(host_shm_look(&user, name, bytes, &found), 0);
	return found.problem;
}

static int open_it(uint64_t bytes, enum host_shm_problem expected)
{
	struct host_shm found;
	int fd;

	assert_int_equal(host_shm_open(&user, name, bytes, &found, &fd), 0);
	assert_int_equal(found.problem, expected);
	assert_int_equal(fd < 0, expected != HOST_SHM_GOOD);
	return fd;
}

static void it_is_made_whole_and_its_users_alone(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(look(BYTES), HOST_SHM_GOOD);
	assert_int_equal(access(path, F_OK), -1); /* looking makes nothing */
	fd = open_it(BYTES, HOST_SHM_GOOD);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_uid, user.uid);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_size, BYTES);
	assert_true((uint64_t)st.st_blocks * 512 >= BYTES);
	(void)close(fd);
}

static void one_vm_has_it_at_a_time(void **state)
{
	int fd = open_it(BYTES, HOST_SHM_GOOD);

	(void)state;
	assert_int_equal(look(BYTES), HOST_SHM_TAKEN);
	(void)open_it(BYTES, HOST_SHM_TAKEN);
	(void)open_it(2 * BYTES, HOST_SHM_TAKEN);
	(void)close(fd);
	assert_int_equal(look(BYTES), HOST_SHM_GOOD);
}

static void one_of_another_size_is_replaced(void **state)
{
	int old = open_it(2 * BYTES, HOST_SHM_GOOD), client = open(path, O_RDONLY | O_CLOEXEC), fd;
	struct stat st, was;

	(void)state;
	(void)close(old);
	fd = open_it(2 * BYTES, HOST_SHM_GOOD);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(fstat(client, &was), 0);
	assert_int_equal(st.st_ino, was.st_ino); /* of the same size it is the same */
	(void)close(fd);
	fd = open_it(BYTES, HOST_SHM_GOOD);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(fstat(client, &was), 0);
	assert_int_equal(was.st_size, 2 * BYTES); /* no client reads beyond an end */
	assert_int_not_equal(st.st_ino, was.st_ino);
	(void)close(fd);
	(void)close(client);
}

static void what_is_no_file_of_the_users_is_refused(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(look(BYTES), HOST_SHM_NO_FILE);
	(void)open_it(BYTES, HOST_SHM_NO_FILE);
	assert_int_equal(unlink(path), 0);
	if (getuid())
		return;
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0666), 0);
	assert_int_equal(look(BYTES), HOST_SHM_FOREIGN);
	(void)open_it(BYTES, HOST_SHM_FOREIGN);
	(void)close(fd);
}

static void more_than_there_is_room_for(void **state)
{
	(void)state;
	assert_int_equal(look(UINT64_C(1) << 46), HOST_SHM_NO_ROOM);
	(void)open_it(UINT64_C(1) << 46, HOST_SHM_NO_ROOM);
	assert_int_equal(access(path, F_OK), -1);
}

static enum host_kvmfr_problem kvmfr(const char *device)
{
	struct host_kvmfr found;

	assert_int_equal(host_kvmfr(&user, device, &found), 0);
	return found.problem;
}

/* QEMU makes a regular file where the device is missing, and it stays. */
static void what_is_no_kvmfr_device(void **state)
{
	char file[64];
	int fd;

	(void)state;
	(void)snprintf(file, sizeof(file), "%s/kvmfr0", scratch);
	assert_int_equal(kvmfr(file), HOST_KVMFR_MISSING);
	fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	assert_true(fd >= 0);
	assert_int_equal(kvmfr(file), HOST_KVMFR_FILE);
	(void)close(fd);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(symlink("/dev/null", file), 0);
	assert_int_equal(kvmfr(file), HOST_KVMFR_OTHER);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(kvmfr("/dev/null"), HOST_KVMFR_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(it_is_made_whole_and_its_users_alone, remove_it),
		cmocka_unit_test_teardown(one_vm_has_it_at_a_time, remove_it),
		cmocka_unit_test_teardown(one_of_another_size_is_replaced, remove_it),
		cmocka_unit_test_teardown(what_is_no_file_of_the_users_is_refused, remove_it),
		cmocka_unit_test_teardown(more_than_there_is_room_for, remove_it),
		cmocka_unit_test(what_is_no_kvmfr_device),
	};

	return cmocka_run_group_tests_name("shm-file", tests, setup, teardown);
}
