/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logfile.h - what QEMU said, kept in a file of bounded size
 */
#ifndef VFIO_QMP_LOGFILE_H
#define VFIO_QMP_LOGFILE_H

#include <stdint.h>

#define QMP_LOGFILE_MAX (1u << 20) /* bytes; then it starts anew */

struct qmp_logfile {
	int fd; /* borrows; -1: nothing is kept */
	uint64_t bytes;
	unsigned long dropped; /* lines since the last one */
};

void qmp_logfile_init(struct qmp_logfile *l, int fd);
void qmp_logfile_line(struct qmp_logfile *l, int64_t when, const char *text, const char *after);
void qmp_logfile_drop(struct qmp_logfile *l);

#endif /* VFIO_QMP_LOGFILE_H */
