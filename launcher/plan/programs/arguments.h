/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arguments.h - what the arguments that a user added need of the jail */
#ifndef VFIO_RUN_PLAN_ARGUMENTS_H
#define VFIO_RUN_PLAN_ARGUMENTS_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"

struct profile;

/* @path is absolute, and for the call only; not 0 ends it. */
typedef int (*arguments_path_fn)(void *context, const char *path);

int arguments_each_path(const char *argument, arguments_path_fn fn, void *context) must_check;
bool arguments_reach_network(const struct profile *profile, char *const *extra);

#endif /* VFIO_RUN_PLAN_ARGUMENTS_H */
