/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * holders.h - which processes hold a device node open
 *
 * libc only, no allocation, nothing printed: vfio-run's checks and the keeper share it.
 */
#ifndef VFIO_RUN_HOLDERS_H
#define VFIO_RUN_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"

#define HOLDER_COMM_MAX 64 /* kernel threads and some kernels have more than the classic 15 */
#define HOLDER_PATH_MAX 128

/* What is looked for. */
struct holder_target {
	bool any_vfio_device; /* any "anon_inode:[vfio-device]"; the rest is then not looked at */
	bool block;	      /* a block device, else a character device */
	uint32_t major, minor;
};

/* One process that holds one target, by however many descriptors or mappings. */
struct holder {
	int32_t pid; /* 0: no process, a file system that is mounted from the target */
	uint32_t uid;
	size_t target;		    /* index of the target */
	char comm[HOLDER_COMM_MAX]; /* the process's own words: escape before printing */
	char path[HOLDER_PATH_MAX]; /* where its descriptor leads, or the mount point, cut; likewise */
};

struct holder_scan {
	size_t found;	/* holders written */
	bool truncated; /* there are more than there was room for */
	bool complete;	/* every process could be looked into */
};

int holders_scan(int proc, const struct holder_target *target, size_t target_count,
		 struct holder *out, size_t room, struct holder_scan *result) must_check;
int holders_scan_all(int proc, const struct holder_target *target, size_t target_count,
		     struct holder *out, size_t room, struct holder_scan *result) must_check;

#endif /* VFIO_RUN_HOLDERS_H */
