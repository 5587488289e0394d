// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * session.c - the loop over the monitor, QEMU's output and the keeper
 *
 * One poll(2) without a timeout; sources in fixed order, one read of each a round, so that
 * a flood from one does not silence the others. The keeper first: a replacement for a dead
 * vfio-qmp has to know that it is one before it reads the monitor.
 *
 * A monitor whose protocol broke is still read, and what comes is thrown away: QEMU keeps
 * unread output in memory without a limit.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "qmp/record.h"
#include "qmp/session.h"

#define READ_MAX 4096
#define DRAIN_MAX (1u << 20) /* of each source at the end: the largest pipe a user can have */

static uint64_t now_s(void)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec;
}

static void end_source(int *fd)
{
	(void)close(*fd);
	*fd = -1;
}

/* A record to the keeper. It always reads; once it has requested the end, it need not. */
static void tell_keeper(void *arg, const struct qmp_record *record)
{
	struct qmp_session *s = arg;
	int flags = MSG_NOSIGNAL | (s->ending ? MSG_DONTWAIT : 0);
	ssize_t sent;

	do {
		sent = send(s->keeper, record, sizeof(*record), flags);
	} while (sent < 0 && errno == EINTR);
	/* one that is gone, or has closed first, may have sent how the end came: still read */
	if (sent < 0 && !s->ending && errno != EPIPE && errno != ECONNRESET)
		s->done = true;
}

/* They are in memory only while they are sent. */
static void map_rows(struct qmp_session *s)
{
	void *rows = s->rows_size && !s->rows ?
			     mmap(NULL, s->rows_size, PROT_READ, MAP_PRIVATE, QMP_FD_ROWS, 0) :
			     MAP_FAILED;

	if (rows != MAP_FAILED)
		s->rows = rows;
}

static void close_given(struct qmp_session *s)
{
	while (s->given_count)
		(void)close(s->given[--s->given_count]);
}

static void unmap_rows(struct qmp_session *s)
{
	qmp_client_give(&s->client, NULL, 0);
	close_given(s);
	if (s->rows)
		(void)munmap((void *)(uintptr_t)s->rows, s->rows_size);
	s->rows = NULL;
}

/* A record to the keeper that comes out of the conversation: some of it matters here too. */
static void tell_and_note(void *arg, const struct qmp_record *record)
{
	struct qmp_session *s = arg;

	if (record->type == QMP_CONTINUED || record->type == QMP_STATE)
		s->state = record->type == QMP_STATE ? (enum qmp_run_state)record->value :
						       QMP_STATE_RUNNING;
	if (record->type == QMP_EVENT && record->value == QMP_EVENT_RESUME)
		s->state = QMP_STATE_RUNNING;
	if (record->type == QMP_EVENT && record->value == QMP_EVENT_SUSPEND)
		s->state = QMP_STATE_SUSPENDED;
	if (record->type == QMP_EVENT && record->value == QMP_EVENT_WAKEUP)
		s->state = QMP_STATE_RUNNING;
	s->started |= record->type == QMP_CONTINUED;
	if (record->type == QMP_ROWS_DONE ||
	    (record->type == QMP_REFUSED && record->value == QMP_ASK_ROWS))
		unmap_rows(s);
	if (record->type == QMP_MONITOR_BROKEN || record->type == QMP_MONITOR_CLOSED)
		close_given(s);
	if (record->type == QMP_MONITOR_BROKEN || record->type == QMP_MONITOR_CLOSED)
		qmp_clients_answer_all(&s->clients, CONTROL_NONE, CONTROL_NO_MONITOR, s->state);
	tell_keeper(s, record);
}

/* clang-format off */
/*
 * A client's request, and what it becomes: a command of QEMU's (another one when the guest sleeps,
 * as `cont` does not wake it), or a record to the keeper.
 */
static const struct { enum qmp_record_type ask, asleep, want; } requests[CONTROL_MAX] = {
	[CONTROL_STATUS]   = { QMP_NONE,         QMP_NONE,       QMP_NONE },
	[CONTROL_STOP]     = { QMP_NONE,         QMP_NONE,       QMP_WANT_STOP },
	[CONTROL_STOP_NOW] = { QMP_NONE,         QMP_NONE,       QMP_WANT_END },
	[CONTROL_RESET]    = { QMP_ASK_RESET,    QMP_ASK_RESET,  QMP_NONE },
	[CONTROL_PAUSE]    = { QMP_ASK_STOP,     QMP_ASK_STOP,   QMP_NONE },
	[CONTROL_RESUME]   = { QMP_ASK_CONTINUE, QMP_ASK_WAKEUP, QMP_NONE },
};
/* clang-format on */

/* QEMU has answered a command: so are those who wait for it. */
static void command_done(void *arg, unsigned int type, bool done)
{
	struct qmp_session *s = arg;

	qmp_display_answered(&s->display, type, done);
	for (int what = CONTROL_NONE + 1; what < CONTROL_MAX; what++)
		if (type != QMP_NONE &&
		    (requests[what].ask == type || requests[what].asleep == type))
			qmp_clients_answer_all(&s->clients, (enum control_what)what,
					       done ? CONTROL_DONE : CONTROL_REFUSED, s->state);
}

static void serve(struct qmp_session *s, size_t slot)
{
	enum control_what what = qmp_clients_read(&s->clients, slot);
	const struct qmp_record want = { .type = requests[what].want };
	enum control_result result = CONTROL_DONE;

	if (what == CONTROL_NONE)
		return;
	if (requests[what].ask != QMP_NONE) {
		if (s->started && !qmp_client_is_over(&s->client)) {
			qmp_client_ask(&s->client, s->state == QMP_STATE_SUSPENDED
							   ? requests[what].asleep
							   : requests[what].ask);
			return; /* command_done() answers */
		}
		result = s->started ? CONTROL_NO_MONITOR : CONTROL_TOO_EARLY;
	}
	if (want.type != QMP_NONE)
		tell_keeper(s, &want);
	qmp_clients_answer(&s->clients, slot, result, s->state);
}

/* Sends what it takes now. A monitor that cannot be written to shows that when it is read. */
static void write_monitor(struct qmp_session *s)
{
	size_t length = 0;
	const char *bytes = qmp_client_output(&s->client, &length);

	while (length && s->monitor >= 0) {
		ssize_t sent = qmp_display_send(s->monitor, bytes, length,
						qmp_client_descriptor(&s->client));

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return;
		qmp_client_sent(&s->client, (size_t)sent);
		bytes = qmp_client_output(&s->client, &length);
	}
}

/* Bytes read; 0 when there is nothing now or not any more. */
static size_t read_monitor(struct qmp_session *s)
{
	char bytes[READ_MAX];
	ssize_t got;

	if (s->monitor < 0)
		return 0;
	/* recv() without control data: descriptors that come along are dropped by the kernel. */
	got = recv(s->monitor, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		end_source(&s->monitor); /* reset: it closed without reading our last command */
		qmp_client_eof(&s->client);
		return 0;
	}
	qmp_client_feed(&s->client, bytes, (size_t)got, now_s());
	return (size_t)got;
}

static size_t read_output(struct qmp_session *s)
{
	char bytes[READ_MAX];
	ssize_t got;

	if (s->output < 0)
		return 0;
	got = read(s->output, bytes, sizeof(bytes)); /* poll(2) reported that it will not wait */
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0) {
		end_source(&s->output);
		return 0;
	}
	qemu_output_feed(&s->words, bytes, (size_t)got, now_s());
	return (size_t)got;
}

static bool has_output(const struct qmp_session *s)
{
	struct pollfd p = { .fd = s->output, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* What QEMU has written so far is all that is shown. */
static void end_words(struct qmp_session *s, bool failed)
{
	size_t got, total;

	for (total = 0; total < DRAIN_MAX && has_output(s); total += got)
		if (!(got = read_output(s)))
			break;
	qemu_output_end(&s->words, now_s());
	if (failed)
		qemu_output_quote_last(&s->words);
	s->done = true;
}

/* QEMU is dead: what it left in its sockets and pipes is all there will be. */
static void finish(struct qmp_session *s, bool failed)
{
	size_t got, total;

	s->ending = true;
	for (total = 0; total < DRAIN_MAX && (got = read_monitor(s)) > 0; total += got)
		;
	end_words(s, failed);
}

/* The row of that number; NULL: there are not so many. */
static const char *find_row(const struct qmp_session *s, uint32_t number)
{
	const char *at = s->rows, *end;

	if (!at || at[s->rows_size - 1]) /* the last one has no end */
		return NULL;
	end = at + s->rows_size;
	while (at < end && number--)
		at += strlen(at) + 1;
	return at < end ? at : NULL;
}

static void begin_rows(struct qmp_session *s, uint32_t first, uint32_t count)
{
	const struct qmp_record refused = { .type = QMP_REFUSED, .value = QMP_ASK_ROWS };

	map_rows(s);
	qmp_client_give(&s->client, s->given, s->given_count);
	if (count && (count > UINT32_MAX - first || !find_row(s, first + count - 1)))
		tell_and_note(s, &refused);
	else
		qmp_client_send_rows(&s->client, count ? find_row(s, first) : NULL, count);
}

/* What QEMU says of a row that it refuses stands among its other words. */
static void show_words(void *arg, const char *words)
{
	struct qmp_session *s = arg;

	if (s->words.length) /* not behind half a line */
		qemu_output_feed(&s->words, "\n", 1, now_s());
	qemu_output_feed(&s->words, words, strlen(words), now_s());
	qemu_output_feed(&s->words, "\n", 1, now_s());
}

/*
 * With what goes along: of the last request only. MSG_TRUNC: the size of the whole message, also when
 * it is longer than a record.
 */
static ssize_t receive(struct qmp_session *s, struct qmp_record *record)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(s->given))];
	} control;
	struct iovec part = { record, sizeof(*record) };
	struct msghdr message = { .msg_iov = &part,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	ssize_t got = recvmsg(s->keeper, &message, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return got;
	qmp_client_give(&s->client, NULL, 0);
	close_given(s);
	s->given_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(s->given, CMSG_DATA(c), s->given_count * sizeof(int));
	return got;
}

static void handle_keeper(struct qmp_session *s, short events)
{
	struct qmp_record record;
	ssize_t got;

	(void)events;
	got = receive(s, &record);
	/* a reset comes once, when it has closed without reading all of ours: its own stand behind */
	if (got < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNRESET))
		return;
	if (got <= 0) {
		end_words(s, false); /* the monitor is left to a successor */
		return;
	}
	if (got != sizeof(record) || record.type >= QMP_TYPE_MAX)
		return;
	s->started |= record.type == QMP_TELL_STARTED;
	if (record.type == QMP_ASK_POWERDOWN && s->state == QMP_STATE_SUSPENDED)
		qmp_client_ask(&s->client, QMP_ASK_WAKEUP); /* asleep it sees no power button */
	if (record.type == QMP_TELL_FAILED || record.type == QMP_TELL_ENDED)
		finish(s, record.type == QMP_TELL_FAILED);
	else if (record.type == QMP_ASK_ROWS)
		begin_rows(s, record.value, record.detail);
	else
		qmp_client_ask(&s->client, (enum qmp_record_type)record.type);
}

static void handle_monitor(struct qmp_session *s, short events)
{
	if (events & ~POLLOUT)
		(void)read_monitor(s);
}

static void handle_output(struct qmp_session *s, short events)
{
	(void)events;
	(void)read_output(s);
}

enum { SOURCE_KEEPER, SOURCE_MONITOR, SOURCE_OUTPUT, SOURCE_MAX };
#define SOURCES_CLIENTS (SOURCE_MAX + 1) /* the display's, and then the control socket's, last */
#define SOURCES_ALL (SOURCES_CLIENTS + 1 + QMP_CLIENTS_MAX)

static void (*const handlers[SOURCE_MAX])(struct qmp_session *s, short events) = {
	[SOURCE_KEEPER] = handle_keeper,
	[SOURCE_MONITOR] = handle_monitor,
	[SOURCE_OUTPUT] = handle_output,
};

/* Clients before the listener: one that is closed to make room has been read before. */
static void handle_clients(struct qmp_session *s, const struct pollfd source[1 + QMP_CLIENTS_MAX])
{
	for (size_t i = 0; i < QMP_CLIENTS_MAX && !s->done; i++)
		if (source[1 + i].revents)
			serve(s, i);
	if (source[0].revents && !s->done)
		qmp_clients_accept(&s->clients);
}

static void wait_for_sources(const struct qmp_session *s, struct pollfd source[SOURCES_ALL])
{
	size_t unsent = 0;

	(void)qmp_client_output(&s->client, &unsent);
	source[SOURCE_KEEPER] = (struct pollfd){ .fd = s->keeper, .events = POLLIN };
	source[SOURCE_MONITOR] = (struct pollfd){ .fd = s->monitor,
						  .events = unsent ? POLLIN | POLLOUT : POLLIN };
	source[SOURCE_OUTPUT] = (struct pollfd){ .fd = s->output, .events = POLLIN };
	qmp_display_poll(&s->display, &s->client, source + SOURCE_MAX);
	qmp_clients_poll(&s->clients, source + SOURCES_CLIENTS);
	if (poll(source, SOURCES_ALL, -1) < 0)
		for (size_t i = 0; i < SOURCES_ALL; i++)
			source[i].revents = 0; /* interrupted */
}

static bool is_listener(int fd)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return !getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) && value;
}

/* Of a memfd; else there are none. Asked for here, before the filter is on. */
static size_t size_of_rows(void)
{
	struct stat st;
	bool is_file = !fstat(QMP_FD_ROWS, &st) && S_ISREG(st.st_mode) && st.st_size > 0;

	return is_file ? (size_t)st.st_size : 0;
}

/**
 * qmp_session_init() - Make a session over the descriptors of record.h
 * @s:	    To be filled; qmp_session_fini() afterwards, also after an error
 * @name:   The VM's name; copies
 * @colour: stderr wants colours
 * @screen: What the clients of QMP_FD_DISPLAY speak
 *
 * Return: 0 or -ENOMEM.
 */
int qmp_session_init(struct qmp_session *s, const char *name, bool colour, enum qmp_screen screen)
{
	int rc;

	s->monitor = QMP_FD_MONITOR;
	s->output = QMP_FD_STDERR;
	s->keeper = QMP_FD_KEEPER;
	s->ending = false;
	s->done = false;
	s->started = false;
	s->state = QMP_STATE_OTHER;
	qemu_output_init(&s->words, STDERR_FILENO, name, colour);
	qmp_logfile_init(&s->words.log, QMP_FD_LOG);
	qmp_clients_init(&s->clients, is_listener(QMP_FD_CONTROL) ? QMP_FD_CONTROL : -1, getuid());
	qmp_display_init(&s->display,
			 screen != QMP_SCREEN_NONE && is_listener(QMP_FD_DISPLAY) ? QMP_FD_DISPLAY
										  : -1,
			 getuid());
	rc = qmp_client_init(&s->client, (uint32_t)getpid(), tell_and_note, s);
	s->client.done = command_done;
	s->client.words = show_words;
	s->rows = NULL;
	s->given_count = 0;
	s->rows_size = size_of_rows();
	s->client.screen = screen;
	return rc;
}

/**
 * qmp_session_run() - Serve until the keeper reports that QEMU is dead, or is gone itself
 * @s: As initialised
 */
void qmp_session_run(struct qmp_session *s)
{
	while (!s->done) {
		struct pollfd source[SOURCES_ALL];

		wait_for_sources(s, source);
		for (size_t i = 0; i < SOURCE_MAX && !s->done; i++)
			if (source[i].revents)
				handlers[i](s, source[i].revents);
		if (source[SOURCE_MAX].revents && !s->done)
			qmp_display_accept(&s->display, &s->client);
		handle_clients(s, source + SOURCES_CLIENTS);
		write_monitor(s);
	}
}

/**
 * qmp_session_fini() - Free what a session owns; its descriptors end with the process
 * @s: The session
 */
void qmp_session_fini(struct qmp_session *s)
{
	qmp_client_fini(&s->client);
}
