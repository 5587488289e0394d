/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devices.c - which devices a plan moves: sections, slots and groups */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/host.h"
#include "launcher/plan/changes/devices.h"
#include "launcher/plan/changes/sriov.h"
#include "launcher/plan/find.h"
#include "profiles/profile.h"

/* What all the steps below work on. */
struct picking {
	struct plan *plan;
	struct host *host;
	const char *const *variant;
};

/** plan_find() - the plan's entry for an address, NULL when it moves no such device */
const struct plan_device *plan_find(const struct plan *plan, const struct pci_address *address)
{
	for (size_t i = 0; i < plan->device_count; i++)
		if (!pci_address_compare(&plan->device[i].host->address, address))
			return &plan->device[i];
	return NULL;
}

/*
 * A device on a vfio driver stays on that one; the one that a section names goes to the driver
 * asked for, and what comes along to vfio-pci: another driver is made for one kind of device.
 */
static const char *driver_for(const struct picking *p, const struct plan_wanted *w)
{
	const char *driver = w->named ? p->plan->requested[w->section].driver : NULL;

	if (w->host->vfio && *w->host->driver)
		return w->host->driver;
	if (driver && !strcmp(driver, "auto"))
		driver = p->variant ? p->variant[w->section] : NULL;
	return driver ? driver : "vfio-pci";
}

/** plan_vanishes() - does this device go when one that the plan wants leaves its driver? */
bool plan_vanishes(const struct plan *plan, const struct host_device *d)
{
	for (size_t i = 0; *d->controller && i < plan->wanted_count; i++)
		if (!strcmp(plan->wanted[i].host->name, d->controller))
			return true;
	return false;
}

/** plan_wants() - do the profile's sections stand for this device, whatever is wrong with it? */
bool plan_wants(const struct plan *plan, const struct host_device *d)
{
	for (size_t i = 0; i < plan->wanted_count; i++)
		if (plan->wanted[i].host == d)
			return true;
	return false;
}

static int pick_device(struct picking *p, const struct plan_wanted *w)
{
	struct plan *plan = p->plan;
	const char *driver = driver_for(p, w);
	struct plan_device *bigger;

	if (strlen(driver) >= CHANGE_TEXT_MAX)
		return -EOVERFLOW;
	bigger = reallocarray(plan->device, plan->device_count + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	plan->device = bigger;
	bigger += plan->device_count++;
	*bigger = (struct plan_device){ .host = w->host,
					.assigned = w->assigned,
					.section = w->section,
					.number = w->named ? plan->requested[w->section].vf : 0 };
	(void)snprintf(bigger->driver, sizeof(bigger->driver), "%s", driver);
	return 0;
}

/*
 * What the plan can hold, so that every row can look at it: below a bridge is what is behind
 * it, the attributes of a stuck device block, and without a group there is nothing to lock.
 * Each of these has a row that refuses it; nothing else is decided here.
 */
static bool fits(const struct plan_wanted *w)
{
	return !w->misnamed && !w->no_function && !w->host->header_type && !w->host->stuck &&
	       (w->host->iommu_group >= 0 || w->host->expected);
}

/* One that is wanted twice is in the list twice, and in the plan once. */
static int want_device(struct picking *p, const struct plan_wanted *w)
{
	struct plan *plan = p->plan;
	struct plan_wanted *bigger =
		reallocarray(plan->wanted, plan->wanted_count + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	plan->wanted = bigger;
	bigger[plan->wanted_count++] = *w;
	return fits(w) && !plan_find(plan, &w->host->address) ? pick_device(p, w) : 0;
}

static bool joins(const struct picking *p, const struct host_device *d)
{
	return !host_device_is_bridge(d) && !plan_wants(p->plan, d) && !plan_vanishes(p->plan, d);
}

/*
 * The rest of the slot, but for what is only part of the way to other devices; of the slot of a
 * graphics card what is the card's.
 */
static int add_slot(struct picking *p, const struct host_device *d, size_t section)
{
	bool card = p->plan->requested[section].gpu;
	struct host_devices slot;
	int r = host_slot(p->host, &d->address, &slot);

	for (size_t i = 0; i < slot.count && !r; i++) {
		const struct plan_wanted other = {
			.host = slot.item[i],
			.section = section,
			.assigned = true,
		};

		if (joins(p, other.host) && (!card || plan_is_of_card(d, other.host)))
			r = want_device(p, &other);
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
	const struct profile_device *requested = &p->plan->requested[section];
	struct plan_wanted named = { .section = section, .named = true, .assigned = true };
	int r = plan_find_device(p->host, requested, &named.host);

	if (r)
		return r == -ENODEV ? 0 : r; /* the row `device` reports what is there instead */
	if (requested->vf) {
		struct sriov_obstacle obstacle;

		named.no_function = plan_vf_obstacle(p->host, named.host, requested, &obstacle);
		if (!named.no_function)
			r = host_virtual_function(p->host, named.host, requested->vf, &named.host);
		if (r)
			return r;
	}
	named.misnamed = !plan_is_card(requested, named.host);
	r = want_device(p, &named);
	return r || named.misnamed || named.no_function || !takes_slot(requested) ? r : add_slot(p, named.host, section);
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
		if (plan->group[i] < 0) /* of one that is not there yet */
			continue;
		else if (!kept || plan->group[kept - 1] != plan->group[i])
			plan->group[kept++] = plan->group[i];
	plan->group_count = kept;
	return 0;
}

/* A section with devices in this group that takes its other endpoints too; SIZE_MAX: none. */
static size_t taker(const struct plan *plan, int group, enum profile_group mode)
{
	for (size_t i = 0; i < plan->device_count; i++) {
		const struct plan_device *d = &plan->device[i];

		if (d->host->iommu_group == group && plan->requested[d->section].group == mode)
			return d->section;
	}
	return SIZE_MAX;
}

/* What else is in a group, when a section takes it along; `all` goes before `hold`. */
static int add_group(struct picking *p, int group)
{
	size_t all = taker(p->plan, group, PROFILE_GROUP_ALL);
	size_t hold = taker(p->plan, group, PROFILE_GROUP_HOLD);
	struct plan_wanted member = { .section = all != SIZE_MAX ? all : hold,
				      .assigned = all != SIZE_MAX };
	struct host_devices members;
	bool foreign;
	int r = host_group(p->host, group, &members, &foreign);

	if (r)
		return r; /* what cannot be looked at is not handed over */
	for (size_t i = 0; member.section != SIZE_MAX && i < members.count && !r; i++) {
		member.host = members.item[i];
		if (joins(p, member.host))
			r = want_device(p, &member);
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
 * plan_devices() - fill the plan's devices and groups, and all that its sections want
 * @plan:	its requested sections are there
 * @variant:	as in struct plan_host_facts, or NULL
 *
 * Refuses nothing: what is wrong with a device, or with what is wanted of it, is a row of the
 * table of checks.
 *
 * Return: 0, or -errno when the host could not be read or a name is too long for the plan
 */
int plan_devices(struct plan *plan, struct host *host, const char *const *variant)
{
	struct picking p = { plan, host, variant };
	int r = 0;

	for (size_t i = 0; i < plan->requested_count && !r; i++)
		r = add_section(&p, i);
	if (!r)
		r = collect_groups(plan);
	for (size_t i = 0; i < plan->group_count && !r; i++)
		r = add_group(&p, plan->group[i]);
	if (!r && plan->device_count)
		qsort(plan->device, plan->device_count, sizeof(*plan->device), by_address);
	return r;
}
