/* SPDX-License-Identifier: GPL-2.0-or-later */
/* block-use.h - what the host does with a disk: file systems, swap, RAID, volumes */
#ifndef VFIO_RUN_HOST_BLOCK_USE_H
#define VFIO_RUN_HOST_BLOCK_USE_H

#include "launcher/host/devices/nodes.h"

int host_block_use(struct host *h, const struct host_node *node, char *buf, size_t size) must_check;
int host_block_whole_use(struct host *h, const struct host_node *node, bool unmounted, char *buf,
			 size_t size) must_check;
int host_block_use_beside_mounts(struct host *h, const struct host_node *node, char *buf,
				 size_t size) must_check;
int host_block_claimed(const struct host_node *node) must_check;
int host_block_mounts(struct host *h, const struct host_node *node, char ***out,
		      size_t *count) must_check;

#endif /* VFIO_RUN_HOST_BLOCK_USE_H */
