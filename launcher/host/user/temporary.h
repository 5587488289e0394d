/* SPDX-License-Identifier: GPL-2.0-or-later */
/* temporary.h - a qcow2 without a name, for what a guest writes and nobody keeps */
#ifndef VFIO_RUN_HOST_TEMPORARY_H
#define VFIO_RUN_HOST_TEMPORARY_H

#include <stdbool.h>

#include "launcher/host/user/as-user.h"

#define TEMPORARY_ELSEWHERE "/var/tmp" /* where the user's home will not do */
#define TEMPORARY_REFUSED "neither the home of its user nor " TEMPORARY_ELSEWHERE \
	" takes a file without a name"
#define TEMPORARY_REMEDY "make room there, or remove the line"

struct temporary {
	const char *folder; /* the user's home */
	const char *image;  /* whose size it gets */
	bool qcow2;	    /* the image is one */
};

struct temporary_reply {
	int error;     /* 0 or -errno */
	bool of_image; /* which cannot be read; else no place takes such a file */
};

int temporary_open(const struct host_user *user, const struct temporary *t,
		   struct temporary_reply *out, int *fd_out) must_check;
size_t temporary_header(uint64_t bytes, uint8_t *out, size_t size);

#endif /* VFIO_RUN_HOST_TEMPORARY_H */
