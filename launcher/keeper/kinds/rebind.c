/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rebind.c - when a host driver does not take its device back: further steps, each reported
 *
 *	its module again	it may have been taken away, or have come back half
 *	a reset			of this function alone, where it has one of its own
 *	remove and rescan	the kernel forgets the device and finds it anew
 *
 * After each the driver is tried again. The last one is for a device that provably no process
 * has open: a removal waits for its holder, and keeps the lock of the whole bus meanwhile.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/keeper.h"

#define DISPLAY_MS 5000 /* most drivers have made their nodes when the bind returns */
#define RETRY_MS 100
#define FUNCTIONS 8 /* of a slot */

/* If another driver is bound now, one of these steps caused it; unbind it first. */
static int try_driver(struct keeper *k, struct journal_device *d)
{
	char now[CHANGE_TEXT_MAX];
	int rc;

	device_driver(d->name, now);
	if (!strcmp(now, d->driver))
		return 0;
	rc = attribute_set(k, d, ATTRIBUTE_OVERRIDE, d->driver);
	if (!rc && *now)
		rc = driver_take(k, d, now);
	return rc ? rc : driver_give(k, d, d->driver);
}

/* ---- the steps, given what the last try failed with; 0: the driver can be tried again ----- */

static int load_again(struct keeper *k, struct journal_device *d, int rc)
{
	struct work work = { .op = WORK_MODULE };
	struct work_reply reply;

	if (!*d->module || rc == -ETIME) /* a driver that hangs is not tried twice */
		return -ENOTSUP;
	log_notice("%s: loading %s again", d->name, d->module);
	(void)snprintf(work.name, sizeof(work.name), "%s", d->module);
	rc = device_work(k, NULL, &work, &reply);
	/* After an upgrade a running kernel's modules are gone from the disk. The driver that is there is
	 * asked once more before the device is reset or taken from the bus. */
	return rc && device_has_driver(d->driver) ? 0 : rc;
}

static int reset(struct keeper *k, struct journal_device *d, int rc)
{
	struct work work = { .op = WORK_WRITE, .attribute = ATTRIBUTE_RESET, .name = "1" };
	struct work_reply reply;

	(void)rc;
	if (!device_can_reset(d->name))
		return -ENOTSUP;
	log_notice("%s: resetting it", d->name);
	return device_work(k, d, &work, &reply);
}

/* Is another function of its slot in use by another user, or not to be touched? */
static bool has_foreign_sibling(struct keeper *k, const struct journal_device *d)
{
	for (uint8_t i = 0; i < FUNCTIONS; i++) {
		struct pci_address a = d->address;
		char name[PCI_ADDRESS_TEXT], driver[CHANGE_TEXT_MAX];
		const struct journal_device *mine;

		a.function = i;
		mine = journal_device(&k->journal, pci_address_format(&a, name));
		if (mine == d || !device_exists(name))
			continue;
		if (mine && (journal_device_is_lost(mine) || k->held[mine - k->journal.device]))
			return true;
		device_driver(name, driver);
		if (driver_is_vfio(driver))
			return true;
	}
	return false;
}

/* Why it must not be taken from the bus; NULL: it may be */
static const char *in_the_way(struct keeper *k, const struct journal_device *d)
{
	char driver[CHANGE_TEXT_MAX];

	device_driver(d->name, driver);
	if (*driver)
		return "it has a driver";
	if (!d->vendor && !d->device)
		return "who it is is not known";
	if (!device_has_driver(d->driver))
		return "its driver is not there";
	if (has_foreign_sibling(k, d))
		return "another function of its slot is with VFIO, or hangs";
	if (device_has_group(d->group) && release_check(k, d->group))
		return "its IOMMU group is open";
	return NULL;
}

/**
 * rebind_rescan() - look anew for a device that was taken from the bus
 *
 * Return: 0 it is there again; -ENODEV it is not; other -errno as device_work()
 */
int rebind_rescan(struct keeper *k, struct journal_device *d)
{
	struct work work = { .op = WORK_RESCAN };
	struct work_reply reply;
	int rc;

	if (!device_exists(d->name)) {
		log_notice("%s: looking for it on its bus", d->name);
		rc = device_work(k, d, &work, &reply);
		if (rc)
			return rc;
	}
	if (!device_exists(d->name))
		return -ENODEV;
	(void)journal_set_removed(&k->journal, d, false);
	return 0;
}

/*
 * The kernel probes the driver within the rescan: keeping it from that is a switch for the
 * whole bus (drivers_autoprobe), which a crash here would leave off.
 */
static int remove_and_rescan(struct keeper *k, struct journal_device *d, int rc)
{
	struct work work = { .op = WORK_REMOVE };
	const char *why = in_the_way(k, d);
	struct work_reply reply;

	if (why) {
		log_notice("%s: is not taken from the bus: %s", d->name, why);
		return -ENOTSUP;
	}
	if (journal_set_removed(&k->journal, d, true))
		return -ENOTSUP; /* a successor would take it for unplugged */
	log_notice("%s: taking it from the bus", d->name);
	rc = device_work(k, d, &work, &reply);
	if (journal_device_is_lost(d))
		return rc;
	k->gone[d - k->journal.device] = false; /* removed by this keeper: it comes back */
	return rebind_rescan(k, d);
}

static int (*const rungs[])(struct keeper *k, struct journal_device *d, int rc) = {
	load_again,
	reset,
	remove_and_rescan,
};

/**
 * rebind_by_steps() - its driver did not take a device back: what else can be done
 * @rc:		what the driver's bind failed with
 *
 * Return: 0 it is on its driver; else the -errno of the last try
 */
int rebind_by_steps(struct keeper *k, struct journal_device *d, int rc)
{
	if (!journal_device_is_lost(d) && rc != -ENXIO)
		log_warning("%s (%s): %s does not take it back: %s", d->name, d->title, d->driver,
			    strerror(-rc));
	for (size_t i = 0; i < ARRAY_SIZE(rungs); i++) {
		int done;

		if (journal_device_is_lost(d) || rc == -ENXIO)
			return rc;
		done = rungs[i](k, d, rc);
		if (done && done != -ENOTSUP)
			log_notice("%s: that failed: %s", d->name, strerror(-done));
		if (done)
			continue;
		rc = try_driver(k, d);
		if (!rc) {
			log_notice("%s: %s took it", d->name, d->driver);
			return 0;
		}
	}
	return d->removed ? -ENODEV : rc;
}

/* Without these it shows a picture, and no program can compute with it. */
static void say_nodes(const struct journal_device *d, const struct device_displays *now)
{
	if (d->displays.kfd && !now->kfd)
		log_warning("%s (%s): is behind /dev/kfd no more: nothing computes with it before its "
			    "driver is loaded again; see `dmesg`", d->name, d->title);
	if (d->displays.nvidia && !now->nvidia)
		log_warning("%s (%s): NVIDIA's driver has no node for it any more, and had "
			    "/dev/nvidia%u; see `dmesg`", d->name, d->title, d->displays.nvidia - 1);
	else if (d->displays.nvidia && now->nvidia != d->displays.nvidia)
		log_warning("%s (%s): its node is /dev/nvidia%u now, and was /dev/nvidia%u: "
			    "`nvidia-modprobe -c %u` makes it", d->name, d->title, now->nvidia - 1,
			    d->displays.nvidia - 1, now->nvidia - 1);
}

static bool lacks(const struct device_displays *now, const struct device_displays *before)
{
	return now->cards < before->cards || now->connectors < before->connectors ||
	       now->connected < before->connected || (before->kfd && !now->kfd) ||
	       (before->nvidia && !now->nvidia);
}

/* Waits for a moment: most drivers have made all of it when the bind returns. */
static struct device_displays wait_for_displays(const struct journal_device *d)
{
	struct device_displays now = device_displays(d->name, NULL, NULL);

	for (int waited = 0; waited < DISPLAY_MS && lacks(&now, &d->displays); waited += RETRY_MS) {
		(void)poll(NULL, 0, RETRY_MS);
		now = device_displays(d->name, NULL, NULL);
	}
	return now;
}

struct probing {
	struct keeper *k;
	struct journal_device *d;
};

static void probe_connector(void *context, const char *card, const char *name, bool connected)
{
	const struct probing *p = context;
	struct work work = { .op = WORK_PROBE_CONNECTOR };
	struct work_reply reply;

	if (connected ||
	    snprintf(work.name, sizeof(work.name), "%s/%s", card, name) >= (int)sizeof(work.name))
		return;
	(void)device_work(p->k, p->d, &work, &reply); /* what came of it is looked at */
}

/*
 * A monitor that fell asleep while its card was away is not always found by the driver's probe.
 * Asked again are only connectors without one, and only when there are fewer with one than before.
 */
static void probe_connectors(struct keeper *k, struct journal_device *d,
			     struct device_displays *now)
{
	struct probing p = { k, d };

	if (now->connected >= d->displays.connected)
		return;
	(void)device_displays(d->name, probe_connector, &p);
	*now = device_displays(d->name, NULL, NULL);
	if (now->connected < d->displays.connected)
		log_warning("%s (%s): finds %u of its %u monitors again: switch the other on",
			    d->name, d->title, now->connected, d->displays.connected);
}

/**
 * rebind_displays() - has a graphics card what it had? Waits for a moment
 *
 * Connectors and monitors come and go with what is plugged in: a missing one is only reported.
 *
 * Return: 0; -ENODATA it has no DRM card, though it had one
 */
int rebind_displays(struct keeper *k, struct journal_device *d)
{
	struct device_displays now = wait_for_displays(d);

	if (now.cards < d->displays.cards)
		return -ENODATA;
	if (now.connectors < d->displays.connectors)
		log_warning("%s (%s): has %u of its %u display connectors again", d->name, d->title,
			    now.connectors, d->displays.connectors);
	say_nodes(d, &now);
	probe_connectors(k, d, &now);
	return 0;
}
