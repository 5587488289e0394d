/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt-devices.c - a domain's XML to a profile: its devices, in the order of the document */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/pci-address.h"
#include "launcher/import/libvirt.h"

/* A value that has a key of the same words; others are told. */
static void copy(struct import *m, struct import_section *s, struct xml *x, const char *path, const char *attribute,
		 const char *key)
{
	const char *value = xml_get(x, path, attribute);

	if (value)
		import_set(m, s, key, "%s", value);
}

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

/* ---- disks ----------------------------------------------------------------------------------- */

static void set_bus(struct import *m, struct import_section *s, struct xml *x)
{
	static const char *const same[] = { "virtio", "scsi", "sata", "nvme", NULL };
	const char *bus = xml_get(x, "target", "bus");

	if (bus && is_one_of(bus, same)) {
		if (strcmp(bus, "virtio"))
			import_set(m, s, "bus", "%s", bus);
	} else if (bus) {
		import_set(m, s, "bus", "sata");
		import_note(m, x->line, "a disk on %s is on sata now", bus);
	}
}

static void set_driver(struct import *m, struct import_section *s, struct xml *x)
{
	static const char *const caches[] = { "none", "writeback", "directsync", "writethrough", "unsafe", NULL };
	static const char *const formats[] = { "raw", "qcow2", NULL };
	const char *cache = xml_get(x, "driver", "cache"), *aio = xml_get(x, "driver", "io");
	const char *format = xml_get(x, "driver", "type");

	if (format && is_one_of(format, formats))
		import_set(m, s, "format", "%s", format);
	else if (format)
		import_note(m, x->line, "an image of the format %s: convert it with qemu-img", format);
	if (cache && is_one_of(cache, caches))
		import_set(m, s, "cache", "%s", cache);
	if (aio && (!strcmp(aio, "native") || !strcmp(aio, "threads")))
		import_set(m, s, "aio", "%s", aio);
	if (xml_is(x, "driver", "discard", "ignore"))
		import_set(m, s, "discard", "ignore");
	if (xml_is(x, "target", "rotation_rate", "1"))
		import_set(m, s, "ssd", "yes");
	if (xml_is(x, "target", "bus", "virtio"))
		copy(m, s, x, "driver", "queues", "queues");
	if (xml_find(x, "readonly"))
		import_set(m, s, "readonly", "yes");
	if (xml_find(x, "transient"))
		import_set(m, s, "temporary", "yes");
	if (xml_text(x, "serial"))
		import_set(m, s, "serial", "%s", xml_text(x, "serial"));
}

static void take_disk(struct import *m, struct xml *x)
{
	const char *path = xml_get(x, "source", "file"), *kind = xml_get(x, "", "device");
	bool cd = kind && !strcmp(kind, "cdrom");
	struct import_section *s;

	path = path ? path : xml_get(x, "source", "dev");
	if (!path) {
		if (!cd || xml_find(x, "source"))
			import_note(m, x->line, "a disk that is neither a file nor a block device is not carried over");
		return;
	}
	if (kind && !cd && strcmp(kind, "disk")) {
		import_note(m, x->line, "a device of the kind %s is not carried over", kind);
		return;
	}
	s = import_new(m, cd ? "cdrom" : "disk");
	import_set(m, s, "path", "%s", path);
	if (!cd) {
		set_bus(m, s, x);
		set_driver(m, s, x);
	}
	copy(m, s, x, "boot", "order", "boot-index");
}

/* ---- networks ---------------------------------------------------------------------------------- */

static void take_network(struct import *m, struct xml *x)
{
	static const char *const models[] = { "virtio", "e1000e", "e1000", "vmxnet3", "rtl8139", NULL };
	struct import_section *s = import_new(m, "net");
	const char *type = xml_get(x, "", "type"), *model = xml_get(x, "model", "type");

	if (xml_is(x, "", "type", "bridge") && xml_get(x, "source", "bridge")) {
		import_set(m, s, "mode", "bridge");
		copy(m, s, x, "source", "bridge", "bridge");
	} else if (xml_is(x, "", "type", "direct") && xml_get(x, "source", "dev")) {
		import_set(m, s, "mode", "macvtap");
		copy(m, s, x, "source", "dev", "parent");
	} else if (xml_is(x, "", "type", "network")) {
		import_set(m, s, "mode", "bridge");
		import_set(m, s, "bridge", "virbr0");
		import_note(m, x->line, "libvirt's network is reached by its bridge: `virsh net-start default` makes virbr0; "
			    "`mode = user` needs nothing");
	} else {
		import_set(m, s, "mode", "user");
		if (type && strcmp(type, "user"))
			import_note(m, x->line, "a network of the kind %s is `user` now", type);
	}
	copy(m, s, x, "mac", "address", "mac");
	if (model && is_one_of(model, models) && strcmp(model, "virtio"))
		import_set(m, s, "model", "%s", model);
	copy(m, s, x, "boot", "order", "boot-index");
}

/* ---- devices of the host ------------------------------------------------------------------------- */

static bool read_address(struct xml *x, struct pci_address *a)
{
	const char *part[] = { xml_get(x, "source/address", "domain"), xml_get(x, "source/address", "bus"),
			       xml_get(x, "source/address", "slot"), xml_get(x, "source/address", "function") };

	if (!part[1] || !part[2] || !part[3])
		return false;
	a->domain = part[0] ? (uint32_t)strtoul(part[0], NULL, 0) : 0;
	a->bus = (uint8_t)strtoul(part[1], NULL, 0);
	a->device = strtoul(part[2], NULL, 0) & 0x1f;
	a->function = strtoul(part[3], NULL, 0) & 7;
	return true;
}

static bool is_slot(struct xml *x, const struct pci_address *a, unsigned int *function)
{
	struct pci_address b;

	if (!xml_is(x, "", "type", "pci") || !read_address(x, &b))
		return false;
	*function = b.function;
	return pci_address_same_slot(a, &b);
}

/* A card comes with its sound: function 0, and others of the same slot. */
static bool has_sisters(struct xml *devices, const struct pci_address *a)
{
	unsigned int function;

	for (struct xml *x = xml_find(devices, "hostdev"); x; x = xml_next(x))
		if (is_slot(x, a, &function) && function != a->function)
			return true;
	return false;
}

static bool is_given_with(struct xml *devices, const struct pci_address *a)
{
	unsigned int function;

	for (struct xml *x = xml_find(devices, "hostdev"); a->function && x; x = xml_next(x))
		if (is_slot(x, a, &function) && function == 0)
			return true;
	return false;
}

static void take_pci(struct import *m, struct xml *devices, struct xml *x)
{
	struct import_section *s;
	struct pci_address a;
	char text[PCI_ADDRESS_TEXT];
	bool card;

	if (!read_address(x, &a)) {
		import_note(m, x->line, "a PCI device without an address is not carried over");
		return;
	}
	(void)pci_address_format(&a, text);
	if (is_given_with(devices, &a))
		return; /* with function 0 of its slot */
	card = import_is_card(text) || (!a.function && has_sisters(devices, &a));
	s = import_new(m, card ? "gpu" : "pci");
	import_set(m, s, "device", "%s", text);
	if (card && xml_is(x, "rom", "bar", "off"))
		import_set(m, s, "rom", "off");
	else if (card && xml_get(x, "rom", "file"))
		copy(m, s, x, "rom", "file", "rom");
	copy(m, s, x, "boot", "order", "boot-index");
}

/* 0x046d and 046d are the same. */
static unsigned long hexadecimal(const char *text)
{
	return text ? strtoul(text, NULL, 16) & 0xffff : 0;
}

static void take_usb(struct import *m, struct xml *x)
{
	const char *vendor = xml_get(x, "source/vendor", "id"), *product = xml_get(x, "source/product", "id");
	struct import_section *s;

	xml_use(xml_find(x, "source"));
	if (!vendor || !product) {
		import_note(m, x->line, "a USB device by its number on the bus: `vfio-run list -v` shows ids and ports");
		return;
	}
	s = import_new(m, "usb");
	import_set(m, s, "device", "%04lx:%04lx", hexadecimal(vendor), hexadecimal(product));
	copy(m, s, x, "boot", "order", "boot-index");
}

static void take_hostdev(struct import *m, struct xml *devices, struct xml *x)
{
	if (xml_is(x, "", "type", "pci"))
		take_pci(m, devices, x);
	else if (xml_is(x, "", "type", "usb"))
		take_usb(m, x);
	else
		import_note(m, x->line, "a host device that is neither PCI nor USB is not carried over");
}

/* ---- all else -------------------------------------------------------------------------------------- */

static void take_input(struct import *m, struct xml *x)
{
	struct import_section *s;

	if (!xml_is(x, "", "type", "evdev"))
		return; /* the emulated ones are there where something is shown */
	if (!xml_get(x, "source", "dev")) {
		import_note(m, x->line, "an evdev without a device is not carried over");
		return;
	}
	s = import_new(m, "input");
	copy(m, s, x, "source", "dev", "evdev");
	copy(m, s, x, "source", "grabToggle", "grab-toggle");
}

static void take_graphics(struct import *m, struct xml *x)
{
	static const char *const same[] = { "spice", "vnc", "sdl", "egl-headless", NULL };
	const char *type = xml_get(x, "", "type");
	struct import_section *s = import_one(m, "display");

	xml_use(x);
	if (s->lines) {
		import_note(m, x->line, "a second display is not carried over");
		return;
	}
	if (type && is_one_of(type, same))
		import_set(m, s, "type", "%s", type);
	else
		import_note(m, x->line, "a display of the kind %s is not carried over", type ? type : "?");
}

static void take_sound(struct import *m, struct xml *x)
{
	const char *model = xml_get(x, "", "model");

	xml_use(x);
	import_set(m, import_one(m, "audio"), "card", "%s",
		   model && (!strcmp(model, "ac97") || !strcmp(model, "usb") || !strcmp(model, "virtio")) ? model : "hda");
}

static void take_audio(struct import *m, struct xml *x)
{
	static const char *const same[] = { "pipewire", "alsa", "spice", "none", NULL };
	const char *type = xml_get(x, "", "type");

	xml_use(x);
	if (type && is_one_of(type, same))
		import_set(m, import_one(m, "audio"), "backend", "%s", type);
	else if (type && !strcmp(type, "pulseaudio"))
		import_set(m, import_one(m, "audio"), "backend", "pulse");
	else
		import_note(m, x->line, "sound by %s: what is there is taken", type ? type : "?");
}

static void take_channel(struct import *m, struct xml *x)
{
	const char *name = xml_get(x, "target", "name");

	xml_use(x);
	if (name && !strcmp(name, "org.qemu.guest_agent.0"))
		import_set(m, import_one(m, "vm"), "guest-agent", "yes");
	else if (xml_is(x, "", "type", "spicevmc"))
		import_note(m, x->line, "the clipboard is `clipboard = yes` in [display], with spice");
	else
		import_note(m, x->line, "a channel %s is not carried over", name ? name : "without a name");
}

static void take_shmem(struct import *m, struct xml *x)
{
	const char *name = xml_get(x, "", "name"), *size = xml_text(x, "size");
	bool glass = name && !strcmp(name, "looking-glass");
	struct import_section *s = glass ? import_one(m, "looking-glass") : import_new(m, "shm");

	xml_use(x);
	if (!glass && name)
		import_set(m, s, "name", "%s", name);
	if (size)
		import_set(m, s, "size", "%s%s", size, xml_is(x, "size", "unit", "G") ? "G" : "M");
}

static void take_tpm(struct import *m, struct xml *x)
{
	xml_use(x);
	import_set(m, import_one(m, "tpm"), "version", "2.0");
	if (xml_is(x, "backend", "type", "passthrough"))
		import_note(m, x->line, "the host's own TPM is not given away: the guest has one of its own, which is empty");
	else
		import_note(m, x->line, "the TPM's state is libvirt's and is not taken over: what was sealed with it (BitLocker) "
			    "asks for its recovery key");
}

static void take_share(struct import *m, struct xml *x)
{
	struct import_section *s = import_new(m, "share");

	copy(m, s, x, "source", "dir", "path");
	copy(m, s, x, "target", "dir", "tag");
	if (xml_find(x, "readonly"))
		import_set(m, s, "readonly", "yes");
	xml_use(x);
}

static void take_video(struct import *m, struct xml *x)
{
	xml_use(x);
	(void)m; /* as the display needs one */
}

static void take_bus(struct import *m, struct xml *x)
{
	import_note(m, x->line, "<%s> is not carried over", x->name);
}

/* ---- the rows ---------------------------------------------------------------------------------------- */

static const struct {
	const char *element;
	void (*take)(struct import *m, struct xml *x);
} rows[] = {
	{ "disk", take_disk },	     { "interface", take_network }, { "input", take_input },
	{ "graphics", take_graphics }, { "sound", take_sound },	    { "audio", take_audio },
	{ "channel", take_channel }, { "shmem", take_shmem },	    { "tpm", take_tpm },
	{ "filesystem", take_share }, { "video", take_video },	    { "redirdev", take_bus },
	{ "watchdog", take_bus },
};

/** import_libvirt_devices() - sections of all devices that have one, in the order of the document */
void import_libvirt_devices(struct import *m, struct xml *domain)
{
	struct xml *devices = xml_find(domain, "devices");

	for (struct xml *x = devices ? devices->child : NULL; x; x = x->next) {
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (!strcmp(rows[i].element, x->name)) {
				x->used = true;
				rows[i].take(m, x);
			}
		if (!strcmp(x->name, "hostdev")) {
			x->used = true;
			take_hostdev(m, devices, x);
		}
	}
}
