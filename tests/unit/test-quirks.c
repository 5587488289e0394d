/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-quirks.c - what is known of drivers and cards: versions, ids, the administrator's file, the table */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/devices/quirks.h"
#include "launcher/host/devices/vendor-reset.h"
#include "tests/sysfs/tree.h"

static void versions_are_compared(void **state)
{
	static const struct {
		const char *range, *version;
		bool in;
	} cases[] = {
		{ "6.14.2", "6.14.2-arch1-1", true },
		{ "6.14.2", "6.14.3", false },
		{ "6.14.2", "6.14", false },
		{ "6.15", "6.15.0", true },
		{ "6.15", "6.15.12-zen", true },
		{ "6.15", "6.16", false },
		{ "6.0..6.4", "6.0.1", true },
		{ "6.0..6.4", "6.4.99", true },
		{ "6.0..6.4", "6.5", false },
		{ "6.0..6.4", "5.19.17", false },
		{ "595..", "595.45.04", true },
		{ "595..", "590.48.01", false },
		{ "595..", "1000.1", true },
		{ "..589", "580.126", true },
		{ "..589", "590", false },
		{ "595..", "", false },
		{ "595..", "unknown", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct quirk_range range;

		assert_true(quirk_parse_range(cases[i].range, &range));
		if (quirk_is_in(&range, cases[i].version) != cases[i].in)
			fail_msg("%s and %s", cases[i].range, cases[i].version);
	}
}

static void what_is_no_range_is_refused(void **state)
{
	static const char *const cases[] = { "", "..", "6.x", "x..6", "6..7a", "-6", "1111111111111111111111111111111111111" };
	struct quirk_range range;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (quirk_parse_range(cases[i], &range))
			fail_msg("%s was taken", cases[i]);
}

static void ids_match(void **state)
{
	(void)state;
	assert_true(quirk_ids_match("10de:2486 1002:744c", 0x1002, 0x744c));
	assert_true(quirk_ids_match("1002:74*", 0x1002, 0x744c));
	assert_true(quirk_ids_match("10de:1,1002:744c", 0x1002, 0x744c));
	assert_true(quirk_ids_match("10de:*", 0x10de, 0x0001));
	assert_false(quirk_ids_match("1002:744", 0x1002, 0x744c));
	assert_false(quirk_ids_match("1002:75*", 0x1002, 0x744c));
	assert_false(quirk_ids_match("", 0x1002, 0x744c));
	assert_true(quirk_ids_valid("1002:744c,10de:* 8086:56a0"));
	for (const char *const *bad = (const char *const[]){ "", "1002", "1002:744", "1002:744c,", "1002:744C",
							      "*:744c", "1002:7*4c", "1002:744cc", NULL };
	     *bad; bad++)
		if (quirk_ids_valid(*bad))
			fail_msg("%s was taken", *bad);
}

/* ---- with a machine ------------------------------------------------------------------------- */

static char root[64];

static int make(void **state)
{
	(void)state;
	tree_make("quirks", root);
	return 0;
}

static int unmake(void **state)
{
	(void)state;
	tree_remove(root);
	return 0;
}

static void put(const char *path, const char *text)
{
	char whole[256];
	FILE *f;

	(void)snprintf(whole, sizeof(whole), "%s/%s", root, path);
	f = fopen(whole, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* The names of all rows that apply to a device, with blanks behind them. */
static const char *rows_of(const char *address, char *buf, size_t size)
{
	const struct host_device *d;
	struct pci_address a;
	struct quirks q;
	struct host *h;
	size_t used = 0;

	*buf = '\0';
	assert_int_equal(host_open(root, &h), 0);
	assert_true(pci_address_parse(address, &a));
	assert_int_equal(host_device(h, &a, &d), 0);
	assert_int_equal(host_quirks(h, &q), 0);
	for (size_t i = 0; i < q.count; i++)
		if (host_quirk_applies(h, &q.item[i], d))
			used += (size_t)snprintf(buf + used, size - used, "%s ", q.item[i].name);
	host_quirks_fini(&q);
	host_close(h);
	return buf;
}

static void rows_apply_by_driver_version_and_kernel(void **state)
{
	char buf[256];

	(void)state;
	assert_string_equal(rows_of("0000:01:00.0", buf, sizeof(buf)), "nvidia-595 ");
	assert_string_equal(rows_of("0000:01:00.1", buf, sizeof(buf)), "");
	assert_string_equal(rows_of("0000:06:00.0", buf, sizeof(buf)), "amd-vendor-reset amd-compute ");
	assert_string_equal(rows_of("0000:07:00.0", buf, sizeof(buf)), "amd-rdna3-6.15 amd-compute ");
	assert_string_equal(rows_of("0000:00:02.0", buf, sizeof(buf)), "intel-audio ");
	assert_string_equal(rows_of("0000:08:00.0", buf, sizeof(buf)), "xe-virtual ");
	assert_string_equal(rows_of("0000:09:00.0", buf, sizeof(buf)), "house-card nouveau-d3cold ");
	put("sys/module/nvidia/version", "580.95.05\n");
	assert_string_equal(rows_of("0000:01:00.0", buf, sizeof(buf)), "nvidia-modeset ");
	put("sys/module/nvidia_drm/parameters/modeset", "N\n");
	assert_string_equal(rows_of("0000:01:00.0", buf, sizeof(buf)), "");
	put("proc/sys/kernel/osrelease", "6.12.23-amd64\n");
	assert_string_equal(rows_of("0000:07:00.0", buf, sizeof(buf)), "amd-reset-6.12.23 amd-compute ");
	put("proc/sys/kernel/osrelease", "6.18.1\n");
	assert_string_equal(rows_of("0000:00:02.0", buf, sizeof(buf)), "intel-audio simpledrm-6.18 ");
	put("proc/sys/kernel/osrelease", "6.1.0-9-amd64\n");
	assert_string_equal(rows_of("0000:01:00.0", buf, sizeof(buf)), "sysfb-6.0 ");
}

static void a_reset_is_what_a_row_says(void **state)
{
	const struct host_device *d;
	struct pci_address a;
	struct host *h;
	char buf[32];

	(void)state;
	assert_int_equal(host_open(root, &h), 0);
	assert_true(pci_address_parse("0000:06:00.0", &a));
	assert_int_equal(host_device(h, &a, &d), 0);
	assert_string_equal(host_quirk_reset(h, d, buf, sizeof(buf)), "device_specific");
	put("etc/vfio-run/quirks", "-amd-vendor-reset\n");
	assert_string_equal(host_quirk_reset(h, d, buf, sizeof(buf)), "");
	put("etc/vfio-run/quirks", "mine ids=1002:687f reset=pm : it wants this\n");
	assert_string_equal(host_quirk_reset(h, d, buf, sizeof(buf)), "pm");
	host_close(h);
}

/* The rows and `reset = auto` go by the same list. */
static void what_vendor_reset_knows(void **state)
{
	(void)state;
	assert_true(quirk_ids_valid(VENDOR_RESET_KNOWN));
	assert_true(host_vendor_reset_knows(0x1002, 0x67df));
	assert_true(host_vendor_reset_knows(0x1002, 0x687f));
	assert_true(host_vendor_reset_knows(0x1002, 0x731f));
	assert_true(host_vendor_reset_knows(0x1002, 0x73ff));
	assert_false(quirk_ids_match(VENDOR_RESET_NEEDED, 0x1002, 0x73ff));
	assert_false(host_vendor_reset_knows(0x1002, 0x744c));
	assert_false(host_vendor_reset_knows(0x10de, 0x67df));
}

static void lines_that_cannot_be_read_are_named(void **state)
{
	static const char *const cases[] = {
		"two words\n",
		"name\n",
		"name :\n",
		"name : \n",
		"name driver : text\n",
		"name driver= : text\n",
		"name colour=blue : text\n",
		"name ids=1002 : text\n",
		"name kernel=new : text\n",
		"name if=module: : text\n",
		"name if=!raining : text\n",
		"name if=parameter:../x/y : text\n",
		"name reset=a/b : text\n",
		"-name more\n",
		"../name : text\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[256];
		struct quirks q;
		struct host *h;

		(void)snprintf(text, sizeof(text), "# a comment\n\n%sgood : a sentence\n", cases[i]);
		put("etc/vfio-run/quirks", text);
		assert_int_equal(host_open(root, &h), 0);
		assert_int_equal(host_quirks(h, &q), 0);
		if (!q.error || q.line != 3)
			fail_msg("%s was taken", cases[i]);
		assert_string_equal(q.item[0].name, "good"); /* the others are there */
		host_quirks_fini(&q);
		host_close(h);
	}
}

static void the_table_is_one_that_the_file_could_be(void **state)
{
	struct quirks q;
	struct host *h;

	(void)state;
	put("etc/vfio-run/quirks", "");
	assert_int_equal(host_open(root, &h), 0);
	assert_int_equal(host_quirks(h, &q), 0);
	assert_true(q.count > 10);
	for (size_t i = 0; i < q.count; i++) {
		struct quirk_range range;

		assert_non_null(q.item[i].text);
		if ((q.item[i].kernel && !quirk_parse_range(q.item[i].kernel, &range)) ||
		    (q.item[i].version && !quirk_parse_range(q.item[i].version, &range)) ||
		    (q.item[i].ids && !quirk_ids_valid(q.item[i].ids)))
			fail_msg("%s", q.item[i].name);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(q.item[i].name, q.item[k].name);
	}
	host_quirks_fini(&q);
	host_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_compared),
		cmocka_unit_test(what_is_no_range_is_refused),
		cmocka_unit_test(ids_match),
		cmocka_unit_test(what_vendor_reset_knows),
		cmocka_unit_test_setup_teardown(rows_apply_by_driver_version_and_kernel, make, unmake),
		cmocka_unit_test_setup_teardown(a_reset_is_what_a_row_says, make, unmake),
		cmocka_unit_test_setup_teardown(lines_that_cannot_be_read_are_named, make, unmake),
		cmocka_unit_test_setup_teardown(the_table_is_one_that_the_file_could_be, make, unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
