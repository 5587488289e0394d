/* SPDX-License-Identifier: GPL-2.0-or-later */
/* change.c - the record of a change: filled, held against its kind's grammar, described */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/change.h"

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

/** change_is_line() - is it one line that does nothing to a terminal, in whatever language? */
bool change_is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

/** change_name() - the word of the journal and of JSON, "?" for what is no kind */
const char *change_name(uint32_t kind)
{
	const struct change_grammar *g = change_grammar(kind);

	return g ? g->name : "?";
}

/**
 * change_from_name() - the kind behind a word of the journal
 *
 * Return: an enum change_kind, or -1
 */
int change_from_name(const char *name)
{
	for (int i = 0; change_grammar((uint32_t)i); i++)
		if (!strcmp(change_name((uint32_t)i), name))
			return i;
	return -1;
}

static bool is_terminated(const char text[CHANGE_TEXT_MAX])
{
	return memchr(text, '\0', CHANGE_TEXT_MAX) != NULL;
}

/** change_is_cut() - has a record that came from elsewhere a text without its end? */
bool change_is_cut(const struct change *c)
{
	return !is_terminated(c->target) || !is_terminated(c->from) || !is_terminated(c->to);
}

/**
 * change_wrong() - check a record against the grammar; its writer is not trusted
 *
 * Return: NULL when it may be made, written down and put back; else what is wrong with it
 */
const char *change_wrong(const struct change *c)
{
	const struct change_grammar *g = change_grammar(c->kind);

	if (!g)
		return "a change of no kind";
	if (change_is_cut(c))
		return "a text without its end";
	if (!g->target(c->target))
		return "a change of something that its kind does not change";
	if (!g->from(c->from))
		return "a change from a value that cannot be";
	if (!g->to(c->to))
		return "a change to a value that is not in the table";
	return NULL;
}

static bool copy(char to[CHANGE_TEXT_MAX], const char *from)
{
	size_t length = strlen(from);

	if (length >= CHANGE_TEXT_MAX)
		return false;
	memcpy(to, from, length + 1);
	return true;
}

/** change_set() - fill a record; false when a text is too long for it: nothing is ever cut */
bool change_set(struct change *c, enum change_kind kind, const char *target, const char *from,
		const char *to)
{
	*c = (struct change){ .kind = kind };
	return copy(c->target, target) && copy(c->from, from) && copy(c->to, to);
}

/**
 * change_describe() - one line for people, such as
 *	"0000:01:00.0  driver_override: none -> vfio-pci", "huge pages of 2048kB: 8192 more"
 * @buf:	receives at most @size bytes with the NUL; longer text is cut
 */
void change_describe(const struct change *c, char *buf, size_t size)
{
	const struct change_grammar *g = change_grammar(c->kind);
	const char *none = g && g->none ? g->none : "none";

	if (g && g->combine == CHANGE_SUM) {
		(void)snprintf(buf, size, "%s %s: %s more", g->what, c->target, c->to);
		return;
	}
	(void)snprintf(buf, size, g && g->subject != CHANGE_OF_DEVICE ? "%2$s %1$s: %3$s -> %4$s" :
								      "%1$s  %2$s: %3$s -> %4$s",
		       c->target, g ? g->what : "?", *c->from ? c->from : none, *c->to ? c->to : none);
}
