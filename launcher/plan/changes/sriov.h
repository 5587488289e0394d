/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sriov.h - what keeps a physical or a virtual function (SR-IOV) from a guest
 *
 * Inside launcher/plan only.
 */
#ifndef VFIO_RUN_PLAN_SRIOV_H
#define VFIO_RUN_PLAN_SRIOV_H

#include "launcher/plan/plan.h"

struct sriov_obstacle {
	char what[192];   /* goes behind the device's label */
	char remedy[256];
};

bool plan_sriov_obstacle(struct host *host, const struct plan *plan, const struct plan_wanted *w,
			 struct sriov_obstacle *out) must_check;

bool plan_vf_obstacle(struct host *host, const struct host_device *physical,
		      const struct profile_device *section, struct sriov_obstacle *out) must_check;
unsigned int plan_vf_count(const struct host_device *physical, const struct profile_device *section);

/* What keeps a virtual function in a group without the physical one. */
#define SRIOV_APART "put the card into another slot: one whose port has ACS keeps them apart"

bool plan_wants_part_of(const struct plan *plan, const struct host_device *physical);

#endif /* VFIO_RUN_PLAN_SRIOV_H */
