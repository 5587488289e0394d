/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change.c - the words of the changes: names in journal and JSON, sentences for people */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/change.h"

/* clang-format off */
static const struct {
	const char *name;	/* in the journal and in JSON; never renamed */
	const char *what;	/* the attribute or object, for people */
} words[] = {
	[CHANGE_MODULE]   = { "module",          "module" },
#ifdef VFIO_RUN_TEST_CHANGE
	[CHANGE_TEST]     = { "test",            "kernel parameter" },
#endif
	[CHANGE_D3COLD]   = { "d3cold_allowed",  "d3cold_allowed" },
	[CHANGE_POWER]    = { "power_control",   "power/control" },
	[CHANGE_OVERRIDE] = { "driver_override", "driver_override" },
	[CHANGE_UNBIND]   = { "unbind",          "driver" },
	[CHANGE_BIND]     = { "bind",            "driver" },
};
/* clang-format on */
_Static_assert(ARRAY_SIZE(words) == CHANGE_MAX, "a kind of change without words");

/** change_name() - the word of the journal and of JSON, "?" for what is no kind */
const char *change_name(enum change_kind kind)
{
	return (unsigned int)kind < CHANGE_MAX ? words[kind].name : "?";
}

/**
 * change_from_name() - the kind behind a word of the journal
 *
 * Return: an enum change_kind, or -1
 */
int change_from_name(const char *name)
{
	for (int i = 0; i < CHANGE_MAX; i++)
		if (!strcmp(words[i].name, name))
			return i;
	return -1;
}

/**
 * change_is_word() - can it be the name of a driver or a module, or a value of an attribute?
 *
 * Such a word becomes part of a path below /sys: it begins with a letter or a digit, and has
 * nothing else in it but these, '_', '-' and '.'.
 */
bool change_is_word(const char *text)
{
	if (!isalnum((unsigned char)*text))
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("_.-", *text))
			return false;
	return true;
}

/**
 * change_describe() - one line for people, such as
 *	"0000:01:00.0  driver_override: none -> vfio-pci"
 * @from, @to:	"" is shown as "none"
 * @buf:	receives at most @size bytes with the NUL; longer text is cut
 */
void change_describe(enum change_kind kind, const char *target, const char *from, const char *to,
		     char *buf, size_t size)
{
	const char *what = (unsigned int)kind < CHANGE_MAX ? words[kind].what : "?";

	if (kind == CHANGE_MODULE)
		(void)snprintf(buf, size, "%s %s: %s -> %s", what, target, *from ? from : "not loaded",
			       *to ? to : "loaded");
	else
		(void)snprintf(buf, size, "%s  %s: %s -> %s", target, what, *from ? from : "none",
			       *to ? to : "none");
}
