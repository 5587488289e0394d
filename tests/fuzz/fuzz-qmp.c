// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz-qmp.c - a peer on the monitor that sends anything
 *
 * The input is what QEMU sends. It is fed line by line and then byte by byte: both must
 * send the keeper the same records. A "!" at its start makes the keeper ask first, as it does of a
 * replacement for a vfio-qmp that died. When the client is ready the keeper asks for all
 * there is, so a recorded session has ids vfio-run-1-1 qmp_capabilities, 2 query-status,
 * 3 cont, 4 stop, 5 system_powerdown, 6 system_reset, 7 quit.
 *
 * Checked: records are of the closed lists, in an order that makes sense; what is sent is
 * one whole command at a time; escaped text is safe for a terminal.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "qmp/client.h"
#include "qmp/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	uint64_t hash;
	size_t records;
	bool ready, asked, over, closed;
};

static struct qmp_client client;

static const enum qmp_record_type asks[] = {
	QMP_ASK_CONTINUE, QMP_ASK_STOP, QMP_ASK_POWERDOWN, QMP_ASK_RESET, QMP_ASK_QUIT,
	QMP_ASK_VCPUS, QMP_ASK_IOTHREADS,
};

#define CHECK(x)                                                                                   \
	do {                                                                                       \
		if (!(x))                                                                          \
			abort();                                                                   \
	} while (0)

/* How large the value of each kind may be; kinds that are not here are not sent. */
static uint32_t value_max(uint32_t type)
{
	switch (type) {
	case QMP_GREETED:
		return UINT32_MAX;
	case QMP_STATE:
		return QMP_STATE_MAX - 1;
	case QMP_REFUSED:
		return QMP_ASK_IOTHREADS;
	case QMP_VCPU:
	case QMP_IOTHREAD:
		return QMP_THREADS_MAX - 1;
	case QMP_THREADS:
		return QMP_ASK_IOTHREADS;
	case QMP_EVENT:
		return QMP_EVENT_MAX - 1;
	case QMP_MONITOR_BROKEN:
		return QMP_FAULT_MAX - 1;
	default:
		return 0;
	}
}

static void tell(void *arg, const struct qmp_record *r)
{
	struct run *run = arg;
	const uint32_t words[] = { r->type, r->value, r->detail, r->spare };

	bool thread = r->type == QMP_VCPU || r->type == QMP_IOTHREAD;

	CHECK(r->type > QMP_NONE && r->type <= QMP_THREADS);
	CHECK(r->value <= value_max(r->type) && r->spare == 0);
	CHECK(thread ? r->detail && r->detail <= INT32_MAX
		     : r->detail <= (r->type == QMP_EVENT));
	CHECK(r->type != QMP_REFUSED || r->value >= QMP_ASK_CONTINUE);
	CHECK(!run->over || r->type == QMP_MONITOR_CLOSED);
	CHECK(!run->closed);
	CHECK(run->ready || (r->type != QMP_STATE && r->type != QMP_CONTINUED));
	run->ready = run->ready || r->type == QMP_READY;
	run->over = run->over || r->type == QMP_MONITOR_BROKEN;
	run->closed = r->type == QMP_MONITOR_CLOSED;
	run->records++;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		run->hash = (run->hash ^ words[i]) * UINT64_C(0x100000001b3);
}

/* What is to be sent is a whole command, and is taken in two parts. */
static void take_output(void)
{
	size_t length = 0;
	const char *out = qmp_client_output(&client, &length);

	if (!length)
		return;
	CHECK(length < QMP_OUT_MAX && out[0] == '{' && !memcmp(out + length - 3, "}\r\n", 3));
	qmp_client_sent(&client, 1);
	qmp_client_sent(&client, length - 1);
}

static struct run feed(const char *bytes, size_t count, bool ask_first, bool one_by_one)
{
	struct run run = { .hash = UINT64_C(0xcbf29ce484222325) };

	CHECK(!qmp_client_init(&client, 1, tell, &run));
	if (ask_first)
		qmp_client_ask(&client, QMP_ASK_STATE);
	take_output();
	while (count) {
		const char *end = memchr(bytes, '\n', count);
		size_t part = one_by_one ? 1 : end ? (size_t)(end - bytes) + 1 : count;

		qmp_client_feed(&client, bytes, part, 0);
		for (size_t i = 0; run.ready && !run.asked && i < ARRAY_SIZE(asks); i++)
			qmp_client_ask(&client, asks[i]);
		run.asked = run.ready;
		take_output();
		bytes += part;
		count -= part;
	}
	qmp_client_eof(&client);
	CHECK(run.closed);
	qmp_client_fini(&client);
	return run;
}

static void check_text(const char *bytes, size_t count)
{
	char out[4 * 256 + 1], again[sizeof(out)];
	size_t length = qmp_text_escape(out, sizeof(out), bytes, count < 256 ? count : 256);

	CHECK(length < sizeof(out) && out[length] == '\0' && strlen(out) == length);
	for (size_t i = 0; i < length; i++)
		CHECK((uint8_t)out[i] >= ' ' || out[i] == '\t');
	/* What is fit stays as it is. */
	CHECK(qmp_text_escape(again, sizeof(again), out, length) == length);
	CHECK(!memcmp(out, again, length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	bool ask_first = size && bytes[0] == '!';
	struct run whole, parts;

	check_text(bytes, size);
	bytes += ask_first;
	size -= ask_first;
	whole = feed(bytes, size, ask_first, false);
	parts = feed(bytes, size, ask_first, true);
	CHECK(whole.hash == parts.hash && whole.records == parts.records);
	return 0;
}
