// SPDX-License-Identifier: GPL-2.0-or-later
/* test-kernel-log.c - of the kernel's messages only those about the device, and of now */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/worker/kernel-log.h"
#include "launcher/keeper/worker/worker.h"

#define DEVICE "0000:01:00.1"
#define DRIVER "snd_hda_intel"
#define SINCE UINT64_C(100000000)

static struct kernel_log got;

/* One record a read, as /dev/kmsg gives them. */
static void read_records(const char *const *record, size_t count)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	for (size_t i = 0; i < count; i++)
		assert_true(write(pair[1], record[i], strlen(record[i])) > 0);
	kernel_log_read(pair[0], DEVICE, DRIVER, SINCE, &got);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void what_is_meant(void **state)
{
	static const char *const records[] = {
		"6,1,50000000,-;" DRIVER " " DEVICE ": said long before\n",
		"6,2,100000001,-;something else entirely\n",
		"6,3,100000002,-;" DRIVER " 0000:01:00.10: another device of that driver\n",
		"6,4,100000003,-;snd_hda_intel_other: another driver\n",
		"6,5,100000004,-;card0: no name in it\n SUBSYSTEM=pci\n DEVICE=+pci:" DEVICE "\n",
		"3,6,100000005,-;INFO: task w:" DEVICE ":77 blocked\n",
		"6,7,100000006,-;Modules linked in: " DRIVER " nouveau\n",
		"rubbish", "6,8;no time\n", ";", "6,9,x,-;" DEVICE "\n",
	};

	(void)state;
	read_records(records, ARRAY_SIZE(records));
	assert_int_equal(got.count, 3);
	assert_string_equal(got.line[0], DRIVER " 0000:01:00.10: another device of that driver");
	assert_string_equal(got.line[1], "card0: no name in it");
	assert_string_equal(got.line[2], "INFO: task w:" DEVICE ":77 blocked");
}

static void the_last_ones_are_kept(void **state)
{
	static const char *const records[] = {
		"6,1,100000001,-;" DEVICE " one\n",   "6,2,100000002,-;" DEVICE " two\n",
		"6,3,100000003,-;" DEVICE " three\n", "6,4,100000004,-;BUG: four\n",
		"6,5,100000005,-;RIP: 0010:five\n",   "6,6,100000006,-;RIP: 0010:five\n",
		"6,7,100000007,-;RIP: 0033:0x7f00\n", "6,8,100000008,-;Oops: six\n",
		"6,9,100000009,-;" DEVICE " seven\n",
	};

	(void)state;
	read_records(records, ARRAY_SIZE(records));
	assert_int_equal(got.count, KERNEL_LOG_LINES);
	assert_string_equal(got.line[0], DEVICE " two");
	assert_string_equal(got.line[3], "RIP: 0010:five");
	assert_string_equal(got.line[5], DEVICE " seven");
}

static void a_long_line_is_cut(void **state)
{
	char record[2048] = "6,1,100000001,-;" DEVICE " ";
	const char *const records[] = { record };

	(void)state;
	memset(record + strlen(record), 'x', 1000);
	read_records(records, 1);
	assert_int_equal(got.count, 1);
	assert_int_equal(strlen(got.line[0]), KERNEL_LOG_TEXT - 1);
}

static void an_empty_log(void **state)
{
	(void)state;
	read_records(NULL, 0);
	assert_int_equal(got.count, 0);
}

/* An oops ends a task as a signal does; kill -9 must not look like one. */
static void who_killed_the_worker(void **state)
{
	struct worker w = WORKER_INIT;
	int64_t n = 0;

	(void)state;
	if (sysfs_read_number(AT_FDCWD, "/sys/kernel/oops_count", &n) &&
	    sysfs_read_number(AT_FDCWD, "/proc/sys/kernel/tainted", &n) == 0)
		n &= 1 << 7;
	w.oopses = (uint64_t)n;
	w.status = SIGKILL; /* as wait(2) gives it */
	assert_false(worker_oopsed(&w));
	w.oopses++; /* the count is another one now */
	assert_true(worker_oopsed(&w));
	w.oopses--;
	w.status = SIGSEGV; /* a BUG(); ours are all blocked */
	assert_true(worker_oopsed(&w));
	w.status = 1 << 8; /* it could not begin */
	assert_false(worker_oopsed(&w));
	w.status = -1; /* it does not even die */
	assert_true(worker_oopsed(&w));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_meant),
		cmocka_unit_test(the_last_ones_are_kept),
		cmocka_unit_test(a_long_line_is_cut),
		cmocka_unit_test(an_empty_log),
		cmocka_unit_test(who_killed_the_worker),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
