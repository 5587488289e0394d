// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * deaf-fs.c - a file system with one file that does not answer one program
 *
 * usage: deaf-fs DIRECTORY UID GID PROGRAM
 *
 * DIRECTORY/disk.raw is 1 MB of zeros. What a process asks whose executable is called PROGRAM is
 * read and never answered: it waits in the kernel, and SIGKILL does not end it, until this
 * program is ended. Source: linux/fuse.h, fuse(4)
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILE_NODE 2
#define FILE_BYTES (1 << 20)

static int fuse;
static unsigned int uid, gid;

static void answer(const struct fuse_in_header *in, int error, const void *data, size_t size)
{
	struct fuse_out_header out = { .len = (uint32_t)(sizeof(out) + size), .error = error,
				       .unique = in->unique };
	struct iovec v[] = { { &out, sizeof(out) }, { (void *)data, size } };

	(void)!writev(fuse, v, size ? 2 : 1);
}

static struct fuse_attr attributes(uint64_t node)
{
	bool file = node == FILE_NODE;

	return (struct fuse_attr){ .ino = node, .size = file ? FILE_BYTES : 0, .nlink = 1,
				   .mode = file ? S_IFREG | 0600 : S_IFDIR | 0755,
				   .blksize = 4096, .uid = uid, .gid = gid };
}

static bool is_deaf_to(pid_t pid, const char *program)
{
	char path[32], exe[256] = "";

	(void)snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return readlink(path, exe, sizeof(exe) - 1) > 0 && !strcmp(basename(exe), program);
}

static void serve(const struct fuse_in_header *in, const char *name)
{
	static const char zeros[1 << 17];
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 65536 };
	struct fuse_entry_out entry = { .nodeid = FILE_NODE, .attr = attributes(FILE_NODE) };
	struct fuse_attr_out attr = { .attr = attributes(in->nodeid) };
	struct fuse_open_out opened = { .open_flags = 0 };
	struct fuse_statfs_out fs = { .st = { .bsize = 4096, .namelen = 255 } };
	const struct fuse_read_in *r = (const void *)name;

	switch (in->opcode) {
	case FUSE_INIT:
		answer(in, 0, &init, sizeof(init));
		break;
	case FUSE_LOOKUP:
		if (strcmp(name, "disk.raw"))
			answer(in, -ENOENT, NULL, 0);
		else
			answer(in, 0, &entry, sizeof(entry));
		break;
	case FUSE_GETATTR:
		answer(in, 0, &attr, sizeof(attr));
		break;
	case FUSE_OPEN:
	case FUSE_OPENDIR:
		answer(in, 0, &opened, sizeof(opened));
		break;
	case FUSE_READ:
		answer(in, 0, zeros, r->offset < FILE_BYTES && r->size <= sizeof(zeros) ? r->size : 0);
		break;
	case FUSE_STATFS:
		answer(in, 0, &fs, sizeof(fs));
		break;
	case FUSE_RELEASE:
	case FUSE_RELEASEDIR:
	case FUSE_FLUSH:
	case FUSE_READDIR:
		answer(in, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break;
	default:
		answer(in, -ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	static char request[1 << 18] __attribute__((aligned(8)));
	const struct fuse_in_header *in = (const void *)request;
	char options[128];

	if (argc != 5)
		return 2;
	uid = (unsigned int)atoi(argv[2]);
	gid = (unsigned int)atoi(argv[3]);
	fuse = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other,default_permissions", fuse);
	if (fuse < 0 || mount("deaf-fs", argv[1], "fuse.deaf", MS_NOSUID | MS_NODEV, options)) {
		perror("deaf-fs");
		return 1;
	}
	while (read(fuse, request, sizeof(request)) > (ssize_t)sizeof(*in) - 1)
		if (in->opcode == FUSE_INIT || !is_deaf_to((pid_t)in->pid, argv[4]))
			serve(in, request + sizeof(*in));
	return 0;
}
