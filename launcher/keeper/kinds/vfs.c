/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfs.c - the kinds of change that make virtual functions (SR-IOV) of a physical one
 *
 * Two attributes of the physical function, which stays with its host driver: how many it has, and
 * whether drivers take them by themselves. The kernel changes no count that is not 0, and says
 * nothing when it takes virtual functions away that are in use: that is asked here. What is made
 * from a count to the same one was there before, and is nobody's to end.
 *
 * The IOMMU group of a virtual function does not exist before it, so the plan has none: it is read,
 * and locked, when the row is made. Source: drivers/pci/iov.c, sriov_numvfs_store();
 * Documentation/PCI/pci-iov-howto.rst
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/kinds/kind.h"

#define DEVICES "/sys/bus/pci/devices"

static enum work_attribute attribute_of(const struct change *c)
{
	return c->kind == CHANGE_VFS ? ATTRIBUTE_VFS : ATTRIBUTE_VF_DRIVERS;
}

static int look(struct keeper *k, const struct change *c, char now[CHANGE_TEXT_MAX])
{
	struct work work = { .op = WORK_READ, .attribute = attribute_of(c) };
	struct work_reply reply;
	int rc;

	if (!pci_address_parse(c->target, &work.address))
		return -EINVAL;
	rc = device_work(k, NULL, &work, &reply);
	(void)snprintf(now, CHANGE_TEXT_MAX, "%s", rc ? "" : reply.value);
	return rc;
}

static int set(struct keeper *k, const struct change *c, const char *to)
{
	struct work work = { .op = c->kind == CHANGE_VFS ? WORK_VFS : WORK_SET,
			     .attribute = attribute_of(c) };
	struct work_reply reply;

	if (!pci_address_parse(c->target, &work.address))
		return -EINVAL;
	(void)snprintf(work.name, sizeof(work.name), "%s", to);
	return device_work(k, NULL, &work, &reply);
}

static int apply(struct keeper *k, const struct change *c)
{
	return set(k, c, c->to);
}

/* The address of a virtual function by its number, from 1; "": there is none. */
static void function_of(const char *physical, uint32_t number, char buf[PCI_ADDRESS_TEXT])
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), DEVICES "/%s/virtfn%u", physical, number - 1);
	(void)sysfs_link_name(AT_FDCWD, path, buf, PCI_ADDRESS_TEXT);
}

/* ---- what came with it ------------------------------------------------------------------ */

static int32_t group_of(const char *name)
{
	char path[SYSFS_PATH_MAX], text[16], *end;
	long group;

	(void)snprintf(path, sizeof(path), DEVICES "/%s/iommu_group", name);
	(void)sysfs_link_name(AT_FDCWD, path, text, sizeof(text));
	group = strtol(text, &end, 10);
	return *text && !*end && group >= 0 && group <= INT32_MAX ? (int32_t)group : -1;
}

static bool is_bridge(const char *name)
{
	char path[SYSFS_PATH_MAX], text[16];

	(void)snprintf(path, sizeof(path), DEVICES "/%s/class", name);
	return sysfs_read(AT_FDCWD, path, text, sizeof(text)) > 0 && !strncmp(text, "0x06", 4);
}

/* Without ACS a card keeps its functions in one group: no guest can have one of these alone. */
static bool has_strangers(struct keeper *k, const char *name)
{
	char path[SYSFS_PATH_MAX];
	cleanup_closedir DIR *dir = NULL;
	const struct dirent *e;
	bool found = false;

	(void)snprintf(path, sizeof(path), DEVICES "/%s/iommu_group/devices", name);
	dir = opendir(path);
	while (dir && !found && (e = readdir(dir)))
		found = e->d_name[0] != '.' && !journal_device(&k->journal, e->d_name) &&
			!is_bridge(e->d_name);
	return found || !dir;
}

static bool is_locked(const struct keeper *k, int32_t group)
{
	for (size_t i = 0; i < k->group_count; i++)
		if (k->group[i] == group)
			return true;
	return false;
}

/* It has no driver yet, or the plan, which gives it to vfio-pci and then to nobody, is wrong. */
static int own(struct keeper *k, struct journal_device *d)
{
	int32_t group = group_of(d->name);
	char driver[CHANGE_TEXT_MAX];
	int rc = 0;

	if (group < 0)
		return -ENODATA;
	if (has_strangers(k, d->name))
		return -EADDRNOTAVAIL;
	device_driver(d->name, driver);
	if (*driver)
		return -ESTALE;
	if (!is_locked(k, group))
		rc = keeper_lock_groups(k, &group, 1);
	if (!rc)
		d->group = group;
	return rc;
}

/* The virtual functions of this one that the plan has must be where, and in the groups, that it
 * says. */
static int follow(struct keeper *k, const struct change *c)
{
	char physical[PCI_ADDRESS_TEXT], found[PCI_ADDRESS_TEXT];
	int rc = 0;

	for (uint32_t i = 0; i < k->plan->device_count && !rc; i++) {
		const struct keeper_device *planned = &k->plan->device[i];
		struct journal_device *d = &k->journal.device[i];

		if (!planned->number ||
		    strcmp(pci_address_format(&planned->physical, physical), c->target) != 0)
			continue;
		function_of(physical, planned->number, found);
		if (strcmp(found, d->name) != 0)
			rc = -ENODATA;
		else if (planned->group < 0)
			rc = own(k, d);
		else if (group_of(found) != planned->group) /* made anew since the plan was */
			rc = -ESTALE;
	}
	return rc;
}

/* ---- and back --------------------------------------------------------------------------- */

static bool is_used(const char *physical, const char *count)
{
	char name[PCI_ADDRESS_TEXT], driver[CHANGE_TEXT_MAX];

	for (uint32_t n = 1; n <= strtoul(count, NULL, 10); n++) {
		function_of(physical, n, name);
		if (!*name)
			continue;
		device_driver(name, driver);
		if (!*driver)
			continue;
		log_error("%s: is a virtual function of %s, and %s has it", name, physical, driver);
		return true;
	}
	return false;
}

/* Its count was changed since: these are no run's to end. */
static bool is_others(const struct change *c, const char *now)
{
	return c->kind == CHANGE_VFS && strcmp(now, c->to) != 0;
}

static int revert(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc;

	if (!strcmp(c->from, c->to))
		return 0;
	rc = look(k, c, now);
	if (rc == -ENOENT || (rc && !device_exists(c->target)))
		return 0; /* they went with the card */
	if (rc || !strcmp(now, c->from))
		return rc;
	if (is_others(c, now)) {
		log_warning(
			"%s: has %s virtual functions and not the %s that were made of it: they stay",
			c->target, now, c->to);
		return 0;
	}
	if (c->kind == CHANGE_VFS && is_used(c->target, now))
		return -EBUSY;
	k->unmade |= c->kind == CHANGE_VFS;
	return set(k, c, c->from);
}

static bool still_ok(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc;

	if (!strcmp(c->from, c->to) || !device_exists(c->target))
		return true;
	rc = look(k, c, now);
	return rc == -ENOENT || (!rc && (!strcmp(now, c->from) || is_others(c, now)));
}

static const struct change_trouble troubles[] = {
	{ EBUSY, "a virtual function of it is in use: end what uses it first" },
	{ ENOENT, "it has no driver that makes and ends virtual functions: load that, then `sudo vfio-run recover`" },
	{ ERANGE, "it cannot have as many: write a smaller `vfs`" },
	{ ENOMEM, "the host has no room for as many (buses, or addresses): write a smaller `vfs`" },
	{ EADDRNOTAVAIL,
	  "they share an IOMMU group with other functions: no guest can have one alone" },
	{ ENODATA,
	  "they are not where, or not in groups, as was expected: make them by hand, and try again" },
	{ ESTALE, "they were made anew, or taken by a driver, just now: try again" },
	{ EWOULDBLOCK, "another vfio-run has the virtual function" },
	{ 0 },
};

const struct change_ops change_vf_drivers = {
	.save = look,
	.apply = apply,
	.revert = revert,
	.still_ok = still_ok,
	.troubles = troubles,
};

const struct change_ops change_vfs = {
	.save = look,
	.apply = apply,
	.follow = follow,
	.revert = revert,
	.still_ok = still_ok,
	.troubles = troubles,
};
