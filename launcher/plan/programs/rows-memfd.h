/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows-memfd.h - the commands that QEMU is sent when it stands, as vfio-qmp takes them */
#ifndef VFIO_RUN_PLAN_ROWS_MEMFD_H
#define VFIO_RUN_PLAN_ROWS_MEMFD_H

#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"

struct plan;

size_t plan_populate_rows(const struct plan *plan);
size_t plan_plug_rows(const struct plan *plan);
int plan_rows_open(const struct plan *plan, int *fd_out) must_check;

#endif /* VFIO_RUN_PLAN_ROWS_MEMFD_H */
