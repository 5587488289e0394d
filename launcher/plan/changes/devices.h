/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devices.h - which devices a plan moves, and which of them the guest gets
 *
 * Inside launcher/plan only; others ask plan.h.
 */
#ifndef VFIO_RUN_PLAN_DEVICES_H
#define VFIO_RUN_PLAN_DEVICES_H

#include "launcher/plan/plan.h"

int plan_devices(struct plan *plan, struct host *host, const char *const *variant) must_check;
bool plan_vanishes(const struct plan *plan, const struct host_device *d) must_check;
bool plan_wants(const struct plan *plan, const struct host_device *d);
const struct plan_device *plan_find(const struct plan *plan, const struct pci_address *address);

#endif /* VFIO_RUN_PLAN_DEVICES_H */
