/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mounts.h - what is mounted on the host, and who uses it */
#ifndef VFIO_RUN_HOST_MOUNTS_H
#define VFIO_RUN_HOST_MOUNTS_H

#include <stdint.h>

#include "launcher/host/host.h"

/* A line of mountinfo; all texts are in @line. Source: proc(5). */
struct host_mount {
	char *line;
	unsigned int id, parent, major, minor;
	const char *root;    /* what of the file system is mounted: "/" all of it */
	const char *point;   /* without the kernel's escapes */
	const char *options; /* of the mount: "rw,relatime" */
	const char *peers;   /* "shared:1 master:2"; "" none */
	const char *type, *source;
	const char *super; /* options of the file system: "rw,errors=remount-ro" */
};

struct host_mounts {
	struct host_mount *item; /* in the order in which they were mounted */
	size_t count;
};

/* A process that keeps a file system from being unmounted. */
struct host_mount_user {
	int32_t pid;
	char comm[64], path[128]; /* escape before printing */
	bool apart;               /* it has it mounted by itself, in a mount namespace of its own */
};

int host_mounts(struct host *h, struct host_mounts *out) must_check;
void host_mounts_fini(struct host_mounts *mounts);
bool host_mount_is_below(const char *path, const char *point);
bool host_mount_uuid(struct host *h, const char *node, char *buf, size_t size);
bool host_mount_used(struct host *h, const struct host_mount *m, struct host_mount_user *out);

#endif /* VFIO_RUN_HOST_MOUNTS_H */
