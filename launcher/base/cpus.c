/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus.c - sets of the host's CPUs, as the kernel writes them in sysfs and /proc */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/cpus.h"

/** cpus_is_empty() - is no number in it? */
bool cpus_is_empty(const struct cpus *set)
{
	static const struct cpus none;

	return !memcmp(set, &none, sizeof(none));
}

/** cpus_first() - the lowest number; CPUS_MAX when there is none */
unsigned int cpus_first(const struct cpus *set)
{
	unsigned int n = 0;

	while (n < CPUS_MAX && !cpus_has(set, n))
		n++;
	return n;
}

/** cpus_count() - how many numbers are in it */
unsigned int cpus_count(const struct cpus *set)
{
	unsigned int n = 0;

	for (size_t i = 0; i < sizeof(set->bit); i++)
		n += (unsigned int)__builtin_popcount(set->bit[i]);
	return n;
}

/** cpus_are_within() - are all of @set in @all? */
bool cpus_are_within(const struct cpus *set, const struct cpus *all)
{
	for (size_t i = 0; i < sizeof(set->bit); i++)
		if (set->bit[i] & ~all->bit[i])
			return false;
	return true;
}

/**
 * cpus_parse() - a list such as "0-3,8"; it may end with a newline, and be empty
 *
 * Return: 0; -EBADMSG it is no list
 */
int cpus_parse(const char *text, struct cpus *out)
{
	const char *p = text;
	char *end;

	*out = (struct cpus){ { 0 } };
	while (*p && *p != '\n') {
		unsigned long first = strtoul(p, &end, 10), last = first;

		if (end == p)
			return -EBADMSG;
		if (*end == '-') {
			p = end + 1;
			last = strtoul(p, &end, 10);
		}
		if (end == p || last < first || last >= CPUS_MAX)
			return -EBADMSG;
		for (; first <= last; first++)
			cpus_add(out, (unsigned int)first);
		p = *end == ',' ? end + 1 : end;
	}
	return 0;
}

/** cpus_format() - the list of a set; one that does not fit ends with "..." */
void cpus_format(const struct cpus *set, char *buf, size_t size)
{
	size_t used = 0;

	*buf = '\0';
	for (unsigned int first = 0; first < CPUS_MAX; first++) {
		unsigned int last = first;

		if (!cpus_has(set, first))
			continue;
		while (cpus_has(set, last + 1))
			last++;
		if (used + 16 > size) {
			(void)snprintf(buf + used, size - used, "...");
			return;
		}
		used += (size_t)snprintf(buf + used, size - used, "%s%u", used ? "," : "", first);
		if (last > first)
			used += (size_t)snprintf(buf + used, size - used, "-%u", last);
		first = last;
	}
}

/** cpu_places_any() - is any thread to run at a place of its own? */
bool cpu_places_any(const struct cpu_places *places)
{
	return places->vcpu_count || !cpus_is_empty(&places->vcpus) ||
	       !cpus_is_empty(&places->emulator) || !cpus_is_empty(&places->iothread);
}
