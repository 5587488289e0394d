/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rebar.c - the kind of change that resizes BARs of a device
 *
 * The kernel does that only while no driver has it: between the rows of unbind and bind, and on the
 * way back between those of bind and unbind. All BARs of a kind are moved with each, so what shrinks
 * makes room first. Source: drivers/pci/pci-sysfs.c, __resource_resize_store()
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/kinds/kind.h"

#define KERNEL_ENOTSUPP 524 /* include/linux/errno.h: not for programs, and seen by them */

static int look(struct keeper *k, const struct change *c, char now[CHANGE_TEXT_MAX])
{
	struct work work = { .op = WORK_BARS };
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%s", c->to);
	rc = device_work(k, journal_device(&k->journal, c->target), &work, &reply);
	(void)snprintf(now, CHANGE_TEXT_MAX, "%s", rc ? "" : reply.value);
	return rc;
}

static int resize_one(struct keeper *k, const struct change *c, size_t bar, uint32_t mib)
{
	struct change_bars one = { { 0 } };
	struct work work = { .op = WORK_RESIZE };
	struct work_reply reply;

	one.mib[bar] = mib;
	change_bars_words(&one, work.name, sizeof(work.name));
	return device_work(k, journal_device(&k->journal, c->target), &work, &reply);
}

static int resize(struct keeper *k, const struct change *c, const char *to)
{
	struct change_bars wanted, is;
	char now[CHANGE_TEXT_MAX];
	int rc = look(k, c, now);

	if (rc)
		return rc;
	if (!change_bars_parse(now, &is) || !change_bars_parse(to, &wanted))
		return -EIO; /* a BAR that has lost its place has no size */
	for (int grows = 0; grows <= 1; grows++)
		for (size_t i = 0; i < CHANGE_BARS && !rc; i++)
			if (wanted.mib[i] && wanted.mib[i] != is.mib[i] &&
			    (wanted.mib[i] > is.mib[i]) == grows)
				rc = resize_one(k, c, i, wanted.mib[i]);
	if (!rc)
		rc = look(k, c, now);
	return rc ? rc : strcmp(now, to) ? -EIO : 0;
}

static int rebar_apply(struct keeper *k, const struct change *c)
{
	return resize(k, c, c->to);
}

/* Has the host's driver it again? */
static bool is_the_hosts(struct keeper *k, const struct change *c)
{
	const struct journal_device *d = journal_device(&k->journal, c->target);
	char driver[CHANGE_TEXT_MAX];

	device_driver(c->target, driver);
	return d && *driver && !strcmp(driver, d->driver);
}

/* Some drivers resize BARs by themselves: only a size that was set for the VM was not put back. */
static bool has_size_of_vm(const struct change *c, const char *now)
{
	struct change_bars is, from, to;

	if (!change_bars_parse(now, &is) || !change_bars_parse(c->from, &from) ||
	    !change_bars_parse(c->to, &to))
		return true;
	for (size_t i = 0; i < CHANGE_BARS; i++)
		if (is.mib[i] != from.mib[i] && is.mib[i] == to.mib[i])
			return true;
	return false;
}

/*
 * When this fails, the row of the driver follows all the same: the card works then, and its driver
 * is not taken away again for the size of a BAR. So it is tried twice.
 */
static int rebar_revert(struct keeper *k, const struct change *c)
{
	const struct journal_device *d = journal_device(&k->journal, c->target);
	char now[CHANGE_TEXT_MAX];
	int rc = -EIO;

	for (int tries = 0; rc && tries < 2 && !journal_device_is_lost(d); tries++) {
		rc = look(k, c, now);
		if (!rc && is_the_hosts(k, c))
			return has_size_of_vm(c, now) ? -EBUSY : 0;
		if (!rc && strcmp(now, c->from))
			rc = bind_revert(k, c); /* once more, when its own row could not */
		if (!rc)
			rc = resize(k, c, c->from);
	}
	return rc;
}

static bool rebar_still_ok(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];

	return look(k, c, now) == 0 &&
	       (!strcmp(now, c->from) || (is_the_hosts(k, c) && !has_size_of_vm(c, now)));
}

static const struct change_trouble troubles[] = {
	{ ENOSPC, "the bridges above it have no room for a BAR of that size: switch \"Above 4G decoding\" on in "
		  "the firmware's setup, or boot with pci=realloc" },
	{ EBUSY, "a driver has it, or it has virtual functions: `lspci -k`; a reboot sets the size" },
	{ ENOENT, "the kernel cannot resize this BAR any more: `reboot` gives it its size back" },
	{ EINVAL, "the BAR does not have that size" },
	{ KERNEL_ENOTSUPP, "the firmware has fixed the sizes of BARs below this bridge" },
	{ EIO, "the kernel took the size and did not keep it: see `dmesg`" },
	{ 0 },
};

const struct change_ops change_rebar = {
	.save = look,
	.apply = rebar_apply,
	.revert = rebar_revert,
	.still_ok = rebar_still_ok,
	.troubles = troubles,
};
