/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check-twice.c - rules against giving one thing twice: a device, a disk, a port, a place */
#include <stdlib.h>
#include <string.h>

#include "profiles/parse.h"

/* A section and the key that names its thing. */
struct thing {
	struct parse_section *section;
	const void *record;
	struct profile_pos pos; /* of the value */
};

/* Are the two one and the same? Then why that is wrong, else NULL. */
typedef const char *(*same_fn)(const void *a, const void *b);

/* Each is a card of its own; they are made together. */
static const char *same_function(const struct profile_device *a, const struct profile_device *b)
{
	if (a->vf == b->vf)
		return "remove one of them, or write another \"vf\"";
	return a->vfs == b->vfs ? NULL : "write the same \"vfs\" in both: they are made together";
}

static const char *same_device(const void *a_, const void *b_)
{
	const struct profile_device *a = a_, *b = b_;
	const struct profile_device_name *x = &a->device, *y = &b->device;

	if (x->by_id != y->by_id)
		return NULL; /* only the host shows it */
	if (a->vf && b->vf && (x->by_id ? x->vendor == y->vendor && x->device == y->device :
					  !pci_address_compare(&x->address, &y->address)))
		return same_function(a, b);
	if (x->by_id)
		return x->vendor == y->vendor && x->device == y->device ?
			       "name both by their addresses if there are two of this kind" :
			       NULL;
	/* Functions of one slot can be cards of their own: virtual ones are. */
	return pci_address_compare(&x->address, &y->address) ? NULL : "remove one of them";
}

static const char *same_path(const void *a_, const void *b_)
{
	const struct profile_disk *a = a_, *b = b_;

	return strcmp(a->path, b->path) ||
			       ((a->readonly || a->temporary) && (b->readonly || b->temporary)) ?
		       NULL :
		       "two disks that write to one image destroy it; a copy, or readonly = yes for both";
}

static const char *same_evdev(const void *a, const void *b)
{
	return strcmp(((const struct profile_input *)a)->evdev,
		      ((const struct profile_input *)b)->evdev) ?
		       NULL :
		       "remove one of them";
}

static const char *same_tag(const void *a, const void *b)
{
	return strcmp(((const struct profile_share *)a)->tag, ((const struct profile_share *)b)->tag) ?
		       NULL :
		       "the guest mounts a share by its tag: choose another one";
}

static const char *same_usb(const void *a_, const void *b_)
{
	const struct profile_usb *a = a_, *b = b_;

	if (a->by_id != b->by_id)
		return NULL;
	if (a->by_id ? a->vendor != b->vendor || a->product != b->product :
		       strcmp(a->bus_port, b->bus_port) != 0)
		return NULL;
	return a->by_id ? "name both by bus and port if there are two of this kind" :
			  "remove one of them";
}

static const char *same_mac(const void *a, const void *b)
{
	return memcmp(((const struct profile_net *)a)->mac, ((const struct profile_net *)b)->mac, 6) ?
		       NULL :
		       "each card needs an address of its own; without \"mac\" it gets one";
}

static const char *same_tap(const void *a, const void *b)
{
	return strcmp(((const struct profile_net *)a)->tap, ((const struct profile_net *)b)->tap) ?
		       NULL :
		       "a tap leads to one card: make another one";
}

static const char *same_name(const void *a, const void *b)
{
	return strcmp(((const struct profile_shm *)a)->name, ((const struct profile_shm *)b)->name) ?
		       NULL :
		       "each has a file of its own: choose another name";
}

static const char *both_primary(const void *a, const void *b)
{
	return ((const struct profile_device *)a)->primary && ((const struct profile_device *)b)->primary ?
		       "a guest has one primary VGA device" :
		       NULL;
}

/* In the sections @first and @second (NULL: none), no two may have the same @key. */
static const struct unique {
	const char *first, *second, *key;
	same_fn same;
} uniques[] = {
	{ "gpu", "pci", "device", same_device },
	{ "gpu", NULL, "primary", both_primary },
	{ "disk", NULL, "path", same_path },
	{ "net", NULL, "mac", same_mac },
	{ "net", NULL, "tap", same_tap },
	{ "usb", NULL, "device", same_usb },
	{ "input", NULL, "evdev", same_evdev },
	{ "share", NULL, "tag", same_tag },
	{ "shm", NULL, "name", same_name },
};

/* The sections of both names that give @key a good value, in the order of the file. */
static size_t collect(struct parse *parse, const struct unique *u,
		      struct thing things[2 * PROFILE_SECTION_REPEAT_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < parse->count; i++) {
		struct parse_section *s = &parse->section[i];
		const struct parse_given *given;

		if (strcmp(s->row->name, u->first) != 0 &&
		    (!u->second || strcmp(s->row->name, u->second) != 0))
			continue;
		given = parse_given(s, u->key);
		if (given->count && !given->wrong)
			things[count++] =
				(struct thing){ s, parse_record(parse, s), given->value };
	}
	return count;
}

static void check_unique(struct parse *parse, const struct unique *u)
{
	struct thing things[2 * PROFILE_SECTION_REPEAT_MAX];
	size_t count = collect(parse, u, things);
	const char *why = NULL;

	for (size_t j = 1; j < count; j++, why = NULL)
		for (size_t i = 0; i < j && !why; i++) {
			why = u->same(things[i].record, things[j].record);
			if (why)
				profile_errors_add(parse->errors, things[j].pos, why,
						   "\"%s\" is taken by the [%s] of line %u already",
						   u->key, things[i].section->row->name,
						   things[i].section->pos.line);
		}
}

/* `device` and `id` of one section, when both are ids, must agree. */
static void check_guards(struct parse *parse)
{
	for (size_t i = 0; i < parse->profile->device_count; i++) {
		const struct profile_device *d = &parse->profile->device[i];

		if (d->has_id && d->device.by_id && d->device.text &&
		    (d->id_vendor != d->device.vendor || d->id_device != d->device.device))
			profile_errors_add(parse->errors, d->id_pos,
					   "\"id\" is for a device that is named by its address: remove it",
					   "\"id\" is %04x:%04x but \"device\" is %s, expected the same",
					   d->id_vendor, d->id_device, d->device.text);
	}
}

/* A host port leads to one place. */
static void check_forwards(struct parse *parse)
{
	unsigned int *lines = calloc(2 * 65536, sizeof(*lines)); /* first line of each, per protocol */
	const struct profile *p = parse->profile;

	parse->errors->out_of_memory |= !lines;
	for (size_t i = 0; lines && i < p->net_count; i++)
		for (size_t j = 0; j < p->net[i].forward_count; j++) {
			const struct profile_forward *f = &p->net[i].forward[j];
			unsigned int *line = &lines[f->udp * 65536u + f->host_port];

			if (*line)
				profile_errors_add(parse->errors, f->pos, "choose another port of the host",
						   "\"forward\": the host's %s port %u is taken on line %u already",
						   f->udp ? "udp" : "tcp", f->host_port, *line);
			else
				*line = f->pos.line;
		}
	free(lines);
}

/* The place in the boot order that a section gives; 0: none, or it is of no such kind. */
static unsigned int boot_place(const struct parse *parse, const struct parse_section *s)
{
	const void *record = parse_record(parse, s);

	if (!strcmp(s->row->name, "disk"))
		return ((const struct profile_disk *)record)->boot_index;
	if (!strcmp(s->row->name, "cdrom"))
		return ((const struct profile_cdrom *)record)->boot_index;
	if (!strcmp(s->row->name, "usb"))
		return ((const struct profile_usb *)record)->boot_index;
	if (!strcmp(s->row->name, "gpu") || !strcmp(s->row->name, "pci"))
		return ((const struct profile_device *)record)->boot_index;
	return 0;
}

/* A place in the boot order belongs to one disk, CD or device. */
static void check_boot_order(struct parse *parse)
{
	unsigned int lines[1000] = { 0 }; /* of the sections, by place; set_number() keeps the range */

	for (size_t i = 0; i < parse->count; i++) {
		struct parse_section *s = &parse->section[i];
		unsigned int place = boot_place(parse, s);

		if (!place || place >= sizeof(lines) / sizeof(lines[0]))
			continue;
		if (lines[place])
			profile_errors_add(parse->errors, parse_given(s, "boot-index")->value,
					   "choose another number; the lowest boots first",
					   "\"boot-index\": %u is taken by the section of line %u already",
					   place, lines[place]);
		else
			lines[place] = s->pos.line;
	}
}

/** check_twice() - record what is given twice */
void check_twice(struct parse *parse)
{
	for (size_t i = 0; i < sizeof(uniques) / sizeof(uniques[0]); i++)
		check_unique(parse, &uniques[i]);
	check_guards(parse);
	check_forwards(parse);
	check_boot_order(parse);
}
