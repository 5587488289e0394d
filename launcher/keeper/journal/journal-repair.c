/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal-repair.c - what a journal with damaged lines still records of its devices
 *
 * A device's line holds all that there was, and its changes hold it once more: either is
 * enough to give the device back. Of everything else only what can be read is known, and
 * nothing is guessed: the lines that cannot be read are counted, for the user.
 */
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/journal/journal.h"

/** journal_takes_device() - may that be written to the host, or become part of a path? */
bool journal_takes_device(const struct journal_device *d)
{
	struct journal_device copy = *d;

	for (uint32_t kind = 0; kind < CHANGE_MAX; kind++) {
		const struct change_grammar *g = change_grammar(kind);
		const char *fact = journal_fact(&copy, g->fact);

		if (fact && *fact && !g->from(fact))
			return false;
	}
	return (!*d->module || change_is_word(d->module)) && change_is_line(d->title) && d->group >= -1;
}

/* Its own line is damaged: this record was built from what its changes found. */
static bool is_salvaged(const struct journal_device *d)
{
	return !d->vendor && !d->device;
}

/* Vendor and device id are unknown then: the address alone identifies it. */
static struct journal_device *salvage_device(struct journal *j, const char *name)
{
	struct journal_device d = { .group = -1, .title = "its line in the journal is damaged" };

	if (j->device_count == ARRAY_SIZE(j->device) || !pci_address_parse(name, &d.address))
		return NULL;
	pci_address_format(&d.address, d.name);
	j->device[j->device_count] = d;
	return &j->device[j->device_count++];
}

/**
 * journal_salvage() - what a change of a device found, when the device's own line is damaged
 *
 * Return: false when there is no such device, and none can be made of it
 */
bool journal_salvage(struct journal *j, const struct change *c)
{
	struct journal_device *d = journal_device(j, c->target);
	char *fact;

	if (!d)
		d = salvage_device(j, c->target);
	if (!d)
		return false;
	fact = is_salvaged(d) ? journal_fact(d, change_grammar(c->kind)->fact) : NULL;
	if (fact)
		memcpy(fact, c->from, CHANGE_TEXT_MAX);
	return true;
}

static bool has_change(const struct journal *j, uint32_t kind, const char *target)
{
	for (size_t i = 0; i < j->change_count; i++)
		if (j->change[i].kind == kind && !strcmp(j->change[i].target, target))
			return true;
	return false;
}

/* A plan makes its changes in the order of the kinds; so does what is added here. */
static void insert(struct journal *j, const struct change *c)
{
	size_t at = 0;

	if (j->change_count == ARRAY_SIZE(j->change))
		return;
	while (at < j->change_count && j->change[at].kind <= c->kind)
		at++;
	memmove(&j->change[at + 1], &j->change[at], (j->change_count - at) * sizeof(*c));
	j->change[at] = *c;
	j->change_count++;
}

static void insert_planned(struct journal *j)
{
	for (size_t i = 0; i < j->planned_count; i++) {
		const struct change *c = &j->planned[i];

		if (change_is_of_device(c->kind) && !has_change(j, c->kind, c->target) &&
		    journal_device(j, c->target))
			insert(j, c);
	}
}

/**
 * journal_repair() - of a damaged journal: whatever a device's own line names counts as begun
 *
 * What was planned with it likewise. A revert compares first, so putting back a change that was never made does nothing. What was
 * read stays as it is and in its place; no change is added to anything but these devices.
 */
void journal_repair(struct journal *j)
{
	insert_planned(j);
	for (uint32_t kind = 0; kind < CHANGE_MAX; kind++)
		for (size_t i = 0; change_is_of_device(kind) && i < j->device_count; i++) {
			struct journal_device *d = &j->device[i];
			const char *fact = journal_fact(d, change_grammar(kind)->fact);
			struct change c;

			if (!fact && change_grammar(kind)->needs_from)
				continue; /* unknown to this line: see insert_planned() */
			if (!is_salvaged(d) && !has_change(j, kind, d->name) &&
			    change_set(&c, (enum change_kind)kind, d->name, fact ? fact : "", ""))
				insert(j, &c);
		}
}
