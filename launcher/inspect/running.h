/* SPDX-License-Identifier: GPL-2.0-or-later */
/* running.h - VMs that run, or were interrupted, as their keepers have written it down */
#ifndef VFIO_RUN_COMMANDS_RUNNING_H
#define VFIO_RUN_COMMANDS_RUNNING_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/vm-status.h"

#define RUNNING_DIR "/run/vfio-run/vm"

enum running_life {
	RUNNING_LIVES,	     /* its keeper does */
	RUNNING_TAKEN_OVER,  /* its keeper is dead, the standby gives the devices back */
	RUNNING_INTERRUPTED, /* no process does */
};

struct running {
	enum running_life life;
	struct process_id keeper;
	struct process_id heir;	 /* of one that is taken over: the standby that reverts */
	bool has_status;	 /* false: the keeper died before it was written, or it is damaged */
	struct vm_status status; /* without one: the name */
};

bool running_is_name(const char *word);
const char *running_state(const struct running *r);
int running_find(const char *name, struct running *out) must_check;
int running_open_process(const struct process_id *id) must_check;
void running_names(char *buf, size_t size);
int running_all(struct running **out, size_t *count) must_check;

#endif /* VFIO_RUN_COMMANDS_RUNNING_H */
