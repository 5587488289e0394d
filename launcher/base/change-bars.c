/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change-bars.c - the words for the sizes of a device's BARs */
#include <stdio.h>
#include <string.h>

#include "launcher/base/change.h"

/** change_bars_words() - @bars as a value of a change */
void change_bars_words(const struct change_bars *bars, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (unsigned int i = 0; i < CHANGE_BARS && used < size; i++)
		if (bars->mib[i])
			used += (size_t)snprintf(buf + used, size - used, "%sbar%u=%uM",
						 used ? " " : "", i, bars->mib[i]);
}

/**
 * change_bars_parse() - what change_bars_words() has written
 *
 * Return: false for other words: those that are written again are the same ones
 */
bool change_bars_parse(const char *text, struct change_bars *out)
{
	char again[CHANGE_TEXT_MAX];
	const char *p = text;
	unsigned int bar, mib;
	int length = 0;

	*out = (struct change_bars){ { 0 } };
	while (sscanf(p, "bar%1u=%9uM%n", &bar, &mib, &length) == 2 && length) {
		if (bar >= CHANGE_BARS || !mib || mib & (mib - 1))
			return false;
		out->mib[bar] = mib;
		p += length;
		p += *p == ' ';
		length = 0;
	}
	change_bars_words(out, again, sizeof(again));
	return *text && !strcmp(text, again);
}
