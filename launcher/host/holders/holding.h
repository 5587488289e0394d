/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holding.h - what of a device can be held, and who holds it */
#ifndef VFIO_RUN_HOST_HOLDING_H
#define VFIO_RUN_HOST_HOLDING_H

#include "launcher/base/holders.h"
#include "launcher/host/devices/nodes.h"
#include "launcher/host/host.h"

#define HOST_NVIDIA_TARGETS 4

bool host_keeps_for_others(const struct holder *f);
bool host_is_borne(const char *subsystem, const char *name);
size_t host_nvidia_targets(struct host *h, const struct host_device *d,
			   struct holder_target target[HOST_NVIDIA_TARGETS]);
bool host_kfd_target(struct host *h, const struct host_device *d, struct holder_target *target);
int host_holders(struct host *h, const struct holder_target *target, size_t target_count,
		 struct holder *out, size_t room, struct holder_scan *result) must_check;

#endif /* VFIO_RUN_HOST_HOLDING_H */
