/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reader.c - the grammar of a profile: lines, headings, keys, quotes, comments */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/reader.h"
#include "profiles/message-text.h"
#include "profiles/utf8.h"

/* One line on its way: the file's own bytes, and the copy that is cut up. */
struct line {
	struct reader *reader;
	const char *raw; /* in the file */
	char *copy;	 /* the same bytes, NUL-terminated */
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct profile_pos pos_at(const struct line *l, size_t offset)
{
	return (struct profile_pos){ .line = l->reader->line,
				     .column = (unsigned int)utf8_count(l->raw, offset) + 1 };
}

/* A comment starts at the start of the line or after white space, nowhere else. */
static bool ends_here(const struct line *l, size_t at)
{
	char c = l->copy[at];

	return !c || ((c == '#' || c == ';') && (!at || is_blank(l->copy[at - 1])));
}

static size_t skip_blanks(const struct line *l, size_t at)
{
	while (is_blank(l->copy[at]))
		at++;
	return at;
}

/**
 * reader_init() - start at the first line
 * @r:		filled; reader_fini() it, also after an error
 * @text:	borrowed until reader_fini(), @size bytes; it has no NUL in it
 * @errors:	borrowed; what is no line of a profile is recorded there
 *
 * Return: 0 or -ENOMEM
 */
int reader_init(struct reader *r, const char *text, size_t size, struct profile_errors *errors)
{
	*r = (struct reader){ .text = text, .size = size, .errors = errors };
	r->copy = malloc(size + 1);
	if (!r->copy)
		return -ENOMEM;
	if (size >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		profile_errors_add(errors, (struct profile_pos){ .line = 1, .column = 1 },
				   "save it as UTF-8 without BOM; sed -i '1s/^\\xef\\xbb\\xbf//' FILE "
				   "removes it",
				   "the file starts with a byte order mark (BOM), expected plain UTF-8");
		r->text += 3; /* columns are counted from behind it, as editors show them */
		r->size -= 3;
	}
	return 0;
}

void reader_fini(struct reader *r)
{
	free(r->copy);
	r->copy = NULL;
}

/*
 * Word processors and web pages turn quotes, blanks and dashes into others, which look alike.
 * A blank of these is part of a word; in a quoted value, where it can be meant, it is let be.
 */
static const char *lookalike(uint32_t c, bool quoted)
{
	if (!quoted && (c == 0xa0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
			c == 0x3000))
		return "write an ordinary space";
	if (!quoted && (c == 0x201c || c == 0x201d || c == 0x201e || c == 0xab || c == 0xbb ||
			c == 0x2018 || c == 0x2019))
		return "write a plain double quote, or put a value with it in double quotes";
	return NULL;
}

/* Reports the first character that only looks like one of the grammar. */
static bool check_lookalikes(const struct line *l)
{
	bool quoted = false;

	for (size_t i = 0; i < l->length && (quoted || !ends_here(l, i));) {
		uint32_t c = 0;
		size_t length = utf8_decode(l->raw + i, l->length - i, &c);
		const char *hint = lookalike(c, quoted);

		if (hint) {
			profile_errors_add(
				l->reader->errors, pos_at(l, i), hint,
				"\"%.*s\" (U+%04X) looks like another character and is none",
				(int)length, l->raw + i, (unsigned int)c);
			return false;
		}
		quoted ^= c == '"' && !(i && l->raw[i - 1] == '\\');
		i += length;
	}
	return true;
}

/* True when the line is valid UTF-8 without control characters; else reports what is not. */
static bool check_bytes(const struct line *l)
{
	for (size_t i = 0; i < l->length;) {
		uint32_t c = 0;
		size_t length = utf8_decode(l->raw + i, l->length - i, &c);

		if (!length) {
			profile_errors_add(l->reader->errors, pos_at(l, i), "save the file as UTF-8",
					   "byte 0x%02x is not valid UTF-8 here",
					   (unsigned int)(unsigned char)l->raw[i]);
			return false;
		}
		if (c != '\t' && utf8_is_control(c)) {
			profile_errors_add(l->reader->errors, pos_at(l, i), "remove it",
					   "control character U+%04X, expected visible text",
					   (unsigned int)c);
			return false;
		}
		i += length;
	}
	return check_lookalikes(l);
}

/* Cuts the next line out of the file; the carriage returns of a Windows file are reported once. */
static void take_line(struct reader *r, struct line *l)
{
	const char *start = r->text + r->at, *end = memchr(start, '\n', r->size - r->at);

	*l = (struct line){ r, start, r->copy, end ? (size_t)(end - start) : r->size - r->at };
	r->at += l->length + (end ? 1 : 0);
	r->line++;
	if (l->length && start[l->length - 1] == '\r') {
		l->length--;
		if (!r->crlf_told)
			profile_errors_add(r->errors, pos_at(l, l->length),
					   "sed -i 's/\\r$//' FILE converts it",
					   "the line ends with a carriage return (Windows line ends), "
					   "expected a newline only");
		r->crlf_told = true;
	}
	memcpy(l->copy, l->raw, l->length);
	l->copy[l->length] = '\0';
}

/* "[name]" at @at. One with an error in it still separates what is above from what is below. */
static void read_heading(const struct line *l, size_t at, struct reader_event *event)
{
	struct profile_errors *errors = l->reader->errors;
	size_t start = skip_blanks(l, at + 1), end = start, after;
	char found[TEXT_SHORT];

	*event = (struct reader_event){ .kind = READER_SECTION, .name = "", .pos = pos_at(l, at) };
	if (l->copy[at + 1] == '[') { /* as TOML repeats a section */
		profile_errors_add(errors, pos_at(l, at + 1),
				   "a heading is written [name], also when it is repeated",
				   "expected one \"[\", found two");
		event->broken = true;
		event->name = l->copy + at + 2;
		l->copy[at + 2 + strcspn(event->name, " \t]")] = '\0';
		return;
	}
	while (l->copy[end] && l->copy[end] != ']' && !is_blank(l->copy[end]))
		end++;
	after = skip_blanks(l, end);
	if (l->copy[after] != ']') {
		profile_errors_add(errors, pos_at(l, after), "a heading is written [name]",
				   "the heading is not closed: expected \"]\", found %s",
				   text_found(l->copy + after, found));
		event->broken = true;
		l->copy[end] = '\0';
		event->name = l->copy + start;
		return;
	}
	if (start == end) {
		profile_errors_add(errors, pos_at(l, at), "a heading is written [name], such as [vm]",
				   "the heading has no name");
		return;
	}
	event->name = l->copy + start;
	at = after + 1;
	after = skip_blanks(l, at);
	event->broken = !ends_here(l, after);
	if (event->broken)
		profile_errors_add(errors, pos_at(l, after), "write it on a line of its own",
				   "expected the end of the line after the heading, found %s",
				   text_found(l->copy + after, found));
	l->copy[end] = '\0';
}

/* What stands behind the backslash at @in - 1. */
static void wrong_escape(const struct line *l, size_t in)
{
	uint32_t c;

	profile_errors_add(l->reader->errors, pos_at(l, in - 1), "write \\\\ for a backslash",
			   "expected \\\" or \\\\ in a quoted value, found \\%.*s",
			   (int)utf8_decode(l->copy + in, strlen(l->copy + in), &c), l->copy + in);
}

/* The quoted value whose opening quote is at @at; unescapes it in place. */
static bool read_quoted(const struct line *l, size_t at, struct reader_event *event)
{
	struct profile_errors *errors = l->reader->errors;
	size_t in = at + 1, out = in, after;
	char found[TEXT_SHORT];

	for (; l->copy[in] && l->copy[in] != '"'; l->copy[out++] = l->copy[in++]) {
		if (l->copy[in] != '\\')
			continue;
		in++;
		if (l->copy[in] != '"' && l->copy[in] != '\\') {
			wrong_escape(l, in);
			return false;
		}
	}
	if (!l->copy[in]) {
		profile_errors_add(errors, pos_at(l, at), "add a double quote at the end of the value",
				   "the quoted value is not closed on its line");
		return false;
	}
	after = skip_blanks(l, in + 1);
	if (!ends_here(l, after)) {
		profile_errors_add(errors, pos_at(l, after),
				   "a double quote inside a quoted value is written \\\"",
				   "expected the end of the line or a comment after the closing quote, found %s",
				   text_found(l->copy + after, found));
		return false;
	}
	l->copy[out] = '\0';
	event->value_length = out - (at + 1);
	return true;
}

/* A value without quotes reaches to a comment or the end of the line. */
static void read_plain(const struct line *l, size_t at, struct reader_event *event)
{
	size_t end = at, next = at;

	/* The first character is no comment: it follows "=" or was looked at before. */
	do {
		next++;
		if (!is_blank(l->copy[next - 1]))
			end = next;
	} while (!ends_here(l, next));
	l->copy[end] = '\0';
	event->value_length = end - at;
}

static bool read_value(const struct line *l, size_t at, struct reader_event *event)
{
	struct profile_errors *errors = l->reader->errors;
	bool quoted = l->copy[at] == '"';
	const char *tab;

	event->quoted = quoted;
	event->value_pos = pos_at(l, at);
	event->value = l->copy + at + quoted;
	event->line_start = l->raw;
	event->raw_value = l->raw + at + quoted;
	if (!quoted)
		read_plain(l, at, event);
	else if (!read_quoted(l, at, event))
		return false;
	tab = strchr(event->value, '\t');
	if (tab)
		profile_errors_add(errors, reader_value_pos(event, (size_t)(tab - event->value)),
				   "use spaces", "a tab inside the value of \"%s\"", event->name);
	return !tab;
}

/* "key = value" at @at; false when an error was recorded instead. */
static bool read_key(const struct line *l, size_t at, struct reader_event *event)
{
	struct profile_errors *errors = l->reader->errors;
	char found[TEXT_SHORT], name[TEXT_SHORT];
	size_t end = at, equals, value;

	while (l->copy[end] && l->copy[end] != '=' && !is_blank(l->copy[end]))
		end++;
	equals = skip_blanks(l, end);
	*event = (struct reader_event){ .kind = READER_KEY, .name = "", .pos = pos_at(l, at) };
	if (end == at) {
		profile_errors_add(errors, pos_at(l, at), "a line is \"key = value\"",
				   "expected a key before \"=\"");
		return false;
	}
	if (l->copy[equals] != '=') {
		(void)text_found(l->copy + equals, found);
		l->copy[end] = '\0';
		profile_errors_add(errors, pos_at(l, equals),
				   l->copy[end - 1] == ':' ?
					   "write \"key = value\", with \"=\" instead of \":\"" :
					   "a line is \"key = value\", \"[section]\" or a comment",
				   "expected \"=\" after %s, found %s", text_found(l->copy + at, name),
				   found);
		if (l->copy[end - 1] == ':')
			l->copy[end - 1] = '\0';
		event->name = l->copy + at;
		return false;
	}
	value = skip_blanks(l, equals + 1);
	event->name = l->copy + at;
	if (!ends_here(l, value)) {
		l->copy[end] = '\0';
		return read_value(l, value, event);
	}
	found[0] = l->copy[value];
	l->copy[end] = '\0';
	profile_errors_add(errors, pos_at(l, equals),
			   found[0] ? "a value that starts with \"#\" or \";\" needs double quotes" :
				      "write it behind the \"=\", or remove the line",
			   "%s has no value", text_found(event->name, name));
	return false;
}

/**
 * reader_next() - the next heading or key
 * @event:	filled; its strings last until the next call
 *
 * Return: false at the end of the file
 */
bool reader_next(struct reader *r, struct reader_event *event)
{
	while (r->at < r->size) {
		struct line l;
		size_t at;

		take_line(r, &l);
		at = skip_blanks(&l, 0);
		if (!check_bytes(&l)) {
			if (ends_here(&l, at))
				continue; /* an error in a comment breaks nothing else */
			*event = (struct reader_event){
				.kind = l.copy[at] == '[' ? READER_SECTION : READER_BROKEN,
				.name = "", .pos = pos_at(&l, at)
			};
			return true;
		}
		if (ends_here(&l, at))
			continue;
		if (l.copy[at] == '[') {
			read_heading(&l, at, event);
			return true;
		}
		if (!read_key(&l, at, event))
			event->kind = READER_BROKEN;
		return true;
	}
	return false;
}

/**
 * reader_value_pos() - where the byte @offset of a value stands in the file
 * @event:	a key, as reader_next() gave it
 */
struct profile_pos reader_value_pos(const struct reader_event *event, size_t offset)
{
	const char *raw = event->raw_value;

	if (!offset)
		return event->value_pos;
	for (; offset; offset--, raw++)
		if (event->quoted && *raw == '\\')
			raw++; /* the escape is two characters in the file */
	return (struct profile_pos){
		event->value_pos.line,
		(unsigned int)utf8_count(event->line_start, (size_t)(raw - event->line_start)) + 1,
		event->value_pos.option
	};
}
