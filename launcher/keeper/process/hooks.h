/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hooks.h - the administrator's programs, run by a process that has kept root's privileges */
#ifndef VFIO_RUN_HOOKS_H
#define VFIO_RUN_HOOKS_H

#include "launcher/keeper/handover.h"

struct keeper;

int hooks_start(struct keeper *k) must_check;
int hooks_execute(struct keeper *k, const char *word, const char *path) must_check;
int hooks_container(struct keeper *k, const char *program, const char *word, const char *id) must_check;
int hooks_runtime(struct keeper *k, const char *program) must_check;
bool hooks_container_is_gone(struct keeper *k, const char *program, const char *id) must_check;
int hooks_user_unit(struct keeper *k, uint32_t uid, const char *word, const char *unit) must_check;
int hooks_run(struct keeper *k, enum keeper_hook hook) must_check;
void hooks_tell(struct keeper *k, enum keeper_hook hook);

#endif /* VFIO_RUN_HOOKS_H */
