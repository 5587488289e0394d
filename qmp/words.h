/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.h - what QEMU writes to its stdout and stderr, passed on to the user
 */
#ifndef VFIO_QMP_WORDS_H
#define VFIO_QMP_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qmp/logfile.h"

#define QMP_WORDS_LINE_MAX 960		/* bytes of a line that are kept; the rest is cut */
#define QMP_WORDS_LINES_PER_SECOND 200	/* more are counted, not shown */
#define QMP_WORDS_NAME_MAX 33		/* a VM's name with its NUL */

#define QMP_WORDS_QUOTED 3		/* lines that are quoted when QEMU failed */

/* A line that was shown, or would have been. */
struct qmp_words_line {
	char text[QMP_WORDS_LINE_MAX];
	size_t length;
	bool cut;
};

struct qmp_words {
	char name[QMP_WORDS_NAME_MAX];
	bool colour;
	int fd; /* borrows: the user's terminal or log */

	char line[QMP_WORDS_LINE_MAX]; /* the one that is not complete */
	size_t length;
	bool cut;

	struct qmp_words_line last[QMP_WORDS_QUOTED]; /* that were more than white space; a ring */
	unsigned int last_count; /* of all that were ever put there */

	uint64_t second; /* the one that shown counts in */
	unsigned int shown;
	unsigned long hidden; /* lines not shown and not yet owned up to */
	bool stalled;	      /* fd took nothing the last time */
	bool torn;	      /* fd took only a part of a line */
	struct qmp_logfile log;
};

void qmp_words_init(struct qmp_words *w, int fd, const char *name, bool colour);
void qmp_words_feed(struct qmp_words *w, const char *bytes, size_t count, uint64_t now_s);
void qmp_words_end(struct qmp_words *w, uint64_t now_s);
void qmp_words_quote_last(struct qmp_words *w);

#endif /* VFIO_QMP_WORDS_H */
