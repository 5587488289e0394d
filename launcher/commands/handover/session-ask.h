/* SPDX-License-Identifier: GPL-2.0-or-later */
/* session-ask.h - the question before a desktop is ended */
#ifndef VFIO_RUN_COMMAND_SESSION_ASK_H
#define VFIO_RUN_COMMAND_SESSION_ASK_H

#include "launcher/plan/plan.h"

struct cli;

bool session_ends(const struct plan *plan);
int session_ask(const struct cli *cli, struct host *host, const struct plan *plan, bool dark) must_check;

#endif /* VFIO_RUN_COMMAND_SESSION_ASK_H */
