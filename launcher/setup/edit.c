/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edit.c - one word more or less in the text of a file
 *
 * The files are read by shells and by boot loaders. What is not of the plain form that
 * distributions install is refused and left to its owner: -EBADMSG.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/setup/edit.h"

#define AROUND_BEFORE " \t\"'="
#define AROUND_AFTER " \t\"'"

/* A piece of a text, by its ends. */
struct piece {
	const char *from, *to;
};

static struct piece line_at(const char *text)
{
	const char *end = strchr(text, '\n');

	return (struct piece){ text, end ? end : text + strlen(text) };
}

/* Behind its newline; NULL at the end of the text. */
static const char *next_line(struct piece line)
{
	return *line.to && line.to[1] ? line.to + 1 : NULL;
}

static bool is_comment(struct piece line)
{
	const char *at = line.from + strspn(line.from, " \t");

	return at < line.to && *at == '#';
}

/* Is it one word there, and not a part of one? */
static bool stands_alone(struct piece line, const char *at, size_t length)
{
	return (at == line.from || strchr(AROUND_BEFORE, at[-1])) &&
	       (at + length >= line.to || strchr(AROUND_AFTER, at[length]));
}

/* The first place of a word, outside of comments; NULL: none */
static const char *find_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *start = text; start;) {
		struct piece line = line_at(start);

		for (const char *at = line.from;
		     !is_comment(line) && (at = strstr(at, word)) && at < line.to; at++)
			if (stands_alone(line, at, length))
				return at;
		start = next_line(line);
	}
	return NULL;
}

/** edit_has() - does a word stand in a text by itself, outside of comments? */
bool edit_has(const char *text, const char *word)
{
	return find_word(text, word);
}

/* @text with @from up to @to replaced by @with. Return: 0 or -ENOMEM */
static int replace(const char *text, const char *from, const char *to, const char *with, char **out)
{
	size_t before = (size_t)(from - text), added = strlen(with), after = strlen(to);
	char *new = malloc(before + added + after + 1);

	if (!new)
		return -ENOMEM;
	memcpy(new, text, before);
	memcpy(new + before, with, added);
	memcpy(new + before + added, to, after + 1);
	*out = new;
	return 0;
}

static int join(const char *a, const char *b, const char *c, const char *d, char **out)
{
	size_t size = strlen(a) + strlen(b) + strlen(c) + strlen(d) + 1;
	char *new = malloc(size);

	if (!new)
		return -ENOMEM;
	(void)snprintf(new, size, "%s%s%s%s", a, b, c, d);
	*out = new;
	return 0;
}

/* KEY= or KEY+= at the beginning of a line: what stands behind it */
static const char *value_of(struct piece line, const char *key)
{
	const char *at = line.from + strspn(line.from, " \t");
	size_t length = strlen(key);

	if (strncmp(at, key, length) != 0)
		return NULL;
	at += length;
	at += *at == '+' && at[1] == '=';
	return at < line.to && *at == '=' ? at + 1 : NULL;
}

/*
 * The quoted value, without its quotes. Only one that a shell takes as it stands, so that a word
 * can be put to its end: no other quote, nothing expanded but other variables, nothing but a
 * comment behind.
 */
static bool plain_value(struct piece line, const char *at, struct piece *out)
{
	char quote = *at;
	const char *end = quote == '"' || quote == '\''
				  ? memchr(at + 1, quote, (size_t)(line.to - at - 1))
				  : NULL;
	const char *rest;

	if (!end)
		return false;
	*out = (struct piece){ at + 1, end };
	for (rest = at + 1; rest < end; rest++)
		if (strchr("\\`", *rest) || (*rest == '$' && rest[1] == '('))
			return false;
	for (rest = end + 1; rest < line.to && isblank((unsigned char)*rest); rest++)
		;
	return rest == line.to || *rest == '#';
}

/* The last assignment counts. A value without quotes is one word: it gets them. */
static int add_to_variable(const char *text, const char *key, const char *word, char **out)
{
	cleanup_free char *with = NULL;
	struct piece value = { NULL, NULL }, last = { NULL, NULL };
	const char *at = NULL;

	const char *start = text;

	do {
		struct piece line = line_at(start);
		const char *v = is_comment(line) ? NULL : value_of(line, key);

		if (v) {
			last = line;
			at = v;
		}
		start = next_line(line);
	} while (start);
	if (!at) {
		bool whole = !*text || text[strlen(text) - 1] == '\n';

		if (join(whole ? "" : "\n", key, "=\"", word, &with))
			return -ENOMEM;
		return join(text, with, "\"\n", "", out);
	}
	if (plain_value(last, at, &value)) {
		if (join(value.from == value.to ? "" : " ", word, "", "", &with))
			return -ENOMEM;
		return replace(text, value.to, value.to, with, out);
	}
	if (at + strcspn(at, " \t\n\"'\\$`#;") != last.to)
		return -EBADMSG;
	if (join(at == last.to ? "" : " ", word, "\"", "", &with))
		return -ENOMEM;
	{
		cleanup_free char *quoted = NULL;
		int r = replace(text, last.to, last.to, with, &quoted);

		return r ? r
			 : replace(quoted, quoted + (at - text), quoted + (at - text), "\"", out);
	}
}

static int add_to_line(const char *text, struct piece line, const char *word, char **out)
{
	cleanup_free char *with = NULL;
	const char *end = line.to;

	while (end > line.from && isspace((unsigned char)end[-1]))
		end--;
	if (join(end == line.from ? "" : " ", word, "", "", &with))
		return -ENOMEM;
	return replace(text, end, end, with, out);
}

static int add_to_entry(const char *text, const char *key, const char *word, char **out)
{
	size_t length = strlen(key);

	for (const char *start = text; start; start = next_line(line_at(start))) {
		struct piece line = line_at(start);
		const char *at = line.from + strspn(line.from, " \t");

		if (!strncasecmp(at, key, length) && isblank((unsigned char)at[length]))
			return add_to_line(text, line, word, out);
	}
	return -ENOENT;
}

/**
 * edit_add() - a word at the end of a file's words
 * @key:	the variable, or how the line begins; not used of EDIT_LINE
 * @out:	the new text; freed by the caller
 *
 * Return: 0; -EALREADY it is there; -ENOENT there is no such line; -EBADMSG it is not of the plain
 * form; -ENOMEM
 */
int edit_add(const char *text, enum edit_form form, const char *key, const char *word, char **out)
{
	if (edit_has(text, word))
		return -EALREADY;
	switch (form) {
	case EDIT_VARIABLE:
		return add_to_variable(text, key, word, out);
	case EDIT_ENTRY:
		return add_to_entry(text, key, word, out);
	default:
		return add_to_line(text, line_at(text), word, out);
	}
}

/**
 * edit_take() - every place of a word taken out, with a blank beside it
 *
 * Return: 0; -ENOENT it is not there; -ENOMEM
 */
int edit_take(const char *text, const char *word, char **out)
{
	char *now = strdup(text);
	const char *at;
	bool some = false;

	while (now && (at = find_word(now, word))) {
		const char *from = at, *to = at + strlen(word);
		char *next = NULL;

		if (from > now && isblank((unsigned char)from[-1]))
			from--;
		else if (isblank((unsigned char)*to))
			to++;
		if (replace(now, from, to, "", &next))
			next = NULL;
		free(now);
		now = next;
		some = true;
	}
	if (!now)
		return -ENOMEM;
	if (!some) {
		free(now);
		return -ENOENT;
	}
	*out = now;
	return 0;
}

static bool same_name(const char *a, size_t length, const char *b)
{
	for (size_t i = 0; i < length; i++)
		if ((a[i] == '-' ? '_' : a[i]) != (b[i] == '-' ? '_' : b[i]))
			return false;
	return !b[length];
}

/* "options MODULE": what follows; NULL: another line */
static const char *options_of(struct piece line, const char *module)
{
	const char *at = line.from + strspn(line.from, " \t");

	if (strncmp(at, "options", 7) != 0 || !isblank((unsigned char)at[7]))
		return NULL;
	at += 7;
	at += strspn(at, " \t");
	if (at >= line.to || !same_name(at, strcspn(at, " \t\n"), module))
		return NULL;
	return at + strcspn(at, " \t\n");
}

/* The option with the blanks before it, in one line; the whole line where there is no other. */
static bool find_option(struct piece line, const char *option, struct piece *out)
{
	const char *first = line.from;
	size_t others = 0;
	bool found = false;

	for (const char *at = first; at < line.to;) {
		const char *from = at + strspn(at, " \t");
		const char *to = from + strcspn(from, " \t\n");

		if (from >= line.to)
			break;
		if (same_name(from, strcspn(from, "= \t\n"), option)) {
			*out = (struct piece){ at, to };
			found = true;
		} else {
			others++;
		}
		at = to;
	}
	return found && (others ? true : (out->from = NULL, true));
}

/**
 * edit_take_option() - an option of a module out of a file of modprobe.d
 *
 * Return: 0; -ENOENT it is not there; -EBADMSG the line goes on in the next one; -ENOMEM
 */
int edit_take_option(const char *text, const char *module, const char *option, char **out)
{
	for (const char *start = text; start; start = next_line(line_at(start))) {
		struct piece line = line_at(start), it;
		const char *at = is_comment(line) ? NULL : options_of(line, module);

		if (!at || !find_option((struct piece){ at, line.to }, option, &it))
			continue;
		if (line.to > line.from && line.to[-1] == '\\')
			return -EBADMSG;
		if (!it.from)
			it = (struct piece){ line.from, *line.to ? line.to + 1 : line.to };
		return replace(text, it.from, it.to, "", out);
	}
	return -ENOENT;
}
