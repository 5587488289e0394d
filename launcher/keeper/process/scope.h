/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scope.h - asking systemd for a scope, through a program that can be done without */
#ifndef VFIO_RUN_SCOPE_H
#define VFIO_RUN_SCOPE_H

#include <stddef.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"

enum scope_role { SCOPE_KEEPER, SCOPE_VM };

#define SCOPE_PIDS_MAX 8

int scope_start(int program, enum scope_role role, const char *name, unsigned int stop_s,
		const pid_t *pid, size_t count) must_check;

#endif /* VFIO_RUN_SCOPE_H */
