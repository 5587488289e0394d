/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unbind.c - the kind of change that takes a device from its host driver, and gives it back */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/kinds/kind.h"

static int unbind_apply(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];

	device_driver(c->target, now);
	if (!*now && !device_has_driver(c->from)) /* it went with its module */
		return 0;
	return driver_take(k, journal_device(&k->journal, c->target), c->from);
}

/*
 * The override is aimed at the host's driver since before the device left its vfio driver; where it is
 * not, because it never was there or another program has written to it, the kernel refuses the bind.
 */
static int give_back(struct keeper *k, struct journal_device *d)
{
	char override[CHANGE_TEXT_MAX];
	int rc = driver_give(k, d, d->driver);

	if (rc != -ENODEV || attribute_read(k, d, ATTRIBUTE_OVERRIDE, override) ||
	    !strcmp(override, d->driver))
		return rc;
	rc = attribute_set(k, d, ATTRIBUTE_OVERRIDE, d->driver);
	return rc ? rc : driver_give(k, d, d->driver);
}

static int take_back(struct keeper *k, const struct change *c, struct journal_device *d)
{
	char now[CHANGE_TEXT_MAX];
	int rc;

	device_driver(d->name, now);
	if (driver_is_vfio(now)) { /* it took the device by itself, before this program's bind */
		rc = bind_revert(k, c);
		if (rc)
			return rc;
	} else if (*now) {
		return -EBUSY;
	}
	rc = driver_load(k, d);
	if (!rc)
		rc = give_back(k, d);
	return rc ? rebind_by_steps(k, d, rc) : 0;
}

/* Then the displays come with the modules, and are looked for when they are loaded: unload.c */
static bool has_unloaded(const struct keeper *k)
{
	for (size_t i = 0; i < k->journal.change_count; i++)
		if (k->journal.change[i].kind == CHANGE_UNLOAD)
			return true;
	return false;
}

/* Back to the host's driver. */
static int unbind_revert(struct keeper *k, const struct change *c)
{
	struct journal_device *d = journal_device(&k->journal, c->target);
	char now[CHANGE_TEXT_MAX];
	int rc = d->removed ? rebind_rescan(k, d) : 0;

	if (rc)
		return rc;
	device_driver(d->name, now);
	return strcmp(now, d->driver) && *d->driver ? take_back(k, c, d) : 0;
}

/* And a graphics card to its displays: its sound does not wait for them. */
static int unbind_settle(struct keeper *k, const struct change *c)
{
	return driver_still_ok(k, c) && !has_unloaded(k) ?
		       rebind_displays(k, journal_device(&k->journal, c->target)) : 0;
}

static const struct change_trouble troubles[] = {
	{ ETIME, "its driver does not let go: end what holds it, then `sudo vfio-run recover`" },
	{ EBUSY, "another driver has it: `lspci -k` names it; then `sudo vfio-run recover`" },
	{ ENODATA, "its driver has it, but has made no display of it: see `dmesg`; a reboot mends it" },
	{ ENODEV, "its driver does not take it: see `dmesg`; then `sudo vfio-run recover`" },
	{ ENOENT, "its host driver is not there: load the driver's module, then `sudo vfio-run recover`" },
	{ 0 },
};

const struct change_ops change_unbind = {
	.save = driver_save, .apply = unbind_apply, .revert = unbind_revert,
	.settle = unbind_settle, .still_ok = driver_still_ok, .troubles = troubles,
};
