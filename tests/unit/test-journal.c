// SPDX-License-Identifier: GPL-2.0-or-later
/* test-journal.c - what is written is read; what is damaged costs no device */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/checksum.h"
#include "launcher/keeper/journal/journal.h"
#include "tests/unit/between.h"

#define DEVICES 2

static const struct journal_device devices[DEVICES] = {
	{ .address = { 0, 1, 0, 0 }, .name = "0000:01:00.0", .vendor = 0x10de, .device = 0x2486,
	  .group = 7, .driver = "nouveau", .module = "nouveau", .power = "auto", .d3cold = "1",
	  .title = "NVIDIA GA104" },
	{ .address = { 0x10000, 0xe1, 0, 1 }, .name = "10000:e1:00.1", .vendor = 0x10de,
	  .device = 0x228b, .group = 7, .driver = "snd_hda_intel", .module = "snd_hda_intel",
	  .override = "mine", .power = "on", .title = "audio" },
};

static const struct change changes[] = {
	{ CHANGE_MODULE, "vfio_pci", "", "loaded" },
	{ CHANGE_D3COLD, "0000:01:00.0", "1", "0" },
	{ CHANGE_POWER, "0000:01:00.0", "auto", "on" },
	{ CHANGE_POWER, "10000:e1:00.1", "on", "on" },
	{ CHANGE_OVERRIDE, "0000:01:00.0", "", "vfio-pci" },
	{ CHANGE_OVERRIDE, "10000:e1:00.1", "mine", "vfio-pci" },
	{ CHANGE_UNBIND, "10000:e1:00.1", "snd_hda_intel", "" },
	{ CHANGE_UNBIND, "0000:01:00.0", "nouveau", "" },
	{ CHANGE_BIND, "0000:01:00.0", "", "vfio-pci" },
	{ CHANGE_BIND, "10000:e1:00.1", "", "vfio-pci" },
};

static struct journal written, got; /* too large for a stack */

/* A whole run's journal; its text is in @text */
static size_t write_all(char *text, size_t size)
{
	const struct process_id keeper = { 100, 1000 }, worker = { 101, 1001 };
	const struct journal_process qemu = { "qemu", { 102, 1002 }, true };
	int fd = memfd_create("journal", MFD_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	written = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_begin(&written, fd, "win10", false), 0);
	assert_int_equal(journal_add_keeper(&written, &keeper), 0);
	assert_int_equal(journal_add_worker(&written, &worker), 0);
	for (size_t i = 0; i < DEVICES; i++)
		assert_int_equal(journal_add_device(&written, &devices[i]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		assert_int_equal(journal_add_change(&written, &changes[i]), 0);
	assert_int_equal(journal_add_process(&written, &qemu), 0);
	n = pread(fd, text, size - 1, 0);
	assert_true(n > 0 && (size_t)n < size - 1);
	text[n] = '\0';
	(void)close(fd);
	return (size_t)n;
}

static int read_text(const char *text, size_t size)
{
	char *copy = malloc(size + 1);
	int rc;

	assert_non_null(copy);
	memcpy(copy, text, size);
	copy[size] = '\0';
	got = (struct journal)JOURNAL_INIT;
	rc = journal_read(&got, copy, size);
	free(copy);
	return rc;
}

/* What a change puts back, or NULL when no such change is there. */
static const char *puts_back(const char *target, enum change_kind kind)
{
	for (size_t i = 0; i < got.change_count; i++)
		if (got.change[i].kind == kind && !strcmp(got.change[i].target, target))
			return got.change[i].from;
	return NULL;
}

static bool same(const char *target, enum change_kind kind, const char *wanted)
{
	const char *from = puts_back(target, kind);

	return from && !strcmp(from, wanted);
}

/* Would everything that was changed on this device be put back? */
static bool comes_back(const struct journal_device *d)
{
	const struct journal_device *mine = journal_device(&got, d->name);

	return mine && !strcmp(mine->driver, d->driver) && puts_back(d->name, CHANGE_BIND) &&
	       same(d->name, CHANGE_UNBIND, d->driver) &&
	       same(d->name, CHANGE_OVERRIDE, d->override) &&
	       same(d->name, CHANGE_POWER, d->power) &&
	       (!*d->d3cold || same(d->name, CHANGE_D3COLD, d->d3cold));
}

/* They are executed as root: only these two words, and only what is a whole path. */
static void hooks_are_read_or_are_none(void **state)
{
	static const char *const bad[][2] = { { "prepare", "/bin/true" }, { "failed", "true" }, { "released", "" } };
	int fd = memfd_create("journal", MFD_CLOEXEC);
	char text[1024];
	ssize_t n;

	(void)state;
	written = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_begin(&written, fd, "win10", false), 0);
	assert_int_equal(journal_add_hook(&written, "failed", "/etc/vfio-run/a b"), 0);
	assert_int_equal(journal_add_hook(&written, "released", "/etc/vfio-run/c"), 0);
	n = pread(fd, text, sizeof(text), 0);
	assert_true(n > 0);
	assert_int_equal(read_text(text, (size_t)n), 0);
	assert_int_equal(got.unread, 0);
	assert_string_equal(got.hook_failed, "/etc/vfio-run/a b");
	assert_string_equal(got.hook_released, "/etc/vfio-run/c");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(journal_add_hook(&written, bad[i][0], bad[i][1]), 0);
	n = pread(fd, text, sizeof(text), 0);
	(void)read_text(text, (size_t)n);
	assert_int_equal(got.unread, ARRAY_SIZE(bad));
	assert_string_equal(got.hook_failed, "/etc/vfio-run/a b");
	(void)close(fd);
}

/* Given to a program as it stands: devices, or it is damage. */
static void where_the_picture_was_is_read(void **state)
{
	int fd = memfd_create("journal", MFD_CLOEXEC);
	char text[1024];
	ssize_t n;

	(void)state;
	written = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_begin(&written, fd, "win10", false), 0);
	assert_int_equal(journal_add_picture(&written, "0000:01:00.0 0000:02:00.0"), 0);
	assert_int_equal(journal_add_picture(&written, "--help"), -EINVAL);
	n = pread(fd, text, sizeof(text), 0);
	assert_true(n > 0);
	assert_int_equal(read_text(text, (size_t)n), 0);
	assert_int_equal(got.unread, 0);
	assert_string_equal(got.picture, "0000:01:00.0 0000:02:00.0");
	(void)close(fd);
}

/* Whoever has the journal next runs none of them again. */
static void hooks_that_were_run_are_known(void **state)
{
	int fd = memfd_create("journal", MFD_CLOEXEC);
	char text[1024];
	ssize_t n;

	(void)state;
	written = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_begin(&written, fd, "win10", false), 0);
	assert_int_equal(journal_add_hook(&written, "failed", "/etc/vfio-run/a"), 0);
	assert_int_equal(journal_add_hook(&written, "released", "/etc/vfio-run/c"), 0);
	assert_int_equal(journal_add_ran(&written, "stopped"), 0);
	n = pread(fd, text, sizeof(text), 0);
	assert_int_equal(read_text(text, (size_t)n), 0);
	assert_true(got.ran_stopped);
	assert_string_equal(got.hook_failed, "/etc/vfio-run/a");
	assert_int_equal(journal_add_ran(&written, "failed"), 0);
	n = pread(fd, text, sizeof(text), 0);
	assert_int_equal(read_text(text, (size_t)n), 0);
	assert_int_equal(got.unread, 0);
	assert_string_equal(got.hook_failed, "");
	assert_string_equal(got.hook_released, "/etc/vfio-run/c");
	assert_int_equal(journal_add_ran(&written, "released"), 0); /* its journal is gone by then */
	n = pread(fd, text, sizeof(text), 0);
	(void)read_text(text, (size_t)n);
	assert_int_equal(got.unread, 1);
	(void)close(fd);
}

static void read_what_was_written(void **state)
{
	char text[4096];
	size_t size = write_all(text, sizeof(text));

	(void)state;
	assert_int_equal(read_text(text, size), 0);
	assert_int_equal(got.unread, 0);
	assert_string_equal(got.name, "win10");
	assert_int_equal(got.class_, JOURNAL_RUN);
	assert_int_equal(got.keeper.pid, 100);
	assert_int_equal(got.worker[0].start, 1001);
	assert_int_equal(got.process_count, 1);
	assert_string_equal(got.process[0].role, "qemu");
	assert_int_equal(got.process[0].id.pid, 102);
	assert_true(got.process[0].id.start == 1002 && got.process[0].has_devices);
	assert_int_equal(got.device_count, DEVICES);
	assert_memory_equal(got.device, devices, sizeof(devices));
	assert_int_equal(got.change_count, ARRAY_SIZE(changes));
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		assert_memory_equal(&got.change[i], &changes[i], sizeof(changes[i]));
}

/* A keeper can die at any byte: what was begun before is there, what was not is not. */
static void truncated_at_every_byte(void **state)
{
	char text[4096];
	size_t size = write_all(text, sizeof(text));

	(void)state;
	for (size_t n = 0; n <= size; n++) {
		size_t lines = 0, begun = 0;

		for (size_t i = 0; i < n; i++)
			lines += text[i] == '\n';
		begun = lines > 7 ? lines - 7 : 0;
		if (begun > ARRAY_SIZE(changes))
			begun = ARRAY_SIZE(changes);
		assert_int_equal(read_text(text, n), 0);
		assert_int_equal(got.unread, 0);
		assert_int_equal(got.change_count, begun);
	}
}

/* One flipped bit anywhere: the line is found out, and both devices come back nevertheless. */
static void every_bit_flipped(void **state)
{
	char text[4096];
	size_t size = write_all(text, sizeof(text));

	(void)state;
	for (size_t bit = 0; bit < size * 8; bit++) {
		int rc;

		text[bit / 8] ^= (char)(1u << bit % 8);
		rc = read_text(text, size);
		/* the last newline: the line of QEMU is then one that was never ended */
		if (rc || got.device_count != DEVICES)
			fail_msg("bit %zu: %d, %zu devices", bit, rc, got.device_count);
		for (size_t i = 0; i < DEVICES; i++)
			if (!comes_back(&devices[i]))
				fail_msg("bit %zu: %s is lost", bit, devices[i].name);
		text[bit / 8] ^= (char)(1u << bit % 8);
	}
}

/* A byte cut out, or one put in. */
static void every_byte_cut_or_doubled(void **state)
{
	char text[4096], other[4097];
	size_t size = write_all(text, sizeof(text));

	(void)state;
	for (size_t at = 0; at < size; at++) {
		memcpy(other, text, at);
		memcpy(other + at, text + at + 1, size - at - 1);
		assert_int_equal(read_text(other, size - 1), 0);
		for (size_t i = 0; i < DEVICES; i++)
			assert_true(comes_back(&devices[i]) || at == size - 1);
		memcpy(other, text, at + 1);
		memcpy(other + at + 1, text + at, size - at);
		assert_int_equal(read_text(other, size + 1), 0);
		for (size_t i = 0; i < DEVICES; i++)
			assert_true(comes_back(&devices[i]));
	}
}

/* Any one line gone, or its text replaced by rubbish. */
static void every_line_lost(void **state)
{
	char text[4096], other[4096];
	size_t size = write_all(text, sizeof(text));

	(void)state;
	for (char *line = text; line < text + size;) {
		char *end = memchr(line, '\n', size);
		size_t length = (size_t)(end - line);

		memcpy(other, text, size);
		memset(other + (line - text), '\t', length);
		assert_int_equal(read_text(other, size), 0);
		assert_true(got.unread > 0);
		for (size_t i = 0; i < DEVICES; i++)
			assert_true(comes_back(&devices[i]));
		line = end + 1;
	}
}

/* All changes unreadable: what the devices' lines name is put back, begun or not. */
static void only_the_devices_are_left(void **state)
{
	char text[4096], *p;
	size_t size = write_all(text, sizeof(text));

	(void)state;
	for (p = text; (p = strstr(p, "change\t")); p++)
		*p = 'C';
	assert_int_equal(read_text(text, size), 0);
	assert_true(got.unread > 0);
	for (size_t i = 0; i < DEVICES; i++)
		assert_true(comes_back(&devices[i]));
	/* drivers before overrides on the way back, which goes from the last to the first */
	assert_int_equal(got.change[got.change_count - 1].kind, CHANGE_BIND);
	assert_int_equal(got.change[0].kind, CHANGE_D3COLD);
}

/* What has no record to go by is put back by its own line, or not at all: nothing is guessed. */
static void a_change_of_the_host_is_not_invented(void **state)
{
	char text[4096], *line;
	size_t size = write_all(text, sizeof(text)), modules = 0;

	(void)state;
	for (line = text; line < text + size; line = strchr(line, '\n') + 1) {
		bool is_module = !strncmp(line, "change\tmodule", 13);

		*line ^= 1;
		assert_int_equal(read_text(text, size), 0);
		assert_int_equal(got.unread, 1);
		modules = 0;
		for (size_t i = 0; i < got.change_count; i++) {
			const struct change *c = &got.change[i];

			modules += c->kind == CHANGE_MODULE && !strcmp(c->target, "vfio_pci");
			if (!change_is_of_device(c->kind) && c->kind != CHANGE_MODULE)
				fail_msg("%s %s", change_name(c->kind), c->target);
		}
		assert_int_equal(modules, is_module ? 0 : 1);
		*line ^= 1;
	}
}

/* A line that stands there twice is read once, or does no harm: reverting twice is reverting once. */
static void every_line_doubled(void **state)
{
	char text[4096], other[8192];
	size_t size = write_all(text, sizeof(text));

	(void)state;
	for (char *line = text, *end; line < text + size; line = end + 1) {
		size_t upto;

		end = strchr(line, '\n');
		upto = (size_t)(end + 1 - text);
		memcpy(other, text, upto);
		memcpy(other + upto, line, (size_t)(end + 1 - line));
		memcpy(other + upto + (size_t)(end + 1 - line), end + 1, size - upto);
		assert_int_equal(read_text(other, size + (size_t)(end + 1 - line)), 0);
		assert_int_equal(got.unread, 0);
		assert_int_equal(got.device_count, DEVICES);
		for (size_t i = 0; i < DEVICES; i++)
			assert_true(comes_back(&devices[i]));
	}
}

/* A device of which only the changes are known: nothing is put back that was not changed. */
static void a_salvaged_device_is_not_invented(void **state)
{
	char text[4096], *line;
	size_t size = write_all(text, sizeof(text));

	(void)state;
	line = strstr(text, "device\t10000:e1:00.1");
	*line = 'D';
	/* died after the power was changed, before the override was */
	size = (size_t)(strstr(text, "change\tdriver_override") - text);
	assert_int_equal(read_text(text, size), 0);
	assert_true(got.unread > 0);
	assert_true(same("10000:e1:00.1", CHANGE_POWER, "on"));
	assert_null(puts_back("10000:e1:00.1", CHANGE_OVERRIDE));
	assert_null(puts_back("10000:e1:00.1", CHANGE_UNBIND));
}

static void rubbish(void **state)
{
	static char big[JOURNAL_BYTES_MAX];
	unsigned int seed = 1;

	(void)state;
	assert_int_equal(read_text("", 0), 0);
	assert_int_equal(read_text("\n", 1), -EBADMSG);
	assert_int_equal(read_text("\0\n", 2), -EBADMSG);
	memset(big, '\t', sizeof(big));
	assert_int_equal(read_text(big, sizeof(big)), 0); /* a line that was never ended */
	memset(big, '\n', sizeof(big));
	assert_int_equal(read_text(big, sizeof(big)), -EBADMSG);
	for (size_t i = 0; i < sizeof(big); i++) {
		seed = seed * 1103515245u + 12345u;
		big[i] = "\t\n change0:.1fd"[(seed >> 16) % 15];
	}
	assert_int_equal(read_text(big, sizeof(big)), -EBADMSG);
}

/* A line with a good checksum that no keeper writes. */
static size_t forge(char *text, size_t size, const char *line)
{
	return (size_t)snprintf(text, size, "%s\t%08x\n", line, checksum(line, strlen(line)));
}

static void hostile_lines(void **state)
{
	static const char *const bad[] = {
		"device\t../../etc\t0001\t0001\t1\t\t\t\t\t\t",
		"device\t0000:01:00.0\t0001\t0001\t1\t../x\t\t\t\t\t",
		"device\t0000:01:00.0\t0001\t0001\t1\t\t..\t\t\t\t",
		"device\t0000:01:00.0\t0001\t0001\t1x\t\t\t\t\t\t",
		"device\t0000:01:00.0\t0001\t0001\t1\t\t\t\t",
		"change\tunbind\t0000:01:00.0\t../../x\t",
		"change\tunbind\tnowhere\tx\t",
		"change\tformat\t0000:01:00.0\tx\t",
		"change\tpower_control\t0000:01:00.0\toff\ton",
		"change\td3cold_allowed\t0000:01:00.0\t2\t0",
		"change\tunbind\t0000:01:00.0\ta b\t",
		"change\tunbind\t0000:01:00.0\t-x\t",
		"change\tbind\t0000:01:00.0\t\tx;y",
		"change\tdriver_override\t0000:01:00.0\tx\x1by\t",
		"device\t0000:01:00.0\t0001\t0001\t1\ta b\t\t\t\t\t",
		"device\t0000:01:00.0\t0001\t0001\t-2\t\t\t\t\t\t",
		"device\t0000:01:00.0\t0001\t0001\t1\t\t\t\toff\t\t",
		"device\t0000:01:00.0\t0001\t0001\t1\t\t\t\t\t7\t",
		"device\t0000:01:00.0\t0001\t0001\t1\t\t\t\t\t\t\x1b[2J",
		"oopsed\t0000:01:00.0",
		"removed\t0000:01:00.0\tyes",
		"boot\t../x",
		"displays\t0000:01:00.0\t1\t1",
		"monitors\t0000:01:00.0\t1",
		"worker\t-1\t5",
		"worker\t0\t5",
		"worker\t99999999999\t5",
		"worker\t1",
		"qemu\t1\tx",
		"process\tqemu\t1\tx\tdevices",
		"process\tqe mu\t1\t1\tdevices",
		"process\t\t1\t1\t",
		"process\tqemu\t1\t1\tdevice",
		"process\tqemu\t0\t1\tdevices",
		"process\tabcdefghijklmnop\t1\t1\t",
		"stuck\t0000:01:00.0\t1\t1",
		"surprise",
		"vfio-run-journal\t1",
		"",
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		size_t n = forge(text, sizeof(text), bad[i]);

		if (read_text(text, n) != -EBADMSG || got.device_count)
			fail_msg("accepted: %s", bad[i]);
	}
}

static void more_of_everything_than_there_is_room_for(void **state)
{
	static char text[JOURNAL_BYTES_MAX];
	char line[128];
	size_t used = 0;

	(void)state;
	for (unsigned int i = 0; i < KEEPER_DEVICES_MAX + 10; i++) {
		(void)snprintf(line, sizeof(line), "device\t0000:%02x:00.0\t0001\t0001\t%u\tx\tx\t\t\t\t", i, i);
		used += forge(text + used, sizeof(text) - used, line);
	}
	for (unsigned int i = 0; i < KEEPER_CHANGES_MAX + 10; i++)
		used += forge(text + used, sizeof(text) - used, "change\tunbind\t0000:00:00.0\tx\t");
	for (unsigned int i = 0; i < JOURNAL_WORKERS_MAX + 10; i++)
		used += forge(text + used, sizeof(text) - used, "worker\t1\t18446744073709551615");
	assert_int_equal(read_text(text, used), 0);
	assert_true(got.unread > 0);
	assert_int_equal(got.device_count, KEEPER_DEVICES_MAX);
}

/* A package is upgraded while a VM runs: what its keeper has written is still read. */
static void the_format_before_is_read(void **state)
{
	char text[512];
	size_t n = forge(text, sizeof(text), "vfio-run-journal\t2");

	(void)state;
	n += forge(text + n, sizeof(text) - n, "name\twin10\trun");
	n += forge(text + n, sizeof(text) - n, "keeper\t100\t1000");
	n += forge(text + n, sizeof(text) - n, "qemu\t102\t1002");
	assert_int_equal(read_text(text, n), 0);
	assert_int_equal(got.unread, 0);
	assert_int_equal(got.process_count, 1);
	assert_int_equal(got.process[0].id.pid, 102);
	assert_true(got.process[0].id.start == 1002 && got.process[0].has_devices);
}

/* And a downgrade: nothing of it is undone, but the devices have to be named. */
static void a_newer_format_names_its_devices(void **state)
{
	char text[1024];
	size_t n = forge(text, sizeof(text), "vfio-run-journal\t4");

	(void)state;
	n += forge(text + n, sizeof(text) - n, "name\twin10\tdetach");
	n += forge(text + n, sizeof(text) - n,
		   "device\t0000:01:00.0\t10de\t2486\t1\tnouveau\tnouveau\t\ton\t1\tGeForce");
	n += forge(text + n, sizeof(text) - n, "device\t0000:01:00.1\tnew\twords");
	n += forge(text + n, sizeof(text) - n, "what\tis\tthis");
	n += forge(text + n, sizeof(text) - n, "change\tunbind\t0000:01:00.0\tnouveau\t");
	n += forge(text + n, sizeof(text) - n, "class\tkept");
	assert_int_equal(read_text(text, n), -EPROTONOSUPPORT);
	assert_int_equal(got.newer, 4);
	assert_int_equal(got.class_, JOURNAL_KEPT);
	assert_int_equal(got.device_count, 2);
	assert_string_equal(got.device[0].name, "0000:01:00.0");
	assert_string_equal(got.device[0].title, "GeForce");
	assert_string_equal(got.device[1].name, "0000:01:00.1");
}

static void no_number_of_a_format(void **state)
{
	static const char *const bad[] = { "", "0", "1", "-4", "+4", "04", " 4", "4x", "65536",
					   "99999999999999999999" };
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char line[64];

		(void)snprintf(line, sizeof(line), "vfio-run-journal\t%s", bad[i]);
		assert_int_equal(read_text(text, forge(text, sizeof(text), line)), -EBADMSG);
		assert_int_equal(got.newer, 0);
	}
}

/* The longest lines that can be, all of them: there is room for each, and it was reserved. */
static void the_longest_run_has_room(void **state)
{
	struct change c = { .kind = CHANGE_OVERRIDE };
	struct journal_device d = { .vendor = 0xffff, .device = 0xffff, .group = INT32_MAX,
				    .displays = { 9999, 9999, 9999 } };
	const struct process_id id = { INT32_MAX, UINT64_MAX };
	const struct journal_process p = { "0123456789abcde", id, true };
	int fd = memfd_create("journal", MFD_CLOEXEC);
	struct stat st;

	(void)state;
	written = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_begin(&written, fd, "0123456789012345678901234567890x", false), 0);
	assert_int_equal(journal_reserve(&written, KEEPER_DEVICES_MAX, KEEPER_CHANGES_MAX), 0);
	assert_int_equal(fstat(fd, &st), 0);
	memset(d.driver, 'd', CHANGE_TEXT_MAX - 1);
	memset(d.module, 'm', CHANGE_TEXT_MAX - 1);
	memset(d.override, 'o', CHANGE_TEXT_MAX - 1);
	(void)strcpy(d.power, "auto");
	(void)strcpy(d.d3cold, "1");
	memset(d.title, 't', sizeof(d.title) - 1);
	memset(c.from, 'f', CHANGE_TEXT_MAX - 1);
	memset(c.to, 't', CHANGE_TEXT_MAX - 1);
	memcpy(c.to, "vfio", 4);
	for (int i = 0; i < 64; i++)
		assert_int_equal(journal_add_worker(&written, &id), 0);
	for (int i = 0; i < 2 * KEEPER_PROGRAMS_MAX; i++)
		assert_int_equal(journal_add_process(&written, &p), 0);
	for (uint8_t i = 0; i < KEEPER_DEVICES_MAX; i++) {
		d.address = (struct pci_address){ UINT32_MAX, i, 31, 7 };
		pci_address_format(&d.address, d.name);
		assert_int_equal(journal_add_device(&written, &d), 0);
		for (int times = 0; times < 3; times++) {
			struct journal_device *mine = &written.device[i];

			assert_int_equal(journal_add_stuck(&written, mine, &id), 0);
			assert_int_equal(journal_set_removed(&written, mine, true), 0);
			assert_int_equal(journal_set_removed(&written, mine, false), 0);
		}
		assert_int_equal(journal_add_oopsed(&written, &written.device[i]), 0);
	}
	(void)strcpy(c.target, d.name);
	for (int i = 0; i < KEEPER_CHANGES_MAX; i++)
		assert_int_equal(journal_add_change(&written, &c), 0);
	assert_between(lseek(fd, 0, SEEK_END), 1, (off_t)st.st_blocks * 512);
	got = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_load(&got, fd), 0);
	assert_int_equal(got.unread, 0);
	assert_int_equal(got.device_count, KEEPER_DEVICES_MAX);
	assert_true(got.device[9].oopsed);
	assert_int_equal(got.device[9].displays.connectors, 9999);
	assert_int_equal(got.device[9].displays.connected, 9999);
	assert_int_equal(got.change_count, KEEPER_CHANGES_MAX);
	(void)close(fd);
}

static void kept_and_back(void **state)
{
	char text[4096];
	int fd = memfd_create("journal", MFD_CLOEXEC);

	(void)state;
	written = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_begin(&written, fd, "detach-0000:01:00.0", true), 0);
	assert_int_equal(journal_set_class(&written, JOURNAL_KEPT), 0);
	got = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_load(&got, fd), 0);
	assert_int_equal(got.class_, JOURNAL_KEPT);
	assert_true(got.is_detach);
	assert_int_equal(journal_begin(&written, fd, "again", false), -EEXIST);
	assert_int_equal(journal_set_class(&written, JOURNAL_RUN), 0);
	got = (struct journal)JOURNAL_INIT;
	assert_int_equal(journal_load(&got, fd), 0);
	assert_int_equal(got.class_, JOURNAL_RUN);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(journal_load(&got, fd), -ENODATA);
	(void)text;
	(void)close(fd);
}

/* The first failure is kept: what is not written down is not made. */
static void a_journal_that_cannot_be_written(void **state)
{
	struct journal_device d = devices[0];
	int fd = open("/dev/full", O_RDWR | O_CLOEXEC);

	(void)state;
	written = (struct journal)JOURNAL_INIT;
	written.fd = fd;
	assert_int_equal(journal_add_change(&written, &changes[0]), -ENOSPC);
	assert_int_equal(written.change_count, 0);
	written.fd = memfd_create("journal", MFD_CLOEXEC);
	assert_int_equal(journal_add_change(&written, &changes[0]), -ENOSPC);
	(void)close(fd);

	written.write_error = 0;
	(void)snprintf(d.override, sizeof(d.override), "a\tb");
	assert_int_equal(journal_add_device(&written, &d), -EINVAL);
	assert_int_equal(written.device_count, 0);
	(void)snprintf(d.override, sizeof(d.override), "a");
	(void)snprintf(d.title, sizeof(d.title), "a\nclass\tkept");
	assert_int_equal(journal_add_device(&written, &d), -EINVAL);
	(void)close(written.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks_are_read_or_are_none),
		cmocka_unit_test(hooks_that_were_run_are_known),
		cmocka_unit_test(where_the_picture_was_is_read),
		cmocka_unit_test(read_what_was_written),
		cmocka_unit_test(truncated_at_every_byte),
		cmocka_unit_test(every_bit_flipped),
		cmocka_unit_test(every_byte_cut_or_doubled),
		cmocka_unit_test(every_line_lost),
		cmocka_unit_test(only_the_devices_are_left),
		cmocka_unit_test(a_change_of_the_host_is_not_invented),
		cmocka_unit_test(every_line_doubled),
		cmocka_unit_test(a_salvaged_device_is_not_invented),
		cmocka_unit_test(rubbish),
		cmocka_unit_test(hostile_lines),
		cmocka_unit_test(more_of_everything_than_there_is_room_for),
		cmocka_unit_test(the_format_before_is_read),
		cmocka_unit_test(a_newer_format_names_its_devices),
		cmocka_unit_test(no_number_of_a_format),
		cmocka_unit_test(the_longest_run_has_room),
		cmocka_unit_test(kept_and_back),
		cmocka_unit_test(a_journal_that_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
