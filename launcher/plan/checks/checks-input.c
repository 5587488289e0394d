/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-input.c - row: somebody can still type on the host, or come back to it by a key press */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/host/devices/evdev.h"
#include "launcher/plan/changes/usb.h"
#include "launcher/plan/checks/checks-rows.h"

/* Where a keyboard of the host's is while the VM runs. */
enum whereabouts { STAYS, SHARED, GONE };

static enum whereabouts by_section(const struct checking *c, const struct host_evdev *d)
{
	const struct plan_host_facts *f = c->request->facts;

	for (size_t i = 0; f && f->input && i < c->profile->input_count; i++)
		if (!strcmp(f->input[i].node, d->name))
			return f->input[i].can_toggle ? SHARED : GONE;
	return STAYS;
}

/* Is it a part of a USB device that goes to the guest? */
static bool by_usb(const struct checking *c, const struct host_evdev *d)
{
	char place[512];

	for (size_t i = 0; i < c->plan->usb_count; i++)
		if (plan_usb_is_there(&c->plan->usb[i]) &&
		    !host_usb_place(c->host, &c->plan->usb[i].device, place, sizeof(place)) &&
		    !strncmp(d->place, place, strlen(place)))
			return true;
	return false;
}

static enum whereabouts find(const struct checking *c, const struct host_evdev *d)
{
	char part[PCI_ADDRESS_TEXT + 2];

	for (size_t i = 0; i < c->device_count; i++) {
		(void)snprintf(part, sizeof(part), "/%s/", c->device[i].host->name);
		if (strstr(d->place, part))
			return GONE;
	}
	return by_usb(c, d) ? GONE : by_section(c, d);
}

void check_way_back(struct checking *c)
{
	struct host_evdev *all = NULL;
	size_t count = 0, staying = 0;
	const char *lost = NULL;
	char quoted[256];

	if ((!c->profile->input_count && !c->plan->usb_count) || host_evdev_all(c->host, &all, &count))
		return;
	for (size_t i = 0; i < count; i++) {
		enum whereabouts where = all[i].keyboard ? find(c, &all[i]) : GONE;

		staying += where != GONE;
		if (all[i].keyboard && where == GONE && (by_usb(c, &all[i]) || by_section(c, &all[i]) == GONE))
			lost = all[i].title;
	}
	if (lost && !staying)
		row_failed(c,
			   "share it with [input] and a `grab-toggle` whose keys it has, or plug "
			   "another keyboard into the host",
			   "the host's last keyboard (%s) would be the guest's until its end",
			   log_quote(lost, quoted, sizeof(quoted)));
	free(all);
}
