/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-cli.c - the tables of the command line, did-you-mean, what no shell can start */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/suggest.h"
#include "launcher/cli.h"

/* Parses with the messages thrown away. */
static int parse(struct cli *cli, int argc, char **argv)
{
	int saved = dup(STDERR_FILENO), null = open("/dev/null", O_RDWR), rc;

	(void)dup2(null, STDERR_FILENO);
	rc = cli_parse(argc, argv, cli);
	(void)dup2(saved, STDERR_FILENO);
	(void)close(saved);
	(void)close(null);
	return rc;
}

#define WORDS(...) ((char *[]){ (char *)(uintptr_t)"vfio-run", __VA_ARGS__, NULL })
#define PARSE(cli, ...)                                                                            \
	parse(cli, (int)(sizeof(WORDS(__VA_ARGS__)) / sizeof(char *)) - 1, WORDS(__VA_ARGS__))
#define W(text) ((char *)(uintptr_t)(text))

static void test_dashes(void **state)
{
	struct cli c;

	(void)state;
	assert_int_equal(PARSE(&c, W("win10"), W("-n"), W("--"), W("-device"), W("--"), W("x")), -1);
	assert_string_equal(c.command->name, "run");
	assert_string_equal(c.word[0], "win10");
	assert_true(c.dry_run);
	assert_string_equal(c.extra[0], "-device");
	assert_string_equal(c.extra[1], "--");
	assert_string_equal(c.extra[2], "x");
	assert_null(c.extra[3]);
	cli_fini(&c);

	/* No profile yet: only the options end. */
	assert_int_equal(PARSE(&c, W("--"), W("-odd"), W("--"), W("-S")), -1);
	assert_int_equal(c.word_count, 1);
	assert_string_equal(c.word[0], "-odd");
	assert_string_equal(c.extra[0], "-S");
	assert_null(c.extra[1]);
	cli_fini(&c);
	assert_int_equal(PARSE(&c, W("run"), W("--"), W("list")), -1);
	assert_string_equal(c.command->name, "run");
	assert_string_equal(c.word[0], "list");
	assert_null(c.extra[0]);
	cli_fini(&c);

	/* A command that passes nothing on has words on both sides. */
	assert_int_equal(PARSE(&c, W("detach"), W("--json"), W("a"), W("--"), W("--json"), W("--")), -1);
	assert_int_equal(c.word_count, 3);
	assert_string_equal(c.word[0], "a");
	assert_string_equal(c.word[1], "--json");
	assert_string_equal(c.word[2], "--");
	assert_null(c.extra[0]);
	cli_fini(&c);

	/* The command line itself stays as it was given. */
	assert_int_equal(PARSE(&c, W("win10"), W("-n"), W("--"), W("-S")), -1);
	assert_string_equal(c.argv[1], "win10");
	assert_string_equal(c.argv[2], "-n");
	assert_string_equal(c.argv[3], "--");
	cli_fini(&c);
}

static void test_show(void **state)
{
	char buf[CLI_SHOWN_MAX], *word = calloc(100001, 1);

	(void)state;
	assert_non_null(word);
	assert_string_equal(cli_show("plain", buf), "plain");
	assert_string_equal(cli_show("\033]0;x\a\xff\n", buf), "\\x1b]0;x\\x07\\xff\\x0a");
	(void)memset(word, 'x', 100000);
	assert_true(strlen(cli_show(word, buf)) < CLI_SHOWN_MAX);
	assert_string_equal(buf + strlen(buf) - 4, "x...");
	(void)memset(word, 1, 100000);
	assert_true(strlen(cli_show(word, buf)) < CLI_SHOWN_MAX);
	assert_string_equal(buf + strlen(buf) - 3, "...");
	free(word);
}

static const char *const words[] = { "detach", "attach", "run", "list" };

static const char *word_at(size_t i)
{
	return words[i];
}

static void test_suggest(void **state)
{
	char longest[100];

	(void)state;
	assert_string_equal(suggest("detahc", word_at, 4), "detach");
	assert_string_equal(suggest("atach", word_at, 4), "attach");
	assert_string_equal(suggest("rn", word_at, 4), "run");
	assert_null(suggest("rxx", word_at, 4));
	assert_null(suggest("", word_at, 4));
	assert_null(suggest("\xff\xff\xff", word_at, 4));
	(void)memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(suggest(longest, word_at, 4));
	assert_null(suggest("run", word_at, 0));
}

/* getopt's arrays are as long as OPTIONS_MAX in cli.c; a letter stands for one option. */
static void test_tables(void **state)
{
	(void)state;
	assert_true(cli_option_count < 30);
	for (size_t i = 0; i < cli_option_count; i++)
		for (size_t j = 0; j < i; j++) {
			assert_string_not_equal(cli_options[i].name, cli_options[j].name);
			if (cli_options[i].letter)
				assert_int_not_equal(cli_options[i].letter, cli_options[j].letter);
		}
	for (size_t i = 0; i < cli_command_count; i++) {
		assert_true(cli_commands[i].most < 0 || cli_commands[i].least <= cli_commands[i].most);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(cli_commands[i].name, cli_commands[j].name);
	}
}

static int start(char *const *argv)
{
	const char *build = getenv("VFIO_RUN_BUILD");
	char path[512];
	int status;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "%s/bin/vfio-run", build ? build : "build");
	if (access(path, X_OK))
		return -1;
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		char *env[] = { NULL };
		int null = open("/dev/null", O_RDWR);

		(void)dup2(null, STDERR_FILENO);
		(void)execve(path, argv, env);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Linux before 5.18 starts a program without even its name; newer ones put "" there. */
static void test_no_name(void **state)
{
	char *none[] = { NULL }, *empty[] = { W(""), NULL }, *help[] = { W(""), W("--help"), NULL };
	char *slip[] = { W(""), W("lits"), NULL };
	int code = start(none);

	(void)state;
	if (code < 0)
		skip();
	assert_int_equal(code, EXIT_BAD_USE);
	assert_int_equal(start(empty), EXIT_BAD_USE);
	assert_int_equal(start(help), EXIT_OK);
	assert_int_equal(start(slip), EXIT_BAD_USE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dashes),	 cmocka_unit_test(test_show),
		cmocka_unit_test(test_suggest),	 cmocka_unit_test(test_tables),
		cmocka_unit_test(test_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
