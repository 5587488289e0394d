/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trusted.h - open a file that only root and one user can have written */
#ifndef VFIO_RUN_HOST_TRUSTED_H
#define VFIO_RUN_HOST_TRUSTED_H

#include <sys/types.h>

#include "launcher/base/cleanup.h"

/* Why a file is not trusted; the part of the path that it is about stands in `part`. */
struct trusted_error {
	char part[512];
	char text[640];	  /* for a sentence that names the path */
	const char *what; /* one sentence with its remedy: static, or text */
};

int trusted_open(const char *path, uid_t user, int *fd_out, struct trusted_error *error) must_check;

#endif /* VFIO_RUN_HOST_TRUSTED_H */
