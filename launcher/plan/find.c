/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find.c - the one device that a section of a profile names, by address or by ids */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/host/host.h"
#include "launcher/plan/find.h"
#include "profiles/profile.h"

#define LIST_MAX 1024 /* bytes of "address (title), address (title)" in a message */

/** plan_label() - "0000:01:00.0 (Vendor Device [1234:1111])", for messages */
const char *plan_label(struct host *host, const struct host_device *d, char buf[PLAN_LABEL_MAX])
{
	char title[PLAN_LABEL_MAX - PCI_ADDRESS_TEXT - 4];

	(void)snprintf(buf, PLAN_LABEL_MAX, "%s (%s)", d->name,
		       host_device_title(host, d, title, sizeof(title)));
	return buf;
}

static struct pci_address address_of(const struct profile_device_name *n)
{
	return (struct pci_address){
		.domain = n->domain, .bus = n->bus, .device = n->slot, .function = n->function
	};
}

/* The devices with these ids: how many, the first of them, and a list of all in words. */
static int matches(struct host *host, uint16_t vendor, uint16_t device, size_t *count,
		   const struct host_device **first, char list[LIST_MAX])
{
	struct host_devices all;
	char label[PLAN_LABEL_MAX];
	size_t used = 0;
	int r = host_all(host, &all);

	*count = 0;
	list[0] = '\0';
	if (r)
		return r;
	for (size_t i = 0; i < all.count; i++) {
		if (all.item[i]->vendor != vendor || all.item[i]->device != device)
			continue;
		if (!(*count)++)
			*first = all.item[i];
		(void)snprintf(list + used, LIST_MAX - used, "%s%s", used ? ", " : "",
			       plan_label(host, all.item[i], label));
		used = strlen(list);
	}
	host_devices_fini(&all);
	return 0;
}

static int find_by_id(struct host *host, const struct profile_device_name *n,
		      const struct host_device **out, struct plan_refusals *refusals)
{
	char list[LIST_MAX];
	size_t count;
	int r = matches(host, n->vendor, n->device, &count, out, list);

	if (r)
		return r;
	if (count == 1)
		return 0;
	if (!count)
		plan_refuse(refusals, "`vfio-run list` shows the devices of this host",
			    "no device %04x:%04x in this host", n->vendor, n->device);
	else
		plan_refuse(refusals, "write the address of the one that is meant as `device =`",
			    "%zu devices are %04x:%04x: %s", count, n->vendor, n->device, list);
	return -ENODEV;
}

/* Where the device with the ids of the guard is, if it is anywhere. */
static int say_where(struct host *host, const struct profile_device *requested, const char *found,
		     struct plan_refusals *refusals)
{
	const struct host_device *first;
	char list[LIST_MAX];
	size_t count;
	int r = matches(host, requested->id_vendor, requested->id_device, &count, &first, list);

	if (r)
		return r;
	if (count)
		plan_refuse(refusals, "write its address of now as `device =`",
			    "%s; %04x:%04x is now at %s", found, requested->id_vendor, requested->id_device,
			    list);
	else
		plan_refuse(refusals, "`vfio-run list` shows the devices of this host",
			    "%s; no device %04x:%04x in this host", found, requested->id_vendor,
			    requested->id_device);
	return -ENODEV;
}

static int find_by_address(struct host *host, const struct profile_device *requested,
			   const struct host_device **out, struct plan_refusals *refusals)
{
	struct pci_address a = address_of(&requested->device);
	char found[PLAN_LABEL_MAX + 64], label[PLAN_LABEL_MAX], text[PCI_ADDRESS_TEXT];
	int r = host_device(host, &a, out);

	if (r && r != -ENOENT && r != -ENODEV)
		return r;
	if (r)
		(void)snprintf(found, sizeof(found), "no device at %s",
			       pci_address_format(&a, text));
	else if (requested->has_id &&
		 ((*out)->vendor != requested->id_vendor || (*out)->device != requested->id_device))
		(void)snprintf(found, sizeof(found), "another device is at %s",
			       plan_label(host, *out, label));
	else
		return 0;
	if (requested->has_id)
		return say_where(host, requested, found, refusals);
	plan_refuse(refusals, "`vfio-run list` shows the devices of this host", "%s", found);
	return -ENODEV;
}

/**
 * plan_find_device() - the one device that a section names
 * @requested:	a [gpu] or [pci] section
 * @out:	the snapshot's
 *
 * Return: 0; -ENODEV: it is not there, or not the one that is meant, and @refusals says
 * why; other -errno
 */
int plan_find_device(struct host *host, const struct profile_device *requested,
		     const struct host_device **out, struct plan_refusals *refusals)
{
	if (requested->device.by_id)
		return find_by_id(host, &requested->device, out, refusals);
	return find_by_address(host, requested, out, refusals);
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

/**
 * plan_is_card() - is what a [gpu] names a graphics card, and not what else may stand there?
 *
 * Buses are numbered at each boot: the address of somebody else's example is a disk here.
 *
 * Return: true; false when @refusals says what it is
 */
bool plan_is_card(struct host *host, const struct profile_device *requested, const struct host_device *d,
		  struct plan_refusals *refusals)
{
	const struct host_device *card;
	char label[PLAN_LABEL_MAX], kind[128], remedy[160];

	if (!requested->gpu || host_device_is_display(d) || host_device_is_bridge(d))
		return true; /* a bridge is refused as such */
	card = card_beside(host, d);
	if (card)
		(void)snprintf(remedy, sizeof(remedy),
			       "write `device = %s`: the whole card goes with it", card->name);
	else
		(void)snprintf(remedy, sizeof(remedy),
			       "`vfio-run list gpu` shows the graphics cards; if this device is meant, "
			       "name it in a [pci] section");
	plan_refuse(refusals, remedy, "[gpu] is for a graphics card, and %s is none: it is of the class %s",
		    plan_label(host, d, label),
		    host_device_name(host, d, HOST_NAME_CLASS, kind, sizeof(kind)));
	return false;
}

/* Base classes of a card's functions: display, sound, and USB-C with its controller. */
static bool is_of_card(const struct host_device *d)
{
	static const uint8_t classes[] = { 0x03, 0x04, 0x0c };

	for (size_t i = 0; i < sizeof(classes); i++)
		if (d->class_id >> 16 == classes[i])
			return true;
	return false;
}

/**
 * plan_strays() - is this function of a card's slot none of the card's, and not asked for?
 * @requested:	a [gpu]; with `group = all` or `hold` the rest goes along by the user's word
 *
 * What shares a slot with a processor's graphics, or with a server's, can be the host's own:
 * a security processor, a management controller, a disk.
 */
bool plan_strays(const struct profile_device *requested, const struct host_device *d)
{
	return requested->gpu && requested->group == PROFILE_GROUP_SLOT && !is_of_card(d);
}

/** plan_refuse_stray() - say what such a function is, and how the card goes without it */
void plan_refuse_stray(struct host *host, const struct host_device *card, const struct host_device *d,
		       struct plan_refusals *refusals)
{
	char label[PLAN_LABEL_MAX], kind[128], remedy[160];

	(void)snprintf(remedy, sizeof(remedy),
		       "name the card's own functions, such as %s, each in a [pci] section", card->name);
	plan_refuse(refusals, remedy,
		    "%s is in the slot of the graphics card %s, but no part of a card: it is of the class %s",
		    plan_label(host, d, label), card->name,
		    host_device_name(host, d, HOST_NAME_CLASS, kind, sizeof(kind)));
}
