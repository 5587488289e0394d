/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nodes.c - what a PCI function shows to programs, found by walking its part of sysfs */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/entries.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/devices/nodes.h"

#define DEPTH_MAX 24   /* a disk behind five hubs is at 18 */
#define NODES_MAX 1024 /* a full rack of disks on one controller */

struct walk {
	int root;
	struct host_nodes *out;
};

/* A directory of the walk, and what was seen in it. */
struct place {
	struct walk *walk;
	const char *name;
	int depth;
	bool own_bus; /* of a bus that the function makes itself, as VMD does for its disks */
	bool has_dev, has_subsystem;
};

static int walk(struct walk *w, int at, const char *name, int depth, bool own_bus);

static int add_host_node(struct host_nodes *out, const struct host_node *node)
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
static int take(const struct place *p, int dir, const char *name, const char *subsystem)
{
	struct host_node node = { 0 };
	char dev[32];
	int end = 0;

	(void)snprintf(node.subsystem, sizeof(node.subsystem), "%s", subsystem);
	if (!p->has_dev || sysfs_read(dir, "dev", dev, sizeof(dev)) < 0) {
		if (strcmp(node.subsystem, "net"))
			return 0;
	} else if (sscanf(dev, "%u:%u%n", &node.major, &node.minor, &end) != 2 || dev[end]) {
		return 0;
	}
	(void)snprintf(node.name, sizeof(node.name), "%s", name);
	node.block = !strcmp(node.subsystem, "block");
	return add_host_node(p->walk->out, &node);
}

struct multipath {
	struct walk *walk;
	const char *controller;
	int depth;
};

static int visit_subsystem(void *context, int dir, const char *name, unsigned int type)
{
	const struct multipath *m = context;
	char link[2 * HOST_WORD_MAX + 256];

	(void)type;
	(void)snprintf(link, sizeof(link), "%s/%s", name, m->controller);
	return sysfs_exists(dir, link) ? walk(m->walk, dir, name, m->depth + 1, false) : 0;
}

/*
 * With native multipath the disks of an NVMe controller are not below it, but below a
 * subsystem that links to its controllers. Source: drivers/nvme/host/multipath.c.
 */
static int walk_nvme(struct walk *w, const char *controller, int depth)
{
	cleanup_close int fd =
		openat(w->root, "sys/class/nvme-subsystem", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct multipath m = { w, controller, depth };

	return fd < 0 ? 0 : entries_each(fd, visit_subsystem, &m);
}

/*
 * Real directories only: a link leads to another device's part. Nor into the next PCI function, but
 * for those behind a root bus that this one makes.
 */
static bool enter(const struct place *p, const char *name)
{
	struct pci_address function;

	if (!strcmp(p->name, "net"))
		return true; /* network interfaces are named by users */
	return (p->own_bus || !pci_address_parse(name, &function)) && strcmp(name, "vfio-dev") &&
	       !entries_without_devices(name);
}

static int visit(void *context, int dir, const char *name, unsigned int type)
{
	struct place *p = context;

	if (!strcmp(name, "dev"))
		p->has_dev = true;
	else if (!strcmp(name, "subsystem"))
		p->has_subsystem = true;
	return type == DT_DIR && enter(p, name)
		       ? walk(p->walk, dir, name, p->depth + 1,
			      p->own_bus || (!strncmp(name, "pci", 3) && strchr(name, ':')))
		       : 0;
}

static int walk(struct walk *w, int at, const char *name, int depth, bool own_bus)
{
	cleanup_close int dir = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct place p = { .walk = w, .name = name, .depth = depth, .own_bus = own_bus };
	char subsystem[HOST_WORD_MAX] = "";
	int r;

	if (dir < 0)
		return 0; /* gone meanwhile */
	if (depth > DEPTH_MAX) {
		w->out->truncated = true;
		return 0;
	}
	r = entries_each(dir, visit, &p);
	if (r == -ENOENT)
		r = 0; /* gone meanwhile, too */
	if (p.has_subsystem)
		(void)sysfs_link_name(dir, "subsystem", subsystem, sizeof(subsystem));
	if (!r)
		r = take(&p, dir, name, subsystem);
	if (!r && !strcmp(subsystem, "nvme"))
		r = walk_nvme(w, name, depth);
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
	char path[64];

	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", d->name);
	return host_nodes_below(h, path, out);
}

/** host_nodes_below() - the same of any directory of sysfs */
int host_nodes_below(struct host *h, const char *path, struct host_nodes *out)
{
	struct walk w = { host_root_fd(h), out };
	int r;

	*out = (struct host_nodes){ 0 };
	r = walk(&w, w.root, path, 0, false);
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
