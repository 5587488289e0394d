/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal-fields.c - what may stand in a journal: the closed table, held against it once more
 *
 * What is written to sysfs, and what becomes part of a path below it. A journal is root's
 * alone to write; but what goes wrong there must not become a write to anywhere else.
 */
#include <string.h>

#include "launcher/keeper/journal/journal.h"

static bool is_word_or_none(const char *text)
{
	return !*text || change_is_word(text);
}

/* An override is a value that anybody may have written there, and never part of a path. */
static bool is_override(const char *text)
{
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static bool is_power(const char *text)
{
	return !*text || !strcmp(text, "on") || !strcmp(text, "auto");
}

static bool is_d3cold(const char *text)
{
	return !*text || !strcmp(text, "0") || !strcmp(text, "1");
}

static bool is_loaded(const char *text)
{
	return !*text || !strcmp(text, "loaded");
}

/* One line for a terminal, in whatever language. */
static bool is_title(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

#ifdef VFIO_RUN_TEST_CHANGE
static bool is_switch(const char *text)
{
	return !strcmp(text, "Y") || !strcmp(text, "N");
}

static bool is_test_target(const char *text)
{
	return !strcmp(text, "always_kmsg_dump");
}
#endif

static bool is_address(const char *text)
{
	struct pci_address a;

	return pci_address_parse(text, &a);
}

/* clang-format off */
static const struct {
	bool (*target)(const char *text);
	bool (*value)(const char *text);
} fields_of[] = {
	[CHANGE_MODULE]   = { change_is_word, is_loaded },
#ifdef VFIO_RUN_TEST_CHANGE
	[CHANGE_TEST]     = { is_test_target, is_switch },
#endif
	[CHANGE_D3COLD]   = { is_address,     is_d3cold },
	[CHANGE_POWER]    = { is_address,     is_power },
	[CHANGE_OVERRIDE] = { is_address,     is_override },
	[CHANGE_UNBIND]   = { is_address,     is_word_or_none },
	[CHANGE_BIND]     = { is_address,     is_word_or_none },
};
/* clang-format on */
_Static_assert(ARRAY_SIZE(fields_of) == CHANGE_MAX, "a kind of change that no journal can hold");

/** journal_is_of_device() - is it a change of one of the journal's devices? */
bool journal_is_of_device(enum change_kind kind)
{
	return fields_of[kind].target == is_address;
}

/** journal_takes_device() - can that stand in a journal? What could not be read is not written. */
bool journal_takes_device(const struct journal_device *d)
{
	return is_word_or_none(d->driver) && is_word_or_none(d->module) &&
	       is_override(d->override) && is_power(d->power) && is_d3cold(d->d3cold) &&
	       is_title(d->title) && d->group >= -1;
}

/** journal_takes_change() - likewise */
bool journal_takes_change(const struct journal_change *c)
{
	return (unsigned int)c->kind < CHANGE_MAX && fields_of[c->kind].target(c->target) &&
	       fields_of[c->kind].value(c->from) && fields_of[c->kind].value(c->to);
}
