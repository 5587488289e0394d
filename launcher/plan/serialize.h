/* SPDX-License-Identifier: GPL-2.0-or-later */
/* serialize.h - a plan as the keeper takes it: one struct keeper_plan in a sealed memfd */
#ifndef VFIO_RUN_PLAN_SERIALIZE_H
#define VFIO_RUN_PLAN_SERIALIZE_H

#include "launcher/keeper/handover.h"
#include "launcher/plan/plan.h"

int plan_serialize(const struct plan *plan, enum keeper_job job, uint32_t flags,
		   int *fd_out) must_check;

#endif /* VFIO_RUN_PLAN_SERIALIZE_H */
