/* SPDX-License-Identifier: GPL-2.0-or-later */
/* columns.c - text in the columns of a terminal: how wide it is, cut, and wrapped */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/commands/terminal/columns.h"
#include "profiles/utf8.h"

/* What does not take one column. Source: Unicode 15, EastAsianWidth.txt (W, F) and Mn. */
static const struct {
	uint32_t first, last;
	size_t columns;
} widths[] = {
	{ 0x0300, 0x036f, 0 },   { 0x0483, 0x0489, 0 },   { 0x0591, 0x05bd, 0 },
	{ 0x0610, 0x061a, 0 },   { 0x064b, 0x065f, 0 },   { 0x0e34, 0x0e3a, 0 },
	{ 0x0e47, 0x0e4e, 0 },   { 0x1100, 0x115f, 2 },   { 0x1ab0, 0x1aff, 0 },
	{ 0x1dc0, 0x1dff, 0 },   { 0x200b, 0x200d, 0 },   { 0x20d0, 0x20ff, 0 },
	{ 0x2e80, 0x303e, 2 },   { 0x3041, 0xa4cf, 2 },   { 0xac00, 0xd7a3, 2 },
	{ 0xf900, 0xfaff, 2 },   { 0xfe00, 0xfe0f, 0 },   { 0xfe20, 0xfe2f, 0 },
	{ 0xfe30, 0xfe6f, 2 },   { 0xff00, 0xff60, 2 },   { 0xffe0, 0xffe6, 2 },
	{ 0x1f300, 0x1f64f, 2 }, { 0x1f900, 0x1f9ff, 2 }, { 0x20000, 0x3fffd, 2 },
};

/* One character at @text: its columns, and in @length its bytes. */
static size_t next(const char *text, size_t *length, uint32_t *c)
{
	*length = utf8_decode(text, strlen(text), c);
	if (!*length) {
		*length = 1;
		*c = '?';
	}
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++)
		if (*c >= widths[i].first && *c <= widths[i].last)
			return widths[i].columns;
	return 1;
}

/** columns_of() - how many columns a text takes; a byte that is no character takes one */
size_t columns_of(const char *text)
{
	size_t columns = 0, length;
	uint32_t c;

	for (; *text; text += length)
		columns += next(text, &length, &c);
	return columns;
}

/* Text from outside as it may be shown: no control character, nothing that is no character. */
static void make_safe(const char *text, bool utf8, char buf[COLUMNS_TEXT_MAX])
{
	size_t used = 0, length;
	uint32_t c;

	for (; *text && used + 5 < COLUMNS_TEXT_MAX; text += length) {
		(void)next(text, &length, &c);
		if (utf8_is_control(c) || c == '?' || (c > 0x7e && !utf8)) {
			buf[used++] = '?';
			continue;
		}
		memcpy(buf + used, text, length);
		used += length;
	}
	buf[used] = '\0';
}

/**
 * columns_fit() - a text made safe for a terminal, and cut to a number of columns
 * @columns:	at least 3; what is cut ends in a sign for that
 * @utf8:	does the terminal show more than ASCII?
 *
 * Return: @buf
 */
const char *columns_fit(const char *text, size_t columns, bool utf8, char buf[COLUMNS_TEXT_MAX])
{
	const char *sign = utf8 ? "\xe2\x80\xa6" : "..";
	size_t room = columns - (utf8 ? 1 : 2), used = 0, at = 0, length;
	uint32_t c;

	make_safe(text, utf8, buf);
	if (columns_of(buf) <= columns)
		return buf;
	for (; buf[at]; at += length) {
		size_t more = next(buf + at, &length, &c);

		if (used + more > room || at + length + 4 >= COLUMNS_TEXT_MAX)
			break;
		used += more;
	}
	while (at && buf[at - 1] == ' ')
		at--;
	(void)snprintf(buf + at, COLUMNS_TEXT_MAX - at, "%s", sign);
	return buf;
}

/**
 * columns_wrap_to() - print a text in lines that end between words
 * @at:		the column at which it begins
 * @indent:	the column at which each further line begins
 * @width:	of the terminal; a word that is longer than a line stays whole: it may be a path
 *
 * Blanks before the first word stay.
 */
void columns_wrap_to(FILE *out, const char *text, size_t at, size_t indent, size_t width)
{
	size_t blanks = strspn(text, " "), column = at + blanks;
	bool begun = false; /* is there a word on this line? */

	(void)fprintf(out, "%*s", (int)blanks, "");
	text += blanks;

	while (*text) {
		size_t bytes = log_word(text), wide;
		char word[COLUMNS_TEXT_MAX];

		(void)snprintf(word, sizeof(word), "%.*s", (int)bytes, text);
		wide = columns_of(word);
		if (indent + wide > width) { /* too long to be kept together */
			bytes = strcspn(text, " ");
			word[bytes < sizeof(word) ? bytes : sizeof(word) - 1] = '\0';
			wide = columns_of(word);
		}
		if (begun && column + 1 + wide > width) {
			(void)fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (begun) {
			(void)fputc(' ', out);
			column++;
		}
		begun = true;
		(void)fwrite(text, 1, bytes, out);
		column += wide;
		text += bytes + strspn(text + bytes, " ");
	}
}

/** columns_wrap() - the same to stdout, and a newline */
void columns_wrap(const char *text, size_t at, size_t indent, size_t width)
{
	columns_wrap_to(stdout, text, at, indent, width);
	(void)putchar('\n');
}
