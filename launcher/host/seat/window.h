/* SPDX-License-Identifier: GPL-2.0-or-later */
/* window.h - where the VM's user has a desktop that a window can be shown on */
#ifndef VFIO_RUN_HOST_WINDOW_H
#define VFIO_RUN_HOST_WINDOW_H

#include <limits.h>

#include "launcher/host/user/user.h"

/* One of the two sockets; "": there is none. */
struct host_window {
	char x11[32];             /* "/tmp/.X11-unix/X0" */
	char display[16];         /* ":0" */
	char authority[PATH_MAX]; /* the file with the right to it; "": it needs none */
	char wayland[64];         /* "/run/user/1000/wayland-0" */
};

/* What the environment says; data of whoever started vfio-run. NULL: nothing. */
struct host_window_hints {
	const char *display, *authority, *wayland;
};

int host_window_find(const struct host_user *user, const struct host_window_hints *hints,
		     struct host_window *out) must_check;

#endif /* VFIO_RUN_HOST_WINDOW_H */
