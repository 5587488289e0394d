/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image.c - the files that a disk image is made of: a qcow2 and those behind it
 *
 * What a guest can write is not trusted here: the files are opened and read by a child
 * that is the VM's user, and of their contents only the name of the next file counts,
 * which again that user opens. A guest that owns QEMU can write any name, and would find
 * that file in its disk at the next start: only what is beside the image is taken, or what
 * root has made readable for all users. Source: QEMU, docs/interop/qcow2.txt.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/host/user/as-user.h"
#include "launcher/host/user/image.h"

#define NAME_MAX_BYTES 1023 /* of a backing file, by the format */
#define HEAD_BYTES 80       /* of a header, as far as it is read here */
#define HEAD_V2_BYTES 72    /* of a header of version 2, all of which are in one of version 3 */
#define TABLE_OFFSET UINT64_C(0x00fffffffffffe00) /* of an entry of the first table */
#define ENTRIES_AT_ONCE 512
#define FIRST_TABLE_MAX (32u << 20 >> 3) /* entries that QEMU takes */
#define EXTERNAL_DATA (1u << 2)          /* of the incompatible features of version 3 */

struct link {
	int error;
	bool is_qcow2, bad, cut, remote, external;
	bool is_public; /* root's, and readable for all users */
	dev_t device;
	ino_t inode;
	char next[PATH_MAX]; /* "" the chain ends here */
};

static uint64_t big_endian(const uint8_t *p, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | p[i];
	return value;
}

/**
 * image_backing_name() - where a qcow2 names its backing file
 * @head:	its first bytes
 * @offset:	of the name in the file; 0: there is none
 * @length:	of the name, which has no NUL
 *
 * Return: 0; -ENOEXEC it is no qcow2; -EINVAL it is none that QEMU would open
 */
int image_backing_name(const uint8_t *head, size_t size, uint64_t *offset, uint32_t *length)
{
	uint64_t version;

	*offset = 0;
	*length = 0;
	if (size < 4 || memcmp(head, "QFI\xfb", 4))
		return -ENOEXEC;
	version = size >= 20 ? big_endian(head + 4, 4) : 0;
	if (version != 2 && version != 3)
		return -EINVAL;
	*offset = big_endian(head + 8, 8);
	*length = (uint32_t)big_endian(head + 16, 4);
	if (*offset && (!*length || *length > NAME_MAX_BYTES))
		return -EINVAL;
	return 0;
}

/* A name is relative to the file that it stands in; "json:" and "nbd:" are no files. */
static void resolve(const char *path, const char *name, struct link *out)
{
	const char *slash = strrchr(path, '/'), *colon = strchr(name, ':');

	out->remote = colon && !memchr(name, '/', (size_t)(colon - name));
	if (!strncmp(name, "file:", 5)) {
		out->remote = false;
		name += 5;
	}
	if (out->remote)
		return;
	if (*name == '/' || !slash)
		out->bad = (size_t)snprintf(out->next, sizeof(out->next), "%s", name) >=
			   sizeof(out->next);
	else
		out->bad = (size_t)snprintf(out->next, sizeof(out->next), "%.*s/%s",
					    (int)(slash - path), path, name) >= sizeof(out->next);
}

static bool has_external_data(const uint8_t *head, size_t size)
{
	return size >= HEAD_BYTES && big_endian(head + 4, 4) >= 3 &&
	       big_endian(head + 72, 8) & EXTERNAL_DATA;
}

/* Is one of the tables that the first table names behind the end of the file? */
static bool second_table_is_cut(int fd, uint64_t at, uint64_t entries, uint64_t cluster,
				uint64_t bytes)
{
	uint64_t table[ENTRIES_AT_ONCE];

	for (uint64_t n; entries; entries -= n, at += n * 8) {
		n = entries < ENTRIES_AT_ONCE ? entries : ENTRIES_AT_ONCE;
		if (pread(fd, table, n * 8, (off_t)at) != (ssize_t)(n * 8))
			return true;
		for (size_t i = 0; i < n; i++) {
			uint64_t offset = be64toh(table[i]) & TABLE_OFFSET;

			if (offset && offset + cluster > bytes)
				return true;
		}
	}
	return false;
}

/*
 * Does the file hold the tables that its header names? QEMU reads zeros behind the end of a file:
 * what a download that broke off has left is then a disk with nothing on it, and is written to.
 */
static bool is_cut(const uint8_t *head, size_t size, int fd, uint64_t bytes)
{
	uint64_t bits, cluster, entries, first;

	if (size < HEAD_V2_BYTES)
		return true;
	bits = big_endian(head + 20, 4);
	entries = big_endian(head + 36, 4);
	first = big_endian(head + 40, 8);
	if (bits < 9 || bits > 21 || entries > FIRST_TABLE_MAX || first > bytes)
		return first > bytes; /* QEMU itself checks the rest */
	cluster = UINT64_C(1) << bits;
	return first + entries * 8 > bytes ||
	       big_endian(head + 48, 8) + big_endian(head + 56, 4) * cluster > bytes ||
	       second_table_is_cut(fd, first, entries, cluster, bytes);
}

static void read_link(int fd, const char *path, struct link *out)
{
	char name[NAME_MAX_BYTES + 1];
	struct stat st;
	uint8_t head[HEAD_BYTES];
	uint64_t offset;
	uint32_t length;
	ssize_t n = pread(fd, head, sizeof(head), 0);
	int r;

	if (n < 0 || fstat(fd, &st)) {
		out->error = -errno;
		return;
	}
	out->device = st.st_dev;
	out->inode = st.st_ino;
	out->is_public = st.st_uid == 0 && (st.st_mode & (S_IROTH | S_IWGRP | S_IWOTH)) == S_IROTH;
	r = image_backing_name(head, (size_t)n, &offset, &length);
	out->is_qcow2 = r != -ENOEXEC;
	out->bad = r == -EINVAL;
	out->external = !r && has_external_data(head, (size_t)n);
	out->cut = !r && S_ISREG(st.st_mode) && is_cut(head, (size_t)n, fd, (uint64_t)st.st_size);
	if (r || !offset)
		return;
	n = pread(fd, name, length, (off_t)offset);
	out->bad = n != (ssize_t)length || memchr(name, '\0', length);
	if (out->bad)
		return;
	name[length] = '\0';
	resolve(path, name, out);
}

static int do_link(const void *request, void *reply)
{
	struct link *out = reply;
	int fd = open(request, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		out->error = -errno;
		return -1;
	}
	read_link(fd, request, out);
	(void)close(fd);
	return -1;
}

/*
 * In the folder of @image, as written: a symbolic link there counts as its owner's consent. Hidden
 * files, and folders below, are often private, and an image may lie in a home itself.
 */
static bool is_beside(const char *image, const char *path)
{
	size_t folder = (size_t)(strrchr(image, '/') - image) + 1;
	const char *name = path + folder;

	if (strncmp(image, path, folder) != 0)
		return false;
	while (!strncmp(name, "./", 2))
		name += 2;
	return *name != '.' && !strchr(name, '/');
}

static void problem(struct image_problem *out, const char *path, const char *what,
		    const char *remedy)
{
	(void)snprintf(out->path, sizeof(out->path), "%s", path);
	out->error = 0;
	out->what = what;
	out->remedy = remedy;
}

/* Return: true when something is wrong with that file of the chain */
static bool is_wrong(const struct link *link, const char *image, const char *path,
		     struct image_problem *out)
{
	problem(out, path, NULL, NULL);
	out->error = link->error;
	if (link->bad)
		problem(out, path, "is damaged: its header makes no sense",
			"`qemu-img info --backing-chain` shows it");
	else if (link->cut)
		problem(out, path, "is cut off: the file ends before what its header says is in it",
			"copy or download it again, or take a backup; `qemu-img check` shows what is lost");
	else if (link->external)
		problem(out, path,
			"keeps its data in another file (`data_file`), which the jail does not hold",
			"`qemu-img convert -O qcow2` makes one file of both");
	else if (!link->error && !link->is_public && !is_beside(image, path))
		problem(out, path,
			"is in another folder, or hidden: a guest can write any name there",
			"move it beside the disk, or put a symbolic link to it there, and name "
			"that with `qemu-img rebase -u -F FORMAT -b NAME`");
	return out->error || out->what;
}

/**
 * host_image_chain() - can the user read all the files that an image is made of?
 * @path:	the qcow2 that the VM writes to, absolute
 * @fn:		called for each file behind it
 * @out:	filled when there is a problem
 *
 * Return: 1 there is a problem, 0 none, what @fn returned, or the -errno of as_user_call()
 */
int host_image_chain(const struct host_user *user, const char *path, image_behind_fn fn,
		     void *context, struct image_problem *out)
{
	struct {
		dev_t device;
		ino_t inode;
	} seen[IMAGE_CHAIN_MAX];
	char at[PATH_MAX];
	struct link link;

	(void)snprintf(at, sizeof(at), "%s", path);
	for (size_t n = 0; n < IMAGE_CHAIN_MAX; n++) {
		int r = as_user_call(user, do_link, at, &link, sizeof(link), NULL);

		if (r)
			return r;
		if (is_wrong(&link, path, at, out))
			return 1;
		r = n ? fn(context, at) : 0;
		if (r)
			return r;
		for (size_t i = 0; i < n; i++)
			if (seen[i].device == link.device && seen[i].inode == link.inode) {
				problem(out, at, "is behind itself: the chain is a loop",
					"`qemu-img info --backing-chain` shows it");
				return 1;
			}
		seen[n].device = link.device;
		seen[n].inode = link.inode;
		if (!*link.next)
			return 0; /* the last, or on another machine: QEMU will see */
		(void)snprintf(at, sizeof(at), "%s", link.next);
	}
	problem(out, at, "is the 33rd file behind each other", "`qemu-img commit` shortens that");
	return 1;
}
