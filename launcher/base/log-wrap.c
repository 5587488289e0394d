/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log-wrap.c - a message in the lines of a terminal: broken between words, not where it ends */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "launcher/base/log.h"

#define INDENT 2 /* of further lines */

/** log_columns() - how wide is the terminal? 0 when @fd is none, or its width is not known */
unsigned int log_columns(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

/** log_word() - the bytes of the next word; a command in backquotes is one, to be copied from one line */
size_t log_word(const char *text)
{
	size_t bytes = strcspn(text, " ");
	bool open = false;

	for (size_t i = 0; i < bytes || (open && text[i]); i++) {
		open ^= text[i] == '`';
		if (i >= bytes && !open)
			return i + 1 + strcspn(text + i + 1, " ");
	}
	return bytes;
}

/* A colour takes none, and of a character in UTF-8 its first byte one. */
static size_t columns(const char *text, size_t bytes)
{
	size_t count = 0;

	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '\033')
			while (i + 1 < bytes && text[i] != 'm')
				i++;
		else
			count += ((unsigned char)text[i] & 0xc0) != 0x80;
	}
	return count;
}

/**
 * log_wrap() - break a message into lines, in its place
 * @size:	of @text; the end that has no room is lost
 * @at:		the column at which it begins
 * @width:	of the terminal; a word that is longer than a line stays whole: it may be a path
 */
void log_wrap(char *text, size_t size, size_t at, size_t width)
{
	char lines[LOG_LINE_MAX];
	size_t blanks = strspn(text, " "), used, column = at + blanks;
	const char *from = text + blanks, *between = "";

	if (width < 2 * INDENT || at + columns(text, strlen(text)) <= width || blanks >= sizeof(lines))
		return;
	used = blanks;
	memset(lines, ' ', blanks);
	while (*from && used < sizeof(lines)) {
		size_t bytes = log_word(from), wide = columns(from, bytes);

		if (INDENT + wide > width) { /* too long to be kept together */
			bytes = strcspn(from, " ");
			wide = columns(from, bytes);
		}
		if (*between && column + 1 + wide > width) {
			between = "\n  ";
			column = INDENT;
		} else {
			column += *between != '\0';
		}
		used += (size_t)snprintf(lines + used, sizeof(lines) - used, "%s%.*s", between,
					 (int)bytes, from);
		column += wide;
		between = " ";
		from += bytes + strspn(from + bytes, " ");
	}
	if (used >= sizeof(lines))
		used = sizeof(lines) - 1;
	lines[used] = '\0';
	(void)snprintf(text, size, "%s", lines);
}
