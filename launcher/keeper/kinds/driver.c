/* SPDX-License-Identifier: GPL-2.0-or-later */
/* driver.c - one attribute written, one driver changed: do it, then read back what is */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/kinds/kind.h"

/** driver_is_vfio() - does a driver of that name hand devices to VMs? */
bool driver_is_vfio(const char *driver)
{
	return strstr(driver, "vfio") != NULL;
}

/** attribute_read() - 0 and the value; else "" and -errno as device_work() */
int attribute_read(struct keeper *k, struct journal_device *d, enum work_attribute attribute,
		   char value[CHANGE_TEXT_MAX])
{
	struct work work = { .op = WORK_READ, .attribute = attribute };
	struct work_reply reply;
	int rc = device_work(k, d, &work, &reply);

	(void)snprintf(value, CHANGE_TEXT_MAX, "%s", rc ? "" : reply.value);
	return rc;
}

/** attribute_set() - 0: it has that value now, read back; -errno as device_work() */
int attribute_set(struct keeper *k, struct journal_device *d, enum work_attribute attribute,
		  const char *value)
{
	struct work work = { .op = WORK_SET, .attribute = attribute };
	struct work_reply reply;

	(void)snprintf(work.name, sizeof(work.name), "%s", value);
	return device_work(k, d, &work, &reply);
}

/** driver_give() - bind a device to a driver; 0 when it is bound, by this write or not */
int driver_give(struct keeper *k, struct journal_device *d, const char *driver)
{
	struct work work = { .op = WORK_BIND };
	char now[CHANGE_TEXT_MAX];
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%s", driver);
	rc = device_work(k, d, &work, &reply);
	device_driver(d->name, now);
	if (!strcmp(now, driver) && !journal_device_is_lost(d))
		return 0;
	return rc ? rc : -EIO;
}

/**
 * driver_take() - unbind a device from a driver
 *
 * The driver's link vanishes when an unbind begins, so only the write's return shows its end.
 *
 * Return: 0; -EBUSY it has a driver again; other -errno as device_work()
 */
int driver_take(struct keeper *k, struct journal_device *d, const char *driver)
{
	struct work work = { .op = WORK_UNBIND };
	char now[CHANGE_TEXT_MAX];
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%s", driver);
	rc = device_work(k, d, &work, &reply);
	if (journal_device_is_lost(d) || rc == -ENXIO)
		return rc;
	/* -ENODEV: it was not bound to that driver any more */
	device_driver(d->name, now);
	if (!*now)
		return rc == -ENODEV ? 0 : rc;
	return rc ? rc : -EBUSY;
}

/** driver_load() - have the host driver's module loaded; 0 also when there is no need */
int driver_load(struct keeper *k, const struct journal_device *d)
{
	struct work work = { .op = WORK_MODULE };
	struct work_reply reply;

	if (device_has_driver(d->driver) || !*d->module)
		return 0;
	(void)snprintf(work.name, sizeof(work.name), "%s", d->module);
	return device_work(k, NULL, &work, &reply);
}

/** driver_save() - the driver that a device is bound to, before it is unbound or bound */
int driver_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	(void)k;
	if (!device_exists(c->target))
		return -ENXIO;
	device_driver(c->target, saved);
	return 0;
}

/** driver_still_ok() - has a device the driver that it was found with? */
bool driver_still_ok(struct keeper *k, const struct change *c)
{
	const struct journal_device *d = journal_device(&k->journal, c->target);
	char now[CHANGE_TEXT_MAX];

	device_driver(c->target, now);
	return d && !strcmp(now, d->driver);
}
