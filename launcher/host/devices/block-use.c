/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * block-use.c - what the host does with a disk: file systems, swap, RAID, volumes
 *
 * The kernel unbinds a controller from under a mounted file system without a warning and
 * destroys it (tried, Linux 7.2), so this must find every use. Names come from sysfs
 * and /proc; a claim that leaves no name there is found by O_EXCL.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/devices/block-use.h"
#include "launcher/host/kernel/mounts.h"
#include "launcher/host/small-file.h"

#define DEPTH_MAX 8 /* a file system on LVM on LUKS on RAID is at 3 */

/* By number, and by name: what btrfs mounts has a number of its own. */
static bool is_mount_of(const struct host_mount *m, const struct host_node *node)
{
	if (m->major == node->major && m->minor == node->minor)
		return true;
	return !strncmp(m->source, "/dev/", 5) && !strcmp(m->source + 5, node->name);
}

/**
 * host_block_mounts() - where a disk or partition is mounted
 * @out:	mount points, as a person writes them; freed with host_list_free()
 *
 * Return: 0 or -errno
 */
int host_block_mounts(struct host *h, const struct host_node *node, char ***out, size_t *count)
{
	struct host_mounts all;
	int r = host_mounts(h, &all);

	*out = NULL;
	*count = 0;
	for (size_t i = 0; !r && i < all.count; i++) {
		char **bigger;

		if (!is_mount_of(&all.item[i], node))
			continue;
		bigger = reallocarray(*out, *count + 1, sizeof(*bigger));
		if (bigger)
			*out = bigger;
		if (!bigger || !(bigger[*count] = strdup(all.item[i].point)))
			r = -ENOMEM;
		else
			++*count;
	}
	host_mounts_fini(&all);
	if (r) {
		host_list_free(*out, *count);
		*out = NULL;
	}
	return r;
}

static int find_mount(struct host *h, const struct host_node *node, char *buf, size_t size)
{
	char **point, quoted[256];
	size_t count;
	int r = host_block_mounts(h, node, &point, &count);

	if (r || !count)
		return r == -ENOENT ? 0 : r;
	(void)snprintf(buf, size, "%s is mounted at %s", node->name,
		       log_quote(point[0], quoted, sizeof(quoted)));
	host_list_free(point, count);
	return 1;
}

static int find_swap(struct host *h, const struct host_node *node, char *buf, size_t size)
{
	cleanup_free char *text = NULL;
	int r = host_text(host_root_fd(h), "proc/swaps", &text);
	char *rest = text, *line;

	while (!r && (line = host_next_line(&rest))) {
		size_t length = strcspn(line, " \t");

		if (length <= 5 || strncmp(line, "/dev/", 5))
			continue;
		line[length] = '\0';
		if (strcmp(line + 5, node->name))
			continue;
		(void)snprintf(buf, size, "%s is used as swap", node->name);
		return 1;
	}
	return r == -ENOENT ? 0 : r;
}

/* The disks of a mounted btrfs; of several only the first is named in mountinfo. */
static int find_btrfs(struct host *h, const struct host_node *node, char *buf, size_t size)
{
	char **name, path[256];
	size_t count;
	int r = host_list(host_root_fd(h), "sys/fs/btrfs", &name, &count), found = 0;

	for (size_t i = 0; !r && i < count && !found; i++) {
		(void)snprintf(path, sizeof(path), "sys/fs/btrfs/%s/devices/%s", name[i],
			       node->name);
		found = sysfs_exists(host_root_fd(h), path);
	}
	host_list_free(name, count);
	if (found)
		(void)snprintf(buf, size, "%s is part of a mounted btrfs", node->name);
	return found;
}

static int use_at(struct host *h, const struct host_node *node, char *buf, size_t size, int depth);

/* What stands on it, as its subsystem names it. */
static void name_holder(struct host *h, const char *holder, char *buf, size_t size)
{
	char path[192], name[128], uuid[128];
	int root = host_root_fd(h);

	(void)snprintf(path, sizeof(path), "sys/class/block/%s/dm/name", holder);
	if (sysfs_read(root, path, name, sizeof(name)) > 0) {
		(void)snprintf(path, sizeof(path), "sys/class/block/%s/dm/uuid", holder);
		(void)sysfs_read(root, path, uuid, sizeof(uuid));
		(void)snprintf(buf, size, "the %s %s (%s)",
			       !strncmp(uuid, "LVM-", 4)     ? "LVM volume"
			       : !strncmp(uuid, "CRYPT-", 6) ? "encrypted volume"
							     : "device-mapper volume",
			       name, holder);
		return;
	}
	(void)snprintf(path, sizeof(path), "sys/class/block/%s/md/level", holder);
	if (sysfs_read(root, path, name, sizeof(name)) > 0)
		(void)snprintf(buf, size, "the %s array %s", name, holder);
	else
		(void)snprintf(buf, size, "%s", holder);
}

static void read_numbers(struct host *h, struct host_node *node)
{
	char path[128], text[32];

	(void)snprintf(path, sizeof(path), "sys/class/block/%s/dev", node->name);
	if (sysfs_read(host_root_fd(h), path, text, sizeof(text)) > 0)
		(void)sscanf(text, "%u:%u", &node->major, &node->minor);
}

static int find_holder(struct host *h, const struct host_node *node, char *buf, size_t size,
		       int depth)
{
	char **name, path[128], on[256], what[256] = "";
	struct host_node above = { .block = true };
	size_t count;
	int r;

	(void)snprintf(path, sizeof(path), "sys/class/block/%s/holders", node->name);
	r = host_list(host_root_fd(h), path, &name, &count);
	if (r || !count)
		return 0;
	name_holder(h, name[0], on, sizeof(on));
	(void)snprintf(above.name, sizeof(above.name), "%s", name[0]);
	read_numbers(h, &above);
	host_list_free(name, count);
	r = use_at(h, &above, what, sizeof(what), depth + 1);
	(void)snprintf(buf, size, "%s is part of %s%s%s", node->name, on, r > 0 ? "; " : "", what);
	return 1;
}

static int use_at(struct host *h, const struct host_node *node, char *buf, size_t size, int depth)
{
	int r = depth > DEPTH_MAX ? -ELOOP : find_mount(h, node, buf, size);

	if (!r)
		r = find_swap(h, node, buf, size);
	if (!r)
		r = find_btrfs(h, node, buf, size);
	return r ? r : find_holder(h, node, buf, size, depth);
}

/**
 * host_block_use() - does the host use this disk or partition, and what for?
 * @buf:	receives one clause when it does: "nvme0n1p2 is mounted at /home"
 *
 * Return: 1 yes, 0 nothing is seen, or -errno
 */
int host_block_use(struct host *h, const struct host_node *node, char *buf, size_t size)
{
	*buf = '\0';
	return use_at(h, node, buf, size, 0);
}

/* Of several disks the file system is not mounted again by one of them. */
static int find_wide_btrfs(struct host *h, const struct host_node *node, char *buf, size_t size)
{
	char **name, **device, path[256];
	size_t count, devices;
	int r = host_list(host_root_fd(h), "sys/fs/btrfs", &name, &count), found = 0;

	for (size_t i = 0; !r && i < count && !found; i++) {
		(void)snprintf(path, sizeof(path), "sys/fs/btrfs/%s/devices/%s", name[i],
			       node->name);
		if (!sysfs_exists(host_root_fd(h), path))
			continue;
		(void)snprintf(path, sizeof(path), "sys/fs/btrfs/%s/devices", name[i]);
		if (host_list(host_root_fd(h), path, &device, &devices))
			continue;
		found = devices > 1;
		host_list_free(device, devices);
	}
	host_list_free(name, count);
	if (found)
		(void)snprintf(buf, size, "%s is part of a mounted btrfs", node->name);
	return found;
}

/**
 * host_block_use_beside_mounts() - the same, but for what is mounted from itself: that is unmounted
 */
int host_block_use_beside_mounts(struct host *h, const struct host_node *node, char *buf, size_t size)
{
	int r = find_swap(h, node, buf, size);

	if (!r)
		r = find_wide_btrfs(h, node, buf, size);
	return r ? r : find_holder(h, node, buf, size, 0);
}

/**
 * host_block_whole_use() - does the host use this disk, or a partition on it?
 * @unmounted:	what is mounted from it will not be any more
 * @buf:	as host_block_use()
 *
 * Return: 1 yes, 0 nothing is seen, or -errno
 */
int host_block_whole_use(struct host *h, const struct host_node *node, bool unmounted, char *buf,
			 size_t size)
{
	int (*use)(struct host *, const struct host_node *, char *, size_t) =
		unmounted ? host_block_use_beside_mounts : host_block_use;
	int r = use(h, node, buf, size);
	char path[192], **name;
	size_t count;

	(void)snprintf(path, sizeof(path), "sys/class/block/%s", node->name);
	if (r || host_list(host_root_fd(h), path, &name, &count))
		return r;
	for (size_t i = 0; i < count && !r; i++) {
		struct host_node part = { .block = true };

		(void)snprintf(path, sizeof(path), "sys/class/block/%s/%s/partition", node->name,
			       name[i]);
		if (!sysfs_exists(host_root_fd(h), path) || strlen(name[i]) >= sizeof(part.name))
			continue;
		(void)snprintf(part.name, sizeof(part.name), "%s", name[i]);
		read_numbers(h, &part);
		r = use(h, &part, buf, size);
	}
	host_list_free(name, count);
	return r;
}

/**
 * host_block_claimed() - has something in the kernel claimed it? Live systems only
 *
 * An exclusive open is refused while a partition, a file system, swap, RAID, a volume or
 * ZFS has it; a program that merely reads it is not seen. Source: block/bdev.c,
 * bd_may_claim(); tried with mount, swap and partitions.
 *
 * Return: 1 yes, 0 no, -errno when it could not be opened (-EACCES: not root)
 */
int host_block_claimed(const struct host_node *node)
{
	char path[HOST_WORD_MAX + 8];
	cleanup_close int fd = -1;
	struct stat st;

	(void)snprintf(path, sizeof(path), "/dev/%s", node->name);
	for (char *c = path; *c; c++)
		if (*c == '!') /* the kernel's stand-in for a slash */
			*c = '/';
	if (stat(path, &st))
		return -errno;
	if (!S_ISBLK(st.st_mode) || major(st.st_rdev) != node->major ||
	    minor(st.st_rdev) != node->minor)
		return -ENXIO;
	fd = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		return 0;
	return errno == EBUSY ? 1 : -errno;
}
