// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * message.c - one line of QMP, from JSON to values of closed lists
 *
 * json-c converts whatever it is asked for (the string of 5 is "5", the integer of "x" is
 * 0), so the type of every value is checked first. Its tokener has no size cap and answers
 * a few bytes of text with hundreds of memory: values are counted before it sees them.
 * Its check of UTF-8 lets overlong forms and surrogates pass (0.16, tried), which is why
 * strings are only compared here; the words of an error are handed on as bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "qmp/message.h"

enum detail_kind { DETAIL_NONE, DETAIL_BOOL, DETAIL_IS };

/* Events, their member of "data" with a detail, and what makes that a 1. */
static const struct event_row {
	const char *name;
	enum qmp_event event;
	enum detail_kind kind;
	const char *member;
	const char *is; /* DETAIL_IS: 1 when the member is this string */
} events[] = {
	{ "SHUTDOWN", QMP_EVENT_SHUTDOWN, DETAIL_BOOL, "guest", NULL },
	{ "POWERDOWN", QMP_EVENT_POWERDOWN, DETAIL_NONE, NULL, NULL },
	{ "RESET", QMP_EVENT_RESET, DETAIL_BOOL, "guest", NULL },
	{ "STOP", QMP_EVENT_STOP, DETAIL_NONE, NULL, NULL },
	{ "RESUME", QMP_EVENT_RESUME, DETAIL_NONE, NULL, NULL },
	{ "SUSPEND", QMP_EVENT_SUSPEND, DETAIL_NONE, NULL, NULL },
	{ "SUSPEND_DISK", QMP_EVENT_SUSPEND, DETAIL_NONE, NULL, NULL },
	{ "WAKEUP", QMP_EVENT_WAKEUP, DETAIL_NONE, NULL, NULL },
	{ "GUEST_PANICKED", QMP_EVENT_PANICKED, DETAIL_NONE, NULL, NULL },
	{ "BLOCK_IO_ERROR", QMP_EVENT_BLOCK_IO_ERROR, DETAIL_IS, "action", "stop" },
	{ "WATCHDOG", QMP_EVENT_WATCHDOG, DETAIL_NONE, NULL, NULL },
	{ "MEMORY_FAILURE", QMP_EVENT_MEMORY_FAILURE, DETAIL_NONE, NULL, NULL },
	{ "DEVICE_DELETED", QMP_EVENT_DEVICE_DELETED, DETAIL_NONE, NULL, NULL },
};

/* Source: RunState in QEMU's qapi/run-state.json. */
static const struct state_row {
	const char *name;
	enum qmp_run_state state;
} states[] = {
	{ "prelaunch", QMP_STATE_PRELAUNCH },
	{ "running", QMP_STATE_RUNNING },
	{ "paused", QMP_STATE_PAUSED },
	{ "shutdown", QMP_STATE_SHUTDOWN },
	{ "suspended", QMP_STATE_SUSPENDED },
	{ "internal-error", QMP_STATE_INTERNAL_ERROR },
	{ "io-error", QMP_STATE_IO_ERROR },
	{ "guest-panicked", QMP_STATE_GUEST_PANICKED },
	{ "watchdog", QMP_STATE_WATCHDOG },
};

/* The member that makes a message what it is. Exactly one of them is there. */
static int decode_greeting(struct json_object *value, struct json_object *whole,
			   struct qmp_message *out);
static int decode_event(struct json_object *value, struct json_object *whole,
			struct qmp_message *out);
static int decode_return(struct json_object *value, struct json_object *whole,
			 struct qmp_message *out);
static int decode_error(struct json_object *value, struct json_object *whole,
			struct qmp_message *out);

static const struct kind_row {
	const char *member;
	int (*decode)(struct json_object *value, struct json_object *whole,
		      struct qmp_message *out);
} kinds[] = {
	{ "QMP", decode_greeting },
	{ "event", decode_event },
	{ "return", decode_return },
	{ "error", decode_error },
};

static void json_putp(struct json_object **o)
{
	(void)json_object_put(*o);
}
#define cleanup_json __attribute__((cleanup(json_putp)))

/* A member of that type; NULL when it is missing or of another one. Borrows. */
static struct json_object *member(struct json_object *o, const char *name, enum json_type type)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, name, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

/* Compares with the length, because JSON strings can hold a NUL. */
static bool string_is(struct json_object *string, const char *want)
{
	size_t length = strlen(want);

	return (size_t)json_object_get_string_len(string) == length &&
	       !memcmp(json_object_get_string(string), want, length);
}

/* A part of QEMU's version; false when it is none. */
static bool version_part(struct json_object *version, const char *name, int64_t max, uint32_t *out)
{
	struct json_object *part = member(version, name, json_type_int);
	int64_t value = part ? json_object_get_int64(part) : -1;

	*out = (uint32_t)value;
	return value >= 0 && value <= max;
}

static int decode_greeting(struct json_object *value, struct json_object *whole,
			   struct qmp_message *out)
{
	struct json_object *version = member(value, "version", json_type_object);
	struct json_object *qemu = member(version, "qemu", json_type_object);
	uint32_t major = 0, minor = 0, micro = 0;

	(void)whole;
	if (!version_part(qemu, "major", UINT16_MAX, &major) ||
	    !version_part(qemu, "minor", UINT8_MAX, &minor) ||
	    !version_part(qemu, "micro", UINT8_MAX, &micro))
		return -EPROTO;
	out->kind = QMP_MESSAGE_GREETING;
	out->version = major << 16 | minor << 8 | micro;
	return 0;
}

/* The detail of an event. A QEMU that sends none has the 0; one of another type has none. */
static int decode_detail(const struct event_row *row, struct json_object *data,
			 struct qmp_message *out)
{
	struct json_object *value = NULL;
	enum json_type type = row->kind == DETAIL_BOOL ? json_type_boolean : json_type_string;

	if (row->kind == DETAIL_NONE || !json_object_object_get_ex(data, row->member, &value))
		return 0;
	if (!json_object_is_type(value, type))
		return -EPROTO;
	out->detail = row->kind == DETAIL_BOOL ? json_object_get_boolean(value) != 0
					       : string_is(value, row->is);
	return 0;
}

static int decode_event(struct json_object *value, struct json_object *whole,
			struct qmp_message *out)
{
	struct json_object *data = NULL;

	if (!json_object_is_type(value, json_type_string))
		return -EPROTO;
	if (json_object_object_get_ex(whole, "data", &data) &&
	    !json_object_is_type(data, json_type_object))
		return -EPROTO;

	out->kind = QMP_MESSAGE_UNKNOWN;
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		if (!string_is(value, events[i].name))
			continue;
		out->kind = QMP_MESSAGE_EVENT;
		out->event = events[i].event;
		return data ? decode_detail(&events[i], data, out) : 0;
	}
	return 0;
}

/* Ids are echoed, and ours are strings: any other JSON value is not one of ours. */
static void decode_id(struct json_object *whole, struct qmp_message *out)
{
	struct json_object *id = NULL;
	int length;

	out->has_id = json_object_object_get_ex(whole, "id", &id);
	if (!json_object_is_type(id, json_type_string))
		return;
	length = json_object_get_string_len(id);
	if (length <= 0 || (size_t)length >= sizeof(out->id))
		return;
	memcpy(out->id, json_object_get_string(id), (size_t)length);
	out->id[length] = '\0';
}

/* A whole number of a list's element within 0 and @max; false when it is missing or is none. */
static bool number_of(struct json_object *o, const char *name, int64_t max, uint32_t *out)
{
	struct json_object *number = member(o, name, json_type_int);
	int64_t value = number ? json_object_get_int64(number) : -1;

	*out = (uint32_t)value;
	return value >= 0 && value <= max;
}

/* The elements of a list that has a "thread-id" in each; of any other list nothing is taken. */
static void decode_threads(struct json_object *list, struct qmp_message *out)
{
	size_t count = json_object_array_length(list);
	struct json_object *index;

	if (count > QMP_THREADS_MAX)
		return;
	for (size_t i = 0; i < count; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		if (!number_of(o, "thread-id", INT32_MAX, &out->thread[i].id) || !out->thread[i].id)
			return;
		out->thread[i].number = (uint32_t)i;
		if (json_object_object_get_ex(o, "cpu-index", &index) &&
		    !number_of(o, "cpu-index", QMP_THREADS_MAX - 1, &out->thread[i].number))
			return;
	}
	out->has_threads = true;
	out->thread_count = count;
}

static int decode_return(struct json_object *value, struct json_object *whole,
			 struct qmp_message *out)
{
	struct json_object *status = member(value, "status", json_type_string);

	decode_id(whole, out);
	out->kind = QMP_MESSAGE_RETURN;
	out->has_state = status != NULL;
	out->state = QMP_STATE_OTHER;
	for (size_t i = 0; status && i < ARRAY_SIZE(states); i++)
		if (string_is(status, states[i].name))
			out->state = states[i].state;
	if (json_object_is_type(value, json_type_array))
		decode_threads(value, out);
	return 0;
}

static int decode_error(struct json_object *value, struct json_object *whole,
			struct qmp_message *out)
{
	struct json_object *class = member(value, "class", json_type_string);
	struct json_object *words = member(value, "desc", json_type_string);

	if (!class || !words)
		return -EPROTO;
	decode_id(whole, out);
	out->kind = QMP_MESSAGE_ERROR;
	out->no_such_command = string_is(class, "CommandNotFound");
	(void)snprintf(out->words, sizeof(out->words), "%s", json_object_get_string(words));
	return 0;
}

static int decode_object(struct json_object *whole, struct qmp_message *out)
{
	struct json_object *value = NULL, *found = NULL;
	const struct kind_row *row = NULL;

	if (!json_object_is_type(whole, json_type_object))
		return -EPROTO;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!json_object_object_get_ex(whole, kinds[i].member, &value))
			continue;
		if (row)
			return -EPROTO;
		row = &kinds[i];
		found = value;
	}
	return row ? row->decode(found, whole, out) : -EPROTO;
}

static bool is_blank(const char *line, size_t length)
{
	while (length && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		length--;
	return length == 0;
}

/* Every value but the first of its list follows one of these, so they bound the number. */
static bool too_many_values(const char *line, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += line[i] == ',' || line[i] == '[' || line[i] == '{';
	return count > QMP_VALUES_MAX;
}

/**
 * qmp_decoder_init() - Make a decoder ready
 * @d: The decoder; qmp_decoder_fini() afterwards
 *
 * json-c draws its hash seed, and with it makes its only unusual system calls, when the
 * first object gets a member: that is done here, before the filter is on.
 *
 * Return: 0 or -ENOMEM.
 */
int qmp_decoder_init(struct qmp_decoder *d)
{
	struct qmp_message message;
	static const char first[] = "{\"return\":{}}";

	d->tokener = json_tokener_new_ex(QMP_DEPTH_MAX);
	if (!d->tokener)
		return -ENOMEM;
	json_tokener_set_flags(d->tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	if (qmp_decode(d, first, sizeof(first) - 1, &message)) {
		qmp_decoder_fini(d);
		return -ENOMEM;
	}
	return 0;
}

/**
 * qmp_decoder_fini() - Free what a decoder owns
 * @d: The decoder
 */
void qmp_decoder_fini(struct qmp_decoder *d)
{
	if (d->tokener)
		json_tokener_free(d->tokener);
	d->tokener = NULL;
}

/**
 * qmp_decode() - Read one message
 * @d:	    The decoder
 * @line:   Its text, not NUL-terminated
 * @length: Bytes of it, at most QMP_LINE_MAX
 * @out:    Filled on success
 *
 * Return: 0, -EBADMSG when it is not one JSON text of UTF-8 or nested too deep, -EPROTO
 * when it is JSON that QMP does not have there, or of too many values.
 * Source: QEMU's docs/interop/qmp-spec.
 */
int qmp_decode(struct qmp_decoder *d, const char *line, size_t length, struct qmp_message *out)
{
	cleanup_json struct json_object *whole = NULL;

	memset(out, 0, offsetof(struct qmp_message, thread)); /* what has_threads says nothing of stays */
	if (is_blank(line, length))
		return 0;
	if (too_many_values(line, length))
		return -EPROTO;

	json_tokener_reset(d->tokener);
	whole = json_tokener_parse_ex(d->tokener, line, (int)length);
	/* A text that ends early, a NUL inside and a lack of memory are all not a success. */
	if (json_tokener_get_error(d->tokener) != json_tokener_success ||
	    json_tokener_get_parse_end(d->tokener) != length)
		return -EBADMSG;
	return decode_object(whole, out);
}
