// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * logfile.c - what QEMU said, kept in a file of bounded size
 *
 * The file is the VM's user's, opened as him before the VM was started: here is only its
 * descriptor. A guest that makes QEMU talk without end gets a megabyte of the disk and no
 * more; the newest lines are the ones that say why it died, so the old ones go.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "qmp/logfile.h"

#define LINE_BYTES_MAX 5000

/**
 * qmp_logfile_init() - Begin
 * @l:	To be filled
 * @fd: A regular file, open for appending; anything else is not written to
 */
void qmp_logfile_init(struct qmp_logfile *l, int fd)
{
	struct stat st;
	bool is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	*l = (struct qmp_logfile){ .fd = is_file ? fd : -1,
				   .bytes = is_file ? (uint64_t)st.st_size : 0 };
}

/* Source: Howard Hinnant, chrono-compatible low-level date algorithms: civil_from_days() */
static void stamp(int64_t when, char buf[32])
{
	int64_t days = when / 86400 + 719468, seconds = when % 86400;
	int64_t era = days / 146097, doe = days % 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = (int)(mp < 10 ? mp + 3 : mp - 9);

	(void)snprintf(buf, 32, "%04d-%02d-%02dT%02d:%02d:%02dZ",
		       (int)(yoe + era * 400 + (month <= 2)) % 10000, month,
		       (int)(doy - (153 * mp + 2) / 5 + 1), (int)(seconds / 3600),
		       (int)(seconds / 60 % 60), (int)(seconds % 60));
}

/* A full disk is nobody's business here: the line is lost. */
static void put(struct qmp_logfile *l, const char *line, size_t length)
{
	if (l->bytes + length > QMP_LOGFILE_MAX) {
		static const char again[] = "... older lines are gone: the log is full\n";

		if (ftruncate(l->fd, 0))
			return;
		l->bytes = sizeof(again) - 1;
		(void)!write(l->fd, again, sizeof(again) - 1);
	}
	if (write(l->fd, line, length) > 0)
		l->bytes += length;
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
	char line[LINE_BYTES_MAX], time[32];
	int length;

	if (l->fd < 0)
		return;
	stamp(when > 0 ? when : 0, time);
	if (l->dropped) {
		length = snprintf(line, sizeof(line), "%s ... %lu lines were too many\n", time,
				  l->dropped);
		put(l, line, (size_t)length);
	}
	l->dropped = 0;
	length = snprintf(line, sizeof(line), "%s %s%s\n", time, text, after);
	if (length > 0 && (size_t)length < sizeof(line))
		put(l, line, (size_t)length);
}

/** qmp_logfile_drop() - A line is not kept: too many came */
void qmp_logfile_drop(struct qmp_logfile *l)
{
	l->dropped++;
}
