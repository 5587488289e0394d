/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.h - the QMP connection: bytes and requests in, records and bytes out
 */
#ifndef VFIO_QMP_CLIENT_H
#define VFIO_QMP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"
#include "qmp/frame.h"
#include "qmp/message.h"
#include "qmp/record.h"
#include "qmp/rows.h"

#define QMP_OUT_MAX (QMP_ROW_MAX + 64) /* one command */
#define QMP_EVENTS_PER_SECOND 20 /* of each kind; more are dropped */

/* Called for each record to the keeper. Must not call back into the client. */
typedef void (*qmp_tell_fn)(void *arg, const struct qmp_record *record);

/* Called when a command was answered: done, or refused. Must not call back either. */
typedef void (*qmp_done_fn)(void *arg, unsigned int command, bool done);

/* Commands that vfio-qmp sends of its own, behind those that the keeper requests. */
enum qmp_own {
	QMP_OWN_GETFD = QMP_TYPE_MAX, /* a descriptor goes to QEMU, with the command's first byte */
	QMP_OWN_ADD_CLIENT,           /* and is a client of its display from now on */
	QMP_COMMAND_MAX
};

/* What QEMU speaks with the clients of its display. */
enum qmp_screen {
	QMP_SCREEN_NONE,
	QMP_SCREEN_VNC,
	QMP_SCREEN_SPICE,
	QMP_SCREEN_VNC_PASSWORD, /* QEMU asks the client for the password */
	QMP_SCREEN_SPICE_PASSWORD,
	QMP_SCREEN_MAX
};

/* Called with QEMU's words when it refuses a row. Must not call back either. */
typedef void (*qmp_words_fn)(void *arg, const char *words);

enum qmp_phase {
	QMP_PHASE_GREETING,    /* nothing was received, nothing was sent */
	QMP_PHASE_NEGOTIATING, /* qmp_capabilities is under way */
	QMP_PHASE_COMMANDS,
	QMP_PHASE_BROKEN, /* input is thrown away */
	QMP_PHASE_CLOSED,
};

struct qmp_client {
	enum qmp_phase phase;
	bool greeted;
	bool heard; /* a line was taken */
	uint32_t seed, serial;

	bool busy;		       /* a command was sent and its answer is awaited */
	unsigned int awaited; /* enum qmp_record_type or qmp_own; QMP_NONE is qmp_capabilities */
	char awaited_id[QMP_ID_MAX];
	unsigned int queue[QMP_COMMAND_MAX]; /* each kind once at most */
	size_t queued;
	size_t out_length, out_sent;
	int descriptor; /* goes along with the next byte, when that is of QMP_OWN_GETFD; borrowed */
	enum qmp_screen screen;

	const char *row;       /* the one that is sent next, or is under way; borrowed */
	uint32_t rows_left;    /* with that one; 0: there is none */
	bool row_sent, row_answered, row_event; /* what has come of that one */
	const int *row_fd;     /* the next that goes along with a QMP_ROW_FD; borrowed */
	size_t row_fds;	       /* with that one */

	uint64_t second; /* the one that told[] counts in */
	uint32_t told[QMP_EVENT_MAX];

	qmp_tell_fn tell;
	qmp_done_fn done; /* NULL: not wanted */
	qmp_words_fn words; /* likewise */
	void *arg;
	struct qmp_decoder decoder;
	struct qmp_frame frame;
	char out[QMP_OUT_MAX]; /* large: only what is used of it is ever touched */
};

int qmp_client_init(struct qmp_client *c, uint32_t seed, qmp_tell_fn tell, void *arg) must_check;
void qmp_client_fini(struct qmp_client *c);
void qmp_client_feed(struct qmp_client *c, const char *bytes, size_t count, uint64_t now_s);
void qmp_client_eof(struct qmp_client *c);
bool qmp_client_is_over(const struct qmp_client *c);
void qmp_client_ask(struct qmp_client *c, enum qmp_record_type type);
void qmp_client_give(struct qmp_client *c, const int *fd, size_t count);
void qmp_client_send_rows(struct qmp_client *c, const char *first, uint32_t count);
bool qmp_client_hand_over(struct qmp_client *c, int fd) must_check;
int qmp_client_descriptor(const struct qmp_client *c);
const char *qmp_client_output(const struct qmp_client *c, size_t *length);
void qmp_client_sent(struct qmp_client *c, size_t count);

#endif /* VFIO_QMP_CLIENT_H */
