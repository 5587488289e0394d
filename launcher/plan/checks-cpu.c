/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-cpu.c - rows: where the guest's processors, memory and BARs are to be */
#include <errno.h>
#include <inttypes.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/cpus.h"
#include "launcher/plan/checks-rows.h"
#include "launcher/plan/window.h"

#define GIB (UINT64_C(1) << 30)

/* ---- memory-node ---------------------------------------------------------------------- */

static void check_node_memory(struct checking *c, unsigned int node)
{
	const struct profile *p = c->profile;
	uint64_t there;

	if (!p->device_count || host_node_memory(c->host, node, &there) || there >= p->memory_bytes)
		return;
	row_failed(c, "leave `memory-node` out, or write a smaller `memory`",
		   "memory-node = %u: the guest's %" PRIu64 "M are taken at once and whole, and "
		   "that node has %" PRIu64 "M to give",
		   node, p->memory_bytes >> 20, there >> 20);
}

/** check_memory_node() - is the node there, has it memory, and enough of it? */
void check_memory_node(struct checking *c)
{
	const struct profile *p = c->profile;
	struct host_cpus nodes;
	int r;

	if (!p->has_memory_node)
		return;
	r = host_cpus_read(c->host, "sys/devices/system/node/has_memory", &nodes);
	if (r == -ENOENT && host_is_live(c->host))
		row_failed(c, "leave `memory-node` out",
			   "memory-node = %u: this kernel has no NUMA nodes", p->memory_node);
	else if (r)
		row_file_error(c, "/sys/devices/system/node/has_memory", r);
	else if (!host_cpus_has(&nodes, p->memory_node))
		row_failed(
			c,
			"write one that /sys/devices/system/node/has_memory lists, or leave it out",
			"memory-node = %u: this host has no such node with memory", p->memory_node);
	else
		check_node_memory(c, p->memory_node);
}

/* ---- mmio64 ----------------------------------------------------------------------------- */

/** check_window() - do the BARs fit into the window, and the window into what can be addressed? */
void check_window(struct checking *c)
{
	const struct profile *p = c->profile;
	uint64_t window, needed, end;
	unsigned int bits;

	if (!p || p->firmware == PROFILE_FIRMWARE_BIOS)
		return;
	window = plan_window(c->plan, p);
	needed = plan_window_needed(c->plan);
	bits = host_address_bits(c->host);
	if (!window)
		return;
	if (window < needed) {
		row_failed(c, "write `mmio64 = auto`, or leave the line out",
			   "mmio64 = %" PRIu64 "G: the devices' BARs take up to %" PRIu64 "G",
			   window / GIB, (needed + GIB - 1) / GIB);
		return;
	}
	end = plan_window_end(window, p->memory_bytes);
	if (bits && bits < 64 && end > UINT64_C(1) << bits)
		row_failed(c,
			   p->mmio64_bytes ? "write a smaller `mmio64`, or a smaller `memory`"
					   : "give fewer devices, or write a smaller `memory`",
			   "the devices' BARs and the memory reach up to %" PRIu64
			   "G in the guest, and this "
			   "host's processor or IOMMU addresses %" PRIu64 "G (%u bits)",
			   end / GIB, (UINT64_C(1) << bits) / GIB, bits);
}
