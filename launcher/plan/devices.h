/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devices.h - which devices a plan moves, and which of them the guest gets
 *
 * Inside launcher/plan only; others ask plan.h.
 */
#ifndef VFIO_RUN_PLAN_DEVICES_H
#define VFIO_RUN_PLAN_DEVICES_H

#include "launcher/plan/plan.h"

struct profile_device;

int plan_devices(struct plan *plan, struct host *host, const struct profile_device *requested,
		 size_t requested_count, const char *const *variant,
		 struct plan_refusals *refusals) must_check;
const struct plan_device *plan_find(const struct plan *plan, const struct pci_address *address);

#endif /* VFIO_RUN_PLAN_DEVICES_H */
