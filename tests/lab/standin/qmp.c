// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qmp.c - the monitor: greeting, commands, events, and what the guest does by itself
 */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/standin/standin.h"

int monitor_in = -1;
static int monitor_out = -1;
const char *state = "running";

_Noreturn void hang(void)
{
	for (;;)
		(void)poll(NULL, 0, -1);
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char line[1024];
	va_list args;
	int length;

	if (monitor_out < 0)
		return;
	va_start(args, format);
	length = vsnprintf(line, sizeof(line) - 2, format, args);
	va_end(args);
	memcpy(line + length, "\r\n", 2);
	if (write(monitor_out, line, (size_t)length + 2) < 0)
		monitor_out = -1; /* the reader is gone; QEMU lives on too */
}

static void event(const char *name, const char *data)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	say("{\"timestamp\": {\"seconds\": %lld, \"microseconds\": %ld}, \"event\": \"%s\"%s%s}",
	    (long long)now.tv_sec, (long)now.tv_usec, name, *data ? ", \"data\": " : "", data);
}

_Noreturn void shut_down(bool guest, const char *reason)
{
	char data[96];

	snprintf(data, sizeof(data), "{\"guest\": %s, \"reason\": \"%s\"}",
		 guest ? "true" : "false", reason);
	if (standin_switch[SEND_DEVICES].on)
		send_devices(monitor_out);
	event("SHUTDOWN", data);
	exit((int)switch_number(EXIT_STATUS));
}

/* The command's id as it stands, with the comma before it, for the answer; it stands last. */
static void id_of(const char *command, char *id, size_t size)
{
	const char *start = NULL;
	size_t length;

	for (const char *at = command; (at = strstr(at, "\"id\"")); at++)
		start = at; /* a device's own is among the arguments before */
	*id = '\0';
	if (!start)
		return;
	start += strlen("\"id\"");
	start += strspn(start, ": ");
	length = *start == '"' ? strcspn(start + 1, "\"") + 2 : strcspn(start, ",} ");
	snprintf(id, size, ", \"id\": %.*s", (int)length, start);
}

/* When the guest next does something by itself: milliseconds of the monotonic clock, or -1. */
long long deadline = -1;
static enum standin_switch_id deadline_event;

long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void arm(enum standin_switch_id which)
{
	deadline = now_ms() + switch_number(which);
	deadline_event = which;
}

static void long_line(void)
{
	static char block[1 << 16];

	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 1024 && monitor_out >= 0; i++)
		if (write(monitor_out, block, sizeof(block)) < 0)
			monitor_out = -1;
}

static void lie(void)
{
	event("SHUTDOWN", "{\"guest\": true, \"reason\": \"guest-shutdown\"}");
	event("RESET", "{\"guest\": true, \"reason\": \"guest-reset\"}");
	event("DEVICE_DELETED", "{\"device\": \"vfio0\", \"path\": \"/machine/vfio0\"}");
	say("{\"return\": {\"status\": \"shutdown\", \"running\": false}, \"id\": \"vfio-run-1-1\"}");
	say("{\"error\": {\"class\": \"GenericError\", \"desc\": \"\\u001b[2J\"}, \"id\": 7}");
}

static void after_cont(void)
{
	static const enum standin_switch_id timed[] = { GUEST_OFF_AFTER, GUEST_RESET_AFTER,
							PANIC_AFTER, INTERNAL_ERROR_AFTER };

	if (switch_number(CRASH_AFTER_CONT)) /* a fault of its own ends process 1, and has a core */
		__builtin_trap();
	if (standin_switch[CRASH_AFTER_CONT].on)
		raise(SIGSEGV), _exit(139); /* as process 1 of a namespace the signal is lost */
	for (size_t i = 0; i < ARRAY_SIZE(timed); i++)
		if (standin_switch[timed[i]].on)
			arm(timed[i]);
	standin_switch[PANIC_AFTER].on = false; /* once: what is reset for it goes on */
	if (standin_switch[QMP_LIES].on)
		lie();
	if (standin_switch[GIVE_AWAY].on)
		give_devices_away(standin_switch[GIVE_AWAY].value);
	if (standin_switch[STRAY_DMA].on)
		stray_dma();
	if (standin_switch[GIVE_MONITOR].on)
		give_monitor_away(standin_switch[GIVE_MONITOR].value, monitor_out);
	if (standin_switch[STOP_ITSELF].on)
		raise(SIGSTOP); /* without effect on process 1 of a namespace */
	if (standin_switch[QMP_GARBAGE].on)
		say("{\"event\": nonsense \xff\xfe }}}}");
	if (standin_switch[QMP_LONG_LINE].on)
		long_line();
	for (int i = 0; standin_switch[QMP_FLOOD].on && i < 100000; i++)
		event("RTC_CHANGE", "{\"offset\": 0, \"qom-path\": \"/machine\"}");
	if (standin_switch[QMP_CLOSE].on) {
		close(monitor_in);
		if (monitor_out != monitor_in)
			close(monitor_out);
		monitor_in = monitor_out = -1;
	}
}

/* As QEMU has it: these guests run again only after a reset. */
static bool needs_reset(void)
{
	return !strcmp(state, "guest-panicked") || !strcmp(state, "internal-error");
}

static void command_cont(const char *id)
{
	if (needs_reset()) {
		say("{\"error\": {\"class\": \"GenericError\", \"desc\": \"Resetting the Virtual "
		    "Machine is required\"}%s}", id);
		return;
	}
	state = "running";
	event("RESUME", "");
	say("{\"return\": {}%s}", id);
	after_cont();
}

static void command_stop(const char *id)
{
	state = "paused";
	event("STOP", "");
	say("{\"return\": {}%s}", id);
}

static void command_status(const char *id)
{
	say("{\"return\": {\"status\": \"%s\", \"singlestep\": false, \"running\": %s}%s}", state,
	    strcmp(state, "running") ? "false" : "true", id);
}

static void command_powerdown(const char *id)
{
	say("{\"return\": {}%s}", id);
	event("POWERDOWN", "");
	if (!standin_switch[IGNORE_POWERDOWN].on && !strcmp(state, "running"))
		arm(POWERDOWN_TAKES);
}

static void command_quit(const char *id)
{
	say("{\"return\": {}%s}", id);
	if (!standin_switch[IGNORE_QUIT].on)
		shut_down(false, "host-qmp-quit");
}

static void command_reset(const char *id)
{
	say("{\"return\": {}%s}", id);
	event("RESET", "{\"guest\": false, \"reason\": \"host-qmp-system-reset\"}");
	if (needs_reset())
		state = "prelaunch";
}

static void command_version(const char *id)
{
	say("{\"return\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, "
	    "\"package\": \"stand-in\"}%s}",
	    id);
}

static void *run_vcpu(void *born)
{
	const pid_t me = (pid_t)syscall(SYS_gettid);

	(void)!write(*(int *)born, &me, sizeof(me));
	hang();
}

/* The thread that stands for the virtual processor: the first one, or one that is made for that. */
static pid_t vcpu(void)
{
	static pid_t thread;
	pthread_t unused;
	int born[2];

	if (thread)
		return thread;
	thread = getpid();
	if (!standin_switch[VCPU_THREAD].on || pipe(born))
		return thread;
	if (!pthread_create(&unused, NULL, run_vcpu, &born[1]))
		(void)!read(born[0], &thread, sizeof(thread));
	close(born[0]);
	close(born[1]);
	return thread;
}

static void command_cpus(const char *id)
{
	say("{\"return\": [{\"thread-id\": %d, \"cpu-index\": 0, \"target\": \"x86_64\", "
	    "\"qom-path\": \"/machine/unattached/device[0]\"}]%s}",
	    vcpu(), id);
}

static void command_iothreads(const char *id)
{
	say("{\"return\": []%s}", id);
}

static void command_capabilities(const char *id)
{
	if (standin_switch[HANG_BEFORE_READY].on)
		hang();
	if (standin_switch[CRASH_BEFORE_READY].on)
		raise(SIGSEGV), _exit(139);
	say("{\"return\": {}%s}", id);
}

static void command_done(const char *id)
{
	say("{\"return\": {}%s}", id);
}

static void command_qom_set(const char *id)
{
	touch_memory();
	command_done(id);
}

/* The command's line was looked at in obey(). */
static void command_device_add(const char *id)
{
	if (device_count)
		take_device(device_count - 1);
	command_done(id);
}

static const struct {
	const char *name;
	void (*run)(const char *id);
} commands[] = {
	{ "qmp_capabilities", command_capabilities },
	{ "cont", command_cont },
	{ "stop", command_stop },
	{ "query-status", command_status },
	{ "query-version", command_version },
	{ "query-cpus-fast", command_cpus },
	{ "query-iothreads", command_iothreads },
	{ "system_powerdown", command_powerdown },
	{ "system_reset", command_reset },
	{ "quit", command_quit },
	{ "qom-set", command_qom_set },
	{ "device_add", command_device_add },
	{ "set-action", command_done },
};

/* Is a switch for this command on? Its value can have a number behind: that time only. */
static bool is_for(enum standin_switch_id which, const char *name, size_t length)
{
	static int times[SWITCH_MAX];
	const char *value = standin_switch[which].value;

	if (!value || strncmp(value, name, length) || (value[length] && !strchr("123456789", value[length])))
		return false;
	times[which]++;
	return !value[length] || atoi(value + length) == times[which];
}

/* Return: true when that is all there is to it */
static bool misbehave(const char *name, size_t length, const char *id)
{
	if (is_for(HANG_IN, name, length))
		hang();
	if (is_for(CRASH_IN, name, length))
		raise(SIGSEGV), _exit(139);
	if (!is_for(REFUSE, name, length))
		return false;
	say("{\"error\": {\"class\": \"GenericError\", \"desc\": \"%.*s: told to refuse\"}%s}",
	    (int)length, name, id);
	return true;
}

static void obey(const char *line)
{
	static bool negotiated;
	const char *name = strstr(line, "\"execute\"");
	size_t length;
	char id[128];

	id_of(line, id, sizeof(id));
	name = name ? strchr(name + strlen("\"execute\""), '"') : NULL;
	if (!name) {
		say("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no command\"}%s}", id);
		return;
	}
	length = strcspn(++name, "\"");
	if (misbehave(name, length, id))
		return;
	if (!strncmp(name, "device_add\"", length + 1))
		add_device(line);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strlen(commands[i].name) != length || memcmp(commands[i].name, name, length))
			continue;
		if (i > 0 && !negotiated)
			break;
		negotiated = true;
		commands[i].run(id);
		return;
	}
	say("{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command %.*s has not "
	    "been found\"}%s}",
	    (int)length, name, id);
}

/* Bytes from the monitor, obeyed line by line. False at end of file. */
bool hear(void)
{
	static char line[1 << 16];
	static size_t used;
	ssize_t got = read(monitor_in, line + used, sizeof(line) - 1 - used);
	char *end;

	if (got <= 0)
		return false;
	used += (size_t)got;
	line[used] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		if (strchr(line, '{'))
			obey(line);
		used -= (size_t)(end + 1 - line);
		memmove(line, end + 1, used + 1);
	}
	return true;
}

/* The value of -action panic=. */
static const char *panic_action = "shutdown";

void set_action(const char *argument)
{
	if (!strncmp(argument, "panic=", 6))
		panic_action = argument + 6;
}

static void panic(void)
{
	bool pause = !strcmp(panic_action, "pause");

	event("GUEST_PANICKED", pause ? "{\"action\": \"pause\"}" : "{\"action\": \"poweroff\"}");
	if (!strcmp(panic_action, "exit-failure"))
		standin_switch[EXIT_STATUS] = (struct standin_switch){ .on = true, .value = "1" };
	if (!pause)
		shut_down(true, "guest-panic");
	state = "guest-panicked";
	event("STOP", "");
}

void time_is_up(void)
{
	enum standin_switch_id which = deadline_event;

	deadline = -1;
	if (which == GUEST_OFF_AFTER || which == POWERDOWN_TAKES)
		shut_down(true, "guest-shutdown");
	if (which == GUEST_RESET_AFTER) {
		event("RESET", "{\"guest\": true, \"reason\": \"guest-reset\"}");
		return;
	}
	if (which == PANIC_AFTER) {
		panic();
		return;
	}
	state = "internal-error";
	event("STOP", "");
}

void set_monitor(const char *argument)
{
	const char *fd = strstr(argument, "fd=");

	if (!strncmp(argument, "socket,", 7) && fd)
		monitor_in = monitor_out = atoi(fd + 3);
	else if (!strncmp(argument, "stdio", 5))
		monitor_in = 0, monitor_out = 1;
}

void greet(void)
{
	say("{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, \"major\": 7}, "
	    "\"package\": \"stand-in\"}, \"capabilities\": [\"oob\"]}}");
}
