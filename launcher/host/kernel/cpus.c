/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cpus.c - the host's CPUs and NUMA nodes, and how wide its addresses are */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/kernel/cpus.h"
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

static void read_policy(struct host *h, const char *name, struct host_policy *out)
{
	char path[SYSFS_PATH_MAX], text[4096];
	int root = host_root_fd(h);

	*out = (struct host_policy){ .name = "" };
	(void)snprintf(out->name, sizeof(out->name), "%s", name);
	(void)snprintf(path, sizeof(path), "sys/devices/system/cpu/cpufreq/%s/scaling_governor",
		       name);
	(void)sysfs_read(root, path, out->governor, sizeof(out->governor));
	(void)snprintf(path, sizeof(path), "sys/devices/system/cpu/cpufreq/%s/affected_cpus", name);
	(void)sysfs_read(root, path, text, sizeof(text));
	for (char *p = text; *p; p++) /* here the kernel puts blanks between them */
		if (*p == ' ')
			*p = ',';
	if (cpus_parse(text, &out->cpus))
		out->cpus = (struct cpus){ { 0 } };
}

/**
 * host_policies() - how the clocks of the CPUs are chosen
 * @out:	freed by the caller; those that are online
 *
 * Return: 0; -ENOENT this host does not choose them; other -errno
 */
int host_policies(struct host *h, struct host_policy **out, size_t *count)
{
	char **name = NULL;
	size_t names = 0;
	int r = host_list(host_root_fd(h), "sys/devices/system/cpu/cpufreq", &name, &names);

	*count = 0;
	*out = r ? NULL : calloc(names + 1, sizeof(**out));
	if (!r && !*out)
		r = -ENOMEM;
	for (size_t i = 0; i < names && !r; i++) {
		struct host_policy *p = &(*out)[*count];

		if (strncmp(name[i], "policy", 6))
			continue;
		read_policy(h, name[i], p);
		*count += *p->governor && !cpus_is_empty(&p->cpus);
	}
	if (!r)
		host_list_free(name, names);
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

/** host_address_limit() - likewise, where the processor alone can make more; 0: it cannot */
unsigned int host_address_limit(struct host *h)
{
	unsigned int bits = host_address_bits(h);

	return bits < processor_bits(h) ? bits : 0;
}
