/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-cpu.c - rows: where the guest's processors, memory and BARs are to be */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/kernel/cpus.h"
#include "launcher/host/kernel/machine.h"
#include "launcher/host/programs.h"
#include "launcher/plan/checks/checks-rows.h"
#include "launcher/plan/qemu/window.h"

#define GIB (UINT64_C(1) << 30)

/* ---- memory-node ---------------------------------------------------------------------- */

static void check_node_memory(struct checking *c, unsigned int node)
{
	const struct profile *p = c->profile;
	struct host_hugepages pages;
	uint64_t there;

	if ((!p->device_count && !p->hugepage_bytes) || host_node_memory(c->host, node, &there))
		return;
	/* those that are reserved already are not available to anything else */
	if (p->hugepage_bytes && !host_hugepages(c->host, p->hugepage_bytes, (int)node, &pages))
		there += pages.unused * pages.page_kib * 1024;
	if (there >= p->memory_bytes)
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
	struct cpus nodes;
	int r;

	if (!p->has_memory_node)
		return;
	r = host_cpus_read(c->host, "sys/devices/system/node/has_memory", &nodes);
	if (r == -ENOENT && host_is_live(c->host))
		row_failed(c, "leave `memory-node` out",
			   "memory-node = %u: this kernel has no NUMA nodes", p->memory_node);
	else if (r)
		row_file_error(c, "/sys/devices/system/node/has_memory", r);
	else if (!cpus_has(&nodes, p->memory_node))
		row_failed(
			c,
			"write one that /sys/devices/system/node/has_memory lists, or leave it out",
			"memory-node = %u: this host has no such node with memory", p->memory_node);
	else
		check_node_memory(c, p->memory_node);
}

/* ---- cpus ----------------------------------------------------------------------------- */

/* The keys that name CPUs. */
struct named {
	const char *key;
	const struct profile_cpu_list *list;
	const struct profile_pos *pos;
};

#define NAMED_KEYS 4

static void list_named(const struct profile *p, struct named out[NAMED_KEYS])
{
	out[0] = (struct named){ "pin", &p->pin, &p->pin_pos };
	out[1] = (struct named){ "affinity", &p->affinity, &p->affinity_pos };
	out[2] = (struct named){ "emulator-pin", &p->emulator_pin, &p->emulator_pin_pos };
	out[3] = (struct named){ "iothread-pin", &p->iothread_pin, &p->iothread_pin_pos };
}

/* What the cgroup will have that QEMU is put in: below system.slice, or below the root. */
static int read_allowed(struct checking *c, struct cpus *out)
{
	static const char file[] = "sys/fs/cgroup/system.slice/cpuset.cpus.effective";
	bool systemd = sysfs_exists(c->root, "run/systemd/system");

	if (systemd && !host_cpus_read(c->host, file, out))
		return 0;
	return host_cpus_read(c->host, "sys/fs/cgroup/cpuset.cpus.effective", out);
}

static void check_list(struct checking *c, const struct named *n, const struct cpus *online,
		       const struct cpus *allowed)
{
	char there[128];

	for (size_t i = 0; i < n->list->count; i++) {
		unsigned int cpu = n->list->cpu[i];

		if (!cpus_has(online, cpu)) {
			cpus_format(online, there, sizeof(there));
			row_failed(c, "write others; `lscpu -e` shows them",
				   "%s (line %u): CPU %u is not online; "
				   "this host has %s",
				   n->key, n->pos->line, cpu, there);
			return;
		}
		if (allowed && !cpus_has(allowed, cpu)) {
			cpus_format(allowed, there, sizeof(there));
			row_failed(
				c, "write others, or end the VM that has it for itself",
				"%s (line %u): CPU %u is not among those that a VM's cgroup gets, %s",
				n->key, n->pos->line, cpu, there);
			return;
		}
	}
}

/** check_cpus() - is every CPU that the profile names online, and one that QEMU can get? */
void check_cpus(struct checking *c)
{
	struct named named[NAMED_KEYS];
	struct cpus online, allowed;
	bool limited, any = false;
	int r;

	list_named(c->profile, named);
	for (size_t i = 0; i < NAMED_KEYS; i++)
		any |= named[i].list->count != 0;
	if (!any)
		return;
	r = host_cpus_read(c->host, "sys/devices/system/cpu/online", &online);
	if (r) {
		row_file_error(c, "/sys/devices/system/cpu/online", r);
		return;
	}
	limited = !read_allowed(c, &allowed);
	for (size_t i = 0; i < NAMED_KEYS; i++)
		check_list(c, &named[i], &online, limited ? &allowed : NULL);
}

/* ---- cpu-layout ------------------------------------------------------------------------- */

static bool read_of_cpu(struct checking *c, unsigned int cpu, const char *file, struct cpus *out)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/%s", cpu, file);
	return !host_cpus_read(c->host, path, out);
}

/*
 * The halves of a core: pinned to two processors that the guest takes for two cores, or one of
 * them left to the host, both make the guest's as slow as the other half is busy.
 */
static bool remark_split(struct checking *c, const struct cpus *pinned)
{
	const struct profile *p = c->profile;
	struct cpus core;

	for (size_t i = 0; i < p->pin.count; i++) {
		unsigned int cpu = p->pin.cpu[i];

		if (!read_of_cpu(c, cpu, "topology/thread_siblings_list", &core))
			return false;
		for (unsigned int other = 0; other < CPUS_MAX; other++) {
			if (other == cpu || !cpus_has(&core, other))
				continue;
			if (!cpus_has(pinned, other))
				row_remark(
					c, "pin both, and write `threads = 2`",
					"CPU %u is half of a core, and its other half, %u, is left to the host",
					cpu, other);
			else if (p->threads == 1)
				row_remark(
					c,
					"write `threads = 2`, with the halves of a core next to each other",
					"CPUs %u and %u are halves of a core, and the guest takes them for two",
					cpu, other);
			else
				continue;
			return true;
		}
	}
	return false;
}

/* Halves that the guest knows of have to be those of the host: neighbours in `pin`. */
static bool remark_crossed(struct checking *c)
{
	const struct profile *p = c->profile;
	struct cpus core;

	for (size_t i = 0; p->threads > 1 && i < p->pin.count; i++) {
		unsigned int first = p->pin.cpu[i - i % p->threads];

		if (!read_of_cpu(c, first, "topology/thread_siblings_list", &core))
			return false;
		if (cpus_has(&core, p->pin.cpu[i]))
			continue;
		row_remark(
			c, "put the halves of a core next to each other in `pin`",
			"the guest takes CPUs %u and %u for halves of a core, which they are not",
			first, p->pin.cpu[i]);
		return true;
	}
	return false;
}

static void remark_caches(struct checking *c)
{
	const struct profile *p = c->profile;
	struct cpus cache;

	if (!p->pin.count || p->dies > 1 || p->sockets > 1 ||
	    !read_of_cpu(c, p->pin.cpu[0], "cache/index3/shared_cpu_list", &cache))
		return;
	for (size_t i = 1; i < p->pin.count; i++)
		if (!cpus_has(&cache, p->pin.cpu[i])) {
			row_remark(
				c, "pin to CPUs of one, or write `dies =` as many as there are",
				"CPUs %u and %u do not share an L3 cache, and the guest is not told",
				p->pin.cpu[0], p->pin.cpu[i]);
			return;
		}
}

/** check_cpu_layout() - does what the guest sees agree with what it is pinned to? Slower, never
 * wrong */
void check_cpu_layout(struct checking *c)
{
	const struct profile *p = c->profile;
	struct cpus pinned = { { 0 } };

	for (size_t i = 0; i < p->pin.count; i++)
		cpus_add(&pinned, p->pin.cpu[i]);
	if (!remark_split(c, &pinned))
		(void)remark_crossed(c);
	remark_caches(c);
}

/* ---- governor --------------------------------------------------------------------------- */

#define POLICIES_MAX 48 /* of one VM; what several share has room for 64 changes in all */

/** check_governor() - has every policy that the plan sets that governor? */
void check_governor(struct checking *c)
{
	struct host_policy *policy = NULL;
	char path[SYSFS_PATH_MAX], text[256];
	size_t count = 0;
	int r;

	if (c->profile->governor != PROFILE_GOVERNOR_PERFORMANCE)
		return;
	r = host_policies(c->host, &policy, &count);
	if (r == -ENOENT || (!r && !count))
		row_failed(
			c, "write `governor = keep`, or leave the line out",
			"governor: this host does not choose the clock of its CPUs (no cpufreq)");
	else if (r)
		row_file_error(c, "/sys/devices/system/cpu/cpufreq", r);
	else if (count > POLICIES_MAX && !c->profile->pin.count && !c->profile->affinity.count)
		row_failed(c, "write `pin` or `affinity`, so that only the clocks of those are set",
			   "governor: this host has %zu clocks, and at most %d can be set", count,
			   POLICIES_MAX);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(path, sizeof(path),
			       "sys/devices/system/cpu/cpufreq/%s/scaling_available_governors",
			       policy[i].name);
		if (sysfs_read(c->root, path, text, sizeof(text)) > 0 &&
		    !strstr(text, "performance")) {
			row_failed(
				c,
				"`modprobe cpufreq_performance` as root, or leave `governor` out",
				"governor: %s of this host has only %s", policy[i].name, text);
			break;
		}
	}
	free(policy);
}

/* ---- irq-affinity ----------------------------------------------------------------------- */

/** check_irqs() - is there a CPU left that interrupts can go to? */
void check_irqs(struct checking *c)
{
	const struct profile *p = c->profile;
	struct cpus online, pinned = { { 0 } };

	if (p->irq_affinity != PROFILE_IRQS_AWAY)
		return;
	for (size_t i = 0; i < p->pin.count; i++)
		cpus_add(&pinned, p->pin.cpu[i]);
	for (size_t i = 0; i < p->affinity.count; i++)
		cpus_add(&pinned, p->affinity.cpu[i]);
	if (!sysfs_exists(c->root, "proc/irq"))
		row_failed(c, "write `irq-affinity = keep`, or leave the line out",
			   "irq-affinity: this kernel does not show where its interrupts go (/proc/irq)");
	else if (!host_cpus_read(c->host, "sys/devices/system/cpu/online", &online) &&
		 cpus_are_within(&online, &pinned))
		row_failed(c, "leave one CPU out of `pin` or `affinity`",
			   "irq-affinity: no CPU would be left for the host's interrupts");
}

/** check_irqbalance() - does a daemon move them, too? Slower, never wrong */
void check_irqbalance(struct checking *c)
{
	if (c->profile->irq_affinity == PROFILE_IRQS_AWAY && sysfs_exists(c->root, "run/irqbalance"))
		row_remark(c,
			   "`systemctl disable --now irqbalance`, or name the VM's CPUs in "
			   "IRQBALANCE_BANNED_CPULIST= of /etc/default/irqbalance",
			   "irq-affinity: irqbalance runs, and moves interrupts back to the VM's CPUs");
}

/* ---- isolation --------------------------------------------------------------------------- */

static bool has_cpuset(struct checking *c)
{
	char text[256], *save = NULL;

	if (sysfs_read(c->root, "sys/fs/cgroup/cgroup.controllers", text, sizeof(text)) <= 0)
		return false;
	for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save))
		if (!strcmp(w, "cpuset"))
			return true;
	return false;
}

/* Something has to be left for all other programs. */
static bool takes_all(struct checking *c)
{
	struct named named[NAMED_KEYS];
	struct cpus left;

	if (host_cpus_read(c->host, "sys/devices/system/cpu/online", &left))
		return false;
	list_named(c->profile, named);
	for (size_t i = 0; i < NAMED_KEYS; i++)
		for (size_t n = 0; n < named[i].list->count; n++)
			left.bit[named[i].list->cpu[n] / 8] &=
				(uint8_t) ~(1u << named[i].list->cpu[n] % 8);
	return cpus_is_empty(&left);
}

/** check_isolation() - can a cgroup have these CPUs for itself? */
void check_isolation(struct checking *c)
{
	if (!c->profile->isolate_cpus)
		return;
	if (!has_cpuset(c))
		row_failed(
			c,
			"boot with cgroup v2 (systemd.unified_cgroup_hierarchy=1), or write `isolate-cpus = no`",
			"isolate-cpus: this host has no cgroup v2 with CPUs to give (cpuset)");
	else if (!sysfs_exists(c->root, "run/systemd/system") ||
		 (host_is_live(c->host) && !host_program_exists("scope")))
		row_failed(
			c,
			"write `isolate-cpus = no`, or start it where systemd is, with a vfio-run that was built for it",
			"isolate-cpus: there is no systemd to keep the CPUs free");
	else if (c->request->service)
		row_failed(
			c, "start it with `vfio-run NAME`, or write `isolate-cpus = no`",
			"isolate-cpus: a VM that a unit starts stays in that unit's cgroup: not supported yet");
	else if (takes_all(c))
		row_failed(c, "leave one CPU out of `pin` and the other lists",
			   "isolate-cpus: no CPU would be left for anything else on this host");
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
