/* SPDX-License-Identifier: GPL-2.0-or-later */
/* card.c - what a graphics card is beside its slot: sound behind a switch of its own, outputs, a
 * cable */
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/devices/card.h"

#define CLASS_SOUND 0x04
#define CLASS_3D 0x0302 /* PCI Code and ID Assignment 1.15: no VGA, in practice no outputs */

static const struct host_device *bridge_of(struct host *h, const struct host_device *d)
{
	const struct host_device *bridge = NULL;
	struct pci_address address;

	if (!pci_address_parse(d->bridge, &address) || host_device(h, &address, &bridge))
		return NULL;
	return bridge;
}

/* The port by which a switch is reached, when the device is behind one. */
static const struct host_device *upstream_of(struct host *h, const struct host_device *d)
{
	const struct host_device *port = bridge_of(h, d);

	return port ? bridge_of(h, port) : NULL;
}

/**
 * host_card_sound() - the sound function that a card has behind a switch of its own
 * @card:	a display
 *
 * Intel's Arc cards have graphics and sound on two buses. That the switch is the card's and not the
 * board's is known from its vendor.
 *
 * Return: NULL when there is none, or it is in the card's own slot
 */
const struct host_device *host_card_sound(struct host *h, const struct host_device *card)
{
	const struct host_device *upstream = upstream_of(h, card), *sound = NULL;
	struct host_devices all;

	if (!upstream || upstream->vendor != card->vendor || host_all(h, &all))
		return NULL;
	for (size_t i = 0; i < all.count; i++) {
		const struct host_device *d = all.item[i];

		if (d->class_id >> 16 == CLASS_SOUND && d->vendor == card->vendor &&
		    !pci_address_same_slot(&d->address, &card->address) &&
		    upstream_of(h, d) == upstream)
			sound = d;
	}
	host_devices_fini(&all);
	return sound;
}

/**
 * host_resets_with() - the function whose reset by its bus takes this one along
 * @d:	a function that lists no reset
 *
 * The kernel lists `bus` for the function that it finds first, before the others of the slot are
 * there; what it resets is all of the bus. vfio-pci does so when it has every function of it.
 * Source: drivers/pci/pci.c, drivers/vfio/pci/vfio_pci_core.c
 *
 * Return: NULL: no other function of the slot lists it
 */
const struct host_device *host_resets_with(struct host *h, const struct host_device *d)
{
	const struct host_device *with = NULL;
	struct host_devices slot;

	if (!*d->bridge || host_slot(h, &d->address, &slot))
		return NULL;
	for (size_t i = 0; i < slot.count && !with; i++)
		if (slot.item[i] != d && sysfs_has_word(slot.item[i]->reset_methods, "bus"))
			with = slot.item[i];
	host_devices_fini(&slot);
	return with;
}

/** host_has_no_outputs() - does a card compute only, and show its picture through another one? */
bool host_has_no_outputs(const struct host_device *d)
{
	return d->class_id >> 8 == CLASS_3D;
}

/**
 * host_is_removable() - is it behind a cable that can be unplugged?
 *
 * Source: Documentation/ABI/testing/sysfs-bus-pci-devices-removable: "fixed", "removable" (a
 * Thunderbolt or USB4 dock), "unknown"; the kernel gives it to what is behind such a port too.
 */
bool host_is_removable(struct host *h, const struct host_device *d)
{
	char path[80], text[16];

	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/removable", d->name);
	return sysfs_read(host_root_fd(h), path, text, sizeof(text)) > 0 &&
	       !strcmp(text, "removable");
}
