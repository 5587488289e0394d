/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nodes.h - what a PCI function shows to programs: device nodes and network interfaces */
#ifndef VFIO_RUN_HOST_NODES_H
#define VFIO_RUN_HOST_NODES_H

#include "launcher/host/host.h"

struct host_node {
	char name[HOST_WORD_MAX];      /* as in sysfs: "card0", "controlC1", "nvme0n1p2", "eth0" */
	char subsystem[HOST_WORD_MAX]; /* "drm", "sound", "block", "net", "usb", "input", ... */
	bool block;
	uint32_t major, minor; /* 0, 0 for a network interface */
};

struct host_nodes {
	struct host_node *item;
	size_t count;
	bool truncated; /* a device with more than is reasonable */
};

int host_nodes(struct host *h, const struct host_device *d, struct host_nodes *out) must_check;
int host_nodes_below(struct host *h, const char *path, struct host_nodes *out) must_check;
void host_nodes_fini(struct host_nodes *nodes);
int host_block_name(struct host *h, uint32_t major, uint32_t minor, char *buf,
		    size_t size) must_check;

#endif /* VFIO_RUN_HOST_NODES_H */
