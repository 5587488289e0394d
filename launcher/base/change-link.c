/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change-link.c - the words for what a network link is made as */
#include <stdio.h>
#include <string.h>

#include "launcher/base/change.h"

/** change_link_words() - @link as the `to` of a change */
void change_link_words(const struct change_link *link, char *buf, size_t size)
{
	const uint8_t *m = link->mac;

	(void)snprintf(buf, size, "%s on %s, %u queue%s, %02x:%02x:%02x:%02x:%02x:%02x",
		       link->macvtap ? "macvtap" : "tap", link->base, link->queues,
		       link->queues == 1 ? "" : "s", m[0], m[1], m[2], m[3], m[4], m[5]);
}

/**
 * change_link_parse() - what change_link_words() has written
 *
 * Return: false for other words: those that are written again are the same ones
 */
bool change_link_parse(const char *text, struct change_link *out)
{
	char kind[8], plural[8], again[CHANGE_TEXT_MAX];
	uint8_t *m = out->mac;

	*out = (struct change_link){ .queues = 0 };
	if (sscanf(text, "%7[a-z] on %15[^,], %3u %7[a-z], %2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx",
		   kind, out->base, &out->queues, plural, &m[0], &m[1], &m[2], &m[3], &m[4],
		   &m[5]) != 10)
		return false;
	out->macvtap = !strcmp(kind, "macvtap");
	change_link_words(out, again, sizeof(again));
	return !strcmp(text, again) && change_is_word(out->base) && out->queues &&
	       out->queues <= CHANGE_LINK_QUEUES_MAX && !(m[0] & 1);
}
