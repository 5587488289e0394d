/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.h - the identity of a process: pid and start time, since pids are reused */
#ifndef VFIO_RUN_PROCESS_H
#define VFIO_RUN_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"

#define PROCESS_ROLE_MAX 16 /* an identifier, with its NUL */

struct process_id {
	pid_t pid;
	uint64_t start; /* clock ticks after boot, field 22 of /proc/PID/stat; 0: not known */
};

/* What is known of a process that is no child. */
enum process_fate {
	PROCESS_ENDED,
	PROCESS_LIVES,
	PROCESS_HIDDEN, /* its pid is in use, and /proc does not show by which */
};

int process_identify(pid_t pid, struct process_id *out) must_check;
enum process_fate process_fate(const struct process_id *id) must_check;
bool process_is_alive(const struct process_id *id);
char process_state(pid_t pid);
uint64_t process_resident(pid_t pid);
bool process_is_role(const char role[PROCESS_ROLE_MAX]);
void process_comm(pid_t pid, char *buf, size_t size);

#endif /* VFIO_RUN_PROCESS_H */
