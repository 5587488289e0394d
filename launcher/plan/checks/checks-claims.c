/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-claims.c - rows: other programs that move devices: VMs of vfio-run, and other tools */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/devices/claims.h"
#include "launcher/host/holders/processes.h"
#include "launcher/host/holders/vms.h"
#include "launcher/plan/checks/checks-rows.h"
#include "launcher/plan/find.h"

void check_vm_running(struct checking *c)
{
	struct host_vm *vm;
	char remedy[128];
	size_t count;
	int r = host_vms(c->host, &vm, &count);

	if (r) {
		row_file_error(c, "/run/vfio-run", r);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (vm[i].alive && !vm[i].detach && !strcmp(vm[i].name, c->profile->name)) {
			(void)snprintf(
				remedy, sizeof(remedy),
				"`vfio-run stop %s` powers it down; or give this one another `name`",
				vm[i].name); /* as a profile has it: no other sign is in it */
			row_failed(c, remedy, "a VM called %s is running (pid %d)",
				   c->profile->name, vm[i].pid);
		}
	free(vm);
}

void check_leftovers(struct checking *c)
{
	struct host_vm *vm;
	char name[256];
	size_t count;
	int r = host_vms(c->host, &vm, &count);

	if (r) {
		row_file_error(c, "/run/vfio-run", r);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!vm[i].alive)
			row_failed(c, "`sudo vfio-run recover`",
				   "%s was interrupted and has left devices behind",
				   log_quote(vm[i].name, name, sizeof(name)));
	free(vm);
}

/**
 * check_own_remedy() - what to do about a process of vfio-run's own
 * @name:	receives the VM's, safe to print; NULL: not wanted
 *
 * Return: is it one? Then @remedy names what ends it, and that is never `kill`
 */
bool check_own_remedy(struct checking *c, int32_t pid, char name[CHECK_NAME_MAX],
		      char remedy[CHECK_REMEDY_MAX])
{
	char quoted[CHECK_NAME_MAX];
	struct host_vm vm;

	if (!host_vm_of_process(c->host, pid, &vm))
		return false;
	(void)log_quote(vm.name, quoted, sizeof(quoted));
	if (name)
		(void)snprintf(name, CHECK_NAME_MAX, "%s", quoted);
	if (vm.detach)
		(void)snprintf(remedy, CHECK_REMEDY_MAX, "wait until that detach has ended");
	else
		(void)snprintf(remedy, CHECK_REMEDY_MAX, "`vfio-run stop %s` powers it down",
			       quoted);
	return true;
}

void check_locked(struct checking *c)
{
	char owner[CHECK_NAME_MAX], remedy[CHECK_REMEDY_MAX];

	for (size_t i = 0; i < c->group_count; i++) {
		int32_t pid = 0;
		int r = host_group_owner(c->host, c->group[i], &pid);

		if (r < 0) {
			row_file_error(c, "/run/vfio-run/state", r);
			return;
		}
		if (!r)
			continue;
		if (check_own_remedy(c, pid, owner, remedy))
			row_failed(c, remedy, "group %d belongs to the running VM %s", c->group[i],
				   owner);
		else
			row_failed(
				c,
				"`vfio-run status` names the VMs that run, `vfio-run stop` ends one",
				"group %d belongs to another vfio-run (pid %d)", c->group[i], pid);
	}
}

void check_libvirt(struct checking *c)
{
	char domain[128], quoted[256], remedy[300];

	for (size_t i = 0; i < c->device_count; i++) {
		int r = host_libvirt_domain(c->host, c->device[i].host, domain, sizeof(domain));

		if (r < 0) {
			row_file_error(c, "/run/libvirt/qemu", r);
			return;
		}
		if (!r)
			continue;
		(void)log_quote(domain, quoted, sizeof(quoted));
		(void)snprintf(remedy, sizeof(remedy), "`virsh shutdown %s` first", quoted);
		row_failed(c, remedy, "%s belongs to the running libvirt domain %s",
			   c->device[i].host->name, quoted);
	}
}

/* Looked for only where it is installed: to go through all processes takes time. */
void check_supergfxd(struct checking *c)
{
	static const char *const signs[] = { "etc/supergfxd.conf", "usr/bin/supergfxd" };
	bool installed = false, card = false;
	int32_t pid;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		installed |= sysfs_exists(c->root, signs[i]);
	for (size_t i = 0; i < c->device_count; i++)
		card |= host_device_is_display(c->device[i].host);
	if (!installed || !card)
		return;
	r = host_process_named(c->host, "supergfxd", &pid);
	if (r < 0)
		row_file_error(c, "/proc", r);
	else if (r)
		row_failed(c, "`systemctl stop supergfxd`",
			   "supergfxd (pid %d) is running, and moves graphics cards too", pid);
}

/*
 * Other tools that act on graphics cards, by what runs: their unit, or the name of their process.
 * One that moves a card by itself is refused; one that only sets its power is reported. Sources:
 * each project's own unit file and README.
 */
static const struct card_tool {
	const char *unit;
	const char *comm; /* or, of one that does not stay, a path that it leaves in /run */
	bool moves;
	const char *what, *remedy;
} card_tools[] = {
	{ "cardwired.service", "cardwired", true,
	  "hides graphics cards from programs, QEMU among them", "`systemctl stop cardwired`" },
	{ "optimus-manager.service", "optimus-manager", true,
	  "switches drivers of graphics cards at each login", "`systemctl stop optimus-manager`" },
	{ "com.system76.PowerDaemon.service", "system76-power", false,
	  "switches graphics and their power when asked",
	  "do not switch graphics with it while the VM runs" },
	{ "asusd.service", "asusd", false, "can switch the graphics card off",
	  "do not switch modes with it while the VM runs" },
	{ "tlp.service", "run/tlp", false,
	  "writes power attributes of PCI devices when the power source changes",
	  "name the device in RUNTIME_PM_DENYLIST in /etc/tlp.conf" },
	{ "laptop-mode.service", "run/laptop-mode-tools", false,
	  "writes power attributes of devices when the power source changes",
	  "name the device's ids in AUTOSUSPEND_RUNTIME_DEVID_BLACKLIST in "
	  "/etc/laptop-mode/conf.d/runtime-pm.conf" },
};

static bool tool_runs(struct checking *c, const struct card_tool *tool)
{
	char path[128];
	int32_t pid;

	(void)snprintf(path, sizeof(path), "sys/fs/cgroup/system.slice/%s", tool->unit);
	if (sysfs_exists(c->root, path))
		return true;
	/* a oneshot unit has no cgroup afterwards */
	(void)snprintf(path, sizeof(path), "run/systemd/units/invocation:%s", tool->unit);
	if (strchr(tool->comm, '/'))
		return sysfs_exists(c->root, path) || sysfs_exists(c->root, tool->comm);
	/* without systemd; to go through all processes takes time */
	return c->request->scope == CHECKS_REPORT &&
	       host_process_named(c->host, tool->comm, &pid) > 0;
}

void check_card_tools(struct checking *c)
{
	bool card = false;

	for (size_t i = 0; i < c->device_count; i++)
		card |= host_device_is_display(c->device[i].host);
	for (size_t i = 0; card && i < ARRAY_SIZE(card_tools); i++) {
		const struct card_tool *tool = &card_tools[i];

		if (!tool_runs(c, tool))
			continue;
		if (tool->moves)
			row_failed(c, tool->remedy, "%s is running, and %s", tool->unit,
				   tool->what);
		else
			row_remark(c, tool->remedy, "%s is running, and %s", tool->unit,
				   tool->what);
	}
}

void check_driverctl(struct checking *c)
{
	char driver[HOST_WORD_MAX], quoted[256], remedy[96];

	for (size_t i = 0; i < c->device_count; i++) {
		const struct host_device *d = c->device[i].host;
		int r = host_driverctl_override(c->host, d, driver, sizeof(driver));

		if (r < 0)
			row_file_error(c, "/etc/driverctl.d", r);
		if (r <= 0)
			continue;
		(void)log_quote(driver, quoted, sizeof(quoted));
		(void)snprintf(remedy, sizeof(remedy), "`driverctl unset-override %s`", d->name);
		if (!strcmp(driver, d->driver))
			row_remark(c, NULL, "%s: driverctl keeps it on %s, where it stays", d->name,
				   quoted);
		else
			row_failed(c, remedy, "%s: driverctl wants it on %s, and it is on %s",
				   d->name, quoted, *d->driver ? d->driver : "no driver");
	}
}

/* The loading of vfio-pci itself would take these, and no journal would list them. */
static void refuse_victims(struct checking *c, const struct host_vfio_id *id,
			   const struct host_devices *all)
{
	char label[PLAN_LABEL_MAX], remedy[CHECK_REMEDY_MAX];

	for (size_t i = 0; i < all->count; i++) {
		const struct host_device *d = all->item[i];

		if (d->vendor != id->vendor || d->device != id->device || *d->driver ||
		    d->header_type || *d->driver_override || check_moves(c, d))
			continue;
		(void)snprintf(remedy, sizeof(remedy), "take ids= out of %s", id->from);
		row_failed(c, remedy,
			   "%s would be taken by vfio-pci as soon as that is loaded: "
			   "ids=%04x:%04x",
			   plan_label(c->host, d, label), id->vendor, id->device);
	}
}

static void remark_own(struct checking *c, const struct host_vfio_id *id)
{
	char remedy[CHECK_REMEDY_MAX];

	(void)snprintf(remedy, sizeof(remedy), "ids= in %s is not needed with vfio-run", id->from);
	for (size_t i = 0; i < c->device_count; i++) {
		const struct host_device *d = c->device[i].host;

		if (d->vendor == id->vendor && d->device == id->device && d->vfio)
			row_remark(c, remedy,
				   "%s: the host gives it to vfio-pci at every boot, "
				   "and does not get it back",
				   d->name);
	}
}

void check_vfio_ids(struct checking *c)
{
	struct host_devices all = { 0 };
	struct host_vfio_id *id;
	size_t count;

	if (host_vfio_ids(c->host, &id, &count) || !count)
		return;
	if (!host_module_loaded(c->host, "vfio_pci") && host_all(c->host, &all))
		all.count = 0;
	for (size_t i = 0; i < count; i++) {
		refuse_victims(c, &id[i], &all);
		remark_own(c, &id[i]);
	}
	host_devices_fini(&all);
	free(id);
}
