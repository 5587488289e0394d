/* SPDX-License-Identifier: GPL-2.0-or-later */
/* render.h - the render nodes of the host's graphics cards */
#ifndef VFIO_RUN_HOST_RENDER_H
#define VFIO_RUN_HOST_RENDER_H

#include "launcher/host/host.h"
#include "launcher/host/user/user.h"

#define HOST_RENDER_MAX 16

struct host_render {
	char node[24];   /* below /dev/dri: "renderD128" */
	char device[64]; /* whose it is: a PCI address, or another name in sysfs */
	unsigned int major, minor;
};

int host_render_nodes(struct host *h, struct host_render out[HOST_RENDER_MAX],
		      size_t *count) must_check;
int host_render_usable(const struct host_user *user, const char *node) must_check;

#endif /* VFIO_RUN_HOST_RENDER_H */
