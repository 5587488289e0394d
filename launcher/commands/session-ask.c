/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session-ask.c - the question before a desktop is ended: its user can lose what was not saved */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/session-ask.h"

/* The units that will be stopped, with commas between; "" when none runs. */
static void list_units(const struct plan *plan, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < plan->change_count && used < size; i++) {
		const struct change *c = &plan->change[i];

		if (c->kind == CHANGE_SERVICE && *c->from)
			used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? ", " : "",
						 c->target);
	}
}

/* Asked on the terminal itself: stdin may be something else. Return: true for a yes */
static bool ask(void)
{
	cleanup_close int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	char answer[16] = "";
	ssize_t n;

	if (tty < 0) {
		log_error("there is no terminal to ask on: `-y` answers yes");
		return false;
	}
	(void)dprintf(tty, "Go on? [y/N] ");
	n = read(tty, answer, sizeof(answer) - 1);
	return n > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}

/**
 * session_ask() - may the units that the plan stops be stopped?
 *
 * Nothing is asked where nothing runs. Who starts the unit of a service has answered by that.
 *
 * Return: 0, or EXIT_HOST
 */
int session_ask(const struct cli *cli, const struct plan *plan)
{
	char units[1024];

	list_units(plan, units, sizeof(units));
	if (!*units)
		return 0;
	log_notice("this stops %s: your session, with all its windows, ends; the login screen comes "
		   "back afterwards", units);
	if (cli->yes || cli->service || ask())
		return 0;
	log_error("nothing was changed");
	return EXIT_HOST;
}
