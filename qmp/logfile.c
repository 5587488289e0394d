// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * logfile.c - QEMU's output, line by line, for the VM's log
 *
 * The file is the VM's user's, opened with that user's rights before the VM ran. Here is only a pipe
 * to the process that writes to it and keeps it below its size (keeper/process/scribe.c): a file
 * system that does not answer must not keep the monitor from being read.
 */
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qmp/logfile.h"

#define STAMP_MAX 40 /* of a time, as the compiler bounds it */
#define LINE_BYTES_MAX PIPE_BUF /* a line is written in one piece or not at all */

/**
 * qmp_logfile_init() - Begin
 * @l:	To be filled
 * @fd: A pipe that writing to does not wait for; anything else is not written to
 */
void qmp_logfile_init(struct qmp_logfile *l, int fd)
{
	struct stat st;

	*l = (struct qmp_logfile){ .fd = fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) ? fd : -1 };
}

/* Source: Howard Hinnant, chrono-compatible low-level date algorithms: civil_from_days() */
static void stamp(int64_t when, char buf[STAMP_MAX])
{
	int64_t days = when / 86400 + 719468, seconds = when % 86400;
	int64_t era = days / 146097, doe = days % 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	(void)snprintf(buf, STAMP_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ",
		       (int)(yoe + era * 400 + (month <= 2)) % 10000, month,
		       (int)(doy - (153 * mp + 2) / 5 + 1), (int)(seconds / 3600),
		       (int)(seconds / 60 % 60), (int)(seconds % 60));
}

/**
 * qmp_logfile_line() - Keep a line
 * @l:	   As initialised
 * @when:  Seconds since 1970, not before
 * @text:  Fit for a terminal
 * @after: What is put behind it: "" or a sign that it was cut
 */
void qmp_logfile_line(struct qmp_logfile *l, int64_t when, const char *text, const char *after)
{
	unsigned long dropped = l->dropped;
	char line[LINE_BYTES_MAX], time[STAMP_MAX];
	int length = 0;

	if (l->fd < 0)
		return;
	stamp(when > 0 ? when : 0, time);
	if (dropped)
		length = snprintf(line, sizeof(line), "%s ... %lu lines were too many\n", time,
				  dropped);
	length += snprintf(line + length, sizeof(line) - (size_t)length, "%s %s%s\n", time, text,
			   after);
	if ((size_t)length < sizeof(line) && write(l->fd, line, (size_t)length) == length)
		l->dropped = 0;
	else
		l->dropped = dropped + 1;
}

/** qmp_logfile_drop() - A line is not kept: too many came */
void qmp_logfile_drop(struct qmp_logfile *l)
{
	l->dropped++;
}
