/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usb-facts.c - which USB devices there are, as far as a VM wants them
 *
 * Ids and numbers are what the kernel read when the device was plugged in: no driver is waited for.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/entries.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/keeper.h"

#define DEVICES "/sys/bus/usb/devices"
#define CLASS_HUB 9

static bool read_number(const char *name, const char *file, int base, unsigned long *out)
{
	char path[SYSFS_PATH_MAX], text[16], *end;

	(void)snprintf(path, sizeof(path), DEVICES "/%.31s/%s", name, file);
	if (sysfs_read(AT_FDCWD, path, text, sizeof(text)) <= 0)
		return false;
	*out = strtoul(text, &end, base);
	return end != text;
}

/**
 * usb_read() - what is in a port
 * @name:	"1-2.3"
 *
 * Return: false: nothing that could be given, also when it is not set up yet
 */
bool usb_read(const char *name, struct usb_found *out)
{
	unsigned long vendor = 0, product = 0, number = 0, class = 0, configuration = 0;

	*out = (struct usb_found){ .number = 0 };
	if (!change_is_usb(name) || !read_number(name, "idVendor", 16, &vendor) ||
	    !read_number(name, "idProduct", 16, &product) ||
	    !read_number(name, "devnum", 10, &number) ||
	    !read_number(name, "bConfigurationValue", 10, &configuration) ||
	    (read_number(name, "bDeviceClass", 16, &class) && class == CLASS_HUB))
		return false;
	(void)snprintf(out->name, sizeof(out->name), "%s", name);
	out->vendor = (uint16_t)vendor;
	out->product = (uint16_t)product;
	out->number = (unsigned int)number;
	return true;
}

struct search {
	const struct keeper_usb *wanted;
	struct usb_found *out;
	size_t count;
};

static int visit_device(void *context, int dir, const char *name, unsigned int type)
{
	struct search *s = context;
	struct usb_found found;

	(void)dir;
	(void)type;
	if (!usb_read(name, &found) || found.vendor != s->wanted->vendor ||
	    found.product != s->wanted->product)
		return 0;
	if (!s->count++)
		*s->out = found;
	return 0;
}

/**
 * usb_find() - the device that a VM wants
 * @out:	the first that fits
 *
 * Return: how many fit
 */
size_t usb_find(const struct keeper_usb *wanted, struct usb_found *out)
{
	struct search s = { wanted, out, 0 };
	cleanup_close int dir = -1;

	if (*wanted->port)
		return usb_read(wanted->port, out);
	dir = open(DEVICES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 || entries_each(dir, visit_device, &s) ? 0 : s.count;
}

struct listing {
	const char *device;
	struct usb_interfaces *out;
};

static int visit_interface(void *context, int dir, const char *name, unsigned int type)
{
	struct listing *l = context;
	size_t length = strlen(l->device);

	(void)dir;
	(void)type;
	if (l->out->count < USB_INTERFACES_MAX && !strncmp(name, l->device, length) &&
	    name[length] == ':' && change_is_usb_interface(name))
		(void)snprintf(l->out->name[l->out->count++], CHANGE_USB_MAX, "%s", name);
	return 0;
}

/** usb_list_interfaces() - of a device, by their names; none while it is being set up */
void usb_list_interfaces(const char *device, struct usb_interfaces *out)
{
	cleanup_close int dir = open(DEVICES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct listing l = { device, out };

	out->count = 0;
	if (dir >= 0 && entries_each(dir, visit_interface, &l))
		out->count = 0;
}

/** usb_open_node() - have the node of a device opened, into k->came; 0 or -errno as device_work() */
int usb_open_node(struct keeper *k, const struct usb_found *d)
{
	struct work work = { .op = WORK_USB_OPEN, .vendor = d->vendor, .device = d->product };
	struct work_reply reply;

	(void)snprintf(work.name, sizeof(work.name), "%s", d->name);
	return device_work(k, NULL, &work, &reply);
}
