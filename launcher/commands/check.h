/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - the checks' results, for whoever acts on them */
#ifndef VFIO_RUN_CHECK_H
#define VFIO_RUN_CHECK_H

#include "launcher/plan/checks/checks.h"

struct cli;

int check_gather(const struct cli *cli, struct host *host, struct check_results *out) must_check;

#endif /* VFIO_RUN_CHECK_H */
