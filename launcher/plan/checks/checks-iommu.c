/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-iommu.c - rows: is there an IOMMU, and do the groups let a guest have the devices? */
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/devices/card.h"
#include "launcher/host/devices/critical.h"
#include "launcher/host/kernel/cmdline.h"
#include "launcher/plan/changes/devices.h"
#include "launcher/plan/changes/sriov.h"
#include "launcher/plan/checks/checks-rows.h"
#include "launcher/plan/find.h"

#define INTEL_SETUP "switch VT-d on in the firmware's setup"
#define AMD_SETUP "switch the IOMMU (AMD-Vi) on in the firmware's setup"
#define EITHER_SETUP                                                                               \
	"switch VT-d (Intel) or the IOMMU (AMD) on in the firmware's setup, and boot with "          \
	"intel_iommu=on (Intel)"
#define TO_BOOT_WITH "boot with intel_iommu=on on the kernel's command line"

/* Does the firmware describe one? It describes none that is switched off in its setup. */
static bool firmware_has(struct checking *c, enum host_cpu cpu)
{
	return sysfs_exists(c->root, cpu == HOST_CPU_AMD ? "sys/firmware/acpi/tables/IVRS" :
							   "sys/firmware/acpi/tables/DMAR");
}

/* What to do when the kernel's command line does not forbid it. */
static const char *setup_remedy(struct checking *c, enum host_cpu cpu, bool asked)
{
	bool there = firmware_has(c, cpu);

	if (cpu == HOST_CPU_INTEL && !asked)
		return there ? TO_BOOT_WITH : TO_BOOT_WITH ", and " INTEL_SETUP;
	if (cpu == HOST_CPU_INTEL)
		return there ? "see why in `dmesg | grep -i -e dmar -e iommu`" : INTEL_SETUP;
	if (cpu == HOST_CPU_AMD)
		return there ? "see why in `dmesg | grep -i -e amd-vi -e iommu`" : AMD_SETUP;
	return EITHER_SETUP;
}

/* What to do, for the processor that is here, and for what it was booted with. */
static const char *iommu_remedy(struct checking *c, char buf[CHECK_REMEDY_MAX])
{
	struct host_iommu_words words;
	struct host_machine m;
	bool enough;

	if (host_machine(c->host, &m))
		m.cpu = HOST_CPU_OTHER;
	host_iommu_words(c->host, m.cpu, &words);
	if (!*words.off) {
		(void)snprintf(buf, CHECK_REMEDY_MAX, "%s", setup_remedy(c, m.cpu, words.asked));
		return buf;
	}
	enough = firmware_has(c, m.cpu) && (words.asked || m.cpu == HOST_CPU_AMD);
	(void)snprintf(buf, CHECK_REMEDY_MAX, "take %s off %s%s%s", words.off, words.place,
		       enough ? "" : ", and ", enough ? "" : setup_remedy(c, m.cpu, words.asked));
	return buf;
}

void check_iommu(struct checking *c)
{
	char remedy[CHECK_REMEDY_MAX];

	if (!host_has_iommu(c->host))
		row_failed(c, iommu_remedy(c, remedy),
			   "no IOMMU is in use: a device could not be kept to "
			   "its guest's memory");
}

static bool is_without_group(const struct host_device *d)
{
	return d->iommu_group < 0 && !d->expected; /* what is expected will be in one */
}

void check_group(struct checking *c)
{
	char label[PLAN_LABEL_MAX];

	if (!host_has_iommu(c->host)) {
		/* One thing, and the row "iommu" says it. */
		row_skipped(c, "not checked: this host has no IOMMU in use");
		return;
	}
	for (size_t i = 0; i < c->plan->wanted_count; i++)
		if (is_without_group(c->plan->wanted[i].host))
			row_failed(c, "name another device: the IOMMU does not cover this one",
				   "%s is in no IOMMU group",
				   plan_label(c->host, c->plan->wanted[i].host, label));
}

/* Calls @visit for each member of each group that a device is in. */
static void each_member(struct checking *c,
			void (*visit)(struct checking *c, int group, const struct host_device *d))
{
	for (size_t i = 0; i < c->group_count; i++) {
		struct host_devices members;
		bool foreign;

		if (host_group(c->host, c->group[i], &members, &foreign))
			continue;
		for (size_t k = 0; k < members.count; k++)
			visit(c, c->group[i], members.item[k]);
		host_devices_fini(&members);
	}
}

/* What is soldered to the root bus stays where it is, and so do the parts of one card. */
static bool can_be_moved(const struct checking *c, int group, const struct host_device *other)
{
	bool behind_slot = false;

	for (size_t i = 0; i < c->device_count; i++) {
		const struct host_device *d = c->device[i].host;

		if (pci_address_same_slot(&d->address, &other->address))
			return false;
		behind_slot |= d->iommu_group == group && *d->bridge && !*d->controller;
	}
	return behind_slot;
}

static bool is_cards_sound(struct checking *c, const struct host_device *other)
{
	for (size_t i = 0; i < c->device_count; i++)
		if (host_device_is_display(c->device[i].host) &&
		    host_card_sound(c->host, c->device[i].host) == other)
			return true;
	return false;
}

static void visit_member(struct checking *c, int group, const struct host_device *d)
{
	char label[PLAN_LABEL_MAX], remedy[256];

	if (host_device_is_bridge(d) || plan_wants(c->plan, d) || plan_vanishes(c->plan, d))
		return;
	if (plan_wants_part_of(c->plan, d)) {
		row_failed(c, SRIOV_APART,
			   "group %d also holds %s, which the virtual function would vanish with", group,
			   plan_label(c->host, d, label));
		return;
	}
	if (is_cards_sound(c, d))
		(void)snprintf(
			remedy, sizeof(remedy),
			"it is the card's: a [pci] section with `device = %s` gives it to the guest too",
			d->name);
	else
		(void)snprintf(remedy, sizeof(remedy), "%s`group = hold` takes it from the host %s",
			       can_be_moved(c, group, d)
				       ? "put the card into another slot of the board; or "
				       : "",
			       host_critical(d) ? "and gives it to nobody"
						: "too, `group = all` gives it to the guest");
	row_failed(c, remedy, "group %d also holds %s%s%s", group, plan_label(c->host, d, label),
		   *d->driver ? ", in use by the driver " : ", without a driver", d->driver);
}

void check_members(struct checking *c)
{
	each_member(c, visit_member);
}

/* Source: drivers/pci/pcie/portdrv.c, driver_managed_dma: the one bridge driver that lets it be. */
static void visit_bridge(struct checking *c, int group, const struct host_device *d)
{
	char label[PLAN_LABEL_MAX], remedy[256];

	if (!host_device_is_bridge(d) || !*d->driver || !strcmp(d->driver, "pcieport"))
		return;
	(void)snprintf(remedy, sizeof(remedy), "`echo %s >/sys/bus/pci/drivers/%s/unbind` as root",
		       d->name, d->driver);
	row_failed(c, remedy, "group %d holds the bridge %s, whose driver %s keeps it from a guest",
		   group, plan_label(c->host, d, label), d->driver);
}

void check_bridges(struct checking *c)
{
	each_member(c, visit_bridge);
}

void check_foreign(struct checking *c)
{
	for (size_t i = 0; i < c->group_count; i++) {
		struct host_devices members;
		bool foreign = false;

		if (host_group(c->host, c->group[i], &members, &foreign))
			continue;
		host_devices_fini(&members);
		if (foreign)
			row_failed(c, "name a device of another group: `vfio-run list`",
				   "group %d holds a device that is not on the PCI bus",
				   c->group[i]);
	}
}

void check_reserved(struct checking *c)
{
	for (size_t i = 0; i < c->group_count; i++)
		if (host_group_reserved_direct(c->host, c->group[i]) == 1)
			row_failed(c,
				   "switch off, in the firmware's setup, what uses the device "
				   "before Linux does; there is no way around it",
				   "group %d has memory that the firmware wants mapped one to one "
				   "(RMRR), so the kernel does not hand it out",
				   c->group[i]);
}

/* A switch of a module's that is on: off now, and off where it was set. */
static void switch_off(struct checking *c, const char *module, const char *parameter, const char *what)
{
	char place[HOST_PLACE_MAX], remedy[CHECK_REMEDY_MAX];

	(void)host_module_places(c->host, module, parameter, place, sizeof(place));
	(void)snprintf(remedy, sizeof(remedy), "`echo N >/sys/module/%s/parameters/%s` as root%s%s", module,
		       parameter, *place ? ", and take it out of " : "", place);
	row_failed(c, remedy, "%s", what);
}

/* Either interface to VFIO has its own. Source: drivers/iommu/iommufd/device.c. */
void check_unsafe_interrupts(struct checking *c)
{
	static const char *const modules[] = { "vfio_iommu_type1", "iommufd" };
	char what[128];

	for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
		if (!host_parameter_is_on(c->host, modules[i], "allow_unsafe_interrupts"))
			continue;
		(void)snprintf(what, sizeof(what),
			       "%s allows unsafe interrupts: a guest could send any interrupt to the host",
			       modules[i]);
		switch_off(c, modules[i], "allow_unsafe_interrupts", what);
	}
}

/* Source: drivers/vfio/group.c: such a group is made for a device without an IOMMU. */
static bool is_no_iommu_group(struct checking *c, int group)
{
	char path[96], name[32];

	(void)snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/name", group);
	if (sysfs_read(c->root, path, name, sizeof(name)) > 0 && !strcmp(name, "vfio-noiommu"))
		return true;
	(void)snprintf(path, sizeof(path), "sys/class/vfio/noiommu-%d", group);
	return sysfs_exists(c->root, path);
}

void check_no_iommu_mode(struct checking *c)
{
	char remedy[CHECK_REMEDY_MAX];

	if (host_parameter_is_on(c->host, "vfio", "enable_unsafe_noiommu_mode"))
		switch_off(c, "vfio", "enable_unsafe_noiommu_mode",
			   "VFIO is allowed to hand out devices without an IOMMU: a guest could "
			   "write to all of the host's memory");
	for (size_t i = 0; i < c->group_count; i++)
		if (is_no_iommu_group(c, c->group[i]))
			row_failed(c, iommu_remedy(c, remedy),
				   "group %d is one without an IOMMU: a guest could write to all "
				   "of the host's memory",
				   c->group[i]);
}

/* ---- every graphics card, for `check` without a profile ---------------------------------- */

/**
 * checks_can_go() - could this device be handed over, whatever holds it now?
 * @with:	another one that goes along, as a section of its own says; NULL: none
 * @results:	receives what is in the way; check_results_fini() in any case
 *
 * Return: true when no plan is refused for it
 */
bool checks_can_go(struct host *host, const struct host_device *d, const struct host_device *with,
		   struct check_results *results)
{
	struct pci_address address[2] = { d->address };
	struct checks_request request = { .scope = CHECKS_PLAN, .host = host };
	struct plan *plan = NULL;
	bool good;
	int r;

	if (with)
		address[1] = with->address;
	r = plan_select_detach(host, address, with ? 2 : 1, &plan);
	*results = (struct check_results){ 0 };
	request.plan = plan;
	good = !r && !checks_run(&request, results) && !checks_failed(results);
	plan_free(plan);
	return good;
}

/* Reports why no plan takes a card, in the words of the rows. Return: can it be handed over? */
static bool say_gpu(struct checking *c, const struct host_device *d, bool only_count)
{
	struct check_results results;
	char label[PLAN_LABEL_MAX];
	bool good = checks_can_go(c->host, d, NULL, &results);

	(void)plan_label(c->host, d, label);
	if (good && !only_count)
		row_remark(c, NULL, "%s can be handed over", label);
	for (size_t i = 0; i < results.count && !only_count; i++)
		if (results.item[i].state == CHECK_FAILED)
			row_skipped(c, "%s: not as it is: %s; %s", label, results.item[i].detail,
				    results.item[i].remedy);
	check_results_fini(&results);
	return good;
}

/* One card that can go is enough for the host to be ready: the others are only described. */
void check_gpus(struct checking *c)
{
	struct host_devices all;
	size_t cards = 0, good = 0;

	if (!host_has_iommu(c->host)) {
		row_skipped(c, "which cards a guest can have is known once the IOMMU is on");
		return;
	}
	if (host_all(c->host, &all))
		return;
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < all.count; i++) {
			if (!host_device_is_display(all.item[i]))
				continue;
			cards += !pass;
			good += say_gpu(c, all.item[i], !pass) && !pass;
		}
	host_devices_fini(&all);
	if (!cards)
		row_skipped(c, "there is no graphics card in this host");
	else if (!good)
		row_failed(c, "`vfio-run list gpu` shows what is in the cards' groups",
			   "no graphics card can be handed over as it is");
}
