/* SPDX-License-Identifier: GPL-2.0-or-later */
/* display-port.h - where clients of a display connect, and the password file */
#ifndef VFIO_RUN_HOST_DISPLAY_PORT_H
#define VFIO_RUN_HOST_DISPLAY_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/host/user/user.h"

/* What is in a password file, as far as that matters; the password itself is not. */
struct display_password {
	int error;    /* 0, or the -errno of reading it */
	size_t bytes; /* 0: empty; at most one more than DISPLAY_PASSWORD_MAX */
	bool line;    /* it ends in a newline, which QEMU takes for a part of it */
};

#define DISPLAY_PASSWORD_MAX 59 /* bytes. Source: SPICE_MAX_PASSWORD_LENGTH, with its NUL */
#define DISPLAY_PASSWORD_VNC 8  /* RFC 6143, 7.2.2: the rest is ignored */

int host_display_listen(const struct host_user *user, const char *address, uint16_t port,
			int *fd_out) must_check;
int host_display_socket(const struct host_user *user, const char *path, int *fd_out) must_check;
int host_display_password(const struct host_user *user, const char *path,
			  struct display_password *out) must_check;

#endif /* VFIO_RUN_HOST_DISPLAY_PORT_H */
