/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script-json.c - a value that is JSON, as QEMU's options and libvirt's arguments have it, to the older form
 *
 * {"driver":"ivshmem-plain","memdev":"m"} is "ivshmem-plain,memdev=m": so the rows of script.c read both.
 * One with objects or arrays in it stays as it is.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/cleanup.h"
#include "launcher/import/script.h"

#define MEMBER_MAX 1024

static const char *skip(const char *p)
{
	return p + strspn(p, " \t\r\n:,");
}

/* A text, a number or a word. Return: behind it; NULL: it is of another kind, or too long */
static const char *read_one(const char *p, char buf[MEMBER_MAX])
{
	size_t n = 0;
	bool quoted = *p == '"';

	p += quoted;
	while (*p && (quoted ? *p != '"' : isalnum((unsigned char)*p) || strchr("+-._", *p))) {
		p += quoted && *p == '\\';
		if (!*p || n + 1 == MEMBER_MAX)
			return NULL;
		buf[n++] = *p++;
	}
	buf[n] = '\0';
	if (quoted ? *p != '"' : !n)
		return NULL;
	return p + quoted;
}

/* QEMU's first part has no name. */
static bool is_first(const char *name)
{
	return !strcmp(name, "driver") || !strcmp(name, "qom-type") || !strcmp(name, "type");
}

static void put(FILE *out, const char *text)
{
	for (; *text; text++)
		(void)fprintf(out, *text == ',' ? ",," : "%c", *text);
}

/* One pass for what stands first, one for all else. Return: could it be read? */
static bool put_members(FILE *out, const char *p, bool first)
{
	char name[MEMBER_MAX], value[MEMBER_MAX];

	for (p = skip(p); *p && *p != '}'; p = skip(p)) {
		p = read_one(p, name);
		p = p ? read_one(skip(p), value) : NULL;
		if (!p)
			return false;
		if (is_first(name) != first)
			continue;
		if (!first)
			(void)fprintf(out, ",%s=", name);
		put(out, !strcmp(value, "true") ? "on" : !strcmp(value, "false") ? "off" : value);
	}
	return *p == '}';
}

static void flatten(struct script_words *w, struct script_word *word)
{
	char *flat = NULL;
	size_t size;
	FILE *out = open_memstream(&flat, &size);
	bool good = out && put_members(out, word->text + 1, true) && put_members(out, word->text + 1, false);

	if (!out || fclose(out)) {
		w->failed = true;
	} else if (good) {
		word->json = word->text;
		word->text = flat;
		return;
	}
	free(flat);
}

/** script_flatten() - JSON's members as "a,b=c", in all words */
void script_flatten(struct script_words *w)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->item[i].text[0] == '{' && !w->item[i].json)
			flatten(w, &w->item[i]);
}
