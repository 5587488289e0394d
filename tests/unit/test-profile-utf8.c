/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-profile-utf8.c - what is a character, and which characters are not visible */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/utf8.h"

/* From memory of exactly its size: a byte read too far is found by the sanitizer. */
static size_t decode(const char *bytes, size_t size, uint32_t *c)
{
	char *copy = malloc(size ? size : 1);
	size_t length;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	length = utf8_decode(copy, size, c);
	free(copy);
	return length;
}

static void characters_are_decoded(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
		uint32_t character;
	} good[] = {
		{ "", 1, 0 },
		{ "a", 1, 'a' },
		{ "\x7f", 1, 0x7f },
		{ "\xc2\x80", 2, 0x80 },
		{ "\xdf\xbf", 2, 0x7ff },
		{ "\xe0\xa0\x80", 3, 0x800 },
		{ "\xed\x9f\xbf", 3, 0xd7ff },
		{ "\xee\x80\x80", 3, 0xe000 },
		{ "\xef\xbf\xbf", 3, 0xffff },
		{ "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint32_t c = 1;

		assert_int_equal(decode(good[i].bytes, good[i].length, &c), good[i].length);
		assert_int_equal(c, good[i].character);
		if (good[i].length > 1) /* cut short */
			assert_int_equal(decode(good[i].bytes, good[i].length - 1, &c), 0);
	}
	assert_int_equal(utf8_decode("", 0, &(uint32_t){ 0 }), 0);
}

static void what_is_no_character_is_refused(void **state)
{
	static const char *const bad[] = {
		"\x80",		"\xbf",		    "\xc0\xaf",	  "\xc1\xbf",
		"\xe0\x9f\xbf",	"\xf0\x8f\xbf\xbf", "\xed\xa0\x80",  "\xed\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe",		  "\xff",
		"\xc3(",	"\xe2\x82(",	    "\xf0\x90\x80(", "\xe2(\xac",
	};
	uint32_t c;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(decode(bad[i], strlen(bad[i]), &c), 0);
}

static void invisible_characters_are_known(void **state)
{
	static const uint32_t invisible[] = { 0,      '\t',   '\n',   0x1f,   0x7f,
					      0x80,   0x9f,   0x200e, 0x200f, 0x2028,
					      0x202a, 0x202e, 0x2066, 0x2069, 0xfeff };
	static const uint32_t visible[] = { ' ', '~',    0xa0,   0xe4,   0x200d,
					    0x2010, 0x202f, 0x2065, 0x206a, 0x1f600 };

	(void)state;
	for (size_t i = 0; i < sizeof(invisible) / sizeof(invisible[0]); i++)
		assert_true(utf8_is_control(invisible[i]));
	for (size_t i = 0; i < sizeof(visible) / sizeof(visible[0]); i++)
		assert_false(utf8_is_control(visible[i]));
}

static void characters_are_counted(void **state)
{
	(void)state;
	assert_int_equal(utf8_count("", 0), 0);
	assert_int_equal(utf8_count("abc", 3), 3);
	assert_int_equal(utf8_count("\xc3\xa4\xe2\x82\xac=", 6), 3);
	assert_int_equal(utf8_count("\xff\xfe=", 3), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_decoded),
		cmocka_unit_test(what_is_no_character_is_refused),
		cmocka_unit_test(invisible_characters_are_known),
		cmocka_unit_test(characters_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
