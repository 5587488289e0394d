// SPDX-License-Identifier: GPL-2.0-or-later
/* links: launcher/plan/programs/arguments.c */
/* test-arguments.c - what is a path in a word of QEMU's, and what wants the network */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "launcher/plan/programs/arguments.h"
#include "profiles/profile.h"

static char found[512];

static int note(void *context, const char *path)
{
	(void)context;
	(void)snprintf(found + strlen(found), sizeof(found) - strlen(found), "[%s]", path);
	return 0;
}

static void paths(void **state)
{
	static const struct {
		const char *argument, *found;
	} rows[] = {
		{ "/a/b", "[/a/b]" },
		{ "file=/a/b,format=raw", "[/a/b]" },
		{ "file=/a,,b,if=none", "[/a,b]" },
		{ "format=raw,file=/a", "[/a]" },
		{ "file:/a/b", "[/a/b]" },
		{ "driver=qcow2,file.filename=/a,backing.file.filename=/b c", "[/a][/b c]" },
		{ "{\"driver\":\"file\",\"filename\":\"/a,b\",\"x\":\"/c\"}", "[/a,b][/c]" },
		{ "console=ttyS0 root=/dev/sda1", "[/dev/sda1]" },
		{ "nbd://host/a", "" },
		{ "http://host/a", "" },
		{ "a/b/c", "" },
		{ "-device", "" },
		{ "/", "" },
		{ "id=/", "" },
		{ "//a", "" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		*found = '\0';
		assert_int_equal(arguments_each_path(rows[i].argument, note, NULL), 0);
		assert_string_equal(found, rows[i].found);
	}
}

static int refuse(void *context, const char *path)
{
	(void)path;
	return ++*(int *)context;
}

static void a_refusal_ends_it(void **state)
{
	int calls = 0;

	(void)state;
	assert_int_equal(arguments_each_path("a=/b,c=/d", refuse, &calls), 1);
	assert_int_equal(calls, 1);
}

static void network(void **state)
{
	static char words[][40] = { "-netdev", "--net", "-nic", "tcp:localhost:4444,server=on", "-gdb",
				    "socket,id=x,host=0.0.0.0,port=1", "nbd://a/b",
				    "{\"type\":\"inet\"}" };
	static char quiet[][40] = { "-device", "edu,id=port", "-serial", "stdio", "-kernel", "/a/net",
				    "file=/a/tcp,format=raw", "-netless" };
	const struct profile p = { .name = NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char *extra[] = { words[i], NULL };

		assert_true(arguments_reach_network(&p, extra));
	}
	for (size_t i = 0; i < ARRAY_SIZE(quiet); i++) {
		char *extra[] = { quiet[i], NULL };

		assert_false(arguments_reach_network(&p, extra));
	}
	assert_false(arguments_reach_network(&p, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(a_refusal_ends_it),
		cmocka_unit_test(network),
	};

	return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}
