/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.h - `vfio-run report`: what its files share */
#ifndef VFIO_RUN_REPORT_H
#define VFIO_RUN_REPORT_H

#include "launcher/host/host.h"

void report_machine(struct host *h);

#endif /* VFIO_RUN_REPORT_H */
