/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apple-smc.h - the string of an Apple SMC, from a file of the user's to QEMU */
#ifndef VFIO_RUN_HOST_APPLE_SMC_H
#define VFIO_RUN_HOST_APPLE_SMC_H

#include <stdint.h>

#include "launcher/host/user/user.h"

#define APPLE_SMC_LENGTH 64 /* of the string: QEMU's hw/misc/applesmc.c takes no other */

struct apple_smc {
	int error;	  /* 0, or the -errno of reading the file */
	uint32_t fits;	  /* 1: it holds such a string */
	uint64_t length;  /* what it holds, without the end of the line */
};

int host_apple_smc(const struct host_user *user, const char *path, struct apple_smc *out,
		   int *fd_out) must_check;

#endif /* VFIO_RUN_HOST_APPLE_SMC_H */
