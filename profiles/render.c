/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render.c - errors of a profile as people read them: the line, a caret below it, a hint */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "profiles/profile.h"
#include "profiles/utf8.h"

#define WINDOW 100 /* columns of a source line that are shown */

struct style {
	const char *bold, *red, *green, *off;
};

/* Writes @size bytes; what would move the cursor is shown as an escape. Returns the columns. */
static size_t put_escaped(FILE *out, const char *text, size_t size)
{
	size_t columns = 0;

	for (size_t i = 0; i < size;) {
		uint32_t c = 0;
		size_t length = utf8_decode(text + i, size - i, &c);
		int n;

		if (c == '\t' && length)
			n = fprintf(out, " ");
		else if (!length)
			n = fprintf(out, "\\x%02x", (unsigned int)(unsigned char)text[i]);
		else if (utf8_is_control(c))
			n = fprintf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned int)c);
		else
			n = (int)fwrite(text + i, length, 1, out);
		columns += n > 0 ? (size_t)n : 0;
		i += length ? length : 1;
	}
	return columns;
}

/* The bytes of line @number; its length without the newline. */
static const char *find_line(const char *text, size_t size, unsigned int number, size_t *length)
{
	const char *end = text + size;

	while (--number && text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		text = newline ? newline + 1 : end;
	}
	*length = 0;
	if (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));

		*length = (size_t)((newline ? newline : end) - text);
		if (*length && text[*length - 1] == '\r')
			--*length;
	}
	return text;
}

/* The offset of a line's character @n, counted from 0; the length when there are fewer. */
static size_t offset_of(const char *line, size_t length, size_t n)
{
	size_t at = 0;

	while (n-- && at < length) {
		uint32_t c;
		size_t step = utf8_decode(line + at, length - at, &c);

		at += step ? step : 1;
	}
	return at;
}

/* The source line with a caret below the column; of a long one the part around it. */
static void put_source(FILE *out, const char *line, size_t length, unsigned int column,
		       const struct style *style)
{
	size_t total = utf8_count(line, length), caret = column - 1 < total ? column - 1 : total;
	size_t first = caret > WINDOW - 20 ? caret - WINDOW / 2 : 0;
	size_t count = total - first > WINDOW ? WINDOW : total - first;
	size_t from = offset_of(line, length, first), to = offset_of(line, length, first + count);
	size_t at = offset_of(line, length, caret), columns;

	(void)fprintf(out, "  %s", first ? "..." : "");
	columns = put_escaped(out, line + from, at - from) + (first ? 3 : 0);
	(void)put_escaped(out, line + at, to - at);
	(void)fprintf(out, "%s\n  %*s%s^%s\n", first + count < total ? "..." : "", (int)columns, "",
		      style->green, style->off);
}

/* Of a long option the beginning: the whole of it is below, around the caret. */
static void put_place(FILE *out, const char *file, const struct profile_pos *pos)
{
	if (pos->option) {
		size_t length = strlen(pos->option), shown = offset_of(pos->option, length, 60);

		(void)fputs("-o ", out);
		(void)put_escaped(out, pos->option, shown);
		(void)fputs(shown < length ? "..." : "", out);
		return;
	}
	(void)put_escaped(out, file, strlen(file));
	if (pos->line)
		(void)fprintf(out, ":%u:%u", pos->line, pos->column);
}

/**
 * profile_place() - where something stands, as messages begin with it
 * @file:	how the user knows the file
 * @out:	"FILE:LINE:COLUMN", "FILE" for a default, "-o TEXT"; cut at @size - 1 bytes
 *
 * Return: @out
 */
const char *profile_place(const char *file, const struct profile_pos *pos, char *out, size_t size)
{
	FILE *f = fmemopen(out, size, "w");

	out[0] = '\0';
	if (f) {
		put_place(f, file, pos);
		(void)fclose(f);
	}
	out[size - 1] = '\0';
	return out;
}

static void put_error(FILE *out, const struct profile_error *e, const char *file, const char *text,
		      size_t size, const struct style *style)
{
	const char *line;
	size_t length;

	(void)fputs(style->bold, out);
	put_place(out, file, &e->pos);
	(void)fprintf(out, ": %serror:%s ", style->red, style->off);
	(void)put_escaped(out, e->text, strlen(e->text));
	(void)fputc('\n', out);
	if (e->pos.option) {
		put_source(out, e->pos.option, strlen(e->pos.option), e->pos.column, style);
	} else if (e->pos.line) {
		line = find_line(text, size, e->pos.line, &length);
		if (e->pos.line == 1 && length >= 3 && !memcmp(line, "\xef\xbb\xbf", 3)) {
			line += 3; /* the reader counts from behind a byte order mark, too */
			length -= 3;
		}
		put_source(out, line, length, e->pos.column, style);
	}
	if (e->hint) {
		(void)fprintf(out, "  %shint:%s ", style->bold, style->off);
		(void)put_escaped(out, e->hint, strlen(e->hint));
		(void)fputc('\n', out);
	}
}

/**
 * profile_errors_render() - all errors as text for a terminal
 * @file:	how the user knows the file
 * @text:	what profile_parse() read, @size bytes, for the lines that are shown
 * @colour:	with escape sequences, as compilers colour their messages
 *
 * Each is "FILE:LINE:COLUMN: error: TEXT", the line, a caret, and the hint. Nothing
 * from the file or its name reaches the terminal unescaped.
 *
 * Return: the text, which the caller frees; NULL without memory
 */
char *profile_errors_render(const struct profile_errors *errors, const char *file, const char *text,
			    size_t size, bool colour)
{
	static const struct style plain = { "", "", "", "" };
	static const struct style coloured = { "\033[1m", "\033[31m", "\033[1;32m", "\033[0m" };
	const struct style *style = colour ? &coloured : &plain;
	size_t length;
	char *result = NULL;
	FILE *out = open_memstream(&result, &length);
	bool failed;

	if (!out)
		return NULL;
	for (size_t i = 0; i < errors->count; i++)
		put_error(out, &errors->item[i], file, text, size, style);
	if (errors->dropped) {
		(void)put_escaped(out, file, strlen(file));
		(void)fprintf(out, ": there are more errors: %zu are not shown\n", errors->dropped);
	}
	failed = ferror(out);
	if (fclose(out) || failed) {
		free(result);
		return NULL;
	}
	return result;
}
