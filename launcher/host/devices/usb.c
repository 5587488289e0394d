/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usb.c - the USB devices of the host, and the drivers of their interfaces
 *
 * Source: Documentation/ABI/testing/sysfs-bus-usb, Documentation/driver-api/usb/usb.rst
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/devices/usb.h"
#include "launcher/host/small-file.h"

#define DEVICES "sys/bus/usb/devices"
#define CLASS_HUB 9

static bool read_text(int root, const char *name, const char *file, char *buf, size_t size)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), DEVICES "/%.64s/%s", name, file);
	return sysfs_read(root, path, buf, size) > 0;
}

static unsigned long read_number(int root, const char *name, const char *file, int base)
{
	char text[32];

	return read_text(root, name, file, text, sizeof(text)) ? strtoul(text, NULL, base) : 0;
}

/* An interface has no ids, a device has. */
static bool read_device(int root, const char *name, struct host_usb *out)
{
	char text[16];

	*out = (struct host_usb){ .bus = 0 };
	if (strlen(name) >= sizeof(out->name) || strchr(name, ':') ||
	    !read_text(root, name, "idVendor", text, sizeof(text)))
		return false;
	(void)snprintf(out->name, sizeof(out->name), "%s", name);
	out->vendor = (uint16_t)strtoul(text, NULL, 16);
	out->product = (uint16_t)read_number(root, name, "idProduct", 16);
	out->bus = (unsigned int)read_number(root, name, "busnum", 10);
	out->number = (unsigned int)read_number(root, name, "devnum", 10);
	out->root_hub = !isdigit((unsigned char)*name);
	out->hub = read_number(root, name, "bDeviceClass", 16) == CLASS_HUB;
	(void)read_text(root, name, "product", out->title, sizeof(out->title));
	return true;
}

static void add_interface(int root, const char *name, struct host_usb *all, size_t count)
{
	size_t length = strcspn(name, ":");
	char path[SYSFS_PATH_MAX];

	for (size_t i = 0; i < count; i++) {
		struct host_usb *d = &all[i];
		struct host_usb_interface *in = &d->interface[d->interface_count];

		if (strlen(d->name) != length || strncmp(d->name, name, length) ||
		    d->interface_count == HOST_USB_INTERFACES_MAX || strlen(name) >= sizeof(in->name))
			continue;
		(void)snprintf(in->name, sizeof(in->name), "%s", name);
		(void)snprintf(path, sizeof(path), DEVICES "/%s/driver", in->name);
		(void)sysfs_link_name(root, path, in->driver, sizeof(in->driver));
		d->interface_count++;
	}
}

/**
 * host_usb_all() - what is plugged in, hubs and root hubs included
 * @out:	freed with free()
 *
 * Return: 0, also for none; -ENOMEM
 */
int host_usb_all(struct host *h, struct host_usb **out, size_t *count)
{
	int root = host_root_fd(h);
	size_t names;
	char **name;

	*out = NULL;
	*count = 0;
	if (host_list(root, DEVICES, &name, &names))
		return 0;
	*out = calloc(names + 1, sizeof(**out));
	for (size_t i = 0; *out && i < names; i++)
		*count += read_device(root, name[i], &(*out)[*count]);
	for (size_t i = 0; *out && i < names; i++)
		if (strchr(name[i], ':'))
			add_interface(root, name[i], *out, *count);
	host_list_free(name, names);
	return *out ? 0 : -ENOMEM;
}

/** host_usb_nodes() - disks, sound cards, terminals: as host_nodes() */
int host_usb_nodes(struct host *h, const struct host_usb *d, struct host_nodes *out)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), DEVICES "/%s", d->name);
	return host_nodes_below(h, path, out);
}

/**
 * host_usb_place() - its directory in sysfs, without "/sys" and with a slash behind it
 *
 * What is below it starts with that. Return: 0 or -errno
 */
int host_usb_place(struct host *h, const struct host_usb *d, char *buf, size_t size)
{
	char path[SYSFS_PATH_MAX], target[SYSFS_PATH_MAX];
	const char *start = target;
	ssize_t n;

	(void)snprintf(path, sizeof(path), DEVICES "/%s", d->name);
	n = readlinkat(host_root_fd(h), path, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	while (!strncmp(start, "../", 3))
		start += 3;
	return (size_t)snprintf(buf, size, "/%s/", start) < size ? 0 : -EOVERFLOW;
}
