/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-named.c - rows: are the devices that the sections name those that are meant? */
#include <errno.h>
#include <stdio.h>

#include "launcher/plan/checks/checks-rows.h"
#include "launcher/plan/find.h"

#define CLASS_VGA 0x0300 /* with the legacy ranges: PCI Code and ID Assignment 1.15 */

static void say_ids(struct checking *c, const struct profile_device_name *n)
{
	const struct host_device *first;
	char list[PLAN_LIST_MAX];
	size_t count;

	if (plan_find_ids(c->host, n->vendor, n->device, &count, &first, list))
		return; /* then no plan could be begun */
	if (!count)
		row_failed(c, "`vfio-run list` shows the devices of this host",
			   "no device %04x:%04x in this host", n->vendor, n->device);
	else
		row_failed(c, "write the address of the one that is meant as `device =`",
			   "%zu devices are %04x:%04x: %s", count, n->vendor, n->device, list);
}

/* Where the device with the ids of the guard is, if it is anywhere. */
static void say_where(struct checking *c, const struct profile_device *requested, const char *found)
{
	const struct host_device *first;
	char list[PLAN_LIST_MAX];
	size_t count;

	if (plan_find_ids(c->host, requested->id_vendor, requested->id_device, &count, &first,
			  list))
		return;
	if (count)
		row_failed(c, "write its address of now as `device =`",
			   "%s; %04x:%04x is now at %s", found, requested->id_vendor,
			   requested->id_device, list);
	else
		row_failed(c, "`vfio-run list` shows the devices of this host",
			   "%s; no device %04x:%04x in this host", found, requested->id_vendor,
			   requested->id_device);
}

static void say_address(struct checking *c, const struct profile_device *requested)
{
	const struct pci_address *a = &requested->device.address;
	char found[PLAN_LABEL_MAX + 64], label[PLAN_LABEL_MAX], text[PCI_ADDRESS_TEXT];
	const struct host_device *d;

	if (host_device(c->host, a, &d))
		(void)snprintf(found, sizeof(found), "no device at %s",
			       pci_address_format(a, text));
	else
		(void)snprintf(found, sizeof(found), "another device is at %s",
			       plan_label(c->host, d, label));
	if (requested->has_id)
		say_where(c, requested, found);
	else
		row_failed(c, "`vfio-run list` shows the devices of this host", "%s", found);
}

void check_named(struct checking *c)
{
	for (size_t i = 0; i < c->plan->requested_count; i++) {
		const struct profile_device *requested = &c->plan->requested[i];
		const struct host_device *d;

		if (plan_find_device(c->host, requested, &d) != -ENODEV)
			continue;
		if (requested->device.by_id)
			say_ids(c, &requested->device);
		else
			say_address(c, requested);
	}
}

/* ---- what a [gpu] may be ---------------------------------------------------------------- */

/* The graphics card in the same slot, NULL when there is none. */
static const struct host_device *card_beside(struct host *host, const struct host_device *d)
{
	const struct host_device *card = NULL;
	struct host_devices slot;

	if (host_slot(host, &d->address, &slot))
		return NULL;
	for (size_t i = slot.count; i-- > 0;)
		if (host_device_is_display(slot.item[i]))
			card = slot.item[i];
	host_devices_fini(&slot);
	return card;
}

static bool has_card(struct host *host)
{
	struct host_devices all;
	bool found = false;

	if (host_all(host, &all))
		return true;
	for (size_t i = 0; i < all.count; i++)
		found |= host_device_is_display(all.item[i]);
	host_devices_fini(&all);
	return found;
}

/* The section that names this card, NULL when none does. */
static const struct profile_device *section_of(struct checking *c, const struct host_device *card)
{
	for (size_t i = 0; card && i < c->plan->wanted_count; i++) {
		const struct plan_wanted *w = &c->plan->wanted[i];

		if (w->host == card && w->named && !w->misnamed)
			return &c->plan->requested[w->section];
	}
	return NULL;
}

static void say_misnamed(struct checking *c, const struct host_device *d)
{
	const struct host_device *card = card_beside(c->host, d);
	const struct profile_device *section = section_of(c, card);
	char label[PLAN_LABEL_MAX], kind[128], remedy[160];

	if (section && section->gpu)
		(void)snprintf(remedy, sizeof(remedy),
			       "the card of line %u takes it along: remove this section",
			       section->device.pos.line);
	else if (card)
		(void)snprintf(remedy, sizeof(remedy),
			       "write `device = %s`: the whole card goes with it", card->name);
	else
		(void)snprintf(
			remedy, sizeof(remedy),
			"%sif this device is meant, name it in a [pci] section",
			has_card(c->host) ? "`vfio-run list gpu` shows the graphics cards; " : "");
	row_failed(c, remedy, "[gpu] is for a graphics card, and %s is none: it is of the class %s",
		   plan_label(c->host, d, label),
		   host_device_name(c->host, d, HOST_NAME_CLASS, kind, sizeof(kind)));
}

void check_graphics_card(struct checking *c)
{
	for (size_t i = 0; i < c->plan->wanted_count; i++)
		if (c->plan->wanted[i].misnamed)
			say_misnamed(c, c->plan->wanted[i].host);
}

/* QEMU's x-vga wants the legacy ranges, which only this class has. Source: hw/vfio/pci.c */
void check_primary(struct checking *c)
{
	char label[PLAN_LABEL_MAX], kind[128];

	for (size_t i = 0; i < c->plan->wanted_count; i++) {
		const struct plan_wanted *w = &c->plan->wanted[i];

		if (!w->named || w->misnamed || !c->plan->requested[w->section].primary ||
		    w->host->class_id >> 8 == CLASS_VGA)
			continue;
		row_failed(
			c,
			"remove `primary = yes`: the guest's driver shows its picture all the same",
			"%s cannot be the primary card: it is of the class %s",
			plan_label(c->host, w->host, label),
			host_device_name(c->host, w->host, HOST_NAME_CLASS, kind, sizeof(kind)));
	}
}

/* By address and by ids, or a card and one of its functions: only the host shows it. */
void check_named_twice(struct checking *c)
{
	const struct profile_device *requested = c->plan->requested;
	char label[PLAN_LABEL_MAX];

	for (size_t i = 0; i < c->plan->wanted_count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct plan_wanted *a = &c->plan->wanted[k], *b = &c->plan->wanted[i];

			if (a->host != b->host || !b->named)
				continue;
			if (b->misnamed || a->misnamed)
				break; /* the row "graphics-card" says which section goes */
			row_failed(c, "take one of the two sections out of the profile",
				   "`device = %s` in line %u and `device = %s` in line %u both "
				   "take %s",
				   requested[a->section].device.text,
				   requested[a->section].device.pos.line,
				   requested[b->section].device.text,
				   requested[b->section].device.pos.line,
				   plan_label(c->host, b->host, label));
			break;
		}
}
