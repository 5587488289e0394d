/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check-plan.h - the plan as it comes from vfio-run, held against the closed table */
#ifndef VFIO_RUN_CHECK_PLAN_H
#define VFIO_RUN_CHECK_PLAN_H

#include <stddef.h>

#include "launcher/keeper/handover.h"

const char *check_plan(const struct keeper_plan *p, size_t size) must_check;
const char *check_plan_open(int fd, const struct keeper_plan **out) must_check;

#endif /* VFIO_RUN_CHECK_PLAN_H */
