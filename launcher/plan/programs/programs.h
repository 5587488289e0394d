/* SPDX-License-Identifier: GPL-2.0-or-later */
/* programs.h - the processes of a VM, a row each */
#ifndef VFIO_RUN_PLAN_PROGRAMS_H
#define VFIO_RUN_PLAN_PROGRAMS_H

#include "launcher/keeper/handover.h"
#include "launcher/plan/plan.h"

struct plan_program {
	struct keeper_program row;	/* with the counts of its strings */
	char *const *argv, *const *env; /* NULL-terminated; the plan's, or of what holds this */
};

struct plan_programs {
	struct plan_program item[KEEPER_PROGRAMS_MAX];
	size_t count;
	char *argv[8]; /* of the rows that are no QEMU */
};

void plan_programs(const struct plan *plan, enum keeper_job job, uint32_t flags,
		   struct plan_programs *out);

#endif /* VFIO_RUN_PLAN_PROGRAMS_H */
