/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.c - what is mounted on the host, and who uses it
 *
 * A file that a process has open is only read as a link: to look at it could wait for ever for a
 * server that is gone. What a process has mapped and not open is not seen; the kernel then refuses.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/entries.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/kernel/mounts.h"
#include "launcher/host/small-file.h"

/* "\040" is a blank. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		unsigned int c;

		if (from[0] == '\\' && sscanf(from + 1, "%3o", &c) == 1 && strlen(from) >= 4) {
			*to = (char)c;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue" */
static bool parse(char *line, struct host_mount *out)
{
	char *field[6], *save = NULL, *dash = strstr(line, " - "), *rest;

	if (!dash)
		return false;
	*dash = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(field); i++) {
		field[i] = strtok_r(i ? NULL : line, " ", &save);
		if (!field[i])
			return false;
	}
	rest = strtok_r(NULL, "", &save);
	if (sscanf(field[0], "%u", &out->id) != 1 || sscanf(field[1], "%u", &out->parent) != 1 ||
	    sscanf(field[2], "%u:%u", &out->major, &out->minor) != 2)
		return false;
	unescape(field[3]);
	unescape(field[4]);
	out->root = field[3];
	out->point = field[4];
	out->options = field[5];
	out->peers = rest ? rest : "";
	out->type = strtok_r(dash + 3, " ", &save);
	out->source = strtok_r(NULL, " ", &save);
	out->super = strtok_r(NULL, " ", &save);
	return out->type && out->source && out->super;
}

static int parse_all(char *text, struct host_mounts *out)
{
	char *rest = text, *line;

	while ((line = host_next_line(&rest))) {
		struct host_mount m = { .line = strdup(line) }, *more;

		more = reallocarray(out->item, out->count + 1, sizeof(*more));
		if (more)
			out->item = more;
		if (!more || !m.line) {
			free(m.line);
			return -ENOMEM;
		}
		if (parse(m.line, &m))
			more[out->count++] = m;
		else
			free(m.line);
	}
	return 0;
}

static int read_mounts(struct host *h, const char *path, struct host_mounts *out)
{
	cleanup_free char *text = NULL;
	int r = host_text(host_root_fd(h), path, &text);

	*out = (struct host_mounts){ .count = 0 };
	if (!r)
		r = parse_all(text, out);
	if (r)
		host_mounts_fini(out);
	return r;
}

/**
 * host_mounts() - all that this process sees mounted
 * @out:	overwritten; freed with host_mounts_fini()
 *
 * Return: 0; -ENOENT the captured tree has none; -errno
 */
int host_mounts(struct host *h, struct host_mounts *out)
{
	return read_mounts(h, "proc/self/mountinfo", out);
}

/** host_mounts_fini() - free them */
void host_mounts_fini(struct host_mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++)
		free(mounts->item[i].line);
	free(mounts->item);
	*mounts = (struct host_mounts){ .count = 0 };
}

/** host_mount_is_below() - is this path the mount point, or below it? Neither has "..", nor "/"
 * alone */
bool host_mount_is_below(const char *path, const char *point)
{
	size_t n = strlen(point);

	return !strncmp(path, point, n) && (!path[n] || path[n] == '/');
}

struct uuid_search {
	const char *node;
	char *buf;
	size_t size;
};

static int visit_uuid(void *context, int dir, const char *name, unsigned int type)
{
	struct uuid_search *s = context;
	char target[256];

	(void)type;
	if (sysfs_link_name(dir, name, target, sizeof(target)) || strcmp(target, s->node) != 0)
		return 0;
	(void)snprintf(s->buf, s->size, "%s", name);
	return 1;
}

/**
 * host_mount_uuid() - by what udev knows the file system of a block device
 * @node:	below /dev: "nvme0n1p1"
 *
 * Return: false: it has no link in /dev/disk/by-uuid
 */
bool host_mount_uuid(struct host *h, const char *node, char *buf, size_t size)
{
	cleanup_close int fd =
		openat(host_root_fd(h), "dev/disk/by-uuid", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct uuid_search s = { node, buf, size };

	return fd >= 0 && entries_each(fd, visit_uuid, &s) == 1;
}

/* ---- who uses it ------------------------------------------------------------------------ */

struct use_search {
	struct host *host;
	const struct host_mount *mount;
	struct host_mount_user *out;
	char own[64]; /* the mount namespace of this process */
};

static bool leads_below(const struct use_search *s, int dir, const char *name)
{
	ssize_t n = readlinkat(dir, name, s->out->path, sizeof(s->out->path) - 1);

	if (n <= 0)
		return false;
	s->out->path[n] = '\0';
	return host_mount_is_below(s->out->path, s->mount->point);
}

static int visit_fd(void *context, int dir, const char *name, unsigned int type)
{
	(void)type;
	return leads_below(context, dir, name) ? 1 : 0;
}

static bool has_file(struct use_search *s, int process)
{
	static const char *const links[] = { "cwd", "root", "exe" };
	cleanup_close int fds = -1;

	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (leads_below(s, process, links[i]))
			return true;
	fds = openat(process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fds >= 0 && entries_each(fds, visit_fd, s) == 1;
}

/* A copy that hears of what is unmounted here: it has the same peers, or is their slave. */
static bool follows(const struct host_mount *copy, const struct host_mount *m)
{
	const char *shared = strstr(m->peers, "shared:");
	unsigned int peer, other;
	const char *p;

	if (!shared || sscanf(shared, "shared:%u", &peer) != 1)
		return false;
	for (p = strchr(copy->peers, ':'); p; p = strchr(p + 1, ':'))
		if (sscanf(p, ":%u", &other) == 1 && other == peer)
			return true;
	return false;
}

static bool has_copy(struct use_search *s, const char *pid)
{
	struct host_mounts all;
	bool found = false;
	char path[48];

	(void)snprintf(path, sizeof(path), "proc/%.16s/mountinfo", pid);
	if (read_mounts(s->host, path, &all))
		return false;
	for (size_t i = 0; i < all.count && !found; i++) {
		const struct host_mount *copy = &all.item[i];

		found = copy->major == s->mount->major && copy->minor == s->mount->minor &&
			!follows(copy, s->mount);
		if (found)
			(void)snprintf(s->out->path, sizeof(s->out->path), "%s", copy->point);
	}
	host_mounts_fini(&all);
	return found;
}

static int visit_process(void *context, int dir, const char *name, unsigned int type)
{
	struct use_search *s = context;
	cleanup_close int process = -1;
	char space[64] = "", file[32];
	ssize_t n;

	(void)type;
	if (*name < '0' || *name > '9' || atoi(name) == getpid())
		return 0;
	process = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	n = process < 0 ? -1 : readlinkat(process, "ns/mnt", space, sizeof(space) - 1);
	if (n <= 0)
		return 0;
	s->out->apart = strcmp(space, s->own) != 0;
	if (s->out->apart ? !has_copy(s, name) : !has_file(s, process))
		return 0;
	s->out->pid = atoi(name);
	(void)snprintf(file, sizeof(file), "%.16s/comm", name);
	if (sysfs_read(dir, file, s->out->comm, sizeof(s->out->comm)) <= 0)
		(void)snprintf(s->out->comm, sizeof(s->out->comm), "?");
	return 1;
}

/**
 * host_mount_used() - does a process keep it from being unmounted? The first one that is found
 * @m:		not "/"
 *
 * Of other users' processes only root sees that.
 */
bool host_mount_used(struct host *h, const struct host_mount *m, struct host_mount_user *out)
{
	cleanup_close int proc =
		openat(host_root_fd(h), "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct use_search s = { .host = h, .mount = m, .out = out };

	*out = (struct host_mount_user){ .pid = 0 };
	if (proc < 0 || readlinkat(proc, "self/ns/mnt", s.own, sizeof(s.own) - 1) <= 0)
		return false;
	return entries_each(proc, visit_process, &s) == 1;
}
