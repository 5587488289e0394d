/* SPDX-License-Identifier: GPL-2.0-or-later */
/* critical.h - functions with which a guest could change the host itself */
#ifndef VFIO_RUN_HOST_CRITICAL_H
#define VFIO_RUN_HOST_CRITICAL_H

#include "launcher/host/host.h"

const char *host_critical(const struct host_device *d);

#endif /* VFIO_RUN_HOST_CRITICAL_H */
