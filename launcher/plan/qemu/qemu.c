/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu.c - QEMU's arguments: the machine, and the order of all the rest */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/keeper/handover.h"
#include "launcher/plan/qemu/qemu.h"
#include "launcher/plan/qemu/window.h"
#include "profiles/profile.h"

#define PORTS_PER_SLOT 8    /* functions of a slot of pcie.0 */
#define FIRST_PORT_SLOT 0x2 /* 0 is the host bridge, 1 is for the emulated card; 2 can be IGD's */

static void name(struct qemu *q)
{
	argv_option(&q->argv, "-name", "guest=%s,debug-threads=on", q->plan->name);
}

/* Started stopped: its devices come by QMP, and the keeper lets the guest run then. */
static void stopped(struct qemu *q)
{
	argv_add(&q->argv, "-S");
	argv_add(&q->argv, "-nodefaults");
	argv_add(&q->argv, "-no-user-config");
}

static bool is_of_memory(const char *argument)
{
	static const char *const options[] = { "-m", "-mem-path", "-mem-prealloc" };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (!strcmp(argument + (argument[0] == '-' && argument[1] == '-'), options[i]))
			return true;
	return strstr(argument, "memory-backend=") || strstr(argument, "memdev=");
}

/* Has the user said by hand what the memory is made of? QEMU takes that once. */
static bool is_memory_given(const struct qemu *q)
{
	for (size_t i = 0; i < q->profile->qemu_argument.count; i++)
		if (is_of_memory(q->profile->qemu_argument.item[i].text))
			return true;
	for (size_t i = 0; q->facts->extra_argument && q->facts->extra_argument[i]; i++)
		if (is_of_memory(q->facts->extra_argument[i]))
			return true;
	return false;
}

/**
 * qemu_has_backend() - is its memory more than `-m` alone can ask for?
 *
 * Memory of other pages, of a node, or that is touched before it is needed is an object of its own.
 */
bool qemu_has_backend(const struct qemu *q)
{
	return q->profile->hugepage_bytes || q->profile->has_memory_node ||
	       ((q->plan->device_count || q->profile->share_count) && !is_memory_given(q));
}

/* Pages of this node and of no other: without any left, QEMU ends instead of being slow. */
static void memory_node(struct qemu *q, struct json_object *o)
{
	struct json_object *nodes = json_object_new_array();

	if (!nodes || json_object_array_add(nodes, json_object_new_int64(q->profile->memory_node)))
		q->argv.error = -ENOMEM;
	put_object(&q->argv, o, "host-nodes", nodes);
	put_text(&q->argv, o, "policy", "bind");
}

static unsigned int cpu_count(const struct qemu *q)
{
	return q->profile->cpus ? q->profile->cpus : 2;
}

/* Memory that is only shared with what serves it can come with its use. */
static bool touches(const struct qemu *q)
{
	return q->plan->device_count || q->profile->hugepage_bytes || q->profile->has_memory_node;
}

/*
 * The programs that serve a directory read and write it in the guest's memory, which is a file of
 * theirs too then. Else it is not: a memfd has no transparent huge pages.
 *
 * Pages that were never touched are made one by one when a device maps them, by one thread, while
 * the card serves nobody: so they are touched before, by qom-set, as soon as QEMU stands.
 */
static void memory(struct qemu *q)
{
	uint64_t bytes = q->profile->memory_bytes, page = q->profile->hugepage_bytes;
	bool shared = q->profile->share_count;
	struct json_object *o;

	argv_option(&q->argv, "-m", "size=%" PRIu64 "k", bytes / 1024);
	if (!qemu_has_backend(q))
		return;
	o = argv_object("qom-type", page || shared ? "memory-backend-memfd" : "memory-backend-ram");
	put_text(&q->argv, o, "id", "memory");
	put_number(&q->argv, o, "size", bytes);
	if (shared)
		put_bool(&q->argv, o, "share", true);
	if (q->profile->has_memory_node)
		memory_node(q, o);
	if (page)
		put_bool(&q->argv, o, "hugetlb", true);
	if (page > 1)
		put_number(&q->argv, o, "hugetlbsize", page);
	put_number(&q->argv, o, "prealloc-threads", cpu_count(q));
	if (q->plan->cold)
		put_bool(&q->argv, o, "prealloc", true);
	q->plan->populate = !q->plan->cold && touches(q);
	argv_json(&q->argv, "-object", o);
}

static unsigned int one_at_least(unsigned int n)
{
	return n ? n : 1;
}

static void cpus(struct qemu *q)
{
	const struct profile *p = q->profile;
	unsigned int n = cpu_count(q), threads = one_at_least(p->threads);
	unsigned int dies = one_at_least(p->dies), sockets = one_at_least(p->sockets);
	char die_text[32] = "";

	if (dies > 1)
		(void)snprintf(die_text, sizeof(die_text), "dies=%u,", dies);
	argv_option(&q->argv, "-smp", "cpus=%u,sockets=%u,%scores=%u,threads=%u", n, sockets,
		    die_text, n / threads / dies / sockets, threads);
}

/*
 * OVMF's window for BARs above 4 GiB is of 32 GiB unless it is told otherwise. Newer ones make it
 * larger by themselves where they know how wide addresses are, and take this as the least.
 * Source: OvmfPkg/Library/PlatformInitLib/MemDetect.c
 */
static void window(struct qemu *q)
{
	uint64_t bytes = qemu_is_uefi(q) ? plan_window(q->plan, q->profile) : 0;

	if (bytes)
		argv_option(&q->argv, "-fw_cfg", "name=opt/ovmf/X-PciMmio64Mb,string=%" PRIu64,
			    bytes >> 20);
}

/* A file and a format node above it, as QEMU wants a pflash drive. */
static void pflash(struct qemu *q, const char *node, const char *path, const char *format_name,
		   bool readonly)
{
	struct json_object *file = argv_object("driver", "file");
	struct json_object *format = argv_object("driver", format_name);

	put_text(&q->argv, file, "filename", path);
	put_format(&q->argv, file, "node-name", "%s-file", node);
	put_bool(&q->argv, file, "read-only", readonly);
	argv_json(&q->argv, "-blockdev", file);
	put_format(&q->argv, format, "file", "%s-file", node);
	put_text(&q->argv, format, "node-name", node);
	put_bool(&q->argv, format, "read-only", readonly);
	argv_json(&q->argv, "-blockdev", format);
}

static void firmware(struct qemu *q)
{
	const char *code = q->facts->firmware_format ? q->facts->firmware_format : "raw";
	const char *vars = q->facts->nvram_format ? q->facts->nvram_format : code;

	if (!qemu_is_uefi(q))
		return; /* SeaBIOS is QEMU's own default */
	pflash(q, "firmware-code", q->facts->firmware_code, code, true);
	if (q->facts->nvram)
		pflash(q, "firmware-vars", q->facts->nvram, vars, false);
	if (q->profile->firmware != PROFILE_FIRMWARE_UEFI_SECURE)
		return;
	argv_option(&q->argv, "-global", "driver=cfi.pflash01,property=secure,value=on");
}

static void clock_base(struct qemu *q)
{
	argv_option(&q->argv, "-rtc", "base=%s",
		    q->profile->rtc == PROFILE_RTC_LOCALTIME ? "localtime" : "utc");
}

/* -qmp and not -mon, which QEMU warns of since 11.0; what takes its place there, 10 has not. */
static void monitor(struct qemu *q)
{
	argv_option(&q->argv, "-chardev", "socket,id=vfio-run-qmp,fd=%d", KEEPER_QEMU_MONITOR_FD);
	argv_option(&q->argv, "-qmp", "chardev:vfio-run-qmp");
}

/* QEMU's own filter stays on when `sandbox = log` makes ours log only. */
static void sandbox(struct qemu *q)
{
	if (q->profile->sandbox != PROFILE_SANDBOX_OFF)
		argv_option(
			&q->argv, "-sandbox",
			"on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
}

/*
 * The device by which a guest reports that its kernel panicked, and what QEMU does then. It
 * knows no reset: for that it pauses the guest, and the keeper resets it.
 */
static void panic(struct qemu *q)
{
	static const char *const actions[] = {
		[PROFILE_PANIC_SHUTDOWN] = "shutdown",
		[PROFILE_PANIC_RESET] = "pause",
		[PROFILE_PANIC_PAUSE] = "pause",
		[PROFILE_PANIC_FAIL] = "exit-failure",
	};

	argv_option(&q->argv, "-action", "panic=%s", actions[q->profile->on_panic]);
	if (qemu_is_pc(q)) /* has ISA */
		argv_json(&q->argv, "-device", argv_object("driver", "pvpanic"));
}

static void extra(struct qemu *q)
{
	for (size_t i = 0; i < q->profile->qemu_argument.count; i++)
		argv_add(&q->argv, q->profile->qemu_argument.item[i].text);
	for (size_t i = 0; q->facts->extra_argument && q->facts->extra_argument[i]; i++)
		argv_add(&q->argv, q->facts->extra_argument[i]);
}

/*
 * The order of the command line. Block nodes and network ends come before the cards
 * that use them; what the user adds comes last.
 */
/* clang-format off */
static void (*const emitters[])(struct qemu *q) = {
	name,
	stopped,
	qemu_machine,
	qemu_cpu,
	memory,
	cpus,
	firmware,
	window,
	qemu_display,
	clock_base,
	qemu_tables,
	qemu_sleep,
	monitor,
	sandbox,
	panic,
	qemu_devices,
	qemu_disks,
	qemu_cdroms,
	qemu_nets,
	qemu_agent, /* behind all that had an address before it was there */
	qemu_beside,
	qemu_settings,
	qemu_shown,
	qemu_shm,
	qemu_audio,
	qemu_input,
	qemu_usb,
	extra,
};
/* clang-format on */

/**
 * qemu_port_with() - one more root port, for one slot of the host's or one card
 * @eject:	what is on it can be ejected, and plugged
 *
 * Eight of them share a slot of the root bus, so there is room for over two hundred. The
 * addresses follow from the order alone: a guest finds its cards where they were.
 *
 * Return: its number; its id is "port" and that
 */
unsigned int qemu_port_with(struct qemu *q, bool eject)
{
	unsigned int n = q->ports++, first = FIRST_PORT_SLOT + qemu_has_igd(q);
	struct json_object *o = argv_object("driver", "pcie-root-port");

	put_format(&q->argv, o, "id", "port%u", n);
	put_text(&q->argv, o, "bus", "pcie.0");
	put_format(&q->argv, o, "addr", "0x%x.0x%x", first + n / PORTS_PER_SLOT,
		   n % PORTS_PER_SLOT);
	if (n % PORTS_PER_SLOT == 0)
		put_bool(&q->argv, o, "multifunction", true);
	put_number(&q->argv, o, "chassis", n + 1);
	if (!eject)
		put_bool(&q->argv, o, "hotplug", false);
	argv_json(&q->argv, "-device", o);
	return n;
}

/** qemu_port() - a root port as most cards have it; see qemu_port_with() */
unsigned int qemu_port(struct qemu *q)
{
	return qemu_port_with(q, true);
}

static void put_variable(struct argv *a, const char *name, const char *value)
{
	char text[PATH_MAX + 32];

	(void)snprintf(text, sizeof(text), "%s=%s", name, value);
	argv_add(a, text);
}

/*
 * Where a window goes. Both libraries would look for a desktop's services as well, which are not in
 * the jail. Source: wayland's wl_display_connect(3): the name can be a whole path.
 */
static void window_environment(struct argv *a, const struct plan_window *w)
{
	const char *kind = w->x11 ? "x11" : "wayland";

	if (!w->x11 && !w->wayland)
		return;
	if (w->x11)
		put_variable(a, "DISPLAY", w->display);
	if (w->x11 && *w->authority)
		put_variable(a, "XAUTHORITY", w->authority);
	if (w->wayland)
		put_variable(a, "WAYLAND_DISPLAY", w->wayland);
	put_variable(a, "GDK_BACKEND", kind);
	put_variable(a, "SDL_VIDEODRIVER", kind);
	argv_add(a, "GSETTINGS_BACKEND=memory");
	argv_add(a, "NO_AT_BRIDGE=1");
}

/* A whole path, so that no directory is looked for. Source: pipewire, pw_context_connect(3) */
static void audio_environment(struct argv *a, const struct plan_audio *audio)
{
	if (audio->socket && !strcmp(audio->driver, "pipewire"))
		put_variable(a, "PIPEWIRE_REMOTE", audio->socket);
}

/*
 * Nothing is inherited. HOME is a place where nothing of the user's is: libraries that
 * look for settings there find none.
 */
static int environment(struct plan *plan, const struct plan_host_facts *facts)
{
	struct argv a = { 0 };

	argv_add(&a, "PATH=/usr/bin:/bin");
	argv_add(&a, "HOME=/");
	argv_add(&a, "LC_ALL=C.UTF-8");
	window_environment(&a, &facts->window);
	audio_environment(&a, &facts->audio);
	return argv_finish(&a, &plan->environ_);
}

/* The last device first: a card becomes visible with its function 0, so that comes after all
 * others. */
static int plug_rows(struct qemu *q)
{
	size_t n = q->plug.count;

	if (!n && !q->plug.error)
		return 0;
	for (size_t i = 0; i < n / 2; i++) {
		char *other = q->plug.item[i];

		q->plug.item[i] = q->plug.item[n - 1 - i];
		q->plug.item[n - 1 - i] = other;
	}
	return argv_finish(&q->plug, &q->plan->plug);
}

/* As -no-reboot, or as the action that it stands for. */
static bool ends_at_reboot(char *const *argv)
{
	for (; *argv; argv++)
		if (!strcmp(*argv, "-no-reboot") || !strcmp(*argv, "--no-reboot") ||
		    strstr(*argv, "reboot=shutdown"))
			return true;
	return false;
}

/**
 * plan_qemu() - fill the plan's argv and environment, and what QEMU is told when it stands
 * @plan:	its name, its devices and whether it is cold are there
 *
 * Return: 0 or -errno
 */
int plan_qemu(struct plan *plan, const struct profile *profile, const struct plan_host_facts *facts)
{
	struct qemu q = { .profile = profile, .plan = plan, .facts = facts };
	int r;

	argv_add(&q.argv, facts->qemu);
	for (size_t i = 0; i < ARRAY_SIZE(emitters); i++)
		emitters[i](&q);
	r = argv_finish(&q.argv, &plan->argv);
	if (!r)
		r = plug_rows(&q);
	if (!r && (q.usb.count || q.usb.error))
		r = argv_finish(&q.usb, &plan->usb_plug);
	argv_fini(&q.usb);
	if (!r && (q.inputs.count || q.inputs.error))
		r = argv_finish(&q.inputs, &plan->input_plug);
	argv_fini(&q.inputs);
	argv_fini(&q.plug);
	if (r)
		return r;
	plan->no_reboot = ends_at_reboot(plan->argv);
	return environment(plan, facts);
}
