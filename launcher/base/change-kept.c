/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change-kept.c - the targets of changes that stop what a user's manager or a container's runtime
 * keeps */
#include <stdlib.h>
#include <string.h>

#include "launcher/base/change.h"

/**
 * change_user_unit_parse() - take "1500/pipewire.service" apart
 * @unit:	receives what is behind the slash, in @text; whether it is a unit is the caller's to
 * ask
 *
 * Return: false when it is no uid but root's, in its shortest form, and a slash
 */
bool change_user_unit_parse(const char *text, uint32_t *uid, const char **unit)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long long number = digits && digits <= 10 ? strtoull(text, NULL, 10) : 0;

	if (*text == '0' || !number || number >= UINT32_MAX || text[digits] != '/')
		return false;
	*uid = (uint32_t)number;
	*unit = text + digits + 1;
	return true;
}

/* What names a container, in the name of its control group too, and whose program it is. */
static const struct {
	const char *word, *program;
} runtimes[] = {
	{ "docker/", "/usr/bin/docker" },
	{ "podman/", "/usr/bin/podman" },
};

/**
 * change_container_parse() - take "docker/ID" apart
 * @program:	receives the absolute path of the runtime's client
 * @id:		receives the id, in @text
 *
 * Return: false when it is no known runtime and a whole id
 */
bool change_container_parse(const char *text, const char **program, const char **id)
{
	for (size_t i = 0; i < ARRAY_SIZE(runtimes); i++) {
		size_t n = strlen(runtimes[i].word);

		if (strncmp(text, runtimes[i].word, n))
			continue;
		*program = runtimes[i].program;
		*id = text + n;
		return strlen(*id) == CHANGE_CONTAINER_ID &&
		       strspn(*id, "0123456789abcdef") == CHANGE_CONTAINER_ID;
	}
	return false;
}
