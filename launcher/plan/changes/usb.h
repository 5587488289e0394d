/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usb.h - the USB devices that a profile names. Inside launcher/plan, and for commands/ */
#ifndef VFIO_RUN_PLAN_USB_H
#define VFIO_RUN_PLAN_USB_H

#include "launcher/host/devices/usb.h"
#include "launcher/plan/plan.h"

#define PLAN_USB_NAME_MAX 160
#define PLAN_USB_FDSET 100 /* its set of the first section; the user's own are below */

/* What a [usb] stands for now. */
struct plan_usb {
	struct host_usb device; /* the first that fits; name "": there is none */
	size_t count;		/* that fit */
	char places[256];	/* "1-2 3-4.1", of several */
	char port[HOST_USB_NAME_MAX]; /* as the profile names it; "": by ids */
	uint16_t vendor, product;
};

int plan_usb_select(struct plan *plan, const struct profile *profile, struct host *host) must_check;
const char *plan_usb_label(const struct profile_usb *usb, char buf[PLAN_USB_NAME_MAX]);
size_t plan_usb_there(const struct plan *plan);
bool plan_usb_is_there(const struct plan_usb *usb);

#endif /* VFIO_RUN_PLAN_USB_H */
