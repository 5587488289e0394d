/* SPDX-License-Identifier: GPL-2.0-or-later */
/* leftovers.h - what an interrupted run left behind: shown to every user, reverted by root */
#ifndef VFIO_RUN_LEFTOVERS_H
#define VFIO_RUN_LEFTOVERS_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"

struct cli;
struct host;

void leftovers_say(void);
bool leftovers_say_unexplained(struct host *host);
int leftovers_revert(const struct cli *cli) must_check;

#endif /* VFIO_RUN_LEFTOVERS_H */
