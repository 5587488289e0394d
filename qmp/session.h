/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h - the loop over the monitor, QEMU's output and the keeper
 */
#ifndef VFIO_QMP_SESSION_H
#define VFIO_QMP_SESSION_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"
#include "qmp/client.h"
#include "qmp/clients.h"
#include "qmp/display.h"
#include "qmp/qemu-output.h"

struct qmp_session {
	int monitor, output, keeper; /* -1: it has ended */
	bool ending;		     /* QEMU is dead: nothing waits any more */
	bool done;
	bool started;		/* the guest was: it can be paused, resumed, reset */
	enum qmp_run_state state; /* QEMU's last report */
	const char *rows;	/* mapped; NULL: none are sent now */
	size_t rows_size;
	int given[QMP_ROWS_FDS_MAX]; /* what goes along with the rows that are sent now */
	size_t given_count;
	struct qemu_output words;
	struct qmp_clients clients;
	struct qmp_display display;
	struct qmp_client client;
};

int qmp_session_init(struct qmp_session *s, const char *name, bool colour,
		     enum qmp_screen screen) must_check;
void qmp_session_run(struct qmp_session *s);
void qmp_session_fini(struct qmp_session *s);

#endif /* VFIO_QMP_SESSION_H */
