// SPDX-License-Identifier: GPL-2.0-or-later
/* test-holders.c - a process that holds a node is found by the node's numbers */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/holders.h"
#include "launcher/host/holders/units.h"

/* Rarely held by a process: 1:11 kmsg is not openable everywhere, 1:7 is. */
static const struct holder_target full = { .major = 1, .minor = 7 };

static int proc;
static int hold[2];
static pid_t holder;

static int open_proc(void **state)
{
	(void)state;
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return proc < 0;
}

static int close_proc(void **state)
{
	(void)state;
	return close(proc);
}

/* A child that has /dev/full open twice until its pipe ends. */
static void start_holder(void)
{
	char byte;

	assert_int_equal(pipe(hold), 0);
	holder = fork();
	if (!holder) {
		int a = open("/dev/full", O_WRONLY), b = open("/dev/full", O_RDONLY);

		(void)prctl(PR_SET_NAME, "the\x1bholder");
		(void)close(hold[1]);
		_exit(a < 0 || b < 0 || read(hold[0], &byte, 1));
	}
	(void)close(hold[0]);
}

static void end_holder(void)
{
	(void)close(hold[1]);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
}

static bool found(const struct holder *list, const struct holder_scan *scan, size_t target)
{
	for (size_t i = 0; i < scan->found; i++)
		if (list[i].pid == holder && list[i].target == target)
			return true;
	return false;
}

static size_t scan_until(const struct holder_target *t, size_t n, struct holder *list, size_t room,
			 struct holder_scan *scan, size_t target)
{
	/* The child opens it when it gets to run; it is there for certain in the end. */
	for (int i = 0; i < 2000; i++) {
		assert_int_equal(holders_scan(proc, t, n, list, room, scan), 0);
		if (found(list, scan, target))
			return scan->found;
		(void)usleep(1000);
	}
	fail_msg("not found");
	return 0;
}

static void a_holder_is_found_once(void **state)
{
	const struct holder_target targets[] = { { .major = 250, .minor = 250 }, full };
	struct holder list[64];
	struct holder_scan scan;
	size_t mine = 0, n;

	(void)state;
	start_holder();
	n = scan_until(targets, 2, list, 64, &scan, 1);
	for (size_t i = 0; i < n; i++) {
		if (list[i].pid != holder)
			continue;
		mine++;
		assert_string_equal(list[i].path, "/dev/full");
		assert_int_equal(list[i].uid, getuid());
		assert_int_equal(list[i].target, 1);
	}
	assert_int_equal(mine, 1); /* two descriptors, one holder */
	assert_false(scan.truncated);
	end_holder();
	assert_int_equal(holders_scan(proc, targets, 2, list, 64, &scan), 0);
	assert_false(found(list, &scan, 1));
}

static void block_and_character_are_two_things(void **state)
{
	const struct holder_target targets[] = { { .major = 1, .minor = 7, .block = true }, full };
	struct holder list[64];
	struct holder_scan scan;

	(void)state;
	start_holder();
	(void)scan_until(targets, 2, list, 64, &scan, 1);
	assert_false(found(list, &scan, 0));
	end_holder();
}

static void too_many_are_said(void **state)
{
	struct holder list[64];
	struct holder_scan scan;

	(void)state;
	start_holder();
	(void)scan_until(&full, 1, list, 64, &scan, 0);
	assert_int_equal(holders_scan(proc, &full, 1, list, 0, &scan), 0);
	assert_int_equal(scan.found, 0);
	assert_true(scan.truncated);
	end_holder();
}

/* A process of another user, seen without privileges: the scan reports that it is incomplete. */
static void an_incomplete_scan_says_so(void **state)
{
	struct holder list[4];
	struct holder_scan scan;
	int status;
	pid_t pid;

	(void)state;
	if (getuid())
		skip();
	pid = fork();
	if (!pid) {
		if (setresuid(65534, 65534, 65534) || holders_scan(proc, &full, 1, list, 4, &scan))
			_exit(2);
		_exit(scan.complete);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A tree in place of /proc: what no test can open for real. 44 is a kernel thread: no program. */
static void a_vfio_device_is_known_by_its_link(void **state)
{
	const struct holder_target target = { .any_vfio_device = true };
	char directory[] = "/tmp/holders-XXXXXX", command[512];
	struct holder list[4];
	struct holder_scan scan;
	int fake;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(command, sizeof(command),
		       "cd %s && mkdir -p 42/fd 43/fd self/fd && echo qemu >42/comm && cd 42/fd && "
		       "ln -s 'anon_inode:[vfio-device]' 9 && : >'anon_inode:[vfio-device]' && "
		       "ln -s /dev/full ../../43/fd/3 && ln -s /bin/true ../exe && ln -s /bin/true ../../43/exe && "
		       "mkdir -p ../../44/fd && ln -s 'anon_inode:[vfio-device]' ../../44/fd/9",
		       directory);
	assert_int_equal(system(command), 0);
	fake = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(holders_scan(fake, &target, 1, list, 4, &scan), 0);
	assert_int_equal(scan.found, 1);
	assert_true(scan.complete);
	assert_int_equal(list[0].pid, 42);
	assert_string_equal(list[0].comm, "qemu");
	assert_string_equal(list[0].path, "anon_inode:[vfio-device]");
	(void)close(fake);
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	assert_int_equal(system(command), 0);
}

/* What is mapped and what is mounted: of a tree in place of /proc again. */
static void mapped_and_mounted(void **state)
{
	const struct holder_target targets[] = {
		full, { .any_vfio_device = true }, { .block = true, .major = 8, .minor = 17 },
	};
	static const char maps[] =
		"55d0-55d1 r-xp 00000000 08:01 42 /usr/bin/true\n"
		"7f00-7f10 rw-s 00000000 00:05 77                         /dev/full (deleted)\n"
		"7f10-7f20 rw-s 00010000 00:05 77                         /dev/full (deleted)\n"
		"7f20-7f30 rw-s 00000000 00:0e 9                          anon_inode:[vfio-device]\n"
		"7fff0000-7fff1000 rw-p 00000000 00:00 0                  [stack]\n";
	static const char mounts[] = "22 1 8:17 / /mnt/a\\040b rw - ext4 /dev/sdb1 rw\n"
				     "23 1 8:1 / / rw - ext4 /dev/sda1 rw\n";
	char directory[] = "/tmp/holders-XXXXXX", command[512], path[64], longer[9000];
	struct holder list[8];
	struct holder_scan scan;
	FILE *f;
	int fake;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(command, sizeof(command),
		       "cd %s && mkdir -p 42/fd 42/map_files self && echo mapper >42/comm && "
		       "ln -s /bin/true 42/exe && "
		       "ln -s /dev/full 42/map_files/7f00-7f10 && "
		       "ln -s /usr/bin/true 42/map_files/55d0-55d1", directory);
	assert_int_equal(system(command), 0);
	(void)snprintf(path, sizeof(path), "%s/42/maps", directory);
	f = fopen(path, "we");
	assert_non_null(f);
	memset(longer, 'x', sizeof(longer)); /* a name that no buffer holds */
	longer[sizeof(longer) - 1] = '\0';
	assert_true(fprintf(f, "1000-2000 r--p 00000000 08:01 5 /%s\n%s", longer, maps) > 0);
	assert_int_equal(fclose(f), 0);
	(void)snprintf(path, sizeof(path), "%s/self/mountinfo", directory);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(mounts, f) >= 0);
	assert_int_equal(fclose(f), 0);

	fake = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(holders_scan(fake, targets, 3, list, 8, &scan), 0);
	assert_int_equal(scan.found, 0);
	assert_int_equal(holders_scan_all(fake, targets, 3, list, 8, &scan), 0);
	assert_int_equal(scan.found, 3);
	assert_int_equal(list[0].pid, 42);
	assert_int_equal(list[0].target, 0);
	assert_string_equal(list[0].path, "/dev/full (deleted)");
	assert_int_equal(list[1].target, 1);
	assert_string_equal(list[1].path, "anon_inode:[vfio-device]");
	assert_int_equal(list[2].pid, 0);
	assert_int_equal(list[2].target, 2);
	assert_string_equal(list[2].path, "/mnt/a\\040b");
	assert_int_equal(holders_scan_all(fake, targets, 3, list, 2, &scan), 0);
	assert_int_equal(scan.found, 2);
	(void)close(fake);
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);
	assert_int_equal(system(command), 0);
}

/* What the program that asks systemd prints of a unit. */
static void a_unit_is_read(void **state)
{
	char good[] = "lightdm.service running display 0000:01:00.0 10000:02:00.0 no-stop",
	     plain[] = "getty@tty1.service stopped", late[] = "a.service running no-start ../card0 later", bad[] = "a.service";
	struct host_unit unit;

	(void)state;
	assert_true(host_unit_word(good, &unit));
	assert_string_equal(unit.id, "lightdm.service");
	assert_true(unit.running && unit.display && unit.no_stop && !unit.no_start);
	assert_string_equal(unit.drawn, "0000:01:00.0 10000:02:00.0");
	assert_true(host_unit_word(plain, &unit));
	assert_true(!unit.running && !unit.display && !unit.no_stop && !unit.no_start);
	assert_string_equal(unit.drawn, "");
	assert_true(host_unit_word(late, &unit));
	assert_true(unit.running && unit.no_start);
	assert_string_equal(unit.drawn, "");
	assert_false(host_unit_word(bad, &unit));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unit_is_read),
		cmocka_unit_test(a_holder_is_found_once),
		cmocka_unit_test(block_and_character_are_two_things),
		cmocka_unit_test(too_many_are_said),
		cmocka_unit_test(an_incomplete_scan_says_so),
		cmocka_unit_test(a_vfio_device_is_known_by_its_link),
		cmocka_unit_test(mapped_and_mounted),
	};

	return cmocka_run_group_tests_name("holders", tests, open_proc, close_proc);
}
