// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-qmp-session.c - vfio-qmp as a process, with QEMU, keeper and terminal played here
 *
 * The process runs qmp_start(), built with the sanitizers and so without the filter; with
 * VFIO_QMP=PATH in the environment it is that program instead, with the filter on.
 */
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "qmp/clients.h"
#include "qmp/control.h"
#include "qmp/frame.h"
#include "qmp/logfile.h"
#include "qmp/message.h"
#include "qmp/record.h"
#include "qmp/rows.h"
#include "qmp/start.h"
#include "tests/unit/between.h"

#define GREETING                                                                                   \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, "         \
	"\"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n"
#define SHUTDOWN                                                                                   \
	"{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-shutdown\"}}\r\n"
#define NOBODY 65534
#define PATIENCE_MS 5000

static pid_t child;
static int monitor = -1, output = -1, keeper = -1, terminal = -1; /* our ends */
static int listener = -1, logfile = -1; /* where one is wanted */
static int rowsfile = -1, screen = -1; /* likewise */
static int spare = -1; /* its other end is left open in the child, which must close it */
static bool real_program;
static bool terminal_is_tty; /* else it is a pipe */
static bool stay_root;

static void move(int from, int to)
{
	if (dup2(from, to) != to)
		_exit(90);
}

/* In the child: descriptors to where they belong, then vfio-qmp. */
static void become_qmp(char **argv, const int ends[4], int spare_end)
{
	const char *path = getenv("VFIO_QMP");
	int program = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	int count = 0, high[4], none = open("/dev/null", O_RDWR | O_CLOEXEC);
	int control = fcntl(listener >= 0 ? listener : none, F_DUPFD_CLOEXEC, 100);
	int log = fcntl(logfile >= 0 ? logfile : none, F_DUPFD_CLOEXEC, 100);
	int rows = fcntl(rowsfile >= 0 ? rowsfile : none, F_DUPFD_CLOEXEC, 100);
	int display = fcntl(screen >= 0 ? screen : none, F_DUPFD_CLOEXEC, 100);

	for (int i = 0; i < 4; i++)
		high[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, 100);
	if (program >= 0)
		program = fcntl(program, F_DUPFD_CLOEXEC, 100);
	move(spare_end, 60);
	move(high[0], QMP_FD_MONITOR);
	move(high[1], QMP_FD_STDERR);
	move(high[2], QMP_FD_KEEPER);
	move(high[3], STDERR_FILENO);
	move(control, QMP_FD_CONTROL);
	move(log, QMP_FD_LOG);
	move(rows, QMP_FD_ROWS);
	move(display, QMP_FD_DISPLAY);
	(void)signal(SIGPIPE, SIG_DFL);
	if (geteuid() == 0 && !stay_root &&
	    (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	     setresuid(NOBODY, NOBODY, NOBODY)))
		_exit(91);
	while (argv[count])
		count++;
	if (!path)
		_exit(qmp_start(count, argv)); /* not exit(): the leak check cannot work hardened */
	fexecve(program, argv, (char *[]){ NULL });
	_exit(92);
}

static void pair(int type, int ends[2])
{
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
}

/* A terminal of the VM's user: [0] is our side of it. */
static void make_tty(int ends[2])
{
	char name[64];

	ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(ends[0] >= 0);
	assert_int_equal(grantpt(ends[0]) || unlockpt(ends[0]), 0);
	assert_int_equal(ptsname_r(ends[0], name, sizeof(name)), 0);
	ends[1] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(ends[1] >= 0);
	if (geteuid() == 0)
		assert_int_equal(fchown(ends[1], NOBODY, NOBODY), 0);
}

static void start_with(char **argv)
{
	int m[2], o[2], k[2], t[2], s[2];

	pair(SOCK_STREAM, m);
	pair(SOCK_SEQPACKET, k);
	/* Room for a few records only, so that a keeper that does not read is noticed. */
	assert_int_equal(setsockopt(k[1], SOL_SOCKET, SO_SNDBUF, &(int){ 1 }, sizeof(int)), 0);
	assert_int_equal(pipe2(o, O_CLOEXEC) || pipe2(s, O_CLOEXEC), 0);
	if (terminal_is_tty)
		make_tty(t);
	else
		assert_int_equal(pipe2(t, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		become_qmp(argv, (const int[]){ m[1], o[0], k[1], t[1] }, s[1]);
	(void)close(m[1]);
	(void)close(o[0]);
	(void)close(k[1]);
	(void)close(t[1]);
	(void)close(s[1]);
	monitor = m[0];
	output = o[1];
	keeper = k[0];
	terminal = t[0];
	spare = s[0];
}

static void start(void)
{
	char program[] = "vfio-qmp", name[] = "win10", option[] = "--vnc";

	start_with((char *[]){ program, name, screen >= 0 ? option : NULL, NULL });
}

/* What is sent from now on is there all at once when it is continued. */
static void stop_child(void)
{
	int status = 0;

	assert_int_equal(kill(child, SIGSTOP), 0);
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
}

static void wait_for(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
}

static void expect(enum qmp_record_type type, uint32_t value, uint32_t detail)
{
	struct qmp_record got = { 0 };

	wait_for(keeper);
	assert_int_equal(recv(keeper, &got, sizeof(got), MSG_TRUNC), sizeof(got));
	assert_int_equal(got.type, type);
	assert_int_equal(got.value, value);
	assert_int_equal(got.detail, detail);
	assert_int_equal(got.spare, 0);
}

static void ask(enum qmp_record_type type)
{
	struct qmp_record record = { .type = type };

	assert_int_equal(send(keeper, &record, sizeof(record), MSG_NOSIGNAL), sizeof(record));
}

/* Whole, or an error: a peer that is not read would make this wait for ever. */
static void put(int fd, const char *bytes, size_t count)
{
	while (count) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		ssize_t n;

		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		n = write(fd, bytes, count < 4096 ? count : 4096);
		assert_true(n > 0);
		bytes += n;
		count -= (size_t)n;
	}
}

static void say(const char *text)
{
	put(monitor, text, strlen(text));
}

static void expect_command(const char *command, char id[64])
{
	char line[256], got[64] = "";
	size_t used = 0;

	do {
		wait_for(monitor);
		assert_int_equal(read(monitor, line + used, 1), 1);
	} while (line[used++] != '\n' && used < sizeof(line) - 1);
	line[used] = '\0';
	assert_int_equal(sscanf(line, "{\"execute\":\"%63[^\"]\",\"id\":\"%63[^\"]\"}", got, id),
			 2);
	assert_string_equal(got, command);
}

static void answer(const char *command, const char *value)
{
	char id[64], line[256];

	expect_command(command, id);
	snprintf(line, sizeof(line), "{\"return\": %s, \"id\": \"%s\"}\r\n", value, id);
	say(line);
}

static void become_ready(void)
{
	start();
	say(GREETING);
	answer("qmp_capabilities", "{}");
	answer("query-status", "{\"status\": \"prelaunch\"}");
	expect(QMP_GREETED, 0x070216, 0);
	expect(QMP_READY, 0, 0);
	expect(QMP_STATE, QMP_STATE_PRELAUNCH, 0);
}

/* Its exit code. A child that does not end is a failure, not a wait. */
static int ended(void)
{
	int status = -1;
	pid_t pid = child;

	for (int i = 0; i < PATIENCE_MS && pid != 0; i++) {
		pid_t done = waitpid(pid, &status, WNOHANG);

		if (done == pid)
			pid = 0;
		else
			(void)poll(NULL, 0, 1);
	}
	assert_int_equal(pid, 0);
	child = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* All that it has printed, once it is dead. */
static const char *terminal_text(void)
{
	static char text[1 << 17];
	size_t used = 0;
	ssize_t n;

	while (used < sizeof(text) - 1 &&
	       (n = read(terminal, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	return text;
}

static void expect_keeper_closed(void)
{
	struct qmp_record got;

	wait_for(keeper);
	assert_int_equal(recv(keeper, &got, sizeof(got), 0), 0);
}

static void a_run_from_greeting_to_end(void **state)
{
	(void)state;
	become_ready();
	ask(QMP_ASK_CONTINUE);
	answer("cont", "{}");
	expect(QMP_CONTINUED, 0, 0);
	put(output, "qemu: hello\nqemu: bye", 21);
	say(SHUTDOWN);
	expect(QMP_EVENT, QMP_EVENT_SHUTDOWN, 1);
	(void)close(monitor);
	monitor = -1;
	expect(QMP_MONITOR_CLOSED, 0, 0);
	ask(QMP_TELL_ENDED);
	expect_keeper_closed();
	assert_int_equal(ended(), 0);
	assert_string_equal(terminal_text(), "win10: qemu: hello\nwin10: qemu: bye\n");
}

/* All was sent before the request to end: it must be read before the end, the monitor too. */
/* As vfio-run hands them over: sealed, and the keeper names them by number. */
static void become_ready_with_rows(const char *rows, size_t size)
{
	rowsfile = memfd_create("rows", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_true(rowsfile >= 0);
	assert_int_equal(write(rowsfile, rows, size), size);
	assert_int_equal(fcntl(rowsfile, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_SEAL), 0);
	become_ready();
	(void)close(rowsfile);
	rowsfile = -1;
}

static void ask_rows(uint32_t first, uint32_t count)
{
	const struct qmp_record record = { .type = QMP_ASK_ROWS, .value = first, .detail = count };

	assert_int_equal(send(keeper, &record, sizeof(record), MSG_NOSIGNAL), sizeof(record));
}

static void rows_are_sent_by_number(void **state)
{
	static const char rows[] = "a\"execute\":\"qom-set\"\0a\"execute\":\"device_add\"";
	char id[64], line[256];

	(void)state;
	become_ready_with_rows(rows, sizeof(rows));
	ask_rows(0, 1);
	answer("qom-set", "{}");
	expect(QMP_ROWS_DONE, 0, 0);
	for (uint32_t i = 0; i < 3; i++) { /* there are two of them */
		ask_rows(i, i ? UINT32_MAX : 3);
		expect(QMP_REFUSED, QMP_ASK_ROWS, 0);
	}
	put(output, "half a line", 11);
	ask_rows(1, 1);
	expect_command("device_add", id);
	(void)snprintf(line, sizeof(line),
		       "{\"id\":\"%s\",\"error\":{\"class\":\"GenericError\","
		       "\"desc\":\"not viable\\u001b[2J\"}}\r\n", id);
	say(line);
	expect(QMP_REFUSED, QMP_ASK_ROWS, 0);
	ask(QMP_TELL_FAILED);
	expect_keeper_closed();
	assert_int_equal(ended(), 0);
	assert_non_null(strstr(terminal_text(), "win10: half a line\nwin10: not viable\\x1b[2J\n"));
}

static void without_rows_they_are_refused(void **state)
{
	(void)state;
	become_ready();
	ask_rows(0, 1);
	expect(QMP_REFUSED, QMP_ASK_ROWS, 0);
	ask_rows(0, 0);
	expect(QMP_ROWS_DONE, 0, 0);
}

static void what_a_dead_qemu_left_is_read(void **state)
{
	(void)state;
	become_ready();
	stop_child();
	say(SHUTDOWN);
	put(output, "qemu: no such \033device\n", 22);
	assert_int_equal(shutdown(monitor, SHUT_RDWR), 0);
	ask(QMP_TELL_FAILED);
	assert_int_equal(kill(child, SIGCONT), 0);
	expect(QMP_EVENT, QMP_EVENT_SHUTDOWN, 1);
	expect(QMP_MONITOR_CLOSED, 0, 0);
	expect_keeper_closed();
	assert_int_equal(ended(), 0);
	assert_string_equal(terminal_text(),
			    "win10: qemu: no such \\x1bdevice\n"
			    "vfio-run: win10: QEMU said last: \"qemu: no such \\x1bdevice\"\n");
}

/* A keeper that has requested the end need not read any more. */
static void at_the_end_nobody_has_to_listen(void **state)
{
	static const char *const events[] = { "SHUTDOWN", "RESET", "RESUME", "WAKEUP", "SUSPEND" };
	char lines[100 * 32], *p = lines;

	(void)state;
	become_ready();
	stop_child();
	for (int i = 0; i < 100; i++)
		p += sprintf(p, "{\"event\": \"%s\"}\n", events[i % 5]);
	say(lines);
	put(output, "x\n", 2);
	ask(QMP_TELL_ENDED);
	assert_int_equal(kill(child, SIGCONT), 0);
	assert_int_equal(ended(), 0);
	assert_string_equal(terminal_text(), "win10: x\n");
}

/* Before that it waits for the keeper rather than lose a record. */
static void no_record_is_lost(void **state)
{
	(void)state;
	become_ready();
	for (int i = 0; i < 20; i++)
		say(SHUTDOWN "{\"event\": \"RESUME\"}\r\n");
	for (int i = 0; i < 20; i++) {
		expect(QMP_EVENT, QMP_EVENT_SHUTDOWN, 1);
		expect(QMP_EVENT, QMP_EVENT_RESUME, 0);
	}
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

static void a_silent_qemu_is_said_to_be(void **state)
{
	(void)state;
	start();
	ask(QMP_TELL_FAILED);
	assert_int_equal(ended(), 0);
	assert_string_equal(terminal_text(), "vfio-run: win10: QEMU said nothing\n");
}

static void colour_is_taken(void **state)
{
	char program[] = "vfio-qmp", name[] = "win10", colour[] = "--colour";

	(void)state;
	start_with((char *[]){ program, name, colour, NULL });
	put(output, "x\n", 2);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
	assert_string_equal(terminal_text(), "\033[2mwin10:\033[0m x\n");
}

/* QEMU is gone before the command is written: an error, not a signal. */
static void a_closed_monitor_is_not_fatal(void **state)
{
	(void)state;
	become_ready();
	stop_child();
	ask(QMP_ASK_CONTINUE);
	(void)close(monitor);
	monitor = -1;
	assert_int_equal(kill(child, SIGCONT), 0);
	expect(QMP_MONITOR_CLOSED, 0, 0);
	ask(QMP_ASK_QUIT);
	expect(QMP_REFUSED, QMP_ASK_QUIT, 0);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

/* It closes without having read our command: the monitor is reset rather than ended. */
static void a_reset_monitor_is_a_closed_one(void **state)
{
	struct pollfd p;

	(void)state;
	become_ready();
	ask(QMP_ASK_QUIT);
	p = (struct pollfd){ .fd = monitor, .events = POLLIN };
	assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
	(void)close(monitor);
	monitor = -1;
	expect(QMP_MONITOR_CLOSED, 0, 0);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

/* It has not read all that it was sent: its last output is read nevertheless. */
static void a_keeper_that_closes_first_is_heard(void **state)
{
	const char *text;

	(void)state;
	become_ready();
	stop_child();
	say("{\"event\": \"STOP\"}\r\n");
	put(output, "it could not be opened\n", 23);
	assert_int_equal(kill(child, SIGCONT), 0);
	wait_for(keeper); /* and is not read */
	stop_child();
	say("{\"event\": \"RESUME\"}\r\n"); /* sent when the keeper is gone */
	put(output, "the last of it\n", 15);
	ask(QMP_TELL_FAILED);
	(void)close(keeper);
	keeper = -1;
	assert_int_equal(kill(child, SIGCONT), 0);
	assert_int_equal(ended(), 0);
	text = terminal_text();
	assert_non_null(strstr(text, "win10: the last of it"));
	assert_non_null(strstr(text, "vfio-run: win10: QEMU")); /* as of one that has failed */
}

static void without_a_keeper_it_ends(void **state)
{
	(void)state;
	become_ready();
	(void)close(keeper);
	keeper = -1;
	assert_int_equal(ended(), 0);
}

static void without_a_keeper_a_record_is_not_fatal(void **state)
{
	(void)state;
	become_ready();
	stop_child();
	say(SHUTDOWN);
	(void)close(keeper);
	keeper = -1;
	assert_int_equal(kill(child, SIGCONT), 0);
	assert_int_equal(ended(), 0);
}

/* What stands behind "key:" and white space in /proc/PID/status. */
static const char *proc_text(const char *key)
{
	static char line[256];
	char path[64];
	cleanup_fclose FILE *f = NULL;

	snprintf(path, sizeof(path), "/proc/%d/status", child);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			return line + strlen(key) + 1 + strspn(line + strlen(key) + 1, " \t");
	fail_msg("no %s", key);
	return "";
}

static long proc_value(const char *key)
{
	return strtol(proc_text(key), NULL, 10);
}

static char proc_letter(const char *key)
{
	return *proc_text(key);
}

/* The most memory that it ever had; a sanitizer has its share. */
static void expect_peak_below(long kib)
{
	assert_between(proc_value("VmHWM"), 100, real_program ? kib : 64 << 10);
}

/* 100 MB in one line: given up, still read so that QEMU does not keep it, and no memory. */
static void an_endless_line_is_thrown_away(void **state)
{
	static char piece[1 << 16];

	(void)state;
	become_ready();
	memset(piece, '[', sizeof(piece));
	for (size_t total = 0; total < 100u << 20; total += sizeof(piece))
		put(monitor, piece, sizeof(piece));
	expect(QMP_MONITOR_BROKEN, QMP_FAULT_LONG_LINE, 0);
	ask(QMP_ASK_STATE);
	expect(QMP_REFUSED, QMP_ASK_STATE, 0);
	expect_peak_below(4 << 10);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

/* 1 MiB of text that json-c would make 100 MiB of: refused, the process lives on. */
static void text_that_would_swell_is_refused(void **state)
{
	static char line[QMP_LINE_MAX];
	static const char start_of[] = "{\"return\":[[]";
	size_t used = sizeof(start_of) - 1;

	(void)state;
	become_ready();
	memcpy(line, start_of, used);
	for (; used < sizeof(line) - 8; used += 3)
		memcpy(line + used, ",[]", 3);
	memcpy(line + used, "]}\n", 3);
	put(monitor, line, used + 3);
	expect(QMP_MONITOR_BROKEN, QMP_FAULT_SHAPE, 0);
	expect_peak_below(4 << 10);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

/* The most that is let through. */
static void the_most_values_are_taken(void **state)
{
	static char line[QMP_LINE_MAX];
	static const char start_of[] = "{\"event\":\"RESUME\",\"x\":[{}";
	size_t used = sizeof(start_of) - 1;

	(void)state;
	become_ready();
	memcpy(line, start_of, used);
	for (int i = 0; i < QMP_VALUES_MAX / 2 - 4; i++, used += 3)
		memcpy(line + used, ",{}", 3);
	memcpy(line + used, "]}\n", 3);
	put(monitor, line, used + 3);
	expect(QMP_EVENT, QMP_EVENT_RESUME, 0);
	expect_peak_below(12 << 10);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

static void a_broken_monitor_does_not_stop_the_rest(void **state)
{
	(void)state;
	start();
	say("garbage\n");
	expect(QMP_MONITOR_BROKEN, QMP_FAULT_JSON, 0);
	put(output, "why\n", 4);
	ask(QMP_TELL_FAILED);
	assert_int_equal(ended(), 0);
	assert_string_equal(terminal_text(),
			    "win10: why\nvfio-run: win10: QEMU said last: \"why\"\n");
}

/* The terminal is not read: the monitor is served all the same, and QEMU never waits. */
static void stop_the_terminal(void)
{
	static char line[1000];

	become_ready();
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (int i = 0; i < 150; i++)
		put(output, line, sizeof(line));
	for (int i = 0; i < 3; i++) {
		ask(QMP_ASK_CONTINUE);
		answer("cont", "{}");
		expect(QMP_CONTINUED, 0, 0);
	}
	for (int i = 0; i < 2000; i++)
		put(output, line, sizeof(line));
	ask(QMP_TELL_FAILED);
	assert_int_equal(ended(), 0);
}

static void a_stopped_terminal_stops_nothing(void **state)
{
	(void)state;
	stop_the_terminal();
	assert_non_null(strstr(terminal_text(), "win10: xxx"));
}

/* A terminal can have room for a part of a line only. */
static void a_stopped_tty_stops_nothing(void **state)
{
	(void)state;
	terminal_is_tty = true;
	stop_the_terminal();
}

static void signals_of_the_terminal_are_the_keepers(void **state)
{
	static const int signals[] = { SIGINT,	SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,
				       SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2 };

	(void)state;
	become_ready();
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		assert_int_equal(kill(child, signals[i]), 0);
	ask(QMP_ASK_CONTINUE);
	answer("cont", "{}");
	expect(QMP_CONTINUED, 0, 0);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

/* Also of the keeper only whole records of known types are taken. */
static void odd_records_are_dropped(void **state)
{
	struct qmp_record two[2] = { { .type = QMP_ASK_QUIT }, { .type = QMP_ASK_QUIT } };
	static const uint32_t types[] = { QMP_NONE,	       QMP_GREETED, QMP_EVENT,
					  QMP_MONITOR_BROKEN, QMP_TYPE_MAX, UINT32_MAX };

	(void)state;
	become_ready();
	for (size_t size = 1; size <= sizeof(two); size++)
		if (size != sizeof(two[0]))
			assert_int_equal(send(keeper, two, size, 0), (ssize_t)size);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		ask((enum qmp_record_type)types[i]);
	ask(QMP_ASK_RESET);
	answer("system_reset", "{}");
	ask(QMP_TELL_ENDED);
	expect_keeper_closed();
	assert_int_equal(ended(), 0);
}

/* QEMU passes a descriptor: it must not stay open, or a guest could use them all up. */
static void descriptors_that_come_along_are_dropped(void **state)
{
	int ends[2];
	char byte[] = " ", control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { byte, 1 };
	struct msghdr message = { .msg_iov = &iov,
				  .msg_iovlen = 1,
				  .msg_control = control,
				  .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	(void)state;
	become_ready();
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &ends[1], sizeof(int));
	assert_int_equal(sendmsg(monitor, &message, MSG_NOSIGNAL), 1);
	(void)close(ends[1]);
	wait_for(ends[0]); /* end of file: no other copy is left */
	assert_int_equal(read(ends[0], byte, 1), 0);
	(void)close(ends[0]);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

/* A row of /proc/PID/limits; soft and hard must be the same. (prlimit(2) needs a right.) */
static long limit_of(const char *what)
{
	char path[64], line[256];
	long soft = -1, hard = -2;
	cleanup_fclose FILE *f = NULL;

	snprintf(path, sizeof(path), "/proc/%d/limits", child);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, what, strlen(what)))
			assert_int_equal(sscanf(line + strlen(what), "%ld %ld", &soft, &hard), 2);
	assert_int_equal(soft, hard);
	return soft;
}

static void it_has_given_up_what_it_can(void **state)
{
	char byte;

	(void)state;
	become_ready();
	wait_for(spare); /* end of file: it closed what it should not have had */
	assert_int_equal(read(spare, &byte, 1), 0);
	assert_int_equal(proc_value("NoNewPrivs"), 1);
	assert_int_equal(proc_value("Seccomp"), real_program ? 2 : 0);
	assert_int_equal(limit_of("Max open files"), QMP_FD_LAST + 1 + QMP_CLIENTS_MAX + 1 + 1 + QMP_ROWS_FDS_MAX);
	assert_int_equal(limit_of("Max processes"), 0);
	assert_int_equal(limit_of("Max core file size"), 1);
	if (real_program)
		assert_int_equal(limit_of("Max address space"), 64 << 20);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

/* Without input it does not run at all: neither wakes up nor spins. */
static void expect_asleep(void)
{
	long before, kicked;

	/* on a busy machine it takes a while to get there */
	for (int i = 0; i < PATIENCE_MS / 50 && (!i || proc_letter("State") != 'S'); i++)
		(void)poll(NULL, 0, 50);
	before = proc_value("voluntary_ctxt_switches");
	kicked = proc_value("nonvoluntary_ctxt_switches");
	for (int i = 0; i < 20; i++) {
		(void)poll(NULL, 0, 10);
		assert_int_equal(proc_letter("State"), 'S');
	}
	assert_true(before > 0);
	assert_int_equal(proc_value("voluntary_ctxt_switches"), before);
	assert_int_equal(proc_value("nonvoluntary_ctxt_switches"), kicked);
}

static void it_sleeps(void **state)
{
	(void)state;
	become_ready();
	ask(QMP_ASK_RESET);
	answer("system_reset", "{}");
	expect_asleep();
	(void)close(output);
	output = -1;
	expect_asleep();
	(void)close(monitor);
	monitor = -1;
	expect(QMP_MONITOR_CLOSED, 0, 0);
	expect_asleep();
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

/* A terminal that is gone for good: an error of write(2), not a signal. */
static void a_closed_terminal_is_not_fatal(void **state)
{
	(void)state;
	become_ready();
	(void)close(terminal);
	terminal = -1;
	put(output, "x\n", 2);
	ask(QMP_ASK_CONTINUE);
	answer("cont", "{}");
	expect(QMP_CONTINUED, 0, 0);
	ask(QMP_TELL_FAILED);
	assert_int_equal(ended(), 0);
}

static void root_is_refused(void **state)
{
	char program[] = "vfio-qmp", name[] = "win10";

	(void)state;
	if (geteuid() != 0)
		skip();
	stay_root = true;
	start_with((char *[]){ program, name, NULL });
	assert_int_equal(ended(), 1);
	assert_string_equal(terminal_text(), "vfio-qmp: refuses to run as root\n");
}

static void wrong_arguments_are_refused(void **state)
{
	static char program[] = "vfio-qmp", good[] = "win10", odd[] = "win\033[2J", empty[] = "",
		    colour[] = "--colour", other[] = "--color", vnc[] = "--vnc",
		    spice[] = "--spice", longer[] = "x12345678901234567890123456789012";
	char *rows[][5] = {
		{ program, NULL },
		{ program, empty, NULL },
		{ program, odd, NULL },
		{ program, longer, NULL },
		{ program, good, other, NULL },
		{ program, good, colour, colour, NULL },
		{ program, good, vnc, spice, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		start_with(rows[i]);
		assert_int_equal(ended(), 1);
		assert_string_equal(terminal_text(),
				    "vfio-qmp: part of vfio-run; it is not started by hand\n");
		(void)close(monitor);
		(void)close(output);
		(void)close(keeper);
		(void)close(terminal);
		(void)close(spare);
	}
	monitor = output = keeper = terminal = spare = -1;
}

/* ---- the control socket and the log ------------------------------------------------- */

static struct sockaddr_un control_address;

/* Open to all users: vfio-qmp itself checks who may ask. */
static int make_listening(int type)
{
	static int count;
	int fd;

	control_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(control_address.sun_path + 1, sizeof(control_address.sun_path) - 1,
		       "vfio-run-test-%d-%d", (int)getpid(), count++);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&control_address, sizeof(control_address)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void make_listener(void)
{
	listener = make_listening(SOCK_SEQPACKET);
}

static int connect_control(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&control_address,
				 sizeof(control_address)), 0);
	return fd;
}

static void request(int fd, uint32_t what)
{
	const struct control_request r = { CONTROL_MAGIC, CONTROL_VERSION, what, 0 };

	assert_int_equal(send(fd, &r, sizeof(r), MSG_NOSIGNAL), sizeof(r));
}

static void expect_reply(int fd, uint32_t what, uint32_t result)
{
	struct control_reply r = { 0 };

	wait_for(fd);
	assert_int_equal(recv(fd, &r, sizeof(r), MSG_TRUNC), sizeof(r));
	assert_int_equal(r.magic, CONTROL_MAGIC);
	assert_int_equal(r.version, CONTROL_VERSION);
	assert_int_equal(r.what, what);
	assert_int_equal(r.result, result);
}

static void expect_closed(int fd)
{
	char byte;

	wait_for(fd);
	assert_true(recv(fd, &byte, 1, 0) <= 0);
	(void)close(fd);
}

/* ---- clients of the display --------------------------------------------------------- */

/* One command of vfio-qmp, and the descriptor that came along; -1: none did. */
static int take_command(const char *words, char id[64])
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	char line[256] = "";
	struct iovec data = { line, sizeof(line) - 1 };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	const char *mark;
	int fd = -1;

	wait_for(monitor);
	assert_true(recvmsg(monitor, &m, MSG_CMSG_CLOEXEC) > 0);
	assert_non_null(strstr(line, words));
	mark = strstr(line, "\"id\":\"");
	assert_int_equal(mark && sscanf(mark, "\"id\":\"%63[^\"]", id) == 1, 1);
	if (m.msg_controllen)
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

static void say_yes(const char *id)
{
	char line[128];

	snprintf(line, sizeof(line), "{\"return\": {}, \"id\": \"%s\"}\r\n", id);
	say(line);
}

/* What QEMU got is the other end of the client's connection. */
static void expect_connected(int qemus, int clients)
{
	char byte = 0;

	assert_int_equal(write(qemus, "R", 1), 1);
	wait_for(clients);
	assert_int_equal(read(clients, &byte, 1), 1);
	assert_int_equal(byte, 'R');
	(void)close(qemus);
}

/* As the keeper sends them: the descriptor is behind the request. */
static void ask_rows_with(uint32_t first, uint32_t count, int fd)
{
	struct qmp_record record = { .type = QMP_ASK_ROWS, .value = first, .detail = count };
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec data = { &record, sizeof(record) };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	assert_int_equal(sendmsg(keeper, &m, MSG_NOSIGNAL), sizeof(record));
}

/* It goes to QEMU with the row that takes it, and is not kept, done or refused. */
static void a_descriptor_of_the_keepers_goes_to_qemu(void **state)
{
	static const char rows[] = "f\"execute\":\"add-fd\"\0a\"execute\":\"device_add\"";
	char id[64], byte = 0;
	int ends[2], qemus;

	(void)state;
	become_ready_with_rows(rows, sizeof(rows));
	for (int round = 0; round < 2; round++) {
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		ask_rows_with(round ? 7 : 0, 2, ends[1]);
		(void)close(ends[1]);
		if (!round) {
			qemus = take_command("add-fd", id);
			assert_true(qemus >= 0);
			assert_int_equal(write(qemus, "R", 1), 1);
			assert_int_equal(read(ends[0], &byte, 1), 1);
			(void)close(qemus);
			say_yes(id);
			assert_int_equal(take_command("device_add", id), -1);
			say_yes(id);
			expect(QMP_ROWS_DONE, 0, 0);
		} else {
			expect(QMP_REFUSED, QMP_ASK_ROWS, 0);
		}
		wait_for(ends[0]); /* end of file: no copy is left */
		assert_int_equal(read(ends[0], &byte, 1), 0);
		(void)close(ends[0]);
	}
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

static int connect_display(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&control_address, sizeof(control_address)),
			 0);
	return fd;
}

/* The second comes while the first is on its way, and has its turn. */
static void display_clients_go_to_qemu_one_by_one(void **state)
{
	int client[2], qemus;
	char id[64];

	(void)state;
	screen = make_listening(SOCK_STREAM);
	become_ready();
	for (size_t i = 0; i < ARRAY_SIZE(client); i++)
		client[i] = connect_display();
	for (size_t i = 0; i < ARRAY_SIZE(client); i++) {
		qemus = take_command(
			"{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"display\"}", id);
		assert_true(qemus >= 0);
		say_yes(id);
		assert_int_equal(
			take_command(
				"{\"execute\":\"add_client\",\"arguments\":{\"protocol\":\"vnc\"",
				id),
			-1);
		say_yes(id);
		expect_connected(qemus, client[i]);
		expect_closed(client[i]); /* vfio-qmp has kept nothing of it */
	}
	ask(QMP_TELL_ENDED);
	expect_keeper_closed();
	assert_int_equal(ended(), 0);
}

static void run_guest(void)
{
	ask(QMP_ASK_CONTINUE);
	answer("cont", "{}");
	expect(QMP_CONTINUED, 0, 0);
}

static void clients_reach_qemu(void **state)
{
	int fd;

	(void)state;
	make_listener();
	become_ready();
	fd = connect_control();
	request(fd, CONTROL_PAUSE);
	expect_reply(fd, CONTROL_PAUSE, CONTROL_TOO_EARLY);
	request(fd, CONTROL_RESUME); /* the guest is not theirs to start */
	expect_reply(fd, CONTROL_RESUME, CONTROL_TOO_EARLY);
	run_guest();
	request(fd, CONTROL_PAUSE);
	answer("stop", "{}");
	expect_reply(fd, CONTROL_PAUSE, CONTROL_DONE);
	request(fd, CONTROL_RESUME);
	answer("cont", "{}");
	expect_reply(fd, CONTROL_RESUME, CONTROL_DONE);
	expect(QMP_CONTINUED, 0, 0);
	request(fd, CONTROL_RESET);
	answer("system_reset", "{}");
	expect_reply(fd, CONTROL_RESET, CONTROL_DONE);
	request(fd, CONTROL_STATUS);
	expect_reply(fd, CONTROL_STATUS, CONTROL_DONE);
	(void)close(fd);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

/* `cont` leaves a guest that sleeps asleep; and asleep it sees no power button. */
static void a_guest_that_sleeps_is_woken(void **state)
{
	int fd;

	(void)state;
	make_listener();
	become_ready();
	run_guest();
	fd = connect_control();
	say("{\"event\": \"SUSPEND\", \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}\r\n");
	expect(QMP_EVENT, QMP_EVENT_SUSPEND, 0);
	request(fd, CONTROL_RESUME);
	answer("system_wakeup", "{}");
	expect_reply(fd, CONTROL_RESUME, CONTROL_DONE);
	say("{\"event\": \"WAKEUP\", \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}\r\n");
	expect(QMP_EVENT, QMP_EVENT_WAKEUP, 0);
	request(fd, CONTROL_RESUME);
	answer("cont", "{}");
	expect_reply(fd, CONTROL_RESUME, CONTROL_DONE);
	expect(QMP_CONTINUED, 0, 0);
	say("{\"event\": \"SUSPEND\", \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}\r\n");
	expect(QMP_EVENT, QMP_EVENT_SUSPEND, 0);
	ask(QMP_ASK_POWERDOWN);
	answer("system_wakeup", "{}");
	answer("system_powerdown", "{}");
	(void)close(fd);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
}

static void a_stop_is_the_keepers_to_decide(void **state)
{
	int fd;

	(void)state;
	make_listener();
	become_ready();
	fd = connect_control();
	request(fd, CONTROL_STOP);
	expect(QMP_WANT_STOP, 0, 0);
	expect_reply(fd, CONTROL_STOP, CONTROL_DONE);
	request(fd, CONTROL_STOP_NOW);
	expect(QMP_WANT_END, 0, 0);
	expect_reply(fd, CONTROL_STOP_NOW, CONTROL_DONE);
	(void)close(fd);
}

static void what_qemu_refuses_is_told(void **state)
{
	char id[64], line[256];
	int fd;

	(void)state;
	make_listener();
	become_ready();
	run_guest();
	fd = connect_control();
	request(fd, CONTROL_RESUME);
	expect_command("cont", id);
	snprintf(line, sizeof(line),
		 "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": \"%s\"}\r\n", id);
	say(line);
	expect_reply(fd, CONTROL_RESUME, CONTROL_REFUSED);
	expect(QMP_REFUSED, QMP_ASK_CONTINUE, 0);
	request(fd, CONTROL_PAUSE);
	expect_command("stop", id);
	(void)close(monitor);
	monitor = -1;
	expect_reply(fd, CONTROL_PAUSE, CONTROL_NO_MONITOR);
	expect(QMP_MONITOR_CLOSED, 0, 0);
	request(fd, CONTROL_PAUSE);
	expect_reply(fd, CONTROL_PAUSE, CONTROL_NO_MONITOR);
	request(fd, CONTROL_STOP); /* this does not need one */
	expect(QMP_WANT_STOP, 0, 0);
	expect_reply(fd, CONTROL_STOP, CONTROL_DONE);
	(void)close(fd);
}

/* A replacement learns from the keeper that the guest was started. */
static void a_replacement_serves_too(void **state)
{
	int fd;

	(void)state;
	make_listener();
	become_ready();
	ask(QMP_TELL_STARTED);
	fd = connect_control();
	request(fd, CONTROL_PAUSE);
	answer("stop", "{}");
	expect_reply(fd, CONTROL_PAUSE, CONTROL_DONE);
	(void)close(fd);
}

/* None of them stops the messages between the keeper and QEMU. */
static void hostile_clients_cost_a_slot(void **state)
{
	const struct control_request good = { CONTROL_MAGIC, CONTROL_VERSION, CONTROL_STATUS, 0 };
	struct control_request r;
	char big[4096] = "";
	int fd, many[3 * QMP_CLIENTS_MAX];

	(void)state;
	make_listener();
	become_ready();
	run_guest();
	for (size_t size = 0; size < sizeof(big); size = size * 2 + 1) {
		if (size == sizeof(good))
			continue;
		fd = connect_control();
		assert_int_equal(send(fd, big, size, MSG_NOSIGNAL), size);
		if (size)
			expect_reply(fd, 0, CONTROL_UNKNOWN);
		expect_closed(fd);
	}
	for (int i = 0; i < 4; i++) {
		r = good;
		r.magic ^= i == 0;
		r.version += i == 1;
		r.what = i == 2 ? CONTROL_MAX : i == 3 ? 0 : r.what;
		fd = connect_control();
		assert_int_equal(send(fd, &r, sizeof(r), MSG_NOSIGNAL), sizeof(r));
		expect_reply(fd, 0, CONTROL_UNKNOWN);
		expect_closed(fd);
	}
	/* one that does not wait for its answer is shown the door */
	fd = connect_control();
	stop_child();
	request(fd, CONTROL_PAUSE);
	request(fd, CONTROL_PAUSE);
	assert_int_equal(kill(child, SIGCONT), 0);
	expect_closed(fd);
	answer("stop", "{}");
	/* silent ones: the oldest makes room */
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		many[i] = connect_control();
		request(many[i], CONTROL_STATUS);
		expect_reply(many[i], CONTROL_STATUS, CONTROL_DONE);
	}
	for (size_t i = 0; i < ARRAY_SIZE(many) - QMP_CLIENTS_MAX; i++)
		expect_closed(many[i]);
	for (size_t i = ARRAY_SIZE(many) - QMP_CLIENTS_MAX; i < ARRAY_SIZE(many); i++) {
		request(many[i], CONTROL_STATUS);
		expect_reply(many[i], CONTROL_STATUS, CONTROL_DONE);
		(void)close(many[i]);
	}
	ask(QMP_ASK_RESET);
	answer("system_reset", "{}");
}

/* Floods of requests whose answers are not read: bounded, and QEMU is read all the same. */
static void a_client_that_never_reads_stops_nothing(void **state)
{
	const struct control_request r = { CONTROL_MAGIC, CONTROL_VERSION, CONTROL_STATUS, 0 };
	int fd;

	(void)state;
	make_listener();
	become_ready();
	fd = connect_control();
	while (send(fd, &r, sizeof(r), MSG_NOSIGNAL) > 0)
		; /* until it is shown the door */
	(void)close(fd);
	say(SHUTDOWN);
	expect(QMP_EVENT, QMP_EVENT_SHUTDOWN, 1);
}

/* By the peer's uid, not by the file's mode. */
static void strangers_are_not_served(void **state)
{
	struct control_reply reply;
	int fd, status;
	pid_t stranger;

	(void)state;
	if (geteuid() != 0)
		skip();
	make_listener();
	become_ready();
	stranger = fork();
	assert_true(stranger >= 0);
	if (!stranger) {
		if (setgroups(0, NULL) || setresgid(12345, 12345, 12345) ||
		    setresuid(12345, 12345, 12345))
			_exit(2);
		fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
		if (connect(fd, (struct sockaddr *)&control_address, sizeof(control_address)))
			_exit(3);
		(void)send(fd, &(struct control_request){ CONTROL_MAGIC, CONTROL_VERSION,
							  CONTROL_STOP, 0 },
			   sizeof(struct control_request), MSG_NOSIGNAL);
		_exit(recv(fd, &reply, sizeof(reply), 0) <= 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(stranger, &status, 0), stranger);
	assert_int_equal(status, 0);
	fd = connect_control(); /* root is */
	request(fd, CONTROL_STOP);
	expect(QMP_WANT_STOP, 0, 0); /* the first record: the stranger's was not passed on */
	expect_reply(fd, CONTROL_STOP, CONTROL_DONE);
	(void)close(fd);
}

static ssize_t drain(int fd)
{
	static char bytes[65536];
	ssize_t n, all = 0;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		all += n;
	return all;
}

/* The scribe of the log may be stuck in its file system: the VM is not. */
static void a_log_that_takes_nothing_is_not_waited_for(void **state)
{
	static const char noise[] = "\033[31mall work and no play makes jack a dull boy\n";
	char text[512] = "";
	int pipes[2];

	(void)state;
	assert_int_equal(pipe2(pipes, O_CLOEXEC | O_NONBLOCK), 0);
	logfile = pipes[1];
	while (write(logfile, text, sizeof(text)) > 0)
		;
	become_ready();
	for (int i = 0; i < 3; i++)
		put(output, noise, sizeof(noise) - 1);
	put(output, "and that is all\n", 16);
	while (!strstr(text, "that is all")) {
		wait_for(terminal);
		assert_true(read(terminal, text, sizeof(text) - 1) > 0);
	}
	assert_true(drain(pipes[0]) >= 4096);
	put(output, noise, sizeof(noise) - 1);
	ask(QMP_TELL_ENDED);
	assert_int_equal(ended(), 0);
	assert_true(read(pipes[0], text, sizeof(text) - 1) > 60);
	assert_non_null(strstr(text, "Z ... 4 lines were too many\n20"));
	assert_non_null(strstr(text, "Z \\x1b[31mall work and no play"));
	assert_null(strchr(text, '\033'));
	(void)close(pipes[0]);
}

static int end(void **state)
{
	int *all[] = {
		&monitor, &output, &keeper, &terminal, &spare, &listener, &logfile, &screen
	};

	(void)state;
	if (child > 0) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, NULL, 0);
		child = 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (*all[i] >= 0)
			(void)close(*all[i]);
		*all[i] = -1;
	}
	terminal_is_tty = false;
	stay_root = false;
	return 0;
}

#define TEST(function) cmocka_unit_test_teardown(function, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_run_from_greeting_to_end),
		TEST(rows_are_sent_by_number),
		TEST(without_rows_they_are_refused),
		TEST(a_descriptor_of_the_keepers_goes_to_qemu),
		TEST(what_a_dead_qemu_left_is_read),
		TEST(at_the_end_nobody_has_to_listen),
		TEST(no_record_is_lost),
		TEST(a_silent_qemu_is_said_to_be),
		TEST(colour_is_taken),
		TEST(a_closed_monitor_is_not_fatal),
		TEST(a_reset_monitor_is_a_closed_one),
		TEST(a_keeper_that_closes_first_is_heard),
		TEST(without_a_keeper_it_ends),
		TEST(without_a_keeper_a_record_is_not_fatal),
		TEST(an_endless_line_is_thrown_away),
		TEST(text_that_would_swell_is_refused),
		TEST(the_most_values_are_taken),
		TEST(a_broken_monitor_does_not_stop_the_rest),
		TEST(a_stopped_terminal_stops_nothing),
		TEST(a_stopped_tty_stops_nothing),
		TEST(signals_of_the_terminal_are_the_keepers),
		TEST(odd_records_are_dropped),
		TEST(descriptors_that_come_along_are_dropped),
		TEST(it_has_given_up_what_it_can),
		TEST(it_sleeps),
		TEST(a_closed_terminal_is_not_fatal),
		TEST(root_is_refused),
		TEST(wrong_arguments_are_refused),
		TEST(clients_reach_qemu),
		TEST(a_guest_that_sleeps_is_woken),
		TEST(display_clients_go_to_qemu_one_by_one),
		TEST(a_stop_is_the_keepers_to_decide),
		TEST(what_qemu_refuses_is_told),
		TEST(a_replacement_serves_too),
		TEST(hostile_clients_cost_a_slot),
		TEST(a_client_that_never_reads_stops_nothing),
		TEST(strangers_are_not_served),
		TEST(a_log_that_takes_nothing_is_not_waited_for),
	};

	real_program = getenv("VFIO_QMP") != NULL;
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("qmp-session", tests, NULL, NULL);
}
