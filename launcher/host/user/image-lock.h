/* SPDX-License-Identifier: GPL-2.0-or-later */
/* image-lock.h - does another program have a disk image open so that QEMU would refuse it? */
#ifndef VFIO_RUN_HOST_IMAGE_LOCK_H
#define VFIO_RUN_HOST_IMAGE_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/base/holders.h"
#include "launcher/host/host.h"
#include "launcher/host/user/user.h"

struct image_lock {
	int error;    /* 0, or the -errno of opening the image */
	bool locked;  /* QEMU would not get it */
	bool written; /* by a process that writes to it, else by one that denies writing */
	uint64_t inode;
};

int host_image_lock(const struct host_user *user, const char *path, bool writable,
		    struct image_lock *out) must_check;
bool host_image_locker(struct host *h, uint64_t inode, struct holder *out);

#endif /* VFIO_RUN_HOST_IMAGE_LOCK_H */
