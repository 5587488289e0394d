// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * client.c - the QMP connection: bytes and requests in, records and bytes out
 *
 * Theory of operation. Nothing here reads, writes or looks at a clock: bytes are fed in,
 * what is to be sent lies in a buffer, and records go to a callback.
 *
 *   GREETING --greeting--> NEGOTIATING --its answer--> COMMANDS
 *
 * The greeting only shows that QEMU runs (QMP_GREETED): it comes before the devices are
 * made, and a QEMU that will fail on one greets too. Commands are carried out by the main
 * loop, which starts when all devices are there: the answer to qmp_capabilities is the
 * proof (QMP_READY). No time limit: mapping a large guest's memory can take minutes.
 *
 * One command is under way at a time, as QEMU without "oob" reads no further anyway; the
 * others wait in a queue that holds each kind once. A kind that is asked for again moves
 * to the end, so `cont stop cont` still ends with `cont`. Ids carry our pid, so answers to
 * a predecessor that died are not taken for ours.
 *
 * A predecessor: the keeper starts another vfio-qmp when one dies, and QEMU does not greet
 * twice. Negotiation therefore also starts when something else than a greeting comes
 * first, or when the keeper sends a request before it: QEMU then has it in its queue
 * (harmless with a young QEMU), or refuses it as done long ago, which is as good an answer.
 * The keeper requests the state from a replacement, at once. The first line may then be the
 * tail of one that the predecessor read half of, and is forgiven; ours are never half
 * sent, being far smaller than what a socket takes in one piece.
 *
 * Rows (rows.h) are commands that are sent as they stand, one after the other, behind all that
 * stands in the queue. The event of a reset that a row makes, or of a device that it takes away, is
 * part of the row, and not told: the guest has no part in it. Descriptors that came with the request
 * go along with those rows that take one, in their order. A `quit` drops the rows that were not sent yet.
 *
 * STOP reports that the guest is stopped but not why; query-status does.
 *
 * What the peer does wrong ends the conversation (QMP_MONITOR_BROKEN); it is never
 * answered with a guess. Unknown events, ids and members are the peer's right.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "qmp/client.h"

static const char *const commands[QMP_COMMAND_MAX] = {
	[QMP_NONE] = "qmp_capabilities", /* without "enable": no out-of-band commands */
	[QMP_ASK_CONTINUE] = "cont",
	[QMP_ASK_POWERDOWN] = "system_powerdown",
	[QMP_ASK_QUIT] = "quit",
	[QMP_ASK_RESET] = "system_reset",
	[QMP_ASK_STOP] = "stop",
	[QMP_ASK_STATE] = "query-status",
	[QMP_ASK_WAKEUP] = "system_wakeup",
	[QMP_ASK_VCPUS] = "query-cpus-fast",
	[QMP_ASK_IOTHREADS] = "query-iothreads",
	[QMP_OWN_GETFD] = "getfd",
	[QMP_OWN_ADD_CLIENT] = "add_client",
};

#define ADD_CLIENT(protocol, skip)                                                                \
	",\"arguments\":{\"protocol\":\"" protocol "\",\"fdname\":\"display\",\"skipauth\":" skip \
	"}"

static const char *const screens[QMP_SCREEN_MAX] = {
	[QMP_SCREEN_NONE] = "",
	[QMP_SCREEN_VNC] = ADD_CLIENT("vnc", "true"),
	[QMP_SCREEN_SPICE] = ADD_CLIENT("spice", "true"),
	[QMP_SCREEN_VNC_PASSWORD] = ADD_CLIENT("vnc", "false"),
	[QMP_SCREEN_SPICE_PASSWORD] = ADD_CLIENT("spice", "false"),
};

/* Source: QEMU, qapi/misc.json, getfd; qapi/ui.json and monitor/qmp-cmds.c, add_client. */
static const char *arguments_of(const struct qmp_client *c, unsigned int command)
{
	if (command == QMP_OWN_GETFD)
		return ",\"arguments\":{\"fdname\":\"display\"}";
	return command == QMP_OWN_ADD_CLIENT ? screens[c->screen] : "";
}

static void tell(struct qmp_client *c, enum qmp_record_type type, uint32_t value, uint32_t detail)
{
	struct qmp_record record = { .type = type, .value = value, .detail = detail };

	c->tell(c->arg, &record);
}

/**
 * qmp_client_is_over() - Is the monitor closed or broken?
 * @c: The client
 */
bool qmp_client_is_over(const struct qmp_client *c)
{
	return c->phase == QMP_PHASE_BROKEN || c->phase == QMP_PHASE_CLOSED;
}

static void answered(const struct qmp_client *c, unsigned int type, bool done)
{
	if (c->done)
		c->done(c->arg, type, done);
}

/* Nothing is under way, queued or to be sent any more. */
static void leave(struct qmp_client *c, enum qmp_phase phase)
{
	c->phase = phase;
	c->busy = false;
	c->queued = 0;
	c->rows_left = 0;
	c->out_length = 0;
	c->out_sent = 0;
	c->descriptor = -1;
	c->row_fds = 0;
}

static void fail(struct qmp_client *c, enum qmp_fault fault)
{
	leave(c, QMP_PHASE_BROKEN);
	tell(c, QMP_MONITOR_BROKEN, fault, 0);
}

static void fail_errno(struct qmp_client *c, int error)
{
	fail(c, error == -EMSGSIZE ? QMP_FAULT_LONG_LINE
	     : error == -EPROTO	   ? QMP_FAULT_SHAPE
				   : QMP_FAULT_JSON);
}

static void queue_remove(struct qmp_client *c, unsigned int type)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->queued; i++)
		if (c->queue[i] != type)
			c->queue[kept++] = c->queue[i];
	c->queued = kept;
}

/* At most one of each kind is held, so there is always room. */
static void queue_add(struct qmp_client *c, unsigned int type)
{
	queue_remove(c, type);
	c->queue[c->queued++] = type;
}

static void queue_add_front(struct qmp_client *c, unsigned int type)
{
	queue_remove(c, type);
	memmove(c->queue + 1, c->queue, c->queued * sizeof(c->queue[0]));
	c->queue[0] = type;
	c->queued++;
}

/* @members: of the command's object; @name: it is the command's name alone */
static void put_out(struct qmp_client *c, unsigned int type, const char *members, bool name)
{
	c->busy = true;
	c->awaited = type;
	(void)snprintf(c->awaited_id, sizeof(c->awaited_id), "vfio-run-%" PRIu32 "-%" PRIu32,
		       c->seed, ++c->serial);
	c->out_length = (size_t)snprintf(c->out, sizeof(c->out), "{%s%s%s%s,\"id\":\"%s\"}\r\n",
					 name ? "\"execute\":\"" : "", members, name ? "\"" : "",
					 name ? arguments_of(c, type) : "", c->awaited_id);
	c->out_sent = 0;
}

/*
 * Sends the next command, when none is awaited and the last one has left us. Nothing is
 * queued before negotiate() has put its own command first, so nothing gets before it.
 */
static void pump(struct qmp_client *c)
{
	unsigned int type;

	if (c->busy || c->out_length || qmp_client_is_over(c))
		return;
	if (c->queued) {
		type = c->queue[0];
		queue_remove(c, type);
		put_out(c, type, commands[type], true);
	} else if (c->rows_left && !c->row_sent && c->phase == QMP_PHASE_COMMANDS) {
		c->row_sent = true;
		put_out(c, QMP_ASK_ROWS, c->row + 1, false);
	}
}

static void begin_row(struct qmp_client *c)
{
	c->row_sent = c->row_answered = c->row_event = false;
}

/* What is reported beside the answer when it is done; QMP_EVENT_MAX: nothing. */
static enum qmp_event event_of_row(const char *row)
{
	return *row == QMP_ROW_RESET	 ? QMP_EVENT_RESET
	       : *row == QMP_ROW_DELETED ? QMP_EVENT_DEVICE_DELETED
					 : QMP_EVENT_MAX;
}

/* One more thing has come of the row that is under way: is it done? */
static void step_row(struct qmp_client *c)
{
	if (!c->rows_left || !c->row_answered ||
	    (event_of_row(c->row) != QMP_EVENT_MAX && !c->row_event))
		return;
	if (*c->row == QMP_ROW_FD && c->row_fds) {
		c->row_fd++;
		c->row_fds--;
	}
	c->row += strlen(c->row) + 1;
	begin_row(c);
	if (!--c->rows_left)
		tell(c, QMP_ROWS_DONE, 0, 0);
}

static void take_row(struct qmp_client *c)
{
	c->row_answered = true;
	step_row(c);
}

/* Return: true when this event is a row's */
static bool is_of_row(struct qmp_client *c, const struct qmp_message *m)
{
	if (!c->rows_left || !c->row_sent || c->row_event || m->event != event_of_row(c->row))
		return false;
	c->row_event = true;
	step_row(c);
	return true;
}

static void negotiate(struct qmp_client *c)
{
	c->phase = QMP_PHASE_NEGOTIATING;
	queue_add_front(c, QMP_NONE);
}

static void take_greeting(struct qmp_client *c, const struct qmp_message *m)
{
	if (c->greeted || c->phase == QMP_PHASE_COMMANDS) {
		fail(c, QMP_FAULT_SHAPE);
		return;
	}
	c->greeted = true;
	tell(c, QMP_GREETED, m->version, 0);
	if (c->phase == QMP_PHASE_GREETING)
		negotiate(c);
}

/* A flood of one kind must not drown the keeper, nor hide another kind. */
static bool admit(struct qmp_client *c, enum qmp_event event, uint64_t now_s)
{
	if (c->second != now_s) {
		c->second = now_s;
		memset(c->told, 0, sizeof(c->told));
	}
	if (c->told[event] >= QMP_EVENTS_PER_SECOND)
		return false;
	c->told[event]++;
	return true;
}

static void take_event(struct qmp_client *c, const struct qmp_message *m, uint64_t now_s)
{
	if (is_of_row(c, m) || !admit(c, m->event, now_s))
		return;
	tell(c, QMP_EVENT, m->event, m->detail);
	if (m->event == QMP_EVENT_STOP)
		queue_add(c, QMP_ASK_STATE);
}

static void become_ready(struct qmp_client *c)
{
	c->phase = QMP_PHASE_COMMANDS;
	tell(c, QMP_READY, 0, 0);
	queue_add_front(c, QMP_ASK_STATE);
}

/* Of an answer without a list nothing is known: a guess would place the wrong thread. */
static void take_threads(struct qmp_client *c, const struct qmp_message *m)
{
	bool vcpus = c->awaited == QMP_ASK_VCPUS;

	if (!m->has_threads) {
		fail(c, QMP_FAULT_SHAPE);
		return;
	}
	for (size_t i = 0; i < m->thread_count; i++)
		tell(c, vcpus ? QMP_VCPU : QMP_IOTHREAD, m->thread[i].number, m->thread[i].id);
	tell(c, QMP_THREADS, c->awaited, 0);
}

static void take_return(struct qmp_client *c, const struct qmp_message *m)
{
	unsigned int type = c->awaited;

	if (!c->busy || strcmp(m->id, c->awaited_id) != 0)
		return;
	c->busy = false;
	if (type == QMP_OWN_GETFD)
		c->descriptor = -1;
	if (type == QMP_NONE)
		become_ready(c);
	else if (type == QMP_ASK_CONTINUE)
		tell(c, QMP_CONTINUED, 0, 0);
	else if (type == QMP_ASK_ROWS)
		take_row(c);
	else if (type == QMP_ASK_STATE && m->has_state)
		tell(c, QMP_STATE, m->state, 0);
	else if (type == QMP_ASK_STATE)
		fail(c, QMP_FAULT_SHAPE);
	else if (type == QMP_ASK_VCPUS || type == QMP_ASK_IOTHREADS)
		take_threads(c, m);
	else if (type == QMP_OWN_GETFD)
		queue_add_front(c, QMP_OWN_ADD_CLIENT);
	answered(c, type, true);
}

/*
 * An error without an id is one of QEMU's JSON parser. With one command under way it can
 * only mean that one, which would else be awaited for ever.
 */
static void take_error(struct qmp_client *c, const struct qmp_message *m)
{
	unsigned int type = c->awaited;

	if (!c->busy || (m->has_id && strcmp(m->id, c->awaited_id) != 0))
		return;
	c->busy = false;
	if (type == QMP_OWN_GETFD)
		c->descriptor = -1;
	answered(c, type, false);
	if (type == QMP_ASK_ROWS) {
		c->rows_left = 0;
		if (c->words)
			c->words(c->arg, m->words);
	}
	if (type >= QMP_TYPE_MAX)
		return; /* a client less: the keeper requested nothing */
	if (type != QMP_NONE)
		tell(c, QMP_REFUSED, type, 0);
	else if (!c->greeted && m->has_id && m->no_such_command)
		become_ready(c); /* a predecessor negotiated */
	else
		fail(c, QMP_FAULT_SHAPE);
}

static void take_message(struct qmp_client *c, const struct qmp_message *m, uint64_t now_s)
{
	if (c->phase == QMP_PHASE_GREETING && m->kind != QMP_MESSAGE_GREETING)
		negotiate(c);

	switch (m->kind) {
	case QMP_MESSAGE_GREETING:
		take_greeting(c, m);
		break;
	case QMP_MESSAGE_EVENT:
		take_event(c, m, now_s);
		break;
	case QMP_MESSAGE_RETURN:
		take_return(c, m);
		break;
	case QMP_MESSAGE_ERROR:
		take_error(c, m);
		break;
	case QMP_MESSAGE_BLANK:
	case QMP_MESSAGE_UNKNOWN:
		break;
	}
}

static void take_line(struct qmp_client *c, size_t length, uint64_t now_s)
{
	/* Negotiating without a greeting: the first line may be the tail of one. */
	bool may_be_tail = !c->heard && c->phase == QMP_PHASE_NEGOTIATING;
	struct qmp_message message;
	int error = qmp_decode(&c->decoder, c->frame.line, length, &message);

	c->heard = true;
	if (!error && message.kind != QMP_MESSAGE_BLANK)
		take_message(c, &message, now_s);
	else if (error && !(may_be_tail && error == -EBADMSG))
		fail_errno(c, error);
}

/**
 * qmp_client_init() - Begin a conversation
 * @c:	  The client; qmp_client_fini() afterwards
 * @seed: Makes the ids ours: the process id
 * @tell: Gets every record to the keeper
 * @arg:  Its first argument; borrows
 *
 * Return: 0 or -ENOMEM.
 */
int qmp_client_init(struct qmp_client *c, uint32_t seed, qmp_tell_fn tell_fn, void *arg)
{
	memset(c, 0, offsetof(struct qmp_client, frame));
	qmp_frame_init(&c->frame);
	c->seed = seed;
	c->descriptor = -1;
	c->tell = tell_fn;
	c->arg = arg;
	return qmp_decoder_init(&c->decoder);
}

/**
 * qmp_client_fini() - Free what a client owns
 * @c: The client
 */
void qmp_client_fini(struct qmp_client *c)
{
	qmp_decoder_fini(&c->decoder);
}

/**
 * qmp_client_feed() - Take what was read from the monitor
 * @c:	   The client; when it is over, the bytes are thrown away
 * @bytes: What was read
 * @count: Bytes of it
 * @now_s: Seconds of any steady clock, for the limit on events
 */
void qmp_client_feed(struct qmp_client *c, const char *bytes, size_t count, uint64_t now_s)
{
	while (count && !qmp_client_is_over(c)) {
		size_t length = 0;
		int rc = qmp_frame_put(&c->frame, &bytes, &count, &length);

		if (rc < 0)
			fail_errno(c, rc);
		else if (rc > 0)
			take_line(c, length, now_s);
		pump(c);
	}
}

/**
 * qmp_client_eof() - The monitor was closed
 * @c: The client
 *
 * What was awaited is not refused: a QEMU that quits may close before it answers.
 */
void qmp_client_eof(struct qmp_client *c)
{
	if (c->phase == QMP_PHASE_CLOSED)
		return;
	leave(c, QMP_PHASE_CLOSED);
	tell(c, QMP_MONITOR_CLOSED, 0, 0);
}

/**
 * qmp_client_ask() - Pass on a request of the keeper
 * @c:	  The client; when it is over, the request is refused at once
 * @type: QMP_ASK_...; others are ignored
 */
void qmp_client_ask(struct qmp_client *c, enum qmp_record_type type)
{
	if (type <= QMP_NONE || type >= QMP_TYPE_MAX || !commands[type])
		return;
	if (qmp_client_is_over(c)) {
		tell(c, QMP_REFUSED, type, 0);
		return;
	}
	if (type == QMP_ASK_QUIT)
		c->rows_left = 0;
	queue_add(c, type);
	if (c->phase == QMP_PHASE_GREETING)
		negotiate(c);
	pump(c);
}

/**
 * qmp_client_give() - What goes along with the rows that are sent next
 * @c:	   The client
 * @fd:	   Borrowed until they are done
 * @count: 0: nothing
 */
void qmp_client_give(struct qmp_client *c, const int *fd, size_t count)
{
	c->row_fd = fd;
	c->row_fds = count;
}

/**
 * qmp_client_send_rows() - Send commands that vfio-run has written
 * @c:	   The client; when it is over, the request is refused at once
 * @first: Rows of rows.h, one behind the other; borrows until they are done
 * @count: How many; none is done at once
 *
 * QMP_ROWS_DONE or QMP_REFUSED reports the end.
 */
void qmp_client_send_rows(struct qmp_client *c, const char *first, uint32_t count)
{
	if (qmp_client_is_over(c)) {
		tell(c, QMP_REFUSED, QMP_ASK_ROWS, 0);
		return;
	}
	if (!count) {
		tell(c, QMP_ROWS_DONE, 0, 0);
		return;
	}
	c->row = first;
	c->rows_left = count;
	begin_row(c);
	pump(c);
}

/**
 * qmp_client_hand_over() - Make a connection a client of QEMU's display
 * @c:	The client; its screen is set
 * @fd: Goes along with the command; borrowed until the done callback has reported
 *	QMP_OWN_GETFD, or the client is over
 *
 * Return: false: not now. One at a time, and only when QEMU takes commands.
 */
bool qmp_client_hand_over(struct qmp_client *c, int fd)
{
	if (c->phase != QMP_PHASE_COMMANDS || c->descriptor >= 0 || c->screen == QMP_SCREEN_NONE)
		return false;
	c->descriptor = fd;
	queue_add(c, QMP_OWN_GETFD);
	pump(c);
	return true;
}

/**
 * qmp_client_descriptor() - What goes along with the first byte of qmp_client_output(); -1: nothing
 */
int qmp_client_descriptor(const struct qmp_client *c)
{
	if (c->busy && c->awaited == QMP_ASK_ROWS && *c->row == QMP_ROW_FD && c->out_length &&
	    !c->out_sent)
		return c->row_fds ? *c->row_fd : -1;
	return c->busy && c->awaited == QMP_OWN_GETFD && !c->out_sent ? c->descriptor : -1;
}

/**
 * qmp_client_output() - What is to be written to the monitor
 * @c:	    The client
 * @length: Filled with the bytes of it; 0 when there is nothing
 *
 * Return: The bytes, valid until the client is called again.
 */
const char *qmp_client_output(const struct qmp_client *c, size_t *length)
{
	*length = c->out_length - c->out_sent;
	return c->out + c->out_sent;
}

/**
 * qmp_client_sent() - So much of it was written
 * @c:	   The client
 * @count: Bytes, at most the length of qmp_client_output()
 */
void qmp_client_sent(struct qmp_client *c, size_t count)
{
	c->out_sent += count;
	if (c->out_sent < c->out_length)
		return;
	c->out_length = 0;
	c->out_sent = 0;
	pump(c);
}
