/* SPDX-License-Identifier: GPL-2.0-or-later */
/* next.h - what to do with a VM once it runs: where its picture is, how to get in, how to end it */
#ifndef VFIO_RUN_NEXT_H
#define VFIO_RUN_NEXT_H

#include "launcher/plan/plan.h"
#include "profiles/profile.h"

void next_lines(const struct profile *p, struct host *host, const struct plan *plan, bool leaves,
		void (*say)(const char *line));
void next_say(const struct profile *p, struct host *host, const struct plan *plan, bool leaves);

#endif /* VFIO_RUN_NEXT_H */
