/* SPDX-License-Identifier: GPL-2.0-or-later */
/* screen.c - how what is asked for goes to stdout: signs, colour, JSON */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/plan/json-text.h"

#define MESSAGE_INDENT 2 /* of further lines */

/** screen_is_utf8() - does the locale of the caller have more than ASCII? */
bool screen_is_utf8(void)
{
	static const char *const variables[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return strcasestr(value, "UTF-8") || strcasestr(value, "utf8");
	}
	return false;
}

/* How wide is the terminal? 0 when @fd is none, or its width is not known. */
static unsigned int terminal_columns(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) ? 0 : size.ws_col;
}

/** screen_width() - how many columns a line on stdout can have; 80 without a terminal */
size_t screen_width(void)
{
	unsigned int columns = terminal_columns(STDOUT_FILENO);

	return columns ? columns : COLUMNS_DEFAULT;
}

/* A message stays as it is when there is no memory for another one. */
static void shape_message(char *text, size_t size, size_t at)
{
	unsigned int width = terminal_columns(STDERR_FILENO);
	cleanup_free char *lines = NULL;
	size_t length;
	FILE *out;

	if (at + columns_of(text) <= width || width < MESSAGE_INDENT * 2)
		return;
	out = open_memstream(&lines, &length);
	if (!out)
		return;
	columns_wrap_to(out, text, at, MESSAGE_INDENT, width);
	if (!fclose(out))
		(void)snprintf(text, size, "%s", lines);
}

/** screen_shape_messages() - on a terminal messages are broken between words, not where it ends */
void screen_shape_messages(void)
{
	if (terminal_columns(STDERR_FILENO))
		log_shape_with(shape_message);
}

/** screen_wants_colour() - is colour wanted on stdout? */
bool screen_wants_colour(const struct cli *cli)
{
	return cli_wants_colour(cli, STDOUT_FILENO);
}

/** screen_print_json() - one object and a newline; nothing for NULL */
void screen_print_json(struct json_object *o)
{
	cleanup_free char *text = o ? json_text(o, JSON_INDENTED) : NULL;

	if (text)
		(void)puts(text);
}
