/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image-lock.c - does another program have a disk image open so that QEMU would refuse it?
 *
 * QEMU takes locks on single bytes for what it does with an image and what it denies others. It
 * takes them when it starts, which is after a card has left the host's driver; the same test
 * is made here, as the same user, without taking any lock. Source: QEMU, block/file-posix.c
 * (RAW_LOCK_PERM_BASE, RAW_LOCK_SHARED_BASE, raw_check_lock_bytes) and include/block/block-common.h
 * (BLK_PERM_CONSISTENT_READ 0x1, BLK_PERM_WRITE 0x2: bit numbers 0 and 1).
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/small-file.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/image-lock.h"

#define DOES 100    /* a byte is locked: another process does this */
#define FORBIDS 200 /* a byte is locked: another process does not share this */
#define READS 0     /* consistently */
#define WRITES 1

struct image_question {
	const char *path;
	bool writable;
};

static bool is_locked(int fd, off_t byte)
{
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1
	};

	/* without open file description locks no process can hold one */
	return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}

/* What a disk that is not shared asks for: to read, perhaps to write, and that no other writes.
 */
static int do_lock(const void *request, void *reply)
{
	const struct image_question *q = request;
	struct image_lock *out = reply;
	struct stat st = { .st_ino = 0 };
	int fd = open(q->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	*out = (struct image_lock){ .error = 0 };
	if (fd < 0 || fstat(fd, &st)) {
		out->error = -errno;
	} else {
		out->inode = st.st_ino;
		out->written = is_locked(fd, DOES + WRITES);
		out->locked = out->written || is_locked(fd, FORBIDS + READS) ||
			      (q->writable && is_locked(fd, FORBIDS + WRITES));
	}
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/**
 * host_image_lock() - would QEMU get the locks that it wants of this image?
 * @path:	absolute: an image, a file behind one, or a block device
 * @writable:	the guest writes to it
 * @out:	overwritten
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_image_lock(const struct host_user *user, const char *path, bool writable,
		    struct image_lock *out)
{
	struct image_question q = { path, writable };

	*out = (struct image_lock){ .error = 0 };
	return as_user_call(user, do_lock, &q, out, sizeof(*out), NULL);
}

/* "lock:\t1: OFDLCK ADVISORY READ -1 fe:00:1234 101 101": by inode; a btrfs has other device
 * numbers. */
static bool locks_inode(const char *fdinfo, uint64_t inode)
{
	for (const char *line = strstr(fdinfo, "lock:"); line; line = strstr(line + 1, "lock:")) {
		uint64_t held;

		if (sscanf(line, "lock: %*d: OFDLCK %*s %*s %*d %*x:%*x:%" SCNu64, &held) == 1 &&
		    held == inode)
			return true;
	}
	return false;
}

static bool process_locks(int root, const char *pid, uint64_t inode)
{
	char path[64 + NAME_MAX], **fd;
	bool found = false;
	size_t count;

	(void)snprintf(path, sizeof(path), "proc/%s/fdinfo", pid);
	if (host_list(root, path, &fd, &count))
		return false;
	for (size_t i = 0; i < count && !found; i++) {
		cleanup_free char *text = NULL;

		(void)snprintf(path, sizeof(path), "proc/%s/fdinfo/%s", pid, fd[i]);
		found = !host_text(root, path, &text) && locks_inode(text, inode);
	}
	host_list_free(fd, count);
	return found;
}

static void describe_locker(int root, const char *pid, struct holder *out)
{
	char path[64 + NAME_MAX];
	struct stat st;

	*out = (struct holder){ .pid = (int32_t)strtol(pid, NULL, 10) };
	(void)snprintf(path, sizeof(path), "proc/%s/comm", pid);
	(void)sysfs_read(root, path, out->comm, sizeof(out->comm));
	(void)snprintf(path, sizeof(path), "proc/%s", pid);
	if (!fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW))
		out->uid = st.st_uid;
}

/**
 * host_image_locker() - a process that holds open file description locks on a file
 * @inode:	of the file; that of another file system with the same number is taken for it
 * @out:	its pid, uid and comm are filled
 *
 * Root sees every process, other users their own.
 *
 * Return: false when none is seen: on another machine, in another namespace, or hidden
 */
bool host_image_locker(struct host *h, uint64_t inode, struct holder *out)
{
	int root = host_root_fd(h);
	bool found = false;
	char **entry;
	size_t count;

	if (host_list(root, "proc", &entry, &count))
		return false;
	for (size_t i = 0; i < count && !found; i++) {
		if (!isdigit((unsigned char)entry[i][0]) || !process_locks(root, entry[i], inode))
			continue;
		describe_locker(root, entry[i], out);
		found = true;
	}
	host_list_free(entry, count);
	return found;
}
