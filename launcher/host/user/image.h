/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image.h - the files that a disk image is made of: a qcow2 and those behind it */
#ifndef VFIO_RUN_HOST_IMAGE_H
#define VFIO_RUN_HOST_IMAGE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/host/user/user.h"

#define IMAGE_CHAIN_MAX 32 /* files; QEMU itself has no limit; real chains are shorter */

struct image_problem {
	char path[PATH_MAX]; /* the file that it is about */
	int error;           /* 0, or the -errno of opening it */
	const char *what;    /* one clause, static; NULL with an error */
	const char *remedy;  /* likewise */
};

/* Called for each file behind the first; not 0 ends the walk. */
typedef int (*image_behind_fn)(void *context, const char *path);

int host_image_chain(const struct host_user *user, const char *path, image_behind_fn fn,
		     void *context, struct image_problem *out) must_check;
int image_backing_name(const uint8_t *head, size_t size, uint64_t *offset,
		       uint32_t *length) must_check;

#endif /* VFIO_RUN_HOST_IMAGE_H */
