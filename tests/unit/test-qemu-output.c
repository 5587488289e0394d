// SPDX-License-Identifier: GPL-2.0-or-later
/* test-qemu-output.c - QEMU's output on the user's terminal: escaped, whole, limited; no waiting */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "qmp/escape.h"
#include "qmp/qemu-output.h"
#include "tests/unit/between.h"

static struct qemu_output words;
static int pipe_fd[2];
static char printed[1 << 18];

/* What has been printed since the last call. */
static const char *read_printed(void)
{
	ssize_t got = 0;
	size_t used = 0;

	while (used < sizeof(printed) - 1 &&
	       (got = read(pipe_fd[0], printed + used, sizeof(printed) - 1 - used)) > 0)
		used += (size_t)got;
	printed[used] = '\0';
	return printed;
}

static void feed(const char *text)
{
	qemu_output_feed(&words, text, strlen(text), 1);
}

static void text_is_made_fit(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "plain \\ \"text\"\twith tab", "plain \\ \"text\"\twith tab" },
		{ "\033[31mred\033]0;title\007", "\\x1b[31mred\\x1b]0;title\\x07" },
		{ "a\rb\bc\x7f", "a\\x0db\\x08c\\x7f" },
		{ "Größe 中文 \xf0\x9f\x98\x80", "Größe 中文 \xf0\x9f\x98\x80" },
		{ "\xff\xfe", "\\xff\\xfe" },
		{ "\xc3", "\\xc3" },
		{ "\xe4\xb8", "\\xe4\\xb8" },
		{ "\xc0\x80", "\\xc0\\x80" },			  /* overlong */
		{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf" },		  /* overlong */
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },		  /* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },	  /* beyond Unicode */
		{ "\xc2\x9b" "31m", "\\xc2\\x9b31m" },		  /* C1: another CSI */
		{ "\xe2\x80\xae" "evil", "\\xe2\\x80\\xaeevil" }, /* right-to-left override */
		{ "\xe2\x80\xa8", "\\xe2\\x80\\xa8" },		  /* line separator */
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t length = qmp_text_escape(out, sizeof(out), rows[i].in, strlen(rows[i].in));

		assert_string_equal(out, rows[i].out);
		assert_int_equal(length, strlen(out));
	}
	assert_int_equal(qmp_text_escape(out, sizeof(out), "a\0b", 3), 6);
	assert_string_equal(out, "a\\x00b");
	/* What lies behind the text is not looked at. */
	assert_int_equal(qmp_text_escape(out, sizeof(out), "\xc3\xa4", 1), 4);
	assert_string_equal(out, "\\xc3");
}

static void text_that_does_not_fit_is_cut_between_characters(void **state)
{
	static const char in[] = "x\xc3\xa4\001\xf0\x9f\x98\x80";
	char out[16];

	(void)state;
	for (size_t size = 1; size <= sizeof(out); size++) {
		size_t length;

		memset(out, 'z', sizeof(out));
		length = qmp_text_escape(out, size, in, sizeof(in) - 1);
		assert_true(length < size && out[length] == '\0');
		assert_true(length == 0 || length == 1 || length == 3 || length == 7 ||
			    length == 11);
		for (size_t i = size; i < sizeof(out); i++)
			assert_int_equal(out[i], 'z');
	}
}

static void lines_carry_the_name(void **state)
{
	static const char in[] = "one\r\ntw\033o\n\nrest";

	(void)state;
	for (size_t i = 0; i < sizeof(in) - 1; i++)
		qemu_output_feed(&words, in + i, 1, 1);
	assert_string_equal(read_printed(), "win10: one\nwin10: tw\\x1bo\nwin10: \n");
	qemu_output_end(&words, 1);
	assert_string_equal(read_printed(), "win10: rest\n");
	qemu_output_end(&words, 1);
	assert_string_equal(read_printed(), "");
}

static void colour_is_around_the_name(void **state)
{
	(void)state;
	words.colour = true;
	feed("x\n");
	assert_string_equal(read_printed(), "\033[2mwin10:\033[0m x\n");
}

static void long_lines_are_cut_and_say_so(void **state)
{
	static char in[100000];
	const char *out;

	(void)state;
	memset(in, 'x', sizeof(in));
	qemu_output_feed(&words, in, sizeof(in), 1);
	feed("\nnext\n");
	out = read_printed();
	assert_int_equal(strspn(out + 7, "x"), QEMU_OUTPUT_LINE_MAX);
	assert_string_equal(out + 7 + QEMU_OUTPUT_LINE_MAX, "…\nwin10: next\n");

	memset(in, 1, sizeof(in)); /* four bytes each: still one write of less than PIPE_BUF */
	qemu_output_feed(&words, in, sizeof(in), 1);
	feed("\n");
	out = read_printed();
	assert_int_equal(strlen(out), 7 + 4 * QEMU_OUTPUT_LINE_MAX + strlen("…\n"));
}

static void a_flood_is_counted_not_shown(void **state)
{
	const char *out;
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		feed("x\n");
	for (out = read_printed(); (out = strchr(out, '\n')); out++)
		lines++;
	assert_int_equal(lines, QEMU_OUTPUT_LINES_PER_SECOND);
	qemu_output_feed(&words, "later\n", 6, 2);
	assert_string_equal(read_printed(),
			    "vfio-run: win10: 4800 lines of QEMU's output not shown\n"
			    "win10: later\n");
}

static void what_was_left_out_is_said_at_the_end(void **state)
{
	(void)state;
	for (int i = 0; i < QEMU_OUTPUT_LINES_PER_SECOND + 1; i++)
		feed("x\n");
	(void)read_printed();
	qemu_output_end(&words, 1);
	assert_string_equal(read_printed(),
			    "vfio-run: win10: 1 line of QEMU's output not shown\n");
}

static void the_last_words_are_quoted(void **state)
{
	static char in[2000];

	(void)state;
	qemu_output_quote_last(&words);
	assert_string_equal(read_printed(), "vfio-run: win10: QEMU said nothing\n");
	feed("qemu: \033first\nqemu: last\n \t\r\n\n");
	qemu_output_end(&words, 1);
	(void)read_printed();
	qemu_output_quote_last(&words);
	assert_string_equal(read_printed(), "vfio-run: win10: QEMU said last: \"qemu: \\x1bfirst\"\n"
					    "vfio-run: win10: QEMU said last: \"qemu: last\"\n");

	feed("one\ntwo\n");
	feed("Bail out! ERROR:x.c:1");
	qemu_output_end(&words, 1);
	(void)read_printed();
	qemu_output_quote_last(&words);
	assert_string_equal(read_printed(),
			    "vfio-run: win10: QEMU said last: \"one\"\n"
			    "vfio-run: win10: QEMU said last: \"two\"\n"
			    "vfio-run: win10: QEMU said last: \"Bail out! ERROR:x.c:1\"\n");

	memset(in, 'x', sizeof(in));
	qemu_output_feed(&words, in, sizeof(in), 1);
	qemu_output_end(&words, 1);
	(void)read_printed();
	qemu_output_quote_last(&words);
	assert_string_equal(strstr(read_printed(), "x…"), "x…\"\n");
}

/* Also a line of a flood that was never shown. */
static void last_words_are_quoted_though_not_shown(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		feed("x\n");
	feed("why\n");
	(void)read_printed();
	qemu_output_quote_last(&words);
	assert_non_null(strstr(read_printed(), "vfio-run: win10: QEMU said last: \"why\"\n"));
}

static double seconds(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The reader sleeps: lines are counted after one short wait, and own up when it wakes. */
static void a_stopped_terminal_is_not_waited_for(void **state)
{
	static char line[1001];
	double start = seconds();
	unsigned long hidden;
	char want[128];

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	line[500] = '\n';
	line[999] = '\n';
	for (uint64_t i = 0; i < 2000; i++) /* 2 MB, through a pipe of 64 KiB */
		qemu_output_feed(&words, line, 1000, 1 + i / 50);
	assert_true(seconds() - start < 5);
	hidden = words.hidden;
	assert_between(hidden, 3800, 3990);
	(void)read_printed();
	qemu_output_feed(&words, "awake\n", 6, 100);
	snprintf(want, sizeof(want),
		 "vfio-run: win10: %lu lines of QEMU's output not shown\nwin10: awake\n", hidden);
	assert_string_equal(read_printed(), want);
}

/* The terminal is gone for good: an error of write(2), no signal, no wait. */
static void a_closed_terminal_harms_nothing(void **state)
{
	(void)state;
	(void)close(pipe_fd[0]);
	for (int i = 0; i < 1000; i++)
		feed("x\n");
	qemu_output_end(&words, 1);
	qemu_output_quote_last(&words);
	assert_int_equal(words.hidden, 1000);
	pipe_fd[0] = -1;
}

/* A part of a line was taken (a terminal opened O_NONBLOCK): the next begins on its own. */
static void a_torn_line_is_ended(void **state)
{
	(void)state;
	words.torn = true;
	feed("x\n");
	assert_string_equal(read_printed(), "\nwin10: x\n");
	feed("y\n");
	assert_string_equal(read_printed(), "win10: y\n");
}

static int begin(void **state)
{
	(void)state;
	if (pipe2(pipe_fd, O_CLOEXEC) || fcntl(pipe_fd[0], F_SETFL, O_NONBLOCK))
		return -1;
	qemu_output_init(&words, pipe_fd[1], "win10", false);
	return 0;
}

static int end(void **state)
{
	(void)state;
	(void)close(pipe_fd[1]);
	if (pipe_fd[0] >= 0)
		(void)close(pipe_fd[0]);
	return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_is_made_fit),
		TEST(text_that_does_not_fit_is_cut_between_characters),
		TEST(lines_carry_the_name),
		TEST(colour_is_around_the_name),
		TEST(long_lines_are_cut_and_say_so),
		TEST(a_flood_is_counted_not_shown),
		TEST(what_was_left_out_is_said_at_the_end),
		TEST(the_last_words_are_quoted),
		TEST(last_words_are_quoted_though_not_shown),
		TEST(a_stopped_terminal_is_not_waited_for),
		TEST(a_closed_terminal_harms_nothing),
		TEST(a_torn_line_is_ended),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("qmp-words", tests, NULL, NULL);
}
