// SPDX-License-Identifier: GPL-2.0-or-later
/* test-vm-status.c - the status of a VM: what is written is read, and nothing else is */
/* links: launcher/base/vm-status.c launcher/base/process.c launcher/base/sysfs.c launcher/base/pci-address.c */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/vm-status.h"

static struct vm_status example(void)
{
	struct vm_status s = {
		.name = "win10",
		.user = "alice",
		.state = VM_STATUS_RUNNING,
		.since = 1763629000,
		.process = { { VM_STATUS_KEEPER, { 100, 200 } },
			     { VM_STATUS_STANDBY, { 0, 0 } },
			     { "vfio-qmp", { 102, UINT64_MAX } },
			     { "qemu", { INT32_MAX, 1 } } },
		.event = "reset",
		.event_at = 1763629100,
		.device = { { 0, 1, 0, 0 }, { 0xffffffff, 0xff, 31, 7 } },
		.device_count = 2,
	};

	return s;
}

/* The text of one that was changed gets its right checksum: what is behind it is reached. */
static void reseal(char buf[VM_STATUS_SIZE])
{
	char *end = memmem(buf, VM_STATUS_SIZE, "\nsum ", 5);
	uint32_t sum = UINT32_C(2166136261);
	char line[16];

	assert_non_null(end);
	for (char *p = buf; p <= end; p++)
		sum = (sum ^ (uint8_t)*p) * UINT32_C(16777619);
	assert_int_equal(snprintf(line, sizeof(line), "sum %08x\n", sum), 13);
	memcpy(end + 1, line, 13);
	memset(end + 14, '\n', (size_t)(buf + VM_STATUS_SIZE - end - 14));
}

/* How the run ended is the last that is written, and is not there before. */
static void an_end_is_read(void **state)
{
	struct vm_status s = example(), back;
	char buf[VM_STATUS_SIZE], *line;

	(void)state;
	assert_int_equal(vm_status_render(&s, buf), 0);
	assert_int_equal(vm_status_parse(buf, sizeof(buf), &back), 0);
	assert_false(back.ended);
	for (unsigned int code = 0; code <= VM_STATUS_EXIT_MAX; code++) {
		s.ended = true;
		s.exit_code = code;
		assert_int_equal(vm_status_render(&s, buf), 0);
		assert_int_equal(vm_status_parse(buf, sizeof(buf), &back), 0);
		assert_true(back.ended);
		assert_int_equal(back.exit_code, code);
	}
	line = memmem(buf, sizeof(buf), "exit 255", 8);
	assert_non_null(line);
	line[7] = '6';
	reseal(buf);
	assert_int_equal(vm_status_parse(buf, sizeof(buf), &back), -EBADMSG);
	line[7] = 'x';
	reseal(buf);
	assert_int_equal(vm_status_parse(buf, sizeof(buf), &back), -EBADMSG);
	s.exit_code = VM_STATUS_EXIT_MAX + 1;
	assert_int_equal(vm_status_render(&s, buf), -EINVAL);
}

static void what_is_written_is_read(void **state)
{
	struct vm_status s = example(), back;
	char buf[VM_STATUS_SIZE], again[VM_STATUS_SIZE];

	(void)state;
	for (int i = 0; i < VM_STATUS_STATES; i++) {
		s.state = (enum vm_status_state)i;
		assert_int_equal(vm_status_render(&s, buf), 0);
		assert_int_equal(vm_status_parse(buf, sizeof(buf), &back), 0);
		assert_int_equal(vm_status_render(&back, again), 0);
		assert_memory_equal(buf, again, sizeof(buf));
		assert_int_equal(back.state, i);
	}
	assert_string_equal(back.name, "win10");
	assert_string_equal(back.user, "alice");
	assert_string_equal(back.event, "reset");
	assert_int_equal(back.event_at, 1763629100);
	assert_int_equal(back.since, 1763629000);
	assert_int_equal(back.device_count, 2);
	assert_int_equal(pci_address_compare(&back.device[1], &s.device[1]), 0);
	for (int i = 0; i < VM_STATUS_PROCESSES_MAX; i++) {
		assert_string_equal(back.process[i].role, s.process[i].role);
		assert_int_equal(back.process[i].id.pid, s.process[i].id.pid);
		assert_true(back.process[i].id.start == s.process[i].id.start);
	}
	assert_string_equal(vm_status_state_name(VM_STATUS_RESTORING), "restoring");
	assert_string_equal(vm_status_state_name(VM_STATUS_STATES), "?");
}

/* One that is started again stands where it stood; there is no place for one too many. */
static void a_role_keeps_its_place(void **state)
{
	struct vm_status s = example();
	char role[] = "role-0";

	(void)state;
	assert_ptr_equal(vm_status_process(&s, "vfio-qmp"), &s.process[2]);
	assert_int_equal(vm_status_id(&s, "qemu").pid, INT32_MAX);
	assert_int_equal(vm_status_id(&s, "swtpm").pid, 0);
	for (size_t i = 4; i < VM_STATUS_PROCESSES_MAX; i++, role[5]++)
		assert_ptr_equal(vm_status_process(&s, role), &s.process[i]);
	assert_null(vm_status_process(&s, "swtpm"));
	assert_ptr_equal(vm_status_process(&s, "role-0"), &s.process[4]);
}

static void the_largest_fits(void **state)
{
	struct vm_status s = example(), back;
	char buf[VM_STATUS_SIZE];

	(void)state;
	memset(s.name, 'n', sizeof(s.name) - 1);
	memset(s.user, 'u', sizeof(s.user) - 1);
	memset(s.event, 'e', sizeof(s.event) - 1);
	s.since = s.event_at = INT64_MAX;
	for (int i = 0; i < VM_STATUS_PROCESSES_MAX; i++)
		s.process[i] =
			(struct vm_status_process){ "abcdefghijklmno", { INT32_MAX, UINT64_MAX } };
	for (s.device_count = 0; s.device_count < VM_STATUS_DEVICES_MAX; s.device_count++)
		s.device[s.device_count] = (struct pci_address){ 0xffffffff, 0xff, 31, 7 };
	assert_int_equal(vm_status_render(&s, buf), 0);
	assert_int_equal(vm_status_parse(buf, sizeof(buf), &back), 0);
	assert_int_equal(back.device_count, VM_STATUS_DEVICES_MAX);
	assert_int_equal(back.since, INT64_MAX);
}

static void what_cannot_be_written_is_refused(void **state)
{
	char buf[VM_STATUS_SIZE];
	struct vm_status s;

	(void)state;
#define REFUSED(change)                                                                            \
	do {                                                                                       \
		s = example();                                                                     \
		change;                                                                            \
		assert_int_equal(vm_status_render(&s, buf), -EINVAL);                              \
	} while (0)
	REFUSED(s.name[0] = '\0');
	REFUSED(s.name[1] = '\n');
	REFUSED(s.user[1] = ' ');
	REFUSED(s.event[0] = '\033');
	REFUSED(memset(s.event, 'e', sizeof(s.event)));
	REFUSED(s.state = VM_STATUS_STATES);
	REFUSED(s.process[2].role[0] = ' ');
	REFUSED(memset(s.process[2].role, 'r', PROCESS_ROLE_MAX));
	REFUSED(s.since = -1);
	REFUSED(s.event_at = -1);
	REFUSED(s.device_count = VM_STATUS_DEVICES_MAX + 1);
}

/* Each has its right checksum, and one thing that may not be. */
static void what_is_no_status_is_refused(void **state)
{
	static const struct {
		const char *from, *to; /* of the same length */
	} cases[] = {
		{ "status 2", "status 1" },
		{ "name win10", "nama win10" },
		{ "name win10", "name wi\t10" },
		{ "state running", "state Running" },
		{ "since 1763629000", "since 17636290x0" },
		{ "since 1763629000", "since -763629000" },
		{ "keeper 100 200", "keeper 100 20x" },
		{ "keeper 100 200", "keeper 100  00" },
		{ "keeper 100 200", "keeper -00 200" },
		{ "qemu 2147483647 1", "qemu 2147483648 1" },
		{ "18446744073709551615", "18446744073709551616" },
		{ "standby 0 0", "standby 0  " },
		{ "event 1763629100 reset", "event 1763629100\nreset" },
		{ "event 1763629100 reset", "event 1763629100 r\033set" },
		{ "devices 0000:01", "devices 000g:01" },
		{ "user alice\n", "user alice " },
		{ "process standby", "process stand y" },
		{ "process standby", "process        " },
		{ "process standby 0 0\n", "user standby 0 0\n\n\n\n" },
	};
	char good[VM_STATUS_SIZE], buf[VM_STATUS_SIZE];
	struct vm_status s = example(), out;

	(void)state;
	assert_int_equal(vm_status_render(&s, good), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *at = memmem(good, sizeof(good), cases[i].from, strlen(cases[i].from));

		assert_non_null(at);
		assert_int_equal(strlen(cases[i].from), strlen(cases[i].to));
		memcpy(buf, good, sizeof(buf));
		memcpy(buf + (at - good), cases[i].to, strlen(cases[i].to));
		reseal(buf);
		out.device_count = 77;
		if (vm_status_parse(buf, sizeof(buf), &out) != -EBADMSG)
			fail_msg("taken: %s", cases[i].to);
		assert_int_equal(out.device_count, 77);
	}
	memcpy(buf, good, sizeof(buf));
	reseal(buf);
	assert_int_equal(vm_status_parse(buf, sizeof(buf), &out), 0);
}

static void any_cut_and_any_changed_byte_shows(void **state)
{
	struct vm_status s = example(), out;
	char buf[VM_STATUS_SIZE];

	(void)state;
	assert_int_equal(vm_status_render(&s, buf), 0);
	for (size_t n = 0; n < sizeof(buf); n++)
		assert_int_equal(vm_status_parse(buf, n, &out), -EBADMSG);
	for (size_t n = 0; n < sizeof(buf); n++)
		for (int bit = 0; bit < 8; bit++) {
			buf[n] = (char)(buf[n] ^ 1 << bit);
			assert_int_equal(vm_status_parse(buf, sizeof(buf), &out), -EBADMSG);
			buf[n] = (char)(buf[n] ^ 1 << bit);
		}
}

/* Bytes of no meaning, with and without the checksum: refused or read, and no more than that. */
static void noise_does_no_harm(void **state)
{
	struct vm_status s = example(), out;
	char good[VM_STATUS_SIZE], buf[VM_STATUS_SIZE];
	uint32_t seed = 1;

	(void)state;
	assert_int_equal(vm_status_render(&s, good), 0);
	for (int round = 0; round < 20000; round++) {
		memcpy(buf, good, sizeof(buf));
		for (int i = 0; i < 1 + round % 7; i++) {
			seed = seed * 1664525 + 1013904223;
			buf[(seed >> 8) % 220] = (char)(seed >> 24);
		}
		if (memmem(buf, sizeof(buf), "\nsum ", 5))
			reseal(buf);
		if (vm_status_parse(buf, sizeof(buf), &out) == 0) {
			assert_true(out.device_count <= VM_STATUS_DEVICES_MAX);
			assert_int_equal(vm_status_render(&out, buf), 0);
		}
	}
}

/* A writer that never stops: what is read is always one that was written. */
static void a_torn_read_is_repeated(void **state)
{
	int fd = memfd_create("status", MFD_CLOEXEC);
	struct vm_status s = example(), out;
	char buf[2][VM_STATUS_SIZE];
	pid_t writer;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(vm_status_render(&s, buf[0]), 0);
	memset(s.name, 'n', sizeof(s.name) - 1);
	s.state = VM_STATUS_STOPPING;
	assert_int_equal(vm_status_render(&s, buf[1]), 0);
	assert_int_equal(pwrite(fd, buf[0], VM_STATUS_SIZE, 0), VM_STATUS_SIZE);
	writer = fork();
	assert_true(writer >= 0);
	for (int i = 0; !writer; i ^= 1) /* in two halves, so that it is torn for certain */
		if (pwrite(fd, buf[i], 40, 0) != 40 ||
		    pwrite(fd, buf[i] + 40, VM_STATUS_SIZE - 40, 40) != VM_STATUS_SIZE - 40)
			_exit(1);
	for (int i = 0; i < 20000; i++) {
		if (vm_status_read(fd, &out) == -EBADMSG)
			continue; /* a hundred torn ones in a row */
		assert_int_equal(out.state == VM_STATUS_STOPPING, out.name[0] == 'n');
	}
	assert_int_equal(kill(writer, SIGKILL), 0);
	assert_int_equal(waitpid(writer, NULL, 0), writer);
	assert_int_equal(pwrite(fd, buf[1], VM_STATUS_SIZE, 0), VM_STATUS_SIZE);
	assert_int_equal(vm_status_read(fd, &out), 0);
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(vm_status_read(fd, &out), -EBADMSG);
	(void)close(fd);
	assert_int_equal(vm_status_read(-1, &out), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(an_end_is_read),
		cmocka_unit_test(a_role_keeps_its_place),
		cmocka_unit_test(the_largest_fits),
		cmocka_unit_test(what_cannot_be_written_is_refused),
		cmocka_unit_test(what_is_no_status_is_refused),
		cmocka_unit_test(any_cut_and_any_changed_byte_shows),
		cmocka_unit_test(noise_does_no_harm),
		cmocka_unit_test(a_torn_read_is_repeated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
