/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scribe.h - the process that writes to what a caller chose, and may wait for it */
#ifndef VFIO_RUN_SCRIBE_H
#define VFIO_RUN_SCRIBE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"

#define SCRIBE_NAME "vfio-words" /* nothing that `pkill -f vfio-run` would find */
#define SCRIBE_STREAMS 2
#define SCRIBE_LOG_MAX (1u << 20) /* bytes of a log; then it starts anew */

struct keeper;

struct scribe {
	pid_t pid;  /* 0: none */
	int pidfd;  /* -1: none */
};

#define SCRIBE_NONE { 0, -1 }

/* What is read, and where that goes. */
struct scribe_stream {
	int from;
	int to;
	uint64_t most;	/* bytes that the file may have, which is open for appending; 0: no limit */
	uint64_t bytes; /* that it has */
};

int scribe_start(struct keeper *k) must_check;
void scribe_end(struct keeper *k);
_Noreturn void scribe_copy(struct scribe_stream *s, size_t count);

#endif /* VFIO_RUN_SCRIBE_H */
