/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holding.c - who holds a device, for the messages about one that does not come free
 *
 * A driver that is asked to let go takes its nodes away first and waits then, so their
 * numbers are remembered before. In /proc a holder's path then reads "(deleted)"; the
 * numbers of what it has open still tell.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/entries.h"
#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/caps.h"
#include "launcher/keeper/holding.h"

#define DEPTH_MAX 6 /* sound/card0/input12/event7/dev */
#define HOLDERS_MAX 16

static void add_node(struct holding *h, int dir)
{
	struct holder_target *t = &h->node[h->count];
	char text[32], subsystem[32];

	if (h->count == HOLDING_NODES_MAX || sysfs_read(dir, "dev", text, sizeof(text)) <= 0 ||
	    sscanf(text, "%u:%u", &t->major, &t->minor) != 2)
		return;
	(void)sysfs_link_name(dir, "subsystem", subsystem, sizeof(subsystem));
	t->block = !strcmp(subsystem, "block");
	t->any_vfio_device = false;
	h->count++;
}

/* A directory of the walk, and what was seen in it. */
struct place {
	struct holding *holding;
	int depth;
	bool has_dev;
};

static void walk(struct holding *h, int at, const char *name, int depth);

/* Real directories only: links lead to other devices. */
static int visit(void *context, int dir, const char *name, unsigned int type)
{
	struct place *p = context;

	if (!strcmp(name, "dev"))
		p->has_dev = true;
	else if (type == DT_DIR && p->depth < DEPTH_MAX && !entries_without_devices(name))
		walk(p->holding, dir, name, p->depth + 1);
	return 0;
}

static void walk(struct holding *h, int at, const char *name, int depth)
{
	cleanup_close int dir = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct place p = { .holding = h, .depth = depth };

	/* what went away while it was read has no node any more */
	if (dir >= 0 && !entries_each(dir, visit, &p) && p.has_dev)
		add_node(h, dir);
}

/**
 * holding_remember() - the nodes that a device's driver has made
 * @h:	filled; what goes beyond its room is left out
 */
void holding_remember(struct holding *h, const struct journal_device *d)
{
	char path[96];

	h->count = 0;
	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/", d->name);
	walk(h, AT_FDCWD, path, 0);
}

/* Scans /proc with the one capability that it takes; -1: it could not be read */
static int scan(const struct holder_target *t, size_t count, struct holder *out, size_t room)
{
	cleanup_close int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct holder_scan result;
	int rc;

	if (proc < 0)
		return -1;
	caps_raise(CAP_SYS_PTRACE);
	caps_raise(CAP_DAC_READ_SEARCH);
	rc = holders_scan(proc, t, count, out, room, &result);
	caps_rest();
	return rc ? -1 : (int)result.found;
}

static void say_holder(const char *what, const struct holder *h)
{
	char comm[HOLDER_COMM_MAX * 4], path[HOLDER_PATH_MAX * 4];

	log_error("%s: held by process %d (%s, uid %u) through %s", what, (int)h->pid,
		  log_quote(h->comm, comm, sizeof(comm)), h->uid,
		  log_quote(h->path, path, sizeof(path)));
}

/**
 * holding_say() - name the processes that hold a device's nodes, one line each
 * @h:		as remembered
 * @device:	its address, for the messages
 */
void holding_say(const struct holding *h, const char *device)
{
	struct holder found[HOLDERS_MAX];
	int n = h->count ? scan(h->node, h->count, found, HOLDERS_MAX) : 0;

	for (int i = 0; i < n; i++)
		say_holder(device, &found[i]);
	if (n == 0)
		log_error("%s: no process is seen that holds it: something in the kernel does", device);
}

/**
 * holding_group() - who has a VFIO group open?
 * @group:	its number
 * @say:	print it
 *
 * Return: the pid of one holder, 0 when none is seen
 */
pid_t holding_group(int32_t group, bool say)
{
	struct holder_target targets[2] = { { .any_vfio_device = true } };
	struct holder found[HOLDERS_MAX];
	char path[64], text[32], what[32];
	size_t count = 1;
	int n;

	(void)snprintf(path, sizeof(path), "/sys/class/vfio/%d/dev", group);
	if (sysfs_read(AT_FDCWD, path, text, sizeof(text)) > 0 &&
	    sscanf(text, "%u:%u", &targets[1].major, &targets[1].minor) == 2)
		count = 2;
	n = scan(targets, count, found, HOLDERS_MAX);
	(void)snprintf(what, sizeof(what), "IOMMU group %d", group);
	for (int i = 0; say && i < n; i++)
		say_holder(what, &found[i]);
	if (say && n <= 0)
		log_error("%s: is still open, and no process is seen that has it", what);
	return n > 0 ? (pid_t)found[0].pid : 0;
}
