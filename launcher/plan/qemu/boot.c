/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot.c - the guest's boot order
 *
 * A section with `boot-index` has that number. Disks, CDs and NVMe controllers without one get
 * the numbers that are left, in the order of the file; any other device is booted from only when
 * its section says so.
 */
#include "launcher/plan/qemu/boot.h"
#include "launcher/host/host.h"
#include "launcher/plan/plan.h"
#include "profiles/profile.h"

/* Source: PCI Code and ID Assignment Specification, class codes. */
#define CLASS_STORAGE 0x01
#define CLASS_NETWORK 0x02
#define CLASS_NVME 0x0108

struct bootable {
	struct profile_pos pos; /* of the section */
	unsigned int asked;     /* 0: no number of its own */
	bool boots;
};

static bool is_bootable(const struct plan_device *d)
{
	return d->host->class_id >> 16 == CLASS_STORAGE || d->host->class_id >> 16 == CLASS_NETWORK;
}

/* The function of a section that the number is for; NULL when the guest gets none of it. */
static struct plan_device *function_of(const struct plan *plan, size_t section)
{
	struct plan_device *best = NULL;

	for (size_t i = 0; i < plan->device_count; i++) {
		struct plan_device *d = &plan->device[i];

		if (!d->assigned || d->section != section)
			continue;
		if (!best || (is_bootable(d) && !is_bootable(best)))
			best = d;
	}
	return best;
}

static struct bootable device_at(const struct plan *plan, const struct profile *p, size_t i)
{
	const struct plan_device *d = function_of(plan, i);
	unsigned int asked = p->device[i].boot_index;

	return (struct bootable){ p->device[i].pos, asked,
				  d && (asked || d->host->class_id >> 8 == CLASS_NVME) };
}

static struct bootable bootable_at(const struct plan *plan, const struct profile *p,
				   enum boot_kind kind, size_t i)
{
	switch (kind) {
	case BOOT_DISK:
		return (struct bootable){ p->disk[i].pos, p->disk[i].boot_index, true };
	case BOOT_CDROM:
		return (struct bootable){ p->cdrom[i].pos, p->cdrom[i].boot_index, true };
	case BOOT_USB:
		return (struct bootable){ p->usb[i].pos, p->usb[i].boot_index, p->usb[i].boot_index };
	default:
		return device_at(plan, p, i);
	}
}

static size_t count_of(const struct profile *p, enum boot_kind kind)
{
	return kind == BOOT_DISK    ? p->disk_count
	       : kind == BOOT_CDROM ? p->cdrom_count
	       : kind == BOOT_USB   ? p->usb_count
				    : p->device_count;
}

static bool is_taken(const struct plan *plan, const struct profile *p, unsigned int number)
{
	for (enum boot_kind kind = BOOT_DISK; kind <= BOOT_USB; kind++)
		for (size_t i = 0; i < count_of(p, kind); i++)
			if (bootable_at(plan, p, kind, i).asked == number)
				return true;
	return false;
}

/* How many without a number stand before this one; of two in one place the first kind does. */
static unsigned int rank_of(const struct plan *plan, const struct profile *p, enum boot_kind kind,
			    size_t index)
{
	unsigned int line = bootable_at(plan, p, kind, index).pos.line, before = 0;

	for (enum boot_kind k = BOOT_DISK; k <= BOOT_USB; k++)
		for (size_t i = 0; i < count_of(p, k); i++) {
			struct bootable b = bootable_at(plan, p, k, i);
			bool same = b.pos.line == line;

			if (!b.boots || b.asked)
				continue;
			before += b.pos.line < line || (same && k < kind) ||
				  (same && k == kind && i < index);
		}
	return before;
}

/**
 * plan_boot_index() - the place of a section in the boot order
 * @plan:	its devices are there
 * @index:	of the section among those of its kind
 *
 * Return: from 1; 0: the guest does not boot from it
 */
unsigned int plan_boot_index(const struct plan *plan, const struct profile *profile,
			     enum boot_kind kind, size_t index)
{
	struct bootable b = bootable_at(plan, profile, kind, index);
	unsigned int number = 0, left;

	if (b.asked || !b.boots)
		return b.boots ? b.asked : 0;
	left = rank_of(plan, profile, kind, index) + 1;
	while (left)
		left -= !is_taken(plan, profile, ++number);
	return number;
}

/** plan_boot_devices() - give the functions that the guest boots from their numbers */
void plan_boot_devices(struct plan *plan, const struct profile *profile)
{
	for (size_t i = 0; i < profile->device_count; i++) {
		struct plan_device *d = function_of(plan, i);

		if (d)
			d->boot_index = plan_boot_index(plan, profile, BOOT_DEVICE, i);
	}
}
