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

/* What a device has and a profile has no word for, or says by itself; all else is told. */
static void use_quiet(struct xml *x, const char *const *names)
{
	for (struct xml *child = x->child; child; child = child->next)
		if (is_one_of(child->name, names))
			xml_use(child);
}

/* ---- disks ----------------------------------------------------------------------------------- */

/* libvirt has it by the name of the target where nothing is said; NULL: by none */
static const char *bus_of(struct xml *x)
{
	static const struct {
		const char *name, *bus;
	} names[] = { { "hd", "ide" }, { "sd", "scsi" }, { "vd", "virtio" }, { "xvd", "xen" }, { "ub", "uml" } };
	const char *bus = xml_get(x, "target", "bus"), *target = xml_get(x, "target", "dev");

	for (size_t i = 0; !bus && target && i < ARRAY_SIZE(names); i++)
		if (!strncmp(target, names[i].name, strlen(names[i].name)))
			bus = names[i].bus;
	return bus;
}

static void set_bus(struct import *m, struct import_section *s, struct xml *x)
{
	static const char *const same[] = { "virtio", "scsi", "sata", "nvme", NULL };
	const char *bus = bus_of(x);

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
	const char *format = xml_get(x, "driver", "type"), *bus = bus_of(x);

	if (!format) /* libvirt looks into no image: it may be the guest that wrote a header */
		format = "raw";
	if (is_one_of(format, formats))
		import_set(m, s, "format", "%s", format);
	else
		import_note(m, x->line, "an image of the format %s: convert it with qemu-img", format);
	if (cache && is_one_of(cache, caches))
		import_set(m, s, "cache", "%s", cache);
	if (aio && (!strcmp(aio, "native") || !strcmp(aio, "threads")))
		import_set(m, s, "aio", "%s", aio);
	else if (aio)
		import_note(m, x->line, "aio by %s is `auto` now", aio);
	if (xml_is(x, "driver", "discard", "ignore"))
		import_set(m, s, "discard", "ignore");
	if (xml_is(x, "target", "rotation_rate", "1"))
		import_set(m, s, "ssd", "yes");
	if (bus && !strcmp(bus, "virtio"))
		copy(m, s, x, "driver", "queues", "queues");
	if (xml_find(x, "readonly"))
		import_set(m, s, "readonly", "yes");
	if (xml_find(x, "transient"))
		import_set(m, s, "temporary", "yes");
	if (xml_text(x, "serial"))
		import_serial(m, s, x->line, xml_text(x, "serial"));
}

static void take_disk(struct import *m, struct xml *x)
{
	const char *path = xml_get(x, "source", "file"), *kind = xml_get(x, "", "device");
	bool cd = kind && !strcmp(kind, "cdrom");
	static const char *const quiet[] = { "driver", "target", "address", "alias", "backingStore", "mirror", "readonly",
					     NULL };
	struct import_section *s;

	path = path ? path : xml_get(x, "source", "dev");
	if (!path) {
		xml_use(x);
		if (!cd || xml_find(x, "source"))
			import_note(m, x->line, "a disk that is neither a file nor a block device is not carried over");
		return;
	}
	if (kind && !cd && strcmp(kind, "disk")) {
		xml_use(x);
		import_note(m, x->line, "a device of the kind %s is not carried over", kind);
		return;
	}
	use_quiet(x, quiet);
	if (xml_find(x, "source/encryption"))
		import_note(m, x->line, "%s is encrypted (LUKS): that is not carried over, and the guest cannot read it", path);
	s = import_new(m, cd ? "cdrom" : "disk");
	import_set(m, s, "path", "%s", path);
	if (!cd) {
		set_bus(m, s, x);
		set_driver(m, s, x);
	}
	copy(m, s, x, "boot", "order", "boot-index");
}

/* ---- networks ---------------------------------------------------------------------------------- */

/* libvirt's own networks are bridges too; a running domain names its bridge. */
static void set_libvirt_network(struct import *m, struct import_section *s, struct xml *x)
{
	const char *network = xml_get(x, "source", "network"), *bridge = xml_get(x, "source", "bridge");

	if (!bridge && network && strcmp(network, "default")) {
		import_set(m, s, "mode", "user");
		import_note(m, x->line, "libvirt's network %s is `mode = user` now; `virsh net-dumpxml %s` shows its bridge, for "
			    "`mode = bridge` and `bridge`", network, network);
		return;
	}
	import_set(m, s, "mode", "bridge");
	import_set(m, s, "bridge", "%s", bridge ? bridge : "virbr0");
	import_note(m, x->line, "libvirt's network is reached by its bridge: `virsh net-start %s` makes %s; "
		    "`mode = user` needs nothing", network ? network : "default", bridge ? bridge : "virbr0");
}

static void set_macvtap(struct import *m, struct import_section *s, struct xml *x)
{
	const char *mode = xml_get(x, "source", "mode");

	import_set(m, s, "mode", "macvtap");
	copy(m, s, x, "source", "dev", "parent");
	if (mode && (!strcmp(mode, "passthrough") || !strcmp(mode, "private")))
		import_note(m, x->line, "macvtap's mode %s is `bridge` now", mode);
}

static void set_ports(struct import *m, struct import_section *s, struct xml *x)
{
	for (struct xml *f = xml_find(x, "portForward"); f; f = xml_next(f)) {
		const char *proto = xml_get(f, "", "proto");

		for (struct xml *r = xml_find(f, "range"); r; r = xml_next(r)) {
			const char *start = xml_get(r, "", "start"), *to = xml_get(r, "", "to");

			if (start && !xml_get(r, "", "end") && !xml_is(r, "", "exclude", "yes"))
				import_forward(m, s, r->line, proto ? proto : "tcp", start, to ? to : start);
			else
				import_note(m, r->line, "a range of forwarded ports is not carried over: one line `forward` each");
		}
	}
}

static void set_model(struct import *m, struct import_section *s, struct xml *x)
{
	static const char *const models[] = { "e1000e", "e1000-82545em", "e1000", "vmxnet3", "rtl8139", NULL };
	const char *model = xml_get(x, "model", "type");

	if (model && is_one_of(model, models))
		import_set(m, s, "model", "%s", model);
	else if (model && strncmp(model, "virtio", 6))
		import_note(m, x->line, "a network card of the kind %s is virtio now", model);
}

static void take_network(struct import *m, struct xml *x)
{
	static const char *const quiet[] = { "source", "target", "address", "alias", "driver", "model", "mac", "backend",
					     "guest", "boot", NULL };
	struct import_section *s = import_new(m, "net");
	const char *type = xml_get(x, "", "type");

	if (xml_is(x, "", "type", "bridge") && xml_get(x, "source", "bridge")) {
		import_set(m, s, "mode", "bridge");
		copy(m, s, x, "source", "bridge", "bridge");
	} else if (xml_is(x, "", "type", "direct") && xml_get(x, "source", "dev")) {
		set_macvtap(m, s, x);
	} else if (xml_is(x, "", "type", "network")) {
		set_libvirt_network(m, s, x);
	} else if (xml_is(x, "", "type", "ethernet") && xml_is(x, "target", "managed", "no") && xml_get(x, "target", "dev")) {
		import_set(m, s, "mode", "tap");
		copy(m, s, x, "target", "dev", "tap");
	} else {
		import_set(m, s, "mode", "user");
		if (type && strcmp(type, "user"))
			import_note(m, x->line, "a network of the kind %s is `user` now", type);
	}
	copy(m, s, x, "mac", "address", "mac");
	set_model(m, s, x);
	set_ports(m, s, x);
	copy(m, s, x, "driver", "queues", "queues");
	if (xml_is(x, "link", "state", "down"))
		import_note(m, x->line, "a network that is switched off (link down) is on here");
	if (xml_find(x, "boot"))
		import_note(m, x->line, "the guest cannot start from this network");
	use_quiet(x, quiet);
}

/* ---- devices of the host ------------------------------------------------------------------------- */

static bool read_address(struct xml *x, struct pci_address *a)
{
	const char *part[] = { xml_get(x, "source/address", "domain"), xml_get(x, "source/address", "bus"),
			       xml_get(x, "source/address", "slot"), xml_get(x, "source/address", "function") };

	static const unsigned int most[] = { 0xffff, 0xff, 0x1f, 7 };
	unsigned long long n[ARRAY_SIZE(most)] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(most); i++)
		if (part[i] ? !import_number(part[i], 0, most[i], &n[i]) : i > 0) /* the domain may be left out */
			return false;
	a->domain = (uint32_t)n[0];
	a->bus = (uint8_t)n[1];
	a->device = n[2] & 0x1f;
	a->function = n[3] & 7;
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

static bool has_function_0(struct xml *devices, const struct pci_address *a)
{
	unsigned int function;

	for (struct xml *x = xml_find(devices, "hostdev"); x; x = xml_next(x))
		if (is_slot(x, a, &function) && function == 0)
			return true;
	return false;
}

/* The machine knows, if it is this one; else several functions of a slot are most often a card and its sound. */
static bool is_card(struct xml *devices, const struct pci_address *a)
{
	struct pci_address first = *a;
	char text[PCI_ADDRESS_TEXT];

	first.function = 0;
	(void)pci_address_format(&first, text);
	if (import_is_card(text))
		return true;
	return !import_is_other(text) && has_function_0(devices, a) && has_sisters(devices, &first);
}

static void note_guess(struct import *m, struct xml *x, const char *text, bool card)
{
	if (import_is_card(text) || import_is_other(text))
		return; /* no guess */
	import_note(m, x->line, card ? "%s: taken for a graphics card; of another device write [pci], one for each function" :
				       "%s: of a graphics card write [gpu] in the place of [pci]", text);
}

static void set_rom(struct import *m, struct import_section *s, struct xml *x, bool card)
{
	if (!card && xml_get(x, "rom", "file"))
		import_note(m, x->line, "the ROM %s: only a [gpu] has one", xml_get(x, "rom", "file"));
	else if (card && (xml_is(x, "rom", "bar", "off") || xml_is(x, "rom", "enabled", "no")))
		import_set(m, s, "rom", "off");
	else if (card && xml_get(x, "rom", "file"))
		copy(m, s, x, "rom", "file", "rom");
}

static void take_pci(struct import *m, struct xml *devices, struct xml *x)
{
	struct import_section *s;
	struct pci_address a;
	char text[PCI_ADDRESS_TEXT];
	bool card;

	if (!read_address(x, &a)) {
		import_note(m, x->line, "a PCI device is not carried over: its address is missing, or is none");
		return;
	}
	(void)pci_address_format(&a, text);
	card = is_card(devices, &a);
	if (card && a.function && has_function_0(devices, &a))
		return; /* with function 0 of its slot */
	card = card && !a.function;
	s = import_new(m, card ? "gpu" : "pci");
	import_set(m, s, "device", "%s", text);
	set_rom(m, s, x, card);
	copy(m, s, x, "boot", "order", "boot-index");
	copy(m, s, x, "driver", "model", "driver");
	if (!a.function)
		note_guess(m, x, text, card);
}

static void take_usb(struct import *m, struct xml *x)
{
	const char *vendor = xml_get(x, "source/vendor", "id"), *product = xml_get(x, "source/product", "id");
	unsigned long long v, p;
	struct import_section *s;

	if (!vendor || !product) {
		import_note(m, x->line, "a USB device by its number on the bus: `vfio-run list usb` shows ids and ports");
		return;
	}
	if (!import_number(vendor, 16, 0xffff, &v) || !import_number(product, 16, 0xffff, &p)) { /* 0x046d and 046d are the same */
		import_note(m, x->line, "a USB device is not carried over: %s:%s is none's id", vendor, product);
		return;
	}
	s = import_new(m, "usb");
	import_set(m, s, "device", "%04llx:%04llx", v, p);
	copy(m, s, x, "boot", "order", "boot-index");
}

/* A virtual function as a network: libvirt sets its address and VLAN, which a [pci] does not. */
static void take_function(struct import *m, struct xml *x)
{
	static const char *const quiet[] = { "source", "driver", "address", "alias", "boot", "mac", "target", NULL };
	struct import_section *s;
	struct pci_address a;
	char text[PCI_ADDRESS_TEXT];

	use_quiet(x, quiet);
	if (!read_address(x, &a)) {
		import_note(m, x->line, "a network that is a device of the host's is not carried over: its address is missing, or "
			    "is none");
		return;
	}
	s = import_new(m, "pci");
	import_set(m, s, "device", "%s", pci_address_format(&a, text));
	copy(m, s, x, "boot", "order", "boot-index");
	copy(m, s, x, "driver", "model", "driver");
	if (xml_get(x, "mac", "address"))
		import_note(m, x->line, "the MAC address %s of %s is not set here: `ip link set DEVICE vf NUMBER mac` does",
			    xml_get(x, "mac", "address"), text);
}

static void take_hostdev(struct import *m, struct xml *devices, struct xml *x)
{
	static const char *const quiet[] = { "source", "driver", "address", "alias", "rom", "boot", NULL };

	use_quiet(x, quiet);
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

	xml_use(x);
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

static void note_display(struct import *m, struct xml *x, const char *type)
{
	if (!strcmp(type, "spice") || !strcmp(type, "vnc"))
		import_note(m, x->line, "the display is on a socket of the user's now: `remote-viewer %s+unix:///run/vfio-run/vm/"
			    "NAME/display`; a port is `listen`, and its password `password-file`", type);
	if (xml_is(x, "gl", "enable", "yes"))
		import_note(m, x->line, "OpenGL of a display is not carried over");
}

static void take_graphics(struct import *m, struct xml *x)
{
	static const char *const same[] = { "spice", "vnc", "sdl", "egl-headless", NULL };
	const char *type = xml_get(x, "", "type");
	struct import_section *s = import_one(m, "display");

	xml_use(x);
	if (import_has(s, "type")) {
		import_note(m, x->line, "a second display is not carried over");
		return;
	}
	if (type && is_one_of(type, same)) {
		import_set(m, s, "type", "%s", type);
		note_display(m, x, type);
	} else {
		import_note(m, x->line, "a display of the kind %s is not carried over", type ? type : "?");
	}
}

static void take_sound(struct import *m, struct xml *x)
{
	const char *model = xml_get(x, "", "model");

	xml_use(x);
	import_set(m, import_one(m, "audio"), "card", "%s",
		   model && (!strcmp(model, "ac97") || !strcmp(model, "usb") || !strcmp(model, "virtio")) ? model : "hda");
	if (xml_is(x, "codec", "type", "micro") || xml_is(x, "codec", "type", "duplex"))
		import_set(m, import_one(m, "audio"), "microphone", "yes");
}

static void take_audio(struct import *m, struct xml *x)
{
	static const char *const same[] = { "pipewire", "alsa", "spice", "none", NULL };
	static const char *const timed[] = { "pipewire", "alsa", NULL };
	const char *type = xml_get(x, "", "type");
	unsigned long latency = 0;

	xml_use(x);
	if (type && is_one_of(type, same))
		import_set(m, import_one(m, "audio"), "backend", "%s", type);
	else if (type && !strcmp(type, "pulseaudio"))
		import_set(m, import_one(m, "audio"), "backend", "pulse");
	else
		import_note(m, x->line, "sound by %s: what is there is taken", type ? type : "?");
	if (xml_get(x, "output", "latency")) /* in microseconds */
		latency = (strtoul(xml_get(x, "output", "latency"), NULL, 10) + 999) / 1000;
	if (latency >= 1 && latency <= 1000 && type && (is_one_of(type, timed) || !strcmp(type, "pulseaudio")))
		import_set(m, import_one(m, "audio"), "latency", "%lums", latency);
	else if (xml_find(x, "output") || xml_find(x, "input"))
		import_note(m, x->line, "how the sound is set is not carried over; `latency` in [audio] is one of its times");
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

static void take_emulator(struct import *m, struct xml *x)
{
	const char *path = xml_text(x, "");

	xml_use(x);
	if (path)
		import_emulator(m, x->line, path);
}

static void take_shmem(struct import *m, struct xml *x)
{
	const char *name = xml_get(x, "", "name"), *size = xml_text(x, "size");
	bool glass = name && !strcmp(name, "looking-glass");
	struct import_section *s = glass ? import_one(m, "looking-glass") : import_new(m, "shm");
	unsigned long long bytes;

	xml_use(x);
	if (!glass && name)
		import_set(m, s, "name", "%s", name);
	bytes = import_bytes(m, x, "size", size, 1);
	if (bytes)
		import_size(m, s, "size", bytes);
	if (xml_is(x, "model", "type", "ivshmem-doorbell"))
		import_note(m, x->line, "interrupts of a shared memory (ivshmem-doorbell) are not carried over");
}

static void take_tpm(struct import *m, struct xml *x)
{
	xml_use(x);
	import_set(m, import_one(m, "tpm"), "version", "2.0");
	if (xml_is(x, "backend", "version", "1.2"))
		import_note(m, x->line, "a TPM of version 1.2 is one of 2.0 now");
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
	if (!xml_is(x, "driver", "type", "virtiofs"))
		import_note(m, x->line, "a folder by 9p is by virtiofs now: a Linux guest mounts it with `-t virtiofs`");
	if (xml_find(x, "readonly"))
		import_set(m, s, "readonly", "yes");
	xml_use(x);
}

static void take_video(struct import *m, struct xml *x)
{
	static const char *const same[] = { "none", "virtio", "qxl", NULL };
	const char *model = xml_get(x, "model", "type");
	struct import_section *s = import_one(m, "display");

	xml_use(x);
	if (import_has(s, "video"))
		import_note(m, x->line, "a second emulated graphics card is not carried over");
	else if (model && is_one_of(model, same))
		import_set(m, s, "video", "%s", model);
	else if (model && (!strcmp(model, "vga") || !strcmp(model, "bochs")))
		import_set(m, s, "video", "std");
	else
		import_note(m, x->line, "an emulated graphics card of the kind %s: what is fit is taken", model ? model : "?");
	if (xml_is(x, "model/acceleration", "accel3d", "yes"))
		import_note(m, x->line, "the 3D acceleration of an emulated graphics card is not carried over");
}

/* By a controller of another kind the guest's system may have no driver for the new one. */
static void take_controller(struct import *m, struct xml *x)
{
	const char *model = xml_get(x, "", "model");

	xml_use(x);
	if (xml_is(x, "", "type", "scsi") && model && strncmp(model, "virtio", 6))
		import_note(m, x->line, "a SCSI controller of the kind %s is virtio's now: the guest needs its driver", model);
}

static void take_bus(struct import *m, struct xml *x)
{
	xml_use(x);
	import_note(m, x->line, "<%s> is not carried over", x->name);
}

/* ---- the rows ---------------------------------------------------------------------------------------- */

/* The first row counts. */
static const struct {
	const char *element, *type; /* @type NULL: of any */
	void (*take)(struct import *m, struct xml *x);
} rows[] = {
	{ "disk", NULL, take_disk },
	{ "interface", "hostdev", take_function },
	{ "interface", NULL, take_network },
	{ "input", NULL, take_input },
	{ "graphics", NULL, take_graphics },
	{ "sound", NULL, take_sound },
	{ "audio", NULL, take_audio },
	{ "channel", NULL, take_channel },
	{ "shmem", NULL, take_shmem },
	{ "tpm", NULL, take_tpm },
	{ "filesystem", NULL, take_share },
	{ "video", NULL, take_video },
	{ "redirdev", NULL, take_bus },
	{ "watchdog", NULL, take_bus },
	{ "serial", NULL, take_bus },
	{ "rng", NULL, take_bus },
	{ "controller", NULL, take_controller },
	{ "emulator", NULL, take_emulator },
};

/* Each of them looks at all others: those of a card's slot have no section that would count them. */
#define HOSTDEVS_MAX ((size_t)8 * IMPORT_SECTIONS_MAX)

/** import_libvirt_devices() - sections of all devices that have one, in the order of the document */
void import_libvirt_devices(struct import *m, struct xml *domain)
{
	struct xml *devices = xml_find(domain, "devices");
	size_t count = 0;

	for (struct xml *x = devices ? devices->child : NULL; x && !m->failed; x = x->next) {
		m->at = x->line;
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (!strcmp(rows[i].element, x->name) && (!rows[i].type || xml_is(x, "", "type", rows[i].type))) {
				x->used = true;
				rows[i].take(m, x);
				break;
			}
		if (!strcmp(x->name, "hostdev")) {
			x->used = true;
			m->failed |= ++count > HOSTDEVS_MAX;
			take_hostdev(m, devices, x);
		}
	}
	m->at = 0;
	/* Without a device of the host's the default is a window. */
	if (!import_first(m, "gpu") && !import_first(m, "pci") && !import_has(import_one(m, "display"), "type"))
		import_set(m, import_one(m, "display"), "type", "none");
}
