/* SPDX-License-Identifier: GPL-2.0-or-later */
/* caps.h - the keeper's capabilities: few are kept, none is effective while it waits */
#ifndef VFIO_RUN_CAPS_H
#define VFIO_RUN_CAPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"

void caps_plan(int capability);
int caps_bound(void) must_check;
int caps_limit(uint64_t more) must_check;
void caps_raise(int capability);
void caps_rest(void);
uint64_t caps_lend(int capability) must_check;
void caps_take_back(uint64_t effective);
int caps_worker(void) must_check;
int caps_none(void) must_check;
int caps_become(uid_t uid, gid_t gid) must_check;

#endif /* VFIO_RUN_CAPS_H */
