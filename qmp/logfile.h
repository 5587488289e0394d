/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logfile.h - QEMU's output, line by line, for the VM's log
 */
#ifndef VFIO_QMP_LOGFILE_H
#define VFIO_QMP_LOGFILE_H

#include <stdint.h>

struct qmp_logfile {
	int fd; /* borrows; -1: nothing is kept */
	unsigned long dropped; /* lines since the last one */
};

void qmp_logfile_init(struct qmp_logfile *l, int fd);
void qmp_logfile_line(struct qmp_logfile *l, int64_t when, const char *text, const char *after);
void qmp_logfile_drop(struct qmp_logfile *l);

#endif /* VFIO_QMP_LOGFILE_H */
