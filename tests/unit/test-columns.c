// SPDX-License-Identifier: GPL-2.0-or-later
/* test-columns.c - text that fits a terminal: cut and wrapped by columns, and short names */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <pty.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/log.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/host/host.h"
#include "tests/sysfs/tree.h"

static void columns_are_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(columns_of("GeForce"), 7);
	assert_int_equal(columns_of("H\xc3\xa9lios"), 6);		/* é */
	assert_int_equal(columns_of("He\xcc\x81lios"), 6);		/* e, and an accent of its own */
	assert_int_equal(columns_of("\xe6\x98\xbe\xe5\x8d\xa1"), 4);	/* two Chinese characters */
	assert_int_equal(columns_of("a\xff\x80z"), 4);			/* no characters at all */
}

static void what_is_too_long_is_cut(void **state)
{
	char buf[COLUMNS_TEXT_MAX];

	(void)state;
	assert_string_equal(columns_fit("GeForce RTX 3070", 16, true, buf), "GeForce RTX 3070");
	assert_string_equal(columns_fit("GeForce RTX 3070", 13, true, buf), "GeForce RTX\xe2\x80\xa6");
	assert_string_equal(columns_fit("GeForce RTX 3070", 13, false, buf), "GeForce RTX..");
	assert_string_equal(columns_fit("\xe6\x98\xbe\xe5\x8d\xa1\xe6\x98\xbe", 4, true, buf),
			    "\xe6\x98\xbe\xe2\x80\xa6"); /* never half a character, nor one column more */
	for (size_t columns = 3; columns < 20; columns++)
		assert_true(columns_of(columns_fit("a \xe6\x98\xbe\xe5\x8d\xa1 H\xc3\xa9lios card", columns, true, buf)) <=
			    columns);
}

static void no_terminal_acts_on_it(void **state)
{
	char buf[COLUMNS_TEXT_MAX];

	(void)state;
	assert_string_equal(columns_fit("a\033[31mb\xc2\x9b" "c\xff", 40, true, buf), "a?[31mb?c?");
	assert_string_equal(columns_fit("H\xc3\xa9lios", 40, false, buf), "H?lios");
}

/* Into a file, and back. */
static void wrap(const char *text, size_t at, size_t indent, size_t width, char out[512])
{
	cleanup_fclose FILE *f = tmpfile();
	int saved = dup(STDOUT_FILENO);
	size_t n;

	assert_non_null(f);
	(void)fflush(stdout);
	assert_true(dup2(fileno(f), STDOUT_FILENO) >= 0);
	columns_wrap(text, at, indent, width);
	(void)fflush(stdout);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	(void)close(saved);
	rewind(f);
	n = fread(out, 1, 511, f);
	out[n] = '\0';
}

static void lines_end_between_words(void **state)
{
	char out[512];

	(void)state;
	wrap("one two three", 0, 4, 80, out);
	assert_string_equal(out, "one two three\n");
	wrap("one two three", 4, 4, 12, out);
	assert_string_equal(out, "one two\n    three\n");
	wrap("type `a b c` now", 2, 2, 15, out); /* a command stays on one line */
	assert_string_equal(out, "type `a b c`\n  now\n");
	wrap("to `sudo vfio-run recover`, then", 4, 4, 30, out);
	assert_string_equal(out, "to\n    `sudo vfio-run recover`,\n    then\n");
	wrap("a /very/long/path/to/some/file b", 2, 2, 12, out); /* and a path whole */
	assert_string_equal(out, "a\n  /very/long/path/to/some/file\n  b\n");
}

/* ---- short names ------------------------------------------------------------------------ */

static const char ids[] = "1002  Advanced Micro Devices, Inc. [AMD/ATI]\n"
			  "\t73bf  Navi 21 [Radeon RX 6800/6800 XT / 6900 XT]\n"
			  "10de  NVIDIA Corporation\n"
			  "\t1f08  TU106 [GeForce RTX 2060 Rev. A]\n"
			  "\t10f9  TU106 High Definition Audio Controller\n"
			  "1022  Advanced Micro Devices, Inc. [AMD]\n"
			  "\t790b  FCH SMBus Controller\n"
			  "C 06  Bridge\n\t00  Host bridge\n\t04  PCI bridge\n"
			  "C 0c  Serial bus controller\n\t03  USB controller\n";

static const struct {
	const char *address, *name;
} names[] = {
	{ "0a:00.0", "NVIDIA GeForce RTX 2060 Rev. A" },
	{ "0a:00.1", "NVIDIA TU106 High Definition Audio Controller" },
	{ "0a:00.2", "NVIDIA USB" }, /* pci.ids does not know it: its class */
	{ "00:14.0", "AMD FCH SMBus Controller" },
	{ "00:01.0", "AMD Host bridge" },
};

static void people_call_it_so(void **state)
{
	char root[64], path[96], name[128];
	struct host *host;
	FILE *f;

	(void)state;
	tree_make("x570-four-functions", root);
	(void)snprintf(path, sizeof(path), "%s/usr/share/misc/pci.ids", root);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(ids, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(host_open(root, &host), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct host_device *d;
		struct pci_address a;

		assert_true(pci_address_parse(names[i].address, &a));
		assert_int_equal(host_device(host, &a, &d), 0);
		assert_string_equal(host_device_short(host, d, name, sizeof(name)), names[i].name);
	}
	host_close(host);
	tree_remove(root);
}

static void message(const char *text, size_t at, size_t width, const char *expected)
{
	char buf[512];

	(void)snprintf(buf, sizeof(buf), "%s", text);
	log_wrap(buf, sizeof(buf), at, width);
	assert_string_equal(buf, expected);
}

/* A message on a terminal: no line is longer, and what is to be copied stays in one piece. */
static void a_message_is_wrapped(void **state)
{
	static const char text[] = "the disk is not there; correct the path, or make it: `qemu-img create -f "
				   "qcow2 /vms/disk.qcow2 64G`";
	char small[16] = "one two three";

	(void)state;
	message(text, 17, 60, "the disk is not there; correct the path, or\n  make it: "
			      "`qemu-img create -f qcow2 /vms/disk.qcow2 64G`");
	message(text, 17, 0, text); /* no terminal */
	message("fits", 76, 80, "fits");
	message("fits not", 76, 80, "fits\n  not");
	message("\033[1;31merror: \033[0mone two", 0, 14, "\033[1;31merror: \033[0mone two");
	message("H\xc3\xa9lios is long", 0, 10, "H\xc3\xa9lios is\n  long");
	log_wrap(small, sizeof(small), 0, 5); /* what has no room is lost */
	assert_string_equal(small, "one\n  two\n  thr");
}

/* What stands under another line begins where that has its own. */
static void blanks_before_a_message_stay(void **state)
{
	(void)state;
	message("  how it is: `vfio-run status`; to  end it: `vfio-run stop`", 10, 52,
		"  how it is: `vfio-run status`; to end it:\n  `vfio-run stop`");
}

/* As every program of ours writes them. */
static void messages_fit_the_terminal(void **state)
{
	const struct winsize size = { .ws_col = 30, .ws_row = 24 };
	int keyboard, terminal, saved = dup(STDERR_FILENO);
	char buf[512];
	ssize_t n;

	(void)state;
	assert_int_equal(openpty(&keyboard, &terminal, NULL, NULL, &size), 0);
	assert_true(dup2(terminal, STDERR_FILENO) >= 0);
	log_fit_terminal();
	log_error("the card is still with the guest");
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	n = read(keyboard, buf, sizeof(buf) - 1);
	assert_true(n > 0);
	buf[n] = '\0';
	assert_string_equal(buf, "vfio-run: error: the card is\r\n  still with the guest\r\n");
	(void)close(keyboard);
	(void)close(terminal);
	(void)close(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_not_bytes),
		cmocka_unit_test(what_is_too_long_is_cut),
		cmocka_unit_test(no_terminal_acts_on_it),
		cmocka_unit_test(lines_end_between_words),
		cmocka_unit_test(people_call_it_so),
		cmocka_unit_test(a_message_is_wrapped),
		cmocka_unit_test(blanks_before_a_message_stay),
		cmocka_unit_test(messages_fit_the_terminal),
	};

	return cmocka_run_group_tests_name("columns", tests, NULL, NULL);
}
