/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-allow.c - devices.allow: which user may take what; a file with a mistake allows nothing */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "launcher/host/user/allow.h"

static const struct pci_address card = { 0, 1, 0, 0 }, other = { 0, 1, 0, 1 };

static int parse(const char *text, struct allow *a, struct allow_error *e)
{
	*e = (struct allow_error){ .line = 0 };
	return allow_parse(text, strlen(text), a, e);
}

static void test_lines(void **state)
{
	static const char text[] = "# who may take what\n"
				   "0000:01:00.0\talice # the card\n"
				   "\n"
				   "   10de:228b   alice\n"
				   "01:00.0 bob";
	struct allow_error e;
	struct allow a;

	(void)state;
	assert_int_equal(parse(text, &a, &e), 0);
	assert_true(a.limits);
	assert_int_equal(a.count, 3);
	assert_true(allow_permits(&a, "alice", &card, 0x10de, 0x2486));
	assert_true(allow_permits(&a, "bob", &card, 0x10de, 0x2486));
	assert_true(allow_permits(&a, "alice", &other, 0x10de, 0x228b));
	assert_false(allow_permits(&a, "bob", &other, 0x10de, 0x228b));
	assert_false(allow_permits(&a, "alice", &other, 0x10de, 0x228c));
	assert_false(allow_permits(&a, "alice", &other, 0x10df, 0x228b));
	assert_false(allow_permits(&a, "ali", &card, 0, 0));
	assert_false(allow_permits(&a, "alicea", &card, 0, 0));
	assert_false(allow_permits(&a, "", &card, 0, 0));
	allow_fini(&a);
}

/* A file that is there and names nothing gives nothing; one that is not there limits nothing. */
static void test_empty(void **state)
{
	struct allow none = { .limits = false };
	struct allow_error e;
	struct allow a;

	(void)state;
	assert_int_equal(parse("", &a, &e), 0);
	assert_false(allow_permits(&a, "alice", &card, 0, 0));
	allow_fini(&a);
	assert_true(allow_permits(&none, "alice", &card, 0, 0));
}

/* Devices of the seat and what else is no PCI device: by a line, or as the user's own. */
static void test_further_kinds(void **state)
{
	static const char text[] = "usb:046d:c52b alice\n"
				   "usb:1-2.3 alice # that port\n"
				   "evdev:/dev/input/by-id/usb-a:b-event-kbd alice\n"
				   "net:tap0 alice\n"
				   "unit:getty@tty1.service bob\n";
	static const struct {
		const char *user;
		struct allow_wish requested;
		bool yes;
	} rows[] = {
		{ "alice", { ALLOW_USB, "3-1", 0x046d, 0xc52b, false }, true },
		{ "alice", { ALLOW_USB, NULL, 0x046d, 0xc52b, false }, true },
		{ "alice", { ALLOW_USB, "1-2.3", 1, 2, false }, true },
		{ "alice", { ALLOW_USB, "1-2", 1, 2, false }, false },
		{ "alice", { ALLOW_USB, "1-2.3.1", 1, 2, false }, false },
		{ "alice", { ALLOW_USB, "", 0, 0, false }, false },
		{ "bob", { ALLOW_USB, "1-2.3", 0x046d, 0xc52b, false }, false },
		{ "bob", { ALLOW_USB, "1-2.3", 0x046d, 0xc52b, true }, true },
		{ "alice", { ALLOW_EVDEV, "/dev/input/by-id/usb-a:b-event-kbd", 0, 0, false }, true },
		{ "alice", { ALLOW_EVDEV, "/dev/input/event0", 0, 0, false }, false },
		{ "alice", { ALLOW_EVDEV, "/dev/input/event0", 0, 0, true }, true },
		{ "alice", { ALLOW_NET, "tap0", 0, 0, false }, true },
		{ "alice", { ALLOW_NET, "tap01", 0, 0, false }, false },
		{ "bob", { ALLOW_NET, "tap0", 0, 0, false }, false },
		{ "alice", { ALLOW_UNIT, "tap0", 0, 0, false }, false },
		{ "bob", { ALLOW_UNIT, "getty@tty1.service", 0, 0, false }, true },
		{ "alice", { ALLOW_UNIT, "getty@tty1.service", 0, 0, false }, false },
	};
	struct allow none = { .limits = false };
	struct allow_error e;
	struct allow a;

	(void)state;
	assert_int_equal(parse(text, &a, &e), 0);
	assert_int_equal(a.count, 5);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (allow_reaches(&a, rows[i].user, &rows[i].requested) != rows[i].yes)
			fail_msg("row %zu: %s", i, rows[i].user);
		assert_true(allow_reaches(&none, rows[i].user, &rows[i].requested));
	}
	/* none of them is a PCI device */
	assert_false(allow_permits(&a, "alice", &(struct pci_address){ 0 }, 0x046d, 0xc52b));
	assert_false(allow_permits(&a, "alice", &(struct pci_address){ 0 }, 0, 0));
	allow_fini(&a);

	/* nor does a line for one of another kind give it */
	assert_int_equal(parse("01:00.0 alice\n", &a, &e), 0);
	assert_false(allow_reaches(&a, "alice", &rows[0].requested));
	assert_true(allow_reaches(&a, "bob", &rows[7].requested));
	allow_fini(&a);
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text;
		unsigned int line, column;
		const char *says;
	} rows[] = {
		{ "0000:01:00.0\n", 1, 13, "name of a user" },
		{ "\n0000:01:00.0 # alice\n", 2, 14, "name of a user" },
		{ "alice 0000:01:00.0\n", 1, 1, "alice: expected the address" },
		{ "#\n#\n01:00.9 alice\n", 3, 1, "01:00.9: expected" },
		{ "01:00 alice\n", 1, 1, "expected the address" },
		{ "10de:24g6 alice\n", 1, 1, "expected the address" },
		{ "10de:24866 alice\n", 1, 1, "expected the address" },
		{ "10de alice\n", 1, 1, "expected the address" },
		{ "* alice\n", 1, 1, "expected the address" },
		{ "01:00.0 alice bob\n", 1, 15, "bob: expected nothing" },
		{ "01:00.0 alice\r\n", 1, 9, "name of a user" },
		{ "\033[2J alice\n", 1, 1, "\\x1b[2J: expected" },
		{ "  usb:046d alice\n", 1, 3, "usb:046d: expected usb: and the ids" },
		{ "usb:046d:c52g alice\n", 1, 1, "expected usb:" },
		{ "usb:0-1 alice\n", 1, 1, "expected usb:" },
		{ "usb:1-2. alice\n", 1, 1, "expected usb:" },
		{ "usb:1-2..3 alice\n", 1, 1, "expected usb:" },
		{ "usb:1- alice\n", 1, 1, "expected usb:" },
		{ "usb: alice\n", 1, 1, "expected usb:" },
		{ "usb:* alice\n", 1, 1, "expected usb:" },
		{ "evdev:event3 alice\n", 1, 1, "a path below /dev/input" },
		{ "evdev:/dev/input/ alice\n", 1, 1, "a path below /dev/input" },
		{ "evdev:/dev/input/../sda alice\n", 1, 1, "a path below /dev/input" },
		{ "evdev:/dev/input/by-id/.. alice\n", 1, 1, "a path below /dev/input" },
		{ "evdev:/dev/sda alice\n", 1, 1, "a path below /dev/input" },
		{ "net: alice\n", 1, 1, "the name of a link" },
		{ "net:.. alice\n", 1, 1, "the name of a link" },
		{ "net:tap/0 alice\n", 1, 1, "the name of a link" },
		{ "net:abcdefghijklmnop alice\n", 1, 1, "the name of a link" },
		{ "unit:display-manager alice\n", 1, 1, "the whole name of a unit" },
		{ "unit:*.service alice\n", 1, 1, "the whole name of a unit" },
		{ "unit:.service alice\n", 1, 1, "the whole name of a unit" },
		{ "unit:a/b.service alice\n", 1, 1, "the whole name of a unit" },
		{ "disk:/dev/sda alice\n", 1, 1, "one behind usb:, evdev:, net: or unit:" },
		{ "USB:046d:c52b alice\n", 1, 1, "expected the address" },
		{ "net:tap0\n", 1, 9, "name of a user behind net:tap0" },
		{ "net:tap0 # alice\n", 1, 10, "name of a user" },
		{ "net:\033[2J alice\n", 1, 1, "\\x1b[2J: expected" },
		{ "01:00.0 abcdefghijklmnopqrstuvwxyz012345\n", 0, 0, NULL },
		{ "01:00.0 abcdefghijklmnopqrstuvwxyz0123456\n", 1, 9, "name of a user" },
		{ "0000000000000000000000000000000000000000000000000000000000000001:00.0 alice", 1, 1, "expected" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct allow_error e;
		struct allow a;
		int rc = parse(rows[i].text, &a, &e);

		assert_int_equal(rc, rows[i].says ? -EINVAL : 0);
		assert_int_equal(e.line, rows[i].line);
		if (rows[i].says && e.column != rows[i].column)
			fail_msg("%s: column %u, not %u", rows[i].text, e.column, rows[i].column);
		if (rows[i].says && !strstr(e.what, rows[i].says))
			fail_msg("%s: said `%s`, not `%s`", rows[i].text, e.what, rows[i].says);
		assert_false(allow_permits(&a, "bob", &card, 0, 0));
		allow_fini(&a);
	}
}

static void test_nul(void **state)
{
	static const char text[] = "01:00.0 alice\0x\n";
	struct allow_error e;
	struct allow a;

	(void)state;
	assert_int_equal(allow_parse(text, sizeof(text) - 1, &a, &e), -EINVAL);
	allow_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_further_kinds),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
