/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-scrub.c - what a report must not show, and what it must not lose */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "launcher/commands/report/scrub.h"

static void becomes(struct scrub *s, const char *text, const char *expected)
{
	char *out = scrub_text(s, text);

	assert_non_null(out);
	assert_string_equal(out, expected);
	free(out);
}

static void forms(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "mac 52:54:00:ab:cd:ef,x", "mac <mac>,x" },
		{ "52-54-00-AB-CD-EF", "<mac>" },
		{ "root=UUID=0a1b2c3d-1111-2222-3333-444455556666 ro", "root=UUID=<id> ro" },
		{ "/dev/disk/by-id/nvme-Maker_990_S6Z1NX0W123456-part1 on",
		  "/dev/disk/by-id/<id> on" },
		{ "/dev/input/by-id/usb-Maker_Board_4C5D-event-kbd", "/dev/input/by-id/<id>" },
		{ "/home/alice/vms/win.qcow2", "/home/<user>/vms/win.qcow2" },
		{ "id 0123456789abcdef0123456789abcdef.", "id <id>." },
		{ "to 192.168.1.17:5900", "to <ip>:5900" },
		{ "fe80::5054:ff:feab:cdef%eth0", "<ip>%eth0" },
		{ "2001:db8:1:2:3:4:5:6", "<ip>" },
		{ "serial=WD-1234,x", "serial=<id>,x" },
		{ "Serial: AB12", "Serial: <id>" },
	};
	struct scrub s = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		becomes(&s, cases[i].text, cases[i].expected);
	scrub_fini(&s);
}

/* Addresses, ids and versions of devices are what a report is for. */
static void kept(void **state)
{
	static const char *const texts[] = {
		"0000:01:00.0",
		"10000:e1:00.0",
		"[10de:2486]",
		"pci 0000:01:00.0 id=10de:2486 sub=1043:87b9 class=030000",
		"kernel 6.12.48+deb13-amd64",
		"0x00000000f0000000",
		"QEMU 10.0.2",
		"127.0.0.1:5900",
		"0.0.0.0",
		"a::b",
		"10:20:30",
		"time 12:34:56",
		"driver nouveau",
		"/homely/x",
		"bars=16M,256M,32M,0,0,0,512K",
		"usb 1-2.3",
	};
	struct scrub s = { .count = 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		becomes(&s, texts[i], texts[i]);
	scrub_fini(&s);
}

static void words(void **state)
{
	struct scrub s = { .count = 0 };

	(void)state;
	scrub_add(&s, "max\n", "<user>");
	scrub_add(&s, "max-tower", "<host>");
	scrub_add(&s, " S6Z1NX0W123456 ", "<serial>");
	scrub_add(&s, "Default string", "<serial>");
	scrub_add(&s, "00000000", "<serial>");
	scrub_add(&s, "", "<serial>");
	scrub_add(&s, "ab", "<user>");
	assert_int_equal(s.count, 3);
	becomes(&s, "max: maximum of MAX on max-tower.lan",
		"<user>: maximum of <user> on <host>.lan");
	becomes(&s, "max_x xmax (max)", "max_x xmax (<user>)");
	becomes(&s, "nvme S6Z1NX0W123456: Default string ab", "nvme <serial>: Default string ab");
	becomes(&s, "", "");
	scrub_fini(&s);
}

/* A word that could not be kept would be shown: then nothing is. */
static void incomplete(void **state)
{
	struct scrub s = { .incomplete = true };

	(void)state;
	assert_null(scrub_text(&s, "text"));
	scrub_fini(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(kept),
		cmocka_unit_test(words),
		cmocka_unit_test(incomplete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
