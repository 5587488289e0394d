// SPDX-License-Identifier: GPL-2.0-or-later
/* test-check-plan.c - the keeper takes a good plan, and each rule violated once refuses it */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/keeper/ledger/check-plan.h"

static const char strings[] = "/usr/bin/qemu\0-S\0LANG=C\0helper\0LANG=C\0/vm/x";
#define SIZE (sizeof(struct keeper_plan) + sizeof(strings))

static struct keeper_plan *plan; /* SIZE bytes: a read behind them is found */

static void change(enum change_kind kind, const char *target, const char *from, const char *to)
{
	struct change *c = &plan->change[plan->change_count++];

	c->kind = kind;
	(void)snprintf(c->target, sizeof(c->target), "%s", target);
	(void)snprintf(c->from, sizeof(c->from), "%s", from);
	(void)snprintf(c->to, sizeof(c->to), "%s", to);
}

static void node(const char *path, uint32_t block)
{
	struct keeper_node *n = &plan->node[plan->node_count++];

	(void)snprintf(n->path, sizeof(n->path), "%s", path);
	n->block = block;
}

static void add_programs(void)
{
	plan->program_count = 2;
	plan->program[0] = (struct keeper_program){ .role = "qemu",
						    .has_devices = 1,
						    .jail = KEEPER_JAIL_VM,
						    .ready = KEEPER_READY_BUILT,
						    .after = KEEPER_AFTER_PLACED,
						    .on_death = KEEPER_DEATH_ENDS,
						    .log = KEEPER_LOG_OUTPUT,
						    .arg_count = 2,
						    .env_count = 1,
						    .channel_count = 1,
						    .channel = { KEEPER_CHANNEL_SERVER },
						    .filter = KEEPER_FD_FILTER };
	plan->program[1] = (struct keeper_program){ .role = "helper",
						    .descriptor = KEEPER_FD_QMP,
						    .on_death = KEEPER_DEATH_WARN,
						    .restarts = 3,
						    .arg_count = 1,
						    .env_count = 1,
						    .channel_count = 2,
						    .channel = { KEEPER_CHANNEL_RECORDS,
								 KEEPER_CHANNEL_LOG } };
}

static void make(enum keeper_job job)
{
	memset(plan, 0, SIZE);
	plan->magic = KEEPER_MAGIC;
	plan->version = KEEPER_VERSION;
	plan->size = SIZE;
	plan->job = job;
	plan->flags = KEEPER_QUIET;
	(void)strcpy(plan->name, job == KEEPER_DETACH ? "detach-0000:01:00.0" : "win10");
	(void)strcpy(plan->user, "alice");
	plan->uid = plan->gid = 1000;
	plan->device_count = 2;
	for (unsigned int i = 0; i < 2; i++) {
		plan->device[i].address = (struct pci_address){ 0, 1, 0, (uint8_t)i };
		plan->device[i].vendor = 0x10de;
		plan->device[i].group = 7;
		(void)strcpy(plan->device[i].title, "a card");
	}
	plan->group_count = 2;
	plan->group[0] = 7;
	plan->group[1] = 9;
	plan->strings_size = sizeof(strings);
	memcpy(plan->strings, strings, sizeof(strings));
	plan->file_count = 1;
	plan->file[0].flags = KEEPER_FILE_WRITABLE;
	if (job == KEEPER_RUN || job == KEEPER_TRY)
		add_programs();
	else /* one path, as long as all of them */
		memset(plan->strings + 1, 'a', sizeof(strings) - 2);
	if (job != KEEPER_RUN && job != KEEPER_DETACH)
		return;
	change(CHANGE_MODULE, "vfio_pci", "", "loaded");
	change(CHANGE_D3COLD, "0000:01:00.0", "1", "0");
	change(CHANGE_POWER, "0000:01:00.0", "auto", "on");
	change(CHANGE_OVERRIDE, "0000:01:00.0", "", "vfio-pci");
	change(CHANGE_UNBIND, "0000:01:00.0", "nouveau", "");
	change(CHANGE_BIND, "0000:01:00.0", "", "vfio-pci");
	change(CHANGE_ANNOUNCE, "0000:01:00.1/sound/card1", "add", "remove");
	node("null", 0);
	node("vfio/vfio", 0);
	node("vfio/7", 0);
	plan->node[plan->node_count - 1].late = job == KEEPER_RUN;
	node("input/by-id/usb-x.event_kbd", 0);
	node("nvme0n1", 1);
}

static int set_up(void **state)
{
	(void)state;
	plan = malloc(SIZE);
	return plan == NULL;
}

static int tear_down(void **state)
{
	(void)state;
	free(plan);
	return 0;
}

static void good_ones(void **state)
{
	(void)state;
	for (enum keeper_job job = 0; job < KEEPER_JOB_MAX; job++) {
		make(job);
		assert_ptr_equal(check_plan(plan, SIZE), NULL);
	}
	make(KEEPER_RECOVER);
	*plan->name = '\0';
	plan->device_count = plan->group_count = 0;
	assert_ptr_equal(check_plan(plan, SIZE), NULL);
}

/* Makes a good plan, breaks one rule, and expects that this is what is reported. */
#define refused(job_, word, ...)                                                                   \
	do {                                                                                       \
		const char *wrong_;                                                                \
                                                                                                   \
		make(job_);                                                                        \
		__VA_ARGS__;                                                                       \
		wrong_ = check_plan(plan, SIZE);                                                   \
		if (!wrong_ || !strstr(wrong_, word))                                              \
			fail_msg("%s: %s", #__VA_ARGS__, wrong_ ? wrong_ : "accepted");            \
	} while (0)
#define fill(array) memset((array), 'a', sizeof(array))

static void headers(void **state)
{
	(void)state;
	refused(KEEPER_RUN, "version", plan->magic++);
	refused(KEEPER_RUN, "version", plan->version++);
	refused(KEEPER_RUN, "sizes", plan->size--);
	refused(KEEPER_RUN, "sizes", plan->strings_size++);
	refused(KEEPER_RUN, "sizes", plan->strings_size = UINT32_MAX);
	refused(KEEPER_RUN, "job", plan->job = KEEPER_JOB_MAX);
	refused(KEEPER_RUN, "flag", plan->flags |= KEEPER_FLAGS_ALL + 1);
	refused(KEEPER_RUN, "entries", plan->device_count = KEEPER_DEVICES_MAX + 1);
	refused(KEEPER_RUN, "entries", plan->group_count = KEEPER_GROUPS_MAX + 1);
	refused(KEEPER_RUN, "entries", plan->change_count = KEEPER_CHANGES_MAX + 1);
	refused(KEEPER_RUN, "entries", plan->change_count = UINT32_MAX);
	refused(KEEPER_RUN, "entries", plan->node_count = KEEPER_NODES_MAX + 1);
	refused(KEEPER_RUN, "entries", plan->program_count = KEEPER_PROGRAMS_MAX + 1);
	refused(KEEPER_RUN, "end", fill(plan->name));
	refused(KEEPER_RUN, "end", fill(plan->user));
}

static void jobs(void **state)
{
	(void)state;
	refused(KEEPER_RUN, "without a name", *plan->name = '\0');
	refused(KEEPER_RUN, "without a name", plan->uid = 0);
	refused(KEEPER_RUN, "without a name", plan->gid = 0);
	refused(KEEPER_RUN, "without a name", plan->program_count = 0);
	refused(KEEPER_DETACH, "no VM", plan->program_count = 1);
	refused(KEEPER_RECOVER, "no VM", plan->program_count = 1);
	refused(KEEPER_RUN, "without a name", strcpy(plan->name, "a/b"));
	refused(KEEPER_RUN, "without a name", strcpy(plan->name, "../x"));
	refused(KEEPER_RUN, "without a name", strcpy(plan->name, "a\tb"));
	refused(KEEPER_DETACH, "without a name", *plan->name = '\0');
	refused(KEEPER_DETACH, "changes", plan->device_count = 0);
	refused(KEEPER_ATTACH, "changes", plan->change_count = 1);
	refused(KEEPER_RECOVER, "changes", plan->change_count = 1);
	refused(KEEPER_RECOVER, "other characters", strcpy(plan->name, "../state/x"));
	refused(KEEPER_RECOVER, "other characters", strcpy(plan->name, "a\nb"));
	refused(KEEPER_RECOVER, "dot", strcpy(plan->name, ".."));
	refused(KEEPER_DETACH, "other characters", strcpy(plan->name, "detach 1"));
}

static void hooks_and_holders(void **state)
{
	char *const hook = plan->hook[KEEPER_HOOK_STOPPED];

	(void)state;
	refused(KEEPER_RUN, "a hook that is no path", strcpy(hook, "hook"));
	refused(KEEPER_RUN, "no end", plan->trial_s = KEEPER_TRIAL_MAX_S + 1);
	refused(KEEPER_DETACH, "no run's", plan->trial_s = 60);
	refused(KEEPER_RUN, "a hook that is no path", memset(hook, '/', KEEPER_HOOK_PATH_MAX));
	refused(KEEPER_DETACH, "a hook that is no path", strcpy(hook, "/hook"));
	refused(KEEPER_RUN, "what is no device", strcpy(plan->picture, "card0"));
	refused(KEEPER_RUN, "what is no device", memset(plan->picture, '0', sizeof(plan->picture)));
	refused(KEEPER_RECOVER, "or of no run", strcpy(plan->picture, "0000:01:00.0"));
	refused(KEEPER_RUN, "more processes", plan->holder_count = KEEPER_HOLDERS_MAX + 1);
	refused(KEEPER_RECOVER, "more processes", plan->holder_count = 1);
	refused(KEEPER_RUN, "or the first", plan->holder_count = 1, plan->holder[0].pid = 1);
	refused(KEEPER_RUN, "or the first", plan->holder_count = 1, plan->holder[0].pid = 2);
	refused(KEEPER_RUN, "more processes", plan->asked_count = KEEPER_HOLDERS_MAX + 1);
	refused(KEEPER_RUN, "more processes", plan->holder_count = 1, plan->asked_count = KEEPER_HOLDERS_MAX);
	refused(KEEPER_RECOVER, "more processes", plan->asked_count = 1);
	refused(KEEPER_RUN, "more processes", plan->asked_count = UINT32_MAX, plan->known_count = 1);
	refused(KEEPER_RECOVER, "more processes", plan->known_count = 1);
	refused(KEEPER_RUN, "or the first", plan->known_count = 1, plan->holder[0].pid = 1);
	refused(KEEPER_RUN, "or the first", plan->asked_count = 1, plan->holder[0].pid = 1);
	refused(KEEPER_RUN, "does not change", plan->change[0].kind = CHANGE_SERVICE,
		strcpy(plan->change[0].target, "../lightdm.service"));
	refused(KEEPER_RUN, "does not change", plan->change[0].kind = CHANGE_SERVICE,
		strcpy(plan->change[0].target, "lightdm"));
	refused(KEEPER_RUN, "not in the table", plan->change[0].kind = CHANGE_SERVICE,
		strcpy(plan->change[0].target, "lightdm.service"), *plan->change[0].from = '\0',
		strcpy(plan->change[0].to, "masked"));
	refused(KEEPER_RUN, "does not change", plan->change[0].kind = CHANGE_COMMAND,
		strcpy(plan->change[0].target, "down"));
}

static void devices(void **state)
{
	(void)state;
	refused(KEEPER_RUN, "no address", plan->device[0].address.device = 32);
	refused(KEEPER_RUN, "no address", plan->device[1].address.function = 8);
	refused(KEEPER_RUN, "no line", fill(plan->device[0].title));
	refused(KEEPER_RUN, "no line", strcpy(plan->device[0].title, "a\tb"));
	refused(KEEPER_RUN, "no line", strcpy(plan->device[0].title, "a\nb"));
	refused(KEEPER_RUN, "no line", strcpy(plan->device[0].title, "\033]0;owned\007"));
	refused(KEEPER_RUN, "no line", strcpy(plan->device[0].title, "a\177"));
	refused(KEEPER_RUN, "twice", plan->device[1].address.function = 0);
	refused(KEEPER_RUN, "order", plan->device[0].address.bus = 2);
	refused(KEEPER_RUN, "could be any", plan->device[1].vendor = 0);
	refused(KEEPER_RUN, "groups out", plan->group[0] = -1);
	refused(KEEPER_RUN, "groups out", plan->group[1] = 7);
	refused(KEEPER_RUN, "groups out", plan->group[1] = 5);
}

/* The card's second function becomes a virtual one of 0000:03:00.0, in no group that is known. */
static void make_virtual(const char *row)
{
	plan->device[1].group = -1;
	plan->device[1].number = 2;
	plan->device[1].physical = (struct pci_address){ 0, 3, 0, 0 };
	(void)strcpy(plan->node[2].path, "vfio/0000:01:00.1");
	if (row)
		change(CHANGE_VFS, row, "0", "4");
	change(CHANGE_BIND, "0000:01:00.1", "", "vfio-pci");
}

static void virtual_functions(void **state)
{
	(void)state;
	make(KEEPER_RUN);
	make_virtual("0000:03:00.0");
	assert_null(check_plan(plan, SIZE));
	refused(KEEPER_RUN, "no row makes", make_virtual(NULL));
	refused(KEEPER_RUN, "no row makes", make_virtual("0000:04:00.0"));
	refused(KEEPER_RUN, "group is not in the plan",
		(make_virtual("0000:03:00.0"), plan->device[1].number = 0));
	refused(KEEPER_RUN, "VFIO group",
		(make_virtual("0000:03:00.0"), strcpy(plan->node[2].path, "vfio/0000:01:00.0")));
	refused(KEEPER_RUN, "not in the table",
		(make_virtual("0000:03:00.0"), strcpy(plan->change[6].to, "-1")));
	refused(KEEPER_RUN, "no row makes", make_virtual("0000:03:00.0/x"));
	refused(KEEPER_RUN, "its kind does not change",
		(make_virtual("0000:03:00.0"), change(CHANGE_VFS, "0000:03:00.0/x", "0", "4")));
}

static void changes(void **state)
{
	struct change *const c = plan->change;

	(void)state;
	refused(KEEPER_RUN, "no kind", c[0].kind = CHANGE_MAX);
	refused(KEEPER_RUN, "no kind", c[0].kind = UINT32_MAX);
	refused(KEEPER_RUN, "without its end", fill(c[1].target));
	refused(KEEPER_RUN, "without its end", fill(c[1].from));
	refused(KEEPER_RUN, "without its end", fill(c[1].to));
	refused(KEEPER_RUN, "not in the table", strcpy(c[0].to, "unloaded"));
	refused(KEEPER_RUN, "not in the table", strcpy(c[1].to, "1"));
	refused(KEEPER_RUN, "not in the table", strcpy(c[2].to, "auto"));
	refused(KEEPER_RUN, "not in the table", strcpy(c[3].to, "nouveau"));
	refused(KEEPER_RUN, "not in the table", strcpy(c[3].to, ""));
	refused(KEEPER_RUN, "not in the table", strcpy(c[3].to, "../vfio-pci"));
	refused(KEEPER_RUN, "not in the table", strcpy(c[3].to, "vfio-pci\n"));
	refused(KEEPER_RUN, "not in the table", strcpy(c[4].to, "vfio-pci"));
	refused(KEEPER_RUN, "not in the table", strcpy(c[5].to, "nouveau"));
	refused(KEEPER_RUN, "not in the table", strcpy(c[5].to, "vfio/../nouveau"));
	refused(KEEPER_RUN, "cannot be", strcpy(c[4].from, "../nouveau"));
	refused(KEEPER_RUN, "cannot be", strcpy(c[4].from, "a/b"));
	refused(KEEPER_RUN, "cannot be", strcpy(c[3].from, "a\tb"));
	refused(KEEPER_RUN, "cannot be", strcpy(c[4].from, ""));
	refused(KEEPER_RUN, "its kind does not change", strcpy(c[0].target, "nouveau"));
	refused(KEEPER_RUN, "its kind does not change", strcpy(c[0].target, "/tmp/vfio.ko"));
	refused(KEEPER_RUN, "its kind does not change", strcpy(c[0].target, "-vfio"));
	refused(KEEPER_RUN, "not in the plan", strcpy(c[4].target, "0000:02:00.0"));
	refused(KEEPER_RUN, "its kind does not change", strcpy(c[4].target, "0000:01:00.0/../x"));
	refused(KEEPER_RUN, "its kind does not change", strcpy(c[4].target, "01:00.0"));
	refused(KEEPER_RUN, "group is not in the plan", plan->device[0].group = 8);
	refused(KEEPER_RUN, "not in the plan", strcpy(c[6].target, "0000:02:00.1/sound/card1"));
	refused(KEEPER_RUN, "group is not in the plan", plan->device[1].group = 8);
}

static void nodes(void **state)
{
	struct keeper_node *const n = plan->node;

	(void)state;
	refused(KEEPER_RUN, "no place", fill(n[0].path));
	refused(KEEPER_RUN, "no place", strcpy(n[0].path, ""));
	refused(KEEPER_RUN, "no place", strcpy(n[0].path, "/null"));
	refused(KEEPER_RUN, "no place", strcpy(n[0].path, "../etc/x"));
	refused(KEEPER_RUN, "no place", strcpy(n[0].path, "a/../../x"));
	refused(KEEPER_RUN, "no place", strcpy(n[0].path, "a//b"));
	refused(KEEPER_RUN, "no place", strcpy(n[0].path, ".hidden"));
	refused(KEEPER_RUN, "no place", strcpy(n[0].path, "a b"));
	refused(KEEPER_RUN, "VFIO group", strcpy(n[2].path, "vfio/8"));
	refused(KEEPER_RUN, "VFIO group", strcpy(n[2].path, "vfio/07"));
	refused(KEEPER_RUN, "VFIO group", strcpy(n[2].path, "vfio/noiommu-0"));
	refused(KEEPER_RUN, "VFIO group", n[2].block = 1);
	refused(KEEPER_RUN, "that late", n[2].late = 2);
	refused(KEEPER_RUN, "that late", n[1].late = 1);
	refused(KEEPER_RUN, "that late", n[0].late = 1);
	refused(KEEPER_RUN, "that late", plan->flags |= KEEPER_COLD);
	refused(KEEPER_RUN, "commands", plan->plug_rows = KEEPER_ROWS_MAX + 1);
	refused(KEEPER_RUN, "commands", plan->populate_rows = UINT32_MAX);
	refused(KEEPER_RUN, "commands",
		(n[2].late = 0, plan->flags |= KEEPER_COLD, plan->plug_rows = 1));
	refused(KEEPER_TRY, "commands", plan->populate_rows = 1);
}

static void usb_devices(void **state)
{
	(void)state;
	refused(KEEPER_RUN, "entries", plan->usb_count = KEEPER_USB_MAX + 1);
	refused(KEEPER_RUN, "could be any", plan->usb_count = 1);
	refused(KEEPER_RUN, "could be any", (plan->usb_count = 1, strcpy(plan->usb[0].port, "../1-2")));
	refused(KEEPER_RUN, "could be any",
		(plan->usb_count = 1, plan->usb[0].vendor = 1, strcpy(plan->usb[0].found, "usb1")));
	refused(KEEPER_RUN, "without its end",
		(plan->usb_count = 1, plan->usb[0].vendor = 1, fill(plan->usb[0].found)));
	refused(KEEPER_TRY, "where there is no VM", (plan->usb_count = 1, plan->usb[0].vendor = 1));
}

static void texts(void **state)
{
	(void)state;
	refused(KEEPER_RUN, "without its end", plan->strings[sizeof(strings) - 1] = 'x');
	refused(KEEPER_RUN, "arguments", plan->program[0].arg_count++);
	refused(KEEPER_RUN, "arguments", plan->program[1].env_count--);
	refused(KEEPER_RUN, "arguments", plan->file_count++);
	refused(KEEPER_RUN, "entries", plan->file_count = KEEPER_FILES_MAX + 1);
	refused(KEEPER_RUN, "arguments", plan->strings[1] = '\0');
	refused(KEEPER_RUN, "absolute", plan->strings[0] = 'x');
	refused(KEEPER_RUN, "absolute", plan->program[1].descriptor = 0);
	refused(KEEPER_RUN, "no argument or too many", plan->program[1].arg_count = 0);
	refused(KEEPER_RUN, "no argument or too many",
		plan->program[0].arg_count = KEEPER_ARGS_MAX + 1);
	refused(KEEPER_RUN, "no argument or too many", plan->program[0].env_count = UINT32_MAX);
}

static void programs(void **state)
{
	struct keeper_program *const p = plan->program;

	(void)state;
	refused(KEEPER_RUN, "no word", strcpy(p[1].role, ""));
	refused(KEEPER_RUN, "no word", strcpy(p[1].role, "a b"));
	refused(KEEPER_RUN, "no word", strcpy(p[1].role, "a\tb"));
	refused(KEEPER_RUN, "no word", strcpy(p[1].role, "-a"));
	refused(KEEPER_RUN, "no word", fill(p[1].role));
	refused(KEEPER_RUN, "one role", strcpy(p[1].role, "qemu"));
	refused(KEEPER_RUN, "unknown word", p[1].jail = KEEPER_JAIL_MAX);
	refused(KEEPER_RUN, "unknown word", p[1].ready = KEEPER_READY_MAX);
	refused(KEEPER_RUN, "unknown word", p[1].after = KEEPER_AFTER_MAX);
	refused(KEEPER_RUN, "unknown word", p[1].on_death = KEEPER_DEATH_MAX);
	refused(KEEPER_RUN, "unknown word", p[1].log = KEEPER_LOG_MAX);
	refused(KEEPER_RUN, "unknown word", p[1].channel_count = KEEPER_CHANNELS_MAX + 1);
	refused(KEEPER_RUN, "unknown word", p[1].restarts = KEEPER_RESTARTS_MAX + 1);
	refused(KEEPER_RUN, "unknown channel", p[1].channel[0] = KEEPER_CHANNEL_MAX);
	refused(KEEPER_RUN, "may not have the network",
		p[1].channel[0] = KEEPER_CHANNEL_GIVEN);
	refused(KEEPER_RUN, "may not have the network", p[1].channel[0] = KEEPER_CHANNEL_LINK);
	refused(KEEPER_RUN, "links that nobody gets",
		(p[0].channel_count = 2, p[0].channel[1] = KEEPER_CHANNEL_LINK));
	refused(KEEPER_RUN, "may not have the devices", p[0].has_devices = 0);
	refused(KEEPER_RUN, "may not have the devices", p[1].has_devices = 1);
	refused(KEEPER_RUN, "may not have the devices", p[0].jail = KEEPER_JAIL_USER);
	refused(KEEPER_RUN, "may not have the devices", p[0].after = KEEPER_AFTER_START);
	refused(KEEPER_RUN, "may not have the devices", p[0].restarts = 1);
	refused(KEEPER_RUN, "cannot be ready", p[0].ready = KEEPER_READY_STARTED);
	refused(KEEPER_RUN, "cannot be ready", p[1].ready = KEEPER_READY_BUILT);
	refused(KEEPER_RUN, "cannot be ready",
		(p[1].ready = KEEPER_READY_EXECUTED, p[1].after = KEEPER_AFTER_PLACED));
	refused(KEEPER_RUN, "that late", p[1].log = KEEPER_LOG_OUTPUT);
	refused(KEEPER_RUN, "that late",
		(p[1].jail = KEEPER_JAIL_BESIDE, p[1].ready = KEEPER_READY_BUILT,
		 p[1].after = KEEPER_AFTER_PLACED));
	refused(KEEPER_RUN, "may not have the devices",
		(p[1].jail = KEEPER_JAIL_VM, p[1].ready = KEEPER_READY_BUILT));
	refused(KEEPER_RUN, "cannot be ready", p[1].jail = KEEPER_JAIL_BESIDE);
	refused(KEEPER_RUN, "cannot be ready",
		(p[1].jail = KEEPER_JAIL_BESIDE, p[1].ready = KEEPER_READY_BUILT));
	refused(KEEPER_RUN, "another filter", p[0].filter = 0);
	refused(KEEPER_RUN, "another filter", p[1].filter = KEEPER_FD_FILTER);
	refused(KEEPER_RUN, "another filter", p[1].filter = KEEPER_FD_PLAN);
	refused(KEEPER_RUN, "cannot need",
		(p[1].after = KEEPER_AFTER_GUEST, p[1].on_death = KEEPER_DEATH_ENDS));
	refused(KEEPER_RUN, "not handed over", p[1].descriptor = KEEPER_FD_MODULE);
	refused(KEEPER_RUN, "talks to", p[0].channel[0] = KEEPER_CHANNEL_RECORDS);
}

/* As a plan with a TPM has it. */
static void serve(void)
{
	struct keeper_program *const p = plan->program;

	p[0].channel[p[0].channel_count++] = KEEPER_CHANNEL_SERVED;
	p[1].descriptor = 0;
	p[1].jail = KEEPER_JAIL_BESIDE;
	p[1].ready = KEEPER_READY_BUILT;
	p[1].after = KEEPER_AFTER_PLACED;
	p[1].on_death = KEEPER_DEATH_NO_RESET;
	p[1].restarts = 0;
	p[1].log = KEEPER_LOG_OUTPUT;
	p[1].filter = KEEPER_FD_FILTER_BESIDE;
	p[1].channel_count = 1;
	p[1].channel[0] = KEEPER_CHANNEL_SERVES;
}

static void servers(void **state)
{
	struct keeper_program *const p = plan->program;

	(void)state;
	refused(KEEPER_RUN, "absolute", serve());
	refused(KEEPER_RUN, "serves nobody", (serve(), p[1].descriptor = KEEPER_FD_QMP,
					      p[0].channel_count--));
	refused(KEEPER_RUN, "serves nobody", (serve(), p[1].descriptor = KEEPER_FD_QMP,
					      p[1].channel_count = 0));
	refused(KEEPER_RUN, "serves nobody",
		(serve(), p[1].descriptor = KEEPER_FD_QMP,
		 p[1].channel[p[1].channel_count++] = KEEPER_CHANNEL_ACCEPTS));
	refused(KEEPER_RUN, "another than the VM", p[0].channel[0] = KEEPER_CHANNEL_SERVES);
	refused(KEEPER_RUN, "another than the VM", p[1].channel[0] = KEEPER_CHANNEL_SERVED);
	refused(KEEPER_RUN, "another than the VM", p[1].channel[0] = KEEPER_CHANNEL_ACCEPTS);
	make(KEEPER_RUN);
	serve();
	p[1].descriptor = KEEPER_FD_QMP;
	plan->file[0].program = 1;
	assert_ptr_equal(check_plan(plan, SIZE), NULL);
	refused(KEEPER_RUN, "no root of its own", plan->file[0].program = 1);
	refused(KEEPER_RUN, "no root of its own", plan->file[0].program = 2);
}

/* As long as the one that it replaces. */
static void set_file(const char *path)
{
	memcpy(plan->strings + sizeof(strings) - 1 - strlen("/vm/x"), path, strlen("/vm/x"));
}

static void files(void **state)
{
	static const char *const taken[] = { "vm//x", "/proc", "/sys/", "/dev/", "//dev", "/x/..", "/./.." };
	static const char *const free_places[] = { "/dev1", "/usr1", "/a b/", "/../a" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		refused(KEEPER_RUN, "no place", set_file(taken[i]));
	for (size_t i = 0; i < ARRAY_SIZE(free_places); i++) {
		make(KEEPER_RUN);
		set_file(free_places[i]);
		assert_ptr_equal(check_plan(plan, SIZE), NULL);
	}
	refused(KEEPER_RUN, "unknown flag", plan->file[0].flags = 1u << 7);
}

/* Whatever a stranger writes: what is accepted can be used without a look at its bounds. */
static void mutations(void **state)
{
	unsigned int seed = 7, accepted = 0;

	(void)state;
	for (int round = 0; round < 30000; round++) {
		make((enum keeper_job)(round % KEEPER_JOB_MAX));
		for (int i = 0; i < 1 + round % 4; i++) {
			size_t at;

			seed = seed * 1103515245u + 12345u;
			at = (seed >> 4) % SIZE;
			if (round % 2) /* the header and the first entries rather than the void */
				at = (seed >> 4) % offsetof(struct keeper_plan, device[2]);
			((unsigned char *)plan)[at] = (unsigned char)(seed >> 20);
		}
		if (check_plan(plan, SIZE))
			continue;
		accepted++;
		assert_true(plan->device_count <= KEEPER_DEVICES_MAX);
		assert_true(strlen(plan->name) < sizeof(plan->name));
		for (uint32_t i = 0; i < plan->change_count; i++)
			assert_true(strlen(plan->change[i].target) < CHANGE_TEXT_MAX &&
				    plan->change[i].kind < CHANGE_MAX);
		for (uint32_t i = 0; i < plan->node_count; i++)
			assert_null(strstr(plan->node[i].path, ".."));
	}
	assert_true(accepted > 100);
}

static int plan_fd(size_t size, int seals)
{
	int fd = memfd_create("plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	make(KEEPER_RUN);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, plan, SIZE), (ssize_t)SIZE);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void descriptors(void **state)
{
	const int all = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	const int seal[] = { F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE };
	const struct keeper_plan *out = NULL;
	int fd = plan_fd(SIZE, all);

	(void)state;
	assert_ptr_equal(check_plan_open(fd, &out), NULL);
	assert_string_equal(out->name, "win10");
	(void)munmap((void *)(uintptr_t)out, SIZE);
	(void)close(fd);
	assert_non_null(check_plan_open(fd, &out));
	for (size_t i = 0; i < ARRAY_SIZE(seal); i++) {
		fd = plan_fd(SIZE, all & ~seal[i]);
		assert_non_null(check_plan_open(fd, &out));
		(void)close(fd);
	}
	fd = plan_fd(sizeof(struct keeper_plan) - 1, all);
	assert_non_null(check_plan_open(fd, &out));
	(void)close(fd);
	fd = plan_fd(sizeof(struct keeper_plan) + KEEPER_STRINGS_MAX + 1, all);
	assert_non_null(check_plan_open(fd, &out));
	(void)close(fd);
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	assert_non_null(check_plan_open(fd, &out));
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones), cmocka_unit_test(headers),
		cmocka_unit_test(jobs),
		cmocka_unit_test(hooks_and_holders),      cmocka_unit_test(devices),
		cmocka_unit_test(virtual_functions),
		cmocka_unit_test(changes),   cmocka_unit_test(nodes),
		cmocka_unit_test(programs), cmocka_unit_test(servers),  cmocka_unit_test(texts),
		cmocka_unit_test(usb_devices),
		cmocka_unit_test(mutations), cmocka_unit_test(descriptors),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
