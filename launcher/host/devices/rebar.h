/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rebar.h - the sizes that a BAR of a device can have */
#ifndef VFIO_RUN_HOST_REBAR_H
#define VFIO_RUN_HOST_REBAR_H

#include "launcher/host/host.h"

uint64_t host_bar_sizes(struct host *h, const struct host_device *d, unsigned int bar);

#endif /* VFIO_RUN_HOST_REBAR_H */
