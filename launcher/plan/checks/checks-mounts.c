/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-mounts.c - row: what `unmount = yes` unmounts can be unmounted, and mounted again */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/small-file.h"
#include "launcher/plan/changes/mounts.h"
#include "launcher/plan/checks/checks-rows.h"

#define NAME_MAX_SHOWN 192

/* What stands on it, and does not go with it. */
static const struct host_mount *above(const struct host_mount *m, const struct host_mounts *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->item[i].parent == m->id &&
		    (all->item[i].major != m->major || all->item[i].minor != m->minor))
			return &all->item[i];
	return NULL;
}

static bool is_automounted(const struct host_mount *m, const struct host_mounts *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(all->item[i].type, "autofs") && !strcmp(all->item[i].point, m->point))
			return true;
	return false;
}

/* Files on it that the kernel itself uses: swap, and what is behind a loop device. */
static bool is_swapped_to(struct checking *c, const struct host_mount *m, char *file, size_t size)
{
	cleanup_free char *text = NULL;
	char *rest, *line;

	if (host_text(c->root, "proc/swaps", &text))
		return false;
	rest = text;
	while ((line = host_next_line(&rest))) {
		line[strcspn(line, " \t")] = '\0';
		if (*line != '/' || !host_mount_is_below(line, m->point))
			continue;
		(void)snprintf(file, size, "%s", line);
		return true;
	}
	return false;
}

/* The count of errors that ext4 has seen since its last fsck. */
static bool is_damaged(struct checking *c, const struct host_mount *m)
{
	char path[160], text[32];

	if (strncmp(m->source, "/dev/", 5) != 0)
		return false;
	(void)snprintf(path, sizeof(path), "sys/fs/ext4/%.100s/errors_count", m->source + 5);
	return sysfs_read(c->root, path, text, sizeof(text)) > 0 && strcmp(text, "0") != 0;
}

/* Would QEMU look for a file of the VM's there, when it is gone? */
static const char *own_file(const struct checking *c, const struct host_mount *m)
{
	const struct profile *p = c->profile;

	for (size_t i = 0; i < p->disk_count; i++)
		if (host_mount_is_below(p->disk[i].path, m->point))
			return p->disk[i].path;
	for (size_t i = 0; i < p->cdrom_count; i++)
		if (host_mount_is_below(p->cdrom[i].path, m->point))
			return p->cdrom[i].path;
	return p->nvram && host_mount_is_below(p->nvram, m->point) ? p->nvram : NULL;
}

static bool refuse_user(struct checking *c, const struct host_mount *m)
{
	char comm[NAME_MAX_SHOWN], path[2 * NAME_MAX_SHOWN], remedy[64];
	struct host_mount_user user;

	if (!host_is_live(c->host) || !host_mount_used(c->host, m, &user))
		return false;
	log_quote(user.comm, comm, sizeof(comm));
	log_quote(user.path, path, sizeof(path));
	(void)snprintf(remedy, sizeof(remedy), "end it: `kill %d`", user.pid);
	if (user.apart)
		row_failed(c, remedy,
			   "unmount: %s is mounted for process %d (%s) alone, too, at %s",
			   m->source, user.pid, comm, path);
	else
		row_failed(c, remedy, "unmount: %s is in use by process %d (%s): %s", m->point,
			   user.pid, comm, path);
	return true;
}

static void check_one(struct checking *c, const struct host_mount *m, const struct host_mounts *all)
{
	const struct host_mount *other = above(m, all);
	char words[CHANGE_TEXT_MAX], file[256];
	const char *why = plan_mount_words(c->host, m, words), *own = own_file(c, m);

	if (!m->point[1] || strlen(m->point) >= CHANGE_TEXT_MAX)
		row_failed(c, "name another disk", "unmount: %s is the host's own: it has %s",
			   m->source, m->point);
	else if (why)
		row_failed(c, "`umount` it by hand first", "unmount: %s at %s: %s", m->source,
			   m->point, why);
	else if (is_automounted(m, all))
		row_failed(c, "`systemctl stop` its .automount unit first",
			   "unmount: %s would be mounted again by whoever looks into it", m->point);
	else if (other)
		row_failed(c, "`umount` that first", "unmount: %s is mounted at %s, which is on %s",
			   other->source, other->point, m->source);
	else if (is_swapped_to(c, m, file, sizeof(file)))
		row_failed(c, "`swapoff` it first", "unmount: %s is used as swap", file);
	else if (is_damaged(c, m))
		row_failed(
			c, "`umount` it, and `fsck` it",
			"unmount: the file system at %s has errors: it might not be mounted again",
			m->point);
	else if (own)
		row_failed(c, "move it to another disk, or leave `unmount` out",
			   "unmount: %s is at %s, and would be gone", own, m->point);
	else
		(void)refuse_user(c, m);
}

static int visit_mount(void *context, const struct host_mount *m, const struct host_mounts *all)
{
	check_one(context, m, all);
	return 0;
}

/* In a namespace of its own nothing would be unmounted for the host. */
static bool is_apart(const struct checking *c)
{
	char own[64] = "", init[64] = "";

	return host_is_live(c->host) &&
	       readlinkat(c->root, "proc/self/ns/mnt", own, sizeof(own) - 1) > 0 &&
	       readlinkat(c->root, "proc/1/ns/mnt", init, sizeof(init) - 1) > 0 &&
	       strcmp(own, init) != 0;
}

static bool wants_any(const struct checking *c)
{
	const struct profile *p = c->profile;
	bool any = false;

	for (size_t i = 0; i < p->device_count; i++)
		any |= p->device[i].unmount;
	for (size_t i = 0; i < p->disk_count; i++)
		any |= p->disk[i].unmount;
	return any;
}

/** check_unmount() - can what is mounted from these disks go, and come again as it was? */
void check_unmount(struct checking *c)
{
	int r;

	if (wants_any(c) && is_apart(c))
		row_failed(
			c, "start it with `vfio-run NAME`, or `umount` by hand first",
			"unmount: this process is in a mount namespace of its own, as a unit's are");
	r = plan_mounts_each(c->plan, c->profile, c->host, c->request->facts, visit_mount, c);

	if (r)
		row_file_error(c, "what is mounted", r);
}
