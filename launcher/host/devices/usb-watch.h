/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usb-watch.h - USB devices as they come and go, told by the kernel */
#ifndef VFIO_RUN_HOST_USB_WATCH_H
#define VFIO_RUN_HOST_USB_WATCH_H

#include "launcher/host/devices/usb.h"

struct host_usb_event {
	bool added;
	char name[HOST_USB_NAME_MAX];
};

int host_usb_watch_open(void) must_check;
int host_usb_watch_next(int fd, struct host_usb_event *out) must_check;
bool host_usb_event_parse(const char *message, size_t size, struct host_usb_event *out);

#endif /* VFIO_RUN_HOST_USB_WATCH_H */
