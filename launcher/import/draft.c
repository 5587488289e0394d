/* SPDX-License-Identifier: GPL-2.0-or-later */
/* draft.c - sections and lines of the profile, and the list of what was not carried over */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/import/import.h"

/** import_new() - one more section of a kind that can be repeated; never NULL */
struct import_section *import_new(struct import *m, const char *name)
{
	if (m->section_count == IMPORT_SECTIONS_MAX) {
		m->failed = true;
		return &m->section[IMPORT_SECTIONS_MAX - 1];
	}
	m->section[m->section_count].name = name;
	return &m->section[m->section_count++];
}

/** import_one() - the section of a kind of which there is one */
struct import_section *import_one(struct import *m, const char *name)
{
	for (size_t i = 0; i < m->section_count; i++)
		if (!strcmp(m->section[i].name, name))
			return &m->section[i];
	return import_new(m, name);
}

/* Where a profile's reader would take less than the whole value. */
static bool needs_quotes(const char *value)
{
	size_t length = strlen(value);

	if (!length || value[0] == '"' || value[0] == ' ' || value[length - 1] == ' ')
		return true;
	for (size_t i = 0; i < length; i++)
		if ((value[i] == '#' || value[i] == ';') && (!i || value[i - 1] == ' ' || value[i - 1] == '\t'))
			return true;
	return false;
}

static void put_value(FILE *out, const char *value)
{
	bool quoted = needs_quotes(value);

	if (quoted)
		(void)fputc('"', out);
	for (; *value; value++) {
		if (quoted && strchr("\"\\", *value))
			(void)fputc('\\', out);
		(void)fputc((unsigned char)*value < ' ' ? '?' : *value, out);
	}
	if (quoted)
		(void)fputc('"', out);
}

/** import_set() - a line `key = value`; the value is quoted where it must be */
void import_set(struct import *m, struct import_section *s, const char *key, const char *format, ...)
{
	cleanup_free char *value = NULL;
	char *lines = NULL;
	size_t size;
	va_list args;
	FILE *out;
	int n;

	va_start(args, format);
	n = vasprintf(&value, format, args);
	va_end(args);
	out = n < 0 ? NULL : open_memstream(&lines, &size);
	if (!out) {
		m->failed = true;
		return;
	}
	(void)fprintf(out, "%s%s = ", s->lines ? s->lines : "", key);
	put_value(out, value);
	(void)fputc('\n', out);
	if (fclose(out))
		m->failed = true;
	free(s->lines);
	s->lines = lines;
}

/** import_note() - what was not carried over, or is not as it was */
void import_note(struct import *m, unsigned int line, const char *format, ...)
{
	struct import_note *grown = realloc(m->note, (m->note_count + 1) * sizeof(*grown));
	va_list args;
	int n;

	if (!grown) {
		m->failed = true;
		return;
	}
	m->note = grown;
	va_start(args, format);
	n = vasprintf(&grown[m->note_count].text, format, args);
	va_end(args);
	grown[m->note_count].line = line;
	if (n < 0)
		m->failed = true;
	else
		m->note_count++;
}

/* The bytes of the next word; what stands in backquotes is to be typed, and stays in one piece. */
static size_t word_length(const char *p)
{
	bool quoted = false;
	size_t n = 0;

	for (; p[n] && (p[n] != ' ' || quoted); n++)
		quoted ^= p[n] == '`' && (quoted || strchr(p + n + 1, '`'));
	return n;
}

/* What comes from the input moves no cursor; lines are broken between words, for 80 columns. */
static void put_note(const struct import_note *n)
{
	int column = n->line ? printf("#   line %u:", n->line) : printf("#  ");

	for (const char *p = n->text; *p;) {
		size_t length = word_length(p);

		if (column + 1 + (int)length > 80 && column > 6)
			column = printf("\n#    ") - 1;
		column += 1 + (int)length;
		(void)putchar(' ');
		for (; length; length--, p++)
			(void)putchar((unsigned char)*p < ' ' || *p == 127 ? '?' : *p);
		p += *p == ' ';
	}
	(void)putchar('\n');
}

/* By line; those of one line stay as they came. */
static void sort_notes(struct import *m)
{
	for (size_t i = 1; i < m->note_count; i++) {
		struct import_note n = m->note[i];
		size_t k = i;

		for (; k && m->note[k - 1].line > n.line; k--)
			m->note[k] = m->note[k - 1];
		m->note[k] = n;
	}
}

/** import_print() - the profile, with the notes at its head */
void import_print(struct import *m)
{
	(void)printf("#!/usr/bin/env -S sudo vfio-run\n#\n# Written by `vfio-run import`; every key is described in vfio-run.profile(5).\n");
	if (m->note_count)
		(void)printf("# What is not as it was, or not carried over:\n");
	sort_notes(m);
	for (size_t i = 0; i < m->note_count; i++)
		put_note(&m->note[i]);
	for (size_t i = 0; i < m->section_count; i++)
		(void)printf("\n[%s]\n%s", m->section[i].name,
			     m->section[i].lines ? m->section[i].lines : "");
}

/** import_fini() - free it */
void import_fini(struct import *m)
{
	for (size_t i = 0; i < m->section_count; i++)
		free(m->section[i].lines);
	for (size_t i = 0; i < m->note_count; i++)
		free(m->note[i].text);
	free(m->note);
}

/** import_memory() - in the largest unit that divides it */
void import_memory(struct import *m, struct import_section *s, unsigned long long bytes)
{
	if (bytes >> 30 && !(bytes & ((1ull << 30) - 1)))
		import_set(m, s, "memory", "%lluG", bytes >> 30);
	else
		import_set(m, s, "memory", "%lluM", bytes >> 20);
}

/** import_is_card() - is there a display at @address on this machine? false: no, or not here */
bool import_is_card(const char *address)
{
	char path[128];
	cleanup_fclose FILE *f = NULL;
	unsigned int class_id = 0;

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/class", address);
	f = fopen(path, "re");
	return f && fscanf(f, "%x", &class_id) == 1 && class_id >> 16 == 3;
}
