/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks-vm.c - rows: what a VM needs beside its devices: kernel, QEMU, memory */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/kernel/machine.h"
#include "launcher/host/kernel/modules.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/plan/changes/nets.h"
#include "launcher/plan/changes/shm.h"
#include "launcher/plan/checks/checks-rows.h"
#include "launcher/setup/packages.h"

static void check_hugepages(struct checking *c)
{
	const struct profile *p = c->profile;
	struct host_hugepages pages;
	int r;

	if (!p->hugepage_bytes)
		return;
	r = host_hugepages(c->host, p->hugepage_bytes, -1, &pages);
	if (r)
		row_failed(c, "write `hugepages = 2M`, or leave the line out",
			   "this kernel has no huge pages of that size: %s", strerror(-r));
	else if (p->memory_bytes % ((uint64_t)pages.page_kib * 1024))
		row_failed(c, "write another `memory`, or a smaller size of `hugepages`",
			   "memory is no multiple of the %" PRIu32 " kB of a huge page", pages.page_kib);
}

/* What a profile can ask for, but this version or this kernel cannot do. */
void check_supported(struct checking *c)
{
	const struct profile *p = c->profile;
	const char *machine = p->machine ? p->machine : "q35";
	size_t queues, files;

	if (strcmp(machine, "q35") && strncmp(machine, "pc-q35-", 7))
		row_failed(c, "write machine = q35, or one of its versions",
			   "the machine %s has no PCI Express, which the devices are put on",
			   machine);
	queues = plan_net_channels(p, c->request->facts, NULL, 0) +
		 plan_temporaries(p, p->disk_count);
	files = plan_shm_files(p);
	if (queues > KEEPER_QEMU_NETS_MAX)
		row_failed(c, "write smaller `queues`",
			   "%zu queues of network cards and temporary disks; there can be %d in all",
			   queues, KEEPER_QEMU_NETS_MAX);
	else if (queues + files > KEEPER_QEMU_NETS_MAX)
		row_failed(c, "write fewer [shm]",
			   "%zu queues of network cards, temporary disks and shared memory; there can be %d in all",
			   queues + files, KEEPER_QEMU_NETS_MAX);
	check_hugepages(c);
}

/* Its IOMMU, its guests and its system calls are others; without /proc/cpuinfo it is not known. */
void check_processor(struct checking *c)
{
	struct host_machine m;

	if (!host_machine(c->host, &m) && m.foreign)
		row_failed(c, PLAN_FOREIGN_REMEDY, PLAN_FOREIGN, m.foreign);
}

void check_kvm(struct checking *c)
{
	struct host_machine m;

	if (c->profile && c->profile->accel != PROFILE_ACCEL_KVM)
		return;
	if (sysfs_exists(c->root, "sys/class/misc/kvm") ||
	    sysfs_exists(c->root, "sys/devices/virtual/misc/kvm"))
		return;
	if (host_machine(c->host, &m)) {
		row_file_error(c, "/proc/cpuinfo", -ENOENT);
		return;
	}
	if (!m.virtualization)
		row_failed(c,
			   m.cpu == HOST_CPU_AMD ? "switch SVM on in the firmware's setup"
						 : "switch Intel VT-x on in the firmware's setup",
			   "there is no KVM: the processor does not offer virtualization");
	else
		row_failed(c,
			   m.cpu == HOST_CPU_AMD ? "`modprobe kvm_amd` as root"
						 : "`modprobe kvm_intel` as root",
			   "there is no KVM: its module is not loaded");
}

/* ---- modules --------------------------------------------------------------------------- */

static void check_signature(struct checking *c, struct host_modules *m, const char *module)
{
	const char *why = host_modules_want_signatures(c->root);

	if (why && host_module_signed(m, module) == 0)
		row_failed(
			c,
			"sign it with a key that this kernel trusts (DKMS and `mokutil --import`), or switch Secure Boot off",
			"the module %s is not loaded, and %s forbids to load one without a signature",
			module, why);
}

static void check_module(struct checking *c, struct host_modules *m, const char *module)
{
	enum host_module state;

	if (host_module_loaded(c->host, module))
		return;
	if (host_module_state(m, module, &state) || state == HOST_MODULE_MISSING)
		row_failed(c, "boot a kernel that has it", "the running kernel has no module %s",
			   module);
	else if (state == HOST_MODULE_AVAILABLE && host_modules_are_off(c->root))
		row_failed(c, "name it in /etc/modules-load.d, so that it is loaded before, and `reboot`",
			   "the module %s is not loaded, and kernel.modules_disabled forbids to load one",
			   module);
	else if (state == HOST_MODULE_AVAILABLE)
		check_signature(c, m, module);
}

static bool all_loaded(struct checking *c, const char (*module)[HOST_WORD_MAX], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!host_module_loaded(c->host, module[i]))
			return false;
	return true;
}

/* The drivers' modules are called like them, with underscores. */
static void need(char (*module)[HOST_WORD_MAX], size_t *count, size_t room, const char *driver)
{
	char name[HOST_WORD_MAX];

	(void)snprintf(name, sizeof(name), "%s", driver);
	for (char *p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	for (size_t i = 0; i < *count; i++)
		if (!strcmp(module[i], name))
			return;
	if (*count < room)
		(void)snprintf(module[(*count)++], HOST_WORD_MAX, "%s", name);
}

void check_modules(struct checking *c)
{
	char module[8][HOST_WORD_MAX];
	struct host_modules *m = NULL;
	size_t count = 0;
	int r;

	need(module, &count, ARRAY_SIZE(module), "vfio_iommu_type1");
	if (!c->device_count)
		need(module, &count, ARRAY_SIZE(module), "vfio-pci");
	for (size_t i = 0; i < c->device_count; i++)
		need(module, &count, ARRAY_SIZE(module), c->device[i].driver);
	if (all_loaded(c, (const char(*)[HOST_WORD_MAX])module, count))
		return;
	r = host_modules_of(c->host, &m);
	if (r == -ENODATA)
		row_skipped(c, "not checked: the captured tree does not say which kernel it is");
	else if (r == -ELIBACC)
		row_failed(c, "install vfio-run again", "the program that knows modules is not there");
	else if (r)
		row_failed(c, "`reboot`: an update has taken away the running kernel's modules",
			   "the running kernel's modules are not there");
	for (size_t i = 0; i < count && !r; i++)
		check_module(c, m, module[i]);
	host_modules_close(m);
}

/* ---- QEMU ------------------------------------------------------------------------------ */

/* Of the packages that Debian 13 has qxl and virtio's cards in, Debian 12 has none. */
static void need_device(struct checking *c, const char *device)
{
	const struct plan_host_facts *f = c->request->facts;
	char remedy[SETUP_INSTALL_MAX + 64], install[SETUP_INSTALL_MAX];

	if (!device || host_qemu_has_device(f->qemu, f->user, device))
		return;
	(void)snprintf(remedy, sizeof(remedy), "%s, or write another word in [display]",
		       setup_install_part(host_root_fd(c->host),
					  strstr(device, "qxl") ? "qemu-system-modules-spice"
								: "qemu-system-common", install));
	row_failed(c, remedy, "%s has no %s, which [display] needs", f->qemu, device);
}

static void check_shown_devices(struct checking *c)
{
	need_device(c, plan_video(c->profile));
	need_device(c, plan_pointer(c->profile));
	need_device(c, c->profile->clipboard ? "virtserialport" : NULL);
}

void check_qemu_devices(struct checking *c)
{
	const struct plan_host_facts *f = c->request->facts;
	char remedy[SETUP_INSTALL_MAX + 64], install[SETUP_INSTALL_MAX];
	int r;

	if (!f || !f->qemu || !f->user) {
		row_skipped(c, "not checked: there is no QEMU to ask, or nobody to ask it as");
		return;
	}
	r = host_qemu_has_device(f->qemu, f->user, "vfio-pci");
	if (r < 0)
		row_skipped(c, "%s does not list its devices: %s", f->qemu, strerror(-r));
	(void)snprintf(remedy, sizeof(remedy), "%s, or name another one with `qemu =`",
		       setup_install(host_root_fd(c->host), "qemu", install));
	if (!r)
		row_failed(c, remedy,
			   "%s has no vfio-pci: it cannot give a device to a guest", f->qemu);
	if (c->profile)
		check_shown_devices(c);
}

/* ---- render-node ---------------------------------------------------------------------- */

/** check_render() - has a card that stays with the host a node that QEMU can draw by? */
void check_render(struct checking *c)
{
	const struct plan_host_facts *f = c->request->facts;

	if (profile_display_type(c->profile) != PROFILE_DISPLAY_EGL_HEADLESS || !f)
		return;
	if (!plan_render(c->plan, f))
		row_failed(c, "write `type = spice` or `type = vnc` in [display]",
			   f->render_count ? "egl-headless: every card with a render node goes to the guest"
					   : "egl-headless: no graphics card of this host has a render node");
}

/* ---- memory ---------------------------------------------------------------------------- */

static void show_bytes(uint64_t bytes, char *buf, size_t size)
{
	if (bytes >= UINT64_C(10) << 30)
		(void)snprintf(buf, size, "%" PRIu64 "G", bytes >> 30);
	else
		(void)snprintf(buf, size, "%" PRIu64 "M", bytes >> 20);
}

/* A guest with a device or with huge pages has all its memory from the start; others can be swapped out. */
void check_memory(struct checking *c)
{
	char wanted[32], there[32];
	struct host_hugepages pages;
	uint64_t available;
	int r;

	if (!c->profile->device_count && !c->profile->hugepage_bytes)
		return;
	r = host_memory_available(c->host, &available);
	if (r) {
		row_file_error(c, "/proc/meminfo", r);
		return;
	}
	/* those that are reserved already are not available to anything else */
	if (c->profile->hugepage_bytes && !host_hugepages(c->host, c->profile->hugepage_bytes, -1, &pages))
		available += pages.unused * pages.page_kib * 1024;
	if (available >= c->profile->memory_bytes)
		return;
	show_bytes(c->profile->memory_bytes, wanted, sizeof(wanted));
	show_bytes(available, there, sizeof(there));
	row_failed(c, "close what takes it up (`ps --sort=-rss aux`), or write a smaller `memory`",
		   "the guest's %s are taken at once and whole, and %s are available", wanted,
		   there);
}
