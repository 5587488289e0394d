// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuse-file.c - a file whose file system is this process: stopped, nothing of it answers
 *
 * usage: fuse-file FILE      mounts itself over FILE, prints "mounted", serves until it is unmounted
 *
 * As a network file system whose server is gone: a process that writes to the file, or only closes
 * it, waits, and no signal ends that. What is written is thrown away.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char request[FUSE_MIN_READ_BUFFER + 65536];
static int device;

static void answer(uint64_t unique, int error, const void *data, size_t size)
{
	char reply[512];
	struct fuse_out_header header = { .len = (uint32_t)(sizeof(header) + size), .error = error,
					  .unique = unique };

	memcpy(reply, &header, sizeof(header));
	if (size)
		memcpy(reply + sizeof(header), data, size);
	if (write(device, reply, header.len) < 0 && errno != ENOENT)
		perror("fuse-file: write");
}

static void greet(uint64_t unique)
{
	const struct fuse_init_out out = { .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
					   .max_write = 65536 };

	answer(unique, 0, &out, sizeof(out));
}

static void describe(uint64_t unique)
{
	const struct fuse_attr_out out = {
		.attr_valid = 3600,
		.attr = { .ino = 1, .mode = S_IFREG | 0666, .nlink = 1, .blksize = 4096 }
	};

	answer(unique, 0, &out, sizeof(out));
}

static void serve(void)
{
	const struct fuse_in_header *in = (const void *)request;
	const struct fuse_write_in *w = (const void *)(request + sizeof(*in));
	const struct fuse_write_out written = { .size = in->opcode == FUSE_WRITE ? w->size : 0 };
	const struct fuse_open_out open_out = { .open_flags = FOPEN_DIRECT_IO };

	switch (in->opcode) {
	case FUSE_INIT:
		greet(in->unique);
		break;
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		describe(in->unique);
		break;
	case FUSE_OPEN:
		answer(in->unique, 0, &open_out, sizeof(open_out));
		break;
	case FUSE_WRITE:
		answer(in->unique, 0, &written, sizeof(written));
		break;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		answer(in->unique, 0, NULL, 0);
		break;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		break; /* have no answer */
	default:
		answer(in->unique, -ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	char options[128];

	device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	(void)snprintf(options, sizeof(options), "fd=%d,rootmode=100000,user_id=0,group_id=0,allow_other",
		       device);
	if (argc != 2 || device < 0 || mount("fuse-file", argv[1], "fuse", 0, options) < 0) {
		perror("fuse-file");
		return 1;
	}
	printf("mounted\n");
	(void)fflush(stdout);
	for (;;) {
		ssize_t n = read(device, request, sizeof(request));

		if (n < 0 && errno == ENODEV)
			return 0;
		if (n >= (ssize_t)sizeof(struct fuse_in_header))
			serve();
	}
}
