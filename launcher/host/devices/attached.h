/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attached.h - what hangs on a device: screens on a card, USB devices on a controller */
#ifndef VFIO_RUN_HOST_ATTACHED_H
#define VFIO_RUN_HOST_ATTACHED_H

#include "launcher/host/host.h"

struct host_attached {
	char name[HOST_WORD_MAX];   /* "HDMI-A-1"; of USB bus and port: "1-2.3" */
	char status[HOST_WORD_MAX]; /* "connected"; of USB the ids: "046d:c52b" */
	char title[128];            /* of USB what it calls itself, of a screen its name; any bytes */
};

int host_connectors(struct host *h, const struct host_device *d, struct host_attached **out,
		    size_t *count) must_check;
int host_usb_devices(struct host *h, const struct host_device *d, struct host_attached **out,
		     size_t *count) must_check;

#endif /* VFIO_RUN_HOST_ATTACHED_H */
