/* SPDX-License-Identifier: GPL-2.0-or-later */
/* status.h - the public state of this keeper's VM */
#ifndef VFIO_RUN_STATUS_H
#define VFIO_RUN_STATUS_H

#include <sys/types.h>

#include "launcher/base/vm-status.h"
#include "launcher/keeper/handover.h"
#include "launcher/keeper/journal/state.h"

struct status {
	int fd; /* /run/vfio-run/vm/NAME/status; -1: there is none, and all below does nothing */
	struct vm_status now;
};

#define STATUS_INIT { .fd = -1 }

int status_open(struct status *s, const struct state *state, const struct keeper_plan *plan,
		pid_t standby) must_check;
void status_take_over(struct status *s, const struct state *state, const char *name);
void status_set_state(struct status *s, enum vm_status_state state);
void status_set_process(struct status *s, const char *role, pid_t pid);
void status_set_event(struct status *s, const char *event);
void status_set_end(struct status *s, int code);
void status_close(struct status *s);

#endif /* VFIO_RUN_STATUS_H */
