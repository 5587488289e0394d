/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-device.c - rows: is it the device that is meant, and can vfio-pci have it? */
#include <stdio.h>
#include <string.h>

#include "launcher/host/machine.h"
#include "launcher/plan/checks-rows.h"
#include "launcher/plan/find.h"

static void say_refusals(struct checking *c, struct plan_refusals *refusals)
{
	for (size_t i = 0; i < refusals->count; i++)
		row_failed(c, refusals->item[i].remedy, "%s", refusals->item[i].text);
	plan_refusals_fini(refusals);
}

/* The planner's own words, which name what is there instead. */
void check_named(struct checking *c)
{
	for (size_t i = 0; i < c->profile->device_count; i++) {
		struct plan_refusals refusals = { 0 };
		const struct host_device *d;

		if (plan_find_device(c->host, &c->profile->device[i], &d, &refusals))
			d = NULL; /* said below */
		say_refusals(c, &refusals);
	}
}

/* ---- what the profile asks for ------------------------------------------------------------ */

/** check_takes_group() - does the section say that the rest of its group goes along? */
bool check_takes_group(const struct profile_device *requested)
{
	return requested->group == PROFILE_GROUP_ALL || requested->group == PROFILE_GROUP_HOLD;
}

/* As the planner has it: a graphics card is all of its slot. */
static bool takes_slot(const struct profile_device *requested)
{
	return requested->group == PROFILE_GROUP_SLOT || (requested->gpu && check_takes_group(requested));
}

static size_t add_others(const struct host_devices *list, const struct host_device *named,
			 size_t section, struct check_wanted *out, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count && count < room; i++)
		if (list->item[i] != named && !host_device_is_bridge(list->item[i]))
			out[count++] = (struct check_wanted){ list->item[i], section, false };
	return count;
}

/**
 * check_wanted() - every device that the sections stand for, whatever is wrong with it
 * @out:	in the order of the sections; one that two sections want is in it twice
 *
 * Return: how many
 */
size_t check_wanted(struct checking *c, struct check_wanted *out, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; i < c->profile->device_count && count < room; i++) {
		const struct profile_device *requested = &c->profile->device[i];
		const struct host_device *d = check_section(c, i);
		struct host_devices list;
		bool foreign;

		if (!d)
			continue;
		out[count++] = (struct check_wanted){ d, i, true };
		if (takes_slot(requested) && !host_slot(c->host, &d->address, &list)) {
			count += add_others(&list, d, i, out + count, room - count);
			host_devices_fini(&list);
		}
		if (check_takes_group(requested) && d->iommu_group >= 0 &&
		    !host_group(c->host, d->iommu_group, &list, &foreign)) {
			count += add_others(&list, d, i, out + count, room - count);
			host_devices_fini(&list);
		}
	}
	return count;
}

/* The planner's own words again: what a [gpu] names, and what else is in that slot. */
void check_graphics_card(struct checking *c)
{
	struct check_wanted wanted[CHECK_WANTED_MAX];
	size_t count = check_wanted(c, wanted, ARRAY_SIZE(wanted));
	const struct host_device *card = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct profile_device *requested = &c->profile->device[wanted[i].section];
		const struct host_device *d = wanted[i].host;
		struct plan_refusals refusals = { 0 };

		if (!requested->gpu)
			continue;
		if (wanted[i].named)
			card = plan_is_card(c->host, requested, d, &refusals) ? d : NULL;
		else if (card && pci_address_same_slot(&card->address, &d->address) && plan_strays(requested, d))
			plan_refuse_stray(c->host, card, d, &refusals);
		say_refusals(c, &refusals);
	}
}

/* By address and by ids, or a card and one of its functions: only the host can tell. */
void check_named_twice(struct checking *c)
{
	struct check_wanted wanted[CHECK_WANTED_MAX];
	size_t count = check_wanted(c, wanted, ARRAY_SIZE(wanted));
	const struct profile_device *requested = c->profile->device;
	char label[PLAN_LABEL_MAX];

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct check_wanted *a = &wanted[k], *b = &wanted[i];

			if (a->host != b->host || !b->named || a->section == b->section)
				continue;
			row_failed(c, "take one of the two sections out of the profile",
				   "`device = %s` in line %u and `device = %s` in line %u both "
				   "take %s",
				   requested[a->section].device.text, requested[a->section].device.pos.line,
				   requested[b->section].device.text, requested[b->section].device.pos.line,
				   plan_label(c->host, b->host, label));
			break;
		}
}

static bool is_repeated(const struct check_wanted *wanted, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (wanted[i].host == wanted[at].host)
			return true;
	return false;
}

/* What is wrong with a device itself, one row each. */
static bool is_bridge(const struct host_device *d)
{
	return d->header_type != 0;
}

static bool is_stuck(const struct host_device *d)
{
	return d->stuck;
}

static bool is_dead(const struct host_device *d)
{
	return d->config_dead;
}

static bool has_virtual_functions(const struct host_device *d)
{
	return d->sriov_numvfs > 0;
}

/* @remedy: a device's address stands between its two parts; the second is NULL without one. */
struct defect {
	bool (*is)(const struct host_device *d);
	const char *what;
	const char *remedy, *behind_address;
};

static void each_named(struct checking *c, const struct defect *defect)
{
	struct check_wanted wanted[CHECK_WANTED_MAX];
	size_t count = check_wanted(c, wanted, ARRAY_SIZE(wanted));
	char label[PLAN_LABEL_MAX], remedy[256];

	for (size_t i = 0; i < count; i++) {
		const struct host_device *d = wanted[i].host;

		if (!defect->is(d) || is_repeated(wanted, i))
			continue;
		(void)snprintf(remedy, sizeof(remedy), "%s%s%s", defect->remedy,
			       defect->behind_address ? d->name : "",
			       defect->behind_address ? defect->behind_address : "");
		row_failed(c, remedy, "%s %s", plan_label(c->host, d, label), defect->what);
	}
}

void check_endpoint(struct checking *c)
{
	static const struct defect bridge = { is_bridge,
					      "is a bridge, which cannot be handed to a guest",
					      "name the device behind it", NULL };

	each_named(c, &bridge);
}

void check_stuck(struct checking *c)
{
	static const struct defect stuck = { is_stuck,
					     "is stuck: its driver has not let go of it yet",
					     "end what holds it, then `sudo vfio-run recover`; "
					     "else `reboot`",
					     NULL };

	each_named(c, &stuck);
}

void check_answers(struct checking *c)
{
	static const struct defect dead = {
		is_dead, "does not answer: its configuration space reads as all ones",
		"`systemctl suspend` and wake the host, or `reboot`", NULL
	};

	each_named(c, &dead);
}

void check_sriov(struct checking *c)
{
	static const struct defect parent = { has_virtual_functions,
					      "has virtual functions, which would vanish",
					      "`echo 0 >/sys/bus/pci/devices/",
					      "/sriov_numvfs` as root, when nothing uses them" };

	each_named(c, &parent);
}

/* What vfio-pci itself refuses. Source: drivers/vfio/pci/vfio_pci.c, vfio_pci_dev_in_denylist(). */
static const uint16_t denied[] = {
	0x0435, 0x0443, /* QAT DH895xCC, and its virtual functions */
	0x19e2, 0x19e3, /* QAT C3xxx */
	0x37c8, 0x37c9, /* QAT C62x */
	0x0b25,         /* DSA, Sapphire Rapids */
	0x0cfe,         /* IAA, Sapphire Rapids */
};

void check_denylist(struct checking *c)
{
	char label[PLAN_LABEL_MAX];

	if (host_parameter_is_on(c->host, "vfio_pci", "disable_denylist"))
		return;
	for (size_t i = 0; i < c->device_count; i++) {
		const struct host_device *d = c->device[i].host;

		if (d->vendor != 0x8086 || d->vfio || strcmp(c->device[i].driver, "vfio-pci"))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(denied); k++)
			if (d->device == denied[k])
				row_failed(c,
					   "`options vfio-pci disable_denylist=1` in "
					   "/etc/modprobe.d, if the guest is trusted",
					   "%s is one that vfio-pci refuses: a guest can upset the "
					   "host with it",
					   plan_label(c->host, d, label));
	}
}
