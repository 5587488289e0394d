/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.h - the file systems of the host that are unmounted for a VM
 *
 * Inside launcher/plan only.
 */
#ifndef VFIO_RUN_PLAN_MOUNTS_H
#define VFIO_RUN_PLAN_MOUNTS_H

#include "launcher/host/devices/nodes.h"
#include "launcher/host/kernel/mounts.h"
#include "launcher/plan/plan.h"

/* Called for each, the last mounted first. 0: go on. */
typedef int (*plan_mount_fn)(void *context, const struct host_mount *m,
			     const struct host_mounts *all);

bool plan_wants_unmount(const struct plan *plan, const struct host_device *d);
int plan_mounts_each(const struct plan *plan, const struct profile *profile, struct host *host,
		     const struct plan_host_facts *facts, plan_mount_fn visit,
		     void *context) must_check;
const char *plan_mount_words(struct host *host, const struct host_mount *m,
			     char words[CHANGE_TEXT_MAX]);

#endif /* VFIO_RUN_PLAN_MOUNTS_H */
