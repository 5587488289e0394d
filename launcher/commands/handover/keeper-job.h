/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper-job.h - detach, attach and recover: start a keeper, and show its reports */
#ifndef VFIO_RUN_COMMAND_JOB_H
#define VFIO_RUN_COMMAND_JOB_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"
#include "launcher/keeper/handover.h"
#include "launcher/plan/checks/checks.h"
#include "launcher/plan/plan.h"

struct cli;

int job_show(const struct cli *cli, const struct plan *plan, enum keeper_job job) must_check;
int job_show_plan(const struct cli *cli, const struct plan *plan, struct host *host) must_check;
int job_recover_quietly(const struct cli *cli) must_check;
int job_needs_root(const struct cli *cli) must_check;
int job_plan(struct plan *plan, int error, const struct checks_request *request,
	     struct check_results *results) must_check;

#endif /* VFIO_RUN_COMMAND_JOB_H */
