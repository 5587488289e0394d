/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail-dev.c - QEMU's /dev: the nodes of this VM, its user's, and no other
 *
 * The host's nodes are not changed: these are others, of the same numbers, on 64 KiB of
 * memory that is mounted read-only before QEMU runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/jail/jail-inside.h"

#define DEV_OPTIONS "mode=0755,size=64k,nr_inodes=128"

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
	{ "kvm",       0, 0, "/sys/class/misc/kvm/dev" },
	{ "vfio/vfio", 0, 0, "/sys/class/misc/vfio/dev" },
	{ "net/tun",   0, 0, "/sys/class/misc/tun/dev" },
};
/* clang-format on */

/* Numbers of a node, from the table, from the kernel, or for a disk from the plan. */
static int node_numbers(const struct keeper_node *n, dev_t *out)
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
	if (!number && n->block && n->major) {
		*out = makedev(n->major, n->minor);
		return 0;
	}
	if (!number || sysfs_read(AT_FDCWD, number, text, sizeof(text)) <= 0 ||
	    sscanf(text, "%u:%u", &major_no, &minor_no) != 2) {
		errno = ENODEV;
		return -1;
	}
	*out = makedev(major_no, minor_no);
	return 0;
}

/* Makes the directories above a node. */
static int make_parents(char *path)
{
	for (char *slash = strchr(path + strlen("dev/"), '/'); slash; slash = strchr(slash + 1, '/')) {
		int rc;

		*slash = '\0';
		rc = mkdir(path, 0755);
		*slash = '/';
		if (rc < 0 && errno != EEXIST)
			return -1;
	}
	return 0;
}

static int make_node(const struct jail *jail, const struct keeper_node *n)
{
	char path[KEEPER_NODE_PATH_MAX + 8];
	mode_t mode = (n->block ? S_IFBLK : S_IFCHR) | (n->readonly ? 0400 : 0600);
	dev_t numbers;

	(void)snprintf(path, sizeof(path), "dev/%s", n->path);
	if (node_numbers(n, &numbers) < 0 || make_parents(path) < 0 || mknod(path, mode, numbers) < 0)
		return -1;
	return chown(path, jail->uid, jail->gid);
}

/** jail_make_dev() - in the new root, which is the working directory; /sys is the host's still */
void jail_make_dev(struct child *c)
{
	const struct jail *jail = c->jail;

	jail_check(c, mkdir("dev", 0755), "making /dev");
	jail_check(c, mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC, DEV_OPTIONS),
		   "making /dev");
	for (uint32_t i = 0; i < jail->node_count; i++)
		if (make_node(jail, &jail->node[i]) < 0)
			jail_fail(c, "making the node", jail->node[i].path, errno);
	jail_check(c, symlink("/proc/self/fd", "dev/fd"), "making /dev/fd");
}
