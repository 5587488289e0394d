/* SPDX-License-Identifier: GPL-2.0-or-later */
/* changes.c - the changes that move a plan's devices, in order */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/devices/quirks.h"
#include "launcher/host/devices/vendor-reset.h"
#include "launcher/host/kernel/cpus.h"
#include "launcher/plan/changes/changes.h"
#include "launcher/plan/changes/irqs.h"
#include "launcher/plan/changes/mounts.h"
#include "launcher/plan/changes/nets.h"
#include "launcher/plan/changes/rebar.h"
#include "launcher/plan/changes/sriov.h"
#include "launcher/plan/changes/unload.h"
#include "launcher/plan/changes/usb.h"

static int add_change(struct plan *plan, enum change_kind kind, const char *target,
		      const char *from, const char *to)
{
	struct change *c = reallocarray(plan->change, plan->change_count + 1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	plan->change = c;
	if (!change_set(&c[plan->change_count], kind, target, from, to))
		return -EOVERFLOW;
	plan->change_count++;
	return 0;
}

static bool has_change(const struct plan *plan, enum change_kind kind, const char *target)
{
	for (size_t i = 0; i < plan->change_count; i++)
		if (plan->change[i].kind == kind && !strcmp(plan->change[i].target, target))
			return true;
	return false;
}

/* A device that is on a vfio driver is left as it is; whatever bound it there unbinds it. */
static bool moves(const struct plan_device *d)
{
	return !d->host->vfio;
}

static int add_module(struct plan *plan, const struct host *host, const char *module)
{
	for (size_t i = 0; i < plan->change_count; i++)
		if (!strcmp(plan->change[i].target, module))
			return 0;
	if (host_module_loaded(host, module))
		return 0;
	return add_change(plan, CHANGE_MODULE, module, "", "loaded");
}

/*
 * vfio_iommu_type1 comes first: vfio_pci brings it along through a soft dependency, so
 * after that it would be found loaded already. A vfio driver's module is named as the
 * driver is, with underscores.
 */
static int add_modules(struct plan *plan, const struct host *host)
{
	int r = plan->device_count ? add_module(plan, host, "vfio_iommu_type1") : 0;

	for (size_t i = 0; i < plan->device_count && !r; i++) {
		char module[CHANGE_TEXT_MAX];

		if (!moves(&plan->device[i]))
			continue;
		(void)snprintf(module, sizeof(module), "%s", plan->device[i].driver);
		for (char *c = module; *c; c++)
			if (*c == '-')
				*c = '_';
		r = add_module(plan, host, module);
		if (!r && plan_reset_is_vendors(plan, &plan->device[i]))
			r = add_module(plan, host, VENDOR_RESET_MODULE);
	}
	return r;
}

/* As many as the memory takes: those that the host has to spare are counted by the keeper. */
static int add_hugepages(struct plan *plan)
{
	char pages[64], count[32];

	change_pages_words(&plan->pages, pages, sizeof(pages));
	(void)snprintf(count, sizeof(count), "%" PRIu64,
		       plan->memory_bytes / 1024 / plan->pages.kib);
	return add_change(plan, CHANGE_HUGEPAGES, pages, "", count);
}

/* Has this policy a CPU that a virtual processor runs on? Without a place it is any. */
static bool is_of_vm(const struct cpu_places *p, const struct cpus *policy)
{
	for (uint32_t i = 0; i < p->vcpu_count; i++)
		if (cpus_has(policy, p->vcpu[i]))
			return true;
	for (size_t i = 0; i < sizeof(policy->bit); i++)
		if (policy->bit[i] & p->vcpus.bit[i])
			return true;
	return !p->vcpu_count && cpus_is_empty(&p->vcpus);
}

/* A host without any is what the row `governor` refuses. */
static int add_governors(struct plan *plan, struct host *host)
{
	struct host_policy *policy = NULL;
	size_t count = 0;
	int r = host_policies(host, &policy, &count);

	if (r == -ENOENT)
		return 0;
	for (size_t i = 0; i < count && !r; i++)
		if (is_of_vm(&plan->places, &policy[i].cpus))
			r = add_change(plan, CHANGE_GOVERNOR, policy[i].name, policy[i].governor,
				       "performance");
	free(policy);
	return r;
}

/* All that a thread of QEMU runs on: a cgroup without one of them would make its pinning fail. */
static int add_isolation(struct plan *plan)
{
	const struct cpu_places *p = &plan->places;
	char list[CHANGE_TEXT_MAX];
	struct cpus all = p->vcpus;

	for (uint32_t i = 0; i < p->vcpu_count; i++)
		cpus_add(&all, p->vcpu[i]);
	for (size_t i = 0; i < sizeof(all.bit); i++)
		all.bit[i] |= (uint8_t)(p->emulator.bit[i] | p->iothread.bit[i]);
	cpus_format(&all, list, sizeof(list));
	return add_change(plan, CHANGE_ISOLATION, plan->name, "", list);
}

/*
 * Of each physical function once, and also where it has them already: another run may have made
 * these, and the last one ends them. Drivers are kept off only while they are made for guests.
 */
static int add_functions(struct plan *plan, struct host *host)
{
	int r = 0;

	for (size_t i = 0; i < plan->device_count && !r; i++) {
		const struct plan_device *d = &plan->device[i];
		const struct host_device *physical;
		char from[16], to[16];
		int found;

		if (!d->number || host_physical_function(host, d->host, &physical) ||
		    has_change(plan, CHANGE_VFS, physical->name))
			continue;
		found = physical->sriov_numvfs;
		(void)snprintf(from, sizeof(from), "%d", physical->sriov_autoprobe);
		if (!physical->sriov_autoprobe || (physical->sriov_autoprobe > 0 && found <= 0))
			r = add_change(plan, CHANGE_VF_DRIVERS, physical->name, from, "0");
		(void)snprintf(from, sizeof(from), "%d", found);
		(void)snprintf(to, sizeof(to), "%u",
			       plan_vf_count(physical, &plan->requested[d->section]));
		if (!r)
			r = add_change(plan, CHANGE_VFS, physical->name, from, to);
	}
	return r;
}

static int add_links(struct plan *plan, const struct profile *profile)
{
	char name[CHANGE_LINK_MAX], words[CHANGE_TEXT_MAX];
	struct change_link link;
	int r = 0;

	for (size_t i = 0; i < profile->net_count && !r; i++) {
		if (!plan_net_link(plan->name, profile, i, name, &link))
			continue;
		change_link_words(&link, words, sizeof(words));
		r = add_change(plan, CHANGE_LINK, name, "", words);
	}
	return r;
}

/* Those without a driver too: they get none at the end either. */
static int add_usb(struct plan *plan, const struct host_usb *d)
{
	char words[CHANGE_TEXT_MAX];
	int r = 0;

	change_usb_words(d->vendor, d->product, words, sizeof(words));
	for (size_t i = 0; i < d->interface_count && !r; i++)
		r = add_change(plan, CHANGE_USB, d->interface[i].name, d->interface[i].driver,
			       words);
	return r;
}

struct mounts {
	struct plan *plan;
	struct host *host;
};

/* One that cannot be mounted again is what the row `unmount` refuses. */
static int add_mount(void *context, const struct host_mount *m, const struct host_mounts *all)
{
	const struct mounts *to = context;
	char words[CHANGE_TEXT_MAX];

	(void)all;
	return plan_mount_words(to->host, m, words)
		       ? 0
		       : add_change(to->plan, CHANGE_MOUNT, m->point, words, "unmounted");
}

/*
 * A function that may not reach D3cold keeps all bridges above it from sleeping: the row of
 * d3cold_allowed is enough. This is for those without that attribute, below a bridge that may
 * sleep. Source: drivers/pci/pci.c, pci_bridge_d3_update(), pci_dev_check_d3cold()
 */
static int add_bridges(struct plan *plan, struct host *host)
{
	int r = 0;

	for (size_t i = 0; i < plan->device_count && !r; i++) {
		const struct host_device *d = plan->device[i].host, *bridge;
		struct pci_address address;
		bool before = false;

		for (size_t k = 0; k < plan->change_count; k++)
			before |= plan->change[k].kind == CHANGE_BRIDGE &&
				  !strcmp(plan->change[k].target, d->bridge);
		if (before || d->d3cold_allowed >= 0 || !moves(&plan->device[i]) ||
		    !pci_address_parse(d->bridge, &address) ||
		    host_device(host, &address, &bridge) ||
		    strcmp(bridge->power_control, "auto") != 0)
			continue;
		r = add_change(plan, CHANGE_BRIDGE, bridge->name, bridge->power_control, "on");
	}
	return r;
}

static int add_kept(struct plan *plan, const struct plan_kept *k)
{
	return add_change(plan, k->kind, k->target, k->from,
			  k->kind == CHANGE_ANNOUNCE ? "remove" : "stopped");
}

static void add_picture(struct plan *plan, const char *device)
{
	size_t used = strlen(plan->picture);

	if (used + strlen(device) + 2 <= sizeof(plan->picture))
		(void)snprintf(plan->picture + used, sizeof(plan->picture) - used, "%s%s",
			       used ? " " : "", device);
}

/*
 * Where the desktop is to be seen again: on a card that it has lost to the VM. Where it draws on
 * none of those, on one that it draws on.
 */
static void find_picture(struct plan *plan, const struct plan_host_facts *facts)
{
	for (size_t i = 0; i < facts->unit_count && !*plan->picture; i++) {
		const struct plan_unit *unit = &facts->unit[i];

		for (size_t d = 0; unit->display && d < plan->device_count; d++)
			if (change_has_address(unit->drawn, plan->device[d].host->name))
				add_picture(plan, plan->device[d].host->name);
		if (unit->display && !*plan->picture)
			add_picture(plan, unit->drawn);
	}
}

/* Asked is before anything is stopped. One that does not run is listed too: the list is what -n
 * shows, and it may run by then. */
static int add_services(struct plan *plan, const struct profile *profile,
			const struct plan_host_facts *facts)
{
	int r = 0;

	for (size_t i = 0; facts && i < facts->kept_count && !r; i++)
		if (facts->kept[i].kind == CHANGE_ANNOUNCE)
			r = add_kept(plan, &facts->kept[i]);
	for (size_t i = 0; facts && i < facts->kept_count && !r; i++)
		if (facts->kept[i].kind != CHANGE_ANNOUNCE)
			r = add_kept(plan, &facts->kept[i]);
	for (size_t i = 0; facts && i < facts->unit_count && !r; i++)
		if (facts->unit[i].name)
			r = add_change(plan, CHANGE_SERVICE, facts->unit[i].name,
				       !facts->unit[i].running  ? "" :
				       facts->unit[i].transient ? CHANGE_TEMPORARY :
								  "running",
				       "stopped");
	if (!r && profile->session_stop_command && profile->session_start_command)
		r = add_change(plan, CHANGE_COMMAND, profile->session_stop_command,
			       profile->session_start_command, "stopped");
	return r;
}

static int add_irqs(struct plan *plan, const char *irqs, const char *from, const char *to)
{
	return add_change(plan, CHANGE_IRQ, irqs, from, to);
}

/*
 * D3cold first: a card that reaches it on its way to VFIO may never come back. power/control
 * is listed even when it is "on" already: the driver vfio-pci changes it, at bind and at
 * unbind, so it has to be put back after either.
 */
static int add_power(struct plan *plan, const struct plan_device *d)
{
	int r = 0;

	if (d->host->d3cold_allowed == 1)
		r = add_change(plan, CHANGE_D3COLD, d->host->name, "1", "0");
	if (!r && *d->host->power_control)
		r = add_change(plan, CHANGE_POWER, d->host->name, d->host->power_control, "on");
	return r;
}

static int add_override(struct plan *plan, const struct plan_device *d)
{
	return add_change(plan, CHANGE_OVERRIDE, d->host->name, d->host->driver_override,
			  d->driver);
}

static int add_unbind(struct plan *plan, const struct plan_device *d)
{
	return *d->host->driver
		       ? add_change(plan, CHANGE_UNBIND, d->host->name, d->host->driver, "")
		       : 0;
}

/* From the sizes that the BARs have, which the keeper finds again. */
static int add_rebar(struct plan *plan, const struct plan_device *d)
{
	struct change_bars found = { { 0 } };
	char from[CHANGE_TEXT_MAX], to[CHANGE_TEXT_MAX];

	for (size_t i = 0; i < CHANGE_BARS; i++)
		if (d->bars.mib[i])
			found.mib[i] = (uint32_t)(d->host->bar_bytes[i] >> 20);
	change_bars_words(&found, from, sizeof(from));
	change_bars_words(&d->bars, to, sizeof(to));
	return *to ? add_change(plan, CHANGE_REBAR, d->host->name, from, to) : 0;
}

static int add_reset(struct plan *plan, const struct plan_device *d)
{
	const char *to;

	return plan_reset(plan, d, &to)
		       ? add_change(plan, CHANGE_RESET, d->host->name,
				    *d->host->settable_resets ? d->host->settable_resets
							      : CHANGE_NO_RESETS,
				    to)
		       : 0;
}

static int add_bind(struct plan *plan, const struct plan_device *d)
{
	return add_change(plan, CHANGE_BIND, d->host->name, "", d->driver);
}

/* Of each group once: of the first of its devices that comes to VFIO now, with its node. */
static int add_owner(struct plan *plan, const struct plan_device *d)
{
	char uid[16];

	for (const struct plan_device *other = plan->device; other < d; other++)
		if (other->host->iommu_group == d->host->iommu_group && !d->host->expected &&
		    moves(other))
			return 0;
	(void)snprintf(uid, sizeof(uid), "%" PRIu32, plan->owner);
	return plan->has_owner ? add_change(plan, CHANGE_OWNER, d->host->name, "0", uid) : 0;
}

/* When all overrides stand: a driver's module that comes back by itself takes none of the devices.
 */
static int add_unloads(struct plan *plan, const struct profile *profile, struct host *host)
{
	struct host_stack stack;
	int r = plan_unloads(plan, profile, host, &stack);

	for (size_t i = 0; i < stack.count && !r; i++)
		r = add_change(plan, CHANGE_UNLOAD, stack.name[i], "loaded", "unloaded");
	return r;
}

/*
 * A pass over all devices before the next begins: all overrides stand before the first
 * unbind, or a module that loads meanwhile could take a device; all are unbound before the
 * first bind. Function 0 is unbound last and bound first, as the other functions of a
 * card hang on it for their power.
 */
static const struct pass {
	int (*add)(struct plan *plan, const struct plan_device *d);
	bool descending, all; /* also of a device that does not move */
} passes[] = {
	{ add_power, false, false }, { add_override, false, false }, { add_reset, false, true },
	{ add_unbind, true, false }, { add_rebar, false, false },    { add_bind, false, false },
	{ add_owner, false, false },
};

static int add_pass(struct plan *plan, const struct pass *pass)
{
	for (size_t i = 0; i < plan->device_count; i++) {
		size_t at = pass->descending ? plan->device_count - 1 - i : i;
		int r = pass->all || moves(&plan->device[at]) ? pass->add(plan, &plan->device[at])
							      : 0;

		if (r)
			return r;
	}
	return 0;
}

/**
 * plan_changes() - list the changes that bring every device of the plan to its vfio driver
 * @plan:	its devices are there, sorted; its changes are filled
 * @profile:	whose links and services are added; NULL: a detach has none
 * @facts:	what these services are; NULL like @profile
 *
 * Return: 0, -ENOMEM, or -EOVERFLOW when a name is too long for a change
 */
int plan_changes(struct plan *plan, const struct profile *profile, struct host *host,
		 const struct plan_host_facts *facts)
{
	int r = add_modules(plan, host);

	for (size_t i = 0; i < plan->device_count; i++)
		(void)host_quirk_reset(host, plan->device[i].host, plan->device[i].quirk_reset,
				       sizeof(plan->device[i].quirk_reset));
	if (!r && profile)
		r = add_links(plan, profile);
	if (!r)
		r = add_functions(plan, host);
	if (!r && profile)
		r = plan_mounts_each(plan, profile, host, facts, add_mount,
				     &(struct mounts){ plan, host });
	if (!r && plan->pages.kib)
		r = add_hugepages(plan);
	if (!r && plan->fast)
		r = add_governors(plan, host);
	if (!r && plan->isolates)
		r = add_isolation(plan);
	if (!r)
		r = add_bridges(plan, host);
	if (!r && plan->moves_irqs)
		r = plan_irqs(plan, host, add_irqs);
	if (!r && profile)
		r = add_services(plan, profile, facts);
	if (profile && facts)
		find_picture(plan, facts);
	for (size_t i = 0; i < ARRAY_SIZE(passes) && !r; i++) {
		if (passes[i].add == add_unbind)
			r = add_unloads(plan, profile, host);
		if (!r)
			r = add_pass(plan, &passes[i]);
	}
	for (size_t i = 0; i < plan->usb_count && !r; i++)
		if (plan_usb_is_there(&plan->usb[i]))
			r = add_usb(plan, &plan->usb[i].device);
	return r;
}
