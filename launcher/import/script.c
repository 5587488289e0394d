/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script.c - a script's QEMU command line to a profile
 *
 * Rows for options and for devices; what is in none of them is named with its line. Values of
 * several parts hang together by ids: -drive and -device by drive=, -netdev and -device by netdev=.
 * So the devices are taken first, and what they refer to is asked of them. Source: qemu(1)
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/pci-address.h"
#include "launcher/import/import.h"
#include "launcher/import/script.h"

#define VALUE_MAX 1024

struct job {
	struct import *m;
	struct script_words *words;
	struct import_section *vm;
	const char *value; /* of the option at work; "" where it has none */
	unsigned int line;
	bool net, card, uefi;
};

/* ---- values
 * ------------------------------------------------------------------------------------------ */

/* "a=b" of "x,a=b,c": into @buf, ",," being a comma. Return: is it there? */
static bool option_of(const char *value, const char *name, char buf[VALUE_MAX])
{
	size_t length = strlen(name), used = 0;

	*buf = '\0';
	for (const char *at = value; *at; at++) {
		if ((at == value || at[-1] == ',') && !strncmp(at, name, length) &&
		    at[length] == '=') {
			for (at += length + 1;
			     *at && (*at != ',' || at[1] == ',') && used + 1 < VALUE_MAX; at++) {
				at += *at == ',';
				buf[used++] = *at;
			}
			buf[used] = '\0';
			return true;
		}
	}
	return false;
}

/* The first part, or the one that is called @name. */
static const char *first_of(const char *value, const char *name, char buf[VALUE_MAX])
{
	if (option_of(value, name, buf))
		return buf;
	(void)snprintf(buf, VALUE_MAX, "%.*s", (int)strcspn(value, ","), value);
	return strchr(buf, '=') ? "" : buf;
}

static bool is_on(const char *value, const char *name)
{
	char buf[VALUE_MAX];

	return option_of(value, name, buf) &&
	       (!strcmp(buf, "on") || !strcmp(buf, "yes") || !strcmp(buf, "true"));
}

/* Is it known without running the script? */
static bool is_plain(const char *value)
{
	return !strpbrk(value, "$`");
}

static void left(struct job *j, const char *what)
{
	import_note(j->m, j->line, "%s%s%s is not carried over", what, *j->value ? " " : "",
		    j->value);
}

static void unknown(struct job *j, const char *what)
{
	import_note(j->m, j->line, "%s: %s: not known without running the script", what, j->value);
}

/* The value of the option @name that has @key=@id, such as a -device of a drive. NULL: none */
static const char *who_has(const struct job *j, const char *name, const char *key, const char *id)
{
	char buf[VALUE_MAX];

	for (size_t i = 0; i + 1 < j->words->count; i++)
		if (!strcmp(j->words->item[i].text, name) &&
		    option_of(j->words->item[i + 1].text, key, buf) && !strcmp(buf, id))
			return j->words->item[i + 1].text;
	return NULL;
}

/* ---- the machine
 * -------------------------------------------------------------------------------------- */

static void take_memory(struct job *j)
{
	char buf[VALUE_MAX], *end;
	const char *text = first_of(j->value, "size", buf);
	unsigned long long n = strtoull(text, &end, 10);
	unsigned int shift = *end == 'G' || *end == 'g'   ? 30
			     : *end == 'T' || *end == 't' ? 40
			     : *end == 'K' || *end == 'k' ? 10
							  : 20;

	if (!n || n >> 40)
		unknown(j, "-m");
	else
		import_memory(j->m, j->vm, n << shift);
}

static void take_smp(struct job *j)
{
	static const char *const names[] = { "threads", "dies", "sockets" };
	char buf[VALUE_MAX];
	unsigned long all = strtoul(first_of(j->value, "cpus", buf), NULL, 10), product = 1;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (option_of(j->value, names[i], buf) && strtoul(buf, NULL, 10) > 1) {
			import_set(j->m, j->vm, names[i], "%lu", strtoul(buf, NULL, 10));
			product *= strtoul(buf, NULL, 10);
		}
	if (!all && option_of(j->value, "cores", buf))
		all = product * strtoul(buf, NULL, 10);
	if (all)
		import_set(j->m, j->vm, "cpus", "%lu", all);
	else
		unknown(j, "-smp");
}

/* The flags that have a key of their own are taken out of the list. */
static void take_cpu(struct job *j)
{
	char rest[VALUE_MAX] = "", copy[VALUE_MAX], *save = NULL;
	bool hyperv = false, hide = false;
	size_t used = 0;

	(void)snprintf(copy, sizeof(copy), "%s", j->value);
	for (const char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		if (!strncmp(w, "hv_", 3) || !strncmp(w, "hv-", 3) || !strncmp(w, "+hv", 3))
			hyperv = true;
		else if (!strcmp(w, "kvm=off") || !strcmp(w, "-hypervisor"))
			hide = true;
		else if (used < sizeof(rest))
			used += (size_t)snprintf(rest + used, sizeof(rest) - used, "%s%s",
						 used ? "," : "", w);
	}
	if (strcmp(rest, "host") && *rest)
		import_set(j->m, j->vm, "cpu", "%s", rest);
	if (hyperv)
		import_set(j->m, j->vm, "hyperv", "yes");
	if (hide)
		import_set(j->m, j->vm, "hide-hypervisor", "yes");
}

static void take_machine(struct job *j)
{
	char buf[VALUE_MAX], accel[VALUE_MAX];
	const char *type = first_of(j->value, "type", buf);

	if (!strncmp(type, "pc-q35-", 7))
		import_set(j->m, j->vm, "machine", "%s", type);
	else if (*type && strcmp(type, "q35"))
		import_note(j->m, j->line,
			    "the machine %s is q35 now: Windows may want to be activated again",
			    type);
	if (option_of(j->value, "accel", accel) && !strncmp(accel, "tcg", 3))
		import_set(j->m, j->vm, "accel", "tcg");
}

static void take_accel(struct job *j)
{
	if (!strncmp(j->value, "tcg", 3))
		import_set(j->m, j->vm, "accel", "tcg");
}

static void take_name(struct job *j)
{
	char buf[VALUE_MAX];
	const char *name = first_of(j->value, "guest", buf);
	size_t length = strlen(name);

	if (length && length <= 32 && isalnum((unsigned char)*name) &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") ==
		    length)
		import_set(j->m, j->vm, "name", "%s", name);
	else
		import_note(
			j->m, j->line,
			"the name \"%s\" is none that a VM can have: the profile's file names it",
			name);
}

static void take_bios(struct job *j)
{
	if (strcasestr(j->value, "ovmf") || strcasestr(j->value, "edk2"))
		j->uefi = true;
	else
		left(j, "-bios");
}

static void take_rtc(struct job *j)
{
	char buf[VALUE_MAX];

	if (option_of(j->value, "base", buf) && !strcmp(buf, "localtime"))
		import_set(j->m, j->vm, "rtc", "localtime");
}

static void take_mem_path(struct job *j)
{
	if (strstr(j->value, "huge"))
		import_set(j->m, j->vm, "hugepages", "yes");
	else
		left(j, "-mem-path");
}

static void take_smbios(struct job *j)
{
	if (!strncmp(j->value, "type=", 5) && is_plain(j->value))
		import_set(j->m, j->vm, "smbios-string", "%s", j->value);
	else
		left(j, "-smbios");
}

static void take_acpi(struct job *j)
{
	char buf[VALUE_MAX];

	if (option_of(j->value, "file", buf) && is_plain(buf))
		import_set(j->m, j->vm, "acpi-table", "%s", buf);
	else
		left(j, "-acpitable");
}

/* ---- disks
 * -------------------------------------------------------------------------------------------- */

static void set_path(struct job *j, struct import_section *s, const char *path)
{
	import_set(j->m, s, "path", "%s", path);
	if (!is_plain(path))
		import_note(j->m, j->line,
			    "%s: not known without running the script: write the path", path);
	else if (*path != '/')
		import_note(j->m, j->line, "%s: the path is relative: write it from / on", path);
}

static const char *bus_of(const struct job *j, const char *interface, const char *id)
{
	const char *device = *id ? who_has(j, "-device", "drive", id) : NULL;

	if (!device)
		return !strcmp(interface, "virtio") ? "virtio"
		       : !strcmp(interface, "scsi") ? "scsi"
						    : "sata";
	return !strncmp(device, "scsi-", 5)         ? "scsi"
	       : !strncmp(device, "nvme", 4)        ? "nvme"
	       : !strncmp(device, "virtio-blk", 10) ? "virtio"
						    : "sata";
}

static void take_pflash(struct job *j, const char *file)
{
	j->uefi = true;
	if (strcasestr(file, "VARS") && !is_on(j->value, "readonly"))
		import_note(
			j->m, j->line,
			"%s: the UEFI variables begin anew; `nvram = FILE` takes these, where the firmware is the same",
			file);
}

static void put_disk(struct job *j, const char *path, const char *bus, const char *format, bool cd)
{
	struct import_section *s = import_new(j->m, cd ? "cdrom" : "disk");
	size_t length = strlen(path);
	bool shown = (length > 6 && !strcmp(path + length - 6, ".qcow2")) ||
		     (length > 4 && !strcmp(path + length - 4, ".raw")) ||
		     !strncmp(path, "/dev/", 5);

	set_path(j, s, path);
	if (cd)
		return;
	if (*format && !shown)
		import_set(j->m, s, "format", "%s", format);
	else if (!shown)
		import_note(j->m, j->line,
			    "%s: its format has to be written: `format = raw` or `qcow2`", path);
	if (strcmp(bus, "virtio"))
		import_set(j->m, s, "bus", "%s", bus);
}

static void take_drive(struct job *j)
{
	char file[VALUE_MAX], interface[VALUE_MAX], id[VALUE_MAX], format[VALUE_MAX],
		media[VALUE_MAX];
	const char *device;
	bool cd;

	if (!option_of(j->value, "file", file)) {
		left(j, "-drive");
		return;
	}
	(void)option_of(j->value, "if", interface);
	(void)option_of(j->value, "id", id);
	(void)option_of(j->value, "media", media);
	if (!option_of(j->value, "format", format) ||
	    (strcmp(format, "raw") && strcmp(format, "qcow2")))
		*format = '\0';
	device = *id ? who_has(j, "-device", "drive", id) : NULL;
	cd = !strcmp(media, "cdrom") || (device && strstr(device, "-cd"));
	if (!strcmp(interface, "pflash"))
		take_pflash(j, file);
	else
		put_disk(j, file, bus_of(j, interface, id), format, cd);
}

static void take_disk(struct job *j)
{
	put_disk(j, j->value, "sata", "", false);
}

static void take_cdrom(struct job *j)
{
	put_disk(j, j->value, "sata", "", true);
}

/* ---- network
 * ------------------------------------------------------------------------------------------ */

/* "tcp::2222-:22", "tcp:127.0.0.1:2222-10.0.2.15:22" */
static void take_forward(struct job *j, struct import_section *s, const char *text)
{
	const char *dash = strchr(text, '-'), *host = dash, *guest = strrchr(text, ':');
	bool udp = !strncmp(text, "udp", 3);

	while (host && host > text && host[-1] != ':')
		host--;
	if (dash && guest > dash && is_plain(text))
		import_set(j->m, s, "forward", "%s:%.*s:%s", udp ? "udp" : "tcp",
			   (int)(dash - host), host, guest + 1);
	else
		import_note(j->m, j->line, "the forward %s is not carried over", text);
}

static void take_forwards(struct job *j, struct import_section *s)
{
	for (const char *at = j->value; (at = strstr(at, "hostfwd=")); at += 8) {
		char one[VALUE_MAX];

		(void)option_of(at, "hostfwd", one);
		take_forward(j, s, one);
	}
}

static void put_card(struct job *j, struct import_section *s, const char *device)
{
	static const char *const models[] = { "e1000e", "e1000-82545em", "e1000", "vmxnet3",
					      "rtl8139" };
	char mac[VALUE_MAX];

	if (option_of(device, "mac", mac) && is_plain(mac))
		import_set(j->m, s, "mac", "%s", mac);
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (!strncmp(device, models[i], strlen(models[i]))) {
			import_set(j->m, s, "model", "%s", models[i]);
			return;
		}
}

static void take_netdev(struct job *j)
{
	char id[VALUE_MAX], name[VALUE_MAX];
	const char *device =
		option_of(j->value, "id", id) ? who_has(j, "-device", "netdev", id) : NULL;
	struct import_section *s;

	j->net = true;
	if (!strcmp(j->value, "none")) {
		import_set(j->m, import_new(j->m, "net"), "mode", "none");
		return;
	}
	if (!strncmp(j->value, "nic", 3))
		return; /* -net nic: its other half has the mode */
	s = import_new(j->m, "net");
	if (!strncmp(j->value, "bridge", 6)) {
		import_set(j->m, s, "mode", "bridge");
		import_set(j->m, s, "bridge", "%s", option_of(j->value, "br", name) ? name : "br0");
	} else if (!strncmp(j->value, "tap", 3) && option_of(j->value, "ifname", name) &&
		   is_plain(name)) {
		import_set(j->m, s, "mode", "tap");
		import_set(j->m, s, "tap", "%s", name);
	} else {
		import_set(j->m, s, "mode", "user");
		if (strncmp(j->value, "user", 4))
			import_note(j->m, j->line, "the network %s is mode = user now", j->value);
		take_forwards(j, s);
	}
	if (device)
		put_card(j, s, device);
}

/* ---- devices
 * ------------------------------------------------------------------------------------------ */

/* Are there an earlier one of this slot, and a function 0 that stands for all of it? */
static bool is_of_card(struct job *j, const struct pci_address *a)
{
	struct pci_address other;
	char host[VALUE_MAX], name[PCI_ADDRESS_TEXT];

	if (!a->function)
		return false;
	for (size_t i = 0; i + 1 < j->words->count; i++) {
		const char *text = j->words->item[i + 1].text;

		if (strcmp(j->words->item[i].text, "-device") != 0 ||
		    strncmp(text, "vfio-pci", 8) != 0 || !option_of(text, "host", host) ||
		    !pci_address_parse(host, &other) || other.function)
			continue;
		if (pci_address_same_slot(a, &other))
			return strstr(text, "x-vga=on") || strstr(text, "romfile=") ||
			       strstr(text, "multifunction=on") ||
			       import_is_card(pci_address_format(&other, name));
	}
	return false;
}

static void take_vfio(struct job *j)
{
	char host[VALUE_MAX], rom[VALUE_MAX], name[PCI_ADDRESS_TEXT];
	struct import_section *s;
	struct pci_address a;
	bool card;

	if (!option_of(j->value, "host", host) || !pci_address_parse(host, &a)) {
		unknown(j, "-device");
		return;
	}
	if (is_of_card(j, &a))
		return; /* [gpu] takes all functions of its slot */
	(void)option_of(j->value, "romfile", rom);
	card = !a.function &&
	       (is_on(j->value, "x-vga") || *rom || is_on(j->value, "multifunction") ||
		import_is_card(pci_address_format(&a, name)));
	s = import_new(j->m, card ? "gpu" : "pci");
	import_set(j->m, s, "device", "%s", pci_address_format(&a, name));
	j->card |= card;
	if (card && is_on(j->value, "x-vga"))
		import_set(j->m, s, "primary", "yes");
	if (card && *rom)
		import_set(j->m, s, "rom", "%s", rom);
	if (!card)
		import_note(j->m, j->line,
			    "%s: of a graphics card write [gpu] in the place of [pci]", name);
}

static void take_usb(struct job *j)
{
	char vendor[VALUE_MAX], product[VALUE_MAX], bus[VALUE_MAX], port[VALUE_MAX];

	if (option_of(j->value, "vendorid", vendor) && option_of(j->value, "productid", product) &&
	    is_plain(vendor) && is_plain(product))
		import_set(j->m, import_new(j->m, "usb"), "device", "%04lx:%04lx",
			   strtoul(vendor, NULL, 16) & 0xffff, strtoul(product, NULL, 16) & 0xffff);
	else if (option_of(j->value, "hostbus", bus) && option_of(j->value, "hostport", port) &&
		 is_plain(bus) && is_plain(port))
		import_set(j->m, import_new(j->m, "usb"), "device", "%s-%s", bus, port);
	else
		left(j, "-device");
}

static void take_sound(struct job *j)
{
	struct import_section *s = import_one(j->m, "audio");

	if (!s->lines)
		import_set(j->m, s, "backend", "auto");
}

static void take_tpm(struct job *j)
{
	struct import_section *s = import_one(j->m, "tpm");

	if (s->lines)
		return;
	import_set(j->m, s, "version", "2.0");
	import_note(j->m, j->line, "the TPM's state is not taken over");
}

static void take_share(struct job *j)
{
	char tag[VALUE_MAX];

	import_note(
		j->m, j->line,
		"[share] with `path =` and `tag = %s`: which folder virtiofsd has is not in QEMU's words",
		option_of(j->value, "tag", tag) ? tag : "NAME");
}

static void nothing(struct job *j)
{
	(void)j;
}

static const struct {
	const char *name; /* how it begins */
	void (*take)(struct job *j);
} devices[] = {
	{ "vfio-pci", take_vfio },
	{ "usb-host", take_usb },
	{ "ich9-intel-hda", take_sound },
	{ "intel-hda", take_sound },
	{ "hda-", take_sound },
	{ "AC97", take_sound },
	{ "usb-audio", take_sound },
	{ "tpm-", take_tpm },
	{ "vhost-user-fs", take_share },
	/* what a profile brings by itself, or has said elsewhere */
	{ "virtio-net", nothing },
	{ "e1000", nothing },
	{ "rtl8139", nothing },
	{ "vmxnet3", nothing },
	{ "virtio-blk", nothing },
	{ "scsi-", nothing },
	{ "virtio-scsi", nothing },
	{ "nvme", nothing },
	{ "ide-", nothing },
	{ "ahci", nothing },
	{ "ich9-ahci", nothing },
	{ "pcie-root-port", nothing },
	{ "ioh3420", nothing },
	{ "pcie-pci-bridge", nothing },
	{ "qemu-xhci", nothing },
	{ "nec-usb-xhci", nothing },
	{ "usb-ehci", nothing },
	{ "ich9-usb", nothing },
	{ "piix3-usb", nothing },
	{ "usb-tablet", nothing },
	{ "usb-kbd", nothing },
	{ "usb-mouse", nothing },
	{ "virtio-keyboard", nothing },
	{ "virtio-mouse", nothing },
	{ "virtio-tablet", nothing },
	{ "virtio-balloon", nothing },
	{ "virtio-rng", nothing },
	{ "virtio-serial", nothing },
	{ "virtserialport", nothing },
	{ "ivshmem-plain", nothing },
};

static void take_device(struct job *j)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		if (!strncmp(j->value, devices[i].name, strlen(devices[i].name))) {
			devices[i].take(j);
			return;
		}
	left(j, "-device");
}

/* ---- objects, display, sound
 * ---------------------------------------------------------------------------- */

static void take_input(struct job *j)
{
	char path[VALUE_MAX], toggle[VALUE_MAX];
	struct import_section *s;

	if (!option_of(j->value, "evdev", path) || !is_plain(path)) {
		unknown(j, "-object");
		return;
	}
	s = import_new(j->m, "input");
	import_set(j->m, s, "evdev", "%s", path);
	if (option_of(j->value, "grab-toggle", toggle) && is_plain(toggle))
		import_set(j->m, s, "grab-toggle", "%s", toggle);
}

static void take_memory_file(struct job *j)
{
	char path[VALUE_MAX], size[VALUE_MAX];

	(void)option_of(j->value, "mem-path", path);
	(void)option_of(j->value, "size", size);
	if (strstr(path, "looking-glass") || strstr(path, "kvmfr")) {
		struct import_section *s = import_one(j->m, "looking-glass");

		if (!strncmp(path, "/dev/kvmfr", 10))
			import_set(j->m, s, "device", "%s", path);
		else
			import_set(j->m, s, "size", "%s", *size && is_plain(size) ? size : "64M");
	} else if (strstr(path, "huge")) {
		import_set(j->m, j->vm, "hugepages", "yes");
	} else if (!strstr(j->value, "memfd") && *path) {
		left(j, "-object");
	}
}

static void take_object(struct job *j)
{
	if (!strncmp(j->value, "input-linux", 11))
		take_input(j);
	else if (!strncmp(j->value, "memory-backend", 14))
		take_memory_file(j);
	else if (strncmp(j->value, "iothread", 8) && strncmp(j->value, "rng-random", 10))
		left(j, "-object");
}

static void take_display(struct job *j)
{
	static const char *const types[] = { "gtk", "sdl", "egl-headless", "none" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strncmp(j->value, types[i], strlen(types[i]))) {
			import_set(j->m, import_one(j->m, "display"), "type", "%s", types[i]);
			return;
		}
	left(j, "-display");
}

static void take_spice(struct job *j)
{
	import_set(j->m, import_one(j->m, "display"), "type", "spice");
	import_note(
		j->m, j->line,
		"SPICE is on a socket of the user's now: `remote-viewer spice+unix:///run/vfio-run/vm/NAME/display`");
}

static void take_nographic(struct job *j)
{
	import_set(j->m, import_one(j->m, "display"), "type", "none");
}

static void take_audiodev(struct job *j)
{
	struct import_section *s = import_one(j->m, "audio");
	const char *backend = !strncmp(j->value, "pa", 2)         ? "pulse"
			      : !strncmp(j->value, "pipewire", 8) ? "pipewire"
			      : !strncmp(j->value, "alsa", 4)     ? "alsa"
			      : !strncmp(j->value, "spice", 5)    ? "spice"
								  : "auto";

	free(s->lines);
	s->lines = NULL;
	import_set(j->m, s, "backend", "%s", backend);
}

/* ---- options
 * ---------------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	bool argument;
	void (*take)(struct job *j); /* NULL: named as not carried over */
} options[] = {
	{ "name", true, take_name },
	{ "m", true, take_memory },
	{ "smp", true, take_smp },
	{ "cpu", true, take_cpu },
	{ "machine", true, take_machine },
	{ "M", true, take_machine },
	{ "accel", true, take_accel },
	{ "enable-kvm", false, nothing },
	{ "bios", true, take_bios },
	{ "rtc", true, take_rtc },
	{ "mem-path", true, take_mem_path },
	{ "mem-prealloc", false, nothing },
	{ "smbios", true, take_smbios },
	{ "acpitable", true, take_acpi },
	{ "drive", true, take_drive },
	{ "hda", true, take_disk },
	{ "hdb", true, take_disk },
	{ "hdc", true, take_disk },
	{ "hdd", true, take_disk },
	{ "cdrom", true, take_cdrom },
	{ "netdev", true, take_netdev },
	{ "nic", true, take_netdev },
	{ "net", true, take_netdev },
	{ "device", true, take_device },
	{ "object", true, take_object },
	{ "display", true, take_display },
	{ "spice", true, take_spice },
	{ "nographic", false, take_nographic },
	{ "audiodev", true, take_audiodev },
	{ "tpmdev", true, nothing },
	{ "vga", true, nothing },
	{ "usb", false, nothing },
	{ "chardev", true, nothing },
	/* vfio-run has its own */
	{ "monitor", true, nothing },
	{ "qmp", true, nothing },
	{ "serial", true, nothing },
	{ "parallel", true, nothing },
	{ "nodefaults", false, nothing },
	{ "no-user-config", false, nothing },
	{ "sandbox", true, nothing },
	{ "pidfile", true, nothing },
	{ "daemonize", false, nothing },
	{ "runas", true, nothing },
	{ "uuid", true, nothing },
	{ "boot", true, nothing },
	{ "msg", true, nothing },
	{ "no-hpet", false, nothing },
	{ "S", false, nothing },
	{ "global", true, NULL },
	{ "fw_cfg", true, NULL },
	{ "kernel", true, NULL },
	{ "initrd", true, NULL },
	{ "append", true, NULL },
	{ "fsdev", true, NULL },
	{ "virtfs", true, NULL },
	{ "overcommit", true, NULL },
	{ "vnc", true, NULL },
	{ "k", true, nothing },
	{ "cpu-pm", true, nothing },
	{ "watchdog", true, NULL },
};

/* Return: how many words it took */
static size_t take_option(struct job *j, size_t at)
{
	const char *word = j->words->item[at].text;
	const char *name = word + 1 + (word[1] == '-');
	bool more = at + 1 < j->words->count;

	j->line = j->words->item[at].line;
	j->value = "";
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (strcmp(options[i].name, name) != 0)
			continue;
		if (options[i].argument)
			j->value = more ? j->words->item[at + 1].text : "";
		if (options[i].argument)
			j->line = more ? j->words->item[at + 1].line : j->line;
		if (options[i].take)
			options[i].take(j);
		else
			left(j, word);
		return 1 + (options[i].argument && more);
	}
	if (more && *j->words->item[at + 1].text != '-')
		j->value = j->words->item[at + 1].text;
	left(j, word);
	return 1 + (*j->value != '\0');
}

static void take_all(struct job *j)
{
	for (size_t i = 0; i < j->words->count;) {
		const char *word = j->words->item[i].text;

		if (*word == '-' && word[1]) {
			i += take_option(j, i);
			continue;
		}
		import_note(j->m, j->words->item[i].line, "%s%s", word,
			    is_plain(word) ? " is not carried over"
					   : ": not known without running the script");
		i++;
	}
}

/* What QEMU has where nothing is said, and a profile has not. */
static void add_defaults(struct job *j)
{
	if (!j->vm->lines || !strstr(j->vm->lines, "memory = "))
		import_set(j->m, j->vm, "memory", "128M");
	import_set(j->m, j->vm, "firmware", "%s", j->uefi ? "uefi" : "bios");
	if (!j->net)
		import_set(j->m, import_new(j->m, "net"), "mode", "user");
}

/**
 * import_script() - read a script that starts QEMU
 *
 * Return: 0; -EINVAL: there is no such command in it, an error was printed
 */
int import_script(struct import *m, const char *text)
{
	struct script_words *words = calloc(1, sizeof(*words));
	struct job j = { .m = m, .words = words };
	int rc = 0;

	if (!words) {
		m->failed = true;
		return 0;
	}
	script_read(text, words);
	if (words->failed)
		m->failed = true;
	else if (!words->count)
		rc = -EINVAL;
	if (!rc && !m->failed) {
		j.vm = import_one(m, "vm");
		if (words->commands > 1)
			import_note(
				m, 0,
				"%u commands of QEMU's are in it: the first that starts a VM was read",
				words->commands);
		take_all(&j);
		add_defaults(&j);
	}
	script_fini(words);
	free(words);
	if (rc)
		(void)fprintf(stderr,
			      "vfio-run: error: no command that starts QEMU was found in it\n");
	return rc;
}
