/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-profile-golden.c - wrong profiles and the exact messages about them; good ones parse */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/profile.h"
#include "tests/unit/between.h"

/*
 * tests/golden/profiles/NAME.profile with NAME.err beside it is wrong, good-NAME.profile
 * and the examples are not. UPDATE_GOLDEN=1 writes the .err files anew: read the diff.
 */
#define GOLDEN "tests/golden/profiles/"
#define EXAMPLES "profiles/examples/"
#define WRONG_MIN 120
#define GOOD_MIN 15

static char *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "r");
	char *text;

	if (!f)
		return NULL;
	text = malloc(PROFILE_SIZE_MAX + 2);
	assert_non_null(text);
	*size = fread(text, 1, PROFILE_SIZE_MAX + 1, f);
	text[*size] = '\0';
	assert_int_equal(fclose(f), 0);
	return text;
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* "dir/NAME.profile" to "NAME". */
static void base_name(const char *path, char out[64])
{
	const char *name = strrchr(path, '/') + 1;

	assert_between(snprintf(out, 64, "%.*s", (int)(strlen(name) - strlen(".profile")), name), 1, 63);
}

/* The messages about a file, "" when it parses. */
static char *messages_of(const char *path)
{
	struct profile_errors errors = { 0 };
	struct profile *profile = NULL;
	char name[64], file[80];
	size_t size = 0;
	char *text = read_file(path, &size), *rendered;
	int rc;

	assert_non_null(text);
	base_name(path, name);
	(void)snprintf(file, sizeof(file), "%s.profile", name);
	rc = profile_parse(text, size, strncmp(name, "good-", 5) ? name : "good", &profile, &errors);
	assert_true(rc == 0 || rc == -EINVAL);
	assert_int_equal(rc == 0, profile != NULL);
	assert_int_equal(rc == 0, errors.count == 0);
	rendered = profile_errors_render(&errors, file, text, size, false);
	assert_non_null(rendered);
	profile_errors_fini(&errors);
	profile_free(profile);
	free(text);
	return rendered;
}

/* Compares with NAME.err; 1 when it differs. */
static int compare(const char *path, const char *messages)
{
	char err[160];
	size_t size = 0;
	char *expected;
	int differs;

	(void)snprintf(err, sizeof(err), "%.*s.err", (int)(strlen(path) - strlen(".profile")), path);
	if (getenv("UPDATE_GOLDEN"))
		write_file(err, messages);
	expected = read_file(err, &size);
	differs = !expected || strcmp(expected, messages) != 0;
	if (differs)
		print_error("%s:\n--- expected\n%s--- got\n%s", path, expected ? expected : "(no file)\n",
			    messages);
	free(expected);
	return differs;
}

static void wrong_profiles_get_their_messages(void **state)
{
	size_t wrong = 0, differ = 0;
	glob_t g;

	(void)state;
	assert_int_equal(glob(GOLDEN "*.profile", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		const char *path = g.gl_pathv[i];
		char *messages;

		if (!strncmp(path, GOLDEN "good-", strlen(GOLDEN "good-")))
			continue;
		messages = messages_of(path);
		if (!messages[0])
			print_error("%s: parses, but it is here because it is wrong\n", path);
		differ += !messages[0] || compare(path, messages);
		wrong++;
		free(messages);
	}
	globfree(&g);
	assert_int_equal(differ, 0);
	assert_true(wrong >= WRONG_MIN);
}

/* Every .err belongs to a profile: none is left behind by a renamed one. */
static void no_message_without_a_profile(void **state)
{
	glob_t g;

	(void)state;
	assert_int_equal(glob(GOLDEN "*.err", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char profile[160];
		size_t size;
		char *text;

		(void)snprintf(profile, sizeof(profile), "%.*s.profile",
			       (int)(strlen(g.gl_pathv[i]) - strlen(".err")), g.gl_pathv[i]);
		text = read_file(profile, &size);
		if (!text)
			print_error("%s has no profile\n", g.gl_pathv[i]);
		assert_non_null(text);
		free(text);
	}
	globfree(&g);
}

static size_t all_parse(const char *pattern)
{
	size_t count, bad = 0;
	glob_t g;

	assert_int_equal(glob(pattern, 0, NULL, &g), 0);
	count = g.gl_pathc;
	for (size_t i = 0; i < count; i++) {
		char *messages = messages_of(g.gl_pathv[i]);

		if (messages[0])
			print_error("%s: expected to parse:\n%s", g.gl_pathv[i], messages);
		bad += messages[0] != '\0';
		free(messages);
	}
	globfree(&g);
	assert_int_equal(bad, 0);
	return count;
}

static void good_profiles_parse(void **state)
{
	(void)state;
	assert_true(all_parse(GOLDEN "good-*.profile") >= GOOD_MIN);
}

/* The addresses are for each user to put in: they are all that is wrong; a hint shows how. */
static void examples_want_an_address_and_nothing_else(void **state)
{
	glob_t g;

	(void)state;
	assert_int_equal(glob(EXAMPLES "*.profile", 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 2);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		char *messages = messages_of(g.gl_pathv[i]);
		const char *first = strstr(messages, "error: ");

		assert_non_null(first);
		assert_non_null(strstr(first, "\"device\": expected a PCI address"));
		assert_non_null(strstr(first, "`vfio-run list gpu` shows the graphics cards"));
		while ((first = strstr(first + 1, "error: ")))
			assert_int_equal(strncmp(first, "error: \"device\": expected a PCI address", 39), 0);
		free(messages);
	}
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_profiles_get_their_messages),
		cmocka_unit_test(no_message_without_a_profile),
		cmocka_unit_test(good_profiles_parse),
		cmocka_unit_test(examples_want_an_address_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
