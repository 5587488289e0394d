/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unload.h - modules above host drivers that are unloaded before a device is unbound */
#ifndef VFIO_RUN_PLAN_UNLOAD_H
#define VFIO_RUN_PLAN_UNLOAD_H

#include "launcher/host/kernel/module-stack.h"
#include "launcher/plan/plan.h"

const struct host_device *plan_other_user(const struct plan *plan, struct host *host,
					   const struct host_device *d);
int plan_unloads(const struct plan *plan, const struct profile *profile, struct host *host,
		 struct host_stack *out) must_check;

#endif /* VFIO_RUN_PLAN_UNLOAD_H */
