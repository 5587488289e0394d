// SPDX-License-Identifier: GPL-2.0-or-later
/* test-qmp-message.c - one line of QMP: what is taken, and everything else refused */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "qmp/frame.h"
#include "qmp/message.h"
#include "tests/unit/between.h"

static struct qmp_decoder decoder;
static struct qmp_message m;

static int decode(const char *line)
{
	return qmp_decode(&decoder, line, strlen(line), &m);
}

/* As recorded from QEMU 7.2; the version in the order that QEMU has it. */
#define GREETING(major, minor, micro)                                                              \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": " micro ", \"minor\": " minor              \
	", \"major\": " major "}, \"package\": \"Debian\"}, \"capabilities\": [\"oob\"]}}"

static void greeting_has_a_version(void **state)
{
	(void)state;
	assert_int_equal(decode(GREETING("7", "2", "22")), 0);
	assert_int_equal(m.kind, QMP_MESSAGE_GREETING);
	assert_int_equal(m.version, 0x070216);
	assert_int_equal(decode(GREETING("65535", "255", "255")), 0);
	assert_int_equal(m.version, 0xffffffff);
}

static void version_that_is_none_is_refused(void **state)
{
	static const char *const bad[] = {
		GREETING("65536", "0", "0"), GREETING("1", "256", "0"),	  GREETING("1", "0", "256"),
		GREETING("-1", "0", "0"),    GREETING("\"7\"", "2", "0"), GREETING("7.0", "2", "0"),
		GREETING("null", "2", "0"),  "{\"QMP\": {}}",		  "{\"QMP\": 1}",
		"{\"QMP\": null}",	     "{\"QMP\": {\"version\": []}}",
		"{\"QMP\": {\"version\": {\"qemu\": \"7.2\"}}}",
		"{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7}}}}",
	};
	int r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i]), -EPROTO);
	/* from json-c 0.18 on this is no JSON at all */
	r = decode(GREETING("1", "99999999999999999999", "0"));
	assert_true(r == -EPROTO || r == -EBADMSG);
}

static void events_are_mapped(void **state)
{
	static const struct {
		const char *line;
		enum qmp_event event;
		uint32_t detail;
	} rows[] = {
		{ "{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":true}}", QMP_EVENT_SHUTDOWN, 1 },
		{ "{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":false}}", QMP_EVENT_SHUTDOWN, 0 },
		{ "{\"event\":\"SHUTDOWN\",\"data\":{}}", QMP_EVENT_SHUTDOWN, 0 },
		{ "{\"event\":\"SHUTDOWN\"}", QMP_EVENT_SHUTDOWN, 0 },
		{ "{\"data\":{\"guest\":true},\"event\":\"RESET\"}", QMP_EVENT_RESET, 1 },
		{ "{\"event\":\"POWERDOWN\"}", QMP_EVENT_POWERDOWN, 0 },
		{ "{\"event\":\"STOP\"}", QMP_EVENT_STOP, 0 },
		{ "{\"event\":\"RESUME\"}", QMP_EVENT_RESUME, 0 },
		{ "{\"event\":\"SUSPEND\"}", QMP_EVENT_SUSPEND, 0 },
		{ "{\"event\":\"SUSPEND_DISK\"}", QMP_EVENT_SUSPEND, 0 },
		{ "{\"event\":\"WAKEUP\"}", QMP_EVENT_WAKEUP, 0 },
		{ "{\"event\":\"GUEST_PANICKED\",\"data\":{\"action\":\"run\"}}",
		  QMP_EVENT_PANICKED, 0 },
		{ "{\"event\":\"BLOCK_IO_ERROR\",\"data\":{\"action\":\"stop\"}}",
		  QMP_EVENT_BLOCK_IO_ERROR, 1 },
		{ "{\"event\":\"BLOCK_IO_ERROR\",\"data\":{\"action\":\"stopp\"}}",
		  QMP_EVENT_BLOCK_IO_ERROR, 0 },
		{ "{\"event\":\"BLOCK_IO_ERROR\",\"data\":{\"action\":\"stop\\u0000\"}}",
		  QMP_EVENT_BLOCK_IO_ERROR, 0 },
		{ "{\"event\":\"WATCHDOG\",\"data\":{\"action\":5}}", QMP_EVENT_WATCHDOG, 0 },
		{ "{\"event\":\"MEMORY_FAILURE\"}", QMP_EVENT_MEMORY_FAILURE, 0 },
		{ "{\"event\":\"DEVICE_DELETED\"}", QMP_EVENT_DEVICE_DELETED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(decode(rows[i].line), 0);
		assert_int_equal(m.kind, QMP_MESSAGE_EVENT);
		assert_int_equal(m.event, rows[i].event);
		assert_int_equal(m.detail, rows[i].detail);
	}
}

static void unknown_events_are_the_peers_right(void **state)
{
	static const char *const lines[] = {
		"{\"event\":\"RTC_CHANGE\",\"data\":{\"offset\":1}}",
		"{\"event\":\"\"}",
		"{\"event\":\"STOP\\u0000\"}",
		"{\"event\":\"SHUTDOW\"}",
		"{\"event\":\"RTC_CHANGE\",\"data\":{\"offset\":NaN}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		assert_int_equal(decode(lines[i]), 0);
		assert_int_equal(m.kind, QMP_MESSAGE_UNKNOWN);
	}
}

static void wrong_types_are_a_wrong_shape(void **state)
{
	static const char *const bad[] = {
		"{\"event\":5}",
		"{\"event\":null}",
		"{\"event\":[\"STOP\"]}",
		"{\"event\":{}}",
		"{\"event\":NaN}",
		"{\"event\":\"STOP\",\"data\":[]}",
		"{\"event\":\"STOP\",\"data\":null}",
		"{\"event\":\"STOP\",\"data\":\"x\"}",
		"{\"event\":\"RTC_CHANGE\",\"data\":7}",
		"{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":1}}",
		"{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":\"true\"}}",
		"{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":null}}",
		"{\"event\":\"BLOCK_IO_ERROR\",\"data\":{\"action\":true}}",
		"{\"error\":\"x\"}",
		"{\"error\":null}",
		"{\"error\":{}}",
		"{\"error\":{\"class\":1,\"desc\":\"\"}}",
		"{\"error\":{\"class\":\"GenericError\"}}",
		"{\"error\":{\"class\":\"GenericError\",\"desc\":[]}}",
		"{}",
		"[]",
		"[{\"event\":\"STOP\"}]",
		"\"STOP\"",
		"{\"vent\":\"STOP\"}",
		"{\"event\":\"STOP\",\"return\":{}}",
		"{\"QMP\":{},\"event\":\"STOP\"}",
		"{\"return\":{},\"error\":{\"class\":\"GenericError\",\"desc\":\"\"}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(decode(bad[i]), -EPROTO);
}

static void what_is_not_json_is_refused(void **state)
{
	static const char *const bad[] = {
		"{",
		"}",
		"{\"return\":{}",
		"{\"return\":{}}}",
		"{\"return\":{}} {\"return\":{}}",
		"{\"return\":{}}x",
		"{\"return\":{},}",
		"{return:1}",
		"QEMU 7.2 monitor",
		"{\"event\":\"\xff\"}",
		"{\"event\":\"\xc3\"}",
		"{\"return\":\"\xf8\x88\x80\x80\x80\"}",
		"12", /* the tokener would wait for more digits */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int rc = decode(bad[i]);

		if (rc != -EBADMSG)
			print_error("taken as %d: %s\n", rc, bad[i]);
		assert_int_equal(rc, -EBADMSG);
	}
	assert_int_equal(qmp_decode(&decoder, "{\"return\":{}}\0", 14, &m), -EBADMSG);
	assert_int_equal(qmp_decode(&decoder, "\0", 1, &m), -EBADMSG);
	/* An error does not stick. */
	assert_int_equal(decode("{\"return\":{}}"), 0);
}

static void blank_lines_are_nothing(void **state)
{
	(void)state;
	assert_int_equal(decode(""), 0);
	assert_int_equal(m.kind, QMP_MESSAGE_BLANK);
	assert_int_equal(decode(" \t "), 0);
	assert_int_equal(m.kind, QMP_MESSAGE_BLANK);
}

static void ids_are_ours_only_when_strings(void **state)
{
	static const struct {
		const char *line;
		bool has;
		const char *id;
	} rows[] = {
		{ "{\"return\":{}}", false, "" },
		{ "{\"return\":{},\"id\":\"vfio-run-1-2\"}", true, "vfio-run-1-2" },
		{ "{\"return\":{},\"id\":12}", true, "" },
		{ "{\"return\":{},\"id\":null}", true, "" },
		{ "{\"return\":{},\"id\":{\"a\":[]}}", true, "" },
		{ "{\"return\":{},\"id\":\"\"}", true, "" },
		/* 39 bytes fit, 40 do not */
		{ "{\"return\":{},\"id\":\"123456789012345678901234567890123456789\"}", true,
		  "123456789012345678901234567890123456789" },
		{ "{\"return\":{},\"id\":\"1234567890123456789012345678901234567890\"}", true, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(decode(rows[i].line), 0);
		assert_int_equal(m.has_id, rows[i].has);
		assert_string_equal(m.id, rows[i].id);
	}
}

static void states_are_mapped(void **state)
{
	(void)state;
	assert_int_equal(decode("{\"return\":{\"status\":\"prelaunch\"}}"), 0);
	assert_true(m.has_state && m.state == QMP_STATE_PRELAUNCH);
	assert_int_equal(decode("{\"return\":{\"status\":\"internal-error\"}}"), 0);
	assert_true(m.has_state && m.state == QMP_STATE_INTERNAL_ERROR);
	assert_int_equal(decode("{\"return\":{\"status\":\"io-error\"}}"), 0);
	assert_true(m.has_state && m.state == QMP_STATE_IO_ERROR);
	assert_int_equal(decode("{\"return\":{\"status\":\"colo\"}}"), 0);
	assert_true(m.has_state && m.state == QMP_STATE_OTHER);
	assert_int_equal(decode("{\"return\":{\"status\":5}}"), 0);
	assert_false(m.has_state);
	assert_int_equal(decode("{\"return\":null}"), 0);
	assert_false(m.has_state);
}

static void errors_have_a_class(void **state)
{
	(void)state;
	assert_int_equal(decode("{\"error\":{\"class\":\"CommandNotFound\",\"desc\":\"x\"}}"), 0);
	assert_true(m.kind == QMP_MESSAGE_ERROR && m.no_such_command && !m.has_id);
	assert_int_equal(
		decode("{\"error\":{\"class\":\"GenericError\",\"desc\":\"x\"},\"id\":\"a\"}"), 0);
	assert_true(m.kind == QMP_MESSAGE_ERROR && !m.no_such_command && m.has_id);
}

#define OPEN_30 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
#define CLOSE_30 "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"

static void nesting_ends_at_the_depth(void **state)
{
	static char deep[1 << 20];

	(void)state;
	/* The object is one level, and json-c counts the innermost as well. */
	assert_int_equal(decode("{\"return\":" OPEN_30 CLOSE_30 "}"), 0);
	assert_int_equal(decode("{\"return\":" OPEN_30 "[[" "]]" CLOSE_30 "}"), -EBADMSG);
	memset(deep, '[', 10000);
	assert_int_equal(qmp_decode(&decoder, deep, 10000, &m), -EBADMSG);
	memset(deep, '[', sizeof(deep));
	assert_int_equal(qmp_decode(&decoder, deep, sizeof(deep), &m), -EPROTO);
}

/* {"return":[X,X,...]} of @count elements. Caller frees. */
static char *array_of(const char *element, size_t count)
{
	size_t each = strlen(element) + 1;
	char *line = malloc(32 + count * each), *p = line;

	assert_non_null(line);
	p = stpcpy(p, "{\"return\":[");
	for (size_t i = 0; i < count; i++)
		p = stpcpy(stpcpy(p, i ? "," : ""), element);
	strcpy(p, "]}");
	return line;
}

static long peak_kib(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_maxrss;
}

/* What json-c makes of the worst that is let through is bounded; more never gets to it. */
static void few_bytes_do_not_become_much_memory(void **state)
{
	static const char *const elements[] = { "1", "[]", "{}", "\"\"" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		size_t each = strlen(elements[i]) + 1;
		cleanup_free char *most = array_of(elements[i], QMP_VALUES_MAX / 2 - 2);
		cleanup_free char *over = array_of(elements[i], (QMP_LINE_MAX - 32) / each);
		long before = peak_kib();

		assert_int_equal(decode(over), -EPROTO);
		assert_between(peak_kib() - before, 0, 512);
		assert_int_equal(decode(most), 0);
		/* The sanitizer adds its share. */
		assert_between(peak_kib() - before, 0, 16 << 10);
	}
}

static int make(void **state)
{
	(void)state;
	return qmp_decoder_init(&decoder);
}

static int unmake(void **state)
{
	(void)state;
	qmp_decoder_fini(&decoder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(greeting_has_a_version),
		cmocka_unit_test(version_that_is_none_is_refused),
		cmocka_unit_test(events_are_mapped),
		cmocka_unit_test(unknown_events_are_the_peers_right),
		cmocka_unit_test(wrong_types_are_a_wrong_shape),
		cmocka_unit_test(what_is_not_json_is_refused),
		cmocka_unit_test(blank_lines_are_nothing),
		cmocka_unit_test(ids_are_ours_only_when_strings),
		cmocka_unit_test(states_are_mapped),
		cmocka_unit_test(errors_have_a_class),
		cmocka_unit_test(nesting_ends_at_the_depth),
		cmocka_unit_test(few_bytes_do_not_become_much_memory),
	};

	return cmocka_run_group_tests_name("qmp-message", tests, make, unmake);
}
