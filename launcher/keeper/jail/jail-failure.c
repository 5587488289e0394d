/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jail-failure.c - a stage of a jail failed: report it to the keeper and end the process */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/keeper/jail/jail-inside.h"

/* A path comes from a user: control characters, which a terminal would act on, are not shown. */
static void append_plain(char *to, size_t size, const char *text)
{
	size_t used = strlen(to);

	for (; *text && used + 1 < size; text++)
		to[used++] = (unsigned char)*text < ' ' || (unsigned char)*text >= 0x7f ? '?' : *text;
	to[used] = '\0';
}

/* @path: the file that it concerns; NULL: none */
_Noreturn void jail_fail(const struct child *c, const char *step, const char *path, int error)
{
	struct jail_failure f = { .error = error };

	(void)snprintf(f.step, sizeof(f.step), "%s%s", step, path ? " " : "");
	if (path)
		append_plain(f.step, sizeof(f.step), path);
	(void)!write(c->failure, &f, sizeof(f));
	_exit(127);
}

void jail_check(const struct child *c, int rc, const char *step)
{
	if (rc < 0)
		jail_fail(c, step, NULL, errno);
}
