/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change-pages.c - which huge pages a change is of: their size, and whether of one node alone */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/change.h"

#define ON_NODE " on node"

/** change_pages_words() - the words for them: "2048kB", "2048kB on node1" */
void change_pages_words(const struct change_pages *pages, char *buf, size_t size)
{
	if (pages->node < 0)
		(void)snprintf(buf, size, "%" PRIu32 "kB", pages->kib);
	else
		(void)snprintf(buf, size, "%" PRIu32 "kB" ON_NODE "%" PRId32, pages->kib,
			       pages->node);
}

/** change_pages_parse() - the same back; false: these are no such words, in the one form they have
 */
bool change_pages_parse(const char *text, struct change_pages *out)
{
	const char *node = strstr(text, ON_NODE);
	char again[64];

	out->kib = !strncmp(text, "2048kB", 6)      ? 2048
		   : !strncmp(text, "1048576kB", 9) ? 1048576
						    : 0;
	out->node = node ? (int32_t)(strtoul(node + strlen(ON_NODE), NULL, 10) & 0xffff) : -1;
	change_pages_words(out, again, sizeof(again));
	return out->kib && !strcmp(again, text);
}

/**
 * change_pages_apart() - can two changes of huge pages not be had at once?
 *
 * Those of a node are among those of the host: what each has added could not be told apart.
 */
bool change_pages_apart(const char *target, const char *other)
{
	struct change_pages a, b;

	return change_pages_parse(target, &a) && change_pages_parse(other, &b) && a.kib == b.kib &&
	       (a.node < 0) != (b.node < 0);
}
