/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nodes.c - what a PCI function shows to programs, found by walking its part of sysfs */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/nodes.h"

#define DEPTH_MAX 24   /* a disk behind five hubs is at 18 */
#define NODES_MAX 1024 /* a full rack of disks on one controller */

struct walk {
	int root;
	struct host_nodes *out;
};

static int walk(struct walk *w, int at, const char *name, int depth);

static int add(struct host_nodes *out, const struct host_node *node)
{
	struct host_node *bigger;

	for (size_t i = 0; i < out->count; i++)
		if (!strcmp(out->item[i].name, node->name) &&
		    !strcmp(out->item[i].subsystem, node->subsystem))
			return 0;
	if (out->count == NODES_MAX) {
		out->truncated = true;
		return 0;
	}
	bigger = reallocarray(out->item, out->count + 1, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	out->item = bigger;
	out->item[out->count++] = *node;
	return 0;
}

/* Is this directory a device that programs can open, or a network interface? */
static int take(struct walk *w, int dir, const char *name)
{
	struct host_node node = { 0 };
	char dev[32];
	int end = 0;

	(void)sysfs_link_name(dir, "subsystem", node.subsystem, sizeof(node.subsystem));
	if (sysfs_read(dir, "dev", dev, sizeof(dev)) < 0) {
		if (strcmp(node.subsystem, "net"))
			return 0;
	} else if (sscanf(dev, "%u:%u%n", &node.major, &node.minor, &end) != 2 || dev[end]) {
		return 0;
	}
	(void)snprintf(node.name, sizeof(node.name), "%s", name);
	node.block = !strcmp(node.subsystem, "block");
	return add(w->out, &node);
}

/*
 * With native multipath the disks of an NVMe controller are not below it, but below a
 * subsystem that links to its controllers. Source: drivers/nvme/host/multipath.c.
 */
static int walk_nvme(struct walk *w, const char *controller, int depth)
{
	int fd = openat(w->root, "sys/class/nvme-subsystem", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int r = 0;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return 0;
	}
	while (!r && (e = readdir(dir))) {
		char link[2 * HOST_WORD_MAX + 256];

		(void)snprintf(link, sizeof(link), "%s/%s", e->d_name, controller);
		if (e->d_name[0] != '.' && sysfs_exists(fd, link))
			r = walk(w, fd, e->d_name, depth + 1);
	}
	return r;
}

static bool is_nvme(int dir)
{
	char subsystem[HOST_WORD_MAX];

	return !sysfs_link_name(dir, "subsystem", subsystem, sizeof(subsystem)) &&
		!strcmp(subsystem, "nvme");
}

/* Real directories only: a link leads to somebody else's part. Nor into the next PCI function. */
static bool enter(int dir, const struct dirent *e)
{
	struct pci_address function;
	struct stat st;

	if (e->d_name[0] == '.' || pci_address_parse(e->d_name, &function) ||
	    !strcmp(e->d_name, "vfio-dev") || !strcmp(e->d_name, "power"))
		return false;
	return !fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) && S_ISDIR(st.st_mode);
}

static int walk(struct walk *w, int at, const char *name, int depth)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int r;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return 0; /* gone meanwhile */
	}
	if (depth > DEPTH_MAX) {
		w->out->truncated = true;
		return 0;
	}
	r = take(w, fd, name);
	if (!r && is_nvme(fd))
		r = walk_nvme(w, name, depth);
	while (!r && (e = readdir(dir)))
		if (enter(fd, e))
			r = walk(w, fd, e->d_name, depth + 1);
	return r;
}

static int by_name(const void *a, const void *b)
{
	const struct host_node *x = a, *y = b;
	int by_subsystem = strcmp(x->subsystem, y->subsystem);

	return by_subsystem ? by_subsystem : strcmp(x->name, y->name);
}

/**
 * host_nodes() - the nodes below /dev and the network interfaces of a function
 * @out:	overwritten, sorted by subsystem and name; freed with host_nodes_fini()
 *
 * All that its drivers made: screens, sound, input, disks and their partitions, USB
 * devices, whatever has a number. What is not in sysfs is not seen (NVIDIA's own nodes).
 *
 * Return: 0 or -ENOMEM
 */
int host_nodes(struct host *h, const struct host_device *d, struct host_nodes *out)
{
	struct walk w = { host_root_fd(h), out };
	char path[64];
	int r;

	*out = (struct host_nodes){ 0 };
	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", d->name);
	r = walk(&w, w.root, path, 0);
	if (r)
		host_nodes_fini(out);
	else if (out->count)
		qsort(out->item, out->count, sizeof(*out->item), by_name);
	return r;
}

/** host_nodes_fini() - free the array */
void host_nodes_fini(struct host_nodes *nodes)
{
	free(nodes->item);
	*nodes = (struct host_nodes){ 0 };
}

/**
 * host_block_name() - where a block device stands below /dev
 * @major, @minor:	as stat(2) has them, so that no link is followed by name
 * @buf:		receives "nvme0n1p3", "dm-3", "cciss/c0d0"
 *
 * Return: 0; -ENOENT: no such device; -EOVERFLOW
 */
int host_block_name(struct host *h, uint32_t major, uint32_t minor, char *buf, size_t size)
{
	char path[64];
	int r;

	(void)snprintf(path, sizeof(path), "sys/dev/block/%u:%u", major, minor);
	r = sysfs_link_name(host_root_fd(h), path, buf, size);
	for (char *c = buf; *c; c++)
		if (*c == '!') /* the kernel's stand-in for a slash */
			*c = '/';
	return r;
}
