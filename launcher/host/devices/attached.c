/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attached.c - what hangs on a device: screens on a card, USB devices on a controller */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/devices/attached.h"
#include "launcher/host/small-file.h"

#define USB_DEPTH_MAX 16 /* seven hubs, and an interface between each two */

static int add_attached(struct host_attached **out, size_t *count, const struct host_attached *new)
{
	struct host_attached *bigger = reallocarray(*out, *count + 1, sizeof(*bigger));

	if (!bigger)
		return -ENOMEM;
	*out = bigger;
	bigger[(*count)++] = *new;
	return 0;
}

#define EDID_BLOCK 128

/*
 * The monitor's name: of four descriptors of 18 bytes the one that begins with 00 00 00 fc 00, up to a
 * newline; else its maker's three letters and number. Source: VESA E-EDID A.2, 3.4.1 and 3.10.3.4
 */
static void name_monitor(const uint8_t *edid, char *buf, size_t size)
{
	static const uint8_t head[] = { 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0 }, mark[] = { 0, 0, 0, 0xfc, 0 };
	unsigned int maker = (unsigned int)edid[8] << 8 | edid[9];

	if (memcmp(edid, head, sizeof(head)) != 0)
		return;
	for (const uint8_t *d = edid + 54; d < edid + 126; d += 18)
		if (!memcmp(d, mark, sizeof(mark))) {
			(void)snprintf(buf, size, "%.13s", (const char *)d + 5);
			buf[strcspn(buf, "\n")] = '\0';
			buf[strlen(buf) - (*buf && buf[strlen(buf) - 1] == ' ')] = '\0';
			return;
		}
	(void)snprintf(buf, size, "%c%c%c %04x", '@' + (maker >> 10 & 31), '@' + (maker >> 5 & 31), '@' + (maker & 31),
		       (unsigned int)edid[11] << 8 | edid[10]);
}

/* What the driver has read from it already. */
static void read_monitor(int root, const char *card, const char *entry, char *buf, size_t size)
{
	uint8_t edid[EDID_BLOCK];
	cleanup_close int fd = -1;
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s/edid", card, entry);
	fd = openat(root, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0 && read(fd, edid, sizeof(edid)) == (ssize_t)sizeof(edid))
		name_monitor(edid, buf, size);
}

/* The state that the driver knows already: reading it does not probe the screen. */
static int add_connector(int root, const char *card, const char *entry, struct host_attached **out,
			 size_t *count)
{
	struct host_attached new = { .title = "" };
	const char *dash = strchr(entry, '-');
	char path[512];

	if (!dash)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/%s/status", card, entry);
	if (sysfs_read(root, path, new.status, sizeof(new.status)) < 0)
		return 0;
	(void)snprintf(new.name, sizeof(new.name), "%s", dash + 1);
	read_monitor(root, card, entry, new.title, sizeof(new.title));
	return add_attached(out, count, &new);
}

/**
 * host_connectors() - the sockets of a graphics card, and whether a screen is on them
 * @out:	freed with free()
 *
 * Return: 0 (also for none) or -ENOMEM
 */
int host_connectors(struct host *h, const struct host_device *d, struct host_attached **out,
		    size_t *count)
{
	char drm[64], card[256], **cards, **entry;
	int root = host_root_fd(h), r;
	size_t card_count, entries;

	*out = NULL;
	*count = 0;
	if (!host_device_is_display(d))
		return 0;
	(void)snprintf(drm, sizeof(drm), "sys/bus/pci/devices/%s/drm", d->name);
	if (host_list(root, drm, &cards, &card_count))
		return 0;
	r = 0;
	for (size_t i = 0; i < card_count && !r; i++) {
		(void)snprintf(card, sizeof(card), "%s/%.128s", drm, cards[i]);
		if (strncmp(cards[i], "card", 4) || host_list(root, card, &entry, &entries))
			continue;
		for (size_t k = 0; k < entries && !r; k++)
			if (!strncmp(entry[k], cards[i], strlen(cards[i])))
				r = add_connector(root, card, entry[k], out, count);
		host_list_free(entry, entries);
	}
	host_list_free(cards, card_count);
	return r;
}

static bool is_directory(int root, const char *path)
{
	struct stat st;

	return !fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

/* A device has ids; a root hub is the controller itself, an interface has none. */
static int add_usb(int root, const char *path, const char *name, struct host_attached **out,
		   size_t *count)
{
	struct host_attached new = { .title = "" };
	char file[1100], vendor[8], product[8];

	(void)snprintf(file, sizeof(file), "%s/idVendor", path);
	if (sysfs_read(root, file, vendor, sizeof(vendor)) < 0)
		return 0;
	(void)snprintf(file, sizeof(file), "%s/idProduct", path);
	(void)sysfs_read(root, file, product, sizeof(product));
	(void)snprintf(file, sizeof(file), "%s/product", path);
	(void)sysfs_read(root, file, new.title, sizeof(new.title));
	(void)snprintf(new.name, sizeof(new.name), "%s", name);
	(void)snprintf(new.status, sizeof(new.status), "%s:%s", vendor, product);
	return add_attached(out, count, &new);
}

static int walk_usb(int root, const char *path, int depth, struct host_attached **out,
		    size_t *count)
{
	char **name, below[1024];
	size_t names;
	int r = 0;

	if (depth > USB_DEPTH_MAX || host_list(root, path, &name, &names))
		return 0;
	for (size_t i = 0; i < names && !r; i++) {
		bool hub = !strncmp(name[i], "usb", 3) && isdigit((unsigned char)name[i][3]);

		if (!hub && !isdigit((unsigned char)name[i][0]))
			continue;
		if ((size_t)snprintf(below, sizeof(below), "%s/%s", path, name[i]) >=
			    sizeof(below) ||
		    !is_directory(root, below))
			continue;
		if (!hub)
			r = add_usb(root, below, name[i], out, count);
		if (!r)
			r = walk_usb(root, below, depth + 1, out, count);
	}
	host_list_free(name, names);
	return r;
}

/**
 * host_usb_devices() - what is plugged into a USB controller, hubs included
 * @out:	freed with free()
 *
 * Return: 0 (also for none, and for what is no USB controller) or -ENOMEM
 */
int host_usb_devices(struct host *h, const struct host_device *d, struct host_attached **out,
		     size_t *count)
{
	char path[64];

	*out = NULL;
	*count = 0;
	if (d->class_id >> 8 != 0x0c03)
		return 0;
	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", d->name);
	return walk_usb(host_root_fd(h), path, 0, out, count);
}
