/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frame.h - cuts the monitor's byte stream into lines
 */
#ifndef VFIO_QMP_FRAME_H
#define VFIO_QMP_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"

/* The longest message that is taken, in bytes, its line end not counted. Answers to what
 * we ask are below 1 KiB; libvirt takes 10 MiB because it asks for lists. */
#define QMP_LINE_MAX (1u << 20)

struct qmp_frame {
	size_t length; /* bytes held of the line that is not complete */
	bool lost;     /* a line was too long: nothing is held or given out any more */
	char line[QMP_LINE_MAX];
};

void qmp_frame_init(struct qmp_frame *f);
int qmp_frame_put(struct qmp_frame *f, const char **bytes, size_t *count,
		  size_t *length) must_check;

#endif /* VFIO_QMP_FRAME_H */
