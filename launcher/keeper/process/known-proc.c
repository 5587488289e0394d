/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * known-proc.c - the identity of a process by /proc, for callers without a pidfd of it
 *
 * With CAP_SYS_PTRACE for the question: hidepid= shows a process to those that may trace it. Before
 * caps_limit() too, so what is effective else stays so.
 * Source: Documentation/filesystems/proc.rst, 4; has_pid_permissions() in fs/proc/base.c
 */
#include <linux/capability.h>

#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/process/known.h"

/** known_identify() - the start time of a process of ours; 0 when /proc does not show it */
void known_identify(pid_t pid, struct process_id *id)
{
	uint64_t before = caps_lend(CAP_SYS_PTRACE);

	if (process_identify(pid, id))
		*id = (struct process_id){ .pid = pid };
	caps_take_back(before);
}

/** known_by_proc() - process_fate() with the capability that /proc may ask for */
enum process_fate known_by_proc(const struct process_id *id)
{
	uint64_t before = caps_lend(CAP_SYS_PTRACE);
	enum process_fate fate = process_fate(id);

	caps_take_back(before);
	return fate;
}
