/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evdev-identity.c - is an input device the one that it was, plugged in again?
 *
 * Its event node gets the lowest number that is free, so mostly the one that it had, and sometimes
 * that of another one that went with it. Source: drivers/input/input.c, input_get_new_minor()
 */
#include <linux/input.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/checksum.h"
#include "launcher/base/cleanup.h"
#include "launcher/base/evdev-identity.h"
#include "launcher/base/sysfs.h"

/* "../../devices/.../input/input27/event5" */
static bool read_instance(int root, unsigned int node, uint32_t *out)
{
	char path[64], target[512], *end;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "sys/class/input/event%u", node);
	n = readlinkat(root, path, target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	end = strrchr(target, '/');
	if (!end)
		return false;
	*end = '\0';
	end = strrchr(target, '/');
	if (!end || sscanf(end, "/input%u", out) != 1)
		return false;
	++*out; /* the kernel's first is input0 */
	return true;
}

static ssize_t read_of(int root, unsigned int node, const char *what, char *text, size_t size)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "sys/class/input/event%u/device/%s", node, what);
	return sysfs_read(root, path, text, size);
}

/**
 * evdev_identify() - who is behind an event node?
 * @root:	directory that holds sys/
 * @node:	its number: that of event3 is 3
 *
 * Return: false: there is none
 */
bool evdev_identify(int root, unsigned int node, struct evdev_identity *out)
{
	static const char *const parts[] = { "name", "modalias" };
	char text[4096];

	*out = (struct evdev_identity){ .sum = 0 };
	if (!read_instance(root, node, &out->instance))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (read_of(root, node, parts[i], text, sizeof(text)) <= 0)
			return false;
		out->sum = out->sum * CHECKSUM_PRIME ^ checksum(text, strlen(text));
	}
	return true;
}

/** evdev_has_key() - does a device with this capabilities/key of sysfs have that key? */
bool evdev_has_key(const char *bitmap, unsigned int key)
{
	const char *end = bitmap + strlen(bitmap);

	/* the last word of the bitmap is the lowest */
	for (unsigned int word = 0; end > bitmap; word++) {
		const char *start = end;

		while (start > bitmap && start[-1] != ' ')
			start--;
		if (word == key / 64)
			return strtoull(start, NULL, 16) >> key % 64 & 1;
		end = start > bitmap ? start - 1 : bitmap;
	}
	return false;
}

/**
 * evdev_is_own_button() - is it a power button of the machine's own, on the platform's bus?
 * @root:	directory that holds sys/
 *
 * Its driver is not asked, as it is by open(2): one that hangs would keep whoever asks.
 *
 * Source: drivers/input/input.c, input_dev_attrs; drivers/acpi/button.c, drivers/platform/x86/intel/hid.c
 */
bool evdev_is_own_button(int root, unsigned int node)
{
	char text[512];

	if (read_of(root, node, "id/bustype", text, sizeof(text)) <= 0 || strtoul(text, NULL, 16) != BUS_HOST)
		return false;
	if (read_of(root, node, "capabilities/key", text, sizeof(text)) <= 0)
		return false;
	return evdev_has_key(text, KEY_POWER) || evdev_has_key(text, KEY_POWER2);
}
