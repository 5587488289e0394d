/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status.h - `vfio-run status --wait` and `--watch` */
#ifndef VFIO_RUN_COMMANDS_STATUS_H
#define VFIO_RUN_COMMANDS_STATUS_H

#include "launcher/base/vm-status.h"

int status_wait(const char *name, struct vm_status *out) must_check;
int status_watch(const char *name) must_check;

#endif /* VFIO_RUN_COMMANDS_STATUS_H */
