/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state.h - /run/vfio-run: locks, journals, and the keepers of VMs and detaches */
#ifndef VFIO_RUN_STATE_H
#define VFIO_RUN_STATE_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"

#define STATE_DIR "/run/vfio-run"
#define STATE_NAME_MAX 96
#define STATE_DAMAGED ".damaged" /* behind the name of a journal that was set aside */

struct state {
	int run_fd;   /* /run/vfio-run */
	int state_fd; /* /run/vfio-run/state */
};

#define STATE_INIT { -1, -1 }

typedef int (*state_journal_fn)(void *context, const char *name);

int state_open(struct state *s) must_check;
int state_let_go(int fd) must_check;
int state_close(struct state *s) must_check;
int state_lock(const struct state *s, const char *file, int *fd_out) must_check;
bool state_is_gone(const struct state *s, const char *file, int fd);
void state_set_aside(const struct state *s, const char *file, const char *name);
void state_unlock(const struct state *s, const char *file, int *fd);
int state_place(const struct state *s, const char *kind, const char *name) must_check;
int state_announce(const struct state *s, const char *kind, const char *name) must_check;
int state_announce_stuck(const struct state *s, const char *kind, const char *name,
			 const char *address);
void state_retire(const struct state *s, const char *kind, const char *name);
int state_each_journal(const struct state *s, state_journal_fn fn, void *context) must_check;
void state_sweep(const struct state *s);

#endif /* VFIO_RUN_STATE_H */
