/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-disks.c - row: the host does not use a disk that the guest gets by a [disk] */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/host/devices/block-use.h"
#include "launcher/plan/checks/checks-rows.h"

/**
 * checks_disk_node() - the block device of a disk, false when it is none
 * @out:	as sysfs names it: below /dev the kernel has a slash where a name there has "!"
 */
bool checks_disk_node(const struct plan_disk_facts *disk, struct host_node *out)
{
	*out = (struct host_node){ .block = true, .major = disk->major, .minor = disk->minor };
	if (!disk->block || !disk->node || strlen(disk->node) >= sizeof(out->name))
		return false;
	(void)snprintf(out->name, sizeof(out->name), "%s", disk->node);
	for (char *c = out->name; *c; c++)
		if (*c == '/')
			*c = '!';
	return true;
}

/* Return: true when the kernel could not be asked */
static bool ask_claimed(struct checking *c, const struct profile_disk *disk,
			const struct host_node *node)
{
	int r = row_is_root(c) ? host_block_claimed(node) : -EPERM;

	if (r < 0 && r != -EPERM && r != -ENOMEDIUM)
		row_file_error(c, node->name, r);
	if (r > 0)
		row_failed(
			c,
			"take it out of use first: `zpool export`, `mdadm --stop`, or stop the "
			"container",
			"line %u: %s: the kernel has claimed %s: for a pool, an array, or a mount "
			"in a container",
			disk->path_pos.line, disk->path, node->name);
	return r == -EPERM;
}

/* Its file systems are unmounted before: that they have it is no news. */
static bool is_mounted(struct checking *c, const struct profile_disk *disk, const struct host_node *node)
{
	char use[512];

	return disk->unmount && host_block_whole_use(c->host, node, false, use, sizeof(use)) > 0;
}

/* By its path: nobody has looked. */
static bool names_a_disk(const struct profile *p)
{
	for (size_t i = 0; i < p->disk_count; i++)
		if (!strncmp(p->disk[i].path, "/dev/", 5))
			return true;
	return false;
}

/*
 * Two that write to one file system destroy it, and one that only reads sees it change under
 * its feet: neither is allowed. QEMU itself would open it without a question.
 */
void check_disks(struct checking *c)
{
	const struct plan_host_facts *f = c->request->facts;
	bool unsure = false, unknown = f && !f->disk && names_a_disk(c->profile);
	char use[512];

	for (size_t i = 0; f && f->disk && i < c->profile->disk_count; i++) {
		const struct profile_disk *disk = &c->profile->disk[i];
		struct host_node node;
		int r = checks_disk_node(&f->disk[i], &node)
				? host_block_whole_use(c->host, &node, disk->unmount, use, sizeof(use))
				: -ENOENT;

		if (r < 0 && r != -ENOENT)
			row_file_error(c, "what is mounted", r);
		else if (f->disk[i].unknown)
			unknown = true;
		else if (r > 0)
			row_failed(c, check_storage_remedy(use), "line %u: %s: %s",
				   disk->path_pos.line, disk->path, use);
		else if (!r && !is_mounted(c, disk, &node))
			unsure |= ask_claimed(c, disk, &node);
	}
	if (unknown)
		row_skipped(c, "not checked: a disk of the VM's could not be looked at");
	if (unsure)
		row_skipped(c, "no file system and no swap is seen on them; RAID and ZFS are not "
			       "checked: that needs root");
}
