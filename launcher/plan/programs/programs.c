/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * programs.c - the processes of a VM, a row each: what the keeper starts, and what it makes of it
 *
 * Nothing else in vfio-run or the keeper knows a program by its name.
 */
#include <string.h>

#include "launcher/plan/programs/programs.h"

static char locale[] = "LC_ALL=C.UTF-8";
static char *const plain[] = { locale, NULL };

static uint32_t count(char *const *vector)
{
	uint32_t n = 0;

	while (vector && vector[n])
		n++;
	return n;
}

static void add(struct plan_programs *to, const struct keeper_program *row, char *const *argv,
		char *const *env)
{
	struct plan_program *p = &to->item[to->count++];

	*p = (struct plan_program){ .row = *row, .argv = argv, .env = env };
	p->row.arg_count = count(argv);
	p->row.env_count = count(env);
}

/* clang-format off */
static const struct keeper_program qemu = {
	.role = "qemu",
	.has_devices = 1,
	.jail = KEEPER_JAIL_VM,
	.ready = KEEPER_READY_BUILT,
	.after = KEEPER_AFTER_PLACED,
	.on_death = KEEPER_DEATH_ENDS,
	.log = KEEPER_LOG_OUTPUT,
	.channel_count = 1,
	.channel = { KEEPER_CHANNEL_SERVER },
	.filter = KEEPER_FD_FILTER,
};

/* It reads what QEMU and so a guest wrote, and may be killed over it: qmp/record.h. */
static const struct keeper_program vfio_qmp = {
	.role = "vfio-qmp",
	.descriptor = KEEPER_FD_QMP,
	.jail = KEEPER_JAIL_USER,
	.ready = KEEPER_READY_STARTED,
	.after = KEEPER_AFTER_START,
	.on_death = KEEPER_DEATH_WARN,
	.log = KEEPER_LOG_TERMINAL,
	.restarts = 3,
	.channel_count = 7,
	.channel = { KEEPER_CHANNEL_MONITOR, KEEPER_CHANNEL_OUTPUT, KEEPER_CHANNEL_RECORDS,
		     KEEPER_CHANNEL_CONTROL, KEEPER_CHANNEL_LOG, KEEPER_CHANNEL_ROWS,
		     KEEPER_CHANNEL_DISPLAY },
};
/* clang-format on */

static void add_qmp(const struct plan *plan, uint32_t flags, struct plan_programs *to)
{
	static char program[] = "vfio-qmp", colour[] = "--colour";
	char **argv = to->argv;
	size_t n = 2;

	argv[0] = program;
	argv[1] = (char *)(uintptr_t)plan->name; /* nothing writes to it */
	if (plan->screen)
		argv[n++] = (char *)(uintptr_t)plan->screen;
	if (flags & KEEPER_COLOUR)
		argv[n++] = colour;
	argv[n] = NULL;
	add(to, &vfio_qmp, argv, plain);
}

/* Each channel has its number, whatever others there are. */
static void connect_qemu(const struct plan *plan, struct keeper_program *row)
{
	const uint32_t monitor = KEEPER_QEMU_MONITOR_FD;

	if (plan->guest_agent) {
		row->channel[KEEPER_QEMU_AGENT_FD - monitor] = KEEPER_CHANNEL_AGENT;
		row->channel_count = KEEPER_QEMU_AGENT_FD - monitor + 1;
	}
	if (plan->settings) {
		row->channel[KEEPER_QEMU_CONFIG_FD - monitor] = KEEPER_CHANNEL_CONFIG;
		row->channel_count = KEEPER_QEMU_CONFIG_FD - monitor + 1;
	}
}

/* Of its network cards and disks and what serves it, behind all others. */
static void add_channels(const struct plan *plan, struct keeper_program *row)
{
	_Static_assert(ARRAY_SIZE(plan->channel) + KEEPER_QEMU_NETS_FD - KEEPER_QEMU_MONITOR_FD ==
			       KEEPER_CHANNELS_MAX, "room for all");
	if (plan->channel_count)
		row->channel_count = KEEPER_QEMU_NETS_FD - KEEPER_QEMU_MONITOR_FD;
	for (size_t i = 0; i < plan->channel_count && i < ARRAY_SIZE(plan->channel); i++)
		row->channel[row->channel_count++] = plan->channel[i];
}

/**
 * plan_programs() - the rows of a plan, the VM's own the first
 * @job:	one that tries the jail has no channels
 * @flags:	of enum keeper_flag
 * @out:	filled; it points into @plan and into itself
 */
void plan_programs(const struct plan *plan, enum keeper_job job, uint32_t flags,
		   struct plan_programs *out)
{
	*out = (struct plan_programs){ .count = 0 };
	if (!plan->argv)
		return;
	add(out, &qemu, plan->argv, plan->environ_);
	connect_qemu(plan, &out->item[0].row);
	add_channels(plan, &out->item[0].row);
	if (job != KEEPER_RUN)
		return;
	add_qmp(plan, flags, out);
	for (size_t i = 0; i < plan->beside_count; i++)
		add(out, &plan->beside[i].row, plan->beside[i].argv, plan->beside[i].env);
}
