/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * changes.h - the changes that move a plan's devices, in order
 *
 * Inside launcher/plan only.
 */
#ifndef VFIO_RUN_PLAN_CHANGES_H
#define VFIO_RUN_PLAN_CHANGES_H

#include "launcher/plan/plan.h"

int plan_changes(struct plan *plan, const struct profile *profile, struct host *host,
		 const struct plan_host_facts *facts) must_check;

#endif /* VFIO_RUN_PLAN_CHANGES_H */
