/* SPDX-License-Identifier: GPL-2.0-or-later */
/* beside.h - the programs that a profile asks for beside QEMU */
#ifndef VFIO_RUN_PLAN_BESIDE_H
#define VFIO_RUN_PLAN_BESIDE_H

#include "launcher/plan/plan.h"

/* The guest's networks of [net] mode = user: the second one is 10.0.3.0/24, and so on. */
#define PLAN_USER_NET "10.0.%u"
#define PLAN_USER_NET_FIRST 2

unsigned int plan_user_nets_before(const struct profile *profile, size_t i);
int plan_beside(struct plan *plan, const struct profile *profile,
		const struct plan_host_facts *facts) must_check;
void plan_beside_fini(struct plan *plan);
int plan_passt_fd(const struct plan *plan, const struct profile *profile,
		  const struct plan_host_facts *facts, size_t i);
int plan_served_fd(const struct plan *plan, size_t number);

#endif /* VFIO_RUN_PLAN_BESIDE_H */
