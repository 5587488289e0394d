/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keys-query.c - questions to the table of keys */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "profiles/keys.h"
#include "profiles/message-text.h"
#include "profiles/values.h"

/** profile_section_find() - the row of a section, NULL when there is none of that name */
const struct profile_section *profile_section_find(const char *name)
{
	for (const struct profile_section *s = profile_sections; s->name; s++)
		if (!strcmp(s->name, name))
			return s;
	return NULL;
}

/** profile_section_keys() - the first key of a section; its others follow directly */
const struct profile_key *profile_section_keys(const struct profile_section *section)
{
	const struct profile_key *k = profile_keys;

	while (k->section && strcmp(k->section, section->name) != 0)
		k++;
	return k;
}

/** profile_key_find() - the row of a key, NULL when its section has none of that name */
const struct profile_key *profile_key_find(const char *section, const char *name)
{
	for (const struct profile_key *k = profile_keys; k->section; k++)
		if (!strcmp(k->section, section) && !strcmp(k->name, name))
			return k;
	return NULL;
}

/** profile_key_supports() - is what this value asks for implemented? The value itself is valid. */
bool profile_key_supports(const struct profile_key *key, const char *value)
{
	size_t length = strlen(value);

	if (!key->supported)
		return true;
	for (const char *p = key->supported; *p; p += strspn(p, " ")) {
		size_t word = strcspn(p, " ");

		if (word == length && !strncmp(p, value, length))
			return true;
		p += word;
	}
	return false;
}

/* "1M", "512G": the largest unit that divides it. */
static const char *size_text(uint64_t bytes, char out[24])
{
	static const char unit[] = "\0KMGT";
	int u = 0;

	while (unit[u + 1] && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		u++;
	}
	(void)snprintf(out, 24, "%" PRIu64 "%.1s", bytes, unit + u);
	return out;
}

static void list_words(const struct profile_key *key, struct text_list *list)
{
	for (const struct profile_word *w = key->words; w && w->word; w++)
		text_list_add(list, w->word);
}

/**
 * profile_key_expected() - what the value of a key looks like, in words, for a message
 * @out:	receives the text, at most @size bytes with the NUL
 *
 * Return: @out
 */
const char *profile_key_expected(const struct profile_key *key, char *out, size_t size)
{
	const char *fixed = key->expected ? key->expected : profile_types[key->type].expected;
	struct text_list list = { .out = out, .size = size };
	char min[24], max[24], other[96];

	out[0] = '\0';
	if (fixed) {
		(void)snprintf(out, size, "%s", fixed);
		return out;
	}
	(void)size_text(key->min, min);
	(void)size_text(key->max, max);
	list_words(key, &list);
	switch (key->type) {
	case PROFILE_KEY_NUMBER:
	case PROFILE_KEY_NODE:
		(void)snprintf(other, sizeof(other), "a number from %" PRIu64 " to %" PRIu64, key->min,
			       key->max);
		break;
	case PROFILE_KEY_DURATION:
		(void)snprintf(other, sizeof(other), "a time from %" PRIu64 "s to %" PRIu64 "s", key->min,
			       key->max);
		break;
	case PROFILE_KEY_LATENCY:
		(void)snprintf(other, sizeof(other), "a time from %" PRIu64 "ms to %" PRIu64 "ms",
			       key->min, key->max);
		break;
	case PROFILE_KEY_SIZE:
		(void)snprintf(other, sizeof(other), "a size with K, M, G or T, from %s to %s", min, max);
		break;
	case PROFILE_KEY_REBAR:
		(void)snprintf(other, sizeof(other), "a power of two from %s to %s", min, max);
		break;
	case PROFILE_KEY_PATH:
	case PROFILE_KEY_PATHS:
	case PROFILE_KEY_ROM:
		(void)snprintf(other, sizeof(other), "a path that starts with \"/\"");
		break;
	default:
		other[0] = '\0';
	}
	if (other[0])
		text_list_add(&list, other);
	text_list_end(&list, "or");
	return out;
}
