/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usb.c - the kind of change that takes an interface of a USB device from its host driver
 *
 * QEMU takes it for the guest when the device is added, by usbfs; a QEMU that is killed leaves it
 * without a driver. A device that is unplugged, or another one by now, has nothing to be put back:
 * the host has given that one its drivers. Links are read here, as no driver is waited for in that.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/kinds/kind.h"

#define DEVICES "/sys/bus/usb/devices"
#define USBFS "usbfs"
#define LOOKS_MAX 30 /* until a dead QEMU has let go of it */
#define LOOK_MS 100

static void device_of(const char *interface, char device[CHANGE_USB_MAX])
{
	(void)snprintf(device, CHANGE_USB_MAX, "%.*s", (int)strcspn(interface, ":"), interface);
}

static unsigned long read_id(const char *device, const char *file)
{
	char path[SYSFS_PATH_MAX], text[16];

	(void)snprintf(path, sizeof(path), DEVICES "/%.31s/%s", device, file);
	return sysfs_read(AT_FDCWD, path, text, sizeof(text)) > 0 ? strtoul(text, NULL, 16) : 0;
}

/* Is the device that was meant still there? */
static bool is_same(const struct change *c)
{
	char device[CHANGE_USB_MAX];
	uint16_t vendor, product;

	device_of(c->target, device);
	return change_usb_parse(c->to, &vendor, &product) &&
	       read_id(device, "idVendor") == vendor && read_id(device, "idProduct") == product;
}

static bool has_interface(const struct change *c)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), DEVICES "/%.31s", c->target);
	return sysfs_exists(AT_FDCWD, path);
}

static void read_driver(const struct change *c, char driver[CHANGE_TEXT_MAX])
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), DEVICES "/%.31s/driver", c->target);
	(void)sysfs_link_name(AT_FDCWD, path, driver, CHANGE_TEXT_MAX);
}

static int usb_save(struct keeper *k, const struct change *c, char driver[CHANGE_TEXT_MAX])
{
	(void)k;
	read_driver(c, driver);
	return is_same(c) && has_interface(c) ? 0 : -ENODEV;
}

static int do_work(struct keeper *k, enum work_op op, const char *target, const char *word)
{
	struct work work = { .op = op };
	struct work_reply reply;

	(void)snprintf(work.name, sizeof(work.name), "%.31s%s%.200s", target, *word ? " " : "", word);
	return device_work(k, NULL, &work, &reply);
}

static int take(struct keeper *k, const struct change *c, const char *driver)
{
	char now[CHANGE_TEXT_MAX];
	int rc = do_work(k, WORK_USB_UNBIND, c->target, driver);

	read_driver(c, now);
	return !*now ? 0 : rc ? rc : -EBUSY;
}

static int usb_apply(struct keeper *k, const struct change *c)
{
	return *c->from ? take(k, c, c->from) : 0;
}

/* It may be that the guest has chosen another configuration of the device. */
static int configure(struct keeper *k, const struct change *c)
{
	char device[CHANGE_USB_MAX], number[8];
	const char *start = strchr(c->target, ':');

	device_of(c->target, device);
	(void)snprintf(number, sizeof(number), "%.*s", start ? (int)strcspn(start + 1, ".") : 0,
		       start ? start + 1 : "");
	return do_work(k, WORK_USB_CONFIGURE, device, number);
}

/* Its old driver by name; the bus is asked when that one does not take it or is not loaded now. */
static int give(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc = do_work(k, WORK_USB_BIND, c->target, c->from);

	read_driver(c, now);
	if (!*now) {
		rc = do_work(k, WORK_USB_PROBE, c->target, "");
		read_driver(c, now);
	}
	if (!strcmp(now, c->from))
		return 0;
	return rc ? rc : -EIO;
}

/* What a process has by usbfs is its own until it closes the node. */
static void wait_for_end(const struct change *c, char driver[CHANGE_TEXT_MAX])
{
	read_driver(c, driver);
	for (int looks = 0; looks < LOOKS_MAX && !strcmp(driver, USBFS); looks++) {
		(void)poll(NULL, 0, LOOK_MS); /* nothing reports it */
		read_driver(c, driver);
	}
}

static int usb_revert(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc = 0;

	if (!is_same(c))
		return 0;
	if (!has_interface(c))
		rc = configure(k, c);
	wait_for_end(c, now);
	if (rc || !is_same(c))
		return is_same(c) ? rc : 0;
	if (!strcmp(now, USBFS))
		return -EBUSY;
	if (!strcmp(now, c->from))
		return 0;
	if (*now)
		rc = take(k, c, now);
	if (!rc && *c->from)
		rc = give(k, c);
	return is_same(c) ? rc : 0; /* unplugged meanwhile */
}

static bool usb_still_ok(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];

	(void)k;
	read_driver(c, now);
	return !is_same(c) || (has_interface(c) && !strcmp(now, c->from));
}

static const struct change_trouble troubles[] = {
	{ ENODEV, "it was unplugged just now" },
	{ EBUSY, "a disk on it is in use, or a program has it: `umount` it; `fuser -v /dev/bus/usb/*/*`" },
	{ EIO, "no driver takes it: unplug it and plug it in again" },
	{ 0 },
};

const struct change_ops change_usb = {
	.save = usb_save,
	.apply = usb_apply,
	.revert = usb_revert,
	.still_ok = usb_still_ok,
	.troubles = troubles,
};
