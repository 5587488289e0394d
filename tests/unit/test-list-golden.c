// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-list-golden.c - what `list` and `check` print of every machine in tests/sysfs
 *
 * tests/golden/list/MACHINE.txt, .gpu.txt, .json and tests/golden/check/MACHINE.txt are the
 * expected output; UPDATE_GOLDEN=1 writes them anew.
 */
#include <dirent.h>
#include <fnmatch.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "tests/sysfs/tree.h"

static char *read_file(const char *path)
{
	cleanup_fclose FILE *f = fopen(path, "re");
	char *text = calloc(1, 262144);

	assert_non_null(text);
	if (f)
		assert_true(fread(text, 1, 262143, f) < 262143);
	return text;
}

/* Runs a command with stdout in a file. */
static int run(int (*command)(const struct cli *), const struct cli *cli, const char *out)
{
	int saved, code;

	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	assert_non_null(freopen(out, "w", stdout));
	code = command(cli);
	(void)fflush(stdout);
	assert_true(dup2(saved, STDOUT_FILENO) >= 0);
	(void)close(saved);
	return code;
}

/* Without a terminal a line has 80 columns; no golden file changes that. */
static void fits(const char *text)
{
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);
}

/* A line a device, no more and no less. */
static void is_one_line_each(const char *text, const char *machine, bool gpu)
{
	char word[64], path[96], *described;
	unsigned int part[4];
	size_t lines = 0, devices = 0;

	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		lines += *line != ' ' && sscanf(line, "%x:%x:%x.%x ", &part[0], &part[1], &part[2], &part[3]) == 4;
	(void)snprintf(path, sizeof(path), "tests/sysfs/%s.txt", machine);
	described = read_file(path);
	for (const char *line = described; *line; line += strcspn(line, "\n") + 1)
		devices += sscanf(line, "pci %63s", word) == 1;
	assert_true(gpu ? lines <= devices : lines == devices);
	assert_true(lines || strstr(text, "There is no graphics card"));
	free(described);
}

/* The last line has the result. */
static void ends_in_a_verdict(const char *text, int code)
{
	const char *last = text;

	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		if (*line != ' ')
			last = line;
	assert_non_null(strstr(last, code == EXIT_OK ? "ready" : " to do: "));
}

static const struct {
	const char *folder, *ending;
	int (*command)(const struct cli *);
	const char *word;
	bool json;
} outputs[] = {
	{ "list", "txt", command_list, NULL, false },
	{ "list", "gpu.txt", command_list, "gpu", false },
	{ "list", "json", command_list, NULL, true },
	{ "check", "txt", command_check, NULL, false },
	{ "check", "json", command_check, NULL, true },
};

static void golden(void **state)
{
	const char *machine = *state;
	char root[64], out[96], path[128];

	tree_make(machine, root);
	(void)snprintf(out, sizeof(out), "%s/out", root);
	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		char *word[] = { (char *)(uintptr_t)outputs[i].word, NULL };
		const struct cli cli = { .json = outputs[i].json,
					 .colour = CLI_COLOUR_NEVER,
					 .sysroot = root,
					 .word = word,
					 .word_count = outputs[i].word ? 1 : 0 };
		cleanup_free char *text = NULL;
		cleanup_free char *expected = NULL;
		int code = run(outputs[i].command, &cli, out);

		assert_true(code == EXIT_OK ||
			    (outputs[i].command == command_check && code == EXIT_HOST));
		(void)snprintf(path, sizeof(path), "tests/golden/%s/%s.%s", outputs[i].folder,
			       machine, outputs[i].ending);
		text = read_file(out);
		if (!outputs[i].json)
			fits(text);
		if (!outputs[i].json && outputs[i].command == command_list)
			is_one_line_each(text, machine, outputs[i].word != NULL);
		else if (!outputs[i].json)
			ends_in_a_verdict(text, code);
		if (getenv("UPDATE_GOLDEN")) {
			cleanup_fclose FILE *f = fopen(path, "we");

			assert_non_null(f);
			assert_true(fputs(text, f) >= 0);
			continue;
		}
		expected = read_file(path);
		assert_string_equal(text, expected);
	}
	tree_remove(root);
}

int main(void)
{
	struct CMUnitTest tests[64] = { 0 };
	struct dirent **files;
	int n = scandir("tests/sysfs", &files, NULL, alphasort), count = 0, r;

	(void)setenv("LC_ALL", "C", 1);
	for (int i = 0; i < n; i++) {
		char *dot = strrchr(files[i]->d_name, '.');

		if (fnmatch("*.txt", files[i]->d_name, 0) || count == 64)
			continue;
		*dot = '\0';
		tests[count++] = (struct CMUnitTest){ .name = files[i]->d_name,
						      .test_func = golden,
						      .initial_state = files[i]->d_name };
	}
	if (count < 8)
		return 1; /* run from elsewhere: nothing would be tested */
	r = _cmocka_run_group_tests("list-golden", tests, (size_t)count, NULL, NULL);
	for (int i = 0; i < n; i++)
		free(files[i]);
	free(files);
	return r;
}
