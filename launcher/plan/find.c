/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find.c - the one device that a section of a profile names, by address or by ids */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/host/host.h"
#include "launcher/plan/find.h"
#include "profiles/profile.h"

/** plan_label() - "0000:01:00.0 (Vendor Device [1234:1111])", for messages */
const char *plan_label(struct host *host, const struct host_device *d, char buf[PLAN_LABEL_MAX])
{
	char title[PLAN_LABEL_MAX - PCI_ADDRESS_TEXT - 4];

	(void)snprintf(buf, PLAN_LABEL_MAX, "%s (%s)", d->name,
		       host_device_title(host, d, title, sizeof(title)));
	return buf;
}

/**
 * plan_find_ids() - the devices with these ids
 * @first:	receives the first of them
 * @list:	receives all of them in words: "address (title), address (title)"; NULL: not wanted
 */
int plan_find_ids(struct host *host, uint16_t vendor, uint16_t device, size_t *count,
		  const struct host_device **first, char list[PLAN_LIST_MAX])
{
	struct host_devices all;
	char label[PLAN_LABEL_MAX];
	size_t used = 0;
	int r = host_all(host, &all);

	*count = 0;
	if (list)
		list[0] = '\0';
	if (r)
		return r;
	for (size_t i = 0; i < all.count; i++) {
		if (all.item[i]->vendor != vendor || all.item[i]->device != device)
			continue;
		if (!(*count)++)
			*first = all.item[i];
		if (!list)
			continue;
		(void)snprintf(list + used, PLAN_LIST_MAX - used, "%s%s", used ? ", " : "",
			       plan_label(host, all.item[i], label));
		used = strlen(list);
	}
	host_devices_fini(&all);
	return 0;
}

static int find_by_id(struct host *host, const struct profile_device_name *n,
		      const struct host_device **out)
{
	size_t count;
	int r = plan_find_ids(host, n->vendor, n->device, &count, out, NULL);

	return r || count == 1 ? r : -ENODEV;
}

static int find_by_address(struct host *host, const struct profile_device *requested,
			   const struct host_device **out)
{
	int r = host_device(host, &requested->device.address, out);

	if (r)
		return r == -ENOENT ? -ENODEV : r;
	if (requested->has_id &&
	    ((*out)->vendor != requested->id_vendor || (*out)->device != requested->id_device))
		return -ENODEV;
	return 0;
}

/**
 * plan_find_device() - the one device that a section names
 * @requested:	a [gpu] or [pci] section
 * @out:	the snapshot's
 *
 * Return: 0; -ENODEV: it is not there, or not the one that is meant; other -errno
 */
int plan_find_device(struct host *host, const struct profile_device *requested,
		     const struct host_device **out)
{
	if (requested->device.by_id)
		return find_by_id(host, &requested->device, out);
	return find_by_address(host, requested, out);
}

#define AMD_GRAPHICS 0x1002
#define AMD_PROCESSOR 0x1022

/* ---- what a [gpu] may be ---------------------------------------------------------------- */

/**
 * plan_is_card() - is what a [gpu] names a graphics card, and not what else may stand there?
 *
 * Buses are numbered at each boot: the address of a card in an example can be a disk here.
 * A bridge is refused as such; one with the header of an endpoint (ISA) has nothing behind it.
 */
bool plan_is_card(const struct profile_device *requested, const struct host_device *d)
{
	return !requested->gpu || host_device_is_display(d) || d->header_type;
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
 * plan_is_of_card() - does this function of a card's slot go with the card?
 * @card:	the graphics function that a [gpu] names
 *
 * What shares a slot with the graphics of an AMD processor has the processor's vendor number, not
 * that of the graphics, and is the host's: a security processor, USB, the board's sound.
 */
bool plan_is_of_card(const struct host_device *card, const struct host_device *d)
{
	return is_of_card(d) && !(card->vendor == AMD_GRAPHICS && d->vendor == AMD_PROCESSOR);
}
