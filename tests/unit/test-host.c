// SPDX-License-Identifier: GPL-2.0-or-later
/* test-host.c - what is read of a captured machine: functions, slots, groups, nodes */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/devices/nodes.h"
#include "launcher/host/holders/processes.h"
#include "launcher/host/host.h"
#include "tests/sysfs/tree.h"

static char root[64];
static struct host *host;

static void use(const char *tree)
{
	tree_make(tree, root);
	assert_int_equal(host_open(root, &host), 0);
}

static int finish(void **state)
{
	(void)state;
	host_close(host);
	host = NULL;
	tree_remove(root);
	return 0;
}

static const struct host_device *device(const char *address)
{
	const struct host_device *d = NULL;
	struct pci_address a;

	assert_true(pci_address_parse(address, &a));
	assert_int_equal(host_device(host, &a, &d), 0);
	return d;
}

static void a_function_is_read_whole(void **state)
{
	const struct host_device *d, *bridge;
	char title[128];

	(void)state;
	use("x570-four-functions");
	d = device("0000:0a:00.0");
	assert_string_equal(d->name, "0000:0a:00.0");
	assert_int_equal(d->vendor, 0x10de);
	assert_int_equal(d->device, 0x1f08);
	assert_int_equal(d->subsystem_vendor, 0x1462);
	assert_int_equal(d->subsystem_device, 0x3752);
	assert_int_equal(d->class_id, 0x030000);
	assert_int_equal(d->header_type, 0);
	assert_string_equal(d->driver, "nvidia");
	assert_string_equal(d->module, "nvidia");
	assert_string_equal(d->driver_override, "");
	assert_string_equal(d->bridge, "0000:00:03.1");
	assert_string_equal(d->power_control, "auto");
	assert_string_equal(d->reset_methods, "pm bus");
	assert_int_equal(d->d3cold_allowed, 1);
	assert_int_equal(d->iommu_group, 29);
	assert_int_equal(d->sriov_numvfs, -1);
	assert_int_equal(d->numa_node, -1);
	assert_true(d->boot_vga);
	assert_false(d->vfio);
	assert_false(d->config_dead);
	assert_int_equal(d->bar_bytes[0], 16 << 20);
	assert_int_equal(d->bar_bytes[1], 256 << 20);
	assert_int_equal(d->bar_bytes[2], 0);
	assert_int_equal(d->bar_bytes[6], 512 << 10);
	assert_int_equal(strncmp(d->modalias, "pci:v000010de", 13), 0);
	assert_null(strchr(d->modalias, '\n'));
	assert_true(host_device_is_display(d));
	assert_string_equal(host_device_title(host, d, title, sizeof(title)),
			    "Geforce Maker Turing Card [10de:1f08]");
	bridge = device("0000:00:03.1");
	assert_int_equal(bridge->header_type, 1);
	assert_string_equal(bridge->bridge, "");
	assert_true(host_device_is_bridge(bridge));
	assert_true(host_device_is_bridge(device("0000:00:00.0")));
	assert_true(d == device("0a:00.0")); /* read once */
}

static void what_is_missing_is_said(void **state)
{
	const struct host_device *d;
	struct pci_address a = { .bus = 0x77 };

	(void)state;
	use("server-switches");
	assert_int_equal(host_device(host, &a, &d), -ENOENT);
	assert_true(device("5f:00.0")->config_dead);
	d = device("19:00.0");
	assert_true(d->vfio);
	assert_string_equal(d->driver_override, "vfio-pci");
	assert_int_equal(d->numa_node, 0);
	assert_int_equal(d->bar_bytes[1], UINT64_C(64) << 30);
	assert_int_equal(device("3b:00.0")->sriov_numvfs, 2);
	assert_int_equal(device("3b:00.1")->sriov_numvfs, 0);
	assert_int_equal(device("10000:e1:00.0")->address.domain, 0x10000);
	assert_int_equal(host_group_reserved_direct(host, 60), 1);
	assert_int_equal(host_group_reserved_direct(host, 45), 0);
}

/* What is asked of a virtual function is asked of it alone. */
static void a_virtual_function_is_a_card_of_its_own(void **state)
{
	static const char *const alive[] = { "00:02.1", "00:02.2", "04:02.0", "04:02.2" };
	const struct host_device *physical, *d;
	struct host_devices list;

	(void)state;
	use("sriov-gpu");
	physical = device("00:02.0");
	assert_int_equal(physical->sriov_totalvfs, 7);
	assert_false(host_device_is_virtual(physical));
	for (size_t i = 0; i < ARRAY_SIZE(alive); i++) { /* ids of ones, by the specification */
		d = device(alive[i]);
		assert_true(host_device_is_virtual(d));
		assert_false(d->config_dead);
		assert_int_equal(d->header_type, 0);
	}
	assert_true(device("04:02.1")->config_dead);
	d = device("00:02.1");
	assert_string_equal(d->physfn, "0000:00:02.0");
	assert_int_equal(d->vendor, 0x8086);
	assert_int_equal(d->sriov_totalvfs, -1);
	assert_int_equal(host_slot(host, &d->address, &list), 0);
	assert_int_equal(list.count, 1);
	assert_true(list.item[0] == d);
	host_devices_fini(&list);
	assert_int_equal(host_slot(host, &physical->address, &list), 0);
	assert_int_equal(list.count, 1);
	assert_true(list.item[0] == physical);
	host_devices_fini(&list);
	assert_false(host_same_card(d, physical));
	assert_false(host_same_card(d, device("00:02.2")));
	assert_true(host_same_card(d, d));
	assert_int_equal(host_physical_function(host, d, &d), 0);
	assert_true(d == physical);
	assert_int_equal(host_physical_function(host, d, &d), -ENOENT);
	assert_int_equal(host_virtual_functions(host, physical, &list), 0);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.item[1]->name, "0000:00:02.2");
	host_devices_fini(&list);
}

/* On kernels before 7.1 these reads would never return. */
static void a_stuck_function_is_not_asked(void **state)
{
	struct pci_address a;
	const struct host_device *d;

	(void)state;
	use("server-switches");
	assert_true(pci_address_parse("19:00.0", &a));
	host_mark_stuck(host, &a);
	assert_int_equal(host_device(host, &a, &d), 0);
	assert_true(d->stuck);
	assert_string_equal(d->driver_override, "");
	assert_string_equal(d->driver, "vfio-pci");
	assert_false(device("3b:00.0")->stuck);
}

static void slots_and_groups_are_sorted(void **state)
{
	struct pci_address a = { .bus = 0x0a, .function = 7 };
	struct host_devices list;
	bool foreign = true;

	(void)state;
	use("x570-four-functions");
	assert_int_equal(host_slot(host, &a, &list), 0);
	assert_int_equal(list.count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(list.item[i]->address.function, i);
	host_devices_fini(&list);
	assert_int_equal(host_group(host, 29, &list, &foreign), 0);
	assert_int_equal(list.count, 4);
	assert_false(foreign);
	assert_string_equal(list.item[3]->name, "0000:0a:00.3");
	host_devices_fini(&list);
	assert_int_equal(host_group(host, 999, &list, &foreign), -ENOENT);
	assert_int_equal(list.count, 0);
	assert_int_equal(host_all(host, &list), 0);
	assert_int_equal(list.count, 10);
	for (size_t i = 1; i < list.count; i++)
		assert_true(pci_address_compare(&list.item[i - 1]->address,
						&list.item[i]->address) < 0);
	host_devices_fini(&list);
	assert_true(host_has_iommu(host));
	assert_true(host_module_loaded(host, "vfio_pci"));
	assert_false(host_module_loaded(host, "vfio"));
	assert_false(host_is_live(host));
}

static void foreign_members_and_relaxable_regions(void **state)
{
	struct host_devices list;
	bool foreign = false;

	(void)state;
	use("apu-shared");
	assert_int_equal(host_group(host, 9, &list, &foreign), 0);
	assert_int_equal(list.count, 3);
	assert_true(foreign);
	host_devices_fini(&list);
	assert_int_equal(finish(NULL), 0);
	use("z790-igpu-sriov");
	assert_int_equal(host_group_reserved_direct(host, 0), 0);
	assert_int_equal(finish(NULL), 0);
	use("no-iommu");
	assert_false(host_has_iommu(host));
	assert_int_equal(device("01:00.0")->iommu_group, -1);
}

static void no_pci_at_all(void **state)
{
	struct host_devices list;

	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/tree-XXXXXX");
	assert_non_null(mkdtemp(root));
	assert_int_equal(host_open(root, &host), 0);
	assert_int_equal(host_all(host, &list), 0);
	assert_int_equal(list.count, 0);
	host_devices_fini(&list);
	assert_int_equal(host_open("/nonexistent", &(struct host *){ NULL }), -ENOENT);
}

static void make(const char *path, const char *text)
{
	cleanup_free char *whole = NULL;
	cleanup_fclose FILE *f = NULL;

	assert_true(asprintf(&whole, "%s/sys/%s", root, path) > 0);
	for (char *c = whole + 1; *c; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		(void)mkdir(whole, 0755);
		*c = '/';
	}
	f = fopen(whole, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
}

static void node(const char *path, const char *subsystem, const char *numbers)
{
	cleanup_free char *attribute = NULL;
	cleanup_free char *link = NULL;
	cleanup_free char *target = NULL;

	assert_true(asprintf(&attribute, "%s/%s", path, numbers ? "dev" : "address") > 0);
	make(attribute, numbers ? numbers : "00:00\n");
	assert_true(asprintf(&link, "%s/sys/%s/subsystem", root, path) > 0);
	assert_true(asprintf(&target, "../../class/%s", subsystem) > 0);
	assert_int_equal(symlink(target, link), 0);
}

#define CARD "devices/pci0000:00/0000:00:02.0/0000:01:00.0/"

static void nodes_of_a_function(void **state)
{
	static const char *const expected[] = { "block/nvme0n1",   "drm/card0",
						"drm/renderD128",  "input/event5",
						"net/eth0",	   "nvme/nvme0",
						"sound/controlC0", "sound/pcmC0D3p" };
	struct host_nodes nodes;

	(void)state;
	use("lab-dgpu");
	node(CARD "drm/card0", "drm", "226:0\n");
	node(CARD "drm/renderD128", "drm", "226:128\n");
	make(CARD "drm/card0/card0-DP-1/status", "connected\n");
	node(CARD "sound/card0/controlC0", "sound", "116:2\n");
	node(CARD "sound/card0/pcmC0D3p", "sound", "116:3\n");
	node(CARD "sound/card0/input5/event5", "input", "13:69\n");
	node(CARD "net/eth0", "net", NULL);
	make(CARD "hwmon/hwmon3/name", "card\n");
	node(CARD "nvme/nvme0", "nvme", "240:0\n");
	node("devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "block", "259:0\n");
	make("class/nvme-subsystem/nvme-subsys0/nvme0", "");
	node("class/nvme-subsystem/nvme-subsys0/nvme0n1", "block", "259:0\n");
	node(CARD "vfio-dev/vfio0", "vfio-dev", "511:0\n");
	node(CARD "0000:02:00.0/drm/card7", "drm", "226:7\n"); /* behind it, but not its own */
	make(CARD "broken/dev", "garbage\n");
	assert_int_equal(host_nodes(host, device("01:00.0"), &nodes), 0);
	assert_int_equal(nodes.count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < nodes.count; i++) {
		char text[2 * HOST_WORD_MAX + 2];

		(void)snprintf(text, sizeof(text), "%s/%s", nodes.item[i].subsystem,
			       nodes.item[i].name);
		assert_string_equal(text, expected[i]);
		assert_int_equal(nodes.item[i].block, i == 0);
	}
	assert_int_equal(nodes.item[2].major, 226);
	assert_int_equal(nodes.item[2].minor, 128);
	assert_int_equal(nodes.item[4].major, 0);
	host_nodes_fini(&nodes);
}

static void block_devices_by_number(void **state)
{
	char name[16];

	(void)state;
	use("lab-dgpu");
	make("dev/block/keep", "");
	assert_int_equal(symlinkat("../../devices/virtual/block/dm-3", host_root_fd(host),
				   "sys/dev/block/253:3"),
			 0);
	assert_int_equal(symlinkat("../../devices/x/block/cciss!c0d0", host_root_fd(host),
				   "sys/dev/block/104:0"),
			 0);
	assert_int_equal(host_block_name(host, 253, 3, name, sizeof(name)), 0);
	assert_string_equal(name, "dm-3");
	assert_int_equal(host_block_name(host, 104, 0, name, sizeof(name)), 0);
	assert_string_equal(name, "cciss/c0d0");
	assert_int_equal(host_block_name(host, 1, 1, name, sizeof(name)), -ENOENT);
}

static void attributes(void **state)
{
	cleanup_close int dir = -1;
	char buf[8];
	int64_t n = 0;

	(void)state;
	use("lab-dgpu");
	make("t/long", "1234567\n");
	make("t/full", "123456\n");
	make("t/empty", "");
	make("t/two", "a\n\n");
	make("t/number", "-12\n");
	make("t/hex", "0x10\n");
	make("t/not", "12x\n");
	dir = openat(host_root_fd(host), "sys/t", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(sysfs_read(dir, "long", buf, sizeof(buf)), -EOVERFLOW);
	assert_string_equal(buf, "");
	assert_int_equal(sysfs_read(dir, "full", buf, sizeof(buf)), 6);
	assert_string_equal(buf, "123456");
	assert_int_equal(sysfs_read(dir, "empty", buf, sizeof(buf)), 0);
	assert_int_equal(sysfs_read(dir, "two", buf, sizeof(buf)), 2);
	assert_string_equal(buf, "a\n");
	assert_int_equal(sysfs_read(dir, "none", buf, sizeof(buf)), -ENOENT);
	assert_int_equal(sysfs_read_number(dir, "number", &n), 0);
	assert_int_equal(n, -12);
	assert_int_equal(sysfs_read_number(dir, "hex", &n), 0);
	assert_int_equal(n, 16);
	assert_int_equal(sysfs_read_number(dir, "not", &n), -EINVAL);
	assert_int_equal(sysfs_read_number(dir, "empty", &n), -EINVAL);
	assert_int_equal(n, 16);
	assert_int_equal(sysfs_link_name(dir, "full", buf, sizeof(buf)), -EINVAL);
	assert_int_equal(symlinkat("../a/b/1234567", dir, "link"), 0);
	assert_int_equal(sysfs_link_name(dir, "link", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "1234567");
	assert_int_equal(symlinkat("../12345678", dir, "longer"), 0);
	assert_int_equal(sysfs_link_name(dir, "longer", buf, sizeof(buf)), -EOVERFLOW);
	assert_true(sysfs_exists(dir, "link"));
	assert_false(sysfs_exists(dir, "none"));
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void what_keeps_a_process_is_in_its_cgroup(void **state)
{
	static const struct {
		const char *cgroup;
		enum host_place_kind kind;
		const char *name, *container;
		uint32_t uid; /* 0: of no user's own service manager */
	} cases[] = {
		{ "0::/\n", HOST_PLACE_NONE, "", "", 0 },
		{ "0::/system.slice/ollama.service\n", HOST_PLACE_SERVICE, "ollama.service", "", 0 },
		{ "0::/system.slice/ollama.service/sub\n", HOST_PLACE_SERVICE, "ollama.service", "", 0 },
		{ "0::/user.slice/user-1500.slice/user@1500.service/session.slice/pipewire.service\n",
		  HOST_PLACE_SERVICE, "pipewire.service", "", 1500 },
		{ "0::/user.slice/user-1500.slice/user@1500.service/app.slice/app-foot-12.scope\n",
		  HOST_PLACE_SCOPE, "app-foot-12.scope", "", 1500 },
		{ "0::/user.slice/user-1500.slice/user@1500.service/init.scope\n", HOST_PLACE_SCOPE, "init.scope",
		  "", 1500 },
		{ "0::/user.slice/user-1500.slice/session-2.scope\n", HOST_PLACE_SCOPE, "session-2.scope", "", 0 },
		{ "0::/system.slice/docker-" ID ".scope\n", HOST_PLACE_CONTAINER, "docker container 0123456789ab",
		  "docker/" ID, 0 },
		{ "12:pids:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/\n", HOST_PLACE_CONTAINER,
		  "docker container 0123456789ab", "docker/" ID, 0 },
		{ "0::/machine.slice/libpod-" ID ".scope/container\n", HOST_PLACE_CONTAINER,
		  "podman container 0123456789ab", "podman/" ID, 0 },
		/* one that was started by a unit goes, and comes back, with that */
		{ "0::/system.slice/web.service/libpod-payload-" ID "\n", HOST_PLACE_SERVICE, "web.service", "", 0 },
		{ "0::/machine.slice/systemd-nspawn@box.service/payload/system.slice/ssh.service\n",
		  HOST_PLACE_SERVICE, "systemd-nspawn@box.service", "", 0 },
		/* a unit of a container's own systemd is none of this host's; nor is a container in one */
		{ "0::/system.slice/docker-" ID ".scope/system.slice/ssh.service\n", HOST_PLACE_CONTAINER,
		  "docker container 0123456789ab", "docker/" ID, 0 },
		{ "0::/machine.slice/libpod-" ID ".scope/docker/" "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
		  HOST_PLACE_CONTAINER, "podman container 0123456789ab", "podman/" ID, 0 },
		{ "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope\n",
		  HOST_PLACE_CONTAINER, "podman container 0123456789ab", "podman/" ID, 1000 },
		{ "0::/kubepods.slice/x.slice/cri-containerd-" ID ".scope\n", HOST_PLACE_CONTAINER,
		  "container 0123456789ab", "", 0 },
		{ "0::/machine.slice/machine-qemu\\x2d1\\x2dwin.scope/libvirt/emulator\n", HOST_PLACE_CONTAINER,
		  "machine qemu\\x2d1\\x2dwin", "", 0 },
		{ "0::/lxc.payload.web/system.slice/ssh.service\n", HOST_PLACE_CONTAINER, "LXC container web", "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct host_place place;

		host_place_of(cases[i].cgroup, &place);
		if (place.kind != cases[i].kind || strcmp(place.name, cases[i].name) ||
		    strcmp(place.container, cases[i].container) || place.of_user != (cases[i].uid != 0) ||
		    place.uid != cases[i].uid)
			fail_msg("%s: %d, %s, %s, %u", cases[i].cgroup, place.kind, place.name, place.container,
				 place.uid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_keeps_a_process_is_in_its_cgroup),
		cmocka_unit_test_teardown(a_function_is_read_whole, finish),
		cmocka_unit_test_teardown(what_is_missing_is_said, finish),
		cmocka_unit_test_teardown(a_virtual_function_is_a_card_of_its_own, finish),
		cmocka_unit_test_teardown(a_stuck_function_is_not_asked, finish),
		cmocka_unit_test_teardown(slots_and_groups_are_sorted, finish),
		cmocka_unit_test_teardown(foreign_members_and_relaxable_regions, finish),
		cmocka_unit_test_teardown(no_pci_at_all, finish),
		cmocka_unit_test_teardown(nodes_of_a_function, finish),
		cmocka_unit_test_teardown(block_devices_by_number, finish),
		cmocka_unit_test_teardown(attributes, finish),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
