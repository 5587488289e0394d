/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list-cpu.c - `vfio-run list cpu`: cores by cache and node, and what a VM would be pinned to
 *
 * CPUs with the same node, L3 cache and number of threads are one line: of them any can be taken
 * for another. The proposal is that of `new`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/cli.h"
#include "launcher/commands/list/list.h"
#include "launcher/commands/new/new.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"
#include "launcher/host/kernel/cpus.h"

#define LISTS_MAX 512

struct cpu {
	unsigned int number, core, threads; /* core: the first CPU of it */
	int node;                           /* -1: not known */
	int cache;                          /* the first CPU of its L3 cache; -1: none */
	unsigned long cache_kib, mhz;       /* 0: not known */
};

struct cpu_list {
	struct cpu *item;
	size_t count;
};

static unsigned long read_number(struct host *h, unsigned int cpu, const char *file)
{
	char path[128], text[32];

	(void)snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/%s", cpu, file);
	return sysfs_read(host_root_fd(h), path, text, sizeof(text)) > 0 ? strtoul(text, NULL, 10)
									 : 0;
}

static bool read_set(struct host *h, unsigned int cpu, const char *file, struct cpus *out)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "sys/devices/system/cpu/cpu%u/%s", cpu, file);
	return !host_cpus_read(h, path, out) && !cpus_is_empty(out);
}

static void read_cpu(struct host *h, unsigned int number, struct cpu *out)
{
	struct cpus set;

	*out = (struct cpu){
		.number = number, .core = number, .threads = 1, .node = -1, .cache = -1
	};
	if (read_set(h, number, "topology/core_cpus_list", &set) ||
	    read_set(h, number, "topology/thread_siblings_list", &set)) {
		out->core = cpus_first(&set);
		out->threads = cpus_count(&set);
	}
	if (read_set(h, number, "cache/index3/shared_cpu_list", &set))
		out->cache = (int)cpus_first(&set);
	out->cache_kib = read_number(h, number, "cache/index3/size");
	out->mhz = read_number(h, number, "cpufreq/cpuinfo_max_freq") / 1000;
}

static void read_nodes(struct host *h, struct cpu_list *list)
{
	char path[96];
	struct cpus nodes, set;

	if (host_cpus_read(h, "sys/devices/system/node/online", &nodes))
		return;
	for (unsigned int n = 0; n < CPUS_MAX; n++) {
		if (!cpus_has(&nodes, n))
			continue;
		(void)snprintf(path, sizeof(path), "sys/devices/system/node/node%u/cpulist", n);
		if (host_cpus_read(h, path, &set))
			continue;
		for (size_t i = 0; i < list->count; i++)
			if (cpus_has(&set, list->item[i].number))
				list->item[i].node = (int)n;
	}
}

/* Return: is there anything to show? */
static bool read_all(struct host *h, struct cpu_list *out)
{
	struct cpus online;

	*out = (struct cpu_list){ .count = 0 };
	if (host_cpus_read(h, "sys/devices/system/cpu/online", &online))
		return false;
	out->item = calloc(cpus_count(&online) + 1, sizeof(*out->item));
	for (unsigned int n = 0; out->item && n < CPUS_MAX; n++)
		if (cpus_has(&online, n))
			read_cpu(h, n, &out->item[out->count++]);
	read_nodes(h, out);
	return out->count;
}

/* ---- text
 * ---------------------------------------------------------------------------------------- */

static bool are_alike(const struct cpu *a, const struct cpu *b)
{
	return a->node == b->node && a->cache == b->cache && a->threads == b->threads;
}

static void print_group(const struct cpu_list *list, size_t first)
{
	const struct cpu *c = &list->item[first];
	struct cpus set = { { 0 } };
	unsigned int cores = 0;
	unsigned long mhz = 0;
	char numbers[LISTS_MAX], cache[32] = "-", node[16] = "-", clock[24] = "-";

	for (size_t i = first; i < list->count; i++) {
		if (!are_alike(&list->item[i], c))
			continue;
		cpus_add(&set, list->item[i].number);
		cores += list->item[i].core == list->item[i].number;
		mhz = list->item[i].mhz > mhz ? list->item[i].mhz : mhz;
	}
	cpus_format(&set, numbers, sizeof(numbers));
	if (c->node >= 0)
		(void)snprintf(node, sizeof(node), "%d", c->node);
	if (c->cache >= 0)
		(void)snprintf(cache, sizeof(cache), "%lu MiB", (c->cache_kib + 512) / 1024);
	if (mhz)
		(void)snprintf(clock, sizeof(clock), "%lu", mhz);
	(void)printf("%-4s %-8s %5u %7u %7s  ", node, cache, cores, c->threads, clock);
	columns_wrap(numbers, 37, 37, screen_width());
}

static bool is_first(const struct cpu_list *list, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (are_alike(&list->item[k], &list->item[i]))
			return false;
	return true;
}

static const char *pins_of(const struct new_cpus *c, char buf[LISTS_MAX])
{
	size_t used = 0;

	*buf = '\0';
	for (unsigned int i = 0; i < c->count && used < LISTS_MAX; i++)
		used += (size_t)snprintf(buf + used, LISTS_MAX - used, "%s%u", i ? "," : "",
					 c->pin[i]);
	return buf;
}

static void print_proposal(const struct new_cpus *c)
{
	char pins[LISTS_MAX], host[LISTS_MAX];

	if (cpus_is_empty(&c->host)) {
		(void)printf("\n");
		columns_wrap(
			"Too few cores to divide them: host and guest share them, and nothing is pinned.",
			0, 0, screen_width());
		(void)printf("    cpus = %u\n", c->count);
		return;
	}
	cpus_format(&c->host, host, sizeof(host));
	(void)printf("\nFor a VM, as `vfio-run new` writes it%s:\n    cpus = %u\n",
		     c->shares_cache ? ", all with one L3 cache" : "", c->count);
	if (c->threads > 1)
		(void)printf("    threads = %u\n", c->threads);
	(void)printf("    pin = %s\n    emulator-pin = %s\n", pins_of(c, pins), host);
}

/* ---- JSON
 * ---------------------------------------------------------------------------------------- */

static void put(struct json_object *o, const char *key, struct json_object *value)
{
	(void)json_object_object_add(o, key, value);
}

static struct json_object *cpu_json(const struct cpu *c)
{
	struct json_object *o = json_object_new_object();

	put(o, "cpu", json_object_new_int((int)c->number));
	put(o, "core", json_object_new_int((int)c->core));
	put(o, "threads", json_object_new_int((int)c->threads));
	put(o, "node", c->node < 0 ? NULL : json_object_new_int(c->node));
	put(o, "l3", c->cache < 0 ? NULL : json_object_new_int(c->cache));
	put(o, "l3_kib", c->cache_kib ? json_object_new_int64((int64_t)c->cache_kib) : NULL);
	put(o, "max_mhz", c->mhz ? json_object_new_int64((int64_t)c->mhz) : NULL);
	return o;
}

static void print_json(const struct cpu_list *list, const struct new_cpus *c)
{
	struct json_object *o = json_object_new_object(), *array = json_object_new_array(),
			   *p = json_object_new_object();
	bool divided = !cpus_is_empty(&c->host);
	char text[LISTS_MAX];

	for (size_t i = 0; i < list->count; i++)
		(void)json_object_array_add(array, cpu_json(&list->item[i]));
	put(p, "cpus", json_object_new_int((int)c->count));
	put(p, "threads", json_object_new_int((int)c->threads));
	put(p, "pin", divided ? json_object_new_string(pins_of(c, text)) : NULL);
	cpus_format(&c->host, text, sizeof(text));
	put(p, "emulator_pin", divided ? json_object_new_string(text) : NULL);
	put(o, "cpus", array);
	put(o, "proposal", p);
	screen_print_json(o);
	json_object_put(o);
}

/** list_cpu() - Return: an exit code */
int list_cpu(const struct cli *cli, struct host *host)
{
	struct new_cpus proposal;
	struct cpu_list list;

	if (!read_all(host, &list)) {
		log_error("the CPUs cannot be read");
		free(list.item);
		return EXIT_HOST;
	}
	new_choose_cpus(host, &proposal);
	if (cli->json) {
		print_json(&list, &proposal);
	} else {
		(void)puts("NODE L3       CORES THREADS     MHZ  CPUS");
		for (size_t i = 0; i < list.count; i++)
			if (is_first(&list, i))
				print_group(&list, i);
		print_proposal(&proposal);
	}
	free(list.item);
	return EXIT_OK;
}
