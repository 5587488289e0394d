/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print.h - a plan for people (--dry-run) and for programs (--dry-run --json) */
#ifndef VFIO_RUN_PLAN_PRINT_H
#define VFIO_RUN_PLAN_PRINT_H

#include "launcher/plan/plan.h"

int plan_text(const struct plan *plan, char **out) must_check;
int plan_json(const struct plan *plan, const char *profile, char **out) must_check;
int plan_shell_quote(const char *argument, char **out) must_check;

#endif /* VFIO_RUN_PLAN_PRINT_H */
