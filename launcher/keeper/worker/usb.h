/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usb.h - the node of a USB device of the host */
#ifndef VFIO_RUN_WORKER_USB_H
#define VFIO_RUN_WORKER_USB_H

#include "launcher/keeper/worker/work.h"

int usb_is_free(const char *interface) must_check;
int usb_open(const char *device, uint16_t vendor, uint16_t product, struct work_fds *fds) must_check;

#endif /* VFIO_RUN_WORKER_USB_H */
