/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unexplained.h - devices on vfio-pci without a known reason */
#ifndef VFIO_RUN_HOST_UNEXPLAINED_H
#define VFIO_RUN_HOST_UNEXPLAINED_H

#include "launcher/host/host.h"

#define HOST_UNDO_MAX 320 /* a line for a shell, with its NUL */

int host_unexplained(struct host *h, struct host_devices *out) must_check;
const char *host_undo_override(const struct host_device *d, char buf[HOST_UNDO_MAX]);

#endif /* VFIO_RUN_HOST_UNEXPLAINED_H */
