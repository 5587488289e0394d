// SPDX-License-Identifier: GPL-2.0-or-later
/* test-qmp-frame.c - lines out of bytes, however they arrive */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "qmp/frame.h"

static struct qmp_frame frame;

/* Feeds in pieces; the lines that come out, joined by '|', are in @out. */
static int feed(const char *bytes, size_t count, size_t piece, char *out)
{
	out[0] = '\0';
	while (count) {
		size_t part = piece < count ? piece : count, left = part, length;
		const char *p = bytes;

		while (left) {
			int rc = qmp_frame_put(&frame, &p, &left, &length);

			if (rc < 0)
				return rc;
			if (rc > 0) {
				strncat(out, frame.line, length);
				strcat(out, "|");
			}
		}
		bytes += part;
		count -= part;
	}
	return 0;
}

static void lines_come_out_whole(void **state)
{
	static const char in[] = "one\r\ntwo\n\n\r\nthree\r\r\nfo\rur\nrest";
	char out[128];

	(void)state;
	for (size_t piece = 1; piece <= sizeof(in); piece++) {
		qmp_frame_init(&frame);
		assert_int_equal(feed(in, sizeof(in) - 1, piece, out), 0);
		assert_string_equal(out, "one|two|||three\r|fo\rur|");
		assert_int_equal(frame.length, 4);
	}
}

static void nothing_in_nothing_out(void **state)
{
	const char *p = NULL;
	size_t count = 0, length = 0;

	(void)state;
	qmp_frame_init(&frame);
	assert_int_equal(qmp_frame_put(&frame, &p, &count, &length), 0);
}

static void longest_line_is_taken_and_one_more_is_not(void **state)
{
	static char in[QMP_LINE_MAX + 2];
	const char *p = in;
	size_t count = QMP_LINE_MAX + 1, length = 0;

	(void)state;
	memset(in, 'x', sizeof(in));
	in[QMP_LINE_MAX] = '\n';
	qmp_frame_init(&frame);
	assert_int_equal(qmp_frame_put(&frame, &p, &count, &length), 1);
	assert_int_equal(length, QMP_LINE_MAX);

	in[QMP_LINE_MAX] = 'x';
	in[QMP_LINE_MAX + 1] = '\n';
	p = in;
	count = QMP_LINE_MAX + 2;
	assert_int_equal(qmp_frame_put(&frame, &p, &count, &length), -EMSGSIZE);
}

/* 100 MB without a line end: refused at the cap, nothing held beyond it, and it stays so. */
static void endless_line_is_refused_for_ever(void **state)
{
	char piece[5000]; /* not a part of the cap: there is room left when it is refused */
	size_t total, length = 0;
	size_t refused_at = 0;

	(void)state;
	memset(piece, '[', sizeof(piece));
	qmp_frame_init(&frame);
	for (total = 0; total < 100u << 20; total += sizeof(piece)) {
		const char *p = piece;
		size_t count = sizeof(piece);
		int rc = qmp_frame_put(&frame, &p, &count, &length);

		if (rc == -EMSGSIZE && !refused_at)
			refused_at = total;
		assert_int_equal(rc, refused_at ? -EMSGSIZE : 0);
		assert_true(frame.length <= QMP_LINE_MAX);
	}
	assert_int_equal(refused_at, QMP_LINE_MAX / sizeof(piece) * sizeof(piece));
	assert_int_equal(feed("x\n", 2, 2, piece), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_come_out_whole),
		cmocka_unit_test(nothing_in_nothing_out),
		cmocka_unit_test(longest_line_is_taken_and_one_more_is_not),
		cmocka_unit_test(endless_line_is_refused_for_ever),
	};

	return cmocka_run_group_tests_name("qmp-frame", tests, NULL, NULL);
}
