/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-profile-render.c - how errors look: caret, window, escapes, colour */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/profile.h"
#include "tests/unit/between.h"

static void renders(unsigned int line, unsigned int column, const char *hint, const char *source,
		    bool colour, const char *expected)
{
	struct profile_errors errors = { 0 };
	char *text;

	profile_errors_add(&errors, (struct profile_pos){ .line = line, .column = column }, hint, "bad %s", "thing");
	text = profile_errors_render(&errors, "a.profile", source, strlen(source), colour);
	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
	profile_errors_fini(&errors);
	assert_int_equal(errors.count, 0);
}

static void the_caret_is_below_the_column(void **state)
{
	(void)state;
	renders(2, 3, "do it", "one\ntwo\nthree\n", false,
		"a.profile:2:3: error: bad thing\n  two\n    ^\n  hint: do it\n");
	renders(1, 4, NULL, "one", false, "a.profile:1:4: error: bad thing\n  one\n     ^\n");
	renders(1, 2, NULL, "\t\tx", false, "a.profile:1:2: error: bad thing\n    x\n   ^\n");
	renders(1, 3, NULL, "\xc3\xa4\xe2\x82\xac=", false,
		"a.profile:1:3: error: bad thing\n  \xc3\xa4\xe2\x82\xac=\n    ^\n");
	renders(1, 3, NULL, "\x1b=x\r\n", false, "a.profile:1:3: error: bad thing\n  \\x1b=x\n       ^\n");
}

static void what_stands_nowhere_has_no_line(void **state)
{
	(void)state;
	renders(0, 0, "do it", "one\n", false, "a.profile: error: bad thing\n  hint: do it\n");
	renders(9, 1, NULL, "one\n", false, "a.profile:9:1: error: bad thing\n  \n  ^\n");
	renders(1, 99, NULL, "one\n", false, "a.profile:1:99: error: bad thing\n  one\n     ^\n");
}

static void colour_is_put_around_and_only_when_asked_for(void **state)
{
	(void)state;
	renders(1, 1, "do it", "one", true,
		"\033[1ma.profile:1:1: \033[31merror:\033[0m bad thing\n  one\n  \033[1;32m^\033[0m\n"
		"  \033[1mhint:\033[0m do it\n");
}

static void a_long_line_is_shown_around_the_column(void **state)
{
	char line[1001], *text, *source, *caret;
	struct profile_errors errors = { 0 };

	(void)state;
	for (unsigned int column = 1; column <= 1001; column += 50) {
		memset(line, 'a', 1000);
		line[1000] = '\0';
		if (column <= 1000)
			line[column - 1] = 'X';
		profile_errors_add(&errors, (struct profile_pos){ .line = 1, .column = column }, NULL, "bad");
		text = profile_errors_render(&errors, "a", line, 1000, false);
		source = strchr(text, '\n') + 1;
		caret = strchr(source, '\n') + 1;
		assert_between(caret - source, 50, 2 + 3 + 100 + 3 + 1);
		if (column <= 1000)
			assert_int_equal(strchr(caret, '^') - caret, strchr(source, 'X') - source);
		free(text);
		profile_errors_fini(&errors);
	}
}

static void nothing_reaches_the_terminal_unescaped(void **state)
{
	struct profile_errors errors = { 0 };
	char *text;

	(void)state;
	profile_errors_add(&errors, (struct profile_pos){ .line = 1, .column = 1 }, "h\x1b[1m\n", "t\x1b]0;x\x07%s",
			   "\xff\xc2\x9b");
	text = profile_errors_render(&errors, "f\x1b\xe2\x80\xae", "s\x1b\x7f\xe2\x80\xae", 6, false);
	assert_string_equal(text, "f\\x1b\\u202e:1:1: error: t\\x1b]0;x\\x07\\xff\\x9b\n"
				  "  s\\x1b\\x7f\\u202e\n  ^\n  hint: h\\x1b[1m\\x0a\n");
	free(text);
	profile_errors_fini(&errors);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_caret_is_below_the_column),
		cmocka_unit_test(what_stands_nowhere_has_no_line),
		cmocka_unit_test(colour_is_put_around_and_only_when_asked_for),
		cmocka_unit_test(a_long_line_is_shown_around_the_column),
		cmocka_unit_test(nothing_reaches_the_terminal_unescaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
