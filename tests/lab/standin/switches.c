// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * switches.c - the table of the stand-in's switches
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lab/standin/standin.h"

struct standin_switch standin_switch[SWITCH_MAX] = {
	[REPORT] = { .name = "report" },
	[SAY] = { .name = "say" },
	[FLOOD] = { .name = "flood" },
	[CHATTER] = { .name = "chatter" },
	[NO_VFIO] = { .name = "no-vfio" },
	[IGNORE_REQUEST] = { .name = "ignore-request" },
	[EXIT_BEFORE_GREETING] = { .name = "exit-1-before-greeting" },
	[FAIL_AFTER_GREETING] = { .name = "fail-after-greeting" },
	[HANG_BEFORE_GREETING] = { .name = "hang-before-greeting" },
	[HANG_BEFORE_READY] = { .name = "hang-before-ready" },
	[HANG_IN] = { .name = "hang-in" },
	[CRASH_IN] = { .name = "crash-in" },
	[REFUSE] = { .name = "refuse" },
	[CRASH_BEFORE_READY] = { .name = "crash-before-ready" },
	[CRASH_AFTER_CONT] = { .name = "crash-after-cont" },
	[IGNORE_POWERDOWN] = { .name = "ignore-powerdown" },
	[IGNORE_QUIT] = { .name = "ignore-quit" },
	[IGNORE_TERM] = { .name = "ignore-term" },
	[POWERDOWN_TAKES] = { .name = "powerdown-takes" },
	[GUEST_OFF_AFTER] = { .name = "guest-off-after" },
	[GUEST_RESET_AFTER] = { .name = "guest-reset-after" },
	[PANIC_AFTER] = { .name = "panic-after" },
	[INTERNAL_ERROR_AFTER] = { .name = "internal-error-after" },
	[EXIT_STATUS] = { .name = "exit-status" },
	[QMP_CLOSE] = { .name = "qmp-close" },
	[QMP_GARBAGE] = { .name = "qmp-garbage" },
	[QMP_LONG_LINE] = { .name = "qmp-long-line" },
	[QMP_FLOOD] = { .name = "qmp-flood" },
	[QMP_LIES] = { .name = "qmp-lies" },
	[QMP_DEAF] = { .name = "qmp-deaf" },
	[CHILD] = { .name = "child" },
	[NO_FILTER] = { .name = "no-filter" },
	[ONE_FILTERED] = { .name = "one-filtered" },
	[DAEMON] = { .name = "daemon" },
	[GIVE_AWAY] = { .name = "give-away" },
	[STRAY_DMA] = { .name = "stray-dma" },
	[GIVE_MONITOR] = { .name = "give-monitor" },
	[VCPU_THREAD] = { .name = "vcpu-thread" },
	[SEND_DEVICES] = { .name = "send-devices" },
	[STOP_ITSELF] = { .name = "stop-itself" },
};

long long switch_number(enum standin_switch_id which)
{
	return standin_switch[which].value ? strtoll(standin_switch[which].value, NULL, 0) : 0;
}

void set_switches(const char *argument)
{
	char *copy = strdup(argument), *next = copy;

	while (copy && next && *next) {
		char *name = strsep(&next, ","), *value = strchr(name, '=');
		size_t i = 0;

		if (value)
			*value++ = '\0';
		while (i < SWITCH_MAX && strcmp(standin_switch[i].name, name))
			i++;
		if (i == SWITCH_MAX) {
			fprintf(stderr, "qemu-standin: no switch is called '%s'\n", name);
			exit(1);
		}
		standin_switch[i].on = true;
		standin_switch[i].value = value;
	}
}
