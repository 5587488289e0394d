/* SPDX-License-Identifier: GPL-2.0-or-later */
/* screen.c - how what is asked for goes to stdout: signs, colour, JSON */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/plan/json-text.h"

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

/** screen_width() - how many columns a line on stdout can have; 80 without a terminal */
size_t screen_width(void)
{
	unsigned int columns = log_columns(STDOUT_FILENO);

	return columns ? columns : COLUMNS_DEFAULT;
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
