/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * message.h - one line of QMP, from JSON to values of closed lists
 *
 * The only file behind this header knows json-c; nothing of what the other side wrote
 * leaves it but numbers, booleans, an id to compare, and the words of an error, which are as
 * little trusted as what QEMU writes to its stderr.
 */
#ifndef VFIO_QMP_MESSAGE_H
#define VFIO_QMP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"
#include "qmp/record.h"

#define QMP_ID_MAX 40	     /* an id of ours, with its NUL */
#define QMP_WORDS_MAX 512  /* of an error, with their NUL */
#define QMP_DEPTH_MAX 32     /* of nesting; the deepest answer to us has 4 */
#define QMP_THREADS_MAX 1024 /* in one answer */
#define QMP_VALUES_MAX 16384 /* in one message; json-c takes up to 350 bytes for each */

struct json_tokener;

enum qmp_message_kind {
	QMP_MESSAGE_BLANK,    /* an empty line */
	QMP_MESSAGE_GREETING, /* version */
	QMP_MESSAGE_EVENT,    /* event, detail */
	QMP_MESSAGE_UNKNOWN,  /* an event that is dropped */
	QMP_MESSAGE_RETURN,   /* id; state where has_state; threads where has_threads */
	QMP_MESSAGE_ERROR,    /* id; no_such_command */
};

struct qmp_message {
	enum qmp_message_kind kind;
	uint32_t version; /* major << 16 | minor << 8 | micro */
	enum qmp_event event;
	uint32_t detail;
	bool has_id;
	char id[QMP_ID_MAX]; /* "" when it cannot be one of ours */
	bool has_state;
	enum qmp_run_state state;
	bool no_such_command; /* the error's class is CommandNotFound */
	char words[QMP_WORDS_MAX]; /* of an error: what a person is to read; any bytes, cut */
	bool has_threads;
	size_t thread_count;
	struct {
		uint32_t number; /* cpu-index; else its place in the list */
		uint32_t id;	 /* thread-id, from 1 */
	} thread[QMP_THREADS_MAX];
};

struct qmp_decoder {
	struct json_tokener *tokener; /* owns */
};

int qmp_decoder_init(struct qmp_decoder *d) must_check;
void qmp_decoder_fini(struct qmp_decoder *d);
int qmp_decode(struct qmp_decoder *d, const char *line, size_t length,
	       struct qmp_message *out) must_check;

#endif /* VFIO_QMP_MESSAGE_H */
