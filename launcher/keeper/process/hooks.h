/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hooks.h - the administrator's programs, run by a process that has kept root's privileges */
#ifndef VFIO_RUN_HOOKS_H
#define VFIO_RUN_HOOKS_H

#include <stdbool.h>
#include <sys/types.h>

#include "launcher/keeper/handover.h"

#define HOOKS_LIMIT_S 30
#define HOOKS_KEPT_LIMIT_S 160 /* TimeoutStopSec= is 90 s as it comes; before a start udev has 30 s */
#define HOOKS_ARGUMENTS_MAX 4

struct keeper;

/* A program of what is stopped and started again. */
struct hooks_program {
	const char *path; /* of a user's, what the messages name */
	const char *argument[HOOKS_ARGUMENTS_MAX]; /* NULL: there are no more */
	uint32_t limit_s; /* at most HOOKS_KEPT_LIMIT_S */
	uint32_t uid; /* not root's: it is the program that speaks with service managers */
	bool quiet; /* who asks says what its exit status means */
};
typedef int (*hooks_begun_fn)(struct keeper *k, pid_t pid);

int hooks_start(struct keeper *k) must_check;
int hooks_execute(struct keeper *k, const char *word, const char *path) must_check;
int hooks_kept(struct keeper *k, const struct hooks_program *p, hooks_begun_fn begun) must_check;
bool hooks_has_no_room(int error);
int hooks_run(struct keeper *k, enum keeper_hook hook) must_check;
void hooks_tell(struct keeper *k, enum keeper_hook hook);

#endif /* VFIO_RUN_HOOKS_H */
