/* SPDX-License-Identifier: GPL-2.0-or-later */
/* jail-nodes.c - the numbers of the device nodes that a plan can name */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/jail/jail-inside.h"

/* clang-format off */
/* The nodes that a plan can name; numbers 0, 0 are read from the file that the kernel has. */
static const struct {
	const char *path;
	unsigned int major, minor;
	const char *number;	/* file that holds "major:minor" */
} known_nodes[] = {
	{ "null",      1, 3, NULL },
	{ "zero",      1, 5, NULL },
	{ "full",      1, 7, NULL },
	{ "random",    1, 8, NULL },
	{ "urandom",   1, 9, NULL },
	{ "bus/usb/000/000", 1, 3, NULL },
	{ "kvm",       0, 0, "/sys/class/misc/kvm/dev" },
	{ "vfio/vfio", 0, 0, "/sys/class/misc/vfio/dev" },
	{ "net/tun",   0, 0, "/sys/class/misc/tun/dev" },
};
/* clang-format on */

/**
 * jail_node_find() - a node under its own name
 *
 * A plan has "vfio/0000:03:00.1" for the group of a virtual function that it makes: the name is the
 * group's number, which is known now.
 *
 * Return: 0; -1 and errno: it is in no group
 */
int jail_node_find(const struct keeper_node *n, struct keeper_node *out)
{
	char path[64 + KEEPER_NODE_PATH_MAX], group[16];

	*out = *n;
	if (strncmp(n->path, "vfio/", 5) != 0 || !strchr(n->path, ':'))
		return 0;
	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", n->path + 5);
	if (sysfs_link_name(AT_FDCWD, path, group, sizeof(group)) || !*group) {
		errno = ENODEV;
		return -1;
	}
	(void)snprintf(out->path, sizeof(out->path), "vfio/%s", group);
	return 0;
}

/** jail_node_numbers() - from the table, from the kernel, or for a disk from the plan; 0 or -1, errno */
int jail_node_numbers(const struct keeper_node *n, dev_t *out)
{
	char path[96], text[32];
	const char *number = NULL;
	unsigned int major_no, minor_no;

	for (size_t i = 0; i < ARRAY_SIZE(known_nodes); i++) {
		if (strcmp(known_nodes[i].path, n->path))
			continue;
		number = known_nodes[i].number;
		if (!number) {
			*out = makedev(known_nodes[i].major, known_nodes[i].minor);
			return 0;
		}
	}
	if (!number && !strncmp(n->path, "vfio/", 5)) {
		(void)snprintf(path, sizeof(path), "/sys/class/vfio/%s/dev", n->path + 5);
		number = path;
	}
	/* the kernel's number, which must still be the plan's: it can be another device by now */
	if (!number && !strncmp(n->path, "input/event", 11)) {
		(void)snprintf(path, sizeof(path), "/sys/class/input/%s/dev", n->path + 6);
		number = path;
	}
	if (!number && !strncmp(n->path, "dri/renderD", 11)) {
		(void)snprintf(path, sizeof(path), "/sys/class/drm/%s/dev", n->path + 4);
		number = path;
	}
	if (!number && n->block && n->major) {
		*out = makedev(n->major, n->minor);
		return 0;
	}
	if (!number || sysfs_read(AT_FDCWD, number, text, sizeof(text)) <= 0 ||
	    sscanf(text, "%u:%u", &major_no, &minor_no) != 2) {
		errno = ENODEV;
		return -1;
	}
	if (number == path && strncmp(n->path, "vfio/", 5) != 0 &&
	    (major_no != n->major || minor_no != n->minor)) {
		errno = ESTALE;
		return -1;
	}
	*out = makedev(major_no, minor_no);
	return 0;
}
