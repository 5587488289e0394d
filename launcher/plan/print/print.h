/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print.h - a plan for people (--dry-run) and for programs (--dry-run --json) */
#ifndef VFIO_RUN_PLAN_PRINT_H
#define VFIO_RUN_PLAN_PRINT_H

#include <stdio.h>

#include "launcher/plan/plan.h"

struct host;

int plan_text(const struct plan *plan, struct host *host, char **out) must_check;
int plan_json(const struct plan *plan, const char *profile, char **out) must_check;
void plan_quote(FILE *f, const char *text);
int plan_shell_quote(const char *argument, char **out) must_check;

#endif /* VFIO_RUN_PLAN_PRINT_H */
