/* SPDX-License-Identifier: GPL-2.0-or-later */
/* known.h - the processes of a run, by descriptors that its keeper and its standby both have */
#ifndef VFIO_RUN_KNOWN_H
#define VFIO_RUN_KNOWN_H

#include "launcher/base/process.h"

#define KNOWN_MAX 46 /* a plan's programs, and as many workers as a journal remembers */
#define KNOWN_WORKER (-1)

struct known {
	struct process_id id;
	int row; /* which of the plan's programs; KNOWN_WORKER: it is none of them */
	int pidfd; /* owned */
};

struct keeper;

int known_add(struct keeper *k, int row, pid_t pid, int pidfd, struct process_id *id) must_check;
bool known_is(const struct keeper *k, pid_t pid, struct process_id *id);
enum process_fate known_fate(const struct keeper *k, const struct process_id *id) must_check;
int known_end(const struct keeper *k, const struct process_id *id, int deadline_ms) must_check;
void known_end_programs(const struct keeper *k, int wait_ms);
void known_to_journal(struct keeper *k);

void known_identify(pid_t pid, struct process_id *id);
enum process_fate known_by_proc(const struct process_id *id) must_check;

#endif /* VFIO_RUN_KNOWN_H */
