/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shell-quote.c - text as a shell reads it back, and as no terminal acts on it */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/plan/print/print.h"

#define UNQUOTED "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%"

/* Something in it that a shell would take for its own, or a terminal for a command? */
/* C0, DEL, and the first byte of C1 (U+0080 to U+009F in UTF-8), which terminals act on too. */
static bool is_control(const char *text)
{
	const unsigned char *c = (const unsigned char *)text;

	return c[0] < ' ' || c[0] == 0x7f || (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0);
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if (is_control(text))
			return true;
	return false;
}

/* $'...' of bash, ksh, zsh and POSIX 2024: the only form that shows a control character as text. */
static void quote_control(FILE *f, const char *text)
{
	(void)fputs("$'", f);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '\'' || c == '\\')
			(void)fprintf(f, "\\%c", c);
		else if (is_control(text))
			(void)fprintf(f, "\\%03o", c);
		else
			(void)fputc(c, f);
	}
	(void)fputc('\'', f);
}

static void quote_plain(FILE *f, const char *text)
{
	(void)fputc('\'', f);
	for (; *text; text++) {
		if (*text == '\'')
			(void)fputs("'\\''", f);
		else
			(void)fputc(*text, f);
	}
	(void)fputc('\'', f);
}

/** plan_quote() - write an argument as a shell reads it back; see plan_shell_quote() */
void plan_quote(FILE *f, const char *text)
{
	if (has_control(text))
		quote_control(f, text);
	else if (!*text || text[strspn(text, UNQUOTED)])
		quote_plain(f, text);
	else
		(void)fputs(text, f);
}

/**
 * plan_shell_quote() - an argument as a shell reads it back
 *
 * Plain words stay bare. Control characters become escapes in $'...', so that no
 * terminal acts on them; a shell that does not know that form is not given them.
 *
 * @out:	freed by the caller
 *
 * Return: 0 or -ENOMEM
 */
int plan_shell_quote(const char *argument, char **out)
{
	char *buf = NULL;
	size_t size;
	FILE *f = open_memstream(&buf, &size);

	if (!f)
		return -ENOMEM;
	plan_quote(f, argument);
	if (fclose(f)) {
		free(buf);
		return -ENOMEM;
	}
	*out = buf;
	return 0;
}
