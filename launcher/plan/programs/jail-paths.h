/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail-paths.h - the files that are in QEMU's root beside the system's
 *
 * Inside launcher/plan and for inspect/, which gathers its facts.
 */
#ifndef VFIO_RUN_PLAN_JAIL_FILES_H
#define VFIO_RUN_PLAN_JAIL_FILES_H

#include "launcher/plan/plan.h"

struct profile;

int jail_add_path(struct plan_jail *jail, unsigned int program, const char *path, bool writable,
		  bool executable) must_check;
int jail_files(struct plan *plan, const struct profile *profile,
	       const struct plan_host_facts *facts) must_check;
void jail_files_fini(struct plan_jail *jail);
bool jail_has_already(const char *text);

#endif /* VFIO_RUN_PLAN_JAIL_FILES_H */
