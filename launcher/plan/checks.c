/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks.c - the table of checks, and the engine that asks its rows */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/plan/checks-rows.h"
#include "launcher/plan/devices.h"
#include "launcher/plan/find.h"

/* When a row is asked. */
enum when {
	ON_HOST = 1 << 0,    /* `check` without a profile */
	ON_VM = 1 << 1,      /* with a profile */
	ON_DEVICES = 1 << 2, /* when devices are to be moved */
	PLANNED = 1 << 3,    /* a plan settles it: asked only to say why there is none */
	REPORTED = 1 << 4,   /* `check` only: too slow for each start, or no reason to stop one */
	OF_DEVICES = 1 << 5, /* says something of devices that the profile names */
	OF_IOMMU = 1 << 6,   /* says something of an IOMMU in use */
};

struct row {
	const char *name;
	void (*ask)(struct checking *c); /* NULL: found while the facts were gathered */
	unsigned int when;
	const char *well; /* what is said when there is nothing to say */
};

/* clang-format off */
static const struct row rows[] = {
	{ "contained",         check_contained,         ON_HOST | ON_VM | ON_DEVICES,
	  "what is started here ends with the host and not before" },
	{ "iommu",             check_iommu,             ON_HOST | ON_DEVICES,
	  "the IOMMU is on" },
	{ "unsafe-interrupts", check_unsafe_interrupts, ON_HOST | ON_DEVICES | OF_IOMMU,
	  "interrupts of devices are kept apart" },
	{ "no-iommu-mode",     check_no_iommu_mode,     ON_HOST | ON_DEVICES,
	  "VFIO hands out nothing without an IOMMU" },
	{ "modules",           check_modules,           ON_HOST | ON_DEVICES,
	  "the kernel's vfio modules are there" },
	{ "kvm",               check_kvm,               ON_HOST | ON_VM,
	  "KVM is there" },
	{ "user",              NULL,                    ON_VM,
	  "the VM's user exists, and is not root" },
	{ "qemu",              NULL,                    ON_HOST | ON_VM,
	  "QEMU is there, and new enough" },
	{ "qemu-devices",      check_qemu_devices,      ON_HOST | ON_VM | REPORTED,
	  "QEMU has the devices that a plan uses" },
	{ "firmware",          NULL,                    ON_VM,
	  "the guest's firmware is there" },
	{ "files",             NULL,                    ON_VM,
	  "the VM's user can open every file" },
	{ "programs",          check_programs,          ON_HOST | ON_VM | ON_DEVICES,
	  "vfio-run's own programs can be executed" },
	{ "run",               check_run,               ON_HOST | ON_VM | ON_DEVICES,
	  "/run has room for locks and journal" },
	{ "sysfs",             check_sysfs,             ON_DEVICES,
	  "the devices' attributes can be written" },
	{ "capabilities",      check_capabilities,      ON_HOST | ON_VM,
	  "nothing of root's was taken away" },
	{ "limits",            check_limits,            ON_HOST | ON_VM,
	  "no limit is in the way" },
	{ "namespaces",        check_namespaces,        ON_HOST | ON_VM,
	  "QEMU can have namespaces of its own" },
	{ "seccomp",           check_seccomp,           ON_HOST | ON_VM,
	  "QEMU's system calls can be filtered" },
	{ "tasks",             check_tasks,             ON_HOST | ON_VM | ON_DEVICES,
	  "there is room for more processes" },
	{ "memory",            check_memory,            ON_VM,
	  "there is memory for the guest" },
	{ "supported",         check_supported,         ON_VM | PLANNED,
	  "this version can do what the profile asks for" },
	{ "leftovers",         check_leftovers,         ON_HOST | ON_VM | REPORTED,
	  "no run was interrupted" },
	{ "unexplained",       check_unexplained,       ON_HOST | ON_VM | REPORTED,
	  "nothing is on vfio-pci that nobody has put there" },
	{ "vm-running",        check_vm_running,        ON_VM,
	  "no VM of this name is running" },
	{ "gpu",               check_gpus,              ON_HOST | REPORTED,
	  "a graphics card can be handed over" },

	{ "device",            check_named,             ON_VM | PLANNED | OF_DEVICES,
	  "every device is where the profile says" },
	{ "graphics-card",     check_graphics_card,     ON_VM | PLANNED | OF_DEVICES,
	  "every [gpu] is a graphics card" },
	{ "twice",             check_named_twice,       ON_VM | PLANNED | OF_DEVICES,
	  "no device is named twice" },
	{ "stuck",             check_stuck,             ON_VM | PLANNED | OF_DEVICES,
	  "no device is stuck" },
	{ "endpoint",          check_endpoint,          ON_VM | PLANNED | OF_DEVICES,
	  "no device is a bridge" },
	{ "answers",           check_answers,           ON_VM | PLANNED | OF_DEVICES,
	  "every device answers" },
	{ "sriov",             check_sriov,             ON_VM | PLANNED | OF_DEVICES,
	  "no device has virtual functions" },
	{ "group",             check_group,             ON_VM | PLANNED | OF_DEVICES,
	  "every device is in an IOMMU group" },
	{ "group-members",     check_members,           ON_VM | PLANNED | OF_DEVICES,
	  "nothing else is in the groups" },
	{ "group-bridge",      check_bridges,           ON_VM | PLANNED | OF_DEVICES,
	  "the groups' bridges are no obstacle" },
	{ "group-foreign",     check_foreign,           ON_VM | PLANNED | OF_DEVICES,
	  "the groups hold PCI devices only" },
	{ "group-reserved",    check_reserved,          ON_VM | PLANNED | OF_DEVICES,
	  "the firmware keeps no memory of the groups" },
	{ "denylist",          check_denylist,          ON_DEVICES | OF_DEVICES,
	  "vfio-pci accepts the devices" },
	{ "locked",            check_locked,            ON_DEVICES | OF_DEVICES,
	  "no other VM has the devices" },
	{ "vfio-open",         check_vfio_open,         ON_DEVICES | OF_DEVICES,
	  "nobody has the groups open" },
	{ "libvirt",           check_libvirt,           ON_DEVICES | OF_DEVICES,
	  "libvirt does not use the devices" },
	{ "supergfxd",         check_supergfxd,         ON_DEVICES | OF_DEVICES,
	  "supergfxd does not move the devices" },
	{ "driverctl",         check_driverctl,         ON_DEVICES | OF_DEVICES,
	  "driverctl does not want another driver" },
	{ "vfio-ids",          check_vfio_ids,          ON_DEVICES | OF_DEVICES,
	  "vfio-pci takes no other device by its ids" },
	{ "storage",           check_storage,           ON_DEVICES | OF_DEVICES,
	  "no file system, swap, RAID or volume is on the devices" },
	{ "network",           check_network,           ON_DEVICES | OF_DEVICES,
	  "the way to the network does not go through the devices" },
	{ "keyboard",          check_keyboard,          ON_DEVICES | OF_DEVICES,
	  "a keyboard stays" },
	{ "console",           check_console,           ON_DEVICES | OF_DEVICES,
	  "the host's own console stays" },
	{ "serial-console",    check_serial,            ON_DEVICES | OF_DEVICES,
	  "no serial console is on the devices" },
	{ "sound",             check_sound,             ON_DEVICES | OF_DEVICES,
	  "nothing plays on the devices" },
	{ "holders",           check_holders,           ON_DEVICES | OF_DEVICES,
	  "no process holds the devices" },
};
/* clang-format on */

/** checks_count() - how many rows there are */
size_t checks_count(void)
{
	return ARRAY_SIZE(rows);
}

/** checks_name() - the stable name of a row */
const char *checks_name(size_t row)
{
	return rows[row].name;
}

/* ---- results -------------------------------------------------------------------------- */

static void add_result(struct check_results *results, const char *check, enum check_state state,
		const char *remedy, const char *format, va_list args) printf_like(5, 0);

static void add_result(struct check_results *results, const char *check, enum check_state state,
		const char *remedy, const char *format, va_list args)
{
	struct check_result *bigger =
		reallocarray(results->item, results->count + 1, sizeof(*bigger));
	struct check_result new = { .check = check, .state = state };

	if (bigger)
		results->item = bigger;
	if (vasprintf(&new.detail, format, args) < 0)
		new.detail = NULL;
	new.remedy = remedy ? strdup(remedy) : NULL;
	if (!bigger || !new.detail || (remedy && !new.remedy)) {
		free(new.detail);
		free(new.remedy);
		results->out_of_memory = true;
		return;
	}
	results->item[results->count++] = new;
}

/**
 * check_add() - record one result
 * @check:	the name of a row, static
 * @remedy:	copied; NULL for none
 */
void check_add(struct check_results *results, const char *check, enum check_state state,
	       const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_result(results, check, state, remedy, format, args);
	va_end(args);
}

/** row_failed() - the row at work has found something that must be mended first */
void row_failed(struct checking *c, const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_result(c->results, c->row, CHECK_FAILED, remedy, format, args);
	va_end(args);
}

/** row_skipped() - the row at work cannot know, and says why */
void row_skipped(struct checking *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_result(c->results, c->row, CHECK_SKIPPED, NULL, format, args);
	va_end(args);
}

/** row_remark() - nothing is wrong, but worth knowing */
void row_remark(struct checking *c, const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_result(c->results, c->row, CHECK_OK, remedy, format, args);
	va_end(args);
}

/** row_file_error() - skip: what the row looks at could not be read */
void row_file_error(struct checking *c, const char *what, int error)
{
	if (error == -EACCES || error == -EPERM)
		row_skipped(c, "not checked: %s takes root to read", what);
	else if (error == -ENOENT && !host_is_live(c->host))
		row_skipped(c, "not checked: the captured tree has no %s", what);
	else
		row_skipped(c, "not checked: %s: %s", what, strerror(-error));
}

/** check_results_fini() - free what was recorded */
void check_results_fini(struct check_results *results)
{
	for (size_t i = 0; i < results->count; i++) {
		free(results->item[i].detail);
		free(results->item[i].remedy);
	}
	free(results->item);
	*results = (struct check_results){ 0 };
}

/** checks_failed() - has any row failed, or is it not known for want of memory? */
bool checks_failed(const struct check_results *results)
{
	for (size_t i = 0; i < results->count; i++)
		if (results->item[i].state == CHECK_FAILED)
			return true;
	return results->out_of_memory;
}

/* ---- engine --------------------------------------------------------------------------- */

/** row_is_root() - are we root, and is it this machine? */
bool row_is_root(const struct checking *c)
{
	return host_is_live(c->host) && !geteuid();
}

/** check_moves() - is this device among those that are to be moved? */
bool check_moves(const struct checking *c, const struct host_device *d)
{
	for (size_t i = 0; i < c->device_count; i++)
		if (c->device[i].host == d)
			return true;
	return false;
}

/** check_section() - the device that a section names, also one that no plan takes; NULL: none */
const struct host_device *check_section(struct checking *c, size_t section)
{
	struct plan_refusals ignored = { 0 };
	const struct host_device *d = NULL;

	if (plan_find_device(c->host, &c->profile->device[section], &d, &ignored))
		d = NULL;
	plan_refusals_fini(&ignored);
	return d;
}

static bool wanted(const struct checks_request *r, const struct row *row)
{
	const bool whole_host = !r->profile && !r->plan;
	unsigned int now =
		whole_host ? ON_HOST : (unsigned int)(ON_DEVICES | (r->profile ? ON_VM : 0));

	if (r->scope == CHECKS_START && (row->when & (PLANNED | REPORTED)))
		return false;
	if (whole_host && !strcmp(row->name, "qemu") && !r->facts)
		return false;
	return row->when & now;
}

static bool has_said(const struct check_results *results, const char *name)
{
	for (size_t i = 0; i < results->count; i++)
		if (!strcmp(results->item[i].check, name))
			return true;
	return false;
}

/* Would the words for "nothing is wrong" praise what is not there? */
static bool is_moot(struct checking *c, const struct row *row)
{
	struct check_wanted one;

	if ((row->when & OF_IOMMU) && !host_has_iommu(c->host))
		return true;
	return (row->when & OF_DEVICES) && !c->device_count &&
	       (!(row->when & PLANNED) || !check_wanted(c, &one, 1));
}

static void ask(struct checking *c, const struct row *row)
{
	c->row = row->name;
	if (row->ask && !(c->request->plan && (row->when & PLANNED)))
		row->ask(c);
	if (has_said(c->results, row->name))
		return;
	check_add(c->results, row->name, CHECK_OK, NULL, "%s", row->well);
	if (!c->results->out_of_memory)
		c->results->item[c->results->count - 1].moot = is_moot(c, row);
}

static int take_devices(struct checking *c, const struct plan *plan)
{
	int r = 0;

	c->device = calloc(plan->device_count + 1, sizeof(*c->device));
	if (!c->device)
		return -ENOMEM;
	for (size_t i = 0; i < plan->device_count && !r; i++) {
		const struct plan_device *d = &plan->device[i];
		struct check_device *to = &c->device[c->device_count++];

		to->host = d->host;
		to->driver = d->driver;
		to->requested = c->profile ? &c->profile->device[d->section] : NULL;
		if (!d->host->stuck)
			r = host_nodes(c->host, d->host, &to->nodes);
	}
	c->group = plan->group;
	c->group_count = plan->group_count;
	return r;
}

/* What was refused has devices all the same; what is wrong with them belongs in the list. */
static int devices_of_refused(struct checking *c, struct plan *scratch)
{
	struct plan_refusals refusals = { 0 };
	int r = plan_devices(scratch, c->host, c->profile->device, c->profile->device_count,
			     c->request->facts ? c->request->facts->variant : NULL, &refusals);

	plan_refusals_fini(&refusals);
	return r;
}

static void forget(struct checking *c, struct plan *scratch)
{
	for (size_t i = 0; i < c->device_count; i++)
		host_nodes_fini(&c->device[i].nodes);
	free(c->device);
	free(c->holders);
	free(scratch->device);
	free(scratch->group);
}

/**
 * checks_run() - ask every row that the request wants asked
 * @results:	added to; may hold what was found while the facts were gathered
 *
 * Reads the host and changes nothing.
 *
 * Return: 0 (look at checks_failed()), or -errno when the host could not be read
 */
int checks_run(const struct checks_request *request, struct check_results *results)
{
	struct checking c = { .request = request,
			      .host = request->host,
			      .root = host_root_fd(request->host),
			      .profile = request->profile,
			      .holders = calloc(1, sizeof(*c.holders)),
			      .results = results };
	struct plan scratch = { .device = NULL };
	int r = c.holders ? 0 : -ENOMEM;

	if (!r && c.profile && !request->plan)
		r = devices_of_refused(&c, &scratch);
	if (!r)
		r = take_devices(&c, request->plan ? request->plan : &scratch);
	for (size_t i = 0; i < ARRAY_SIZE(rows) && !r; i++)
		if (wanted(request, &rows[i]))
			ask(&c, &rows[i]);
	forget(&c, &scratch);
	return r ? r : results->out_of_memory ? -ENOMEM : 0;
}
