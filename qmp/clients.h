/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * clients.h - the clients of the control socket, and what each waits for
 */
#ifndef VFIO_QMP_CLIENTS_H
#define VFIO_QMP_CLIENTS_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "launcher/base/cleanup.h"
#include "qmp/control.h"

#define QMP_CLIENTS_MAX 4 /* one more, and the oldest is closed */

struct qmp_client_slot {
	int fd;			/* -1: free */
	enum control_what what; /* that it waits for an answer to; CONTROL_NONE: for nothing */
	unsigned int number;	/* of its arrival */
};

struct qmp_clients {
	int listener; /* -1: there is no control socket */
	uid_t owner;  /* may ask, beside root */
	unsigned int arrived;
	struct qmp_client_slot slot[QMP_CLIENTS_MAX];
};

void qmp_clients_init(struct qmp_clients *c, int listener, uid_t owner);
void qmp_clients_poll(const struct qmp_clients *c, struct pollfd p[1 + QMP_CLIENTS_MAX]);
void qmp_clients_accept(struct qmp_clients *c);
enum control_what qmp_clients_read(struct qmp_clients *c, size_t slot);
void qmp_clients_answer(struct qmp_clients *c, size_t slot, enum control_result result,
			uint32_t state);
void qmp_clients_answer_all(struct qmp_clients *c, enum control_what what,
			    enum control_result result, uint32_t state);

#endif /* VFIO_QMP_CLIENTS_H */
