/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rebar.h - the sizes of BARs, and the reset, that a section wants. Inside launcher/plan only */
#ifndef VFIO_RUN_PLAN_REBAR_H
#define VFIO_RUN_PLAN_REBAR_H

#include "launcher/plan/plan.h"

struct plan_rebar {
	unsigned int bar;		    /* CHANGE_BARS: the card has none that can be resized */
	const struct profile_rebar *wanted; /* borrowed from the section */
	uint64_t sizes;			    /* bit N: it can be of 2^N MiB */
};
#define PLAN_REBARS_MAX (1 + PROFILE_BARS)

size_t plan_rebars(struct host *host, const struct host_device *d,
		   const struct profile_device *section, struct plan_rebar out[PLAN_REBARS_MAX]);
uint32_t plan_rebar_mib(const struct plan_rebar *r);
void plan_rebar_devices(struct plan *plan, struct host *host);

bool plan_reset_is_named(const struct profile_device *section);
bool plan_reset_is_vendors(const struct plan *plan, const struct plan_device *d);
bool plan_reset(const struct plan *plan, const struct plan_device *d, const char **to);

#endif /* VFIO_RUN_PLAN_REBAR_H */
