/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus.h - the host's CPUs and NUMA nodes, and how wide its addresses are */
#ifndef VFIO_RUN_HOST_CPUS_H
#define VFIO_RUN_HOST_CPUS_H

#include <stdint.h>

#include "launcher/base/cpus.h"
#include "launcher/host/host.h"

int host_cpus_read(struct host *h, const char *path, struct cpus *out) must_check;
int host_node_memory(struct host *h, unsigned int node, uint64_t *bytes) must_check;

/* The CPUs that share a clock. */
struct host_policy {
	char name[32]; /* "policy0" */
	char governor[HOST_WORD_MAX];
	struct cpus cpus;
};

int host_policies(struct host *h, struct host_policy **out, size_t *count) must_check;
unsigned int host_address_bits(struct host *h);
unsigned int host_address_limit(struct host *h);

#endif /* VFIO_RUN_HOST_CPUS_H */
