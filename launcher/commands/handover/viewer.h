/* SPDX-License-Identifier: GPL-2.0-or-later */
/* viewer.h - a keeper that outlives what was typed */
#ifndef VFIO_RUN_COMMAND_VIEWER_H
#define VFIO_RUN_COMMAND_VIEWER_H

#include "launcher/commands/handover/keeper-start.h"

int viewer_run(const struct cli *cli, int plan_fd, struct keeper_files *files, const char *name) must_check;

#endif /* VFIO_RUN_COMMAND_VIEWER_H */
