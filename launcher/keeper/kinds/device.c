/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.c - work on one device, with a deadline
 *
 * All that can block goes through the worker. A device whose driver does not come back is
 * stuck, one that the kernel oopsed in is oopsed: that is journalled, its holder and the
 * kernel's messages are reported, and it is left out of all that follows, so that only
 * that device is lost.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/kinds/device-holders.h"
#include "launcher/keeper/keeper.h"
#include "launcher/keeper/worker/kernel-log.h"

#define PATIENCE_MS 1000   /* what takes longer is reported */
#define TRIES_MAX 5	   /* when each worker is killed while it works */
#define RETRY_MS 200	   /* when no process can be started */
#define NO_WORKER_MS 20000 /* until the keeper does it itself */

/* Others count on it: compile-time, as an array of no size is none. */
#define S(seconds) (0 * sizeof(char[(seconds) <= DEVICE_LONGEST_S ? 1 : -1]) + (seconds))

/* clang-format off */
/* How long an operation may take before it is given up; the first row that fits. */
static const struct {
	enum work_op op;
	const char *driver;	/* the beginning of its name */
	unsigned int seconds;
	const char *why;
} deadlines[] = {
	{ WORK_UNBIND, "snd_",   S(10), "waits for every client that has the card open" },
	{ WORK_UNBIND, "xhci",   S(10), "is not held up by users" },
	{ WORK_UNBIND, "nvidia", S(30), "waits until its use count is zero" },
	{ WORK_UNBIND, "",       S(70), "vfio-pci: a reset may take 60 s; DRM: fences and work queues" },
	{ WORK_BIND,   "",      S(120), "a probe loads firmware and may reset" },
	{ WORK_WRITE,  "",       S(70), "power/control wakes the device: up to 60 s out of D3cold" },
	{ WORK_SET,    "",       S(70), "likewise" },
	{ WORK_VFS,    "",      S(300), "a driver asks its firmware for each of them; when they go, drivers let go" },
	{ WORK_READ,   "",       S(20), "blocks only behind a hanging unbind" },
	{ WORK_MODULE, "",       S(60), "a module and all that it depends on" },
	{ WORK_UNLOAD, "",       S(60), "a module's own exit" },
	{ WORK_GROUP,  "",       S(20), "an open of the group" },
	{ WORK_OWNER,  "",       S(40), "waits for udev" },
	{ WORK_CARDS,  "",       S(40), "likewise" },
	{ WORK_SOUND,  "",       S(40), "likewise" },
	{ WORK_SET_OWNER, "",    S(20), "a node's owner" },
	{ WORK_COMMAND, "",      S(70), "reading config space wakes what is in D3cold" },
	{ WORK_BARS,   "",       S(20), "addresses that the kernel knows" },
	{ WORK_RESIZE, "",       S(70), "wakes the device: up to 60 s out of D3cold" },
	{ WORK_PROBE_CONNECTOR, "", S(20), "a monitor answers, or none does" },
	{ WORK_ANNOUNCE, "",     S(20), "a message to who listens; no driver is asked" },
	{ WORK_REMOVE, "",       S(30), "no driver has it: nothing to wait for but the lock of the bus" },
	{ WORK_RESCAN, "",      S(120), "the host driver's probe is within it" },
	{ WORK_PAGES,  "",       S(20), "three numbers" },
	{ WORK_LINK, "",         S(20), "a question to the kernel" },
	{ WORK_MAKE_LINK, "",    S(60), "the module of its kind is loaded" },
	{ WORK_DROP_LINK, "",    S(60), "waits until nothing refers to it" },
	{ WORK_SET_PAGES, "",   S(600), "memory is compacted and moved: 20 s for 2 GB were seen" },
	{ WORK_USB_UNBIND, "",   S(60), "what its driver has begun is waited for" },
	{ WORK_USB_BIND, "",     S(60), "a probe speaks with the device" },
	{ WORK_USB_PROBE, "",    S(60), "likewise" },
	{ WORK_USB_CONFIGURE, "", S(60), "likewise" },
	{ WORK_USB_OPEN, "",     S(20), "the device wakes up" },
	{ WORK_GOVERNOR, "",     S(20), "a word" },
	{ WORK_IRQ, "",          S(20), "a list" },
	{ WORK_SET_IRQ, "",      S(20), "the next one that comes moves it" },
	{ WORK_MOUNT, "",        S(20), "a list" },
	{ WORK_DROP_MOUNT, "",  S(300), "what is not on the disk yet is written" },
	{ WORK_MAKE_MOUNT, "",  S(330), "its disk may have to come back; a journal is replayed" },
	{ WORK_UNIT, "",         S(20), "a question to systemd" },
	{ WORK_STOP_UNIT, "",   S(130), "TimeoutStopSec= is 90 s as it comes" },
	{ WORK_START_UNIT, "",  S(210), "TimeoutStartSec= likewise, and until it draws" },
	{ WORK_SET_GOVERNOR, "", S(20), "a governor starts on each CPU" },
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

static const char *what_of(const struct work *work)
{
	static const char *const words[WORK_MAX] = { [WORK_GROUP] = "its IOMMU group",
						     [WORK_UNLOAD] = "unloading a module",
						     [WORK_OWNER] = "the owner of its VFIO node",
						     [WORK_CARDS] = "what udev knows of the cards",
						     [WORK_SOUND] = "what udev knows of a sound card",
						     [WORK_SET_OWNER] = "the owner of its VFIO node",
						     [WORK_COMMAND] = "its config space",
						     [WORK_BARS] = "the size of its BARs",
						     [WORK_RESIZE] = "resizing a BAR",
						     [WORK_PROBE_CONNECTOR] = "the search for a monitor",
						     [WORK_REMOVE] = "its removal from the bus",
						     [WORK_VFS] = "the count of virtual functions",
						     [WORK_RESCAN] = "the search for it",
						     [WORK_PAGES] = "the count of huge pages",
						     [WORK_SET_PAGES] = "getting huge pages",
						     [WORK_LINK] = "a network link",
						     [WORK_MAKE_LINK] = "making a network link",
						     [WORK_DROP_LINK] = "deleting a network link",
						     [WORK_USB_UNBIND] = "taking a USB interface from its driver",
						     [WORK_USB_BIND] = "giving a USB interface to its driver",
						     [WORK_USB_PROBE] = "the search for a USB interface's driver",
						     [WORK_USB_CONFIGURE] = "a USB device's configuration",
						     [WORK_USB_OPEN] = "opening a USB device",
						     [WORK_UNIT] = "systemd's answer",
						     [WORK_IRQ] = "an interrupt",
						     [WORK_SET_IRQ] = "an interrupt",
						     [WORK_MOUNT] = "the list of mounts",
						     [WORK_DROP_MOUNT] = "unmounting a file system",
						     [WORK_MAKE_MOUNT] = "mounting a file system",
						     [WORK_GOVERNOR] = "a governor",
						     [WORK_SET_GOVERNOR] = "a governor" };

	if (words[work->op])
		return words[work->op];
	if (work->op == WORK_READ || work->op == WORK_WRITE || work->op == WORK_SET)
		return work_attribute_name(work->attribute);
	return work->name;
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
	case WORK_UNIT:
		log_verbose("%s: waiting for systemd (at most %u s)", work->name, limit_s);
		break;
	case WORK_STOP_UNIT:
		log_notice("%s: waiting for it to stop (at most %u s)", work->name, limit_s);
		break;
	case WORK_CARDS:
	case WORK_SOUND:
		log_notice("waiting for udev (at most %u s)", limit_s);
		break;
	case WORK_START_UNIT:
		log_notice("%s: waiting for it to start (at most %u s)", work->name, limit_s);
		break;
	default:
		log_notice("%s: waiting for the kernel (at most %u s)", d ? d->name : what_of(work),
			   limit_s);
	}
}

/* What was being done to a device when it was lost, and since when. */
struct attempt {
	const struct work *work;
	struct device_holders before; /* possible holders; of an unbind only */
	uint64_t since_us;
};

static void say_why(const struct journal_device *d, const struct attempt *a)
{
	bool driver = a->work->op == WORK_UNBIND || a->work->op == WORK_BIND;

	if (a->work->op == WORK_UNBIND)
		device_holders_say(&a->before, d->name);
	kernel_log_say(d->name, driver ? a->work->name : d->driver, a->since_us);
}

/* The worker hangs in the kernel and holds the device's locks until that is over. */
static void give_up(struct keeper *k, struct journal_device *d, const struct attempt *a)
{
	pid_t pid = k->worker.pid;
	struct process_id id;

	if (!known_is(k, pid, &id)) /* of a job that has written nothing down */
		known_identify(pid, &id);
	(void)worker_abandon(&k->worker);
	if (!d)
		return;
	(void)journal_add_stuck(&k->journal, d, &id); /* stuck even when this fails */
	(void)state_announce_stuck(&k->state, keeper_kind(k), k->journal.name, d->name);
	log_error("%s (%s): %s does not come back; the kernel cannot be made to stop", d->name,
		  d->title, what_of(a->work));
	say_why(d, a);
}

/* The oopsed task died with the device's locks held: a process that takes one blocks for ever. */
static void mark_oopsed(struct keeper *k, struct journal_device *d, const struct attempt *a)
{
	if (!d) {
		log_error("%s: the process that worked on it was killed by the kernel, which oopsed: "
			  "reboot when you can", what_of(a->work));
		return;
	}
	(void)journal_add_oopsed(&k->journal, d); /* oopsed even when this fails */
	(void)state_announce_stuck(&k->state, keeper_kind(k), k->journal.name, d->name);
	log_error("%s (%s): the process that worked on it (%s) was killed by the kernel, which "
		  "oopsed: it is not touched again; reboot when you can", d->name, d->title,
		  what_of(a->work));
	say_why(d, a);
}

/** device_note_gone() - remember that it is not there any more, and report it once */
void device_note_gone(struct keeper *k, const struct journal_device *d)
{
	size_t i = (size_t)(d - k->journal.device);

	if (k->gone[i])
		return;
	k->gone[i] = true;
	if (k->unmade || (d->made && (k->took_over || k->plan->job != KEEPER_RUN)))
		return; /* it went as it came: what was lost before was reported before */
	log_warning("%s (%s): is gone from the bus, or another device is there now; "
		    "its changes went with it", d->name, d->title);
}

/*
 * When a worker cannot even be started: while changes are made that is an error like any other.
 * During a revert the keeper retries, since the process table may become free; then it does the
 * operation itself. It may then hang, and the rest with it; not to try would leave all of it
 * unrestored for certain.
 */
static int ask(struct keeper *k, struct work *work)
{
	int rc = k->alone ? -EAGAIN : worker_ask(&k->worker, work);

	for (int waited = 0; rc && k->reverting && !k->alone; waited += RETRY_MS) {
		if (!waited)
			log_warning("no process can be started (%s): waiting %d s for room",
				    strerror(-rc), NO_WORKER_MS / 1000);
		if (waited >= NO_WORKER_MS) {
			log_warning("no process can be started: going on without one");
			k->alone = true;
			break;
		}
		(void)poll(NULL, 0, RETRY_MS); /* no event reports a free slot */
		rc = worker_ask(&k->worker, work);
	}
	return rc;
}

/* One attempt; one that takes long is reported. */
static int try_work(struct keeper *k, const struct journal_device *d, struct work *work,
		    unsigned int limit_s, struct work_reply *reply)
{
	int rc = ask(k, work);

	if (rc && k->alone) {
		work_perform(work, reply, &k->came);
		return reply->error;
	}
	if (rc)
		return rc;
	rc = worker_answer(&k->worker, PATIENCE_MS, reply, &k->came);
	if (rc != -ETIME)
		return rc;
	say_waiting(d, work, limit_s);
	notify_device(k, limit_s);
	return worker_answer(&k->worker, limit_s * 1000 - PATIENCE_MS, reply, &k->came);
}

/* A worker that a process killed is replaced, its operation repeated; after an oops it is not. */
static int try_until_it_lives(struct keeper *k, struct journal_device *d, struct work *work,
			      struct work_reply *reply)
{
	int rc = -ECHILD;

	for (int tries = 0; rc == -ECHILD && tries < TRIES_MAX; tries++) {
		rc = try_work(k, d, work, deadline_s(work), reply);
		if (rc == -ECHILD && worker_oopsed(&k->worker))
			rc = -EOWNERDEAD;
	}
	return rc;
}

/**
 * device_work() - have the worker do something to a device, and wait for it
 * @d:		the device, of the journal; NULL for a module
 * @work:	its address and ids are filled in here
 * @reply:	filled when it came back
 *
 * Return: the operation's 0 or -errno; -ETIME the device is stuck, now or since before;
 *	   -EOWNERDEAD the kernel oopsed in it, likewise; -ENXIO it is gone; -ECHILD the
 *	   worker was killed again and again
 */
int device_work(struct keeper *k, struct journal_device *d, struct work *work, struct work_reply *reply)
{
	struct attempt a = { .work = work, .since_us = kernel_log_now() };
	int rc;

	if (d) {
		if (d->stuck.pid)
			return -ETIME;
		if (d->oopsed)
			return -EOWNERDEAD;
		if (k->gone[d - k->journal.device])
			return -ENXIO;
		work->address = d->address;
		work->vendor = d->vendor;
		work->device = d->device;
		if (work->op == WORK_UNBIND)
			device_holders_remember(&a.before, d);
	}
	rc = try_until_it_lives(k, d, work, reply);
	if (rc == -ETIME)
		give_up(k, d, &a);
	if (rc == -EOWNERDEAD)
		mark_oopsed(k, d, &a);
	if (rc && d && !journal_device_is_lost(d) && work->op != WORK_RESCAN && !device_exists(d->name))
		rc = -ENXIO;
	if (rc == -ENXIO && d)
		device_note_gone(k, d);
	return rc;
}

/* An attribute that is not there reads as "". */
static int read_attribute(struct keeper *k, struct journal_device *d, enum work_attribute attribute,
			  char buf[CHANGE_TEXT_MAX])
{
	struct work work = { .op = WORK_READ, .attribute = attribute };
	struct work_reply reply;
	int rc = device_work(k, d, &work, &reply);

	if (rc == -ENOENT)
		rc = 0;
	if (!rc)
		(void)snprintf(buf, CHANGE_TEXT_MAX, "%s", reply.value);
	return rc;
}

/**
 * device_snapshot() - a device as it is now, for the journal
 * @planned:	the device of the plan
 * @out:	where it will stand in k->journal.device; filled; of one that is not there yet as it will be
 *
 * Return: 0; -ENXIO it is not the device that the plan means; -ETIME; other -errno
 */
int device_snapshot(struct keeper *k, const struct keeper_device *planned, struct journal_device *out)
{
	int rc;

	*out = (struct journal_device){ .address = planned->address,
					.vendor = planned->vendor,
					.device = planned->device,
					.group = planned->group,
					.made = planned->group < 0 };
	pci_address_format(&out->address, out->name);
	(void)snprintf(out->title, sizeof(out->title), "%s", planned->title);
	if (out->group < 0) /* it is made later, and has no driver then */
		return 0;
	device_driver(out->name, out->driver);
	device_module(out->driver, out->module);
	out->displays = device_displays(out->name, NULL, NULL);
	rc = read_attribute(k, out, ATTRIBUTE_OVERRIDE, out->override);
	if (!rc)
		rc = read_attribute(k, out, ATTRIBUTE_POWER, out->power);
	if (!rc)
		rc = read_attribute(k, out, ATTRIBUTE_D3COLD, out->d3cold);
	return rc;
}
