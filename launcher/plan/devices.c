/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devices.c - which devices a plan moves: sections, slots and groups */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/host.h"
#include "launcher/plan/devices.h"
#include "launcher/plan/find.h"
#include "profiles/profile.h"

/* What all the steps below work on. */
struct picking {
	struct plan *plan;
	struct host *host;
	const struct profile_device *requested;
	size_t requested_count;
	const char *const *variant;
	struct plan_refusals *refusals;
};

/** plan_find() - the plan's entry for an address, NULL when it moves no such device */
const struct plan_device *plan_find(const struct plan *plan, const struct pci_address *address)
{
	for (size_t i = 0; i < plan->device_count; i++)
		if (!pci_address_compare(&plan->device[i].host->address, address))
			return &plan->device[i];
	return NULL;
}

/* A device on a vfio driver stays on that one; any other goes to the one asked for. */
static const char *driver_for(const struct picking *p, const struct host_device *d, size_t section)
{
	const char *driver = p->requested[section].driver;

	if (d->vfio && *d->driver)
		return d->driver;
	if (driver && !strcmp(driver, "auto"))
		driver = p->variant ? p->variant[section] : NULL;
	return driver ? driver : "vfio-pci";
}

static int pick_device(struct picking *p, const struct host_device *d, bool assigned, size_t section)
{
	struct plan *plan = p->plan;
	const char *driver = driver_for(p, d, section);
	struct plan_device *bigger;

	if (plan_find(plan, &d->address))
		return 0;
	if (strlen(driver) >= CHANGE_TEXT_MAX)
		return -EOVERFLOW;
	bigger = reallocarray(plan->device, plan->device_count + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	plan->device = bigger;
	bigger += plan->device_count++;
	*bigger = (struct plan_device){ .host = d, .assigned = assigned, .section = section };
	(void)snprintf(bigger->driver, sizeof(bigger->driver), "%s", driver);
	return 0;
}

static void refuse_no_group(struct picking *p, const char *label)
{
	if (host_has_iommu(p->host))
		plan_refuse(p->refusals, "choose another device: the IOMMU does not cover this one",
			    "%s is in no IOMMU group", label);
	else
		plan_refuse(p->refusals,
			    "switch VT-d (Intel) or the IOMMU (AMD) on in the firmware's setup, "
			    "and boot with intel_iommu=on (Intel; on AMD it is on unless "
			    "amd_iommu=off is given)",
			    "%s is in no IOMMU group: this host has no IOMMU in use", label);
}

/* Can this one be handed over at all? Says why not. */
static bool usable(struct picking *p, const struct host_device *d)
{
	char label[PLAN_LABEL_MAX];

	if (!d->header_type && !d->config_dead && d->sriov_numvfs <= 0 && d->iommu_group >= 0 &&
	    !d->stuck)
		return true;
	(void)plan_label(p->host, d, label);
	if (d->header_type)
		plan_refuse(p->refusals, "name the device behind it",
			    "%s is a bridge, which cannot be handed to a guest", label);
	else if (d->stuck)
		plan_refuse(p->refusals, "end what holds it, then `sudo vfio-run recover`; else reboot",
			    "%s is stuck: its driver has not let go of it yet", label);
	else if (d->config_dead)
		plan_refuse(p->refusals, "suspend and wake the host, or reboot it",
			    "%s does not answer: its configuration space reads as all ones", label);
	else if (d->sriov_numvfs > 0)
		plan_refuse(p->refusals, "write 0 to its sriov_numvfs first",
			    "%s has %d virtual functions", label, d->sriov_numvfs);
	else
		refuse_no_group(p, label);
	return false;
}

/* The rest of the card, but for what is only part of the way to other devices. */
static int add_slot(struct picking *p, const struct host_device *d, size_t section)
{
	struct host_devices slot;
	int r = host_slot(p->host, &d->address, &slot);

	for (size_t i = 0; i < slot.count && !r; i++) {
		if (host_device_is_bridge(slot.item[i]) ||
		    plan_find(p->plan, &slot.item[i]->address))
			continue;
		if (plan_strays(&p->requested[section], slot.item[i]))
			plan_refuse_stray(p->host, d, slot.item[i], p->refusals);
		else if (usable(p, slot.item[i]))
			r = pick_device(p, slot.item[i], true, section);
	}
	host_devices_fini(&slot);
	return r;
}

/*
 * A graphics card is all of its slot, whatever `group` says about others. Of any other
 * device `all` and `hold` start from the one function: beside an APU's USB controller, in
 * the same slot, is the screen of the host.
 */
static bool takes_slot(const struct profile_device *requested)
{
	return requested->group == PROFILE_GROUP_SLOT ||
		(requested->gpu && requested->group != PROFILE_GROUP_FUNCTION);
}

static int add_section(struct picking *p, size_t section)
{
	const struct profile_device *requested = &p->requested[section];
	const struct host_device *d;
	char label[PLAN_LABEL_MAX];
	int r = plan_find_device(p->host, requested, &d, p->refusals);

	if (r)
		return r == -ENODEV ? 0 : r; /* refused: the others are looked at all the same */
	for (size_t i = 0; i < p->plan->device_count; i++) {
		const struct plan_device *other = &p->plan->device[i];

		if (other->host == d && other->section != section) {
			plan_refuse(p->refusals, "remove one of the sections",
				    "%s is asked for twice", plan_label(p->host, d, label));
			return 0;
		}
	}
	if (!plan_is_card(p->host, requested, d, p->refusals) || !usable(p, d))
		return 0;
	r = pick_device(p, d, true, section);
	return r || !takes_slot(requested) ? r : add_slot(p, d, section);
}

static int by_number(const void *a, const void *b)
{
	return (*(const int *)a > *(const int *)b) - (*(const int *)a < *(const int *)b);
}

/* The groups of the devices, each once, ascending: the order in which they are locked. */
static int collect_groups(struct plan *plan)
{
	size_t kept = 0;

	if (!plan->device_count)
		return 0;
	plan->group = calloc(plan->device_count, sizeof(*plan->group));
	if (!plan->group)
		return -ENOMEM;
	for (size_t i = 0; i < plan->device_count; i++)
		plan->group[i] = plan->device[i].host->iommu_group;
	qsort(plan->group, plan->device_count, sizeof(*plan->group), by_number);
	for (size_t i = 0; i < plan->device_count; i++)
		if (!kept || plan->group[kept - 1] != plan->group[i])
			plan->group[kept++] = plan->group[i];
	plan->group_count = kept;
	return 0;
}

/* A section with devices in this group that takes its other endpoints too; SIZE_MAX: none. */
static size_t taker(const struct picking *p, int group, enum profile_group mode)
{
	for (size_t i = 0; i < p->plan->device_count; i++) {
		const struct plan_device *d = &p->plan->device[i];

		if (d->host->iommu_group == group && p->requested[d->section].group == mode)
			return d->section;
	}
	return SIZE_MAX;
}

/* A bridge is never moved: it must be without a driver, or on the one that lets VFIO be. */
static void check_bridge(struct picking *p, const struct host_device *d, int group)
{
	char label[PLAN_LABEL_MAX];

	if (*d->driver && strcmp(d->driver, "pcieport"))
		plan_refuse(p->refusals,
			    "take that driver off the bridge, or choose another device",
			    "group %d holds the bridge %s, whose driver %s keeps the group from a "
			    "guest",
			    group, plan_label(p->host, d, label), d->driver);
}

/* Refused with its slot already? */
static bool has_strayed(const struct picking *p, const struct host_device *d)
{
	for (size_t i = 0; i < p->plan->device_count; i++) {
		const struct plan_device *card = &p->plan->device[i];

		if (pci_address_same_slot(&card->host->address, &d->address) &&
		    plan_strays(&p->requested[card->section], d))
			return true;
	}
	return false;
}

static int take_or_refuse(struct picking *p, const struct host_device *d, int group)
{
	char label[PLAN_LABEL_MAX];
	size_t all = taker(p, group, PROFILE_GROUP_ALL), hold = taker(p, group, PROFILE_GROUP_HOLD);

	if (all == SIZE_MAX && hold == SIZE_MAX) {
		plan_refuse(p->refusals,
			    "`group = hold` takes it from the host too, `group = all` gives it to "
			    "the guest",
			    "group %d also holds %s%s%s", group, plan_label(p->host, d, label),
			    *d->driver ? ", in use by the driver " : ", without a driver",
			    d->driver);
		return 0;
	}
	if (!usable(p, d))
		return 0;
	return pick_device(p, d, all != SIZE_MAX, all != SIZE_MAX ? all : hold);
}

/* Everything in a group that the plan touches must be taken, or be harmless. */
static int check_group(struct picking *p, int group)
{
	struct host_devices members;
	bool foreign;
	int r = host_group(p->host, group, &members, &foreign);

	if (r)
		return r;
	if (foreign)
		plan_refuse(p->refusals, "choose a device of another group",
			    "group %d holds a device that is not on the PCI bus", group);
	if (host_group_reserved_direct(p->host, group) == 1)
		plan_refuse(p->refusals, "the firmware's setup may have a switch for it",
			    "group %d has memory that the firmware wants mapped one to one (RMRR), "
			    "so the kernel does not hand it out",
			    group);
	for (size_t i = 0; i < members.count && !r; i++) {
		const struct host_device *d = members.item[i];

		if (plan_find(p->plan, &d->address))
			continue;
		if (host_device_is_bridge(d))
			check_bridge(p, d, group);
		else if (!has_strayed(p, d))
			r = take_or_refuse(p, d, group);
	}
	host_devices_fini(&members);
	return r;
}

static int by_address(const void *a, const void *b)
{
	const struct plan_device *x = a, *y = b;

	return pci_address_compare(&x->host->address, &y->host->address);
}

/**
 * plan_devices() - fill the plan's devices and groups
 * @requested:	the [gpu] and [pci] sections
 * @variant:	as in struct plan_host_facts, or NULL
 *
 * Goes on after a refusal, so that all of them are said at once.
 *
 * Return: 0 (look at @refusals), or -errno when the host could not be read
 */
int plan_devices(struct plan *plan, struct host *host, const struct profile_device *requested,
		 size_t requested_count, const char *const *variant, struct plan_refusals *refusals)
{
	struct picking p = { plan, host, requested, requested_count, variant, refusals };
	int r = 0;

	for (size_t i = 0; i < requested_count && !r; i++)
		r = add_section(&p, i);
	if (!r)
		r = collect_groups(plan);
	for (size_t i = 0; i < plan->group_count && !r; i++)
		r = check_group(&p, plan->group[i]);
	if (!r && plan->device_count)
		qsort(plan->device, plan->device_count, sizeof(*plan->device), by_address);
	return r;
}
