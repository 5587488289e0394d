/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.c - the file systems of the host that are unmounted for a VM
 *
 * Those on a [disk] with `unmount = yes`, on its partitions, and on the disks of such a [pci].
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "launcher/plan/changes/mounts.h"
#include "profiles/profile.h"

#define PLACES_MAX 64 /* disks and controllers with that key */

/* What is on a disk, and what below it. */
struct disks {
	struct host_nodes nodes[PLACES_MAX];
	size_t count;
};

/** plan_wants_unmount() - is what is mounted from this device unmounted before it is taken? */
bool plan_wants_unmount(const struct plan *plan, const struct host_device *d)
{
	for (size_t i = 0; i < plan->device_count; i++)
		if (plan->device[i].host == d)
			return plan->requested[plan->device[i].section].unmount;
	return false;
}

static int find_disks(const struct plan *plan, const struct profile *p, struct host *host,
		      const struct plan_host_facts *facts, struct disks *out)
{
	char path[160];
	int r = 0;

	out->count = 0;
	for (size_t i = 0; i < plan->device_count && !r && out->count < PLACES_MAX; i++)
		if (plan_wants_unmount(plan, plan->device[i].host))
			r = host_nodes(host, plan->device[i].host, &out->nodes[out->count++]);
	for (size_t i = 0; facts && facts->disk && i < p->disk_count && !r; i++) {
		const struct plan_disk_facts *disk = &facts->disk[i];

		if (!p->disk[i].unmount || !disk->block || out->count == PLACES_MAX)
			continue;
		(void)snprintf(path, sizeof(path), "sys/dev/block/%u:%u", disk->major, disk->minor);
		r = host_nodes_below(host, path, &out->nodes[out->count++]);
	}
	return r;
}

/* By number, and by name: what btrfs mounts has a number of its own. */
static bool is_on(const struct host_mount *m, const struct disks *disks)
{
	for (size_t i = 0; i < disks->count; i++)
		for (size_t k = 0; k < disks->nodes[i].count; k++) {
			const struct host_node *n = &disks->nodes[i].item[k];

			if (n->block &&
			    ((m->major == n->major && m->minor == n->minor) ||
			     (!strncmp(m->source, "/dev/", 5) && !strcmp(m->source + 5, n->name))))
				return true;
		}
	return false;
}

/**
 * plan_mounts_each() - every mount that has to go, in the order in which they go
 *
 * Return: 0; what @visit has returned; -errno
 */
int plan_mounts_each(const struct plan *plan, const struct profile *profile, struct host *host,
		     const struct plan_host_facts *facts, plan_mount_fn visit, void *context)
{
	struct host_mounts all = { .count = 0 };
	struct disks disks;
	int r = find_disks(plan, profile, host, facts, &disks);

	if (!r && disks.count)
		r = host_mounts(host, &all);
	for (size_t i = all.count; i-- > 0 && !r;)
		if (is_on(&all.item[i], &disks))
			r = visit(context, &all.item[i], &all);
	host_mounts_fini(&all);
	for (size_t i = 0; i < disks.count; i++)
		host_nodes_fini(&disks.nodes[i]);
	return r == -ENOENT ? 0 : r;
}

/* Those of mount(2) are flags; the others are the file system's own. */
static bool sort_options(const char *list, unsigned long *flags, char *data, size_t size)
{
	size_t used = strlen(data), length;

	for (; *list; list += length + (list[length] == ',')) {
		length = strcspn(list, ",");
		if (change_mount_flag(list, length, flags))
			continue;
		if (used + length + 2 > size)
			return false;
		used += (size_t)snprintf(data + used, size - used, "%s%.*s", used ? "," : "",
					 (int)length, list);
	}
	return true;
}

/**
 * plan_mount_words() - how it is mounted again, for a change
 * @words:	filled
 *
 * Return: NULL; why it cannot be mounted again, as a clause
 */
const char *plan_mount_words(struct host *host, const struct host_mount *m,
			     char words[CHANGE_TEXT_MAX])
{
	struct change_mount change = { .flags = 0 }, again;
	char uuid[96], text[2 * CHANGE_TEXT_MAX], none[8] = "";
	const char *node = strncmp(m->source, "/dev/", 5) ? NULL : m->source + 5;

	if (!node || !strncmp(m->type, "fuse", 4))
		return "a program has mounted it, and not the kernel alone";
	if (strcmp(m->root, "/") != 0 && strcmp(m->type, "btrfs") != 0)
		return "only a directory of it is mounted there (a bind mount)";
	if (strlen(m->type) >= sizeof(change.type) ||
	    !sort_options(m->options, &change.flags, none, sizeof(none)) ||
	    !sort_options(m->super, &change.flags, change.data, sizeof(change.data)))
		return "its options are too many to be written down";
	(void)snprintf(change.type, sizeof(change.type), "%s", m->type);
	if (host_mount_uuid(host, node, uuid, sizeof(uuid)))
		(void)snprintf(change.source, sizeof(change.source), "/dev/disk/by-uuid/%s", uuid);
	else
		(void)snprintf(change.source, sizeof(change.source), "/dev/%.80s", node);
	change.is_private = !strstr(m->peers, "shared:");
	change_mount_words(&change, text, sizeof(text));
	if (strlen(text) >= CHANGE_TEXT_MAX || !change_mount_parse(text, &again))
		return "its options are too many to be written down";
	memcpy(words, text, strlen(text) + 1);
	return NULL;
}
