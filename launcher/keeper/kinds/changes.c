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
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/keeper.h"

struct change_ops {
	bool shared; /* other VMs can need it too: shared.c */
	int (*save)(struct keeper *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX]);
	int (*apply)(struct keeper *k, const struct journal_change *c);
	int (*revert)(struct keeper *k, const struct journal_change *c);
};

/* ---- attributes: driver_override, power/control, d3cold_allowed ---------------- */

static const enum work_attribute attribute_of[CHANGE_MAX] = {
	[CHANGE_D3COLD] = ATTRIBUTE_D3COLD,
	[CHANGE_POWER] = ATTRIBUTE_POWER,
	[CHANGE_OVERRIDE] = ATTRIBUTE_OVERRIDE,
};

static int attribute_save(struct keeper *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX])
{
	return attribute_read(k, journal_device(&k->journal, c->target), attribute_of[c->kind], saved);
}

static int attribute_apply(struct keeper *k, const struct journal_change *c)
{
	return attribute_set(k, journal_device(&k->journal, c->target), attribute_of[c->kind], c->to);
}

static int attribute_revert(struct keeper *k, const struct journal_change *c)
{
	return attribute_set(k, journal_device(&k->journal, c->target), attribute_of[c->kind], c->from);
}

/* ---- drivers ------------------------------------------------------------------- */

static int driver_save(struct keeper *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX])
{
	(void)k;
	if (!device_exists(c->target))
		return -ENXIO;
	device_driver(c->target, saved);
	return 0;
}

static int unbind_apply(struct keeper *k, const struct journal_change *c)
{
	return driver_take(k, journal_device(&k->journal, c->target), c->from);
}

static int bind_apply(struct keeper *k, const struct journal_change *c)
{
	return driver_give(k, journal_device(&k->journal, c->target), c->to);
}

/*
 * The kernel resets a device when the last one closes it, and stops it from writing to
 * memory. That is its business; but if it did not, the host's memory is not what it was.
 */
static void assert_quiet(struct keeper *k, struct journal_device *d)
{
	struct work work = { .op = WORK_COMMAND };
	struct work_reply reply;
	unsigned long command;

	if (device_work(k, d, &work, &reply))
		return;
	command = strtoul(reply.value, NULL, 16);
	if (command == 0xffff)
		log_warning("%s (%s): does not answer any more: its driver may not get it to work "
			    "again before a reboot", d->name, d->title);
	else if (command & PCI_COMMAND_MASTER)
		log_warning("%s (%s): can still write to memory, though nobody has it open (PCI "
			    "command %s): the kernel left bus mastering on", d->name, d->title,
			    reply.value);
}

/*
 * Off vfio-pci. The override is aimed at the host's driver first: between the unbind
 * and the bind nobody else can take the device, not even vfio-pci with ids= of its own.
 */
static int bind_revert(struct keeper *k, const struct journal_change *c)
{
	struct journal_device *d = journal_device(&k->journal, c->target);
	char now[CHANGE_VALUE_MAX];
	int rc;

	device_driver(d->name, now);
	if (!driver_is_vfio(now) || !strcmp(now, d->driver))
		return 0;
	if (*d->power)
		(void)attribute_set(k, d, ATTRIBUTE_POWER, "on"); /* one in D3 must be woken */
	assert_quiet(k, d);
	if (*d->driver) {
		rc = attribute_set(k, d, ATTRIBUTE_OVERRIDE, d->driver);
		if (rc)
			return rc;
	}
	return driver_take(k, d, now);
}

static int take_back(struct keeper *k, const struct journal_change *c, struct journal_device *d)
{
	char now[CHANGE_VALUE_MAX];
	int rc;

	device_driver(d->name, now);
	if (driver_is_vfio(now)) { /* it took the device by itself, before our bind was begun */
		rc = bind_revert(k, c);
		if (rc)
			return rc;
	} else if (*now) {
		return -EBUSY;
	}
	rc = attribute_set(k, d, ATTRIBUTE_OVERRIDE, d->driver);
	if (!rc)
		rc = driver_load(k, d);
	if (!rc)
		rc = driver_give(k, d, d->driver);
	return rc ? rebind_by_steps(k, d, rc) : 0;
}

/* Back to the host's driver, and a graphics card to its displays. */
static int unbind_revert(struct keeper *k, const struct journal_change *c)
{
	struct journal_device *d = journal_device(&k->journal, c->target);
	char now[CHANGE_VALUE_MAX];
	int rc = d->removed ? rebind_rescan(k, d) : 0;

	if (rc)
		return rc;
	device_driver(d->name, now);
	if (strcmp(now, d->driver) && *d->driver)
		rc = take_back(k, c, d);
	return rc ? rc : rebind_displays(d);
}

/* ---- modules -------------------------------------------------------------------- */

static int module_save(struct keeper *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX])
{
	char path[128];

	(void)k;
	(void)snprintf(path, sizeof(path), "/sys/module/%s", c->target);
	(void)snprintf(saved, CHANGE_VALUE_MAX, "%s", access(path, F_OK) ? "" : "loaded");
	return 0;
}

static int module_apply(struct keeper *k, const struct journal_change *c)
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

/* ---- what a test build shares: an attribute of the host that hurts nobody ------------ */

#ifdef VFIO_RUN_TEST_CHANGE
static int test_save(struct keeper *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX])
{
	struct work work = { .op = WORK_TEST_READ };
	struct work_reply reply;
	int rc = device_work(k, NULL, &work, &reply);

	(void)c;
	(void)snprintf(saved, CHANGE_VALUE_MAX, "%s", rc ? "" : reply.value);
	return rc;
}

static int test_set(struct keeper *k, const struct journal_change *c, const char *value)
{
	struct work work = { .op = WORK_TEST_WRITE };
	char now[CHANGE_VALUE_MAX];
	struct work_reply reply;
	int rc = test_save(k, c, now);

	if (rc || !strcmp(now, value))
		return rc;
	(void)snprintf(work.name, sizeof(work.name), "%s", value);
	rc = device_work(k, NULL, &work, &reply);
	if (!rc)
		rc = test_save(k, c, now);
	return rc ? rc : strcmp(now, value) ? -EIO : 0;
}

static int test_apply(struct keeper *k, const struct journal_change *c)
{
	return test_set(k, c, c->to);
}

static int test_revert(struct keeper *k, const struct journal_change *c)
{
	return test_set(k, c, c->from);
}
#endif

/* clang-format off */
static const struct change_ops table[] = {
	[CHANGE_MODULE]   = { false, module_save,    module_apply,    NULL },
#ifdef VFIO_RUN_TEST_CHANGE
	[CHANGE_TEST]     = { true,  test_save,      test_apply,      test_revert },
#endif
	[CHANGE_D3COLD]   = { false, attribute_save, attribute_apply, attribute_revert },
	[CHANGE_POWER]    = { false, attribute_save, attribute_apply, attribute_revert },
	[CHANGE_OVERRIDE] = { false, attribute_save, attribute_apply, attribute_revert },
	[CHANGE_UNBIND]   = { false, driver_save,    unbind_apply,    unbind_revert },
	[CHANGE_BIND]     = { false, driver_save,    bind_apply,      bind_revert },
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
	{ CHANGE_UNBIND,   ENODATA, "its driver has it, but has made no display of it: see `dmesg`; a reboot mends it" },
	{ CHANGE_UNBIND,   ENODEV, "its driver does not take it: see `dmesg`; then `sudo vfio-run recover`" },
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
	if (error == -EADDRINUSE)
		return "another VM needs it to be something else: end that VM first";
	if (error == -EBADMSG)
		return "the host journal is damaged: a reboot mends it";
	if (error == -EOWNERDEAD)
		return "the kernel oopsed in its driver: see `dmesg`, and reboot";
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
int change_save(struct keeper *k, const struct journal_change *c, char saved[CHANGE_VALUE_MAX])
{
	return table[c->kind].save(k, c, saved);
}

/** change_apply() - make a change that is in the journal; 0 or -errno as device_work() */
int change_apply(struct keeper *k, const struct journal_change *c)
{
	return table[c->kind].apply(k, c);
}

/** change_is_shared() - can several VMs need it at once? Then shared.c decides who makes and undoes it */
bool change_is_shared(enum change_kind kind)
{
	return table[kind].shared;
}

/**
 * change_has_way_back() - is there anything that it can be put back to?
 *
 * vfio's modules stay: taking them away while another VM runs has hung hosts. And an
 * attribute that was not there at the start has no value to go back to.
 */
bool change_has_way_back(const struct journal_change *c)
{
	return c->kind != CHANGE_MODULE &&
	       (*c->from || (c->kind != CHANGE_POWER && c->kind != CHANGE_D3COLD));
}

/**
 * change_revert() - put back what a change found; does nothing when it is back already
 *
 * Return: 0, also for a device that is gone from the bus; -errno as device_work()
 */
int change_revert(struct keeper *k, const struct journal_change *c)
{
	const struct journal_device *d = journal_device(&k->journal, c->target);
	int rc;

	if (change_is_shared(c->kind))
		return table[c->kind].revert(k, c);
	if (!change_has_way_back(c) || !d || device_is_gone(d))
		return 0;
	if (d->removed && c->kind != CHANGE_UNBIND && !device_exists(d->name))
		return c->kind == CHANGE_BIND ? 0 : -ENODEV; /* by us: it is looked for below */
	rc = table[c->kind].revert(k, c);
	return rc == -ENXIO ? 0 : rc;
}
