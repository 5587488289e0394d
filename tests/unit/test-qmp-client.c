// SPDX-License-Identifier: GPL-2.0-or-later
/* test-qmp-client.c - the connection with a scripted peer, correct and hostile */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "qmp/client.h"
#include "tests/unit/between.h"

#define GREETING                                                                                   \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, "         \
	"\"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n"
#define EVENT(name, data)                                                                          \
	"{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, "                                 \
	"\"event\": \"" name "\"" data "}\r\n"

static struct qmp_client client;
static struct qmp_record told[4096];
static size_t told_count, told_read;
static uint64_t now; /* seconds */

static void tell(void *arg, const struct qmp_record *record)
{
	assert_ptr_equal(arg, &client);
	assert_int_equal(record->spare, 0);
	if (told_count < ARRAY_SIZE(told))
		told[told_count] = *record;
	told_count++;
}

static void expect(enum qmp_record_type type, uint32_t value, uint32_t detail)
{
	assert_true(told_read < told_count);
	assert_int_equal(told[told_read].type, type);
	assert_int_equal(told[told_read].value, value);
	assert_int_equal(told[told_read].detail, detail);
	told_read++;
}

static void expect_no_more(void)
{
	assert_int_equal(told_count, told_read);
}

/* The peer sends something, byte by byte. */
static void say(const char *text)
{
	for (; *text; text++)
		qmp_client_feed(&client, text, 1, now);
}

/* The peer reads; it must be exactly that command, with an id that is filled in. */
static void expect_sent(const char *command, char id[QMP_ID_MAX])
{
	char text[QMP_OUT_MAX + 1], whole[QMP_OUT_MAX];
	size_t length = 0, used = 0;
	const char *out = qmp_client_output(&client, &length);
	const char *mark;

	/* Taken in two parts, as by a socket that is nearly full. */
	assert_between(length, 10, QMP_OUT_MAX);
	memcpy(text, out, 7);
	qmp_client_sent(&client, 7);
	out = qmp_client_output(&client, &used);
	assert_int_equal(used, length - 7);
	memcpy(text + 7, out, used);
	text[length] = '\0';
	qmp_client_sent(&client, used);

	mark = strstr(text, "\"id\":\"");
	assert_non_null(mark);
	assert_int_equal(sscanf(mark, "\"id\":\"%39[^\"]", id), 1);
	snprintf(whole, sizeof(whole), "{\"execute\":\"%s\",\"id\":\"%s\"}\r\n", command, id);
	assert_string_equal(text, whole);
}

static void expect_nothing_sent(void)
{
	size_t length = 0;

	(void)qmp_client_output(&client, &length);
	assert_int_equal(length, 0);
}

static void say_return(const char *id, const char *value)
{
	char line[256];

	snprintf(line, sizeof(line), "{\"return\": %s, \"id\": \"%s\"}\r\n", value, id);
	say(line);
}

static void say_error(const char *id, const char *class)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "{\"id\": \"%s\", \"error\": {\"class\": \"%s\", \"desc\": \"no\"}}\r\n", id,
		 class);
	say(line);
}

/* Reads the command and answers it. */
static void answer(const char *command, const char *value)
{
	char id[QMP_ID_MAX];

	expect_sent(command, id);
	say_return(id, value);
}

static void become_ready(void)
{
	say(GREETING);
	answer("qmp_capabilities", "{}");
	answer("query-status", "{\"status\": \"prelaunch\", \"running\": false}");
	expect(QMP_GREETED, 0x070216, 0);
	expect(QMP_READY, 0, 0);
	expect(QMP_STATE, QMP_STATE_PRELAUNCH, 0);
	expect_no_more();
}

static void a_run_from_greeting_to_end(void **state)
{
	char id[QMP_ID_MAX];

	(void)state;
	expect_nothing_sent();
	become_ready();
	expect_nothing_sent();
	qmp_client_ask(&client, QMP_ASK_CONTINUE);
	expect_sent("cont", id);
	say(EVENT("RESUME", "")); /* comes before the answer */
	say_return(id, "{}");
	expect(QMP_EVENT, QMP_EVENT_RESUME, 0);
	expect(QMP_CONTINUED, 0, 0);
	qmp_client_ask(&client, QMP_ASK_POWERDOWN);
	answer("system_powerdown", "{}");
	say(EVENT("POWERDOWN", ""));
	say(EVENT("SHUTDOWN", ", \"data\": {\"guest\": true, \"reason\": \"guest-shutdown\"}"));
	qmp_client_eof(&client);
	expect(QMP_EVENT, QMP_EVENT_POWERDOWN, 0);
	expect(QMP_EVENT, QMP_EVENT_SHUTDOWN, 1);
	expect(QMP_MONITOR_CLOSED, 0, 0);
	expect_no_more();
}

static void nothing_is_ready_before_the_answer(void **state)
{
	char id[QMP_ID_MAX];

	(void)state;
	say(GREETING);
	expect(QMP_GREETED, 0x070216, 0);
	expect_sent("qmp_capabilities", id);
	qmp_client_ask(&client, QMP_ASK_CONTINUE);
	say(EVENT("STOP", ""));
	expect(QMP_EVENT, QMP_EVENT_STOP, 0);
	expect_no_more();
	expect_nothing_sent();
	say_return(id, "{}");
	expect(QMP_READY, 0, 0);
	answer("query-status", "{\"status\": \"prelaunch\"}"); /* the state first, and once */
	answer("cont", "{}");
	expect_nothing_sent();
}

static void greeting_then_silence_waits(void **state)
{
	(void)state;
	say(GREETING);
	expect(QMP_GREETED, 0x070216, 0);
	now += 1000000;
	qmp_client_eof(&client);
	expect(QMP_MONITOR_CLOSED, 0, 0);
	expect_no_more();
}

static void stop_is_followed_by_why(void **state)
{
	(void)state;
	become_ready();
	say(EVENT("STOP", ""));
	answer("query-status", "{\"status\": \"internal-error\"}");
	expect(QMP_EVENT, QMP_EVENT_STOP, 0);
	expect(QMP_STATE, QMP_STATE_INTERNAL_ERROR, 0);
	expect_nothing_sent();
}

static void one_command_at_a_time_and_each_once(void **state)
{
	char id[QMP_ID_MAX];

	(void)state;
	become_ready();
	qmp_client_ask(&client, QMP_ASK_STATE);
	expect_sent("query-status", id);
	for (int i = 0; i < 1000; i++) {
		qmp_client_ask(&client, QMP_ASK_CONTINUE);
		qmp_client_ask(&client, QMP_ASK_STOP);
		qmp_client_ask(&client, QMP_ASK_RESET);
		qmp_client_ask(&client, QMP_ASK_CONTINUE);
	}
	expect_nothing_sent();
	say_return(id, "{\"status\": \"paused\"}");
	answer("stop", "{}");
	answer("system_reset", "{}");
	answer("cont", "{}"); /* the last word counts */
	expect_nothing_sent();
	expect(QMP_STATE, QMP_STATE_PAUSED, 0);
	expect(QMP_CONTINUED, 0, 0);
	expect_no_more();
}

static void answer_before_we_have_sent_all(void **state)
{
	char id[QMP_ID_MAX];
	size_t length = 0;

	(void)state;
	become_ready();
	qmp_client_ask(&client, QMP_ASK_CONTINUE);
	qmp_client_ask(&client, QMP_ASK_STOP);
	(void)qmp_client_output(&client, &length);
	qmp_client_sent(&client, length - 1);
	snprintf(id, sizeof(id), "%s", client.awaited_id);
	say_return(id, "{}"); /* a peer that guesses */
	expect(QMP_CONTINUED, 0, 0);
	assert_string_equal(qmp_client_output(&client, &length) + length - 1, "\n");
	assert_int_equal(length, 1);
	qmp_client_sent(&client, 1);
	answer("stop", "{}");
}

static void foreign_ids_are_not_ours(void **state)
{
	char id[QMP_ID_MAX], other[QMP_ID_MAX + 1];

	(void)state;
	become_ready();
	qmp_client_ask(&client, QMP_ASK_CONTINUE);
	expect_sent("cont", id);
	snprintf(other, sizeof(other), "%sx", id);
	say_return(other, "{}");
	say_return("vfio-run-76-3", "{}");
	say_error("vfio-run-76-3", "GenericError");
	say("{\"return\": {}}\r\n{\"return\": {}, \"id\": 3}\r\n");
	say("{\"return\": {}, \"id\": null}\r\n");
	say("{\"id\": {}, \"error\": {\"class\": \"GenericError\", \"desc\": \"\"}}\r\n");
	expect_no_more();
	say_return(id, "{}");
	expect(QMP_CONTINUED, 0, 0);
	say_return(id, "{}"); /* and it is answered once */
	say_error(id, "GenericError");
	expect_no_more();
}

static void refusals_name_what_was_asked(void **state)
{
	static const struct {
		enum qmp_record_type type;
		const char *command;
	} rows[] = {
		{ QMP_ASK_CONTINUE, "cont" },	 { QMP_ASK_POWERDOWN, "system_powerdown" },
		{ QMP_ASK_QUIT, "quit" },	 { QMP_ASK_RESET, "system_reset" },
		{ QMP_ASK_STOP, "stop" },	 { QMP_ASK_STATE, "query-status" },
	};
	char id[QMP_ID_MAX];

	(void)state;
	become_ready();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		qmp_client_ask(&client, rows[i].type);
		expect_sent(rows[i].command, id);
		say_error(id, i % 2 ? "GenericError" : "CommandNotFound");
		expect(QMP_REFUSED, rows[i].type, 0);
	}
	expect_no_more();
}

/* QEMU's parser knows no id; what is under way would else be awaited for ever. */
static void error_without_id_is_of_the_command_under_way(void **state)
{
	static const char error[] =
		"{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}\r\n";
	char id[QMP_ID_MAX];

	(void)state;
	become_ready();
	say(error); /* none is */
	expect_no_more();
	qmp_client_ask(&client, QMP_ASK_QUIT);
	expect_sent("quit", id);
	say(error);
	expect(QMP_REFUSED, QMP_ASK_QUIT, 0);
	expect_no_more();
}

static void asks_that_are_none_are_ignored(void **state)
{
	(void)state;
	become_ready();
	for (uint32_t type = 0; type < 100000; type++)
		if (type < QMP_ASK_CONTINUE || type > QMP_ASK_ROWS)
			qmp_client_ask(&client, (enum qmp_record_type)type);
	qmp_client_ask(&client, (enum qmp_record_type)UINT32_MAX);
	expect_no_more();
	expect_nothing_sent();
}

static void quit_before_the_greeting(void **state)
{
	(void)state;
	qmp_client_ask(&client, QMP_ASK_QUIT);
	say(GREETING);
	answer("qmp_capabilities", "{}");
	answer("query-status", "{\"status\": \"prelaunch\"}");
	answer("quit", "{}");
	expect(QMP_GREETED, 0x070216, 0);
	expect(QMP_READY, 0, 0);
	expect_nothing_sent();
}

static void shutdown_before_or_instead_of_the_answer_to_quit(void **state)
{
	char id[QMP_ID_MAX];

	(void)state;
	become_ready();
	qmp_client_ask(&client, QMP_ASK_QUIT);
	expect_sent("quit", id);
	say(EVENT("SHUTDOWN", ", \"data\": {\"guest\": false, \"reason\": \"host-qmp-quit\"}"));
	qmp_client_eof(&client);
	expect(QMP_EVENT, QMP_EVENT_SHUTDOWN, 0);
	expect(QMP_MONITOR_CLOSED, 0, 0);
	expect_no_more();
}

/* The keeper asks a replacement for the state at once; QEMU refuses to negotiate twice. */
#define HOST_RESET "{\"event\": \"RESET\", \"data\": {\"guest\": false, \"reason\": \"host\"}}\r\n"

static const char rows[] = "a\"execute\":\"qom-set\"\0a\"execute\":\"device_add\"\0"
			   "r\"execute\":\"system_reset\"";
static char refused[QMP_WORDS_MAX];

static void take_words(void *arg, const char *words)
{
	assert_ptr_equal(arg, &client);
	(void)snprintf(refused, sizeof(refused), "%s", words);
}

static void rows_go_one_by_one(void **state)
{
	(void)state;
	become_ready();
	qmp_client_send_rows(&client, rows, 2);
	answer("qom-set", "{}");
	expect_no_more();
	answer("device_add", "{}");
	expect(QMP_ROWS_DONE, 0, 0);
	expect_nothing_sent();
	qmp_client_send_rows(&client, rows, 0);
	expect(QMP_ROWS_DONE, 0, 0);
	expect_no_more();
}

/* Only then is the machine as a cold one: whichever of the two comes first. */
static void a_reset_is_done_with_its_event(void **state)
{
	const char *reset = rows + sizeof("a\"execute\":\"qom-set\"") + sizeof("a\"execute\":\"device_add\"");
	char id[QMP_ID_MAX];

	(void)state;
	become_ready();
	qmp_client_send_rows(&client, reset, 1);
	answer("system_reset", "{}");
	expect_no_more();
	say(HOST_RESET);
	expect(QMP_ROWS_DONE, 0, 0);
	expect_no_more(); /* the guest was not reset: it has not begun */
	qmp_client_send_rows(&client, reset, 1);
	expect_sent("system_reset", id);
	say(HOST_RESET);
	expect_no_more();
	say_return(id, "{}");
	expect(QMP_ROWS_DONE, 0, 0);
	say(HOST_RESET);
	expect(QMP_EVENT, QMP_EVENT_RESET, 0);
}

static const char usb_rows[] = "f\"execute\":\"add-fd\"\0a\"execute\":\"device_add\"\0"
			       "f\"execute\":\"add-fd\"\0d\"execute\":\"device_del\"";

/* Each descriptor goes with the first byte of the row that takes one, in their order. */
static void descriptors_go_with_their_rows(void **state)
{
	static const int given[] = { 42, 43 };
	char id[QMP_ID_MAX];

	(void)state;
	become_ready();
	qmp_client_give(&client, given, 2);
	qmp_client_send_rows(&client, usb_rows, 3);
	assert_int_equal(qmp_client_descriptor(&client), 42);
	answer("add-fd", "{\"fd\": 18, \"fdset-id\": 100}");
	assert_int_equal(qmp_client_descriptor(&client), -1);
	answer("device_add", "{}");
	assert_int_equal(qmp_client_descriptor(&client), 43);
	expect_sent("add-fd", id);
	assert_int_equal(qmp_client_descriptor(&client), -1);
	say_return(id, "{\"fd\": 19, \"fdset-id\": 101}");
	expect(QMP_ROWS_DONE, 0, 0);
	expect_no_more();
}

/* It is gone when QEMU has reported that, before its answer or behind it; and the guest has not ejected it. */
static void a_device_that_a_row_takes_away_is_not_told(void **state)
{
	static const char gone[] = "{\"event\": \"DEVICE_DELETED\", \"data\": {\"device\": \"usb0\"}}\r\n";
	const char *last = usb_rows;
	char id[QMP_ID_MAX];

	(void)state;
	for (int i = 0; i < 3; i++)
		last += strlen(last) + 1;
	become_ready();
	qmp_client_send_rows(&client, last, 1);
	expect_sent("device_del", id);
	say_return(id, "{}");
	expect_no_more();
	say(gone);
	expect(QMP_ROWS_DONE, 0, 0);
	say(gone);
	expect(QMP_EVENT, QMP_EVENT_DEVICE_DELETED, 0);
	expect_no_more();
}

static void a_reset_that_is_no_rows_is_told(void **state)
{
	char id[QMP_ID_MAX];

	(void)state;
	become_ready();
	qmp_client_send_rows(&client, rows, 1);
	say(HOST_RESET);
	expect(QMP_EVENT, QMP_EVENT_RESET, 0);
	expect_sent("qom-set", id);
	say_return(id, "{}");
	expect(QMP_ROWS_DONE, 0, 0);
}

static void the_first_refused_row_is_the_last(void **state)
{
	char id[QMP_ID_MAX];

	(void)state;
	become_ready();
	client.words = take_words;
	client.arg = &client;
	qmp_client_send_rows(&client, rows, 3);
	answer("qom-set", "{}");
	expect_sent("device_add", id);
	say_error(id, "GenericError");
	expect(QMP_REFUSED, QMP_ASK_ROWS, 0);
	assert_string_equal(refused, "no");
	expect_nothing_sent();
	expect_no_more();
}

static void quit_drops_the_rows(void **state)
{
	char id[QMP_ID_MAX];

	(void)state;
	become_ready();
	qmp_client_send_rows(&client, rows, 3);
	expect_sent("qom-set", id);
	qmp_client_ask(&client, QMP_ASK_QUIT);
	say_return(id, "{}");
	answer("quit", "{}");
	expect_nothing_sent();
	expect_no_more();
}

static void rows_for_nobody_are_refused(void **state)
{
	(void)state;
	become_ready();
	qmp_client_eof(&client);
	expect(QMP_MONITOR_CLOSED, 0, 0);
	qmp_client_send_rows(&client, rows, 1);
	expect(QMP_REFUSED, QMP_ASK_ROWS, 0);
}

static void a_replacement_takes_over(void **state)
{
	char id[QMP_ID_MAX];

	(void)state;
	qmp_client_ask(&client, QMP_ASK_STATE);
	say("status\": \"running\"}, \"id\": \"vfio-run-76-3\"}\r\n"); /* half was read before */
	say_return("vfio-run-76-4", "{}");
	expect_sent("qmp_capabilities", id);
	say_error(id, "CommandNotFound");
	answer("query-status", "{\"status\": \"running\"}");
	expect(QMP_READY, 0, 0);
	expect(QMP_STATE, QMP_STATE_RUNNING, 0);
	expect_no_more();
	expect_nothing_sent();
}

static void an_event_first_means_a_replacement_too(void **state)
{
	char id[QMP_ID_MAX];

	(void)state;
	say(EVENT("RESUME", ""));
	expect(QMP_EVENT, QMP_EVENT_RESUME, 0);
	expect_sent("qmp_capabilities", id);
	say_error(id, "CommandNotFound");
	expect(QMP_READY, 0, 0);
}

/* After BROKEN nothing is read or sent; asks are refused, so the keeper need not wait. */
static void expect_broken(enum qmp_fault fault)
{
	expect(QMP_MONITOR_BROKEN, fault, 0);
	say(GREETING EVENT("STOP", "") "garbage\r\n");
	expect_no_more();
	expect_nothing_sent();
	qmp_client_ask(&client, QMP_ASK_QUIT);
	expect(QMP_REFUSED, QMP_ASK_QUIT, 0);
	expect_nothing_sent();
	qmp_client_eof(&client);
	qmp_client_eof(&client);
	expect(QMP_MONITOR_CLOSED, 0, 0);
	expect_no_more();
}

static void garbage_breaks_it_at_once(void **state)
{
	(void)state;
	say("QEMU 7.2.22 monitor - type 'help' for more information\r\n");
	expect_broken(QMP_FAULT_JSON);
}

static void only_the_first_line_may_be_a_tail(void **state)
{
	(void)state;
	qmp_client_ask(&client, QMP_ASK_STATE);
	say("}\r\n");
	expect_no_more();
	say("}\r\n");
	expect_broken(QMP_FAULT_JSON);
}

static void a_tail_after_a_greeting_is_garbage(void **state)
{
	(void)state;
	qmp_client_ask(&client, QMP_ASK_STATE);
	say(GREETING "}\r\n");
	expect(QMP_GREETED, 0x070216, 0);
	expect_broken(QMP_FAULT_JSON);
}

static void second_greeting_breaks_it(void **state)
{
	(void)state;
	say(GREETING GREETING);
	expect(QMP_GREETED, 0x070216, 0);
	expect_broken(QMP_FAULT_SHAPE);
}

static void late_greeting_breaks_it(void **state)
{
	(void)state;
	become_ready();
	say(GREETING);
	expect_broken(QMP_FAULT_SHAPE);
}

static void refused_negotiation_breaks_it(void **state)
{
	char id[QMP_ID_MAX];

	(void)state;
	say(GREETING);
	expect(QMP_GREETED, 0x070216, 0);
	expect_sent("qmp_capabilities", id);
	say_error(id, "CommandNotFound");
	expect_broken(QMP_FAULT_SHAPE);
}

static void status_without_status_breaks_it(void **state)
{
	(void)state;
	say(GREETING);
	answer("qmp_capabilities", "{}");
	answer("query-status", "{\"status\": 5}");
	expect(QMP_GREETED, 0x070216, 0);
	expect(QMP_READY, 0, 0);
	expect_broken(QMP_FAULT_SHAPE);
}

static void threads_are_passed_on_as_numbers(void **state)
{
	(void)state;
	become_ready();
	qmp_client_ask(&client, QMP_ASK_VCPUS);
	qmp_client_ask(&client, QMP_ASK_IOTHREADS);
	answer("query-cpus-fast", "[{\"thread-id\": 7, \"cpu-index\": 1, \"props\": {\"core-id\": 0}}, "
				  "{\"thread-id\": 2147483647, \"cpu-index\": 0}]");
	answer("query-iothreads", "[{\"id\": \"a\", \"thread-id\": 9}, {\"id\": \"b\", \"thread-id\": 3}]");
	expect(QMP_VCPU, 1, 7);
	expect(QMP_VCPU, 0, 2147483647);
	expect(QMP_THREADS, QMP_ASK_VCPUS, 0);
	expect(QMP_IOTHREAD, 0, 9);
	expect(QMP_IOTHREAD, 1, 3);
	expect(QMP_THREADS, QMP_ASK_IOTHREADS, 0);
	expect_no_more();
}

static int begin(void **state)
{
	(void)state;
	told_count = 0;
	told_read = 0;
	now = 1000;
	return qmp_client_init(&client, 77, tell, &client);
}

static int end(void **state)
{
	(void)state;
	qmp_client_fini(&client);
	return 0;
}

/* A guess would place another thread than the one that is meant. */
static void what_is_no_list_of_threads_breaks_it(void **state)
{
	static const char *const bad[] = { "{}", "[5]", "[{}]", "[{\"thread-id\": 0}]", "[{\"thread-id\": \"7\"}]",
					   "[{\"thread-id\": 2147483648}]", "[{\"thread-id\": 7}, {}]",
					   "[{\"thread-id\": 7, \"cpu-index\": -1}]",
					   "[{\"thread-id\": 7, \"cpu-index\": 1024}]" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		become_ready();
		qmp_client_ask(&client, QMP_ASK_VCPUS);
		answer("query-cpus-fast", bad[i]);
		expect_broken(QMP_FAULT_SHAPE);
		(void)end(NULL);
		(void)begin(NULL);
	}
}

static void type_confusion_breaks_it(void **state)
{
	(void)state;
	become_ready();
	say("{\"event\": 5}\r\n");
	expect_broken(QMP_FAULT_SHAPE);
}

static void depth_bomb_breaks_it(void **state)
{
	static char bomb[10001];

	(void)state;
	memset(bomb, '[', sizeof(bomb) - 1);
	become_ready();
	say(bomb);
	expect_no_more();
	say("\n");
	expect_broken(QMP_FAULT_JSON);
}

static void endless_line_breaks_it(void **state)
{
	static char piece[1 << 16];

	(void)state;
	become_ready();
	memset(piece, 'x', sizeof(piece));
	for (size_t total = 0; total < 100u << 20; total += sizeof(piece))
		qmp_client_feed(&client, piece, sizeof(piece), now);
	expect_broken(QMP_FAULT_LONG_LINE);
}

/* 100,000 STOPs in a second: few records, one query; and SHUTDOWN is not lost among them. */
static void flood_is_held_back(void **state)
{
	static const char stop[] = EVENT("STOP", "");
	char id[QMP_ID_MAX];

	(void)state;
	become_ready();
	for (int i = 0; i < 100000; i++)
		qmp_client_feed(&client, stop, sizeof(stop) - 1, now);
	say(EVENT("SHUTDOWN", ", \"data\": {\"guest\": true}"));
	for (int i = 0; i < QMP_EVENTS_PER_SECOND; i++)
		expect(QMP_EVENT, QMP_EVENT_STOP, 0);
	expect(QMP_EVENT, QMP_EVENT_SHUTDOWN, 1);
	expect_no_more();
	expect_sent("query-status", id);
	say_return(id, "{\"status\": \"io-error\"}");
	expect(QMP_STATE, QMP_STATE_IO_ERROR, 0);
	answer("query-status", "{\"status\": \"io-error\"}"); /* asked while one was under way */
	expect(QMP_STATE, QMP_STATE_IO_ERROR, 0);
	expect_nothing_sent();
	now++;
	say(stop);
	expect(QMP_EVENT, QMP_EVENT_STOP, 0);
	expect_no_more();
}

/* The recorded session, cut off at every byte: never more records than of the whole. */
static void end_at_every_byte(void **state)
{
	static char session[16384];
	static struct qmp_record whole[64];
	FILE *f = fopen("tests/fuzz/qmp.corpus/session-7.2", "re");
	size_t size, whole_count = 0;

	(void)state;
	assert_non_null(f);
	size = fread(session, 1, sizeof(session), f);
	assert_between(size, 900, sizeof(session) - 1);
	assert_int_equal(fclose(f), 0);
	for (size_t cut = size; cut <= size; cut--) {
		qmp_client_fini(&client);
		assert_int_equal(qmp_client_init(&client, 1, tell, &client), 0);
		told_count = 0;
		for (size_t i = 0; i < cut; i++) {
			size_t length = 0;

			qmp_client_feed(&client, session + i, 1, now);
			if (told_count == 3 && told[2].type == QMP_STATE && !client.busy)
				for (int t = QMP_ASK_CONTINUE; t < QMP_ASK_STATE; t++)
					qmp_client_ask(&client, (enum qmp_record_type)t);
			(void)qmp_client_output(&client, &length);
			qmp_client_sent(&client, length);
		}
		qmp_client_eof(&client);
		if (cut == size) {
			whole_count = told_count;
			memcpy(whole, told, told_count * sizeof(told[0]));
		}
		assert_between(told_count, 1, whole_count);
		assert_int_equal(told[told_count - 1].type, QMP_MONITOR_CLOSED);
		assert_memory_equal(told, whole, (told_count - 1) * sizeof(told[0]));
	}
	assert_int_equal(whole_count, 10);
	told_read = told_count;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

/* A client of the display: its descriptor goes with the first byte of getfd, and of nothing else.
 */
static void a_client_is_handed_over(void **state)
{
	size_t length;

	(void)state;
	client.screen = QMP_SCREEN_VNC;
	assert_false(qmp_client_hand_over(&client, 42)); /* QEMU takes no commands yet */
	become_ready();
	assert_true(qmp_client_hand_over(&client, 42));
	assert_false(qmp_client_hand_over(&client, 43));
	assert_int_equal(qmp_client_descriptor(&client), 42);
	assert_non_null(strstr(qmp_client_output(&client, &length),
			       "\"getfd\",\"arguments\":{\"fdname\":\"display\"}"));
	qmp_client_sent(&client, 1);
	assert_int_equal(qmp_client_descriptor(&client), -1);
	qmp_client_sent(&client, length - 1);
	say_return(client.awaited_id, "{}");
	assert_non_null(strstr(qmp_client_output(&client, &length), "\"add_client\""));
	assert_int_equal(qmp_client_descriptor(&client), -1);
	qmp_client_sent(&client, length);
	assert_true(qmp_client_hand_over(&client, 43)); /* waits for that answer */
	assert_int_equal(qmp_client_descriptor(&client), -1);
	say_error(client.awaited_id, "GenericError");
	expect_no_more(); /* the keeper is not bothered */
	assert_int_equal(qmp_client_descriptor(&client), 43);
	qmp_client_eof(&client);
	assert_int_equal(qmp_client_descriptor(&client), -1);
}

/* On a port of the loopback any process can connect: there QEMU asks for the password. */
static void a_port_is_asked_for_the_password(void **state)
{
	static const struct {
		enum qmp_screen screen;
		const char *command;
	} ports[] = {
		{ QMP_SCREEN_SPICE,
		  "\"protocol\":\"spice\",\"fdname\":\"display\",\"skipauth\":true" },
		{ QMP_SCREEN_SPICE_PASSWORD,
		  "\"protocol\":\"spice\",\"fdname\":\"display\",\"skipauth\":false" },
		{ QMP_SCREEN_VNC_PASSWORD,
		  "\"protocol\":\"vnc\",\"fdname\":\"display\",\"skipauth\":false" },
	};
	size_t length;

	(void)state;
	become_ready();
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		client.screen = ports[i].screen;
		assert_true(qmp_client_hand_over(&client, 42));
		(void)qmp_client_output(&client, &length);
		qmp_client_sent(&client, length);
		say_return(client.awaited_id, "{}");
		assert_non_null(strstr(qmp_client_output(&client, &length), ports[i].command));
		qmp_client_sent(&client, length);
		say_return(client.awaited_id, "{}");
	}
	expect_no_more();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_run_from_greeting_to_end),
		TEST(nothing_is_ready_before_the_answer),
		TEST(greeting_then_silence_waits),
		TEST(stop_is_followed_by_why),
		TEST(one_command_at_a_time_and_each_once),
		TEST(threads_are_passed_on_as_numbers),
		TEST(what_is_no_list_of_threads_breaks_it),
		TEST(answer_before_we_have_sent_all),
		TEST(foreign_ids_are_not_ours),
		TEST(refusals_name_what_was_asked),
		TEST(error_without_id_is_of_the_command_under_way),
		TEST(asks_that_are_none_are_ignored),
		TEST(quit_before_the_greeting),
		TEST(shutdown_before_or_instead_of_the_answer_to_quit),
		TEST(rows_go_one_by_one),
		TEST(a_reset_is_done_with_its_event),
		TEST(descriptors_go_with_their_rows),
		TEST(a_device_that_a_row_takes_away_is_not_told),
		TEST(a_reset_that_is_no_rows_is_told),
		TEST(the_first_refused_row_is_the_last),
		TEST(quit_drops_the_rows),
		TEST(rows_for_nobody_are_refused),
		TEST(a_replacement_takes_over),
		TEST(an_event_first_means_a_replacement_too),
		TEST(garbage_breaks_it_at_once),
		TEST(only_the_first_line_may_be_a_tail),
		TEST(a_tail_after_a_greeting_is_garbage),
		TEST(second_greeting_breaks_it),
		TEST(late_greeting_breaks_it),
		TEST(refused_negotiation_breaks_it),
		TEST(status_without_status_breaks_it),
		TEST(type_confusion_breaks_it),
		TEST(depth_bomb_breaks_it),
		TEST(endless_line_breaks_it),
		TEST(flood_is_held_back),
		TEST(end_at_every_byte),
		TEST(a_client_is_handed_over),
		TEST(a_port_is_asked_for_the_password),
	};

	return cmocka_run_group_tests_name("qmp-client", tests, NULL, NULL);
}
