/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * new-cpus.c - which CPUs a new VM gets
 *
 * Whole cores, as threads of one core disturb each other. On a processor with several L3 caches
 * all of one cache, the largest: a guest that is spread over two pays for each line that moves.
 * Of different cores (Intel hybrids) those with most threads. Source of the lists: the kernel's
 * Documentation/ABI/stable/sysfs-devices-system-cpu
 */
#include <stdlib.h>
#include <string.h>

#include "launcher/commands/new/new.h"
#include "launcher/host/kernel/cpus.h"
#include "launcher/host/small-file.h"

#define CORES_MAX (CPUS_VM_MAX / 2)
#define FEWEST_CORES 4 /* with fewer, host and guest share them */

struct core {
	struct cpus cpus;
	unsigned int first, threads;
	unsigned int cache; /* the first CPU of its L3 cache; CPUS_MAX: none is known */
	unsigned long cache_kib;
};

static bool read_set(struct host *h, unsigned int cpu, const char *file, struct cpus *out)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/%s", cpu, file);
	return host_cpus_read(h, path, out) == 0 && !cpus_is_empty(out);
}

static void read_core(struct host *h, unsigned int cpu, struct core *c)
{
	char path[128];
	cleanup_free char *size = NULL;
	struct cpus cache;

	*c = (struct core){ .first = cpu, .cache = CPUS_MAX };
	if (!read_set(h, cpu, "topology/core_cpus_list", &c->cpus) &&
	    !read_set(h, cpu, "topology/thread_siblings_list", &c->cpus))
		cpus_add(&c->cpus, cpu);
	c->threads = cpus_count(&c->cpus);
	if (read_set(h, cpu, "cache/index3/shared_cpu_list", &cache))
		c->cache = cpus_first(&cache);
	(void)snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/cache/index3/size", cpu);
	if (!host_text(host_root_fd(h), path, &size))
		c->cache_kib = strtoul(size, NULL, 10);
}

/* Of each core its first CPU stands for it. */
static size_t read_cores(struct host *h, struct core *core)
{
	struct cpus online;
	size_t count = 0;

	if (host_cpus_read(h, "sys/devices/system/cpu/online", &online))
		return 0;
	for (unsigned int cpu = 0; cpu < CPUS_MAX && count < CORES_MAX; cpu++) {
		if (!cpus_has(&online, cpu))
			continue;
		read_core(h, cpu, &core[count]);
		if (cpus_first(&core[count].cpus) == cpu)
			count++;
	}
	return count;
}

/* Only those that are as large as the largest stay. */
static size_t keep_large(struct core *core, size_t count)
{
	unsigned int most = 0;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		most = core[i].threads > most ? core[i].threads : most;
	for (size_t i = 0; i < count; i++)
		if (core[i].threads == most)
			core[kept++] = core[i];
	return kept;
}

static bool are_in_one(const struct core *core, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (core[i].cache != core[0].cache)
			return false;
	return true;
}

/* The cache that the guest gets: the largest, the last of equal ones. The first is where a host's own work gathers. */
static unsigned int best_cache(const struct core *core, size_t count)
{
	const struct core *best = &core[0];

	for (size_t i = 1; i < count; i++)
		if (core[i].cache_kib >= best->cache_kib)
			best = &core[i];
	return best->cache;
}

static void give(struct new_cpus *out, const struct core *c)
{
	for (unsigned int cpu = 0; cpu < CPUS_MAX && out->count < CPUS_VM_MAX; cpu++)
		if (cpus_has(&c->cpus, cpu))
			out->pin[out->count++] = (uint16_t)cpu;
	out->threads = c->threads;
}

static void keep(struct new_cpus *out, const struct core *c)
{
	for (unsigned int cpu = 0; cpu < CPUS_MAX; cpu++)
		if (cpus_has(&c->cpus, cpu))
			cpus_add(&out->host, cpu);
}

/**
 * new_choose_cpus() - divide the host's CPUs between a new VM and the host
 * @out:	at least one processor for the guest; no pins where the host has fewer than FEWEST_CORES cores
 */
void new_choose_cpus(struct host *h, struct new_cpus *out)
{
	struct core *core = calloc(CORES_MAX, sizeof(*core));
	size_t all, count, kept;
	bool one;

	*out = (struct new_cpus){ .threads = 1, .count = 1 };
	if (!core)
		return;
	all = read_cores(h, core);
	count = keep_large(core, all);
	kept = count / 4 ? count / 4 : 1; /* the host's, where there is one cache */
	one = are_in_one(core, count);
	out->count = 0;
	if (count < FEWEST_CORES) {
		out->count = all > 1 ? (unsigned int)all - 1 : 1;
		free(core);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (one ? i >= kept : core[i].cache == best_cache(core, count))
			give(out, &core[i]);
		else
			keep(out, &core[i]);
	out->shares_cache = !one;
	free(core);
}
