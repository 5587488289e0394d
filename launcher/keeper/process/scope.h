/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scope.h - asking systemd for a scope, through a program that can be done without */
#ifndef VFIO_RUN_SCOPE_H
#define VFIO_RUN_SCOPE_H

#include <stddef.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"

enum scope_role {
	SCOPE_KEEPER,
	SCOPE_VM,
	SCOPE_ISOLATED, /* a VM in the slice that slice_start() has made */
	SCOPE_ROLES
};

#define SCOPE_PIDS_MAX 14

int scope_start(int program, enum scope_role role, const char *name, unsigned int stop_s,
		const pid_t *pid, size_t count) must_check;

int scope_ask(int program, char **argv) must_check;

/* slice.c */
int slice_start(int program, const char *name, const char *cpus) must_check;
int slice_stop(int program, const char *name) must_check;
int slice_cpus(const char *name, char *buf, size_t size) must_check;

#endif /* VFIO_RUN_SCOPE_H */
