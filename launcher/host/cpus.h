/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus.h - the host's CPUs and NUMA nodes, and how wide its addresses are */
#ifndef VFIO_RUN_HOST_CPUS_H
#define VFIO_RUN_HOST_CPUS_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/host/host.h"

#define HOST_CPUS_MAX 8192 /* numbers from 0 */

/* A set of CPUs, or of nodes. */
struct host_cpus {
	uint8_t bit[HOST_CPUS_MAX / 8];
};

static inline bool host_cpus_has(const struct host_cpus *set, unsigned int number)
{
	return number < HOST_CPUS_MAX && set->bit[number / 8] >> number % 8 & 1;
}

int host_cpus_read(struct host *h, const char *path, struct host_cpus *out) must_check;
int host_node_memory(struct host *h, unsigned int node, uint64_t *bytes) must_check;
unsigned int host_address_bits(struct host *h);

#endif /* VFIO_RUN_HOST_CPUS_H */
