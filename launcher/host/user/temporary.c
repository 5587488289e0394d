/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * temporary.c - a qcow2 without a name, for what a guest writes and nobody keeps
 *
 * A file that no folder knows is gone with the last descriptor of it, whatever ended the processes
 * that had it. It is made and filled by a child that is the VM's user, who also reads how large the
 * image is: a guest can have written that. Source: QEMU, docs/interop/qcow2.txt; open(2), O_TMPFILE.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "launcher/host/user/temporary.h"

#define CLUSTER_BITS 16
#define CLUSTER (1u << CLUSTER_BITS)
#define ENTRIES (CLUSTER / 8) /* of one cluster of a table */
#define SECTOR 512u
#define HEAD_BYTES 104 /* of a header of version 3 without what is optional */
#define BITS_16 4      /* of the width of a reference count, as a power of two */
#define ROOM_MIN (1u << 20) /* bytes: a file system with less is taken for full */
#define IMAGE_MAX (UINT64_C(1) << 50) /* bytes: its first table fits into what is written at once */
#define SIZE_AT 24 /* of a qcow2's header: the size that its guest sees */

static void put(uint8_t *at, uint64_t value, size_t bytes)
{
	for (size_t i = bytes; i--; value >>= 8)
		at[i] = (uint8_t)value;
}

/**
 * temporary_header() - the first clusters of an empty qcow2
 * @bytes:	of the disk, whole sectors
 * @out:	its header, a table of reference counts with its one block; the first table of the disk
 *		follows, and is zeros: a hole
 *
 * Return: how long the file is with that table; 0: @size is too small, or @bytes too large
 */
size_t temporary_header(uint64_t bytes, uint8_t *out, size_t size)
{
	uint64_t tables = (bytes + (uint64_t)CLUSTER * ENTRIES - 1) / ((uint64_t)CLUSTER * ENTRIES);
	uint64_t clusters = 3 + (tables * 8 + CLUSTER - 1) / CLUSTER;

	if (size < (size_t)3 * CLUSTER || bytes > IMAGE_MAX)
		return 0;
	memset(out, 0, (size_t)3 * CLUSTER);
	memcpy(out, "QFI\xfb", 4);
	put(out + 4, 3, 4); /* version */
	put(out + 20, CLUSTER_BITS, 4);
	put(out + SIZE_AT, bytes, 8);
	put(out + 36, tables, 4);
	put(out + 40, (uint64_t)3 * CLUSTER, 8); /* where the first table is */
	put(out + 48, CLUSTER, 8);		 /* and the table of reference counts */
	put(out + 56, 1, 4);
	put(out + 96, BITS_16, 4);
	put(out + 100, HEAD_BYTES, 4);
	put(out + CLUSTER, (uint64_t)2 * CLUSTER, 8);
	for (uint64_t i = 0; i < clusters; i++)
		put(out + (size_t)2 * CLUSTER + i * 2, 1, 2);
	return clusters * CLUSTER;
}

/* How large the disk is that the guest sees. */
static int size_of(int fd, bool qcow2, uint64_t *bytes)
{
	uint8_t head[SIZE_AT + 8];
	uint64_t value;
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (qcow2) {
		if (pread(fd, head, sizeof(head), 0) != (ssize_t)sizeof(head) || memcmp(head, "QFI\xfb", 4))
			return -ENOEXEC;
		memcpy(&value, head + SIZE_AT, sizeof(value));
		*bytes = be64toh(value);
	} else if (S_ISBLK(st.st_mode)) {
		if (ioctl(fd, BLKGETSIZE64, bytes) < 0)
			return -errno;
	} else {
		*bytes = (uint64_t)st.st_size;
	}
	if (!*bytes || *bytes > IMAGE_MAX)
		return -EFBIG;
	*bytes = (*bytes + SECTOR - 1) / SECTOR * SECTOR;
	return 0;
}

static int fill(int fd, uint64_t bytes)
{
	size_t size = (size_t)3 * CLUSTER;
	cleanup_free uint8_t *head = malloc(size);
	uint64_t length = head ? temporary_header(bytes, head, size) : 0;

	if (!head)
		return -ENOMEM;
	if (!length)
		return -EFBIG;
	if (pwrite(fd, head, size, 0) != (ssize_t)size)
		return -ENOSPC;
	return ftruncate(fd, (off_t)length) ? -errno : 0;
}

static int check_room(int fd)
{
	struct statvfs fs;

	if (fstatvfs(fd, &fs))
		return -errno;
	return fs.f_blocks && (uint64_t)fs.f_bavail * fs.f_frsize < ROOM_MIN ? -ENOSPC : 0;
}

static int make_in(const char *folder, uint64_t bytes, int *fd_out)
{
	int error;

	*fd_out = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (*fd_out < 0)
		return -errno;
	error = check_room(*fd_out);
	if (!error)
		error = fill(*fd_out, bytes);
	if (error)
		(void)close(*fd_out);
	return error;
}

static int do_make(const void *request, void *reply)
{
	const struct temporary *t = request;
	struct temporary_reply *out = reply;
	cleanup_close int image = open(t->image, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	uint64_t bytes = 0;
	int fd = -1;

	out->error = image < 0 ? -errno : size_of(image, t->qcow2, &bytes);
	out->of_image = out->error;
	if (out->error)
		return -1;
	out->error = make_in(t->folder, bytes, &fd);
	if (out->error && !make_in(TEMPORARY_ELSEWHERE, bytes, &fd))
		out->error = 0;
	return out->error ? -1 : fd;
}

/**
 * temporary_open() - make a qcow2 without a name in front of an image
 * @user:	who makes it, and reads the image
 * @t:		what it is made of
 * @out:	overwritten; what is wrong is no error of the call but @out->error
 * @fd_out:	for reading and writing; closed by the caller
 *
 * Return: 0, or the -errno of as_user_call()
 */
int temporary_open(const struct host_user *user, const struct temporary *t,
		   struct temporary_reply *out, int *fd_out)
{
	struct host_user all = *user;

	*out = (struct temporary_reply){ 0 };
	all.alone = false; /* a disk of a group of theirs is one that the VM can have */
	return as_user_call(&all, do_make, t, out, sizeof(*out), fd_out);
}
