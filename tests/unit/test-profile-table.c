/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-profile-table.c - the table of keys is sound, and the fuzzer's dictionary is made from it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "profiles/keys.h"
#include "profiles/others.h"
#include "profiles/values.h"

/* UPDATE_GOLDEN=1 writes it anew. */
#define DICTIONARY "tests/fuzz/profile.dict"

/* One entry, with what the format of dictionaries wants escaped. */
static void put_entry(FILE *f, const char *text)
{
	(void)fputc('"', f);
	for (; *text; text++)
		(void)fprintf(f, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	(void)fputs("\"\n", f);
}

static void put_key(FILE *f, const struct profile_key *k)
{
	char line[128];

	(void)snprintf(line, sizeof(line), "%s = ", k->name);
	put_entry(f, line);
	for (const struct profile_word *w = k->words; w && w->word; w++)
		put_entry(f, w->word);
	if (k->default_value && !k->words)
		put_entry(f, k->default_value);
	if (k->example)
		put_entry(f, k->example);
}

static char *dictionary_of_the_table(void)
{
	static const char *const grammar[] = { "[",  "]",  " = ", "\"",  "\\\"", "\\\\",
					       " #", " ;", "#!",  "yes", "no" };
	char *text = NULL, heading[64];
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	(void)fputs("# Made from the table of keys; UPDATE_GOLDEN=1 test-profile-table writes it anew.\n",
		    f);
	for (size_t i = 0; i < sizeof(grammar) / sizeof(grammar[0]); i++)
		put_entry(f, grammar[i]);
	(void)fputs("\"\\xef\\xbb\\xbf\"\n\"\\x0d\\x0a\"\n\"\\x0a\"\n", f);
	for (const struct profile_section *s = profile_sections; s->name; s++) {
		(void)snprintf(heading, sizeof(heading), "[%s]", s->name);
		put_entry(f, heading);
		for (const struct profile_key *k = profile_section_keys(s);
		     k->section && !strcmp(k->section, s->name); k++)
			put_key(f, k);
	}
	assert_int_equal(fclose(f), 0);
	return text;
}

/* The table itself: what the rest of the code takes for granted. */
static void the_table_is_sound(void **state)
{
	(void)state;
	for (const struct profile_key *k = profile_keys; k->section; k++) {
		const struct profile_section *s = profile_section_find(k->section);
		size_t place = 0;

		assert_non_null(s);
		assert_ptr_equal(profile_key_find(k->section, k->name), k);
		place = (size_t)(k - profile_section_keys(s));
		assert_true(place < PROFILE_SECTION_KEYS_MAX);
		for (size_t i = 0; i < place; i++) /* the keys of a section follow each other */
			assert_string_equal(profile_section_keys(s)[i].section, k->section);
		assert_true(k->required ? !k->default_value && !k->default_note && k->example :
					  !k->default_value != !k->default_note);
		assert_non_null(k->help);
		assert_non_null(profile_types[k->type].set);
		assert_true(!k->supported || !k->supported[0] || !k->default_value ||
			    profile_key_supports(k, k->default_value));
	}
}

static void the_dictionary_is_the_table(void **state)
{
	char *expected = dictionary_of_the_table();
	size_t size = strlen(expected);
	char *found = calloc(1, size + 2);
	FILE *f;

	(void)state;
	assert_non_null(found);
	if (getenv("UPDATE_GOLDEN")) {
		f = fopen(DICTIONARY, "w");
		assert_non_null(f);
		assert_true(fputs(expected, f) >= 0);
		assert_int_equal(fclose(f), 0);
	}
	f = fopen(DICTIONARY, "r");
	assert_non_null(f);
	assert_int_equal(fread(found, 1, size + 1, f), size);
	assert_int_equal(fclose(f), 0);
	assert_string_equal(found, expected);
	free(found);
	free(expected);
}

/* What others call a key leads to one that exists, and never away from one of ours. */
static void other_words_lead_to_keys(void **state)
{
	(void)state;
	for (const struct other_key *k = other_keys; k->word; k++) {
		if (k->key)
			assert_non_null(profile_key_find(k->section, k->key));
		else
			assert_non_null(k->note);
		for (const struct other_key *before = other_keys; before < k; before++)
			if (!strcmp(before->word, k->word))
				assert_true(before->in && (!k->in || strcmp(before->in, k->in) != 0));
	}
	for (const struct profile_section *s = profile_sections; s->name; s++)
		assert_string_equal(other_section_find(s->name), s->name);
}

/* Where a section has the key that is meant, it is not looked for in another one. */
static void the_section_tells_what_is_meant(void **state)
{
	static const struct {
		const char *in, *word, *section, *key;
	} cases[] = {
		{ "input", "device", "input", "evdev" },     { "input", "path", "input", "evdev" },
		{ "audio", "device", "audio", "backend" },   { "audio", "driver", "audio", "backend" },
		{ "audio", "type", "audio", "card" },	     { "audio", "model", "audio", "card" },
		{ "net", "driver", "net", "model" },	     { "usb", "bus", "usb", "device" },
		{ "display", "backend", "display", "type" }, { "vm", "video", "display", "video" },
		{ "usb", "vendor", "usb", "device" },	     { "vm", "numa_node", "vm", "memory-node" },
		{ "vm", "isolate", "host", "isolate-cpus" }, { "session", "services", "session", "stop" },
		{ "host", "isolcpus", "host", "isolate-cpus" }, { "disk", "snapshot", "disk", "temporary" },
		{ "net", "ifname", "net", "tap" },	     { "gpu", "kill", "gpu", "holders" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct other_key *k = other_key_find(cases[i].in, cases[i].word);

		if (!k || !k->key || strcmp(k->section, cases[i].section) || strcmp(k->key, cases[i].key))
			fail_msg("[%s] %s", cases[i].in, cases[i].word);
	}
	assert_null(other_key_find("gpu", "sound")->key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_words_lead_to_keys),
		cmocka_unit_test(the_section_tells_what_is_meant),
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(the_dictionary_is_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
