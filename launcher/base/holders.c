/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holders.c - which processes hold a device node: a walk through /proc */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/entries.h"
#include "launcher/base/holders.h"
#include "launcher/base/sysfs.h"

#define VFIO_DEVICE_LINK "anon_inode:[vfio-device]"

struct scan {
	const struct holder_target *target;
	size_t target_count;
	struct holder *out;
	size_t room;
	struct holder_scan *result;
	bool mappings; /* and what is mapped, its descriptor closed since */
};

/* The process that is looked into; what is the same for all its descriptors. */
struct process {
	struct scan scan;
	int32_t pid;
	size_t first; /* its first holder in scan.out */
	int proc;
};

/* Names that are no number are none of ours; -1 for them. */
static int32_t number(const char *name)
{
	char *end;
	long n = strtol(name, &end, 10);

	return *end || end == name || n < 0 || n > INT32_MAX ? -1 : (int32_t)n;
}

static bool seen(const struct process *p, size_t target)
{
	for (size_t i = p->first; i < p->scan.result->found; i++)
		if (p->scan.out[i].target == target)
			return true;
	return false;
}

static void found(struct process *p, size_t target, const char *link)
{
	struct holder_scan *result = p->scan.result;
	cleanup_close int dir = -1;
	struct holder *h;
	struct stat st;
	char name[16];

	if (seen(p, target))
		return;
	if (result->found == p->scan.room) {
		result->truncated = true;
		return;
	}
	h = &p->scan.out[result->found++];
	*h = (struct holder){ .pid = p->pid, .target = target };
	(void)snprintf(name, sizeof(name), "%d", p->pid);
	dir = openat(p->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (!fstat(dir, &st))
		h->uid = st.st_uid;
	(void)sysfs_read(dir, "comm", h->comm, sizeof(h->comm));
	(void)snprintf(h->path, sizeof(h->path), "%s", link);
}

static bool is_target(const struct holder_target *t, const struct statx *st, const char *link)
{
	mode_t type = st->stx_mode & S_IFMT;

	if (t->any_vfio_device)
		return !strcmp(link, VFIO_DEVICE_LINK);
	return type == (t->block ? S_IFBLK : S_IFCHR) && st->stx_rdev_major == t->major &&
		st->stx_rdev_minor == t->minor;
}

/* What has no place in a file system is no node; most descriptors of most processes are these. */
static bool is_nameless(const char *link)
{
	static const char *const kinds[] = { "socket:[", "pipe:[", "anon_inode:" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(link, kinds[i], strlen(kinds[i])))
			return true;
	return false;
}

/*
 * The numbers decide, not the path: that is another one in a container, and after an
 * unbind it ends in "(deleted)". No request goes to a file server, which may not answer.
 */
static int visit_fd(void *context, int dir, const char *name, unsigned int type)
{
	struct process *p = context;
	struct statx st = { .stx_mode = 0 };
	char link[HOLDER_PATH_MAX];
	ssize_t n;

	(void)type;
	if (number(name) < 0)
		return 0;
	n = readlinkat(dir, name, link, sizeof(link) - 1);
	if (n < 0)
		return 0; /* closed meanwhile */
	link[n] = '\0';
	if (!is_nameless(link) && statx(dir, name, AT_STATX_DONT_SYNC, STATX_TYPE, &st))
		return 0;
	for (size_t i = 0; i < p->scan.target_count; i++)
		if (is_target(&p->scan.target[i], &st, link))
			found(p, i, link);
	return 0;
}

/* ---- lines of a file in /proc, however long ------------------------------------- */

struct lines {
	int fd;
	size_t used;
	char buf[4096];
};

/* The next line without its newline, cut when it is longer than the buffer; NULL: no more */
static const char *next_line(struct lines *l, char *line, size_t size)
{
	size_t length = 0;

	for (;;) {
		char *end = memchr(l->buf, '\n', l->used);
		size_t n = end ? (size_t)(end - l->buf) : l->used;
		size_t fits = n < size - 1 - length ? n : size - 1 - length;
		ssize_t got;

		memcpy(line + length, l->buf, fits);
		length += fits;
		line[length] = '\0';
		l->used -= end ? n + 1 : n;
		memmove(l->buf, l->buf + n + (end != NULL), l->used);
		if (end)
			return line;
		do
			got = read(l->fd, l->buf, sizeof(l->buf));
		while (got < 0 && errno == EINTR);
		if (got <= 0)
			return length ? line : NULL;
		l->used = (size_t)got;
	}
}

/* ---- what is mapped -------------------------------------------------------------- */

/*
 * "7f0e-7f10 rw-s 00000000 00:05 123  /dev/dri/card0": the numbers in the line are the file
 * system's, so the node's own are asked through map_files, which takes a capability.
 */
static void visit_mapping(struct process *p, const char *line)
{
	struct statx st = { .stx_mode = 0 };
	uint64_t from, to;
	char path[80];
	int at = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %*s %*s %n", &from, &to, &at) < 2 || !at ||
	    !line[at] || line[at] == '[')
		return;
	(void)snprintf(path, sizeof(path), "%d/map_files/%" PRIx64 "-%" PRIx64, p->pid, from, to);
	(void)statx(p->proc, path, AT_STATX_DONT_SYNC, STATX_TYPE, &st);
	for (size_t i = 0; i < p->scan.target_count; i++)
		if (is_target(&p->scan.target[i], &st, line + at))
			found(p, i, line + at);
}

static void visit_mappings(struct process *p)
{
	cleanup_close int fd = -1;
	struct lines l = { .used = 0 };
	char line[256], last[64] = "", path[32];

	(void)snprintf(path, sizeof(path), "%d/maps", p->pid);
	fd = l.fd = openat(p->proc, path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && next_line(&l, line, sizeof(line))) {
		const char *file = line;

		/* a file is mapped in several pieces, one behind the other: asked about once */
		for (int field = 0; file && field < 3; field++)
			file = strchr(file + 1, ' ');
		if (!file || !strncmp(file, last, sizeof(last) - 1))
			continue;
		(void)snprintf(last, sizeof(last), "%.63s", file);
		visit_mapping(p, line);
	}
}

/* A kernel thread has no program, and no descriptors; they are the most, so one call is enough. */
static bool has_no_program(int proc, const char *name)
{
	char path[32], link[1];

	(void)snprintf(path, sizeof(path), "%.16s/exe", name);
	return readlinkat(proc, path, link, sizeof(link)) < 0 && (errno == ENOENT || errno == ESRCH);
}

static int visit_process(void *context, int proc, const char *name, unsigned int type)
{
	const struct scan *s = context;
	struct process p = { .scan = *s, .pid = number(name), .first = s->result->found, .proc = proc };
	cleanup_close int fds = -1;
	char path[32];
	int r;

	(void)type;
	if (p.pid < 0 || has_no_program(proc, name))
		return 0;
	(void)snprintf(path, sizeof(path), "%.16s/fd", name);
	fds = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fds < 0 ? -errno : entries_each(fds, visit_fd, &p);
	if (r && r != -ENOENT && r != -ESRCH)
		s->result->complete = false;
	if (s->mappings)
		visit_mappings(&p);
	return 0;
}

/* ---- what is mounted ------------------------------------------------------------- */

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue" */
static void visit_mounts(struct scan *s, int proc)
{
	cleanup_close int fd = openat(proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
	struct lines l = { .fd = fd };
	char line[512];

	while (fd >= 0 && next_line(&l, line, sizeof(line))) {
		unsigned int major, minor;
		char at[HOLDER_PATH_MAX];

		if (sscanf(line, "%*d %*d %u:%u %*s %127s", &major, &minor, at) != 3)
			continue;
		for (size_t i = 0; i < s->target_count && s->result->found < s->room; i++)
			if (s->target[i].block && s->target[i].major == major &&
			    s->target[i].minor == minor) {
				struct holder *h = &s->out[s->result->found++];

				*h = (struct holder){ .target = i };
				(void)snprintf(h->path, sizeof(h->path), "%s", at);
			}
	}
}

/**
 * holders_scan() - find the processes that have a target open
 * @proc:	a descriptor of /proc, opened for reading; its offset is used
 * @target:	what to look for
 * @out:	receives a holder for each pair of process and target, in the order of /proc
 * @room:	holders that fit into @out
 * @result:	always filled
 *
 * The caller itself is among the holders when it has one open. Memory that is still
 * mapped after its descriptor was closed is not seen; holders_scan_all() sees it. Without
 * CAP_SYS_PTRACE (or, as a user, for the processes of others) the scan is not complete,
 * which @result shows.
 * Source: proc(5), /proc/pid/fd.
 *
 * Return: 0, or -errno when @proc cannot be read
 */
int holders_scan(int proc, const struct holder_target *target, size_t target_count,
		 struct holder *out, size_t room, struct holder_scan *result)
{
	struct scan s = { target, target_count, out, room, result, false };

	*result = (struct holder_scan){ .complete = true };
	if (lseek(proc, 0, SEEK_SET) < 0)
		return -errno;
	return entries_each(proc, visit_process, &s);
}

/**
 * holders_scan_all() - the same, and what is mapped or mounted
 *
 * For when something hangs: it reads much more, and can itself hang behind a
 * process whose memory is locked: to be called in a process that may be lost. A mapping of
 * a node is seen with CAP_CHECKPOINT_RESTORE (or CAP_SYS_ADMIN). Mounts are those of the
 * caller's namespace. Source: proc(5), /proc/pid/maps, map_files, mountinfo.
 *
 * Return: as holders_scan()
 */
int holders_scan_all(int proc, const struct holder_target *target, size_t target_count,
		     struct holder *out, size_t room, struct holder_scan *result)
{
	struct scan s = { target, target_count, out, room, result, true };
	int rc;

	*result = (struct holder_scan){ .complete = true };
	if (lseek(proc, 0, SEEK_SET) < 0)
		return -errno;
	rc = entries_each(proc, visit_process, &s);
	if (!rc)
		visit_mounts(&s, proc);
	return rc;
}
