// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-checks.c - every row of the table of checks: what makes it fail, and its message
 *
 * Each case is the machine of tests/sysfs/checks.txt with a few files changed. Files are
 * written as "PATH=TEXT", links as "PATH>TARGET", "!PATH" takes something away; $GPU and
 * so on stand for a device's directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/holders/vms.h"
#include "launcher/host/host.h"
#include "launcher/plan/checks/checks.h"
#include "profiles/profile.h"
#include "tests/sysfs/tree.h"

#define FILES_MAX 16

/* ---- the machine ---------------------------------------------------------------------- */

static char root[64];

/* What a case has changed, to be undone: what it made, and what it moved out of the way. */
#define CHANGES_MAX 64
static struct {
	char path[512];
	bool moved; /* to root/away/INDEX */
} changes[CHANGES_MAX];
static size_t change_count;

static const struct {
	const char *word, *path;
} places[] = {
	{ "$GPU", "sys/bus/pci/devices/0000:01:00.0" },
	{ "$SOUND", "sys/bus/pci/devices/0000:01:00.1" },
	{ "$BOOT", "sys/bus/pci/devices/0000:00:02.0" },
	{ "$NVME", "sys/bus/pci/devices/0000:02:00.0" },
	{ "$NIC", "sys/bus/pci/devices/0000:03:00.0" },
	{ "$USB", "sys/bus/pci/devices/0000:04:00.0" },
	{ "$SERIAL", "sys/bus/pci/devices/0000:05:00.0" },
};

#define KEYBOARD(path)                                                                                 \
	"N: Name=\"A keyboard\"\nS: Sysfs=/devices/" path "/input/input3\nB: EV=120013\n"              \
	"B: KEY=1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n\n"                  \
	"N: Name=\"Power Button\"\nS: Sysfs=/devices/LNXSYSTM:00/input/input0\nB: KEY=10000000000000 " \
	"0\n\n"

/* Everything as it should be. */
static const char *const well[FILES_MAX] = {
	"proc/cpuinfo=vendor_id\t: GenuineIntel\nflags\t\t: fpu vmx sse\n",
	"proc/cmdline=root=/dev/vda1 quiet\n",
	"proc/meminfo=MemTotal: 33554432 kB\nMemAvailable: 16777216 kB\n",
	"proc/self/mountinfo=22 1 254:1 / / rw shared:1 - ext4 /dev/vda1 rw\n",
	"proc/swaps=Filename Type Size Used Priority\n/dev/vda2 partition 1 0 -2\n",
	"proc/net/route=Iface\tDestination\nether9\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n",
	"proc/net/ipv6_route=",
	"proc/bus/input/devices=" KEYBOARD("platform/i8042"),
	"proc/locks=",
	"sys/class/misc/kvm/dev=10:232\n",
	"proc/self/status=Name:\tvfio-run\nCapEff:\t000001ffffffffff\nSeccomp:\t0\n",
};

static void expand(const char *name, char *buf, size_t size)
{
	int used = snprintf(buf, size, "%s/", root);

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		size_t length = strlen(places[i].word);

		if (!strncmp(name, places[i].word, length)) {
			used += snprintf(buf + used, size - (size_t)used, "%s", places[i].path);
			name += length;
			break;
		}
	}
	(void)snprintf(buf + used, size - (size_t)used, "%s", name);
}

static void remember(const char *path, bool moved)
{
	assert_true(change_count < CHANGES_MAX);
	(void)snprintf(changes[change_count].path, sizeof(changes[0].path), "%s", path);
	changes[change_count++].moved = moved;
}

static void away(size_t change, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s/away/%zu", root, change);
}

/* Takes what is there out of the way. Return: was there anything? */
static bool move_away(const char *path)
{
	char to[128];
	struct stat st;

	if (lstat(path, &st))
		return false;
	away(change_count, to, sizeof(to));
	assert_int_equal(rename(path, to), 0);
	remember(path, true);
	return true;
}

static void make_parents(const char *path)
{
	char part[512];
	bool new = false;

	for (size_t i = strlen(root) + 1; path[i]; i++) {
		if (path[i] != '/')
			continue;
		(void)snprintf(part, sizeof(part), "%.*s", (int)i, path);
		if (mkdir(part, 0755)) {
			assert_int_equal(errno, EEXIST);
			continue;
		}
		if (!new)
			remember(part, false);
		new = true;
	}
	if (!new) {
		(void)move_away(path);
		remember(path, false);
	}
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void undo(void)
{
	char from[128];

	while (change_count) {
		change_count--;
		if (!changes[change_count].moved) {
			(void)nftw(changes[change_count].path, remove_one, 16,
				   FTW_DEPTH | FTW_PHYS);
			continue;
		}
		away(change_count, from, sizeof(from));
		assert_int_equal(rename(from, changes[change_count].path), 0);
	}
}

static void put(const char *file);

/* proc/locks knows a file by its numbers, which only this run has. */
static void lock(const char *path)
{
	char locks[192];
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	(void)snprintf(locks, sizeof(locks),
		       "proc/locks=1: POSIX ADVISORY WRITE 9 00:01:1 0 EOF\n"
		       "2: FLOCK ADVISORY WRITE 4242 %02x:%02x:%ju 0 EOF\n",
		       major(st.st_dev), minor(st.st_dev), (uintmax_t)st.st_ino);
	put(locks);
}

static void put(const char *file)
{
	cleanup_fclose FILE *f = NULL;
	char name[256], path[512];
	size_t length = strcspn(file, "=>");

	if (*file == '!') {
		expand(file + 1, path, sizeof(path));
		assert_true(move_away(path));
		return;
	}
	(void)snprintf(name, sizeof(name), "%.*s", (int)length, file);
	expand(name, path, sizeof(path));
	make_parents(path);
	if (file[length] == '>') {
		assert_int_equal(symlink(file + length + 1, path), 0);
		return;
	}
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(file + length + 1, f) >= 0);
	(void)fflush(f);
	if (!strcmp(file + length, "=lock"))
		lock(path);
}

static void put_all(const char *const *file)
{
	for (size_t i = 0; i < FILES_MAX && file[i]; i++)
		put(file[i]);
}

static int make_machine(void **state)
{
	char path[128];

	(void)state;
	(void)unsetenv("SSH_CONNECTION");
	tree_make("checks", root);
	(void)snprintf(path, sizeof(path), "%s/away", root);
	assert_int_equal(mkdir(path, 0700), 0);
	put_all(well);
	change_count = 0; /* these stay */
	return 0;
}

static int undo_case(void **state)
{
	(void)state;
	undo();
	return 0;
}

static int drop_machine(void **state)
{
	(void)state;
	tree_remove(root);
	return 0;
}

/* ---- asking --------------------------------------------------------------------------- */

#define VM "[vm]\nmemory = 1G\nfirmware = bios\n[display]\ntype = none\n"
#define GPU VM "[gpu]\ndevice = 0000:01:00.0\n"
#define PCI(address) VM "[pci]\ndevice = " address "\n"

static struct profile *parse(const char *text)
{
	struct profile_errors errors = { 0 };
	struct profile *profile = NULL;

	if (profile_parse(text, strlen(text), "win10", &profile, &errors))
		fail_msg("%s", errors.count ? errors.item[0].text : "no profile");
	profile_errors_fini(&errors);
	return profile;
}

/* @text: a profile, or NULL for the host as a whole */
static void check_with(const char *text, const struct plan_host_facts *facts,
		       enum checks_scope scope, struct check_results *results)
{
	struct checks_request request = { .scope = scope, .facts = facts };
	struct profile *profile = text ? parse(text) : NULL;
	struct plan *plan = NULL;

	assert_int_equal(host_open(root, &request.host), 0);
	assert_int_equal(host_mark_all_stuck(request.host), 0); /* as every command does */
	if (profile)
		assert_int_equal(plan_select(profile, request.host, NULL, &plan), 0);
	request.plan = plan;
	request.profile = profile;
	assert_int_equal(checks_run(&request, results), 0);
	plan_free(plan);
	host_close(request.host);
	profile_free(profile);
}

static void check(const char *text, enum checks_scope scope, struct check_results *results)
{
	check_with(text, NULL, scope, results);
}

static const struct check_result *find(const struct check_results *results, const char *row,
				       enum check_state state, const char *detail)
{
	for (size_t i = 0; i < results->count; i++)
		if (!strcmp(results->item[i].check, row) && results->item[i].state == state &&
		    strstr(results->item[i].detail, detail))
			return &results->item[i];
	return NULL;
}

static void show(const struct check_results *results)
{
	for (size_t i = 0; i < results->count; i++)
		print_message("%d %s: %s [%s]\n", results->item[i].state, results->item[i].check,
			      results->item[i].detail,
			      results->item[i].remedy ? results->item[i].remedy : "");
}

/* ---- the cases ------------------------------------------------------------------------ */

#define STATUS_LIMITED "proc/self/status=CapEff:\t000001fffeffffff\nSeccomp:\t0\n"

#define VM_NODE(node) "[vm]\nmemory = 1G\nfirmware = bios\nmemory-node = " #node "\n[display]\ntype = none\n"
#define NODES                                                                        \
	"sys/devices/system/node/has_memory=0\n",                                    \
		"sys/devices/system/node/node0/meminfo=Node 0 MemTotal: 2097152 kB\n" \
		"Node 0 MemFree: 524288 kB\nNode 0 Inactive(file): 262144 kB\n"
#define VM_NODE_PAGES "[vm]\nmemory = 1G\nfirmware = bios\nmemory-node = 0\nhugepages = 2M\n[display]\ntype = none\n"
#define PAGES "sys/devices/system/node/node0/hugepages/hugepages-2048kB/"
#define ALL_PAGES                                                          \
	"sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages=128\n",  \
		"sys/kernel/mm/hugepages/hugepages-2048kB/resv_hugepages=0\n"
#define VM_CPUS(lines) "[vm]\nmemory = 1G\nfirmware = bios\n" lines "[display]\ntype = none\n"
#define CPUS "sys/devices/system/cpu/online=0-3\n"
#define VM_ISOLATED(pin, emulator) VM_CPUS("pin = " pin "\nemulator-pin = " emulator "\n") "[host]\nisolate-cpus = yes\n"
#define IRQS_AWAY "[host]\nirq-affinity = away\n"
#define CPUSET "sys/fs/cgroup/cgroup.controllers=cpuset cpu memory\n"
#define POLICY0 "sys/devices/system/cpu/cpufreq/policy0/scaling_"
#define POLICY POLICY0 "governor=powersave\n", "sys/devices/system/cpu/cpufreq/policy0/affected_cpus=0 1\n"
#define CORES                                                                  \
	"sys/devices/system/cpu/cpu0/topology/thread_siblings_list=0-1\n",         \
		"sys/devices/system/cpu/cpu1/topology/thread_siblings_list=0-1\n", \
		"sys/devices/system/cpu/cpu2/topology/thread_siblings_list=2-3\n", \
		"sys/devices/system/cpu/cpu3/topology/thread_siblings_list=2-3\n"
#define L3 "sys/devices/system/cpu/cpu0/cache/index3/shared_cpu_list=0-1\n"
#define UEFI "[vm]\nmemory = 1G\nfirmware = uefi\n"
#define MACVTAP "[net]\nmode = macvtap\nparent = eth0\nqueues = 16\n"
/* A card with one BAR from 0 to this address. */
#define LARGE_BAR(end) "$GPU/resource=0x0000000000000000 0x000000" end " 0x000000000014220c\n"

struct example {
	const char *row;
	const char *profile;
	enum check_state state;
	const char *detail, *remedy;
	const char *file[FILES_MAX];
};

/* A process that has /dev/full open: the devices' nodes have its numbers. */
#define NODE "1:7\n"
#define STAT "4242 (holder) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 77 1 1\n"
#define HOLDER(comm)                                                                 \
	"proc/4242/comm=" comm "\n", "proc/4242/stat=" STAT,                         \
		"proc/4242/cgroup=0::/user.slice/user-1000.slice/session-2.scope\n", \
		"proc/4242/exe>/usr/bin/true", "proc/4242/fd/3>/dev/full"
#define DRM "$GPU/drm/card0/dev=" NODE, "$GPU/drm/card0/subsystem>../../drm"
#define DISK \
	"$NVME/nvme/nvme0/nvme0n1/dev=259:0\n", "$NVME/nvme/nvme0/nvme0n1/subsystem>../../block"
#define CONSOLE_OF_BOOT                                                                              \
	"$BOOT/graphics/fb0/dev=29:0\n",                                                             \
		"sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n",                         \
		"sys/class/vtconsole/vtcon1/bind=1\n"
#define NET "$NIC/net/eth0/subsystem>../../net"

#define IOMEM(device, owner)                                                                       \
	"00000000-00000fff : Reserved\nc0000000-febfffff : PCI Bus 0000:00\n  d0000000-dfffffff : " device \
	"\n    d0000000-d07e8fff : " owner "\n  e0000000-e0000fff : 0000:77:00.0\n"

/* clang-format off */
#define USB_IDS(path, vendor, product) path "idVendor=" vendor "\n", path "idProduct=" product "\n", path "busnum=1\n", path "devnum=4\n"
#define USB_DEVICE(name, vendor, product) USB_IDS("sys/bus/usb/devices/" name "/", vendor, product)
#define USB_PLACE "sys/devices/pci0000:00/0000:04:00.0/usb1/1-2/"
#define USB_BELOW(vendor, product) USB_IDS(USB_PLACE, vendor, product), "sys/bus/usb/devices/1-2>../../../devices/pci0000:00/0000:04:00.0/usb1/1-2"
#define ALL_KEYS "ffffffffffffffff\n"
#define USB_KEYBOARD USB_PLACE "1-2:1.0/input/event0/dev=13:64\n", USB_PLACE "1-2:1.0/input/event0/device/capabilities/key=" ALL_KEYS, \
	USB_PLACE "1-2:1.0/input/event0/device/name=Keys\n", "sys/class/input/event0>../../devices/pci0000:00/0000:04:00.0/usb1/1-2/1-2:1.0/input/event0"

static const struct example examples[] = {
	{ "processor", NULL, CHECK_FAILED, "x86-64 hosts only, and this one's processor is of the kind ARM", "run it on an x86-64 PC",
	  { "proc/cpuinfo=processor\t: 0\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\n" } },
	{ "processor", GPU, CHECK_FAILED, "RISC-V", "run it on an x86-64 PC", { "proc/cpuinfo=processor\t: 0\nhart\t: 1\nisa\t\t: rv64imafdc\n" } },
	{ "processor", GPU, CHECK_FAILED, "POWER", "run it on an x86-64 PC", { "proc/cpuinfo=processor\t: 0\ncpu\t\t: POWER9\n" } },

	/* the way to the guest */
	{ "iommu", NULL, CHECK_FAILED, "no IOMMU", "boot with intel_iommu=on on the kernel's command line, and switch VT-d on",
	  { "!sys/kernel/iommu_groups" } },
	{ "iommu", NULL, CHECK_FAILED, "no IOMMU", "switch VT-d on in the firmware's setup",
	  { "!sys/kernel/iommu_groups", "proc/cmdline=quiet intel_iommu=on\n" } },
	{ "iommu", NULL, CHECK_FAILED, "no IOMMU", "switch the IOMMU (AMD-Vi) on",
	  { "!sys/kernel/iommu_groups", "proc/cpuinfo=vendor_id : AuthenticAMD\nflags : svm\n" } },
	{ "iommu", NULL, CHECK_FAILED, "no IOMMU", "take amd_iommu=off off",
	  { "!sys/kernel/iommu_groups", "proc/cmdline=amd_iommu=off\n",
	    "proc/cpuinfo=vendor_id : AuthenticAMD\nflags : svm\n" } },
	{ "iommu", PCI("0000:0a:00.0"), CHECK_FAILED, "no IOMMU", "take iommu=off off the kernel's command line, and switch VT-d on",
	  { "!sys/kernel/iommu_groups", "proc/cmdline=quiet iommu=off intel_iommu=on\n" } },
	{ "group", PCI("0000:0a:00.0"), CHECK_SKIPPED, "this host has no IOMMU in use", NULL,
	  { "!sys/kernel/iommu_groups", "proc/cmdline=intel_iommu=on intel_iommu=off\n", "etc/default/grub=GRUB_CMDLINE_LINUX=\"intel_iommu=off\"\n" } },
	{ "iommu", PCI("0000:0a:00.0"), CHECK_FAILED, "no IOMMU", "take `off` of iommu=pt,off off the kernel's command line",
	  { "!sys/kernel/iommu_groups", "proc/cmdline=iommu=pt,off\n", "proc/cpuinfo=vendor_id : AuthenticAMD\nflags : svm\n" } },
	{ "iommu", PCI("0000:0a:00.0"), CHECK_FAILED, "no IOMMU", "dmesg | grep",
	  { "!sys/kernel/iommu_groups", "proc/cmdline=intel_iommu=on,sm_on\n", "sys/firmware/acpi/tables/DMAR=" } },
	{ "unsafe-interrupts", GPU, CHECK_FAILED, "vfio_iommu_type1 allows", "as root, and take it out of the kernel's command line",
	  { "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts=Y\n",
	    "proc/cmdline=vfio_iommu_type1.allow_unsafe_interrupts=1\n" } },
	{ "unsafe-interrupts", GPU, CHECK_FAILED, "vfio_iommu_type1 allows", "take it out of /etc/modprobe.d/kvm.conf, line 2",
	  { "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts=Y\n",
	    "etc/modprobe.d/kvm.conf=# mine\noptions vfio-iommu-type1 allow_unsafe_interrupts=1\n" } },
	{ "no-iommu-mode", GPU, CHECK_FAILED, "without an IOMMU", "take it out of /etc/modprobe.d/vfio.conf, line 1",
	  { "sys/module/vfio/parameters/enable_unsafe_noiommu_mode=Y\n", "etc/modprobe.d/vfio.conf=options vfio enable_unsafe_noiommu_mode=1\n" } },
	{ "unsafe-interrupts", GPU, CHECK_FAILED, "vfio_iommu_type1 allows", "echo N >/sys/module/vfio_iommu_type1/",
	  { "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts=Y\n" } },
	{ "unsafe-interrupts", NULL, CHECK_FAILED, "iommufd allows", "echo N >/sys/module/iommufd/",
	  { "sys/module/iommufd/parameters/allow_unsafe_interrupts=Y\n" } },
	{ "no-iommu-mode", GPU, CHECK_FAILED, "without an IOMMU", "enable_unsafe_noiommu_mode",
	  { "sys/module/vfio/parameters/enable_unsafe_noiommu_mode=Y\n" } },
	{ "no-iommu-mode", GPU, CHECK_FAILED, "group 10 is one without", "VT-d",
	  { "sys/kernel/iommu_groups/10/name=vfio-noiommu\n" } },
	{ "no-iommu-mode", GPU, CHECK_FAILED, "group 10 is one without", "VT-d",
	  { "sys/class/vfio/noiommu-10/dev=1:1\n" } },
	{ "group", PCI("0000:0a:00.0"), CHECK_FAILED, "0000:0a:00.0 (Red Hat Device 0005 [1b36:0005]) is in no IOMMU group",
	  "name another device", { NULL } },
	{ "group-members", PCI("0000:0e:00.0"), CHECK_FAILED, "group 21 also holds 0000:0f:00.0", "`group = hold`", { NULL } },
	{ "group-members", PCI("0000:0e:00.0") "group = hold\n", CHECK_OK, "nothing else", NULL, { NULL } },
	{ "group-members", PCI("0000:0e:00.0") "group = all\n", CHECK_OK, "nothing else", NULL, { NULL } },
	{ "group-bridge", PCI("0000:0d:00.0"), CHECK_FAILED, "whose driver shpchp", "/sys/bus/pci/drivers/shpchp/unbind", { NULL } },
	{ "group-foreign", PCI("0000:10:00.0"), CHECK_FAILED, "not on the PCI bus", "vfio-run list", { NULL } },
	{ "group-reserved", PCI("0000:0b:00.0"), CHECK_FAILED, "RMRR", "firmware's setup", { NULL } },
	{ "gpu", NULL, CHECK_OK, "0000:01:00.0 (Bochs Display [1234:1111]) can be handed over", NULL, { NULL } },
	{ "gpu", NULL, CHECK_SKIPPED, "0000:09:00.0", NULL, { NULL } },
	{ "gpu", NULL, CHECK_FAILED, "no graphics card", "`vfio-run list gpu`",
	  { "!sys/bus/pci/devices/0000:00:02.0/iommu_group", "!sys/bus/pci/devices/0000:01:00.0/iommu_group",
	    "!sys/bus/pci/devices/0000:22:00.0/iommu_group", "!sys/bus/pci/devices/0000:24:00.0/iommu_group" } },
	{ "gpu", NULL, CHECK_SKIPPED, "known once the IOMMU is on", NULL, { "!sys/kernel/iommu_groups" } },

	/* the device itself */
	{ "device", PCI("0000:1f:00.0"), CHECK_FAILED, "no device at 0000:1f:00.0", "`vfio-run list`", { NULL } },
	{ "device", PCI("1b36:0005"), CHECK_FAILED, "devices are 1b36:0005", "write the address", { NULL } },
	{ "device", PCI("0000:07:00.0") "id = 1234:1111\n", CHECK_FAILED, "1234:1111 is now at 0000:01:00.0", "address of now", { NULL } },
	{ "primary", GPU "primary = yes\n", CHECK_OK, "every primary card", NULL, { NULL } },
	{ "primary", GPU "primary = yes\n", CHECK_FAILED, "0000:01:00.0 (Bochs Display [1234:1111]) cannot be the primary card", "remove `primary = yes`",
	  { "$GPU/class=0x030200\n" } },
	{ "twice", GPU "[pci]\ndevice = 1234:1111\n", CHECK_FAILED, "`device = 0000:01:00.0` in line 7 and `device = 1234:1111` in line 9 both take 0000:01:00.0", "take one of the two", { NULL } },
	{ "twice", GPU "[pci]\ndevice = 8086:293e\n", CHECK_FAILED, "both take 0000:01:00.1", "take one of the two", { NULL } },
	{ "graphics-card", VM "[gpu]\ndevice = 0000:02:00.0\n", CHECK_FAILED,
	  "[gpu] is for a graphics card, and 0000:02:00.0", "name it in a [pci] section", { NULL } },
	{ "graphics-card", VM "[gpu]\ndevice = 0000:01:00.1\n", CHECK_FAILED, "and 0000:01:00.1",
	  "write `device = 0000:01:00.0`", { NULL } },
	{ "graphics-card", VM "[gpu]\ndevice = 144d:a808\n", CHECK_FAILED, "and 0000:02:00.0", "`vfio-run list gpu`", { NULL } },
	{ "graphics-card", GPU "[gpu]\ndevice = 0000:01:00.1\n", CHECK_FAILED, "and 0000:01:00.1", "takes it along: remove this section", { NULL } },
	{ "twice", GPU "[gpu]\ndevice = 0000:01:00.1\n", CHECK_OK, "", NULL, { NULL } },
	{ "graphics-card", GPU, CHECK_OK, "every [gpu] is a graphics card", NULL, { NULL } },
	{ "graphics-card", PCI("0000:02:00.0"), CHECK_OK, "every [gpu] is a graphics card", NULL, { NULL } },
	{ "twice", PCI("8086:293e") "[gpu]\ndevice = 0000:01:00.0\n", CHECK_OK, "no device is named twice", NULL, { NULL } },
	{ "reset-method", GPU "reset = bus\n", CHECK_FAILED, "line 8: 0000:01:00.0 (Bochs Display [1234:1111]) has no reset bus", "write `reset = auto`, or one that it has: flr pm",
	  { "$GPU/reset_method=flr pm\n" } },
	{ "reset-method", GPU "reset = bus\n", CHECK_FAILED, "has no reset bus", "write `reset = auto`", { NULL } },
	{ "reset-method", GPU "reset = pm\n", CHECK_OK, "every device", NULL, { "$GPU/reset_method=flr pm\n" } },
	{ "reset-method", GPU "reset = p\n", CHECK_FAILED, "has no reset p", "flr pm", { "$GPU/reset_method=flr pm\n" } },
	{ "reset-method", GPU "reset = none\n", CHECK_OK, "every device", NULL, { NULL } },
	{ "reset-method", GPU "reset = none\n", CHECK_OK, "every device", NULL, { "$GPU/reset_method=flr bus\n" } },
	{ "reset-method", GPU "reset = flr\n", CHECK_OK, "every device", NULL, { "$GPU/reset_method=flr bus\n" } },
	{ "reset-method", GPU "reset = bus\n", CHECK_FAILED, "has no reset bus", "one that it has: flr", { "$GPU/reset_method=flr bus\n" } },
	{ "reset-method", GPU "reset = auto\n", CHECK_OK, "every device", NULL, { "$GPU/reset_method=flr bus\n" } },
	{ "rebar", GPU "rebar = 8G\n", CHECK_FAILED, "line 8: BAR 0 of 0000:01:00.0 (Bochs Display [1234:1111]) cannot be of 8G", "write one that it has: 16M, 256M, 4G",
	  { "$GPU/resource0_resize=0000000000001110\n" } },
	{ "rebar", GPU "rebar = max\n", CHECK_FAILED, "has no BAR that can be resized", "Resizable BAR", { NULL } },
	{ "rebar", GPU "rebar-bar2 = 16M\n", CHECK_FAILED, "BAR 2 of 0000:01:00.0 (Bochs Display [1234:1111]) cannot be resized", "rebar-bar0 to rebar-bar5",
	  { "$GPU/resource0_resize=0000000000001110\n" } },
	{ "rebar", GPU "rebar = max\n", CHECK_OK, "every BAR", NULL, { "$GPU/resource0_resize=0000000000001110\n" } },
	{ "rebar", GPU "rebar = max\n", CHECK_FAILED, "is on vfio-pci already", "`vfio-run attach` it",
	  { "$GPU/resource0_resize=0000000000001110\n", "!$GPU/driver", "$GPU/driver>../../../../bus/pci/drivers/vfio-pci" } },
	{ "mmio64", UEFI "mmio64 = 1G\n[gpu]\ndevice = 0000:01:00.0\nrebar = max\n", CHECK_FAILED, "the devices' BARs take up to 16G", "mmio64 = auto",
	  { "$GPU/resource0_resize=0000000000001110\n" } },
	{ "sriov", PCI("0000:11:00.0") "group = hold\n", CHECK_FAILED, "0000:12:00.0", "0000:12:00.0/sriov_numvfs", { NULL } },
	{ "group-members", PCI("0000:11:00.0") "group = hold\n", CHECK_OK, "nothing else", NULL, { NULL } },
	{ "stuck", PCI("0000:07:00.0"), CHECK_FAILED, "is stuck", "`sudo vfio-run recover`",
	  { "run/vfio-run/vm/old/keeper=1 1\nstuck 0000:07:00.0\n" } },
	{ "endpoint", PCI("0000:0c:00.0"), CHECK_FAILED, "is a bridge", "name another device", { NULL } },
	{ "answers", VM "[gpu]\ndevice = 0000:09:00.0\n", CHECK_FAILED, "does not answer", "systemctl suspend", { NULL } },
	{ "sriov", PCI("0000:08:00.0"), CHECK_FAILED, "virtual functions", "`echo 0 >/sys/bus/pci/devices/0000:08:00.0/sriov_numvfs`", { NULL } },
	{ "denylist", PCI("0000:06:00.0"), CHECK_FAILED, "vfio-pci refuses", "disable_denylist=1", { NULL } },
	{ "denylist", PCI("0000:06:00.0"), CHECK_OK, "vfio-pci accepts", NULL,
	  { "sys/module/vfio_pci/parameters/disable_denylist=Y\n" } },

	/* what the host uses it for */
	{ "storage", PCI("0000:02:00.0") "unmount = yes\n", CHECK_OK, "no file system, swap", NULL,
	  { DISK, "proc/self/mountinfo=36 25 259:0 / /home rw,relatime shared:1 - ext4 /dev/nvme0n1 rw\n" } },
	{ "storage", PCI("0000:02:00.0") "unmount = yes\n", CHECK_FAILED, "nvme0n1 is used as swap", "swapoff",
	  { DISK, "proc/swaps=Filename Type\n/dev/nvme0n1 partition\n" } },
	{ "unmount", PCI("0000:02:00.0") "unmount = yes\n", CHECK_OK, "can be unmounted", NULL,
	  { DISK, "proc/self/mountinfo=36 25 259:0 / /home rw,relatime shared:1 - ext4 /dev/nvme0n1 rw\n" } },
	{ "unmount", PCI("0000:02:00.0") "unmount = yes\n", CHECK_FAILED, "/dev/nvme0n1 at /home: a program has mounted it", "`umount`",
	  { DISK, "proc/self/mountinfo=36 25 259:0 / /home rw,relatime shared:1 - fuseblk /dev/nvme0n1 rw\n" } },
	{ "unmount", PCI("0000:02:00.0") "unmount = yes\n", CHECK_FAILED, "/dev/nvme0n1 is the host's own: it has /", "another disk",
	  { DISK, "proc/self/mountinfo=36 25 259:0 / / rw,relatime shared:1 - ext4 /dev/nvme0n1 rw\n" } },
	{ "unmount", PCI("0000:02:00.0") "unmount = yes\n", CHECK_FAILED, "/home would be mounted again by whoever looks into it", ".automount",
	  { DISK, "proc/self/mountinfo=35 25 0:40 / /home rw shared:2 - autofs systemd-1 rw\n"
		  "36 35 259:0 / /home rw,relatime shared:1 - ext4 /dev/nvme0n1 rw\n" } },
	{ "unmount", PCI("0000:02:00.0") "unmount = yes\n", CHECK_FAILED, "unmount: /home/swap is used as swap", "swapoff",
	  { DISK, "proc/self/mountinfo=36 25 259:0 / /home rw,relatime shared:1 - ext4 /dev/nvme0n1 rw\n", "proc/swaps=Filename Type\n/home/swap file\n" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_FAILED, "0000:02:00.0: nvme0n1 is mounted at /home", "`umount`",
	  { DISK, "proc/self/mountinfo=30 22 259:0 / /home rw - ext4 /dev/nvme0n1 rw\n" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_FAILED, "0000:02:00.0: nvme9n1 is mounted at /home", "`umount`", /* behind a VMD */
	  { "$NVME/pci10000:e0/10000:e0:06.0/10000:e1:00.0/nvme/nvme9/nvme9n1/dev=259:0\n",
	    "$NVME/pci10000:e0/10000:e0:06.0/10000:e1:00.0/nvme/nvme9/nvme9n1/subsystem>../../block",
	    "proc/self/mountinfo=30 22 259:0 / /home rw - ext4 /dev/nvme9n1 rw\n" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_FAILED, "nvme0n1p2 is mounted at /home", "`umount`",
	  { DISK, "$NVME/nvme/nvme0/nvme0n1/nvme0n1p2/dev=259:2\n", "$NVME/nvme/nvme0/nvme0n1/nvme0n1p2/subsystem>../../block",
	    "proc/self/mountinfo=30 22 259:2 / /home rw - ext4 /dev/nvme0n1p2 rw\n" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_FAILED, "nvme0n1 is mounted at /pool", "`umount`",
	  { DISK, "proc/self/mountinfo=30 22 0:44 / /pool rw - btrfs /dev/nvme0n1 rw\n" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_FAILED, "part of a mounted btrfs", "`umount`",
	  { DISK, "sys/fs/btrfs/8a5b-22/devices/nvme0n1>../x" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_FAILED, "nvme0n1 is used as swap", "`swapoff`",
	  { DISK, "proc/swaps=Filename\n/dev/nvme0n1 partition 1 0 -2\n" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_FAILED, "nvme0n1 is part of the LVM volume vg0-root (dm-3); dm-3 is mounted at /", "name another one",
	  { DISK, "sys/class/block/nvme0n1/holders/dm-3>../x", "sys/class/block/dm-3/dm/name=vg0-root\n",
	    "sys/class/block/dm-3/dm/uuid=LVM-abc\n", "sys/class/block/dm-3/dev=253:3\n",
	    "proc/self/mountinfo=22 1 253:3 / / rw - ext4 /dev/mapper/vg0-root rw\n" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_FAILED, "encrypted volume home (dm-4)", "`cryptsetup close`",
	  { DISK, "sys/class/block/nvme0n1/holders/dm-4>../x", "sys/class/block/dm-4/dm/name=home\n",
	    "sys/class/block/dm-4/dm/uuid=CRYPT-LUKS2-abc\n" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_FAILED, "device-mapper volume thing (dm-5)", "`dmsetup remove`",
	  { DISK, "sys/class/block/nvme0n1/holders/dm-5>../x", "sys/class/block/dm-5/dm/name=thing\n" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_FAILED, "nvme0n1 is part of the raid1 array md0", "`mdadm --stop`",
	  { DISK, "sys/class/block/nvme0n1/holders/md0>../x", "sys/class/block/md0/md/level=raid1\n" } },
	{ "storage", PCI("0000:02:00.0"), CHECK_SKIPPED, "no file system and no swap is seen", NULL, { DISK } },
	{ "network", PCI("0000:03:00.0"), CHECK_FAILED, "eth0 has the default route", "`ip route replace default",
	  { NET, "proc/net/route=Iface\neth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" } },
	{ "network", PCI("0000:03:00.0"), CHECK_FAILED, "eth0 has the default route", "`ip route replace default",
	  { NET, "proc/net/ipv6_route=00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n" } },
	{ "network", PCI("0000:03:00.0"), CHECK_FAILED, "eth0 is part of br0, and br0 has the default route", "`ip route replace default",
	  { NET, "sys/class/net/eth0/upper_br0>../br0",
	    "proc/net/route=Iface\nbr0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" } },
	{ "network", PCI("0000:03:00.0"), CHECK_OK, "the way to the network", NULL,
	  { NET, "proc/net/route=Iface\neth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n" } },
	{ "keyboard", PCI("0000:04:00.0"), CHECK_FAILED, "the host's last keyboard (\"A keyboard\")", "plug a keyboard into another",
	  { "proc/bus/input/devices=" KEYBOARD("pci0000:00/0000:04:00.0/usb1/1-1/1-1:1.0") } },
	{ "keyboard", PCI("0000:04:00.0"), CHECK_FAILED, "the host's last keyboard", "plug a keyboard into another",
	  { "proc/bus/input/devices=" KEYBOARD("pci0000:00/0000:04:00.0/usb1/1-1/1-1:1.0")
	    "N: Name=\"A mouse with an Enter key\"\nS: Sysfs=/devices/platform/x/input/input9\nB: KEY=10000000\n" } },
	{ "keyboard", PCI("0000:04:00.0"), CHECK_OK, "a keyboard stays", NULL,
	  { "proc/bus/input/devices=" KEYBOARD("pci0000:00/0000:04:00.0/usb1/1-1") KEYBOARD("platform/i8042") } },
	{ "console", VM "[gpu]\ndevice = 0000:00:02.0\n", CHECK_FAILED,
	  "it is the card of the host's own console: 0000:00:02.0 (Intel Device 3e92 [8086:3e92]): the host booted on it and has its text console there",
	  "let the firmware's setup",
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n" } },
	{ "console", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK,
	  "this host has no picture while the VM runs", NULL,
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n" } },
	{ "console", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\nrelease-console = no\n", CHECK_FAILED,
	  "it is the card of the host's own console", "let the firmware's setup",
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n" } },
	/* What the power button does then: logind alone can be asked not to act on it, and it has to be the machine's own. */
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "this host, which does what this host is set up to do", "start an ssh server",
	  { CONSOLE_OF_BOOT } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "this host, which powers the guest down", "start an ssh server",
	  { CONSOLE_OF_BOOT, "run/systemd/seats/seat0=IS_SEAT0=1\n", "sys/class/input/event6/device/id/bustype=0019\n",
	    "sys/class/input/event6/device/capabilities/key=10000000000000 0\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "this host, which does what this host is set up to do", "start an ssh server", /* a keyboard's */
	  { CONSOLE_OF_BOOT, "run/systemd/seats/seat0=IS_SEAT0=1\n", "sys/class/input/event6/device/id/bustype=0003\n",
	    "sys/class/input/event6/device/capabilities/key=10000000000000 0\n" } },
	/* A way in: port 22, another port of sshd's, a login on a serial line; not what only this host reaches. */
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "no ssh server listens", "start an ssh server",
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "no ssh server listens", "start an ssh server",
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n", "sys/class/net/eth0/device>../../../x", "sys/class/net/eth0/carrier=1\n",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "no ssh server listens", "start an ssh server", /* no network */
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "this host is reached by ssh (port 22)", NULL,
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n", "sys/class/net/eth0/device>../../../x", "sys/class/net/eth0/carrier=1\n",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "no ssh server listens", "start an ssh server", /* a web server */
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n", "sys/class/net/eth0/device>../../../x", "sys/class/net/eth0/carrier=1\n",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n" } },
	/* Another port: of process 1 for a socket unit, and what only root sees (a file: it cannot be listed). */
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "this host is reached by ssh (port 8080)", NULL,
	  { CONSOLE_OF_BOOT, "sys/class/net/eth0/device>../../../x", "sys/class/net/eth0/carrier=1\n",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n",
	    "proc/1/fd/9>socket:[4711]", "run/systemd/units/invocation:ssh.socket>0123" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "no ssh server listens", "start an ssh server", /* of another unit */
	  { CONSOLE_OF_BOOT, "sys/class/net/eth0/device>../../../x", "sys/class/net/eth0/carrier=1\n",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n",
	    "proc/1/fd/9>socket:[4711]" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_SKIPPED, "takes root to see", NULL,
	  { CONSOLE_OF_BOOT, "sys/class/net/eth0/device>../../../x", "sys/class/net/eth0/carrier=1\n",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n",
	    "proc/1/fd=", "run/systemd/units/invocation:ssh.socket>0123" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_SKIPPED, "takes root to see", NULL,
	  { CONSOLE_OF_BOOT, "sys/class/net/eth0/device>../../../x", "sys/class/net/eth0/carrier=1\n",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n",
	    "proc/55/comm=sshd\n", "proc/55/fd=" } },
	/* WiFi that is its user's own; that of all users stays. */
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "the connection of wlan0 is only for its user", "`nmcli connection modify",
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n", "sys/class/net/wlan0/device>../../../x", "sys/class/net/wlan0/carrier=1\n", "sys/class/net/wlan0/ifindex=3\n",
	    "run/NetworkManager/devices/3=[device]\nconnection-uuid=5f-1\n",
	    "etc/NetworkManager/system-connections/home.nmconnection=[connection]\nid=home\nuuid=5f-1\npermissions=user:alice:;\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "no ssh server listens", "start an ssh server",
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n", "sys/class/net/wlan0/device>../../../x", "sys/class/net/wlan0/carrier=1\n", "sys/class/net/wlan0/ifindex=3\n",
	    "run/NetworkManager/devices/3=[device]\nconnection-uuid=5f-1\n",
	    "etc/NetworkManager/system-connections/home.nmconnection=[connection]\nid=home\nuuid=5f-1\npermissions=user:alice:;\n",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "this host is reached by ssh (port 22)", NULL,
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n", "sys/class/net/wlan0/device>../../../x", "sys/class/net/wlan0/carrier=1\n", "sys/class/net/wlan0/ifindex=3\n",
	    "run/NetworkManager/devices/3=[device]\nconnection-uuid=5f-1\n",
	    "etc/NetworkManager/system-connections/home.nmconnection=[connection]\nid=home\nuuid=5f-1\npermissions=\n",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "this host is reached by ssh (port 8080)", NULL,
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n", "sys/class/net/eth0/device>../../../x", "sys/class/net/eth0/carrier=1\n", "proc/55/comm=sshd\n", "proc/55/fd/3>socket:[4711]",
	    "proc/net/tcp=  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	    "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "this host is reached by a login on ttyS1", NULL,
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n", "proc/66/comm=agetty\n",
	    "proc/66/stat=66 (agetty) S 1 66 66 1089 66 4194560 188 0 0 0\n", "sys/dev/char/4:65/uevent=MAJOR=4\nMINOR=65\nDEVNAME=ttyS1\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "no ssh server listens", "start an ssh server", /* on tty2 */
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n", "proc/66/comm=agetty\n", "proc/66/stat=66 (agetty) S 1 66 66 1026 66 4194560 188 0 0 0\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:00:02.0\n[session]\nstop = gdm.service\n", CHECK_OK, "the host keeps a picture", NULL, /* on the other card */
	  { "$BOOT/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n", "$GPU/drm/card0/card0-DP-1/status=connected\n" } },
	{ "way-in", VM "[gpu]\ndevice = 0000:01:00.0\n[session]\nstop = gdm.service\n", CHECK_OK, "no ssh server listens", "start an ssh server", /* the desktop's, not the boot card */
	  { "$GPU/drm/card0/card0-DP-1/status=connected\n" } },
	{ "way-in", GPU, CHECK_OK, "the host keeps a picture", NULL, { "$GPU/drm/card0/card0-DP-1/status=connected\n" } },
	/* The card of iomem, not the boot card; and a card that is on vfio-pci already. */
	{ "console", VM "[gpu]\ndevice = 0000:01:00.0\n", CHECK_FAILED, "only the firmware's framebuffer", "load the card's own driver",
	  { "!$GPU/driver", "proc/iomem=" IOMEM("0000:01:00.0", "BOOTFB") } },
	{ "console", VM "[gpu]\ndevice = 0000:01:00.0\n", CHECK_OK, "the host's own console stays", NULL,
	  { "!$GPU/driver", "proc/iomem=" IOMEM("0000:00:02.0", "efifb") } },
	{ "console", VM "[gpu]\ndevice = 0000:01:00.0\n", CHECK_FAILED, "the firmware's framebuffer still has its memory", "initcall_blacklist=sysfb_init",
	  { "$GPU/vfio-dev/vfio0/x=", "$GPU/driver>../../../../bus/pci/drivers/vfio-pci", "proc/iomem=" IOMEM("0000:01:00.0", "simpledrm") } },
	{ "console", VM "[gpu]\ndevice = 0000:00:02.0\n", CHECK_FAILED, "only the firmware's framebuffer", "load the card's own driver",
	  { "!$BOOT/driver", "sys/devices/platform/efi-framebuffer.0/x=" } },
	{ "console", VM "[gpu]\ndevice = 0000:00:02.0\n", CHECK_FAILED, "only the firmware's framebuffer", "load the card's own driver",
	  { "!$BOOT/driver", "$BOOT/simple-framebuffer.0/x=" } },
	{ "console", VM "[gpu]\ndevice = 0000:00:02.0\n", CHECK_FAILED, "the only display", "a section [session]",
	  { "!sys/bus/pci/devices/0000:01:00.0", "!sys/bus/pci/devices/0000:22:00.0" } },
	{ "console", VM "[gpu]\ndevice = 0000:00:02.0\n", CHECK_OK, "the host's own console stays", NULL, { NULL } },
	{ "console", GPU, CHECK_OK, "the host's own console stays", NULL,
	  { "$GPU/graphics/fb0/dev=29:0\n", "sys/class/vtconsole/vtcon1/name=(M) frame buffer device\n", "sys/class/vtconsole/vtcon1/bind=1\n" } },
	{ "console", VM "[gpu]\ndevice = 0000:01:00.0\n[session]\nrelease-console = yes\n", CHECK_OK,
	  "from here on this host has no picture until it is booted again", NULL,
	  { "!$GPU/driver", "proc/iomem=" IOMEM("0000:01:00.0", "BOOTFB") } },
	{ "serial-console", PCI("0000:05:00.0"), CHECK_FAILED, "the kernel's console is on ttyS4", "boot without console=ttyS4",
	  { "$SERIAL/tty/ttyS4/dev=4:68\n", "$SERIAL/tty/ttyS4/subsystem>../../tty", "sys/class/tty/console/active=tty0 ttyS4\n" } },

	/* who uses it */
	{ "holders", GPU, CHECK_FAILED, "0000:01:00.0: /dev/full is open in kwin_wayland (pid 4242, user ", "KWIN_DRM_DEVICES",
	  { DRM, HOLDER("kwin_wayland") } },
	{ "holders", GPU, CHECK_FAILED, ", session-2.scope)", "WLR_DRM_DEVICES", { DRM, HOLDER("sway") } },
	{ "holders", GPU, CHECK_FAILED, "gnome-shell", "mutter-device-ignore", { DRM, HOLDER("gnome-shell") } },
	{ "holders", GPU, CHECK_FAILED, "open in weston", "end the desktop for it, which comes back", /* there is no other card */
	  { DRM, HOLDER("weston"), "!sys/bus/pci/devices/0000:00:02.0", "!sys/bus/pci/devices/0000:09:00.0",
	    "!sys/bus/pci/devices/0000:22:00.0", "!sys/bus/pci/devices/0000:24:00.0" } },
	{ "holders", GPU, CHECK_FAILED, "Xorg", "AutoAddGPU", { DRM, HOLDER("Xorg") } },
	{ "holders", GPU, CHECK_FAILED, "a\\x1b[31mb", "`kill 4242`", { DRM, HOLDER("a\x1b[31mb") } },
	{ "holders", GPU, CHECK_FAILED, "docker container 0123456789ab)", "`docker stop 0123456789ab`",
	  { DRM, HOLDER("train"),
	    "proc/4242/cgroup=0::/system.slice/docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope\n" } },
	{ "holders", GPU, CHECK_FAILED, "0000:01:00.0: /dev/full is open in nvtop", "`kill 4242`",
	  { "proc/driver/nvidia/gpus/0000:01:00.0/information=Model: x\nDevice Minor: \t 0\n", HOLDER("nvtop"),
	    "$GPU/i2c-3/i2c-dev/i2c-3/dev=" NODE, "$GPU/i2c-3/i2c-dev/i2c-3/subsystem>../../i2c-dev" } },
	{ "holders", GPU, CHECK_OK, "0000:01:00.1: /dev/full is open in wireplumber", NULL,
	  { "$SOUND/sound/card1/controlC1/dev=" NODE, "$SOUND/sound/card1/controlC1/subsystem>../../sound", HOLDER("wireplumber") } },
	{ "holders", PCI("0000:04:00.0"), CHECK_OK, "0000:04:00.0: /dev/full is open in sway", NULL,
	  { "$USB/usb1/1-1/input/input3/event3/dev=" NODE, "$USB/usb1/1-1/input/input3/event3/subsystem>../../input", HOLDER("sway") } },
	{ "sound", GPU, CHECK_FAILED, "0000:01:00.1: /dev/snd/pcmC1D3p is played on by mpv (pid 4242", "pactl set-default-sink",
	  { "$SOUND/sound/card1/pcmC1D3p/dev=" NODE, "$SOUND/sound/card1/pcmC1D3p/subsystem>../../sound", HOLDER("mpv") } },
	{ "sound", GPU, CHECK_FAILED, "the sound card card1 plays", "wpctl set-default",
	  { "$SOUND/sound/card1/controlC1/dev=116:9\n", "$SOUND/sound/card1/controlC1/subsystem>../../sound",
	    "proc/asound/card1/pcm3p/sub0/status=state: RUNNING\nowner_pid   : 1\n" } },
	{ "sound", GPU, CHECK_OK, "nothing plays", NULL,
	  { "$SOUND/sound/card1/controlC1/dev=116:9\n", "$SOUND/sound/card1/controlC1/subsystem>../../sound",
	    "proc/asound/card1/pcm3p/sub0/status=closed\n" } },
	{ "vfio-open", GPU, CHECK_FAILED, "group 10 is open in qemu-system-x86 (pid 4242", "shut that VM down",
	  { "sys/class/vfio/10/dev=" NODE, HOLDER("qemu-system-x86") } },
	{ "vfio-open", GPU, CHECK_FAILED, "group 10 is open in qemu-system-x86 (pid 4242", "`vfio-run stop other`",
	  { "sys/class/vfio/10/dev=" NODE, HOLDER("qemu-system-x86"), "run/vfio-run/vm/other/keeper=4242 77\n" } },
	{ "holders", GPU, CHECK_FAILED, "/dev/full is open in qemu-system-x86", "`vfio-run stop other`",
	  { "$GPU/drm/card1/dev=" NODE, "$GPU/drm/card1/subsystem>../../drm", HOLDER("qemu-system-x86"),
	    "run/vfio-run/vm/other/keeper=4242 77\n" } },
	{ "locked", GPU, CHECK_FAILED, "group 10 belongs to the running VM other", "`vfio-run stop other`",
	  { "run/vfio-run/state/group-10.lock=lock", "run/vfio-run/vm/other/keeper=4242 77\n", "proc/4242/stat=" STAT } },
	{ "locked", GPU, CHECK_FAILED, "group 10 belongs to another vfio-run (pid 4242)", "`vfio-run stop`",
	  { "run/vfio-run/state/group-10.lock=lock" } },
	{ "locked", GPU, CHECK_FAILED, "group 10 belongs to the running VM detach-x", "wait until that detach",
	  { "run/vfio-run/state/group-10.lock=lock", "run/vfio-run/detach/detach-x/keeper=4242 77\n", "proc/4242/stat=" STAT } },
	{ "locked", GPU, CHECK_OK, "no other VM", NULL, { "run/vfio-run/state/group-10.lock=" } },
	{ "libvirt", GPU, CHECK_FAILED, "belongs to the running libvirt domain win11", "`virsh shutdown win11`",
	  { "run/libvirt/qemu/win11.xml=<hostdev><source>\n<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source></hostdev>\n" } },
	{ "libvirt", GPU, CHECK_OK, "libvirt does not", NULL,
	  { "run/libvirt/qemu/win11.xml=<address type='pci' domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>\n" } },
	{ "supergfxd", GPU, CHECK_FAILED, "supergfxd (pid 4242) is running", "`systemctl stop supergfxd`",
	  { "etc/supergfxd.conf={}", "proc/4242/comm=supergfxd\n" } },
	{ "supergfxd", GPU, CHECK_OK, "supergfxd does not", NULL, { "etc/supergfxd.conf={}" } },
	{ "card-tools", GPU, CHECK_FAILED, "cardwired.service is running", "`systemctl stop cardwired`", { "proc/4242/comm=cardwired\n" } },
	{ "card-tools", GPU, CHECK_FAILED, "optimus-manager.service is running", "`systemctl stop optimus-manager`", { "sys/fs/cgroup/system.slice/optimus-manager.service/cgroup.procs=1\n" } },
	{ "card-tools", GPU, CHECK_OK, "tlp.service is running", "RUNTIME_PM_DENYLIST", { "run/tlp/x=" } },
	{ "card-tools", GPU, CHECK_OK, "laptop-mode.service is running", "AUTOSUSPEND_RUNTIME_DEVID_BLACKLIST", { "run/systemd/units/invocation:laptop-mode.service=" } },
	{ "card-tools", PCI("0000:03:00.0"), CHECK_OK, "no other tool", NULL, { "proc/4242/comm=cardwired\n" } },
	{ "driverctl", GPU, CHECK_FAILED, "driverctl wants it on vfio-pci, and it is on bochs-drm", "`driverctl unset-override 0000:01:00.0`",
	  { "etc/driverctl.d/0000:01:00.0=vfio-pci\n" } },
	{ "driverctl", GPU, CHECK_OK, "driverctl keeps it on bochs-drm", NULL, { "etc/driverctl.d/0000:01:00.0=bochs-drm\n" } },
	{ "vfio-ids", GPU, CHECK_FAILED, "0000:07:00.0 (Red Hat Device 0005 [1b36:0005]) would be taken by vfio-pci", "take ids= out of /etc/modprobe.d/vfio.conf",
	  { "!sys/module/vfio_pci", "!sys/bus/pci/drivers/vfio-pci", "etc/modprobe.d/vfio.conf=# x\noptions vfio-pci disable_vga=1 ids=10de:2486,1b36:0005\n" } },
	{ "vfio-ids", GPU, CHECK_FAILED, "0000:07:00.0", "take ids= out of the kernel's command line",
	  { "!sys/module/vfio_pci", "!sys/bus/pci/drivers/vfio-pci", "proc/cmdline=quiet vfio-pci.ids=1b36:0005\n" } },
	{ "vfio-ids", GPU, CHECK_OK, "vfio-pci takes no other", NULL, { "etc/modprobe.d/vfio.conf=options vfio_pci ids=1b36:0005\n" } },
	{ "vm-running", GPU, CHECK_FAILED, "a VM called win10 is running (pid 4242)", "`vfio-run stop win10`",
	  { "run/vfio-run/vm/win10/keeper=4242 77\n", "proc/4242/stat=" STAT } },
	{ "vm-running", GPU, CHECK_OK, "no VM of this name", NULL,
	  { "run/vfio-run/vm/win10/keeper=4242 78\n", "proc/4242/stat=" STAT } },
	{ "leftovers", NULL, CHECK_FAILED, "win10 was interrupted", "`sudo vfio-run recover`",
	  { "run/vfio-run/vm/win10/keeper=4242 78\n", "proc/4242/stat=" STAT } },

	{ "unexplained", GPU, CHECK_OK, "0000:07:00.0: is on vfio-pci or meant for it", "echo 0000:07:00.0 >/sys/bus/pci/drivers_probe",
	  { "sys/bus/pci/devices/0000:07:00.0/driver_override=vfio-pci\n", "run/vfio-run/state/host=\n" } },
	{ "unexplained", GPU, CHECK_OK, "nothing is on vfio-pci", NULL,
	  { "sys/bus/pci/devices/0000:07:00.0/driver_override=vfio-pci\n",
	    "run/vfio-run/state/x.journal=vfio-run-journal\t1\ndevice\t0000:07:00.0\t1b36\n" } },
	{ "unexplained", GPU, CHECK_OK, "nothing is on vfio-pci", NULL,
	  { "sys/bus/pci/devices/0000:07:00.0/driver_override=vfio-pci\n",
	    "etc/driverctl.d/0000:07:00.0=vfio-pci\n", "run/vfio-run/state/host=\n" } },
	{ "unexplained", GPU, CHECK_OK, "nothing is on vfio-pci", NULL, /* detach --at-boot */
	  { "sys/bus/pci/devices/0000:07:00.0/driver_override=vfio-pci\n",
	    "etc/udev/rules.d/10-vfio-run.rules=KERNEL==\"0000:07:00.0\"\n", "run/vfio-run/state/host=\n" } },
	{ "unexplained", GPU, CHECK_OK, "0000:07:00.0: is on vfio-pci or meant for it", "drivers_probe", /* of another device, behind VMD */
	  { "sys/bus/pci/devices/0000:07:00.0/driver_override=vfio-pci\n",
	    "etc/udev/rules.d/10-vfio-run.rules=KERNEL==\"10000:07:00.0\"\n", "run/vfio-run/state/host=\n" } },

	/* what belongs together, and what is the host's alone */
	{ "behind-controller", VM "[pci]\ndevice = 10000:e1:00.0\n", CHECK_FAILED, "10000:e1:00.0", "switch VMD off", { NULL } },
	{ "critical", VM "[pci]\ndevice = 00:1f.5\n", CHECK_FAILED, "is the SPI flash that the host's firmware is in", "name another device", { NULL } },
	{ "critical", VM "[pci]\ndevice = 00:1f.6\ngroup = all\n", CHECK_FAILED, "is the SMBus", "`group = hold`", { NULL } },
	{ "critical", VM "[pci]\ndevice = 00:1f.6\ngroup = hold\n", CHECK_OK, "with no device a guest could", NULL, { NULL } },
	{ "group-members", VM "[pci]\ndevice = 00:1f.6\n", CHECK_FAILED, "also holds 0000:00:1f.5", "and gives it to nobody", { NULL } },
	{ "card-parts", VM "[gpu]\ndevice = 22:00.0\n", CHECK_OK, "0000:23:00.0", "a [pci] section with `device = 0000:23:00.0`", { NULL } },
	{ "card-parts", VM "[gpu]\ndevice = 22:00.0\n[pci]\ndevice = 23:00.0\n", CHECK_OK, "no card is given in parts", NULL, { NULL } },
	{ "outputs", VM "[gpu]\ndevice = 24:00.0\n", CHECK_OK, "has no outputs of its own", "Looking Glass", { NULL } },
	{ "removable", GPU, CHECK_OK, "behind a port that can be unplugged", "leave the cable in", { "$GPU/removable=removable\n" } },
	{ "reset", VM "[gpu]\ndevice = 24:00.0\n", CHECK_OK, "has no way to be reset", "shut the guest down", { NULL } },
	{ "reset", VM "[gpu]\ndevice = 22:00.0\n", CHECK_OK, "0000:22:00.0 can be reset: flr bus", NULL, { NULL } },
	{ "known-issues", VM "[gpu]\ndevice = 24:00.0\n", CHECK_OK,
	  "0000:24:00.0 (nouveau): a card that sleeps in D3cold", NULL, { NULL } },
	{ "known-issues", GPU, CHECK_OK, "a console on the firmware's framebuffer goes", "boot a later kernel",
	  { "proc/sys/kernel/osrelease=6.1.0-9-amd64\n" } },
	{ "known-issues", GPU, CHECK_OK, "0000:01:00.0 (bochs-drm): beware of it [mine]", NULL,
	  { "etc/vfio-run/quirks=# ours\nmine driver=bochs-drm ids=1234:11* : beware of it\n" } },
	{ "known-issues", GPU, CHECK_FAILED, "/etc/vfio-run/quirks:2: expected ids with commas", "mend the line",
	  { "etc/vfio-run/quirks=# ours\nmine ids=1234 : beware of it\n" } },
	{ "unload", GPU "[session]\nstop = x\nunload-modules = bochs_above\n", CHECK_OK, "can be unloaded", NULL,
	  { "sys/module/bochs/holders/bochs_above/x=1\n" } },
	{ "unload", GPU "[session]\nstop = x\nunload-modules = nf_tables,bochs_above\n", CHECK_FAILED,
	  "unload-modules: nf_tables is not loaded, or does not use the driver", "`lsmod`",
	  { "sys/module/bochs/holders/bochs_above/x=1\n", "sys/module/nf_tables/x=1\n" } },
	{ "acs-override", GPU, CHECK_OK, "booted with pcie_acs_override", "another slot", { "proc/cmdline=quiet pcie_acs_override=downstream,multifunction\n" } },

	/* what the VM needs */
	{ "kvm", GPU, CHECK_FAILED, "its module is not loaded", "`modprobe kvm_intel`", { "!sys/class/misc/kvm" } },
	{ "kvm", NULL, CHECK_FAILED, "its module is not loaded", "`modprobe kvm_amd`",
	  { "!sys/class/misc/kvm", "proc/cpuinfo=vendor_id : AuthenticAMD\nflags : svm\n" } },
	{ "kvm", GPU, CHECK_FAILED, "does not offer virtualization", "switch Intel VT-x on",
	  { "!sys/class/misc/kvm", "proc/cpuinfo=vendor_id : GenuineIntel\nflags : fpu svm sse\n" } },
	{ "kvm", "[vm]\nmemory = 1G\nfirmware = bios\naccel = tcg\n[gpu]\ndevice = 0000:01:00.0\n", CHECK_OK, "KVM", NULL, { "!sys/class/misc/kvm" } },
	{ "modules", GPU, CHECK_FAILED, "modules are not there", "`reboot`",
	  { "!sys/module/vfio_iommu_type1", "proc/sys/kernel/osrelease=6.1.0-9\n" } },
	{ "modules", GPU, CHECK_OK, "modules are there", NULL, { "proc/sys/kernel/modules_disabled=1\n" } },

	/* what the keeper's steps need */
	{ "run", NULL, CHECK_FAILED, "/run/vfio-run/state is no directory", "take it away", { "run/vfio-run/state>/tmp" } },
	{ "capabilities", GPU, CHECK_FAILED, "CAP_SYS_ADMIN is missing", "CapabilityBoundingSet=", { "proc/self/status=CapEff:\t000001ffffdfffff\nSeccomp:\t0\n" } },
	{ "capabilities", NULL, CHECK_FAILED, "CAP_MKNOD is missing", "outside a container", { "proc/self/status=CapEff:\t000001fff7ffffff\nSeccomp:\t0\n" } },
	{ "capabilities", VM_CPUS("pin = 2,3\n"), CHECK_FAILED, "CAP_SYS_NICE is missing", "CapabilityBoundingSet=", { "proc/self/status=CapEff:\t000001ffff7fffff\nSeccomp:\t0\n" } },
	{ "capabilities", VM, CHECK_OK, "nothing of root's", NULL, { "proc/self/status=CapEff:\t000001ffff7fffff\nSeccomp:\t0\n" } },
	{ "limits", GPU, CHECK_FAILED, "the guest's 1024 MiB cannot be locked: the limit is 8 MiB", "LimitMEMLOCK=",
	  { STATUS_LIMITED, "proc/self/limits=Limit Soft Hard Units\nMax processes             100                  63520                processes \nMax locked memory         65536                8388608              bytes     \n" } },
	{ "limits", GPU, CHECK_FAILED, "at most 3 processes", "LimitNPROC=",
	  { STATUS_LIMITED, "proc/self/limits=Max processes             3                  3                processes \nMax locked memory         unlimited            unlimited            bytes     \n" } },
	{ "limits", GPU, CHECK_OK, "no limit", NULL, { "proc/self/limits=Max locked memory         65536                8388608              bytes     \n" } },
	{ "namespaces", GPU, CHECK_FAILED, "/proc/sys/user/max_mnt_namespaces is 0", "sysctl -w", { "proc/sys/user/max_mnt_namespaces=0\n" } },
	{ "namespaces", GPU, CHECK_OK, "namespaces", NULL, { "proc/sys/user/max_mnt_namespaces=12000\n" } },
	{ "seccomp", GPU, CHECK_FAILED, "cannot filter", "CONFIG_SECCOMP_FILTER", { "proc/self/status=CapEff:\t000001ffffffffff\n" } },
	{ "tasks", GPU, CHECK_FAILED, "only 2 more processes are allowed in the cgroup /user.slice/box", "`TasksMax=`",
	  { "proc/self/cgroup=0::/user.slice/box/leaf\n", "sys/fs/cgroup/user.slice/box/pids.max=10\n", "sys/fs/cgroup/user.slice/box/pids.current=8\n" } },
	{ "tasks", GPU, CHECK_OK, "room", NULL,
	  { "proc/self/cgroup=0::/box\n", "sys/fs/cgroup/box/pids.max=max\n", "sys/fs/cgroup/box/pids.current=8\n" } },
	{ "memory", VM "[gpu]\ndevice = 0000:01:00.0\n", CHECK_FAILED, "the guest's 1024M are taken at once and whole, and 512M are available", "a smaller `memory`",
	  { "proc/meminfo=MemTotal: 2097152 kB\nMemAvailable: 524288 kB\n" } },
	{ "memory", VM, CHECK_OK, "there is memory", NULL, { "proc/meminfo=MemAvailable: 524288 kB\n" } },
	{ "memory-node", VM_NODE(1), CHECK_FAILED, "no such node with memory", "leave it out", { NODES } },
	{ "memory-node", VM_NODE(0) "[gpu]\ndevice = 0000:01:00.0\n", CHECK_FAILED, "that node has 768M to give", "smaller `memory`", { NODES } },
	{ "memory-node", VM_NODE_PAGES, CHECK_FAILED, "that node has 900M to give", "smaller `memory`", { NODES, PAGES "free_hugepages=66\n", ALL_PAGES } },
	{ "memory-node", VM_NODE_PAGES, CHECK_OK, "where the profile wants it", NULL, { NODES, PAGES "free_hugepages=128\n", ALL_PAGES } },
	{ "memory-node", VM_NODE(0), CHECK_OK, "where the profile wants it", NULL, { NODES } },
	{ "memory-node", VM_NODE(0), CHECK_SKIPPED, "the captured tree has no /sys/devices/system/node", NULL, { NULL } },
	{ "cpus", VM_CPUS("pin = 2,4\n"), CHECK_FAILED, "pin (line 4): CPU 4 is not online; this host has 0-3", "lscpu", { CPUS } },
	{ "cpus", VM_CPUS("affinity = 0-7\n"), CHECK_FAILED, "affinity (line 4): CPU 4 is not online", "lscpu", { CPUS } },
	{ "cpus", VM_CPUS("emulator-pin = 9\n"), CHECK_FAILED, "emulator-pin (line 4): CPU 9", "lscpu", { CPUS } },
	{ "cpus", VM_CPUS("iothread-pin = 9\n"), CHECK_FAILED, "iothread-pin (line 4): CPU 9", "lscpu", { CPUS } },
	{ "cpus", VM_CPUS("pin = 2,3\n"), CHECK_FAILED, "CPU 2 is not among those that a VM's cgroup gets, 0-1", "end the VM", { CPUS, "sys/fs/cgroup/cpuset.cpus.effective=0-1\n" } },
	{ "cpus", VM_CPUS("pin = 2,3\n"), CHECK_FAILED, "cgroup gets, 0-2", "end the VM",
	  { CPUS, "run/systemd/system/x=", "sys/fs/cgroup/cpuset.cpus.effective=0-3\n", "sys/fs/cgroup/system.slice/cpuset.cpus.effective=0-2\n" } },
	{ "cpus", VM_CPUS("pin = 2,3\n"), CHECK_OK, "there that the profile names", NULL, { CPUS, "sys/fs/cgroup/cpuset.cpus.effective=0-3\n" } },
	{ "cpus", VM_CPUS("pin = 2,3\n"), CHECK_SKIPPED, "no /sys/devices/system/cpu/online", NULL, { NULL } },
	{ "cpu-layout", VM_CPUS("pin = 0,2\n"), CHECK_OK, "CPU 0 is half of a core, and its other half, 1, is left to the host", "threads = 2", { CORES } },
	{ "cpu-layout", VM_CPUS("pin = 0,1\n"), CHECK_OK, "CPUs 0 and 1 are halves of a core, and the guest takes them for two", "threads = 2", { CORES } },
	{ "cpu-layout", VM_CPUS("cpus = 4\npin = 0,2,1,3\nthreads = 2\n"), CHECK_OK, "takes CPUs 0 and 2 for halves of a core, which they are not", "next to each other", { CORES } },
	{ "cpu-layout", VM_CPUS("cpus = 4\npin = 0-3\nthreads = 2\n"), CHECK_OK, "CPUs 0 and 2 do not share an L3 cache, and the guest is not told", "dies =", { CORES, L3 } },
	{ "cpu-layout", VM_CPUS("cpus = 4\npin = 0-3\nthreads = 2\ndies = 2\n"), CHECK_OK, "as far as pinned", NULL, { CORES, L3 } },
	{ "governor", VM "[host]\ngovernor = performance\n", CHECK_FAILED, "does not choose the clock", "governor = keep", { NULL } },
	{ "governor", VM "[host]\ngovernor = performance\n", CHECK_FAILED, "policy0 of this host has only powersave", "modprobe", { POLICY, POLICY0 "available_governors=powersave\n" } },
	{ "governor", VM "[host]\ngovernor = performance\n", CHECK_OK, "as the profile says", NULL, { POLICY, POLICY0 "available_governors=performance powersave\n" } },
	{ "irq-affinity", VM_CPUS("pin = 2,3\n") IRQS_AWAY, CHECK_FAILED, "does not show where its interrupts go", "irq-affinity = keep", { CPUS } },
	{ "irq-affinity", VM_CPUS("affinity = 0-3\n") IRQS_AWAY, CHECK_FAILED, "no CPU would be left", "leave one CPU out", { CPUS, "proc/irq/1/smp_affinity_list=0-3\n" } },
	{ "irq-affinity", VM_CPUS("pin = 2,3\n") IRQS_AWAY, CHECK_OK, "can go elsewhere", NULL, { CPUS, "proc/irq/1/smp_affinity_list=0-3\n" } },
	{ "irqbalance", VM_CPUS("pin = 2,3\n") IRQS_AWAY, CHECK_OK, "irqbalance runs, and moves interrupts back", "IRQBALANCE_BANNED_CPULIST", { CPUS, "run/irqbalance/x=" } },
	{ "irqbalance", VM_CPUS("pin = 2,3\n") IRQS_AWAY, CHECK_OK, "nothing else moves", NULL, { CPUS } },
	{ "isolation", VM_ISOLATED("2-3", "1"), CHECK_FAILED, "no cgroup v2 with CPUs to give", "unified_cgroup_hierarchy", { CPUS, "run/systemd/system/x=" } },
	{ "isolation", VM_ISOLATED("2-3", "1"), CHECK_FAILED, "no cgroup v2 with CPUs to give", "unified_cgroup_hierarchy", { CPUS, "run/systemd/system/x=", "sys/fs/cgroup/cgroup.controllers=cpu memory\n" } },
	{ "isolation", VM_ISOLATED("2-3", "1"), CHECK_FAILED, "no systemd to keep the CPUs free", "isolate-cpus = no", { CPUS, CPUSET } },
	{ "isolation", VM_ISOLATED("2-3", "0-1"), CHECK_FAILED, "no CPU would be left", "leave one CPU out", { CPUS, CPUSET, "run/systemd/system/x=" } },
	{ "isolation", VM_ISOLATED("2-3", "1"), CHECK_OK, "the VM's alone", NULL, { CPUS, CPUSET, "run/systemd/system/x=" } },
	{ "mmio64", UEFI "mmio64 = 1G\n[gpu]\ndevice = 0000:01:00.0\n", CHECK_FAILED, "the devices' BARs take up to 4G", "mmio64 = auto", { LARGE_BAR("7fffffff") } },
	{ "mmio64", UEFI "[gpu]\ndevice = 0000:01:00.0\n", CHECK_FAILED, "addresses 128G (37 bits)", "fewer devices",
	  { LARGE_BAR("ffffffffff"), "proc/cpuinfo=vendor_id\t: GenuineIntel\naddress sizes\t: 37 bits physical, 48 bits virtual\nflags\t\t: fpu vmx sse\n" } },
	{ "mmio64", UEFI "[gpu]\ndevice = 0000:01:00.0\n", CHECK_FAILED, "addresses 512G (39 bits)", "fewer devices",
	  { LARGE_BAR("3fffffffff"), "sys/class/iommu/dmar0/intel-iommu/cap=d2008c40660462\n" } },
	{ "mmio64", UEFI "[gpu]\ndevice = 0000:01:00.0\n", CHECK_OK, "room", NULL, { LARGE_BAR("fffffffff") } },
	{ "supported", "[vm]\nmemory = 1G\nfirmware = bios\nmachine = pc\n[gpu]\ndevice = 0000:01:00.0\n", CHECK_FAILED, "no PCI Express", "machine = q35", { NULL } },
	/* the links of its network cards */
	{ "links", VM "[net]\nmode = bridge\nbridge = br0\n", CHECK_FAILED, "there is no bridge br0", "`ip link add br0 type bridge`",
	  { "sys/class/misc/tun/dev=10:200\n" } },
	{ "links", VM "[net]\nmode = bridge\nbridge = virbr0\n", CHECK_FAILED, "there is no bridge virbr0", "`virsh net-start default`",
	  { "sys/class/misc/tun/dev=10:200\n" } },
	{ "links", VM "[net]\nmode = bridge\nbridge = eth0\n", CHECK_FAILED, "eth0 is no bridge", "`parent = eth0`",
	  { "sys/class/net/eth0/flags=0x1003\n", "sys/class/misc/tun/dev=10:200\n" } },
	{ "links", VM "[net]\nmode = bridge\nbridge = ovs0\n", CHECK_FAILED, "ovs0 is no bridge of the kernel", "`mode = tap`",
	  { "sys/class/net/ovs0/flags=0x1003\n", "sys/class/net/ovs-system/flags=0x1002\n", "sys/class/misc/tun/dev=10:200\n" } },
	{ "links", VM "[net]\nmode = bridge\nbridge = br0\n", CHECK_FAILED, "the bridge br0 is down", "`ip link set br0 up`",
	  { "sys/class/net/br0/flags=0x1002\n", "sys/class/net/br0/bridge/bridge_id=8\n", "sys/class/misc/tun/dev=10:200\n" } },
	{ "links", VM "[net]\nmode = bridge\nbridge = br0\n", CHECK_FAILED, "br0 has the wireless card wlan0 as a port", "take it out of the bridge",
	  { "sys/class/net/br0/flags=0x1003\n", "sys/class/net/br0/bridge/bridge_id=8\n", "sys/class/net/br0/brif/wlan0/port_no=1\n", "sys/class/net/wlan0/wireless/status=0\n", "sys/class/misc/tun/dev=10:200\n" } },
	{ "links", VM "[net]\nmode = bridge\nbridge = br0\n", CHECK_FAILED, "/dev/net/tun is missing", "`modprobe tun`",
	  { "sys/class/net/br0/flags=0x1003\n", "sys/class/net/br0/bridge/bridge_id=8\n" } },
	{ "links", VM "[net]\nmode = bridge\nbridge = br0\n", CHECK_FAILED, "there is a link vr-win100 already", "another `name`",
	  { "sys/class/net/br0/flags=0x1003\n", "sys/class/net/br0/bridge/bridge_id=8\n", "sys/class/net/vr-win100/flags=0x1003\n", "sys/class/misc/tun/dev=10:200\n" } },
	{ "links", VM "[net]\nmode = macvtap\nparent = eth0\n", CHECK_FAILED, "there is no network card eth0", "`ip link`",
	  { NULL } },
	{ "links", VM "[net]\nmode = macvtap\nparent = wlan0\n", CHECK_FAILED, "wlan0 is wireless", "`mode = user`",
	  { "sys/class/net/wlan0/flags=0x1003\n", "sys/class/net/wlan0/phy80211/index=0\n" } },
	{ "links", VM "[net]\nmode = macvtap\nparent = lo\n", CHECK_FAILED, "lo is no network card", "name a network card",
	  { "sys/class/net/lo/flags=0x9\n" } },
	{ "links", VM "[net]\nmode = macvtap\nparent = eth0\n", CHECK_FAILED, "eth0 is part of br0", "`bridge = br0`",
	  { "sys/class/net/eth0/flags=0x1003\n", "sys/class/net/eth0/master>../br0" } },
	{ "links", VM "[net]\nmode = macvtap\nparent = eth0\n", CHECK_FAILED, "eth0 is down", "`ip link set eth0 up`",
	  { "sys/class/net/eth0/flags=0x1002\n" } },
	{ "links", VM "[net]\nmode = tap\ntap = tap0\n", CHECK_FAILED, "there is no tap tap0", "`ip tuntap add dev tap0 mode tap user",
	  { "sys/class/misc/tun/dev=10:200\n" } },
	{ "links", VM "[net]\nmode = tap\ntap = eth0\n", CHECK_FAILED, "eth0 is no tap", "`ip tuntap`",
	  { "sys/class/net/eth0/flags=0x1003\n", "sys/class/misc/tun/dev=10:200\n" } },
	{ "links", VM "[net]\nmode = tap\ntap = tap0\nqueues = 4\n", CHECK_FAILED, "was made with one queue, not 4", "`multi_queue`",
	  { "sys/class/net/tap0/flags=0x1003\n", "sys/class/net/tap0/tun_flags=0x1002\n", "sys/class/misc/tun/dev=10:200\n" } },
	{ "links", VM "[net]\nmode = bridge\nbridge = br0\n", CHECK_OK, "are there", NULL,
	  { "sys/class/net/br0/flags=0x1003\n", "sys/class/net/br0/bridge/bridge_id=8\n", "sys/class/misc/tun/dev=10:200\n" } },
	{ "supported", "[vm]\ncpus = 16\nmemory = 1G\nfirmware = bios\n[display]\ntype = none\n" MACVTAP MACVTAP MACVTAP MACVTAP MACVTAP MACVTAP, CHECK_FAILED, "96 queues of network cards", "smaller `queues`", { NULL } },
	/* USB devices, and keyboards that go with them */
	{ "usb", VM "[usb]\ndevice = 046d:c52b\nrequired = yes\n", CHECK_FAILED, "there is no USB device 046d:c52b", "plug it in", { NULL } },
	{ "usb", VM "[usb]\ndevice = 1-2.3\nrequired = yes\n", CHECK_FAILED, "there is no USB device 1-2.3", "`required = no`", { USB_DEVICE("1-2", "046d", "c52b") } },
	{ "usb", VM "[usb]\ndevice = 046d:c52b\n", CHECK_OK, "046d:c52b is not plugged in: the guest gets it when it is", NULL, { NULL } },
	{ "usb", VM "[usb]\ndevice = 046d:c52b\nrequired = yes\n", CHECK_OK, "are there", NULL, { USB_DEVICE("1-2", "046d", "c52b") } },
	{ "usb", VM "[usb]\ndevice = 046d:c52b\n", CHECK_FAILED, "2 devices are 046d:c52b: 1-2 3-4", "`device = 1-2`",
	  { USB_DEVICE("1-2", "046d", "c52b"), USB_DEVICE("3-4", "046d", "c52b") } },
	{ "usb", VM "[usb]\ndevice = 1d6b:0002\n", CHECK_FAILED, "is a part of a USB controller", "[pci]", { USB_DEVICE("usb1", "1d6b", "0002") } },
	{ "usb", VM "[usb]\ndevice = 1-2\n", CHECK_FAILED, "1-2 (05e3:0610) is a hub", "plugged into it",
	  { USB_DEVICE("1-2", "05e3", "0610"), "sys/bus/usb/devices/1-2/bDeviceClass=09\n" } },
	{ "usb", VM "[usb]\ndevice = 1-2\n[usb]\ndevice = 046d:c52b\n", CHECK_FAILED, "it is the device of line", "remove one", { USB_DEVICE("1-2", "046d", "c52b") } },
	{ "usb", VM "[pci]\ndevice = 0000:04:00.0\n[usb]\ndevice = 1-2\n", CHECK_FAILED, "on the controller 0000:04:00.0", "remove this section", { USB_BELOW("046d", "c52b") } },
	{ "usb-use", VM "[usb]\ndevice = 1-2\n", CHECK_FAILED, "USB 1-2: a program has it, or another VM", "/dev/bus/usb/001/004",
	  { USB_DEVICE("1-2", "046d", "c52b"), "sys/bus/usb/devices/1-2:1.0/driver>../../../../bus/usb/drivers/usbfs" } },
	{ "usb-use", VM "[usb]\ndevice = 1-2\n", CHECK_FAILED, "USB 1-2: sdx1 is mounted at /media/stick", "`umount`",
	  { USB_BELOW("046d", "c52b"), USB_PLACE "1-2:1.0/block/sdx1/dev=8:241\n", USB_PLACE "1-2:1.0/block/sdx1/subsystem>/sys/class/block",
	    "proc/self/mountinfo=40 1 8:241 / /media/stick rw - vfat /dev/sdx1 rw\n" } },
	{ "way-back", VM "[usb]\ndevice = 1-2\n", CHECK_FAILED, "the host's last keyboard (Keys) would be the guest's", "`grab-toggle`",
	  { USB_BELOW("046d", "c52b"), USB_KEYBOARD } },
	{ "way-back", VM "[usb]\ndevice = 1-2\n", CHECK_OK, "a keyboard stays", NULL,
	  { USB_BELOW("046d", "c52b"), USB_KEYBOARD, "sys/class/input/event1/dev=13:65\n", "sys/class/input/event1/device/capabilities/key=" ALL_KEYS } },
	{ "qemu-devices", GPU, CHECK_SKIPPED, "no QEMU to ask", NULL, { NULL } },
};
/* clang-format on */

static void run_example(void **state)
{
	const struct example *e = *state;
	struct check_results results = { 0 };
	const struct check_result *r;

	put_all(e->file);
	check(e->profile, CHECKS_REPORT, &results);
	r = find(&results, e->row, e->state, e->detail);
	if (!r) {
		show(&results);
		fail_msg("%s: nothing said of: %s", e->row, e->detail);
	} else if (e->remedy ? !r->remedy || !strstr(r->remedy, e->remedy) : 0) {
		fail_msg("%s: no remedy like: %s; it is: %s", e->row, e->remedy, r->remedy);
	} else if (e->state == CHECK_FAILED && !checks_failed(&results)) {
		fail_msg("%s: has failed, and nothing has", e->row);
	}
	check_results_fini(&results);
}

/* ---- the table as a whole -------------------------------------------------------------- */

/* The names are a promise to scripts. */
static const char *const names[] = {
	"processor",
	"contained",
	"iommu",
	"unsafe-interrupts",
	"no-iommu-mode",
	"modules",
	"kvm",
	"user",
	"qemu",
	"qemu-devices",
	"firmware",
	"files",
	"ports",
	"input",
	"usb",
	"usb-use",
	"way-back",
	"display",
	"audio",
	"shared-memory",
	"passt",
	"beside",
	"hooks",
	"session",
	"render-node",
	"links",
	"programs",
	"run",
	"sysfs",
	"capabilities",
	"limits",
	"namespaces",
	"seccomp",
	"tasks",
	"memory",
	"memory-node",
	"cpus",
	"cpu-layout",
	"governor",
	"unmount",
	"irq-affinity",
	"irqbalance",
	"isolation",
	"mmio64",
	"supported",
	"leftovers",
	"unexplained",
	"vm-running",
	"gpu",
	"device",
	"graphics-card",
	"primary",
	"twice",
	"behind-controller",
	"critical",
	"stuck",
	"endpoint",
	"answers",
	"sriov",
	"group",
	"group-members",
	"group-bridge",
	"group-foreign",
	"group-reserved",
	"acs-override",
	"card-parts",
	"outputs",
	"removable",
	"reset",
	"known-issues",
	"unload",
	"reset-method",
	"rebar",
	"own-disk",
	"denylist",
	"locked",
	"vfio-open",
	"libvirt",
	"supergfxd",
	"card-tools",
	"driverctl",
	"vfio-ids",
	"storage",
	"disks",
	"network",
	"keyboard",
	"console",
	"way-in",
	"serial-console",
	"sound",
	"holders",
};

/* Asked elsewhere: test-check-facts.c has those that are found while facts are gathered,
 * check-refusals.sh others. */
static bool fails_elsewhere(const char *name)
{
	/* in the lab `contained`: it takes a namespace; `own-disk` is below; the others refuse
	 * nothing */
	static const char *const others[] = { "user",         "qemu",         "firmware",
					      "files",        "qemu-devices", "programs",
					      "sysfs",        "contained",    "unexplained",
					      "acs-override", "card-parts",   "outputs",
					      "removable",    "reset",        "own-disk",
					      "ports",	      "cpu-layout",   "disks",
					      "display",      "shared-memory",
					      "audio",	      "beside",
					      "input",	      "hooks",
					      "session",      "passt",
					      "irqbalance",   "render-node", "way-in" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(name, others[i]))
			return true;
	return false;
}

static void every_row_is_there(void **state)
{
	(void)state;
	assert_int_equal(checks_count(), ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(checks_name(i), names[i]);
}

static void every_row_fails_somewhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		bool fails = fails_elsewhere(names[i]);

		for (size_t k = 0; k < ARRAY_SIZE(examples); k++)
			fails |= !strcmp(examples[k].row, names[i]) &&
				 examples[k].state == CHECK_FAILED && examples[k].remedy;
		if (!fails)
			fail_msg("no example lets %s fail", names[i]);
	}
}

static void all_is_well(void **state)
{
	struct check_results results = { 0 };

	(void)state;
	check(GPU, CHECKS_REPORT, &results);
	for (size_t i = 0; i < results.count; i++) {
		const struct check_result *r = &results.item[i];

		if (r->state != CHECK_OK && strcmp(r->check, "qemu-devices") &&
		    strcmp(r->check, "contained") && strcmp(r->check, "unexplained"))
			fail_msg("%s: %s", r->check, r->detail);
		if (r->state == CHECK_FAILED)
			assert_non_null(r->remedy);
	}
	/* each row that was run has a result */
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], "gpu") && strcmp(names[i], "qemu-devices") &&
		    strcmp(names[i], "contained") && strcmp(names[i], "unexplained"))
			assert_non_null(find(&results, names[i], CHECK_OK, ""));
	check_results_fini(&results);
}

/* A VM that runs has the card, the disks and the ports that it would be refused for: one cause. */
static void what_follows_is_not_listed(void **state)
{
	static const struct {
		const char *check;
		enum check_state state;
	} found[] = { { "files", CHECK_FAILED }, { "vm-running", CHECK_OK }, { "locked", CHECK_FAILED } };
	struct check_results results = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(found); i++)
		check_add(&results, found[i].check, found[i].state, NULL, "x");
	assert_null(checks_cause(&results));
	check_add(&results, "vm-running", CHECK_FAILED, "stop it", "it runs");
	assert_ptr_equal(checks_cause(&results), &results.item[3]);
	check_results_fini(&results);
}

/* A start asks nothing slow, and nothing that is no reason to stop one. */
static void start_asks_less(void **state)
{
	static const char *const not_asked[] = { "qemu-devices", "gpu", "leftovers",
						 "unexplained" };
	struct check_results results = { 0 };

	(void)state;
	check(GPU, CHECKS_START, &results);
	assert_false(checks_failed(&results));
	assert_non_null(find(&results, "storage", CHECK_OK, ""));
	for (size_t i = 0; i < ARRAY_SIZE(not_asked); i++)
		assert_null(find(&results, not_asked[i], CHECK_OK, ""));
	check_results_fini(&results);
}

/*
 * Before a driver loses a device at every boot: what the host has it for stands in the way, as when it
 * is taken now; who uses it at the moment does not.
 */
static void at_boot_asks_what_lasts(void **state)
{
	static const struct {
		const char *row, *device, *detail, *file[FILES_MAX];
	} cases[] = {
		{ "storage", "0000:02:00.0", "nvme0n1 is mounted at /home", { DISK, "proc/self/mountinfo=30 22 259:0 / /home rw - ext4 /dev/nvme0n1 rw\n" } },
		{ "network",
		  "0000:03:00.0",
		  "eth0",
		  { NET, "proc/net/route=Iface\tDestination\neth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" } },
		{ "keyboard",
		  "0000:04:00.0",
		  "the host's last keyboard (\"A keyboard\")",
		  { "proc/bus/input/devices=" KEYBOARD("pci0000:00/0000:04:00.0/usb1/1-1") } },
		{ "serial-console",
		  "0000:05:00.0",
		  "the kernel's console is on ttyS4",
		  { "$SERIAL/tty/ttyS4/dev=4:68\n", "$SERIAL/tty/ttyS4/subsystem>../../tty",
		    "sys/class/tty/console/active=tty0 ttyS4\n" } },
		{ "driverctl",
		  "0000:02:00.0",
		  "driverctl wants it on",
		  { "etc/driverctl.d/0000:02:00.0=vfio-pci\n" } },
	};
	static const char *const not_asked[] = { "holders", "vfio-open", "locked",  "sound",
						 "libvirt", "console",	 "way-in" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct check_results results = { 0 };
		char profile[256];

		put_all(cases[i].file);
		(void)snprintf(profile, sizeof(profile), PCI("%s"), cases[i].device);
		check(profile, CHECKS_AT_BOOT, &results);
		if (!find(&results, cases[i].row, CHECK_FAILED, cases[i].detail)) {
			show(&results);
			fail_msg("%s: nothing said of: %s", cases[i].row, cases[i].detail);
		}
		for (size_t k = 0; k < ARRAY_SIZE(not_asked); k++)
			assert_null(find(&results, not_asked[k], CHECK_OK, ""));
		check_results_fini(&results);
		(void)undo_case(NULL);
	}
}

/* In the card's slot and in its group: it is reported once. */
static void each_device_is_told_once(void **state)
{
	static const char *const files[FILES_MAX] = {
		"run/vfio-run/vm/old/keeper=1 1\nstuck 0000:01:00.1\n"
	};
	struct check_results results = { 0 };
	size_t told = 0;

	(void)state;
	put_all(files);
	check(GPU "group = hold\n", CHECKS_REPORT, &results);
	for (size_t i = 0; i < results.count; i++)
		told += !strcmp(results.item[i].check, "stuck");
	assert_int_equal(told, 1);
	assert_non_null(find(&results, "stuck", CHECK_FAILED, "0000:01:00.1"));
	check_results_fini(&results);
}

static void ssh_session_is_found(void **state)
{
	static const char *const files[FILES_MAX] = {
		NET,
		"proc/net/route=Iface\neth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
		"ether9\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n",
		"proc/net/ipv6_route=fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 00000100 00000001 00000000 00000001 eth0\n"
	};
	static const struct {
		const char *connection, *said;
	} sessions[] = { { "192.168.1.7 50000 192.168.1.2 22",
			   "eth0 carries this ssh session from 192.168.1.7" },
			 { "fe80::1%eth0 50000 fe80::2 22",
			   "eth0 carries this ssh session from fe80::1" },
			 { "10.0.0.1 50000 192.168.1.2 22", NULL },
			 { "nonsense", NULL } };

	(void)state;
	put_all(files);
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		struct check_results results = { 0 };

		(void)setenv("SSH_CONNECTION", sessions[i].connection, 1);
		check(PCI("0000:03:00.0"), CHECKS_START, &results);
		if (sessions[i].said)
			assert_non_null(find(&results, "network", CHECK_FAILED, sessions[i].said));
		else
			assert_non_null(find(&results, "network", CHECK_OK, ""));
		check_results_fini(&results);
	}
	(void)unsetenv("SSH_CONNECTION");
}

/* A disk of the VM's on a controller that it gets. */
static void its_own_disk_is_found(void **state)
{
	static const char *const files[FILES_MAX] = { DISK };
	static const struct {
		const char *node;
		enum check_state state;
	} disks[] = { { "nvme0n1", CHECK_FAILED },
		      { "nvme0n1p3", CHECK_FAILED },
		      { "nvme1n1", CHECK_OK },
		      { "nvme0n10", CHECK_OK },
		      { NULL, CHECK_OK } };

	(void)state;
	put_all(files);
	for (size_t i = 0; i < ARRAY_SIZE(disks); i++) {
		const struct plan_disk_facts disk = { .block = true, .node = disks[i].node };
		const struct plan_host_facts facts = { .disk = &disk };
		struct check_results results = { 0 };

		check_with(VM "[disk]\npath = /dev/x\nformat = raw\n[pci]\ndevice = 02:00.0\n",
			   &facts, CHECKS_START, &results);
		assert_non_null(find(&results, "own-disk", disks[i].state, ""));
		if (disks[i].state == CHECK_FAILED)
			assert_non_null(strstr(
				find(&results, "own-disk", CHECK_FAILED, "0000:02:00.0")->remedy,
				"the guest sees it on the controller"));
		check_results_fini(&results);
	}
}

/* What the host uses is no disk for a guest, whichever of its names the profile has. */
static void a_disk_of_the_hosts_is_refused(void **state)
{
#define SDA "sys/class/block/sda/sda2/partition=2\n", "sys/class/block/sda2/dev=8:2\n"
	static const struct {
		const char *node, *detail, *remedy;
		const char *file[FILES_MAX];
	} cases[] = {
		{ "sda", "sda is mounted at /srv", "`umount`",
		  { SDA, "proc/self/mountinfo=30 22 8:0 / /srv rw - ext4 /dev/sda rw\n" } },
		{ "sda", "sda2 is mounted at /", "name another one",
		  { SDA, "proc/self/mountinfo=30 22 8:2 / / rw - ext4 /dev/sda2 rw\n" } },
		{ "sda", "sda2 is used as swap", "`swapoff`",
		  { SDA, "proc/swaps=Filename\n/dev/sda2 partition 1 0 -2\n" } },
		{ "sda", "sda2 is part of the LVM volume vg-root (dm-3)", "`vgchange -an`",
		  { SDA, "sys/class/block/sda2/holders/dm-3>../x", "sys/class/block/dm-3/dm/name=vg-root\n",
		    "sys/class/block/dm-3/dm/uuid=LVM-abc\n" } },
		{ "sda", "encrypted volume home (dm-4)", "`cryptsetup close`",
		  { SDA, "sys/class/block/sda2/holders/dm-4>../x", "sys/class/block/dm-4/dm/name=home\n",
		    "sys/class/block/dm-4/dm/uuid=CRYPT-LUKS2-abc\n" } },
		{ "sda", "sda2 is part of the raid1 array md0", "`mdadm --stop`",
		  { SDA, "sys/class/block/sda2/holders/md0>../x", "sys/class/block/md0/md/level=raid1\n" } },
		{ "sda", "sda2 is part of a mounted btrfs", "`umount`",
		  { SDA, "sys/fs/btrfs/8a5b-22/devices/sda2>../x" } },
		{ "sda2", "sda2 is part of a mounted btrfs", "`umount`",
		  { SDA, "sys/fs/btrfs/8a5b-22/devices/sda2>../x" } },
		{ "sda2", "sda2 is mounted at /home", "`umount`",
		  { SDA, "proc/self/mountinfo=30 22 8:2 / /home rw - ext4 /dev/sda2 rw\n" } },
		{ "dm-3", "dm-3 is mounted at /home", "`umount`",
		  { "sys/class/block/dm-3/dm/name=vg-home\n",
		    "proc/self/mountinfo=30 22 253:3 / /home rw - ext4 /dev/mapper/vg-home rw\n" } },
		{ "cciss/c0d0", "cciss!c0d0p1 is mounted at /", "name another one",
		  { "sys/class/block/cciss!c0d0/cciss!c0d0p1/partition=1\n",
		    "sys/class/block/cciss!c0d0p1/dev=104:1\n",
		    "proc/self/mountinfo=30 22 104:1 / / rw - ext4 /dev/cciss/c0d0p1 rw\n" } },
		/* the next partition is another disk to the guest */
		{ "sda1", NULL, NULL,
		  { SDA, "proc/self/mountinfo=30 22 8:2 / /home rw - ext4 /dev/sda2 rw\n" } },
	};
	static const struct {
		const char *node;
		uint32_t major, minor;
	} numbers[] = { { "sda", 8, 0 }, { "sda1", 8, 1 }, { "sda2", 8, 2 }, { "dm-3", 253, 3 }, { "cciss/c0d0", 104, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plan_disk_facts disk = { .block = true, .node = cases[i].node };
		const struct plan_host_facts facts = { .disk = &disk };
		struct check_results results = { 0 };
		const struct check_result *r;

		for (size_t k = 0; k < ARRAY_SIZE(numbers); k++)
			if (!strcmp(numbers[k].node, disk.node)) {
				disk.major = numbers[k].major;
				disk.minor = numbers[k].minor;
			}
		put_all(cases[i].file);
		check_with(VM "[disk]\npath = /dev/x\nformat = raw\n", &facts, CHECKS_START,
			   &results);
		r = find(&results, "disks", CHECK_FAILED, cases[i].detail ? cases[i].detail : "");
		if (!r && cases[i].detail)
			fail_msg("%s: %s", disk.node, cases[i].detail);
		if (cases[i].remedy)
			assert_non_null(strstr(r->remedy, cases[i].remedy));
		else if (r)
			assert_null(strstr(r->detail, "mounted"));
		check_results_fini(&results);
		undo();
	}
}

/* What nobody could look at is not said to be free. */
static void a_disk_not_looked_at_is_left_open(void **state)
{
	struct plan_disk_facts disk = { .unknown = true };
	const struct plan_host_facts seen = { .disk = &disk }, unseen = { .disk = NULL };
	const struct plan_host_facts *const cases[] = { &seen, &unseen };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct check_results results = { 0 };

		check_with(VM "[disk]\npath = /dev/x\nformat = raw\n", cases[i], CHECKS_REPORT, &results);
		assert_non_null(find(&results, "disks", CHECK_SKIPPED, "not checked"));
		check_results_fini(&results);
	}
}

/* NVIDIA's node is not in sysfs; only root can make one to find. */
static void nvidia_node_is_found(void **state)
{
	static const char *const files[FILES_MAX] = {
		"proc/driver/nvidia/gpus/0000:01:00.0/information=Model: x\nDevice Minor: \t 0\n",
		"proc/4242/comm=nvidia-persiste\n", "proc/4242/exe>/usr/bin/true",
		"proc/4242/fd/3>../../../dev/nvidia0", "dev/x="
	};
	struct check_results results = { 0 };
	char node[128];

	(void)state;
	put_all(files);
	(void)snprintf(node, sizeof(node), "%s/dev/nvidia0", root);
	if (mknod(node, S_IFCHR | 0600, makedev(195, 0)))
		skip();
	check(GPU, CHECKS_START, &results);
	assert_non_null(find(&results, "holders", CHECK_FAILED, "nvidia-persiste (pid 4242"));
	assert_non_null(strstr(find(&results, "holders", CHECK_FAILED, "")->remedy,
			       "`systemctl stop nvidia-persistenced`"));
	check_results_fini(&results);
}

/* With another card behind it, only that one's render node would tell which is meant. */
static void kfd_is_of_one_card(void **state)
{
	static const char *const files[FILES_MAX] = {
		"sys/class/kfd/kfd/dev=239:0\n",
		"sys/class/kfd/kfd/topology/nodes/1/properties=simd_count 64\nlocation_id 256\ndomain 0\n",
		"proc/4242/comm=llama-server\n", "proc/4242/exe>/usr/bin/true",
		"proc/4242/fd/3>../../../dev/kfd", "dev/x="
	};
	static const char *const another =
		"sys/class/kfd/kfd/topology/nodes/2/properties=simd_count 64\nlocation_id 512\ndomain 0\n";
	struct check_results results = { 0 };
	char node[128];

	(void)state;
	put_all(files);
	(void)snprintf(node, sizeof(node), "%s/dev/kfd", root);
	if (mknod(node, S_IFCHR | 0600, makedev(239, 0)))
		skip();
	check(GPU, CHECKS_START, &results);
	assert_non_null(find(&results, "holders", CHECK_FAILED, "llama-server (pid 4242"));
	check_results_fini(&results);
	put(another);
	check(GPU, CHECKS_START, &results);
	assert_null(find(&results, "holders", CHECK_FAILED, "llama-server"));
	check_results_fini(&results);
}

/* sudo takes the variable away: it is looked for in those who started us. */
static void ssh_session_of_a_parent(void **state)
{
	static const char *const files[FILES_MAX] = {
		NET,
		"proc/net/route=Iface\neth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n",
		"proc/4243/environ=SSH_CONNECTION=192.168.1.7 5 192.168.1.2 22"
	};
	struct check_results results = { 0 };
	char path[64];

	(void)state;
	put_all(files);
	(void)snprintf(path, sizeof(path), "proc/%d/environ=HOME=/", (int)getppid());
	put(path);
	(void)snprintf(path, sizeof(path), "proc/%d/stat=%d (sudo) S 4243 1", (int)getppid(),
		       (int)getppid());
	put(path);
	check(PCI("0000:03:00.0"), CHECKS_START, &results);
	assert_non_null(find(&results, "network", CHECK_FAILED, "this ssh session"));
	check_results_fini(&results);
}

/* A keyboard without the keys that switch it back would be the guest's; with them it is shared. */
static void the_last_keyboard_has_a_way_back(void **state)
{
	static const char *const other[] = { "sys/class/input/event1/dev=13:65\n",
					     "sys/class/input/event1/device/capabilities/key=" ALL_KEYS, NULL };
	static const char *const one[] = { USB_KEYBOARD, NULL };
	static const struct {
		bool can_toggle, has_other;
		enum check_state state;
	} cases[] = { { false, false, CHECK_FAILED }, { true, false, CHECK_OK }, { false, true, CHECK_OK } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plan_input_facts input = { .node = "event0", .major = 13, .minor = 64, .keyboard = true };
		const struct plan_host_facts facts = { .input = &input };
		struct check_results results = { 0 };

		input.can_toggle = cases[i].can_toggle;
		put_all(one);
		if (cases[i].has_other)
			put_all(other);
		check_with(VM "[input]\nevdev = /dev/input/event0\n", &facts, CHECKS_START, &results);
		if (!find(&results, "way-back", cases[i].state, cases[i].state == CHECK_FAILED ? "last keyboard" : ""))
			fail_msg("case %zu", i);
		check_results_fini(&results);
		undo();
	}
}

/* It has several cards open: what is announced of one changes nothing for another one. */
static void one_that_is_asked_is_asked_for_its_card(void **state)
{
	static const char *const files[] = { DRM, HOLDER("kwin_wayland"), NULL };
	static const struct {
		const char *target;
		bool asked;
		enum check_state state;
		const char *detail;
	} cases[] = {
		{ "0000:01:00.0/drm/card0", true, CHECK_OK, "which is asked to let go of it, and goes on" },
		{ "0000:01:00.0/drm/card0", false, CHECK_OK, "which goes before the device does" },
		{ "0000:01:00.1/drm/card1", true, CHECK_FAILED, "kwin_wayland" },
		{ "0000:02:00.0/drm/card1", true, CHECK_FAILED, "kwin_wayland" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plan_kept kept = { .kind = CHANGE_ANNOUNCE, .target = cases[i].target, .from = "add", .who = "x" };
		struct plan_holder holder = { .id = { .pid = 4242, .start = 77 }, .asked = cases[i].asked, .who = "x" };
		const struct plan_host_facts facts = { .kept = &kept, .kept_count = 1, .holder = &holder, .holder_count = 1 };
		struct check_results results = { 0 };

		put_all(files);
		check_with(GPU, &facts, CHECKS_START, &results);
		if (!find(&results, "holders", cases[i].state, cases[i].detail) ||
		    (cases[i].state != CHECK_FAILED && find(&results, "holders", CHECK_FAILED, ""))) {
			show(&results);
			fail_msg("case %zu", i);
		}
		check_results_fini(&results);
		undo();
	}
}

int main(void)
{
	static const struct CMUnitTest whole[] = {
		cmocka_unit_test(every_row_is_there),
		cmocka_unit_test(every_row_fails_somewhere),
		cmocka_unit_test(all_is_well),
		cmocka_unit_test(start_asks_less),
		cmocka_unit_test(what_follows_is_not_listed),
		cmocka_unit_test_teardown(each_device_is_told_once, undo_case),
		cmocka_unit_test_teardown(at_boot_asks_what_lasts, undo_case),
		cmocka_unit_test_teardown(ssh_session_is_found, undo_case),
		cmocka_unit_test_teardown(ssh_session_of_a_parent, undo_case),
		cmocka_unit_test_teardown(its_own_disk_is_found, undo_case),
		cmocka_unit_test_teardown(a_disk_of_the_hosts_is_refused, undo_case),
		cmocka_unit_test_teardown(a_disk_not_looked_at_is_left_open, undo_case),
		cmocka_unit_test_teardown(nvidia_node_is_found, undo_case),
		cmocka_unit_test_teardown(kfd_is_of_one_card, undo_case),
		cmocka_unit_test_teardown(the_last_keyboard_has_a_way_back, undo_case),
		cmocka_unit_test_teardown(one_that_is_asked_is_asked_for_its_card, undo_case),
	};
	struct CMUnitTest tests[ARRAY_SIZE(examples) + ARRAY_SIZE(whole)] = { 0 };
	static char title[ARRAY_SIZE(examples)][160];

	memcpy(tests, whole, sizeof(whole));
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		(void)snprintf(title[i], sizeof(title[i]), "%s: %s", examples[i].row,
			       examples[i].detail);
		tests[ARRAY_SIZE(whole) + i] = (struct CMUnitTest){
			.name = title[i],
			.test_func = run_example,
			.teardown_func = undo_case,
			.initial_state = (void *)(uintptr_t)&examples[i],
		};
	}
	return _cmocka_run_group_tests("checks", tests, ARRAY_SIZE(tests), make_machine,
				       drop_machine);
}
