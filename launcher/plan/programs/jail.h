/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail.h - QEMU's environment: user, limits, device nodes, network
 *
 * Inside launcher/plan only.
 */
#ifndef VFIO_RUN_PLAN_JAIL_H
#define VFIO_RUN_PLAN_JAIL_H

#include "launcher/plan/plan.h"

struct profile;

int plan_jail(struct plan *plan, const struct profile *profile,
	      const struct plan_host_facts *facts) must_check;

#endif /* VFIO_RUN_PLAN_JAIL_H */
