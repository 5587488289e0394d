/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.c - the screen and the keyboards of a person at this machine
 *
 * A second card with a text console on it is not the console's: the kernel moves that
 * console away by itself when the driver goes, and back when it returns (tried, 6.1 to
 * 7.2). The card that the firmware booted on is another matter: on it may be all that
 * this machine shows, and a firmware's framebuffer cannot be brought back at all once
 * vfio-pci has had the card (tried, 6.1 to 7.2).
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/devices/card.h"
#include "launcher/host/devices/evdev.h"
#include "launcher/host/seat/console.h"
#include "launcher/host/small-file.h"

/* The platform devices that a firmware's framebuffer is. Source: drivers/firmware/sysfb.c. */
static const char *const framebuffers[] = { "efi-framebuffer.*", "vesa-framebuffer.*",
					    "simple-framebuffer.*" };

static bool has_framebuffer(int root, const char *directory)
{
	char **name;
	size_t count;
	bool found = false;

	if (host_list(root, directory, &name, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < ARRAY_SIZE(framebuffers); k++)
			found |= !fnmatch(framebuffers[k], name[i], 0);
	host_list_free(name, count);
	return found;
}

/*
 * Owners of a firmware's framebuffer in /proc/iomem. Sources: drivers/firmware/sysfb_simplefb.c,
 * drivers/video/fbdev/{efifb,vesafb,simplefb}.c, drivers/gpu/drm/sysfb/.
 */
static const char *const memory_owners[] = { "BOOTFB", "efifb", "vesafb", "simplefb",
					     "simple-framebuffer*", "simpledrm", "efidrm", "vesadrm" };

static bool is_memory_owner(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(memory_owners); i++)
		if (!fnmatch(memory_owners[i], name, 0))
			return true;
	return false;
}

enum over { OVER_NONE, OVER_OTHER, OVER_THIS };

/*
 * Over whose memory is a firmware's framebuffer? What is inside another range stands below it,
 * further right; all users can read the names, only root the addresses.
 */
static enum over framebuffer_over(struct host *h, const struct host_device *d)
{
	cleanup_free char *text = NULL;
	enum over over = OVER_NONE;
	size_t card = SIZE_MAX;
	char *rest, *line;

	if (host_text(host_root_fd(h), "proc/iomem", &text))
		return OVER_NONE;
	rest = text;
	while ((line = host_next_line(&rest))) {
		size_t indent = strspn(line, " ");
		const char *name = strstr(line, " : ");

		if (!name)
			continue;
		name += 3;
		if (card != SIZE_MAX && indent <= card)
			card = SIZE_MAX;
		if (!strcmp(name, d->name))
			card = indent;
		else if (is_memory_owner(name) && card != SIZE_MAX)
			return OVER_THIS;
		else if (is_memory_owner(name))
			over = OVER_OTHER;
	}
	return over;
}

/* By its memory; else since Linux 6.12 it is the card's child, and before boot_vga must do. */
static bool is_on_firmware(struct host *h, const struct host_device *d)
{
	enum over over = *d->driver ? OVER_NONE : framebuffer_over(h, d);
	char path[64];

	if (*d->driver || over != OVER_NONE)
		return over == OVER_THIS;
	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", d->name);
	if (has_framebuffer(host_root_fd(h), path))
		return true;
	return d->boot_vga && has_framebuffer(host_root_fd(h), "sys/devices/platform");
}

/* Is the kernel's text console on a framebuffer, and has this card one? */
static bool has_text_console(struct host *h, const struct host_device *d)
{
	char path[128], name[64], **console;
	int root = host_root_fd(h);
	bool bound = false;
	size_t count;

	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/graphics", d->name);
	if (!sysfs_exists(root, path) || host_list(root, "sys/class/vtconsole", &console, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		int64_t bind = 0;

		(void)snprintf(path, sizeof(path), "sys/class/vtconsole/%s/name", console[i]);
		(void)sysfs_read(root, path, name, sizeof(name));
		(void)snprintf(path, sizeof(path), "sys/class/vtconsole/%s/bind", console[i]);
		if (!sysfs_read_number(root, path, &bind) && bind && strstr(name, "frame buffer"))
			bound = true;
	}
	host_list_free(console, count);
	return bound;
}

/* Whether anything else could show a picture; asked for the boot card only. */
static int is_only_display(struct host *h, const struct host_device *d, bool *out)
{
	struct host_devices all;
	int r = host_all(h, &all);

	*out = !r;
	for (size_t i = 0; !r && i < all.count; i++)
		if (all.item[i] != d && host_device_is_display(all.item[i]) && !all.item[i]->vfio &&
		    !host_has_no_outputs(all.item[i]) && !host_device_is_virtual(all.item[i]))
			*out = false;
	host_devices_fini(&all);
	return r;
}

/**
 * host_console() - is this the card that shows the host's own console?
 * @out:	why it is, or HOST_CONSOLE_NONE; of a card that a guest may have already only whether
 *		the firmware's framebuffer keeps its memory from that guest
 *
 * Return: 0 or -errno
 */
int host_console(struct host *h, const struct host_device *d, enum host_console *out)
{
	bool only = false;
	int r = 0;

	*out = HOST_CONSOLE_NONE;
	if (!host_device_is_display(d))
		return 0;
	if (d->vfio && framebuffer_over(h, d) == OVER_THIS)
		*out = HOST_CONSOLE_OVER;
	if (d->vfio)
		return 0;
	if (d->boot_vga)
		r = is_only_display(h, d, &only);
	if (is_on_firmware(h, d))
		*out = HOST_CONSOLE_FIRMWARE;
	else if (d->boot_vga && has_text_console(h, d))
		*out = HOST_CONSOLE_TEXT;
	else if (only)
		*out = HOST_CONSOLE_ONLY;
	return r;
}

/** host_serial_console() - does the kernel write its console to this tty ("ttyS4")? */
bool host_serial_console(struct host *h, const char *tty)
{
	char text[256], *save = NULL;

	if (sysfs_read(host_root_fd(h), "sys/class/tty/console/active", text, sizeof(text)) < 0)
		return false;
	for (char *t = strtok_r(text, " ", &save); t; t = strtok_r(NULL, " ", &save))
		if (!strcmp(t, tty))
			return true;
	return false;
}

static bool is_below(const char *sysfs, const struct host_device *const *device, size_t count)
{
	char part[PCI_ADDRESS_TEXT + 2];

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(part, sizeof(part), "/%s/", device[i]->name);
		if (strstr(sysfs, part))
			return true;
	}
	return false;
}

/**
 * host_keyboards() - how many keyboards go with these devices, and how many stay
 *
 * Return: 0 or -errno of /proc/bus/input/devices
 */
int host_keyboards(struct host *h, const struct host_device *const *device, size_t count,
		   struct host_keyboards *out)
{
	const char *name = "", *sysfs = "";
	cleanup_free char *text = NULL;
	int r = host_text(host_root_fd(h), "proc/bus/input/devices", &text);
	char *rest = text, *line;

	*out = (struct host_keyboards){ 0 };
	while (!r && (line = host_next_line(&rest))) {
		if (!strncmp(line, "N: Name=", 8))
			name = line + 8;
		else if (!strncmp(line, "S: Sysfs=", 9))
			sysfs = line + 9;
		if (strncmp(line, "B: KEY=", 7) || !host_is_keyboard(line + 7))
			continue;
		if (!is_below(sysfs, device, count))
			out->others++;
		else if (!out->below++)
			(void)snprintf(out->name, sizeof(out->name), "%s", name);
	}
	return r;
}
