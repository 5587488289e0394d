/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shared.h - the host journal: changes that several VMs need at once, and their users */
#ifndef VFIO_RUN_SHARED_H
#define VFIO_RUN_SHARED_H

#include <stdbool.h>

#include "launcher/keeper/journal/shared-file.h"
#include "launcher/keeper/keeper.h"

int shared_enroll(struct keeper *k) must_check;
int shared_take(struct keeper *k, struct change *c) must_check;
int shared_release(struct keeper *k, const struct change *c) must_check;
bool shared_lets_go(const struct keeper *k, const struct change *c);
bool shared_leave(struct keeper *k);
bool shared_sweep(struct keeper *k) must_check;

#endif /* VFIO_RUN_SHARED_H */
