/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usb.h - the USB devices of the host, and the drivers of their interfaces */
#ifndef VFIO_RUN_HOST_USB_H
#define VFIO_RUN_HOST_USB_H

#include "launcher/host/devices/nodes.h"

#define HOST_USB_NAME_MAX 32	   /* seven numbers of three digits, and what is between them */
#define HOST_USB_INTERFACES_MAX 32 /* USB 2.0, 9.6.3 has a byte for it; 8 is much */

struct host_usb_interface {
	char name[HOST_USB_NAME_MAX + 8]; /* "1-2.3:1.0" */
	char driver[HOST_WORD_MAX];	  /* "" none; "usbfs": a program has it */
};

struct host_usb {
	char name[HOST_USB_NAME_MAX]; /* by bus and port: "1-2.3"; of a root hub "usb1" */
	char title[128];	      /* what it calls itself; any bytes */
	uint16_t vendor, product;
	unsigned int bus, number; /* of its node: /dev/bus/usb/001/004 */
	bool root_hub, hub;
	struct host_usb_interface interface[HOST_USB_INTERFACES_MAX];
	size_t interface_count;
};

int host_usb_all(struct host *h, struct host_usb **out, size_t *count) must_check;
int host_usb_nodes(struct host *h, const struct host_usb *d, struct host_nodes *out) must_check;
int host_usb_place(struct host *h, const struct host_usb *d, char *buf, size_t size) must_check;

#endif /* VFIO_RUN_HOST_USB_H */
