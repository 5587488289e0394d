/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passt.h - the program that speaks for a guest on the host's network: which one, does it start here */
#ifndef VFIO_RUN_HOST_PASST_H
#define VFIO_RUN_HOST_PASST_H

#include <stdbool.h>

#include "launcher/host/user/user.h"

struct host_passt {
	bool recent;	 /* of 2025 or newer */
	int error;	 /* 0: it started, and ended with its connection; -EPROTO: it did not */
	char said[256]; /* why not, in its words: its first line */
};

int host_passt(const struct host_user *user, const char *path, struct host_passt *out) must_check;

#endif /* VFIO_RUN_HOST_PASST_H */
