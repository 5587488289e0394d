/* SPDX-License-Identifier: GPL-2.0-or-later */
/* holders.c - which processes hold a device node open: a walk through /proc */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/holders.h"
#include "launcher/base/sysfs.h"

#define VFIO_DEVICE_LINK "anon_inode:[vfio-device]"

struct scan {
	const struct holder_target *target;
	size_t target_count;
	struct holder *out;
	size_t room;
	struct holder_scan *result;
};

/* As getdents64(2) writes it; readdir(3) would allocate. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

/* Calls @visit for each entry of @dir whose name is a number. Return: 0 or -errno. */
static int each_number(int dir, struct scan *s, void (*visit)(struct scan *s, int dir, int32_t n))
{
	char buf[8192] __attribute__((aligned(8)));
	long n;

	while ((n = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			const struct entry *e = (const void *)(buf + at);
			char *end;
			long number = strtol(e->name, &end, 10);

			at += e->length;
			if (!*end && end != e->name && number >= 0 && number <= INT32_MAX)
				visit(s, dir, (int32_t)number);
		}
	}
	return n < 0 ? -errno : 0;
}

/* The process that is looked into; what is the same for all its descriptors. */
struct process {
	struct scan scan; /* first: each_number() hands it back */
	int32_t pid;
	size_t first; /* its first holder in scan.out */
	int dir;
};

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
	struct holder *h;
	struct stat st;

	if (seen(p, target))
		return;
	if (result->found == p->scan.room) {
		result->truncated = true;
		return;
	}
	h = &p->scan.out[result->found++];
	*h = (struct holder){ .pid = p->pid, .target = target };
	if (!fstat(p->dir, &st))
		h->uid = st.st_uid;
	(void)sysfs_read(p->dir, "comm", h->comm, sizeof(h->comm));
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

/*
 * The numbers decide, not the path: that is another one in a container, and after an
 * unbind it says "(deleted)". Nothing is asked of a file server that may not answer.
 */
static void visit_fd(struct scan *s, int dir, int32_t fd)
{
	struct process *p = (struct process *)s;
	struct statx st;
	char name[16], link[HOLDER_PATH_MAX];
	ssize_t n;

	(void)snprintf(name, sizeof(name), "%d", fd);
	n = readlinkat(dir, name, link, sizeof(link) - 1);
	if (n < 0 || statx(dir, name, AT_STATX_DONT_SYNC, STATX_TYPE, &st))
		return; /* closed meanwhile */
	link[n] = '\0';
	for (size_t i = 0; i < s->target_count; i++)
		if (is_target(&s->target[i], &st, link))
			found(p, i, link);
}

static void visit_process(struct scan *s, int proc, int32_t pid)
{
	struct process p = { .scan = *s, .pid = pid, .first = s->result->found };
	char name[16];
	cleanup_close int dir = -1;
	cleanup_close int fds = -1;
	int r;

	(void)snprintf(name, sizeof(name), "%d", pid);
	dir = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return; /* ended meanwhile */
	p.dir = dir;
	fds = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fds < 0 ? -errno : each_number(fds, &p.scan, visit_fd);
	if (r && r != -ENOENT && r != -ESRCH)
		s->result->complete = false;
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
 * mapped after its descriptor was closed is not seen. Without CAP_SYS_PTRACE (or, as a
 * user, for the processes of others) the scan is not complete, and says so.
 * Source: proc(5), /proc/pid/fd.
 *
 * Return: 0, or -errno when @proc cannot be read
 */
int holders_scan(int proc, const struct holder_target *target, size_t target_count,
		 struct holder *out, size_t room, struct holder_scan *result)
{
	struct scan s = { target, target_count, out, room, result };

	*result = (struct holder_scan){ .complete = true };
	if (lseek(proc, 0, SEEK_SET) < 0)
		return -errno;
	return each_number(proc, &s, visit_process);
}
