/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail-dev.c - QEMU's /dev: the nodes of this VM, its user's, and no other
 *
 * The host's nodes are not changed: these are others, of the same numbers, on 64 KiB of
 * memory that is mounted read-only before QEMU runs.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/keeper/jail/jail-inside.h"

#define DEV_OPTIONS "mode=0755,size=64k,nr_inodes=128"

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

static int make_node(const struct jail *jail, const struct keeper_node *planned)
{
	char path[KEEPER_NODE_PATH_MAX + 8];
	mode_t mode = (planned->block ? S_IFBLK : S_IFCHR) | (planned->readonly ? 0400 : 0600);
	struct keeper_node n;
	dev_t numbers;

	(void)snprintf(path, sizeof(path), "dev/%s", planned->path);
	if (make_parents(path) < 0)
		return -1;
	if (planned->late) /* its directory is there for it */
		return 0;
	if (jail_node_find(planned, &n) < 0)
		return -1;
	(void)snprintf(path, sizeof(path), "dev/%s", n.path);
	if (jail_node_numbers(&n, &numbers) < 0 || 
	    (mknod(path, mode, numbers) < 0 && errno != EEXIST)) /* two of one group */
		
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
	jail_send_dev(c);
}
