/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-profile-man.c - vfio-run.profile(5) has every section and key of the table, and no other */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/keys.h"
#include "profiles/profile.h"

#define PAGE "profiles/vfio-run.profile.5"

static char page[128 * 1024];

static int read_page(void **state)
{
	FILE *f = fopen(PAGE, "r");
	size_t size;

	(void)state;
	if (!f)
		return -1;
	size = fread(page, 1, sizeof(page) - 1, f);
	page[size] = '\0';
	return fclose(f);
}

/* The text of a section or key: from behind its line to the next one of its kind; "" if absent. */
static char *part(const char *text, const char *line, const char *next)
{
	const char *start = strstr(text, line), *end;

	if (!start)
		return strdup("");
	start = strchr(start + 1, '\n');
	end = strstr(start, next);
	return strndup(start, end ? (size_t)(end - start) : strlen(start));
}

static char *section_part(const struct profile_section *s)
{
	char heading[64], *text, *end;

	(void)snprintf(heading, sizeof(heading), "\n.Ss [%s]%s\n", s->name, s->repeatable ? " *" : "");
	text = part(page, heading, "\n.Ss ");
	end = strstr(text, "\n.Sh ");
	if (end)
		*end = '\0';
	return text;
}

static char *key_part(const struct profile_key *k, const char *section)
{
	char item[64];

	(void)snprintf(item, sizeof(item), "\n.It Cm %s = ", k->name);
	return part(section, item, "\n.It Cm ");
}

static bool is_number_type(enum profile_key_type type)
{
	return type == PROFILE_KEY_LATENCY || type == PROFILE_KEY_NUMBER || type == PROFILE_KEY_SIZE || type == PROFILE_KEY_DURATION ||
	       type == PROFILE_KEY_REBAR || type == PROFILE_KEY_FORWARD || type == PROFILE_KEY_CPUS;
}

/* The limit as the page writes it: "16T", "3600s", "1024". */
static const char *limit(const struct profile_key *k, uint64_t value, char out[32])
{
	static const char unit[] = "KMGT";
	int u = -1;

	if (k->type == PROFILE_KEY_SIZE || k->type == PROFILE_KEY_REBAR)
		for (; value % 1024 == 0 && u < 3; u++)
			value /= 1024;
	(void)snprintf(out, 32, "%" PRIu64 "%.1s%s", value, u < 0 ? "" : unit + u,
		       k->type == PROFILE_KEY_DURATION ? "s" :
		       k->type == PROFILE_KEY_LATENCY ? "ms" : "");
	return out;
}

/* The word stands there by itself, not as a part of another one. */
static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p++) {
		unsigned char before = (unsigned char)(p > text ? p[-1] : ' '), after = (unsigned char)p[length];

		if (!isalnum(before) && !isalnum(after) && before != '-' && after != '-')
			return true;
	}
	return false;
}

static bool expect(const struct profile_key *k, bool there, const char *what, const char *detail)
{
	if (!there)
		print_error("%s: [%s] %s: the page lacks %s %s\n", PAGE, k->section, k->name, what, detail);
	return there;
}

/* Everything that the table knows of a key stands in its entry. */
static bool check_key(const struct profile_key *k, const char *text, bool section_supported)
{
	char detail[96], out[32];
	bool ok = expect(k, text[0], "an entry,", ".It Cm KEY = ");

	(void)snprintf(detail, sizeof(detail), "\nDefault: %s%s", k->default_value ? k->default_value : "",
		       k->default_value ? "." : "");
	ok &= expect(k, strstr(text, k->required ? "\nRequired." : detail), "the line",
		     k->required ? "Required." : detail);
	for (const struct profile_word *w = k->words; w && w->word; w++)
		ok &= expect(k, has_word(text, w->word), "the word", w->word);
	if (is_number_type(k->type)) {
		ok &= expect(k, has_word(text, limit(k, k->min, out)), "the limit", out);
		ok &= expect(k, has_word(text, limit(k, k->max, out)), "the limit", out);
	}
	if (section_supported)
		ok &= expect(k, !strstr(text, "not supported yet") == !k->supported,
			     "the right remark whether it is", "not supported yet");
	return ok;
}

static void the_page_has_every_key(void **state)
{
	bool ok = true;

	(void)state;
	for (const struct profile_section *s = profile_sections; s->name; s++) {
		char *section = section_part(s);

		if (!section[0])
			print_error("%s has no .Ss [%s]\n", PAGE, s->name);
		ok &= section[0] != '\0';
		if (!strstr(section, "This section is not supported yet.") != s->supported) {
			print_error("%s: [%s]: the remark whether it is supported is wrong\n", PAGE, s->name);
			ok = false;
		}
		for (const struct profile_key *k = profile_section_keys(s);
		     k->section && !strcmp(k->section, s->name); k++) {
			char *text = key_part(k, section);

			ok &= check_key(k, text, s->supported);
			free(text);
		}
		free(section);
	}
	assert_true(ok);
}

/* Counts the lines of @text that start with @start. */
static size_t count_lines(const char *text, const char *start)
{
	size_t count = 0;

	for (; (text = strstr(text, start)); text++)
		count++;
	return count;
}

static void the_page_has_no_other_key(void **state)
{
	size_t sections = 0;

	(void)state;
	for (const struct profile_section *s = profile_sections; s->name; s++, sections++) {
		char *text = section_part(s);
		size_t keys = 0;

		for (const struct profile_key *k = profile_section_keys(s);
		     k->section && !strcmp(k->section, s->name); k++)
			keys++;
		if (count_lines(text, "\n.It Cm ") != keys)
			print_error("%s: [%s] has %zu keys, the table %zu\n", PAGE, s->name,
				    count_lines(text, "\n.It Cm "), keys);
		assert_int_equal(count_lines(text, "\n.It Cm "), keys);
		free(text);
	}
	assert_int_equal(count_lines(page, "\n.Ss ["), sections);
}

/* A profile in the page must parse as it stands there. */
static void the_examples_parse(void **state)
{
	const char *p = strstr(page, "\n.Sh EXAMPLES");
	size_t examples = 0;

	(void)state;
	assert_non_null(p);
	for (; (p = strstr(p, "\n.Bd -literal")); examples++) {
		const char *start = strchr(p + 1, '\n') + 1, *end = strstr(start, "\n.Ed");
		struct profile_errors errors = { 0 };
		struct profile *profile = NULL;
		char *text = malloc((size_t)(end - start) + 2), *out = text;

		assert_non_null(text);
		for (p = start; p <= end; p++) {
			if (!strncmp(p, "\\(dq", 4)) { /* roff's double quote */
				*out++ = '"';
				p += 3;
			} else {
				*out++ = *p;
			}
		}
		if (profile_parse(text, (size_t)(out - text), "x", &profile, &errors))
			print_error("%s: an example, line %u: %s\n", PAGE, errors.item[0].pos.line,
				    errors.item[0].text);
		assert_int_equal(errors.count, 0);
		profile_errors_fini(&errors);
		profile_free(profile);
		free(text);
	}
	assert_true(examples >= 2);
}

/* The options that are refused stand in the page, and the page names no other. */
static void the_refused_options_are_named(void **state)
{
	const char *p = strstr(page, "Refused are, in every spelling,");
	const char *end = p ? strstr(p, "values that name") : NULL;
	size_t named = 0;

	(void)state;
	assert_non_null(end);
	for (; (p = strstr(p, "\n.Fl ")) && p < end; p++, named++) {
		char option[64];

		assert_int_equal(sscanf(p, "\n.Fl %60s", option + 1), 1);
		option[0] = '-';
		if (!profile_refused_argument(option))
			print_error("%s: %s is not refused\n", PAGE, option);
		assert_non_null(profile_refused_argument(option));
	}
	assert_int_equal(named, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_has_every_key),
		cmocka_unit_test(the_page_has_no_other_key),
		cmocka_unit_test(the_examples_parse),
		cmocka_unit_test(the_refused_options_are_named),
	};

	return cmocka_run_group_tests(tests, read_page, NULL);
}
