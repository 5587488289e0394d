/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal-repair.c - what a journal with damaged lines still tells
 *
 * A device's line holds all that there was, and its changes hold it once more: either is
 * enough to give the device back.
 */
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/journal/journal.h"

static bool copy(char *to, size_t size, const char *from)
{
	return (size_t)snprintf(to, size, "%s", from) < size;
}

/*
 * The device of a change whose own line is damaged: what its changes found is as good.
 * Who it is is not known, so the address has to do.
 */
static struct journal_device *salvage_device(struct journal *j, const char *name)
{
	struct journal_device d = { .group = -1, .title = "its line in the journal is damaged" };

	if (j->device_count == ARRAY_SIZE(j->device) || !pci_address_parse(name, &d.address))
		return NULL;
	pci_address_format(&d.address, d.name);
	j->device[j->device_count] = d;
	return &j->device[j->device_count++];
}

static bool is_salvaged(const struct journal_device *d)
{
	return !d->vendor && !d->device;
}

/**
 * journal_salvage() - what a change found, when its device's own line is damaged
 *
 * Return: false when there is no such device, and none can be made of it
 */
bool journal_salvage(struct journal *j, const struct journal_change *c)
{
	struct journal_device *d = journal_device(j, c->target);

	if (!d)
		d = salvage_device(j, c->target);
	if (!d || !is_salvaged(d))
		return d;
	j->damaged = true;
	switch (c->kind) {
	case CHANGE_UNBIND:
		return copy(d->driver, sizeof(d->driver), c->from);
	case CHANGE_OVERRIDE:
		return copy(d->override, sizeof(d->driver), c->from);
	case CHANGE_POWER:
		return copy(d->power, sizeof(d->driver), c->from);
	case CHANGE_D3COLD:
		return copy(d->d3cold, sizeof(d->driver), c->from);
	default:
		return true;
	}
}

/* The kinds of change that were begun on a device, as bits. */
static unsigned int begun(const struct journal *j, const char *name)
{
	unsigned int kinds = 0;

	for (size_t i = 0; i < j->change_count; i++)
		if (!strcmp(j->change[i].target, name))
			kinds |= 1u << j->change[i].kind;
	return kinds;
}

static void assume_one(struct journal *j, const struct journal_device *d, enum change_kind kind)
{
	const char *from[CHANGE_MAX] = { [CHANGE_D3COLD] = d->d3cold,
					 [CHANGE_POWER] = d->power,
					 [CHANGE_OVERRIDE] = d->override,
					 [CHANGE_UNBIND] = d->driver,
					 [CHANGE_BIND] = "" };
	struct journal_change *c = &j->change[j->change_count];

	if (j->change_count == ARRAY_SIZE(j->change))
		return;
	*c = (struct journal_change){ .kind = kind };
	(void)copy(c->target, sizeof(c->target), d->name);
	(void)copy(c->from, sizeof(c->from), from[kind]);
	(void)copy(c->to, sizeof(c->to), kind == CHANGE_BIND ? "vfio-pci" : "");
	j->change_count++;
}

/**
 * journal_repair() - of a damaged journal: everything that the devices' lines name counts as begun
 *
 * Comparing first makes that harmless. Of a salvaged device no more is known than its
 * changes tell.
 */
void journal_repair(struct journal *j)
{
	unsigned int kinds[KEEPER_DEVICES_MAX] = { 0 };

	for (size_t i = 0; i < j->device_count; i++)
		kinds[i] = is_salvaged(&j->device[i]) ? begun(j, j->device[i].name) : ~0u;
	j->change_count = 0;
	for (enum change_kind kind = CHANGE_D3COLD; kind < CHANGE_MAX; kind++)
		for (size_t i = 0; i < j->device_count; i++)
			if (kinds[i] & 1u << kind)
				assume_one(j, &j->device[i], kind);
}
