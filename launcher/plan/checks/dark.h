/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dark.h - does the host's only picture go to the guest, and how is the host reached then? */
#ifndef VFIO_RUN_PLAN_DARK_H
#define VFIO_RUN_PLAN_DARK_H

#include "launcher/plan/plan.h"

#define PLAN_WAYS_MAX 96

bool plan_is_dark(const struct plan *plan, struct host *host, bool ends_session);
int plan_ways_in(struct host *host, char buf[PLAN_WAYS_MAX]) must_check;
const char *plan_power_button(struct host *host);

#define PLAN_NO_WAY_IN                                                                         \
	"no ssh server listens, and no login is on a serial line: without a picture only the " \
	"power button reaches this host"

#define PLAN_WAYS_UNSEEN "whether an ssh server listens on another port than 22 takes root to see"

#define PLAN_SESSION_LINK "the connection of %s is only for its user, and ends with the session"
#define PLAN_SESSION_LINK_REMEDY "`nmcli connection modify NAME connection.permissions ''`"

#endif /* VFIO_RUN_PLAN_DARK_H */
