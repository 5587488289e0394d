/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scribe.h - the process that writes to what a caller chose, and may wait for it */
#ifndef VFIO_RUN_SCRIBE_H
#define VFIO_RUN_SCRIBE_H

#include <stdint.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"

#define SCRIBE_NAME "vfio-words" /* nothing that `pkill -f vfio-run` would find */
#define SCRIBE_LOG_MAX (1u << 20) /* bytes of a log; then it starts anew */

struct keep;

struct scribe {
	pid_t pid;  /* 0: none */
	int pidfd;  /* -1: none */
};

#define SCRIBE_NONE { 0, -1 }

int scribes_start(struct keep *k) must_check;
void scribes_end(struct keep *k);
_Noreturn void scribe_copy(int from, int to, uint64_t most);

#endif /* VFIO_RUN_SCRIBE_H */
