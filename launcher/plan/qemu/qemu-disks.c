/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-disks.c - QEMU's arguments for disks and CD-ROMs */
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "launcher/plan/changes/nets.h"
#include "launcher/plan/qemu/boot.h"
#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

/* What a disk hangs on. Source: what `qemu-system-x86_64 -device NAME,help` lists. */
static const struct bus {
	const char *driver;	/* of the disk itself */
	const char *controller; /* one of its own for each disk; NULL: none */
	bool port;		/* the disk is itself a PCI card */
	bool iothread;		/* the disk, or its controller, can run in one */
	bool need_serial;	/* QEMU refuses it without */
	const char *queues;	/* the property for their number, of the disk or its controller */
	bool rotation;		/* it reports how fast it rotates */
} buses[] = {
	[PROFILE_BUS_VIRTIO] = { .driver = "virtio-blk-pci",
				 .port = true,
				 .iothread = true,
				 .queues = "num-queues" },
	[PROFILE_BUS_SCSI] = { .driver = "scsi-hd",
			       .controller = "virtio-scsi-pci",
			       .iothread = true,
			       .queues = "num_queues",
			       .rotation = true },
	[PROFILE_BUS_NVME] = { .driver = "nvme", .port = true, .need_serial = true },
	[PROFILE_BUS_SATA] = { .driver = "ide-hd", .rotation = true },
};

/*
 * `auto` is none where the file takes O_DIRECT. What writes through is a disk without a write
 * cache: QEMU then flushes after each write. Source: the cache modes of qemu-options.hx.
 */
static const struct {
	bool direct, no_flush, through;
} caches[] = {
	[PROFILE_CACHE_AUTO] = { false, false, false },
	[PROFILE_CACHE_NONE] = { true, false, false },
	[PROFILE_CACHE_WRITEBACK] = { false, false, false },
	[PROFILE_CACHE_DIRECTSYNC] = { true, false, true },
	[PROFILE_CACHE_WRITETHROUGH] = { false, false, true },
	[PROFILE_CACHE_UNSAFE] = { false, true, false },
};
#define QUEUES_BY_DEFAULT 8 /* at most: each is an interrupt of the guest's */

/** plan_disk_driver() - what QEMU must have for a bus; @controller: receives NULL when it needs none */
const char *plan_disk_driver(enum profile_bus bus, const char **controller)
{
	*controller = buses[bus].controller;
	return buses[bus].driver;
}

/** plan_disk_is_written() - is the image itself opened for writing? */
bool plan_disk_is_written(const struct profile_disk *disk)
{
	return !disk->readonly && !disk->temporary;
}

/** plan_temporaries() - how many of the first @count disks have a file without a name in front */
size_t plan_temporaries(const struct profile *p, size_t count)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		n += p->disk[i].temporary;
	return n;
}

/* Its place among QEMU's channels: behind those of the network cards. */
static size_t temporary_channel(const struct qemu *q, size_t i)
{
	return plan_net_channels(q->profile, q->facts, NULL, 0) + plan_temporaries(q->profile, i);
}

static const struct plan_disk_facts *facts_of(const struct plan_disk_facts *list, size_t i)
{
	static const struct plan_disk_facts file = { .block = false };

	return list ? &list[i] : &file;
}

/* The node that opens the file, or the block device by its name in the jail. */
static struct json_object *protocol(struct qemu *q, const struct plan_disk_facts *facts,
				    const char *path, const char *node)
{
	struct json_object *o = argv_object("driver", facts->block ? "host_device" : "file");

	put_format(&q->argv, o, "node-name", "%s-file", node);
	if (facts->block)
		put_format(&q->argv, o, "filename", "/dev/%s", facts->node);
	else
		put_text(&q->argv, o, "filename", path);
	return o;
}

/** plan_cache_is_direct() - is the host's page cache passed by? @takes: the file can do that */
bool plan_cache_is_direct(enum profile_cache cache, bool takes)
{
	return cache == PROFILE_CACHE_AUTO ? takes : caches[cache].direct;
}

static void add_cache(struct qemu *q, struct json_object *o, enum profile_cache cache, bool takes_direct)
{
	struct json_object *c = json_object_new_object();

	put_bool(&q->argv, c, "direct", plan_cache_is_direct(cache, takes_direct));
	put_bool(&q->argv, c, "no-flush", caches[cache].no_flush);
	put_object(&q->argv, o, "cache", c);
}

static void add_common(struct qemu *q, struct json_object *o, const struct profile_disk *disk,
		       const struct plan_disk_facts *facts)
{
	put_bool(&q->argv, o, "read-only", !plan_disk_is_written(disk));
	put_text(&q->argv, o, "discard",
		 disk->discard == PROFILE_DISCARD_UNMAP ? "unmap" : "ignore");
	add_cache(q, o, disk->cache, facts->direct);
}

/**
 * plan_disk_is_qcow2() - written out, or by the ending of the path; a block device is raw
 *
 * The content is never looked at: a guest can have written it.
 */
bool plan_disk_is_qcow2(const struct profile_disk *disk, bool block)
{
	const char *dot = strrchr(disk->path, '.');

	if (disk->format_given)
		return disk->format == PROFILE_FORMAT_QCOW2;
	return !block && dot && !strcmp(dot, ".qcow2");
}

/* Linux AIO waits in the kernel for what is not O_DIRECT: QEMU refuses it there. */
static void add_aio(struct qemu *q, struct json_object *o, const struct profile_disk *disk,
		    const struct plan_disk_facts *facts)
{
	bool possible = plan_cache_is_direct(disk->cache, facts->direct) && facts->native;

	if (disk->aio == PROFILE_AIO_NATIVE || (disk->aio == PROFILE_AIO_AUTO && possible))
		put_text(&q->argv, o, "aio", "native");
}

/* The format is always given: QEMU never guesses it from what a guest wrote. */
static void image(struct qemu *q, size_t i, const char *node)
{
	const struct profile_disk *disk = &q->profile->disk[i];
	const struct plan_disk_facts *facts = facts_of(q->facts->disk, i);
	bool qcow2 = plan_disk_is_qcow2(disk, facts->block);
	struct json_object *file = protocol(q, facts, disk->path, node);
	struct json_object *format = argv_object("driver", qcow2 ? "qcow2" : "raw");

	add_common(q, file, disk, facts);
	add_aio(q, file, disk, facts);
	argv_json(&q->argv, "-blockdev", file);
	put_text(&q->argv, format, "node-name", node);
	put_format(&q->argv, format, "file", "%s-file", node);
	add_common(q, format, disk, facts);
	argv_json(&q->argv, "-blockdev", format);
}

/* No later run reads it: it is never flushed. */
static void put_temporary(struct qemu *q, struct json_object *o, const struct profile_disk *disk)
{
	struct json_object *cache = json_object_new_object();

	put_text(&q->argv, o, "discard",
		 disk->discard == PROFILE_DISCARD_UNMAP ? "unmap" : "ignore");
	put_bool(&q->argv, cache, "no-flush", true);
	put_object(&q->argv, o, "cache", cache);
}

/* A qcow2 that has no name: it comes as a set of descriptors, which has one. */
static void temporary(struct qemu *q, size_t i, const char *node, const char *image)
{
	const struct profile_disk *disk = &q->profile->disk[i];
	struct json_object *file = argv_object("driver", "file");
	struct json_object *format = argv_object("driver", "qcow2");
	int fd = KEEPER_QEMU_NETS_FD + (int)temporary_channel(q, i);

	argv_option(&q->argv, "-add-fd", "fd=%d,set=%zu", fd, i);
	put_format(&q->argv, file, "node-name", "%s-file", node);
	put_format(&q->argv, file, "filename", "/dev/fdset/%zu", i);
	put_temporary(q, file, disk);
	argv_json(&q->argv, "-blockdev", file);
	put_text(&q->argv, format, "node-name", node);
	put_format(&q->argv, format, "file", "%s-file", node);
	put_text(&q->argv, format, "backing", image);
	put_temporary(q, format, disk);
	argv_json(&q->argv, "-blockdev", format);
}

static void iothread(struct qemu *q, size_t i)
{
	struct json_object *o = argv_object("qom-type", "iothread");

	put_format(&q->argv, o, "id", "iothread%zu", i);
	argv_json(&q->argv, "-object", o);
}

static void put_on_port(struct qemu *q, struct json_object *o, unsigned int port)
{
	put_format(&q->argv, o, "bus", "port%u", port);
	put_text(&q->argv, o, "addr", "0x0");
}

/* QEMU's own default is one per processor, without a limit. */
static void put_queues(struct qemu *q, struct json_object *o, const struct bus *bus, size_t i)
{
	unsigned int asked = q->profile->disk[i].queues, cpus = q->profile->cpus;

	if (!asked)
		asked = cpus < QUEUES_BY_DEFAULT ? cpus : QUEUES_BY_DEFAULT;
	put_number(&q->argv, o, bus->queues, asked);
}

static void controller(struct qemu *q, const struct bus *bus, size_t i, bool threaded)
{
	unsigned int port = qemu_port(q);
	struct json_object *o = argv_object("driver", bus->controller);

	put_format(&q->argv, o, "id", "scsi%zu", i);
	put_on_port(q, o, port);
	if (threaded)
		put_format(&q->argv, o, "iothread", "iothread%zu", i);
	put_queues(q, o, bus, i);
	argv_json(&q->argv, "-device", o);
}

/* What the guest sees of the disk itself. */
static void put_traits(struct qemu *q, struct json_object *o, const struct bus *bus,
		       const struct profile_disk *disk)
{
	if (caches[disk->cache].through)
		put_text(&q->argv, o, "write-cache", "off");
	if (disk->ssd && bus->rotation)
		put_number(&q->argv, o, "rotation_rate", 1); /* "does not rotate": SBC, ATA8-ACS */
}

static void serial(struct qemu *q, struct json_object *o, const struct bus *bus,
		   const struct profile_disk *disk, const char *node)
{
	if (disk->serial)
		put_text(&q->argv, o, "serial", disk->serial);
	else if (bus->need_serial)
		put_text(&q->argv, o, "serial", node);
}

static void frontend(struct qemu *q, size_t i, const char *node, unsigned int *sata)
{
	const struct profile_disk *disk = &q->profile->disk[i];
	const struct bus *bus = &buses[disk->bus];
	bool threaded = disk->iothread && bus->iothread;
	unsigned int port = 0;
	struct json_object *o;

	if (threaded)
		iothread(q, i);
	if (bus->controller)
		controller(q, bus, i, threaded);
	if (bus->port)
		port = qemu_port(q);
	o = argv_object("driver", bus->driver);
	put_format(&q->argv, o, "id", "card-%s", node);
	put_text(&q->argv, o, "drive", node);
	if (bus->port)
		put_on_port(q, o, port);
	else if (bus->controller)
		put_format(&q->argv, o, "bus", "scsi%zu.0", i);
	else
		put_format(&q->argv, o, "bus", "ide.%u", (*sata)++);
	if (threaded && bus->port)
		put_format(&q->argv, o, "iothread", "iothread%zu", i);
	if (bus->port && bus->queues)
		put_queues(q, o, bus, i);
	serial(q, o, bus, disk, node);
	put_traits(q, o, bus, disk);
	put_number(&q->argv, o, "bootindex", plan_boot_index(q->plan, q->profile, BOOT_DISK, i));
	argv_json(&q->argv, "-device", o);
}

/** qemu_disks() - for each disk its two block nodes and its card */
void qemu_disks(struct qemu *q)
{
	unsigned int sata = 0;

	for (size_t i = 0; i < q->profile->disk_count; i++) {
		char node[32], base[40];

		(void)snprintf(node, sizeof(node), "disk%zu", i);
		(void)snprintf(base, sizeof(base), "%s-image", node);
		image(q, i, q->profile->disk[i].temporary ? base : node);
		if (q->profile->disk[i].temporary)
			temporary(q, i, node, base);
		frontend(q, i, node, &sata);
	}
}

static unsigned int sata_disks(const struct profile *p)
{
	unsigned int n = 0;

	for (size_t i = 0; i < p->disk_count; i++)
		n += p->disk[i].bus == PROFILE_BUS_SATA;
	return n;
}

/** qemu_cdroms() - each on the chipset's SATA controller, behind the disks there */
void qemu_cdroms(struct qemu *q)
{
	unsigned int sata = sata_disks(q->profile);

	for (size_t i = 0; i < q->profile->cdrom_count; i++) {
		const struct profile_cdrom *c = &q->profile->cdrom[i];
		struct json_object *o;
		char node[32];

		(void)snprintf(node, sizeof(node), "cdrom%zu", i);
		o = protocol(q, facts_of(NULL, i), c->path, node);
		put_bool(&q->argv, o, "read-only", true);
		argv_json(&q->argv, "-blockdev", o);
		o = argv_object("driver", "raw");
		put_text(&q->argv, o, "node-name", node);
		put_format(&q->argv, o, "file", "%s-file", node);
		put_bool(&q->argv, o, "read-only", true);
		argv_json(&q->argv, "-blockdev", o);
		o = argv_object("driver", "ide-cd");
		put_format(&q->argv, o, "id", "card-%s", node);
		put_text(&q->argv, o, "drive", node);
		put_format(&q->argv, o, "bus", "ide.%u", sata++);
		put_number(&q->argv, o, "bootindex", plan_boot_index(q->plan, q->profile, BOOT_CDROM, i));
		argv_json(&q->argv, "-device", o);
	}
}
