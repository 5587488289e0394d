/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find.h - the one device that a section of a profile names
 *
 * Inside launcher/plan only.
 */
#ifndef VFIO_RUN_PLAN_FIND_H
#define VFIO_RUN_PLAN_FIND_H

#include "launcher/plan/plan.h"

struct profile_device;

#define PLAN_LABEL_MAX 240

int plan_find_device(struct host *host, const struct profile_device *requested,
		     const struct host_device **out, struct plan_refusals *refusals) must_check;
bool plan_is_card(struct host *host, const struct profile_device *requested, const struct host_device *d,
		  struct plan_refusals *refusals) must_check;
bool plan_strays(const struct profile_device *requested, const struct host_device *d) must_check;
void plan_refuse_stray(struct host *host, const struct host_device *card, const struct host_device *d,
		       struct plan_refusals *refusals);
const char *plan_label(struct host *host, const struct host_device *d, char buf[PLAN_LABEL_MAX]);

#endif /* VFIO_RUN_PLAN_FIND_H */
