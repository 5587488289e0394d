/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evdev-identity.c - is an input device the one that it was, plugged in again?
 *
 * Its event node gets the lowest number that is free, so mostly the one that it had, and sometimes
 * that of another one that went with it. Source: drivers/input/input.c, input_get_new_minor()
 */
#include <stdio.h>
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
	char path[64], text[4096];

	*out = (struct evdev_identity){ .sum = 0 };
	if (!read_instance(root, node, &out->instance))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		(void)snprintf(path, sizeof(path), "sys/class/input/event%u/device/%s", node,
			       parts[i]);
		if (sysfs_read(root, path, text, sizeof(text)) <= 0)
			return false;
		out->sum = out->sum * CHECKSUM_PRIME ^ checksum(text, strlen(text));
	}
	return true;
}
