/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * irqs.h - the host's interrupts, off the CPUs that a VM's processors have
 *
 * Inside launcher/plan only.
 */
#ifndef VFIO_RUN_PLAN_IRQS_H
#define VFIO_RUN_PLAN_IRQS_H

#include "launcher/plan/plan.h"

typedef int (*plan_irqs_fn)(struct plan *plan, const char *irqs, const char *from, const char *to);

int plan_irqs(struct plan *plan, struct host *host, plan_irqs_fn add) must_check;

#endif /* VFIO_RUN_PLAN_IRQS_H */
