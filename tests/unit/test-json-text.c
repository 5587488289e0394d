// SPDX-License-Identifier: GPL-2.0-or-later
/* test-json-text.c - JSON as text: what scripts read does not change with the library's version */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "launcher/base/cleanup.h"
#include "launcher/plan/json-text.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* What is parsed comes out again, in the same order. */
static void both_layouts(void **state)
{
	static const struct {
		const char *line, *indented; /* NULL: the same */
	} rows[] = {
		{ "null", NULL },
		{ "true", NULL },
		{ "[]", NULL },
		{ "{}", NULL },
		{ "-9223372036854775808", NULL },
		{ "18446744073709551615", NULL },
		{ "\"/a b\"", NULL },
		{ "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001b\x7f\xc3\xa9\"", NULL },
		{ "[[]]", "[\n  []\n]" },
		{ "{\"z\":1,\"a\":{}}", "{\n  \"z\": 1,\n  \"a\": {}\n}" },
		{ "[{\"a\\n\":[1,null]},2]",
		  "[\n  {\n    \"a\\n\": [\n      1,\n      null\n    ]\n  },\n  2\n]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct json_object *value = json_tokener_parse(rows[i].line);
		cleanup_free char *line = json_text(value, JSON_ONE_LINE);
		cleanup_free char *indented = json_text(value, JSON_INDENTED);

		assert_string_equal(line, rows[i].line);
		assert_string_equal(indented, rows[i].indented ? rows[i].indented : rows[i].line);
		(void)json_object_put(value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_layouts),
	};

	return cmocka_run_group_tests_name("json-text", tests, NULL, NULL);
}
