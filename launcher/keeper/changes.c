/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * changes.c - the table of changes: how each kind is read, made, and put back
 *
 *	save	what there is now; changes nothing
 *	apply	make it, then read it back
 *	revert	compare; put back what was; read it back. Doing it twice is doing it once
 *
 * The order in which the plan makes them is the order of the table; revert goes
 * backwards. So all devices have left vfio-pci before the first host driver is bound,
 * and overrides are put back when every driver is where it belongs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/keep.h"

struct change_ops {
	int (*save)(struct keep *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX]);
	int (*apply)(struct keep *k, const struct journal_change *c);
	int (*revert)(struct keep *k, const struct journal_change *c);
};

static bool is_vfio(const char *driver)
{
	return strstr(driver, "vfio") != NULL;
}

/* ---- attributes: driver_override, power/control, d3cold_allowed ---------------- */

static const enum work_attribute attribute_of[CHANGE_MAX] = {
	[CHANGE_D3COLD] = ATTRIBUTE_D3COLD,
	[CHANGE_POWER] = ATTRIBUTE_POWER,
	[CHANGE_OVERRIDE] = ATTRIBUTE_OVERRIDE,
};

static int read_value(struct keep *k, struct journal_device *d, enum work_attribute attribute,
		      char value[CHANGE_VALUE_MAX])
{
	struct work work = { .op = WORK_READ, .attribute = attribute };
	struct work_reply reply;
	int rc = device_work(k, d, &work, &reply);

	(void)snprintf(value, CHANGE_VALUE_MAX, "%s", rc ? "" : reply.value);
	return rc;
}

/* Writes what is not there yet, and reads it back: sysfs may take a value and not keep it. */
static int set_value(struct keep *k, struct journal_device *d, enum work_attribute attribute,
		     const char *value)
{
	struct work work = { .op = WORK_WRITE, .attribute = attribute };
	char now[CHANGE_VALUE_MAX];
	struct work_reply reply;
	int rc = read_value(k, d, attribute, now);

	if (rc || !strcmp(now, value))
		return rc;
	(void)snprintf(work.name, sizeof(work.name), "%s", value);
	rc = device_work(k, d, &work, &reply);
	if (!rc)
		rc = read_value(k, d, attribute, now);
	return rc ? rc : strcmp(now, value) ? -EIO : 0;
}

static int attribute_save(struct keep *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX])
{
	return read_value(k, journal_device(&k->journal, c->target), attribute_of[c->kind], saved);
}

static int attribute_apply(struct keep *k, const struct journal_change *c)
{
	return set_value(k, journal_device(&k->journal, c->target), attribute_of[c->kind], c->to);
}

static int attribute_revert(struct keep *k, const struct journal_change *c)
{
	int rc = set_value(k, journal_device(&k->journal, c->target), attribute_of[c->kind], c->from);

	/* an attribute that was not there at the start has nothing to go back to */
	return rc == -ENOENT && !*c->from ? 0 : rc;
}

/* ---- drivers ------------------------------------------------------------------- */

static int driver_save(struct keep *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX])
{
	(void)k;
	if (!device_exists(c->target))
		return -ENXIO;
	device_driver(c->target, saved);
	return 0;
}

static int give_to(struct keep *k, struct journal_device *d, const char *driver)
{
	struct work work = { .op = WORK_BIND };
	char now[CHANGE_VALUE_MAX];
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%s", driver);
	rc = device_work(k, d, &work, &reply);
	device_driver(d->name, now);
	if (!strcmp(now, driver))
		return 0; /* whoever bound it, and whatever the write said */
	return rc ? rc : -EIO;
}

static int take_from(struct keep *k, struct journal_device *d, const char *driver)
{
	struct work work = { .op = WORK_UNBIND };
	char now[CHANGE_VALUE_MAX];
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%s", driver);
	rc = device_work(k, d, &work, &reply);
	if (rc == -ETIME || rc == -ENXIO)
		return rc;
	/* -ENODEV: it was not bound to that driver any more */
	device_driver(d->name, now);
	if (!*now)
		return rc == -ENODEV ? 0 : rc;
	return rc ? rc : -EBUSY;
}

static int unbind_apply(struct keep *k, const struct journal_change *c)
{
	return take_from(k, journal_device(&k->journal, c->target), c->from);
}

static int bind_apply(struct keep *k, const struct journal_change *c)
{
	return give_to(k, journal_device(&k->journal, c->target), c->to);
}

/*
 * Off vfio-pci. The override is aimed at the host's driver first: between the unbind
 * and the bind nobody else can take the device, not even vfio-pci with ids= of its own.
 */
static int bind_revert(struct keep *k, const struct journal_change *c)
{
	struct journal_device *d = journal_device(&k->journal, c->target);
	char now[CHANGE_VALUE_MAX];
	int rc;

	device_driver(d->name, now);
	if (!is_vfio(now) || !strcmp(now, d->driver))
		return 0;
	if (*d->power)
		(void)set_value(k, d, ATTRIBUTE_POWER, "on"); /* a device in D3 must be woken */
	if (*d->driver) {
		rc = set_value(k, d, ATTRIBUTE_OVERRIDE, d->driver);
		if (rc)
			return rc;
	}
	return take_from(k, d, now);
}

static int load_driver(struct keep *k, const struct journal_device *d)
{
	struct work work = { .op = WORK_MODULE };
	struct work_reply reply;
	char path[128];

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s", d->driver);
	if (access(path, F_OK) == 0 || !*d->module)
		return 0;
	(void)snprintf(work.name, sizeof(work.name), "%s", d->module);
	return device_work(k, NULL, &work, &reply);
}

/*
 * A function reset, where there is a real one. "bus" on a slot of several functions
 * fails with ENOTTY after it has run the driver's reset hooks: not that.
 */
static bool try_reset(struct keep *k, struct journal_device *d)
{
	struct work work = { .op = WORK_WRITE, .attribute = ATTRIBUTE_RESET, .name = "1" };
	char path[96], methods[CHANGE_VALUE_MAX];
	struct work_reply reply;

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/reset_method", d->name);
	if (sysfs_read(AT_FDCWD, path, methods, sizeof(methods)) <= 0 || !strncmp(methods, "bus", 3))
		return false;
	log_notice("%s: resetting it before another try", d->name);
	return device_work(k, d, &work, &reply) == 0;
}

/* Back to the host's driver; what fails once is tried again with the module, then after a reset. */
static int unbind_revert(struct keep *k, const struct journal_change *c)
{
	struct journal_device *d = journal_device(&k->journal, c->target);
	char now[CHANGE_VALUE_MAX];
	int rc;

	if (d->stuck.pid)
		return -ETIME;
	device_driver(d->name, now);
	if (!strcmp(now, d->driver) || !*d->driver)
		return 0;
	if (is_vfio(now)) { /* it took the device by itself, before our bind was begun */
		rc = bind_revert(k, c);
		if (rc)
			return rc;
	} else if (*now) {
		return -EBUSY;
	}
	rc = set_value(k, d, ATTRIBUTE_OVERRIDE, d->driver);
	if (!rc)
		rc = load_driver(k, d);
	if (!rc)
		rc = give_to(k, d, d->driver);
	if (rc && rc != -ETIME && rc != -ENXIO && try_reset(k, d))
		rc = give_to(k, d, d->driver);
	return rc;
}

/* ---- modules -------------------------------------------------------------------- */

static int module_save(struct keep *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX])
{
	char path[128];

	(void)k;
	(void)snprintf(path, sizeof(path), "/sys/module/%s", c->target);
	(void)snprintf(saved, CHANGE_VALUE_MAX, "%s", access(path, F_OK) ? "" : "loaded");
	return 0;
}

static int module_apply(struct keep *k, const struct journal_change *c)
{
	struct work work = { .op = WORK_MODULE };
	char now[CHANGE_VALUE_MAX];
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%s", c->target);
	rc = device_work(k, NULL, &work, &reply);
	(void)module_save(k, c, now);
	return rc ? rc : *now ? 0 : -EIO;
}

/* vfio's modules stay: taking them away while another VM runs has hung hosts. */
static int module_revert(struct keep *k, const struct journal_change *c)
{
	(void)k;
	(void)c;
	return 0;
}

/* clang-format off */
static const struct change_ops table[] = {
	[CHANGE_MODULE]   = { module_save,    module_apply,    module_revert },
	[CHANGE_D3COLD]   = { attribute_save, attribute_apply, attribute_revert },
	[CHANGE_POWER]    = { attribute_save, attribute_apply, attribute_revert },
	[CHANGE_OVERRIDE] = { attribute_save, attribute_apply, attribute_revert },
	[CHANGE_UNBIND]   = { driver_save,    unbind_apply,    unbind_revert },
	[CHANGE_BIND]     = { driver_save,    bind_apply,      bind_revert },
};
_Static_assert(ARRAY_SIZE(table) == CHANGE_MAX, "a kind of change that cannot be made");

/* What an error of apply or revert means, and what to do about it. */
static const struct {
	enum change_kind kind;
	int error;
	const char *text;
} troubles[] = {
	{ CHANGE_MODULE,   ENOENT, "there is no such module for the running kernel: after a kernel update, reboot" },
	{ CHANGE_MODULE,   EPERM,  "the kernel refuses modules: see `dmesg` (secure boot, lockdown)" },
	{ CHANGE_MODULE,   ETIME,  "loading it does not come back: see `dmesg`" },
	{ CHANGE_OVERRIDE, ETIME,  "an earlier operation on this device still hangs: end what holds it, then `sudo vfio-run recover`" },
	{ CHANGE_UNBIND,   ETIME,  "its driver does not let go: end what holds it, then `sudo vfio-run recover`" },
	{ CHANGE_UNBIND,   EBUSY,  "another driver has it: `lspci -k` names it; then `sudo vfio-run recover`" },
	{ CHANGE_UNBIND,   ENOENT, "its host driver is not there: load the driver's module, then `sudo vfio-run recover`" },
	{ CHANGE_BIND,     EINVAL, "vfio-pci refuses it: a bridge, a device on its denylist, or no usable IOMMU" },
	{ CHANGE_BIND,     EBUSY,  "somebody has its IOMMU group open, or it has virtual functions: end that, then `sudo vfio-run recover`" },
	{ CHANGE_BIND,     ENODEV, "vfio-pci did not take it: its driver_override was changed by somebody else" },
	{ CHANGE_BIND,     ENOENT, "vfio-pci is not there: `modprobe vfio-pci`" },
	{ CHANGE_BIND,     ETIME,  "vfio-pci does not come back: end what holds the device, then `sudo vfio-run recover`" },
};
/* clang-format on */

/** change_trouble() - what -errno means for a kind of change, with a remedy where there is one */
const char *change_trouble(enum change_kind kind, int error)
{
	if (error == -ENXIO)
		return "the device is gone from the bus";
	for (size_t i = 0; i < ARRAY_SIZE(troubles); i++)
		if (troubles[i].kind == kind && troubles[i].error == -error)
			return troubles[i].text;
	return strerror(-error);
}

/**
 * change_save() - what there is before a change
 * @c:		kind and target
 * @saved:	filled; "" is none
 *
 * Return: 0 or -errno as device_work()
 */
int change_save(struct keep *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX])
{
	return table[c->kind].save(k, c, saved);
}

/** change_apply() - make a change that is in the journal; 0 or -errno as device_work() */
int change_apply(struct keep *k, const struct journal_change *c)
{
	return table[c->kind].apply(k, c);
}

/**
 * change_revert() - put back what a change found; does nothing when it is back already
 *
 * Return: 0, also for a device that is gone from the bus; -errno as device_work()
 */
int change_revert(struct keep *k, const struct journal_change *c)
{
	const struct journal_device *d = journal_device(&k->journal, c->target);
	int rc;

	if (c->kind != CHANGE_MODULE && (!d || !device_exists(d->name)))
		return 0;
	rc = table[c->kind].revert(k, c);
	return rc == -ENXIO ? 0 : rc;
}
