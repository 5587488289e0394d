/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus.c - the host's CPUs and NUMA nodes, and how wide its addresses are */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/cpus.h"
#include "launcher/host/small-file.h"

/**
 * host_cpus_read() - a file with a list such as "0-3,8"
 * @path:	below the root: "sys/devices/system/cpu/online"
 *
 * Return: 0, also for an empty list; -EBADMSG it is no list; other -errno
 */
int host_cpus_read(struct host *h, const char *path, struct cpus *out)
{
	cleanup_free char *text = NULL;
	int r = host_text(host_root_fd(h), path, &text);

	*out = (struct cpus){ { 0 } };
	return r ? r : cpus_parse(text, out);
}

/* What the kernel can free at once counts as free, as it does in MemAvailable, which nodes do not
 * have. */
static bool counts_as_free(const char *name)
{
	static const char *const lines[] = { "MemFree", "Active(file)", "Inactive(file)",
					     "SReclaimable" };

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(name, lines[i]))
			return true;
	return false;
}

/**
 * host_node_memory() - what can be had of a node's memory without swapping, about
 *
 * Return: 0; -ENOENT there is no such node; other -errno
 */
int host_node_memory(struct host *h, unsigned int node, uint64_t *bytes)
{
	cleanup_free char *text = NULL;
	char path[SYSFS_PATH_MAX], name[32], *rest, *line;
	uint64_t kib;
	int r;

	(void)snprintf(path, sizeof(path), "sys/devices/system/node/node%u/meminfo", node);
	r = host_text(host_root_fd(h), path, &text);
	*bytes = 0;
	rest = text;
	while (!r && (line = host_next_line(&rest)))
		if (sscanf(line, "Node %*u %31[^:]: %" SCNu64 " kB", name, &kib) == 2 &&
		    counts_as_free(name))
			*bytes += kib * 1024;
	return r;
}

static unsigned int processor_bits(struct host *h)
{
	cleanup_free char *text = NULL;
	unsigned int bits = 0;
	char *rest, *line;

	if (host_text(host_root_fd(h), "proc/cpuinfo", &text))
		return 0;
	rest = text;
	while (!bits && (line = host_next_line(&rest)))
		(void)sscanf(line, "address sizes : %u bits physical", &bits);
	return bits;
}

/* The field MGAW of VT-d's capability register: one less than the width. Source: VT-d
 * specification, 11.4.2 */
static unsigned int unit_bits(struct host *h, const char *unit)
{
	char path[SYSFS_PATH_MAX], text[32];
	uint64_t capability;

	(void)snprintf(path, sizeof(path), "sys/class/iommu/%s/intel-iommu/cap", unit);
	if (sysfs_read(host_root_fd(h), path, text, sizeof(text)) <= 0 ||
	    sscanf(text, "%" SCNx64, &capability) != 1)
		return 0;
	return (unsigned int)(capability >> 16 & 0x3f) + 1;
}

/**
 * host_address_bits() - of addresses that both the processor and every IOMMU can make
 *
 * AMD's IOMMU does not report its own in sysfs: it is as wide as the processor.
 *
 * Return: the bits; 0: not known
 */
unsigned int host_address_bits(struct host *h)
{
	unsigned int bits = processor_bits(h);
	char **unit = NULL;
	size_t count = 0;

	if (host_list(host_root_fd(h), "sys/class/iommu", &unit, &count))
		return bits;
	for (size_t i = 0; i < count; i++) {
		unsigned int of_unit = unit_bits(h, unit[i]);

		if (of_unit && (!bits || of_unit < bits))
			bits = of_unit;
	}
	host_list_free(unit, count);
	return bits;
}
