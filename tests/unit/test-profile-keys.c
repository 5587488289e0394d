/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-profile-keys.c - every key of the table: missing, twice, empty, at and beyond its limits */
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

#define LINE_MAX_ 132000 /* the longest value, an argument, and some more */

/* What some keys need beside them so that only they are tested. */
static const struct {
	const char *section, *key, *lines;
} companions[] = {
	{ "vm", "threads", "cpus = 8\n" },
	{ "vm", "dies", "cpus = 64\n" },
	{ "vm", "sockets", "cpus = 64\n" },
	{ "vm", "firmware-image", "nvram = /v\n" },
	{ "vm", "pin", "cpus = 1\n" },
	{ "gpu", "vfs", "vf = 1\n" },
	{ "pci", "vfs", "vf = 1\n" },
	{ "disk", "path", "format = raw\n" },
	{ "disk", "ssd", "bus = sata\n" },
	{ "net", "bridge", "mode = bridge\n" },
	{ "net", "tap", "mode = tap\n" },
	{ "net", "parent", "mode = macvtap\n" },
	{ "net", "queues", "mode = macvtap\nparent = eth0\n" },
	{ "display", "socket", "type = vnc\n" },
	{ "display", "listen", "type = vnc\npassword-file = /p\n" },
	{ "display", "password-file", "type = vnc\nlisten = 127.0.0.1:5900\n" },
	{ "display", "clipboard", "type = spice\n" },
};

/* A right value of a key whose default or example does not suit here. */
static const struct {
	const char *section, *key, *value;
} values[] = {
	{ "vm", "name", "win10" },	 { "vm", "user", "alice" },    { "vm", "pin", "5" },
	{ "vm", "cpu", "host,kvm=off" }, { "display", "type", "vnc" }, { "gpu", "device", "02:00.0" },
};

static const char *right_value(const struct profile_key *k)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (!strcmp(values[i].section, k->section) && !strcmp(values[i].key, k->name))
			return values[i].value;
	if (k->example)
		return k->example;
	assert_non_null(k->default_value);
	return k->default_value;
}

static void begin(FILE *f, const struct profile_key *k, bool required)
{
	bool vm = !strcmp(k->section, "vm");

	if (!vm)
		(void)fprintf(f, "[vm]\nmemory = 4G\naffinity = 0\n"); /* for irq-affinity */
	if (strcmp(k->section, "gpu") != 0)
		(void)fprintf(f, "[gpu]\ndevice = 0000:09:00.0\n");
	(void)fprintf(f, "[%s]\n", k->section);
	for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++)
		if (!strcmp(companions[i].section, k->section) && !strcmp(companions[i].key, k->name))
			(void)fputs(companions[i].lines, f);
	for (const struct profile_key *o = profile_keys; required && o->section; o++)
		if (o != k && o->required && !strcmp(o->section, k->section))
			(void)fprintf(f, "%s = %s\n", o->name, right_value(o));
}

/* Errors about @key (NULL: about anything), leaving out what is not built yet. */
static size_t errors_of(const char *text, size_t size, const char *key)
{
	struct profile_errors errors = { 0 };
	struct profile *p = NULL;
	int rc = profile_parse(text, size, "test", &p, &errors);
	size_t count = 0;
	char quoted[64];

	assert_true(rc == 0 || rc == -EINVAL);
	assert_int_equal(rc == 0, errors.count == 0);
	assert_int_equal(rc == 0, p != NULL);
	(void)snprintf(quoted, sizeof(quoted), "\"%s\"", key ? key : "");
	for (size_t i = 0; i < errors.count; i++)
		if (!strstr(errors.item[i].text, "not supported yet"))
			count += !key || strstr(errors.item[i].text, quoted);
	profile_errors_fini(&errors);
	profile_free(p);
	return count;
}

/* @times: how often the key is given; @about: the key whose errors count, NULL: all. */
static size_t errors_with(const struct profile_key *k, const char *value, int times,
			  const char *about)
{
	char *text = NULL;
	size_t size = 0, count;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	begin(f, k, true);
	while (times--)
		(void)fprintf(f, "%s = %s\n", k->name, value);
	assert_int_equal(fclose(f), 0);
	count = errors_of(text, size, about);
	free(text);
	return count;
}

static void accepts(const struct profile_key *k, const char *value)
{
	if (errors_with(k, value, 1, NULL))
		print_error("[%s] %s = %.60s: expected no error\n", k->section, k->name, value);
	assert_int_equal(errors_with(k, value, 1, NULL), 0);
}

static void refuses(const struct profile_key *k, const char *value)
{
	if (!errors_with(k, value, 1, k->name))
		print_error("[%s] %s = %.60s: expected an error that names the key\n", k->section, k->name,
			    value);
	assert_int_equal(errors_with(k, value, 1, k->name), 1);
}

#define EACH(k) for (const struct profile_key *k = profile_keys; k->section; k++)

static void a_right_value_is_accepted(void **state)
{
	(void)state;
	EACH(k)
		accepts(k, right_value(k));
}

static void a_missing_key_is_an_error_only_when_it_is_required(void **state)
{
	(void)state;
	EACH(k) {
		bool needed = k->required || (!strcmp(k->section, "net") &&
					      (!strcmp(k->name, "bridge") || !strcmp(k->name, "tap") ||
					       !strcmp(k->name, "parent")));

		needed |= !strcmp(k->name, "listen") || !strcmp(k->name, "password-file");

		assert_int_equal(errors_with(k, "", 0, k->name) != 0, needed);
	}
}

static void twice_is_an_error_unless_repeatable(void **state)
{
	(void)state;
	EACH(k) {
		bool forward = k->type == PROFILE_KEY_FORWARD; /* one host port, two times */

		assert_int_equal(errors_with(k, right_value(k), 2, k->name), !k->repeatable || forward);
	}
}

static void an_empty_value_is_an_error(void **state)
{
	(void)state;
	EACH(k) {
		refuses(k, "");
		refuses(k, "# comment");
		if (!strcmp(k->name, "argument"))
			accepts(k, "\"\""); /* an empty argument is one */
		else
			refuses(k, "\"\"");
	}
}

static void numbers_keep_their_range(void **state)
{
	static const char *const junk[] = { "-1", "+1", "1x", "1 1", "0x1", "1.0", "one", "1,1", "1e1",
					    "18446744073709551617", "4294967297" };
	char value[32];

	(void)state;
	EACH(k) {
		if (k->type != PROFILE_KEY_NUMBER)
			continue;
		(void)snprintf(value, sizeof(value), "%" PRIu64, k->min);
		accepts(k, value);
		(void)snprintf(value, sizeof(value), "%" PRIu64, k->max);
		accepts(k, value);
		(void)snprintf(value, sizeof(value), "%" PRIu64, k->min - 1);
		refuses(k, value);
		(void)snprintf(value, sizeof(value), "%" PRIu64, k->max + 1);
		refuses(k, value);
		for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++)
			refuses(k, junk[i]);
	}
}

static void sizes_keep_their_range_and_units(void **state)
{
	static const char *const junk[] = { "64",    "64m",   "64MB", "64MiB", "64 M",
					    "64X",   "64P",   "M64",  "64M4",  "-64M",
					    "64.5M", "0M",    "64MM", "18014398509481984K",
					    "99999999999999999999999G" };
	char value[32];

	(void)state;
	EACH(k) {
		if (k->type != PROFILE_KEY_SIZE && k->type != PROFILE_KEY_REBAR)
			continue;
		(void)snprintf(value, sizeof(value), "%" PRIu64 "K", k->min >> 10);
		accepts(k, value);
		(void)snprintf(value, sizeof(value), "%" PRIu64 "M", k->max >> 20);
		accepts(k, value);
		(void)snprintf(value, sizeof(value), "%" PRIu64 "K", (k->min >> 10) - 1);
		refuses(k, value);
		(void)snprintf(value, sizeof(value), "%" PRIu64 "K", (k->max >> 10) + 1);
		refuses(k, value);
		for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++)
			refuses(k, junk[i]);
	}
}

static void durations_keep_their_range_and_unit(void **state)
{
	static const char *const junk[] = { "60",   "60S", "60m",  "60ms", "60 s",
					    "60ss", "s",   "-60s", "6e1s" };
	char value[32];

	(void)state;
	EACH(k) {
		if (k->type != PROFILE_KEY_DURATION)
			continue;
		for (int beyond = 0; beyond < 2; beyond++) {
			(void)snprintf(value, sizeof(value), "%" PRIu64 "s", k->min - beyond);
			(beyond ? refuses : accepts)(k, value);
			(void)snprintf(value, sizeof(value), "%" PRIu64 "s", k->max + beyond);
			(beyond ? refuses : accepts)(k, value);
		}
		for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++)
			refuses(k, junk[i]);
	}
}

/* "/aaa" or "aaa", @length bytes. */
static const char *text_of(char first, size_t length)
{
	static char text[LINE_MAX_];

	assert_true(length < sizeof(text));
	memset(text, 'a', length);
	text[0] = first;
	text[length] = '\0';
	return text;
}

static void texts_keep_their_length(void **state)
{
	(void)state;
	EACH(k) {
		bool path = k->type == PROFILE_KEY_PATH || k->type == PROFILE_KEY_ROM ||
			    k->type == PROFILE_KEY_EMULATOR;
		bool text = k->type == PROFILE_KEY_TEXT || k->type == PROFILE_KEY_TEXTS;

		if ((!path && !text) || (text && k->words))
			continue;
		if (!strcmp(k->name, "driver"))
			continue; /* a rule wants more of it: every_driver_is_a_vfio_driver() */
		accepts(k, text_of(path ? '/' : 'a', k->max));
		refuses(k, text_of(path ? '/' : 'a', k->max + 1));
	}
}

static void every_driver_is_a_vfio_driver(void **state)
{
	static const char *const right[] = { "vfio-pci", "auto", "nvgrace-gpu-vfio-pci", "vfio_x" };
	static const char *const wrong[] = { "nouveau", "pci-stub", "../vfio-pci", "autoo" };

	(void)state;
	EACH(k)
	{
		if (strcmp(k->name, "driver") != 0)
			continue;
		for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
			accepts(k, right[i]);
		for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
			refuses(k, wrong[i]);
	}
}

static void paths_are_absolute(void **state)
{
	static const char *const relative[] = { "a/b", "./a", "../a", "~/a", "$HOME/a", "'/a'", "~" };

	(void)state;
	EACH(k)
		if (k->type == PROFILE_KEY_PATH || k->type == PROFILE_KEY_ROM ||
		    k->type == PROFILE_KEY_EMULATOR)
			for (size_t i = 0; i < sizeof(relative) / sizeof(relative[0]); i++)
				refuses(k, relative[i]);
}

static void choices_take_their_words_and_no_others(void **state)
{
	(void)state;
	EACH(k) {
		char junk[64];

		if (k->type != PROFILE_KEY_CHOICE && k->type != PROFILE_KEY_YES_NO &&
		    k->type != PROFILE_KEY_HUGEPAGES && k->type != PROFILE_KEY_FORMAT &&
		    k->type != PROFILE_KEY_MARK)
			continue;
		(void)snprintf(junk, sizeof(junk), "%sx", right_value(k));
		refuses(k, junk);
		(void)snprintf(junk, sizeof(junk), "%s %s", right_value(k), right_value(k));
		refuses(k, junk);
		refuses(k, "nonsense");
		for (const struct profile_word *w = k->words; w && w->word; w++)
			assert_int_equal(errors_with(k, w->word, 1, NULL),
					 /* these need another key, tested in the golden files */
					 (!strcmp(k->section, "net") &&
					  (!strcmp(w->word, "bridge") || !strcmp(w->word, "tap") ||
					   !strcmp(w->word, "macvtap"))) ||
						 (!strcmp(k->section, "audio") && !strcmp(w->word, "spice")));
	}
}

static void device_like_values_end_where_they_end(void **state)
{
	(void)state;
	EACH(k) {
		char junk[96];

		if (k->type != PROFILE_KEY_DEVICE && k->type != PROFILE_KEY_ID &&
		    k->type != PROFILE_KEY_USB && k->type != PROFILE_KEY_MAC &&
		    k->type != PROFILE_KEY_FORWARD && k->type != PROFILE_KEY_CPUS)
			continue;
		(void)snprintf(junk, sizeof(junk), "%sx", right_value(k));
		refuses(k, junk);
		(void)snprintf(junk, sizeof(junk), "%s,", right_value(k));
		refuses(k, junk);
		(void)snprintf(junk, sizeof(junk), "\" %s\"", right_value(k));
		refuses(k, junk);
		if (k->type == PROFILE_KEY_CPUS) {
			accepts(k, "8191");
			refuses(k, "8192");
		}
	}
}

/* What is not in .supported is refused by the key's name; what is in it is taken. */
static void unsupported_values_are_refused_by_name(void **state)
{
	(void)state;
	EACH(k) {
		struct profile_errors errors = { 0 };
		struct profile *p = NULL;
		const char *value = right_value(k);
		char *text = NULL, expected[128];
		size_t size = 0, found = 0;
		bool several = k->supported && strchr(k->supported, ' ');
		FILE *f = open_memstream(&text, &size);

		assert_non_null(f);
		if (!profile_section_find(k->section)->supported) {
			(void)snprintf(expected, sizeof(expected), "[%s] is not supported yet", k->section);
		} else {
			for (const struct profile_word *w = k->words; w && w->word; w++)
				if (!profile_key_supports(k, w->word))
					value = w->word;
			if (k->type == PROFILE_KEY_YES_NO && k->supported)
				value = "yes";
			(void)snprintf(expected, sizeof(expected), several ? "\"%s = %s\" is not" : "\"%s\" is not",
				       k->name, value);
		}
		begin(f, k, true);
		(void)fprintf(f, "%s = %s\n", k->name, value);
		assert_int_equal(fclose(f), 0);
		assert_true(profile_parse(text, size, "test", &p, &errors) <= 0);
		for (size_t i = 0; i < errors.count; i++)
			found += !strncmp(errors.item[i].text, expected, strlen(expected));
		assert_int_equal(found, !profile_section_find(k->section)->supported ||
						!profile_key_supports(k, value));
		profile_errors_fini(&errors);
		profile_free(p);
		free(text);
	}
}

static void an_unknown_key_is_refused_in_every_section(void **state)
{
	(void)state;
	EACH(k) {
		struct profile_key unknown = *k;

		unknown.name = "qqqqqqqq";
		assert_int_equal(errors_with(&unknown, "1", 1, "qqqqqqqq"), 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_value_is_accepted),
		cmocka_unit_test(a_missing_key_is_an_error_only_when_it_is_required),
		cmocka_unit_test(twice_is_an_error_unless_repeatable),
		cmocka_unit_test(an_empty_value_is_an_error),
		cmocka_unit_test(numbers_keep_their_range),
		cmocka_unit_test(sizes_keep_their_range_and_units),
		cmocka_unit_test(durations_keep_their_range_and_unit),
		cmocka_unit_test(texts_keep_their_length),
		cmocka_unit_test(every_driver_is_a_vfio_driver),
		cmocka_unit_test(paths_are_absolute),
		cmocka_unit_test(choices_take_their_words_and_no_others),
		cmocka_unit_test(device_like_values_end_where_they_end),
		cmocka_unit_test(unsupported_values_are_refused_by_name),
		cmocka_unit_test(an_unknown_key_is_refused_in_every_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
