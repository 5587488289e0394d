/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu-output.h - what QEMU writes to its stdout and stderr, passed on to the user
 */
#ifndef VFIO_QEMU_OUTPUT_H
#define VFIO_QEMU_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qmp/logfile.h"

#define QEMU_OUTPUT_LINE_MAX 960		/* bytes of a line that are kept; the rest is cut */
#define QEMU_OUTPUT_LINES_PER_SECOND 200	/* more are counted, not shown */
#define QEMU_OUTPUT_NAME_MAX 33		/* a VM's name with its NUL */

#define QEMU_OUTPUT_QUOTED 3		/* lines that are quoted when QEMU failed */

/* A line that was shown, or would have been. */
struct qemu_output_line {
	char text[QEMU_OUTPUT_LINE_MAX];
	size_t length;
	bool cut;
};

struct qemu_output {
	char name[QEMU_OUTPUT_NAME_MAX];
	bool colour;
	int fd; /* borrows: the user's terminal or log */

	char line[QEMU_OUTPUT_LINE_MAX]; /* the one that is not complete */
	size_t length;
	bool cut;

	struct qemu_output_line last[QEMU_OUTPUT_QUOTED]; /* that were more than white space; a ring */
	unsigned int last_count; /* of all that were ever put there */

	uint64_t second; /* the one that shown counts in */
	unsigned int shown;
	unsigned long hidden; /* lines not shown and not yet reported */
	bool stalled;	      /* fd took nothing the last time */
	bool torn;	      /* fd took only a part of a line */
	struct qmp_logfile log;
};

void qemu_output_init(struct qemu_output *w, int fd, const char *name, bool colour);
void qemu_output_feed(struct qemu_output *w, const char *bytes, size_t count, uint64_t now_s);
void qemu_output_end(struct qemu_output *w, uint64_t now_s);
void qemu_output_quote_last(struct qemu_output *w);

#endif /* VFIO_QEMU_OUTPUT_H */
