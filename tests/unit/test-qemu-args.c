// SPDX-License-Identifier: GPL-2.0-or-later
/* test-qemu-args.c - no text of a user's becomes an option, and the installed QEMU accepts
 * ours */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/host.h"
#include "launcher/keeper/handover.h"
#include "launcher/plan/qemu/boot.h"
#include "launcher/plan/changes/nets.h"
#include "launcher/plan/programs/beside.h"
#include "launcher/plan/print/print.h"
#include "launcher/plan/qemu/qemu.h"
#include "launcher/plan/programs/rows-memfd.h"
#include "launcher/plan/changes/usb.h"
#include "profiles/profile.h"

#define QEMU "/usr/bin/qemu-system-x86_64"
#define NASTY "a,readonly=off,\"b\\c'd\ne\x01 $(id) %s.raw"

/* questions.c asks for the snapshot's directory, which nothing here has. */
int host_root_fd(const struct host *h)
{
	(void)h;
	return -1;
}

static struct profile base(void)
{
	static char vm[] = "unit";

	return (struct profile){ .name = vm,
				 .memory_bytes = 64 << 20,
				 .cpus = 2,
				 .threads = 1,
				 .accel = PROFILE_ACCEL_TCG,
				 .display = PROFILE_DISPLAY_NONE,
				 .firmware = PROFILE_FIRMWARE_BIOS };
}

static void make(struct plan *plan, const struct profile *profile, struct plan_host_facts *facts)
{
	(void)snprintf(plan->name, sizeof(plan->name), "%s", profile->name);
	facts->qemu = QEMU;
	assert_int_equal(plan_qemu(plan, profile, facts), 0);
}

static void done(struct plan *plan)
{
	argv_free(plan->argv);
	argv_free(plan->environ_);
	argv_free(plan->plug);
	*plan = (struct plan){ 0 };
}

static bool is_in(char *const *list, const char *text)
{
	for (; *list; list++)
		if (!strcmp(*list, text))
			return true;
	return false;
}

static size_t count(char *const *argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	return n;
}

/* The value of the @nth (from 0) @option that holds @part. */
static const char *value_of(char *const *argv, const char *option, const char *part)
{
	for (size_t i = 0; argv[i] && argv[i + 1]; i++)
		if (!strcmp(argv[i], option) && strstr(argv[i + 1], part))
			return argv[i + 1];
	fail_msg("no %s with %s", option, part);
	return NULL;
}

/* A member of JSON arguments, as text. */
static char *member(const char *json, const char *key)
{
	struct json_object *o = json_tokener_parse(json), *v;
	char *text;

	assert_non_null(o);
	assert_true(json_object_object_get_ex(o, key, &v));
	text = strdup(json_object_get_string(v));
	json_object_put(o);
	return text;
}

static void a_path_stays_one_value(void **state)
{
	static char plain[] = "/vms/plain.raw", nasty[] = "/vms/" NASTY, serial[] = "1,x=\"y\"";
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct profile_disk disk = { .path = plain };
	struct profile_cdrom cdrom = { .path = plain };
	struct plan plan = { 0 };
	cleanup_free char *disk_path = NULL;
	cleanup_free char *disk_serial = NULL;
	cleanup_free char *cdrom_path = NULL;
	cleanup_free char *code = NULL;
	size_t before;

	(void)state;
	p.firmware = PROFILE_FIRMWARE_UEFI;
	facts.firmware_code = plain;
	facts.nvram = plain;
	p.disk = &disk;
	p.disk_count = 1;
	p.cdrom = &cdrom;
	p.cdrom_count = 1;
	make(&plan, &p, &facts);
	before = count(plan.argv);
	done(&plan);
	disk.path = nasty;
	disk.serial = serial;
	cdrom.path = nasty;
	facts.firmware_code = nasty;
	make(&plan, &p, &facts);
	assert_int_equal(count(plan.argv), before);
	disk_path = member(value_of(plan.argv, "-blockdev", "\"disk0-file\""), "filename");
	cdrom_path = member(value_of(plan.argv, "-blockdev", "\"cdrom0-file\""), "filename");
	code = member(value_of(plan.argv, "-blockdev", "\"firmware-code-file\""), "filename");
	disk_serial = member(value_of(plan.argv, "-device", "\"card-disk0\""), "serial");
	assert_string_equal(disk_path, nasty);
	assert_string_equal(cdrom_path, nasty);
	assert_string_equal(code, nasty);
	assert_string_equal(disk_serial, serial);
	for (size_t i = 0; plan.argv[i]; i++)
		if (strstr(plan.argv[i], "readonly=off"))
			assert_int_equal(plan.argv[i][0], '{');
	done(&plan);
}

static void a_machine_cannot_add_options(void **state)
{
	static char machine[] = "q35,kernel=/etc/shadow";
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	p.machine = machine;
	make(&plan, &p, &facts);
	assert_non_null(
		strstr(value_of(plan.argv, "-machine", "q35"), "q35,,kernel=/etc/shadow,accel="));
	done(&plan);
}

static void formats_are_said(void **state)
{
	static const struct {
		char path[32];
		bool given, block;
		enum profile_format format;
		const char *driver;
	} rows[] = {
		{ "/a.qcow2", false, false, PROFILE_FORMAT_RAW, "qcow2" },
		{ "/a.raw", false, false, PROFILE_FORMAT_RAW, "raw" },
		{ "/a.qcow2", true, false, PROFILE_FORMAT_RAW, "raw" },
		{ "/a.img", true, false, PROFILE_FORMAT_QCOW2, "qcow2" },
		{ "/dev/a", false, true, PROFILE_FORMAT_RAW, "raw" },
		{ "/dev/a.qcow2", false, true, PROFILE_FORMAT_RAW, "raw" },
		{ "/dev/a", true, true, PROFILE_FORMAT_QCOW2, "qcow2" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_disk_facts disk_facts = { .block = rows[i].block, .node = "dm-3" };
		struct plan_host_facts facts = { .disk = &disk_facts };
		struct profile_disk disk = { .format_given = rows[i].given,
					     .format = rows[i].format };
		struct profile p = base();
		struct plan plan = { 0 };
		cleanup_free char *path = strdup(rows[i].path);
		cleanup_free char *driver = NULL;
		cleanup_free char *opened = NULL;

		disk.path = path;
		p.disk = &disk;
		p.disk_count = 1;
		make(&plan, &p, &facts);
		driver = member(value_of(plan.argv, "-blockdev", "\"node-name\":\"disk0\""),
				"driver");
		opened = member(value_of(plan.argv, "-blockdev", "\"disk0-file\",\"filename\""),
				"filename");
		assert_string_equal(driver, rows[i].driver);
		assert_string_equal(opened, rows[i].block ? "/dev/dm-3" : rows[i].path);
		done(&plan);
	}
}

/* The image is read only, in its own format; in front of it is the next of QEMU's descriptors. */
static void a_temporary_disk_is_in_front_of_its_image(void **state)
{
	static char path[] = "/a.raw", bridge[] = "br0";
	struct profile_disk disks[] = { { .path = path },
					{ .path = path, .temporary = true },
					{ .path = path, .temporary = true } };
	struct profile_net net = { .mode = PROFILE_NET_BRIDGE, .bridge = bridge, .queues = 3 };
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { .channel_count = 5 };
	const char *image, *front;

	(void)state;
	p.disk = disks;
	p.disk_count = 3;
	p.net = &net;
	p.net_count = 1;
	make(&plan, &p, &facts);
	assert_non_null(value_of(plan.argv, "-add-fd", "fd=9,set=1"));
	assert_non_null(value_of(plan.argv, "-add-fd", "fd=10,set=2"));
	image = value_of(plan.argv, "-blockdev", "\"node-name\":\"disk1-image\"");
	assert_non_null(strstr(image, "\"driver\":\"raw\""));
	assert_non_null(strstr(image, "\"read-only\":true"));
	front = value_of(plan.argv, "-blockdev", "\"node-name\":\"disk1\"");
	assert_non_null(strstr(front, "\"driver\":\"qcow2\""));
	assert_non_null(strstr(front, "\"backing\":\"disk1-image\""));
	assert_non_null(value_of(plan.argv, "-blockdev", "\"filename\":\"/dev/fdset/1\""));
	assert_non_null(strstr(value_of(plan.argv, "-blockdev", "\"node-name\":\"disk0\""),
			       "\"read-only\":false"));
	done(&plan);
}

/* As many of the kernel's as the card has queues, behind these; only for virtio. */
static void vhost_is_behind_its_queues(void **state)
{
	static char path[] = "/a.raw", bridge[] = "br0";
	struct profile_disk disk = { .path = path, .temporary = true };
	struct profile_net nets[] = {
		{ .mode = PROFILE_NET_BRIDGE, .bridge = bridge, .queues = 2 },
		{ .mode = PROFILE_NET_BRIDGE, .bridge = bridge, .model = PROFILE_NET_E1000E },
		{ .mode = PROFILE_NET_MACVTAP, .parent = bridge, .queues = 1 },
	};
	struct plan_host_facts facts = { .vhost = true };
	uint32_t channel[KEEPER_QEMU_NETS_MAX];
	struct profile p = base();
	struct plan plan = { 0 };
	const char *card;

	(void)state;
	p.disk = &disk;
	p.disk_count = 1;
	p.net = nets;
	p.net_count = 3;
	plan.channel_count = plan_net_channels(&p, &facts, channel, ARRAY_SIZE(channel));
	assert_int_equal(plan.channel_count, 7);
	assert_int_equal(channel[1], KEEPER_CHANNEL_LINK);
	assert_int_equal(channel[2], KEEPER_CHANNEL_GIVEN);
	assert_int_equal(channel[3], KEEPER_CHANNEL_GIVEN);
	assert_int_equal(channel[4], KEEPER_CHANNEL_LINK);
	assert_int_equal(channel[6], KEEPER_CHANNEL_GIVEN);
	plan.channel_count++; /* the disk's */
	make(&plan, &p, &facts);
	card = value_of(plan.argv, "-netdev", "\"net0\"");
	assert_non_null(strstr(card, "\"fds\":\"6:7\""));
	assert_non_null(strstr(card, "\"vhost\":true,\"vhostfds\":\"8:9\""));
	card = value_of(plan.argv, "-netdev", "\"net1\"");
	assert_non_null(strstr(card, "\"fds\":\"10\""));
	assert_null(strstr(card, "vhost"));
	assert_non_null(strstr(value_of(plan.argv, "-netdev", "\"net2\""), "\"vhostfds\":\"12\""));
	assert_non_null(value_of(plan.argv, "-add-fd", "fd=13,set=0"));
	done(&plan);
}

/* auto goes by what the file takes; what is written out does not. */
static void the_cache_is_bypassed_where_that_is_wanted_and_works(void **state)
{
	static const struct {
		enum profile_cache cache;
		bool takes, direct, through;
	} rows[] = {
		{ PROFILE_CACHE_AUTO, true, true, false },
		{ PROFILE_CACHE_AUTO, false, false, false },
		{ PROFILE_CACHE_NONE, true, true, false },
		{ PROFILE_CACHE_WRITEBACK, true, false, false },
		{ PROFILE_CACHE_DIRECTSYNC, true, true, true },
		{ PROFILE_CACHE_WRITETHROUGH, true, false, true },
		{ PROFILE_CACHE_UNSAFE, true, false, false },
	};
	static char path[] = "/a.raw";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_disk_facts disk_facts = { .direct = rows[i].takes };
		struct plan_host_facts facts = { .disk = &disk_facts };
		struct profile_disk disk = { .path = path, .cache = rows[i].cache };
		struct profile p = base();
		struct plan plan = { 0 };

		p.disk = &disk;
		p.disk_count = 1;
		make(&plan, &p, &facts);
		assert_non_null(strstr(value_of(plan.argv, "-blockdev", "\"node-name\":\"disk0\""),
				       rows[i].direct ? "\"direct\":true" : "\"direct\":false"));
		assert_int_equal(strstr(value_of(plan.argv, "-device", "\"card-disk0\""),
					"\"write-cache\":\"off\"") != NULL,
				 rows[i].through);
		done(&plan);
	}
}

/* Linux AIO only where the page cache is passed by and this QEMU has it, or when it is asked for. */
static void aio_is_native_where_that_works(void **state)
{
	static const struct {
		enum profile_aio aio;
		enum profile_cache cache;
		bool takes, has, native;
	} rows[] = {
		{ PROFILE_AIO_AUTO, PROFILE_CACHE_AUTO, true, true, true },
		{ PROFILE_AIO_AUTO, PROFILE_CACHE_DIRECTSYNC, true, true, true },
		{ PROFILE_AIO_AUTO, PROFILE_CACHE_AUTO, false, true, false },
		{ PROFILE_AIO_AUTO, PROFILE_CACHE_AUTO, true, false, false },
		{ PROFILE_AIO_AUTO, PROFILE_CACHE_WRITEBACK, true, true, false },
		{ PROFILE_AIO_THREADS, PROFILE_CACHE_NONE, true, true, false },
		{ PROFILE_AIO_NATIVE, PROFILE_CACHE_NONE, true, true, true },
	};
	static char path[] = "/a.raw";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_disk_facts disk_facts = { .direct = rows[i].takes,
						      .native = rows[i].has };
		struct plan_host_facts facts = { .disk = &disk_facts };
		struct profile_disk disk = { .path = path,
					     .cache = rows[i].cache,
					     .aio = rows[i].aio };
		struct profile p = base();
		struct plan plan = { 0 };

		p.disk = &disk;
		p.disk_count = 1;
		make(&plan, &p, &facts);
		assert_int_equal(strstr(value_of(plan.argv, "-blockdev", "\"disk0-file\""),
					"\"aio\":\"native\"") != NULL,
				 rows[i].native);
		done(&plan);
	}
}

/* The queues are those of the disk, or of the controller that is its own. */
static void queues_and_rotation_are_said(void **state)
{
	static const struct {
		enum profile_bus bus;
		unsigned int cpus, queues;
		bool ssd;
		const char *where, *what;
	} rows[] = {
		{ PROFILE_BUS_VIRTIO, 4, 0, false, "\"card-disk0\"", "\"num-queues\":4" },
		{ PROFILE_BUS_VIRTIO, 32, 0, false, "\"card-disk0\"", "\"num-queues\":8" },
		{ PROFILE_BUS_VIRTIO, 4, 16, false, "\"card-disk0\"", "\"num-queues\":16" },
		{ PROFILE_BUS_SCSI, 4, 2, true, "\"virtio-scsi-pci\"", "\"num_queues\":2" },
		{ PROFILE_BUS_SCSI, 4, 2, true, "\"card-disk0\"", "\"rotation_rate\":1" },
		{ PROFILE_BUS_SATA, 4, 0, true, "\"card-disk0\"", "\"rotation_rate\":1" },
	};
	static char path[] = "/a.raw";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_host_facts facts = { 0 };
		struct profile_disk disk = { .path = path,
					     .bus = rows[i].bus,
					     .queues = rows[i].queues,
					     .ssd = rows[i].ssd };
		struct profile p = base();
		struct plan plan = { 0 };

		p.cpus = rows[i].cpus;
		p.disk = &disk;
		p.disk_count = 1;
		make(&plan, &p, &facts);
		assert_non_null(strstr(value_of(plan.argv, "-device", rows[i].where), rows[i].what));
		done(&plan);
	}
}

/* By the lines of the file, whatever their kind; a passed controller that boots is one of them. */
static void the_file_is_the_boot_order(void **state)
{
	static char path[] = "/a.raw";
	struct host_device host[] = {
		{ .address = { .bus = 1 }, .name = "0000:01:00.0", .class_id = 0x010802 },
		{ .address = { .bus = 2 }, .name = "0000:02:00.0", .class_id = 0x020000 },
		{ .address = { .bus = 3 }, .name = "0000:03:00.0", .class_id = 0x030000 },
		{ .address = { .bus = 3, .function = 1 }, .name = "0000:03:00.1", .class_id = 0x020000 },
		{ .address = { .bus = 4 }, .name = "0000:04:00.0", .class_id = 0x010802 },
	};
	struct plan_device devices[] = { { .host = &host[0], .assigned = true, .section = 0 },
					 { .host = &host[1], .assigned = true, .section = 1 },
					 { .host = &host[2], .assigned = true, .section = 2 },
					 { .host = &host[3], .assigned = true, .section = 2 },
					 { .host = &host[4], .assigned = false, .section = 3 } };
	struct profile_device sections[] = { { .pos = { 20, 1 } },
					     { .pos = { 21, 1 } },
					     { .pos = { 22, 1 }, .boot_index = 2 },
					     { .pos = { 5, 1 } } };
	struct profile_disk disks[] = { { .path = path, .pos = { 30, 1 } },
					{ .path = path, .pos = { 10, 1 } } };
	struct profile_cdrom cdrom = { .path = path, .pos = { 15, 1 } };
	struct profile p = base();
	struct plan plan = { .device = devices, .device_count = ARRAY_SIZE(devices) };

	(void)state;
	p.device = sections;
	p.device_count = ARRAY_SIZE(sections);
	p.disk = disks;
	p.disk_count = ARRAY_SIZE(disks);
	p.cdrom = &cdrom;
	p.cdrom_count = 1;
	plan_boot_devices(&plan, &p);
	assert_int_equal(plan_boot_index(&plan, &p, BOOT_DISK, 1), 1);
	assert_int_equal(devices[2].boot_index, 0); /* the network function of that section has it */
	assert_int_equal(devices[3].boot_index, 2);
	assert_int_equal(plan_boot_index(&plan, &p, BOOT_CDROM, 0), 3);
	assert_int_equal(devices[0].boot_index, 4);
	assert_int_equal(devices[1].boot_index, 0); /* a network card only when it is asked for */
	assert_int_equal(plan_boot_index(&plan, &p, BOOT_DISK, 0), 5);
	assert_int_equal(devices[4].boot_index, 0); /* only held */
}

/* QEMU reaches the host's links by numbers alone, which follow each other; a queue has one each. */
static void links_are_descriptors(void **state)
{
	static char br[] = "br0", eth[] = "eth0", tap[] = "tap0", tap1[] = "tap1";
	const bool multi_queue[] = { false, false, true, false, false, false };
	struct plan_host_facts facts = { .multi_queue = multi_queue };
	struct profile_net nets[] = {
		{ .mode = PROFILE_NET_BRIDGE, .bridge = br },
		{ .mode = PROFILE_NET_USER },
		{ .mode = PROFILE_NET_TAP, .tap = tap },
		{ .mode = PROFILE_NET_TAP, .tap = tap1 },
		{ .mode = PROFILE_NET_MACVTAP, .parent = eth, .queues = 3 },
		{ .mode = PROFILE_NET_BRIDGE, .bridge = br, .model = PROFILE_NET_RTL8139 },
	};
	static const struct {
		const char *fds, *driver, *extra;
	} rows[] = {
		{ "6:7", "virtio-net-pci", "\"mq\":true,\"vectors\":6" },
		{ NULL, "virtio-net-pci", NULL },
		{ "8:9", "virtio-net-pci", "\"mq\":true" },
		{ "10", "virtio-net-pci", NULL },
		{ "11:12:13", "virtio-net-pci", "\"mq\":true,\"vectors\":8" },
		{ "14", "rtl8139", NULL },
	};
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	p.net = nets;
	p.net_count = ARRAY_SIZE(nets);
	make(&plan, &p, &facts);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *end, *nic;
		char id[32];

		(void)snprintf(id, sizeof(id), "\"net%zu\"", i);
		end = value_of(plan.argv, "-netdev", id);
		nic = value_of(plan.argv, "-device", id);
		if (rows[i].fds) {
			cleanup_free char *fds = member(end, "fds");

			assert_string_equal(fds, rows[i].fds);
			assert_non_null(strstr(end, "\"type\":\"tap\""));
		} else {
			assert_non_null(strstr(end, "\"type\":\"user\""));
		}
		assert_non_null(strstr(nic, rows[i].driver));
		if (rows[i].extra)
			assert_non_null(strstr(nic, rows[i].extra));
		else
			assert_null(strstr(nic, "\"mq\""));
	}
	done(&plan);
}

/* A link's name is the VM's as far as it fits; the host's end of a tap has an address of its own. */
static void links_have_names_and_addresses(void **state)
{
	static char br[] = "br0", eth[] = "eth0";
	struct profile_net nets[12] = { { .mode = PROFILE_NET_BRIDGE, .bridge = br },
					{ .mode = PROFILE_NET_MACVTAP, .parent = eth } };
	struct profile p = base();
	struct change_link link;
	char name[CHANGE_LINK_MAX];
	uint8_t mac[6];

	(void)state;
	for (size_t i = 2; i < ARRAY_SIZE(nets); i++)
		nets[i] = nets[0];
	p.net = nets;
	p.net_count = ARRAY_SIZE(nets);
	assert_true(plan_net_link("win10", &p, 0, name, &link));
	assert_string_equal(name, "vr-win100");
	plan_net_mac("win10", &p, 0, mac);
	assert_int_equal(link.mac[0], 0xfe);
	assert_memory_equal(link.mac + 1, mac + 1, 5);
	assert_true(plan_net_link("win10", &p, 1, name, &link));
	plan_net_mac("win10", &p, 1, mac);
	assert_memory_equal(link.mac, mac, 6);
	assert_true(plan_net_link("a-name-of-32-characters-as-it-is", &p, 11, name, &link));
	assert_string_equal(name, "vr-a-name-of-11");
	nets[0].mode = PROFILE_NET_NONE;
	assert_false(plan_net_link("win10", &p, 0, name, &link));
}

/* One keyboard and one pointer of a kind, however many nodes; only keyboards switch. */
static void nodes_of_the_host_type_on_devices_of_the_guest(void **state)
{
	static char keys[] = "/dev/input/by-id/a-event-kbd", more[] = "/dev/input/by-id/b-event-kbd";
	static char mouse[] = "/dev/input/by-id/a-event-mouse", toggle[] = "alt-alt";
	struct profile_input inputs[] = { { .evdev = keys, .grab_toggle = toggle },
					  { .evdev = more, .grab_toggle = toggle },
					  { .evdev = mouse, .grab_toggle = toggle,
					    .bus = PROFILE_INPUT_VIRTIO } };
	static const struct plan_input_facts found[] = { { .node = "event3", .keyboard = true },
							 { .node = "event4", .keyboard = true },
							 { .node = "event5" } };
	struct plan_host_facts facts = { .input = found };
	struct profile p = base();
	struct plan plan = { 0 };
	cleanup_free char *evdev = NULL;
	cleanup_free char *grab = NULL;
	size_t keyboards = 0;

	(void)state;
	p.input = inputs;
	p.input_count = ARRAY_SIZE(inputs);
	make(&plan, &p, &facts);
	evdev = member(value_of(plan.argv, "-object", "\"input0\""), "evdev");
	assert_string_equal(evdev, "/dev/input/event3");
	grab = member(value_of(plan.argv, "-object", "\"input1\""), "grab-toggle");
	assert_string_equal(grab, "alt-alt");
	assert_non_null(strstr(value_of(plan.argv, "-object", "\"input1\""), "\"grab_all\":true"));
	assert_null(strstr(value_of(plan.argv, "-object", "\"input2\""), "grab"));
	for (size_t i = 0; plan.argv[i]; i++)
		keyboards += strstr(plan.argv[i], "\"usb-kbd\"") != NULL;
	assert_int_equal(keyboards, 1);
	(void)value_of(plan.argv, "-device", "\"virtio-mouse-pci\"");
	(void)value_of(plan.argv, "-device", "\"qemu-xhci\"");
	done(&plan);
}

/* No USB device of the host's is on the command line: it comes by a descriptor. */
static void a_usb_device_comes_by_a_descriptor(void **state)
{
	struct profile_usb usb[] = { { .by_id = true, .vendor = 0x46d, .product = 0xc52b, .boot_index = 2 },
				     { .by_id = true, .vendor = 0x46d, .product = 0xc52c } };
	struct plan_usb there[] = { { .count = 1 }, { .count = 0 } };
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { .usb = there, .usb_count = 2 };
	cleanup_free char *where = NULL;
	cleanup_free char *boot = NULL;

	(void)state;
	p.usb = usb;
	p.usb_count = ARRAY_SIZE(usb);
	make(&plan, &p, &facts);
	for (size_t i = 0; plan.argv[i]; i++)
		assert_null(strstr(plan.argv[i], "usb-host"));
	assert_int_equal(count(plan.usb_plug), 2);
	where = member(plan.usb_plug[1], "hostdevice");
	assert_string_equal(where, "/dev/fdset/101");
	boot = member(plan.usb_plug[0], "bootindex");
	assert_string_equal(boot, "2");
	assert_null(strstr(plan.usb_plug[1], "bootindex"));
	assert_true(plan.usb_boots);
	/* two rows for the one that is there, and a reset for its place in the boot order */
	assert_int_equal(plan_plug_rows(&plan), 3);
	argv_free(plan.usb_plug);
	plan.usb_plug = NULL;
	done(&plan);
}

static void boot_indexes_do_not_clash(void **state)
{
	static char path[] = "/a.raw";
	struct plan_host_facts facts = { 0 };
	struct profile_disk disks[] = { { .path = path },
					{ .path = path, .boot_index = 1 },
					{ .path = path } };
	struct profile_cdrom cdrom = { .path = path, .boot_index = 3 };
	static const char *const expected[] = { "2", "1", "4" };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	p.disk = disks;
	p.disk_count = 3;
	p.cdrom = &cdrom;
	p.cdrom_count = 1;
	make(&plan, &p, &facts);
	for (size_t i = 0; i < 3; i++) {
		cleanup_free char *index = NULL;
		char id[32];

		(void)snprintf(id, sizeof(id), "\"card-disk%zu\"", i);
		index = member(value_of(plan.argv, "-device", id), "bootindex");
		assert_string_equal(index, expected[i]);
	}
	done(&plan);
}

/* Function 0 stays with the host: the guest's card must have one all the same. */
static void the_first_function_given_is_function_zero(void **state)
{
	struct host_device host[] = {
		{ .address = { .bus = 1, .function = 0 },
		  .name = "0000:01:00.0",
		  .class_id = 0x030000 },
		{ .address = { .bus = 1, .function = 2 },
		  .name = "0000:01:00.2",
		  .class_id = 0x0c0330 },
		{ .address = { .bus = 1, .function = 3 },
		  .name = "0000:01:00.3",
		  .class_id = 0x0c8000 },
	};
	struct plan_device devices[] = { { .host = &host[0], .assigned = false },
					 { .host = &host[1], .assigned = true },
					 { .host = &host[2], .assigned = true } };
	static char rom[] = "/r.rom";
	struct profile_device section = { .gpu = true, .rom = rom, .eject = true };
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { .device = devices, .device_count = 3 };
	cleanup_free char *second = NULL;
	cleanup_free char *third = NULL;
	cleanup_free char *many = NULL;

	(void)state;
	p.device = &section;
	p.device_count = 1;
	make(&plan, &p, &facts);
	assert_int_equal(count(plan.plug), 2);
	third = member(plan.plug[0], "addr"); /* before function 0, which shows all of them */
	second = member(plan.plug[1], "addr");
	many = member(plan.plug[1], "multifunction");
	assert_string_equal(second, "0x0.0x0");
	assert_string_equal(many, "true");
	assert_string_equal(third, "0x0.0x3");
	for (size_t i = 0; plan.argv[i]; i++) {
		assert_null(strstr(plan.argv[i], "0000:01:00."));
		assert_null(strstr(plan.argv[i], "romfile"));
	}
	for (size_t i = 0; plan.plug[i]; i++)
		assert_null(strstr(plan.plug[i], "romfile"));
	done(&plan);
}

/* What QEMU can make at its start only stands on its command line, from the first to the last. */
static void a_primary_card_is_there_from_the_start(void **state)
{
	struct host_device host[] = {
		{ .address = { .bus = 1, .function = 0 },
		  .name = "0000:01:00.0",
		  .class_id = 0x030000 },
		{ .address = { .bus = 1, .function = 1 },
		  .name = "0000:01:00.1",
		  .class_id = 0x040300 },
	};
	struct plan_device devices[] = { { .host = &host[0], .assigned = true },
					 { .host = &host[1], .assigned = true } };
	struct profile_device section = { .gpu = true, .primary = true, .eject = true };
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { .device = devices, .device_count = 2 };

	(void)state;
	p.device = &section;
	p.device_count = 1;
	plan.cold = qemu_is_cold(&plan, &p);
	assert_true(plan.cold);
	make(&plan, &p, &facts);
	assert_null(plan.plug);
	assert_non_null(strstr(value_of(plan.argv, "-device", "0000:01:00.0"), "x-vga"));
	assert_non_null(value_of(plan.argv, "-device", "0000:01:00.1"));
	assert_non_null(strstr(value_of(plan.argv, "-object", "memory"), "\"prealloc\":true"));
	assert_false(plan.populate);
	done(&plan);
	section.primary = false;
	assert_false(qemu_is_cold(&plan, &p));
}

/* QEMU takes the machine's memory once: what the user made of it stays, untouched. */
static void memory_that_is_given_by_hand_is_left_alone(void **state)
{
	static const char *const by_hand[] = { "-m", "--m", "memory-backend=mem", "node,memdev=mem0",
					       "-mem-path" };
	struct host_device host = { .name = "0000:01:00.0", .class_id = 0x030000 };
	struct plan_device device = { .host = &host, .assigned = true };
	struct profile_device section = { .gpu = true, .eject = true };
	struct profile p = base();

	(void)state;
	p.device = &section;
	p.device_count = 1;
	for (size_t i = 0; i <= ARRAY_SIZE(by_hand); i++) {
		char *extra[] = { i < ARRAY_SIZE(by_hand) ? (char *)(uintptr_t)by_hand[i] : NULL, NULL };
		struct plan_host_facts facts = { .extra_argument = extra };
		struct plan plan = { .device = &device, .device_count = 1 };

		make(&plan, &p, &facts);
		assert_int_equal(plan.populate, i == ARRAY_SIZE(by_hand));
		for (size_t k = 0; !plan.populate && plan.argv[k]; k++)
			assert_null(strstr(plan.argv[k], "memory-backend-ram"));
		done(&plan);
	}
}

/* The firmware's area of Intel's own graphics is for a device that is there from the start. */
static void intels_own_graphics_are_too(void **state)
{
	struct host_device host = { .address = { .device = 2 }, .vendor = 0x8086, .class_id = 0x030000 };
	struct plan_device device = { .host = &host, .assigned = true };
	struct profile_device section = { .gpu = true, .eject = true };
	struct profile p = base();
	const struct plan plan = { .device = &device, .device_count = 1 };

	(void)state;
	p.device = &section;
	p.device_count = 1;
	assert_true(qemu_is_cold(&plan, &p));
	host.address.bus = 3; /* one that is in a slot */
	assert_false(qemu_is_cold(&plan, &p));
}

#define SHOWN_VENDOR "\"x-pci-vendor-id\":4318"
#define SHOWN_SUBSYSTEM "\"x-pci-sub-device-id\":14957"

/* Other functions keep their ids, and so does a card that is only in the same group. */
static void ids_are_shown_on_function_zero_of_the_card_that_is_named(void **state)
{
	struct host_device host[] = {
		{ .address = { .bus = 1 }, .name = "0000:01:00.0", .class_id = 0x030000 },
		{ .address = { .bus = 1, .function = 1 },
		  .name = "0000:01:00.1",
		  .class_id = 0x040300 },
		{ .address = { .bus = 2 }, .name = "0000:02:00.0", .class_id = 0x020000 },
	};
	struct plan_device devices[] = { { .host = &host[0], .assigned = true },
					 { .host = &host[1], .assigned = true },
					 { .host = &host[2], .assigned = true } };
	struct plan_wanted wanted = { .host = &host[0], .named = true, .assigned = true };
	struct profile_device section = { .gpu = true,
					  .show = { true, 0x10de, 0x1f91 },
					  .subsystem = { true, 0x17aa, 0x3a6d } };
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = {
		.device = devices, .device_count = 3, .wanted = &wanted, .wanted_count = 1, .cold = true
	};

	(void)state;
	p.device = &section;
	p.device_count = 1;
	make(&plan, &p, &facts);
	assert_non_null(strstr(value_of(plan.argv, "-device", "0000:01:00.0"), SHOWN_VENDOR));
	assert_non_null(strstr(value_of(plan.argv, "-device", "0000:01:00.0"), SHOWN_SUBSYSTEM));
	assert_null(strstr(value_of(plan.argv, "-device", "0000:01:00.1"), "x-pci-"));
	assert_null(strstr(value_of(plan.argv, "-device", "0000:02:00.0"), "x-pci-"));
	done(&plan);
}

static void what_cannot_be_ejected_is_on_a_port_without_hot_plug(void **state)
{
	struct host_device host[] = {
		{ .address = { .bus = 1 }, .name = "0000:01:00.0", .class_id = 0x030000 },
		{ .address = { .bus = 2 }, .name = "0000:02:00.0", .class_id = 0x020000 },
	};
	struct plan_device devices[] = { { .host = &host[0], .assigned = true, .section = 0 },
					 { .host = &host[1], .assigned = true, .section = 1 } };
	struct profile_device sections[] = { { .gpu = true, .eject = false }, { .eject = true } };
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { .device = devices, .device_count = 2, .cold = true };

	(void)state;
	p.device = sections;
	p.device_count = 2;
	make(&plan, &p, &facts);
	assert_non_null(
		strstr(value_of(plan.argv, "-device", "\"id\":\"port0\""), "\"hotplug\":false"));
	assert_null(strstr(value_of(plan.argv, "-device", "\"id\":\"port1\""), "hotplug"));
	done(&plan);
}

/* Its drivers look for it at 00:02.0, where the root ports are else. */
static void intels_integrated_graphics_has_its_place(void **state)
{
	struct host_device host[] = {
		{ .address = { .device = 2 },
		  .name = "0000:00:02.0",
		  .vendor = 0x8086,
		  .class_id = 0x030000 },
		{ .address = { .bus = 1 },
		  .name = "0000:01:00.0",
		  .vendor = 0x8086,
		  .class_id = 0x030000 },
	};
	struct plan_device devices[] = { { .host = &host[0], .assigned = true },
					 { .host = &host[1], .assigned = true } };
	struct profile_device section = { .gpu = true, .eject = true };
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { .device = devices, .device_count = 2, .cold = true };
	const char *igd;

	(void)state;
	p.device = &section;
	p.device_count = 1;
	make(&plan, &p, &facts);
	igd = value_of(plan.argv, "-device", "0000:00:02.0");
	assert_non_null(strstr(igd, "\"bus\":\"pcie.0\",\"addr\":\"0x2.0x0\""));
	assert_non_null(strstr(igd, "\"x-igd-opregion\":true"));
	assert_null(strstr(value_of(plan.argv, "-device", "0000:01:00.0"), "x-igd"));
	assert_non_null(
		strstr(value_of(plan.argv, "-device", "\"id\":\"port0\""), "\"addr\":\"0x3.0x0\""));
	done(&plan);
}

/* Of a session QEMU is told the one socket, and nothing else. */
static void a_window_goes_to_the_display_that_was_found(void **state)
{
	struct plan_host_facts x11 = { .window = { .x11 = "/tmp/.X11-unix/X3",
						   .display = ":3",
						   .authority = "/home/a/.Xauthority" } };
	struct plan_host_facts wayland = { .window = { .wayland = "/run/user/7/wayland-1" } };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	p.display = PROFILE_DISPLAY_DEFAULT; /* no device shows the guest */
	make(&plan, &p, &x11);
	assert_string_equal(value_of(plan.argv, "-display", ""), "gtk");
	assert_true(is_in(plan.environ_, "DISPLAY=:3"));
	assert_true(is_in(plan.environ_, "XAUTHORITY=/home/a/.Xauthority"));
	assert_true(is_in(plan.environ_, "GDK_BACKEND=x11"));
	done(&plan);
	p.display = PROFILE_DISPLAY_SDL;
	make(&plan, &p, &wayland);
	assert_string_equal(value_of(plan.argv, "-display", ""), "sdl");
	assert_true(is_in(plan.environ_, "WAYLAND_DISPLAY=/run/user/7/wayland-1"));
	assert_true(is_in(plan.environ_, "SDL_VIDEODRIVER=wayland"));
	assert_false(is_in(plan.environ_, "DISPLAY=:3"));
	done(&plan);
}

/* passt speaks for the guest: QEMU has a descriptor of it, behind those of other cards. */
static void a_card_of_a_user_is_served_by_passt(void **state)
{
	struct profile_forward forward[] = { { false, 2222, 22, { 0 } }, { true, 53, 53, { 0 } },
					     { false, 8080, 80, { 0 } } };
	struct profile_net net[] = { { .mode = PROFILE_NET_USER, .forward = forward, .forward_count = 3 },
				     { .mode = PROFILE_NET_TAP, .model = PROFILE_NET_E1000E },
				     { .mode = PROFILE_NET_USER } };
	struct plan_host_facts facts = { .passt = "/usr/bin/passt" };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	p.net = net;
	p.net_count = 3;
	plan.channel[0] = KEEPER_CHANNEL_GIVEN;
	plan.channel_count = 1;
	assert_int_equal(plan_beside(&plan, &p, &facts), 0);
	assert_int_equal(plan.beside_count, 2);
	assert_int_equal(plan.beside[0].row.jail, KEEPER_JAIL_NETWORK);
	assert_string_equal(plan.beside[1].row.role, "passt-3");
	assert_string_equal(value_of(plan.beside[0].argv, "--tcp-ports", ""), "2222:22,8080:80");
	assert_string_equal(value_of(plan.beside[0].argv, "--udp-ports", ""), "53:53");
	assert_string_equal(value_of(plan.beside[1].argv, "--tcp-ports", ""), "none");
	assert_false(is_in(plan.beside[0].argv, "--address")); /* the host's own */
	assert_string_equal(value_of(plan.beside[1].argv, "--address", ""), "10.0.3.15");
	assert_string_equal(value_of(plan.beside[1].argv, "--netmask", ""), "24");
	assert_string_equal(value_of(plan.beside[1].argv, "--gateway", ""), "10.0.3.2");
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-netdev", "\"net0\""),
			    "{\"type\":\"stream\",\"id\":\"net0\",\"server\":false,\"addr\":{\"type\":"
			    "\"fd\",\"str\":\"7\"}}");
	assert_non_null(strstr(value_of(plan.argv, "-netdev", "\"net1\""), "\"fds\":\"6\""));
	assert_non_null(strstr(value_of(plan.argv, "-netdev", "\"net2\""), "\"str\":\"8\""));
	plan_beside_fini(&plan);
	done(&plan);
}

/* In two equal networks a guest would answer through the first card what has come in by the second. */
static void each_card_of_a_user_has_a_network_of_its_own(void **state)
{
	struct profile_forward forward = { .host_port = 2222, .guest_port = 22 };
	struct profile_net net[] = { { .mode = PROFILE_NET_USER },
				     { .mode = PROFILE_NET_NONE },
				     { .mode = PROFILE_NET_USER, .forward = &forward, .forward_count = 1 },
				     { .mode = PROFILE_NET_USER } };
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	p.net = net;
	p.net_count = 4;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-netdev", "\"net0\""), "{\"type\":\"user\",\"id\":\"net0\"}");
	assert_string_equal(value_of(plan.argv, "-netdev", "\"net2\""),
			    "{\"type\":\"user\",\"id\":\"net2\",\"net\":\"10.0.3.0/24\",\"ipv6-prefix\":"
			    "\"fec0:0:0:1::\",\"hostfwd\":[{\"str\":\"tcp::2222-:22\"}]}");
	assert_non_null(strstr(value_of(plan.argv, "-netdev", "\"net3\""), "\"net\":\"10.0.4.0/24\""));
	done(&plan);
}

static const char *out_of(struct plan *plan)
{
	return value_of(plan->argv, "-audiodev", "");
}

/* The one socket; and no stream that records unless the profile says so. */
static void sound_goes_to_the_server_that_was_found(void **state)
{
	struct plan_host_facts pulse = { .audio = { .driver = "pa", .socket = "/run/user/7/pulse/native" } };
	struct plan_host_facts pipewire = { .audio = { .driver = "pipewire", .socket = "/run/user/7/pipewire-0" } };
	struct plan_host_facts alsa = { .audio = { .driver = "alsa", .device = "plughw:1,0" } };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	make(&plan, &p, &pulse); /* without [audio] there is nothing of it */
	for (char **a = plan.argv; *a; a++)
		assert_string_not_equal(*a, "-audiodev");
	done(&plan);
	p.has_audio = true;
	p.latency_ms = 10;
	make(&plan, &p, &pulse);
	assert_string_equal(out_of(&plan), "{\"driver\":\"pa\",\"id\":\"audio\",\"server\":\"unix:/run/user/7/pulse/native\","
			    "\"timer-period\":5000,\"out\":{\"stream-name\":\"unit\",\"latency\":10000},"
			    "\"in\":{\"voices\":0}}");
	assert_non_null(strstr(value_of(plan.argv, "-device", "\"id\":\"sound-card\""),
			       "\"driver\":\"hda-output\""));
	done(&plan);
	p.microphone = true;
	p.latency_ms = 0;
	make(&plan, &p, &pipewire);
	assert_true(is_in(plan.environ_, "PIPEWIRE_REMOTE=/run/user/7/pipewire-0"));
	assert_non_null(strstr(out_of(&plan), "\"in\":{\"stream-name\":\"unit\"}"));
	assert_null(strstr(out_of(&plan), "timer-period"));
	assert_non_null(strstr(value_of(plan.argv, "-device", "\"id\":\"sound-card\""),
			       "\"driver\":\"hda-duplex\""));
	done(&plan);
	p.microphone = false;
	p.audio_card = PROFILE_CARD_VIRTIO;
	p.latency_ms = 40;
	make(&plan, &p, &alsa);
	assert_non_null(strstr(out_of(&plan), "\"out\":{\"buffer-length\":40000,\"dev\":\"plughw:1,0\"}"));
	assert_non_null(strstr(value_of(plan.argv, "-device", "\"id\":\"sound-card\""),
			       "\"streams\":1"));
	done(&plan);
}

/* By descriptor, behind those of network cards; a device of the host's by its path. */
static void shared_memory_has_descriptors(void **state)
{
	struct profile_shm shm = { .name = (char[]){ "scream" }, .bytes = 2 << 20 };
	struct plan_host_facts facts = { .kvmfr = { 10, 100, 128 << 20 } };
	struct profile_net net = { .mode = PROFILE_NET_TAP, .model = PROFILE_NET_E1000E };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	p.has_looking_glass = true;
	p.looking_glass_bytes = 32 << 20;
	p.shm = &shm;
	p.shm_count = 1;
	p.net = &net;
	p.net_count = 1;
	make(&plan, &p, &facts);
	assert_non_null(strstr(value_of(plan.argv, "-netdev", ""), "\"fds\":\"6\""));
	assert_string_equal(value_of(plan.argv, "-object", "\"looking-glass-memory\""),
			    "{\"qom-type\":\"memory-backend-file\",\"id\":\"looking-glass-memory\","
			    "\"size\":33554432,\"mem-path\":\"/dev/fd/7\",\"share\":true}");
	assert_non_null(strstr(value_of(plan.argv, "-object", "\"shm0-memory\""),
			       "\"size\":2097152,\"mem-path\":\"/dev/fd/8\""));
	assert_non_null(strstr(value_of(plan.argv, "-device", "\"id\":\"shm0\""),
			       "\"memdev\":\"shm0-memory\""));
	done(&plan);
	p.looking_glass_device = (char[]){ "/dev/kvmfr0" };
	p.looking_glass_bytes = 0;
	make(&plan, &p, &facts);
	assert_non_null(strstr(value_of(plan.argv, "-object", "\"looking-glass-memory\""),
			       "\"size\":134217728,\"mem-path\":\"/dev/kvmfr0\""));
	assert_non_null(strstr(value_of(plan.argv, "-object", "\"shm0-memory\""),
			       "\"mem-path\":\"/dev/fd/7\""));
	done(&plan);
}

/* A card that has the VGA ranges leaves none for an emulated one. */
static void an_emulated_card_leaves_vga_to_the_primary_one(void **state)
{
	struct profile_device section = { .gpu = true };
	struct profile p = base();

	(void)state;
	assert_null(plan_video(&p));
	p.display = PROFILE_DISPLAY_SPICE;
	assert_string_equal(plan_video(&p), "virtio-vga");
	assert_string_equal(plan_pointer(&p), "usb-tablet");
	p.device = &section;
	p.device_count = 1;
	p.video = PROFILE_VIDEO_STD;
	assert_string_equal(plan_video(&p), "VGA");
	section.primary = true;
	assert_string_equal(plan_video(&p), "secondary-vga");
	p.video = PROFILE_VIDEO_NONE;
	assert_null(plan_video(&p));
}

/* What --dry-run prints must be what is run, when a shell reads it. */
static void the_shell_reads_it_back(void **state)
{
	static const char *const words[] = { "",
					     "plain",
					     "with space",
					     "it's",
					     "$(id)",
					     "`id`",
					     "a\\b",
					     "\"q\"",
					     "*?[a]",
					     "~/x",
					     "#no",
					     "a=b;c",
					     "{1,2}",
					     ("gr\xc3\xb6\xc3\x9f"
					      "e"),
					     "!x",
					     "a\nb\tc",
					     "\x1b[31m" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		cleanup_free char *quoted = NULL;
		cleanup_free char *command = NULL;
		char back[64] = "";
		bool control = words[i][strcspn(words[i], "\n\t\x1b")];
		FILE *f;
		size_t n;

		assert_int_equal(plan_shell_quote(words[i], &quoted), 0);
		for (const char *c = quoted; *c; c++)
			assert_true((unsigned char)*c >= ' ');
		/* $'...' is not in every sh yet; plain words are for all of them. */
		assert_true(asprintf(&command, "%s -c 'eval \"printf %%s $QUOTED\"'",
				     control ? "bash" : "sh") > 0);
		assert_int_equal(setenv("QUOTED", quoted, 1), 0);
		f = popen(command, "re");
		assert_non_null(f);
		n = fread(back, 1, sizeof(back) - 1, f);
		back[n] = '\0';
		(void)pclose(f);
		assert_string_equal(back, words[i]);
	}
}

/* Removes the devices that this machine does not have; the rest is untouched. */
static void without_vfio(char **argv)
{
	size_t to = 0;

	for (size_t i = 0; argv[i]; i++) {
		if (!strcmp(argv[i], "-device") && strstr(argv[i + 1], "vfio-pci")) {
			free(argv[i++]);
			free(argv[i]);
			continue;
		}
		argv[to++] = argv[i];
	}
	argv[to] = NULL;
}

static pid_t start(const struct plan *plan, int monitor)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (dup2(monitor, KEEPER_QEMU_MONITOR_FD) < 0)
		_exit(126);
	(void)execve(plan->argv[0], plan->argv, plan->environ_);
	_exit(127);
}

/* Sends @command and waits for @answer, or for the end. */
static bool ask(int monitor, const char *command, const char *answer)
{
	char buf[16384];
	size_t used = 0;

	if (*command && write(monitor, command, strlen(command)) < 0)
		return false;
	while (used < sizeof(buf) - 1) {
		struct pollfd p = { .fd = monitor, .events = POLLIN };
		ssize_t n = poll(&p, 1, 9000) == 1 ?
			read(monitor, buf + used, sizeof(buf) - 1 - used) :
			0;

		if (n <= 0)
			return false;
		used += (size_t)n;
		buf[used] = '\0';
		if (strstr(buf, answer))
			return true;
	}
	return false;
}

/* Starts QEMU with all of the plan but the vfio devices, talks to it, ends it. */
static void run_and_quit(struct plan *plan)
{
	int pair[2], status;
	pid_t pid;

	without_vfio(plan->argv);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	pid = start(plan, pair[1]);
	(void)close(pair[1]);
	assert_true(ask(pair[0], "", "\"QMP\""));
	assert_true(ask(pair[0], "{\"execute\":\"qmp_capabilities\"}\n", "{\"return\": {}}"));
	assert_true(ask(pair[0], "{\"execute\":\"query-status\"}\n", "\"prelaunch\""));
	(void)ask(pair[0], "{\"execute\":\"quit\"}\n", "\"SHUTDOWN\"");
	(void)close(pair[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static char scratch[64];

/* A megabyte of zeros, or a copy of @from. */
static char *file_in_scratch(const char *name, const char *from)
{
	static char buf[1 << 20];
	cleanup_fclose FILE *in = from ? fopen(from, "re") : NULL;
	cleanup_fclose FILE *out = NULL;
	size_t n = sizeof(buf);
	char *path;

	assert_true(asprintf(&path, "%s/%s", scratch, name) > 0);
	out = fopen(path, "we");
	assert_non_null(out);
	memset(buf, 0, sizeof(buf));
	if (in)
		n = fread(buf, 1, sizeof(buf), in);
	assert_int_equal(fwrite(buf, 1, n, out), n);
	return path;
}

static int make_scratch(void **state)
{
	(void)state;
	(void)snprintf(scratch, sizeof(scratch), "/tmp/qemu-args-XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static int remove_scratch(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", scratch);
	return system(command);
}

/* A disk on each bus, the file of the first with a name that has everything. */
static void qemu_takes_disks_and_nets(void **state)
{
	struct plan_host_facts facts = { 0 };
	struct profile_disk disks[4] = { 0 };
	struct profile_cdrom cdrom = { 0 };
	struct profile_forward forward = { .host_port = 43217, .guest_port = 22 };
	struct profile_net nets[] = { { .forward = &forward, .forward_count = 1 },
				      { .model = PROFILE_NET_E1000E } };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	if (access(QEMU, X_OK))
		skip();
	cdrom.path = file_in_scratch("cdrom.iso", NULL);
	for (unsigned int i = 0; i < 4; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%u,readonly=off 'x\\\\.raw", i);
		disks[i].path = file_in_scratch(name, NULL);
		disks[i].bus = (enum profile_bus)i;
		disks[i].iothread = true;
		disks[i].readonly = i == PROFILE_BUS_SCSI;
	}
	p.disk = disks;
	p.disk_count = 4;
	p.cdrom = &cdrom;
	p.cdrom_count = 1;
	p.net = nets;
	p.net_count = 2;
	make(&plan, &p, &facts);
	run_and_quit(&plan);
	done(&plan);
	free(cdrom.path);
	for (size_t i = 0; i < 4; i++)
		free(disks[i].path);
}

static void qemu_takes_uefi(void **state)
{
	struct plan_host_facts facts = { .firmware_code = "/usr/share/OVMF/OVMF_CODE_4M.fd",
					 .firmware_format = "raw" };
	struct profile p = base();
	struct plan plan = { 0 };
	cleanup_free char *vars = NULL;

	(void)state;
	if (access(QEMU, X_OK) || access(facts.firmware_code, R_OK))
		skip();
	vars = file_in_scratch("a,b VARS.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd");
	facts.nvram = vars;
	p.firmware = PROFILE_FIRMWARE_UEFI;
	make(&plan, &p, &facts);
	run_and_quit(&plan);
	done(&plan);
}

/* More cards than one slot of root ports holds. */
static void qemu_takes_many_cards(void **state)
{
	struct plan_host_facts facts = { 0 };
	struct profile_net nets[20] = { 0 };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	if (access(QEMU, X_OK))
		skip();
	p.net = nets;
	p.net_count = ARRAY_SIZE(nets);
	make(&plan, &p, &facts);
	run_and_quit(&plan);
	done(&plan);
}

static void a_panic_has_a_device_and_an_end(void **state)
{
	static const struct {
		enum profile_on_panic on_panic;
		const char *action;
	} cases[] = { { PROFILE_PANIC_SHUTDOWN, "panic=shutdown" },
		      { PROFILE_PANIC_RESET, "panic=pause" },
		      { PROFILE_PANIC_PAUSE, "panic=pause" },
		      { PROFILE_PANIC_FAIL, "panic=exit-failure" } };
	static char microvm[] = "microvm";
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		p.on_panic = cases[i].on_panic;
		make(&plan, &p, &facts);
		assert_string_equal(value_of(plan.argv, "-action", ""), cases[i].action);
		assert_non_null(value_of(plan.argv, "-device", "pvpanic"));
		done(&plan);
	}
	p.machine = microvm; /* has no ISA bus by itself */
	make(&plan, &p, &facts);
	for (size_t i = 0; plan.argv[i]; i++)
		assert_null(strstr(plan.argv[i], "pvpanic"));
	done(&plan);
}

static void the_guest_sees_the_topology_that_is_asked_for(void **state)
{
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { 0 };

	(void)state;
	p.cpus = 16;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-smp", ""), "cpus=16,sockets=1,cores=16,threads=1");
	done(&plan);
	p.threads = 2;
	p.dies = 2;
	p.sockets = 2;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-smp", ""),
			    "cpus=16,sockets=2,dies=2,cores=2,threads=2");
	if (!access(QEMU, X_OK))
		run_and_quit(&plan);
	done(&plan);
}

static void memory_is_bound_to_its_node(void **state)
{
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { 0 };
	cleanup_free char *nodes = NULL;

	(void)state;
	p.has_memory_node = true;
	make(&plan, &p, &facts);
	assert_non_null(value_of(plan.argv, "-machine", "memory-backend=memory"));
	assert_non_null(value_of(plan.argv, "-object", "\"policy\":\"bind\""));
	nodes = member(value_of(plan.argv, "-object", "\"id\":\"memory\""), "host-nodes");
	assert_string_equal(nodes, "[ 0 ]");
	if (!access(QEMU, X_OK) && !access("/sys/devices/system/node/node0", F_OK))
		run_and_quit(&plan);
	done(&plan);
}

/* Only UEFI is told, and `auto` speaks up only where the devices need more than it has anyway. */
static void the_window_holds_the_bars(void **state)
{
	static char code[] = "/c.fd";
	struct host_device host = { .name = "0000:01:00.0", .class_id = 0x030000 };
	struct plan_device device = { .host = &host, .assigned = true };
	struct profile_device section = { .gpu = true };
	struct plan_host_facts facts = { .firmware_code = code };
	static const struct {
		uint64_t bar_gib, asked_gib;
		bool assigned, uefi;
		const char *expected; /* NULL: not told */
	} rows[] = {
		{ 16, 0, true, true, NULL },	  { 32, 0, true, true, "65536" },
		{ 64, 0, true, true, "131072" },  { 64, 0, false, true, NULL },
		{ 64, 256, true, true, "262144" }, { 64, 0, true, false, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan plan = { .device = &device, .device_count = 1 };
		struct profile p = base();
		char expected[64];

		host.bar_bytes[0] = 16 << 20;
		host.bar_bytes[1] = rows[i].bar_gib << 30;
		device.assigned = rows[i].assigned;
		p.device = &section;
		p.device_count = 1;
		p.firmware = rows[i].uefi ? PROFILE_FIRMWARE_UEFI : PROFILE_FIRMWARE_BIOS;
		p.mmio64_bytes = rows[i].asked_gib << 30;
		make(&plan, &p, &facts);
		(void)snprintf(expected, sizeof(expected), "opt/ovmf/X-PciMmio64Mb,string=%s",
			       rows[i].expected ? rows[i].expected : "");
		if (rows[i].expected)
			assert_non_null(value_of(plan.argv, "-fw_cfg", expected));
		for (size_t n = 0; plan.argv[n] && !rows[i].expected; n++)
			assert_null(strstr(plan.argv[n], "X-PciMmio64Mb"));
		done(&plan);
	}
}

static void addresses_are_no_wider_than_the_iommus(void **state)
{
	static char flags[] = "host,pmu=off", other[] = "Skylake-Client";
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { .address_limit = 39 };

	(void)state;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-cpu", ""), "max");
	done(&plan);
	p.accel = PROFILE_ACCEL_KVM;
	plan.address_limit = 39;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-cpu", ""), "host,host-phys-bits-limit=39");
	done(&plan);
	p.cpu = flags;
	plan.address_limit = 39;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-cpu", ""), "host,host-phys-bits-limit=39,pmu=off");
	done(&plan);
	p.cpu = other;
	plan.address_limit = 39;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-cpu", ""), "Skylake-Client");
	done(&plan);
}

/* What is said behind the comma wins: QEMU takes the last. */
static void amds_threads_are_shown(void **state)
{
	static char own[] = "host,topoext=off", other[] = "EPYC";
	struct plan_host_facts facts = { 0 };
	struct profile p = base();
	struct plan plan = { .topoext = true };

	(void)state;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-cpu", ""), "max");
	done(&plan);
	p.accel = PROFILE_ACCEL_KVM;
	plan.topoext = true;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-cpu", ""), "host,topoext=on");
	done(&plan);
	p.cpu = own;
	plan.topoext = true;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-cpu", ""), "host,topoext=on,topoext=off");
	done(&plan);
	p.cpu = other;
	plan.topoext = true;
	make(&plan, &p, &facts);
	assert_string_equal(value_of(plan.argv, "-cpu", ""), "EPYC");
	done(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amds_threads_are_shown),
		cmocka_unit_test(addresses_are_no_wider_than_the_iommus),
		cmocka_unit_test(a_path_stays_one_value),
		cmocka_unit_test(a_machine_cannot_add_options),
		cmocka_unit_test(formats_are_said),
		cmocka_unit_test(a_temporary_disk_is_in_front_of_its_image),
		cmocka_unit_test(vhost_is_behind_its_queues),
		cmocka_unit_test(the_cache_is_bypassed_where_that_is_wanted_and_works),
		cmocka_unit_test(aio_is_native_where_that_works),
		cmocka_unit_test(queues_and_rotation_are_said),
		cmocka_unit_test(the_file_is_the_boot_order),
		cmocka_unit_test(links_are_descriptors),
		cmocka_unit_test(links_have_names_and_addresses),
		cmocka_unit_test(nodes_of_the_host_type_on_devices_of_the_guest),
		cmocka_unit_test(a_usb_device_comes_by_a_descriptor),
		cmocka_unit_test(boot_indexes_do_not_clash),
		cmocka_unit_test(the_first_function_given_is_function_zero),
		cmocka_unit_test(a_primary_card_is_there_from_the_start),
		cmocka_unit_test(intels_own_graphics_are_too),
		cmocka_unit_test(memory_that_is_given_by_hand_is_left_alone),
		cmocka_unit_test(ids_are_shown_on_function_zero_of_the_card_that_is_named),
		cmocka_unit_test(what_cannot_be_ejected_is_on_a_port_without_hot_plug),
		cmocka_unit_test(intels_integrated_graphics_has_its_place),
		cmocka_unit_test(a_window_goes_to_the_display_that_was_found),
		cmocka_unit_test(shared_memory_has_descriptors),
		cmocka_unit_test(a_card_of_a_user_is_served_by_passt),
		cmocka_unit_test(each_card_of_a_user_has_a_network_of_its_own),
		cmocka_unit_test(sound_goes_to_the_server_that_was_found),
		cmocka_unit_test(an_emulated_card_leaves_vga_to_the_primary_one),
		cmocka_unit_test(the_shell_reads_it_back),
		cmocka_unit_test_setup_teardown(qemu_takes_disks_and_nets, make_scratch,
						remove_scratch),
		cmocka_unit_test_setup_teardown(qemu_takes_uefi, make_scratch, remove_scratch),
		cmocka_unit_test(qemu_takes_many_cards),
		cmocka_unit_test(a_panic_has_a_device_and_an_end),
		cmocka_unit_test(the_guest_sees_the_topology_that_is_asked_for),
		cmocka_unit_test(memory_is_bound_to_its_node),
		cmocka_unit_test(the_window_holds_the_bars),
	};

	return cmocka_run_group_tests_name("qemu-args", tests, NULL, NULL);
}
