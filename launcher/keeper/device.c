/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.c - one device: what it is bound to, and work on it with a deadline
 *
 * What cannot block is read here; all else goes through the worker. A device whose
 * driver does not come back is stuck: it is written down and left out of all that
 * follows, so that it costs nothing but itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/holding.h"
#include "launcher/keeper/keep.h"

#define PATIENCE_MS 1000 /* what takes longer is said */

/* clang-format off */
/* How long an operation may take before it is given up; the first row that fits. */
static const struct {
	enum work_op op;
	const char *driver;	/* the beginning of its name */
	unsigned int seconds;
	const char *why;
} deadlines[] = {
	{ WORK_UNBIND, "snd_",   10, "waits for every client that has the card open" },
	{ WORK_UNBIND, "xhci",   10, "is not held up by users" },
	{ WORK_UNBIND, "nvidia", 30, "waits until its use count is zero" },
	{ WORK_UNBIND, "",       70, "vfio-pci: a reset may take 60 s; DRM: fences and work queues" },
	{ WORK_BIND,   "",      120, "a probe loads firmware and may reset" },
	{ WORK_WRITE,  "",       70, "power/control wakes the device: up to 60 s out of D3cold" },
	{ WORK_READ,   "",       20, "blocks only behind a hanging unbind" },
	{ WORK_MODULE, "",       60, "a module and all that it depends on" },
	{ WORK_GROUP,  "",       20, "an open of the group" },
};
/* clang-format on */

static unsigned int deadline_s(const struct work *work)
{
	for (size_t i = 0; i < ARRAY_SIZE(deadlines); i++)
		if (deadlines[i].op == work->op &&
		    !strncmp(work->name, deadlines[i].driver, strlen(deadlines[i].driver)))
			return deadlines[i].seconds;
	return 60;
}

/** device_patience_s() - how long its driver may take to let go, in seconds */
unsigned int device_patience_s(const struct journal_device *d)
{
	struct work work = { .op = WORK_UNBIND };

	device_driver(d->name, work.name);
	return deadline_s(&work);
}

/** device_driver() - the driver that a device is bound to, "" for none; never blocks */
void device_driver(const char *name, char buf[CHANGE_VALUE_MAX])
{
	char path[96];

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver", name);
	(void)sysfs_link_name(AT_FDCWD, path, buf, CHANGE_VALUE_MAX);
}

/** device_exists() - is there a device at that address? When that cannot be told, there is. */
bool device_exists(const char *name)
{
	char path[96];

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", name);
	return access(path, F_OK) == 0 || errno != ENOENT;
}

static void say_waiting(const struct journal_device *d, const struct work *work, unsigned int limit_s)
{
	switch (work->op) {
	case WORK_UNBIND:
		log_notice("%s: waiting for %s to let go (at most %u s)", d->name, work->name,
			   limit_s);
		break;
	case WORK_BIND:
		log_notice("%s: waiting for %s to take it (at most %u s)", d->name, work->name,
			   limit_s);
		break;
	default:
		log_notice("%s: waiting for the kernel (at most %u s)", d ? d->name : work->name,
			   limit_s);
	}
}

/* The worker stays in the kernel; the device is its, until that is over. */
static void give_up(struct keep *k, struct journal_device *d, const struct work *work,
		    const struct holding *before)
{
	pid_t pid = k->worker.pid;
	struct process_id id = { .pid = pid };

	if (process_identify(pid, &id))
		id.start = 0; /* it ended just now: nobody alive is that process */
	(void)worker_abandon(&k->worker);
	if (!d)
		return;
	if (journal_add_stuck(&k->journal, d, &id))
		d->stuck = id;
	(void)state_announce_stuck(&k->state, keep_kind(k), k->journal.name, d->name);
	log_error("%s (%s): %s does not come back; the kernel cannot be made to stop", d->name,
		  d->title, *work->name ? work->name : work_attribute_name(work->attribute));
	holding_say(before, d->name);
}

static void note_gone(struct keep *k, struct journal_device *d)
{
	size_t i = (size_t)(d - k->journal.device);

	if (k->gone[i])
		return;
	k->gone[i] = true;
	log_warning("%s (%s): is gone from the bus, or another device is there now; "
		    "its changes went with it", d->name, d->title);
}

/* One try; what takes long is said. */
static int try_work(struct keep *k, const struct journal_device *d, struct work *work,
		    unsigned int limit_s, struct work_reply *reply)
{
	int rc = worker_ask(&k->worker, work);

	if (rc)
		return rc;
	rc = worker_answer(&k->worker, PATIENCE_MS, reply);
	if (rc != -ETIME)
		return rc;
	say_waiting(d, work, limit_s);
	return worker_answer(&k->worker, limit_s * 1000 - PATIENCE_MS, reply);
}

/**
 * device_work() - have the worker do something to a device, and wait for it
 * @d:		the device, of the journal; NULL for a module
 * @work:	its address and ids are filled in here
 * @reply:	filled when it came back
 *
 * Return: the operation's 0 or -errno; -ETIME the device is stuck, now or since before;
 *	   -ENXIO it is gone; -ECHILD the worker died of it, twice
 */
int device_work(struct keep *k, struct journal_device *d, struct work *work, struct work_reply *reply)
{
	struct holding before = { .count = 0 };
	unsigned int limit_s = deadline_s(work);
	int rc;

	if (d) {
		if (d->stuck.pid)
			return -ETIME;
		if (k->gone[d - k->journal.device])
			return -ENXIO;
		work->address = d->address;
		work->vendor = d->vendor;
		work->device = d->device;
		if (work->op == WORK_UNBIND)
			holding_remember(&before, d);
	}
	rc = try_work(k, d, work, limit_s, reply);
	if (rc == -ECHILD) /* somebody killed the worker: what it did can be done twice */
		rc = try_work(k, d, work, limit_s, reply);
	if (rc == -ETIME)
		give_up(k, d, work, &before);
	if (rc == -ECHILD && d)
		log_error("%s (%s): the process that wrote to it was killed by the kernel: "
			  "see dmesg, and reboot when you can", d->name, d->title);
	if (rc && rc != -ETIME && d && !device_exists(d->name))
		rc = -ENXIO;
	if (rc == -ENXIO && d)
		note_gone(k, d);
	return rc;
}

/* An attribute that is not there reads as "". */
static int read_attribute(struct keep *k, struct journal_device *d, enum work_attribute attribute,
			  char buf[CHANGE_VALUE_MAX])
{
	struct work work = { .op = WORK_READ, .attribute = attribute };
	struct work_reply reply;
	int rc = device_work(k, d, &work, &reply);

	if (rc == -ENOENT)
		rc = 0;
	if (!rc)
		(void)snprintf(buf, CHANGE_VALUE_MAX, "%s", reply.value);
	return rc;
}

static void read_module(struct journal_device *d)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/module", d->driver);
	if (*d->driver)
		(void)sysfs_link_name(AT_FDCWD, path, d->module, sizeof(d->module));
}

/**
 * device_snapshot() - a device as it is now, for the journal
 * @planned:	the device of the plan
 * @out:	where it will stand in k->journal.device; filled
 *
 * Return: 0; -ENXIO it is not the device that the plan means; -ETIME; other -errno
 */
int device_snapshot(struct keep *k, const struct keeper_device *planned, struct journal_device *out)
{
	int rc;

	*out = (struct journal_device){ .address = planned->address,
					.vendor = planned->vendor,
					.device = planned->device,
					.group = planned->group };
	pci_address_format(&out->address, out->name);
	(void)snprintf(out->title, sizeof(out->title), "%s", planned->title);
	device_driver(out->name, out->driver);
	read_module(out);
	rc = read_attribute(k, out, ATTRIBUTE_OVERRIDE, out->override);
	if (!rc)
		rc = read_attribute(k, out, ATTRIBUTE_POWER, out->power);
	if (!rc)
		rc = read_attribute(k, out, ATTRIBUTE_D3COLD, out->d3cold);
	return rc;
}
