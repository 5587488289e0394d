/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report-machine.c - the machine as tests/sysfs/make-tree takes it: facts only, one function a line
 *
 * Whoever gets a report can build the tree again, and look at it with --sysroot. A bridge stands
 * before what is under it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/commands/report/report.h"
#include "launcher/host/kernel/machine.h"
#include "launcher/host/small-file.h"

static void print_size(uint64_t bytes)
{
	static const struct {
		unsigned int shift;
		char sign;
	} units[] = { { 30, 'G' }, { 20, 'M' }, { 10, 'K' } };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (bytes && !(bytes & ((1ull << units[i].shift) - 1))) {
			(void)printf("%" PRIu64 "%c", bytes >> units[i].shift, units[i].sign);
			return;
		}
	(void)printf("%" PRIu64, bytes);
}

static void print_bars(const struct host_device *d)
{
	int last = HOST_BARS;

	while (last && !d->bar_bytes[last - 1])
		last--;
	for (int i = 0; i < last; i++) {
		(void)printf("%s", i ? "," : " bars=");
		print_size(d->bar_bytes[i]);
	}
}

/* Which sizes each of its BARs can have, as the kernel writes it. */
static void print_rebar(int root, const struct host_device *d)
{
	const char *between = " rebar=";
	char path[96], text[32];

	for (int i = 0; i < 6; i++) {
		(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/resource%d_resize",
			       d->name, i);
		if (sysfs_read(root, path, text, sizeof(text)) <= 0)
			continue;
		(void)printf("%s%d:%s", between, i, text);
		between = ",";
	}
}

static void print_words(const char *key, const char *words)
{
	if (!*words)
		return;
	(void)printf(" %s=", key);
	for (; *words; words++)
		(void)putchar(*words == ' ' ? ',' : *words);
}

static void print_numbers(const struct host_device *d)
{
	if (d->iommu_group >= 0)
		(void)printf(" group=%d", d->iommu_group);
	if (d->numa_node >= 0)
		(void)printf(" numa=%d", d->numa_node);
	if (d->d3cold_allowed >= 0)
		(void)printf(" d3cold=%d", d->d3cold_allowed);
	if (host_device_is_display(d))
		(void)printf(" boot_vga=%d", d->boot_vga);
	if (d->sriov_totalvfs >= 0)
		(void)printf(" numvfs=%d totalvfs=%d", d->sriov_numvfs > 0 ? d->sriov_numvfs : 0,
			     d->sriov_totalvfs);
}

static const char *parent_of(const struct host_device *d)
{
	return *d->bridge ? d->bridge : d->controller;
}

static void print_device(int root, const struct host_device *d)
{
	(void)printf("pci %s", d->name);
	print_words("under", parent_of(d));
	(void)printf(" id=%04x:%04x sub=%04x:%04x class=%06x", d->vendor, d->device,
		     d->subsystem_vendor, d->subsystem_device, d->class_id);
	if (d->header_type != ((d->class_id >> 8) == 0x0604))
		(void)printf(" type=%02x", d->header_type);
	print_words("driver", d->driver);
	print_words("module", d->module);
	print_words("override", d->driver_override);
	print_words("physfn", d->physfn);
	print_numbers(d);
	print_bars(d);
	print_rebar(root, d);
	print_words("reset", d->reset_methods);
	if (*d->power_control && strcmp(d->power_control, "on") != 0)
		print_words("power", d->power_control);
	if (d->vfio)
		(void)printf(" vfio=0");
	if (d->config_dead)
		(void)printf(" dead=1");
	(void)putchar('\n');
}

static bool is_printed(const struct host_devices *all, const bool *done, const char *name)
{
	for (size_t i = 0; i < all->count; i++)
		if (!strcmp(all->item[i]->name, name))
			return done[i];
	return true; /* not among them: nothing to wait for */
}

static void print_devices(int root, const struct host_devices *all)
{
	cleanup_free bool *done = calloc(all->count + 1, sizeof(*done));
	bool some = true;

	while (done && some) {
		some = false;
		for (size_t i = 0; i < all->count; i++) {
			const struct host_device *d = all->item[i];

			if (done[i] || !is_printed(all, done, parent_of(d)) ||
			    !is_printed(all, done, d->physfn))
				continue;
			print_device(root, d);
			done[i] = some = true;
		}
	}
}

static void print_modules(int root)
{
	static const char *const names[] = { "vfio", "vfio_pci",  "vfio_iommu_type1", "iommufd",
					     "kvm",  "kvm_intel", "kvm_amd" };
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		(void)snprintf(path, sizeof(path), "sys/module/%s", names[i]);
		if (sysfs_exists(root, path))
			(void)printf("module %s\n", names[i]);
	}
	if (sysfs_exists(root, "sys/bus/pci/drivers/vfio-pci"))
		(void)puts("driver vfio-pci");
}

static void print_reserved(struct host *h, int group)
{
	struct host_devices members;
	bool foreign;

	if (host_group_reserved_direct(h, group) == 1)
		(void)printf("reserved %d direct\n", group);
	if (host_group(h, group, &members, &foreign))
		return;
	if (foreign)
		(void)printf("foreign %d unnamed%d\n", group, group);
	host_devices_fini(&members);
}

/* Of each group once. */
static void print_groups(struct host *h, const struct host_devices *all)
{
	for (size_t i = 0; i < all->count; i++) {
		bool before = all->item[i]->iommu_group < 0;

		for (size_t k = 0; k < i && !before; k++)
			before = all->item[k]->iommu_group == all->item[i]->iommu_group;
		if (!before)
			print_reserved(h, all->item[i]->iommu_group);
	}
}

/* Of another kind of processor a line by which it is known; nothing more of it counts. */
static void print_processor(struct host *h)
{
	struct host_machine m;

	if (host_machine(h, &m) || !m.foreign)
		return;
	(void)fputs("file proc/cpuinfo ", stdout);
	for (const char *p = m.foreign_line; *p; p++)
		if (*p == '\t')
			(void)fputs("\\t", stdout);
		else
			(void)putchar(*p);
	(void)puts(": 0\\n");
}

/** report_machine() - print it to stdout */
void report_machine(struct host *h)
{
	struct host_devices all;

	if (host_all(h, &all))
		return;
	print_devices(host_root_fd(h), &all);
	print_modules(host_root_fd(h));
	print_groups(h, &all);
	print_processor(h);
	host_devices_fini(&all);
}
