/* SPDX-License-Identifier: GPL-2.0-or-later */
/* allowed.h - does the administrator let this user take the devices of a plan? */
#ifndef VFIO_RUN_COMMAND_ALLOWED_H
#define VFIO_RUN_COMMAND_ALLOWED_H

#include "launcher/base/cleanup.h"
#include "launcher/host/user/user.h"
#include "launcher/plan/plan.h"

struct profile;

int allowed_check(const struct host_user *user, const struct profile *profile,
		  const struct plan_host_facts *facts, struct host *host,
		  const struct plan *plan) must_check;

#endif /* VFIO_RUN_COMMAND_ALLOWED_H */
