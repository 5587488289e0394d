/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usb.c - the USB devices that a profile names, as far as they are plugged in */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/plan/changes/usb.h"

/* Of a port every device fits, of ids no root hub: that is a part of its controller. */
static bool fits(const struct profile_usb *usb, const struct host_usb *d)
{
	if (!usb->by_id)
		return !strcmp(usb->bus_port, d->name);
	return usb->vendor == d->vendor && usb->product == d->product;
}

static void find(const struct profile_usb *usb, const struct host_usb *all, size_t count,
		 struct plan_usb *out)
{
	size_t used = 0;

	out->vendor = usb->vendor;
	out->product = usb->product;
	if (!usb->by_id)
		(void)snprintf(out->port, sizeof(out->port), "%s", usb->bus_port);
	for (size_t i = 0; i < count; i++) {
		if (!fits(usb, &all[i]))
			continue;
		if (!out->count++)
			out->device = all[i];
		if (used < sizeof(out->places))
			used += (size_t)snprintf(out->places + used, sizeof(out->places) - used,
						 "%s%s", used ? " " : "", all[i].name);
	}
}

/**
 * plan_usb_select() - find what each [usb] stands for
 *
 * Return: 0 or -ENOMEM
 */
int plan_usb_select(struct plan *plan, const struct profile *profile, struct host *host)
{
	struct host_usb *all = NULL;
	size_t count = 0;
	int r;

	plan->usb = calloc(profile->usb_count + 1, sizeof(*plan->usb));
	if (!plan->usb)
		return -ENOMEM;
	plan->usb_count = profile->usb_count;
	r = profile->usb_count ? host_usb_all(host, &all, &count) : 0;
	for (size_t i = 0; !r && i < profile->usb_count; i++)
		find(&profile->usb[i], all, count, &plan->usb[i]);
	free(all);
	return r;
}

/** plan_usb_label() - as the profile names it */
const char *plan_usb_label(const struct profile_usb *usb, char buf[PLAN_USB_NAME_MAX])
{
	if (usb->by_id)
		(void)snprintf(buf, PLAN_USB_NAME_MAX, "%04x:%04x", usb->vendor, usb->product);
	else
		(void)snprintf(buf, PLAN_USB_NAME_MAX, "%s", usb->bus_port);
	return buf;
}

/** plan_usb_there() - how many are given when the VM starts */
size_t plan_usb_there(const struct plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->usb_count; i++)
		n += plan_usb_is_there(&plan->usb[i]);
	return n;
}

/** plan_usb_is_there() - can it be given when the VM starts? */
bool plan_usb_is_there(const struct plan_usb *usb)
{
	return usb->count == 1;
}
