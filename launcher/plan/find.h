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
#define PLAN_LIST_MAX 1024

int plan_find_device(struct host *host, const struct profile_device *requested,
		     const struct host_device **out) must_check;
int plan_find_ids(struct host *host, uint16_t vendor, uint16_t device, size_t *count,
		  const struct host_device **first, char list[PLAN_LIST_MAX]) must_check;
bool plan_is_card(const struct profile_device *requested, const struct host_device *d) must_check;
bool plan_is_of_card(const struct host_device *card, const struct host_device *d) must_check;
const char *plan_label(struct host *host, const struct host_device *d, char buf[PLAN_LABEL_MAX]);

#endif /* VFIO_RUN_PLAN_FIND_H */
