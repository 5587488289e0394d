/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines.c - formats of a line a setting: quickemu's .conf and Proxmox's
 *
 * quickemu's is shell in name: assignments are read, nothing of it is executed or expanded. Sources:
 * quickemu(1), qm.conf(5).
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/import/import.h"

struct line {
	unsigned int number;
	char *key, *value;
};

/* Cuts the next `KEY @sign VALUE` off; false: no more. Comments and empty lines are passed over. */
static bool next_line(char **rest, char sign, struct line *l)
{
	while (**rest) {
		char *line = *rest, *end = line + strcspn(line, "\n"), *at;

		*rest = *end ? end + 1 : end;
		*end = '\0';
		l->number++;
		while (isspace((unsigned char)*line))
			line++;
		while (end > line && isspace((unsigned char)end[-1]))
			*--end = '\0';
		at = strchr(line, sign);
		if (*line == '#' || !at)
			continue;
		*at++ = '\0';
		while (*at == ' ')
			at++;
		l->key = line;
		l->value = at;
		return true;
	}
	return false;
}

/* "a" and 'a' are a. */
static char *unquoted(char *value)
{
	size_t n = strlen(value);

	if (n > 1 && (*value == '"' || *value == '\'') && value[n - 1] == *value) {
		value[n - 1] = '\0';
		return value + 1;
	}
	return value;
}

/* ---- quickemu ---------------------------------------------------------------------------- */

static void set_image(struct import *m, const char *section, const char *path)
{
	import_set(m, import_new(m, section), "path", "%s", path);
	if (*path != '/')
		import_note(m, 0, "%s: the path is relative to quickemu's folder: write it from / on", path);
}

static void take_quickemu(struct import *m, struct line *l)
{
	struct import_section *vm = import_one(m, "vm");
	const char *v = unquoted(l->value);

	if (!strcmp(l->key, "disk_img"))
		set_image(m, "disk", v);
	else if (!strcmp(l->key, "iso") || !strcmp(l->key, "fixed_iso"))
		set_image(m, "cdrom", v);
	else if (!strcmp(l->key, "ram"))
		import_set(m, vm, "memory", "%s", v);
	else if (!strcmp(l->key, "cpu_cores"))
		import_set(m, vm, "cpus", "%s", v);
	else if (!strcmp(l->key, "boot"))
		import_set(m, vm, "firmware", "%s", strcmp(v, "legacy") ? "uefi" : "bios");
	else if (!strcmp(l->key, "secureboot") && !strcmp(v, "on"))
		import_note(m, l->number, "secure boot: write `firmware = uefi-secure`");
	else if (!strcmp(l->key, "tpm"))
		strcmp(v, "on") ? (void)0 : import_set(m, import_one(m, "tpm"), "version", "2.0");
	else if (!strcmp(l->key, "guest_os") && !strncmp(v, "windows", 7))
		import_set(m, vm, "hyperv", "yes"), import_set(m, vm, "rtc", "localtime");
	else if (strcmp(l->key, "guest_os") && strcmp(l->key, "disk_size"))
		import_note(m, l->number, "%s=%s is not carried over", l->key, v);
}

/** import_quickemu() - read a .conf of quickemu's; @text is cut up */
int import_quickemu(struct import *m, char *text)
{
	struct line l = { .number = 0 };

	import_set(m, import_one(m, "net"), "mode", "user");
	while (next_line(&text, '=', &l))
		take_quickemu(m, &l);
	if (!import_one(m, "vm")->lines || !strstr(import_one(m, "vm")->lines, "memory"))
		import_set(m, import_one(m, "vm"), "memory", "4G");
	return 0;
}

/* ---- Proxmox ------------------------------------------------------------------------------ */

/* "01:00,pcie=1,x-vga=1" and further: does the list of options have that word? */
static const char *option_of(const char *value, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = value; (p = strstr(p, name)); p += n)
		if ((p == value || p[-1] == ',') && p[n] == '=')
			return p + n + 1;
	return NULL;
}

static void take_hostpci(struct import *m, const struct line *l)
{
	int n = (int)strcspn(l->value, ",");
	const char *rom = option_of(l->value, "romfile");
	bool whole = !memchr(l->value, '.', (size_t)n); /* all functions of the slot: a card, most often */
	bool card = whole || option_of(l->value, "x-vga");
	struct import_section *s = import_new(m, card ? "gpu" : "pci");

	import_set(m, s, "device", "%.*s%s", n, l->value, whole ? ".0" : "");
	if (option_of(l->value, "x-vga"))
		import_set(m, s, "primary", "yes");
	if (rom)
		import_set(m, s, "rom", "/usr/share/kvm/%.*s", (int)strcspn(rom, ","), rom);
	if (whole && !option_of(l->value, "x-vga"))
		import_note(m, l->number, "%.*s: taken for a graphics card; of another device write [pci]", n, l->value);
}

static void take_volume(struct import *m, const struct line *l, const char *bus)
{
	int n = (int)strcspn(l->value, ",");
	bool cd = option_of(l->value, "media") && !strncmp(option_of(l->value, "media"), "cdrom", 5);
	struct import_section *s;

	if (!strncmp(l->value, "none", 4))
		return;
	s = import_new(m, cd ? "cdrom" : "disk");
	import_set(m, s, "path", "%.*s", n, l->value);
	if (!cd && strcmp(bus, "virtio"))
		import_set(m, s, "bus", "%s", bus);
	if (l->value[0] != '/')
		import_note(m, l->number, "%.*s: a volume of Proxmox's storage: `pvesm path %.*s` prints its path", n,
			    l->value, n, l->value);
}

static void take_net(struct import *m, const struct line *l)
{
	struct import_section *s = import_new(m, "net");
	const char *bridge = option_of(l->value, "bridge"), *mac = strchr(l->value, '=');
	int model = (int)strcspn(l->value, "=,");

	import_set(m, s, "mode", bridge ? "bridge" : "user");
	if (bridge)
		import_set(m, s, "bridge", "%.*s", (int)strcspn(bridge, ","), bridge);
	if (mac && strcspn(mac + 1, ",") == 17)
		import_set(m, s, "mac", "%.17s", mac + 1);
	if (strncmp(l->value, "virtio", 6))
		import_set(m, s, "model", "%.*s", model, l->value);
}

static void take_usb(struct import *m, const struct line *l)
{
	const char *host = option_of(l->value, "host");

	if (host)
		import_set(m, import_new(m, "usb"), "device", "%.*s", (int)strcspn(host, ","), host);
	else
		import_note(m, l->number, "%s: %s is not carried over", l->key, l->value);
}

static void take_one(struct import *m, struct line *l)
{
	static const char *const silent[] = { "name", "vmid", "boot", "bootdisk", "onboot", "ostype", "scsihw", "vmgenid",
					      "meta", "digest", "balloon", "numa", "description", "tablet", "smbios1", "efidisk0" };
	struct import_section *vm = import_one(m, "vm");

	if (!strcmp(l->key, "cpu")) {
		if (strstr(l->value, "hidden=1"))
			import_set(m, vm, "hide-hypervisor", "yes");
	} else if (!strcmp(l->key, "bios")) {
		import_set(m, vm, "firmware", "%s", strcmp(l->value, "ovmf") ? "bios" : "uefi");
	} else if (!strcmp(l->key, "machine")) {
		if (!strstr(l->value, "q35"))
			import_note(m, l->number, "the machine %s is q35 now: Windows may want to be activated again", l->value);
	} else if (!strcmp(l->key, "tpmstate0")) {
		import_set(m, import_one(m, "tpm"), "version", "2.0");
		import_note(m, l->number, "the TPM's state is not taken over");
	} else if (!strcmp(l->key, "agent")) {
		if (*l->value == '1' || strstr(l->value, "enabled=1"))
			import_set(m, vm, "guest-agent", "yes");
	} else if (!strcmp(l->key, "args")) {
		import_note(m, l->number, "args: %s: each word a line `argument =` in [qemu]", l->value);
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
			if (!strcmp(l->key, silent[i]))
				return;
		import_note(m, l->number, "%s: %s is not carried over", l->key, l->value);
	}
}

static bool is_numbered(const char *key, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(key, name, n) && isdigit((unsigned char)key[n]) && key[strspn(key + n, "0123456789") + n] == '\0';
}

/** import_proxmox() - read /etc/pve/qemu-server/ID.conf; @text is cut up, snapshots are left out */
int import_proxmox(struct import *m, char *text)
{
	struct import_section *vm = import_one(m, "vm");
	unsigned long cores = 1, sockets = 1;
	struct line l = { .number = 0 };
	char *snapshots = strstr(text, "\n[");

	if (snapshots)
		snapshots[1] = '\0';
	while (next_line(&text, ':', &l)) {
		if (!strcmp(l.key, "cores"))
			cores = strtoul(l.value, NULL, 10);
		else if (!strcmp(l.key, "sockets"))
			sockets = strtoul(l.value, NULL, 10);
		else if (!strcmp(l.key, "memory"))
			import_set(m, vm, "memory", "%sM", l.value);
		else if (is_numbered(l.key, "hostpci"))
			take_hostpci(m, &l);
		else if (is_numbered(l.key, "virtio") || is_numbered(l.key, "scsi") || is_numbered(l.key, "sata"))
			take_volume(m, &l, *l.key == 'v' ? "virtio" : l.key[1] == 'c' ? "scsi" : "sata");
		else if (is_numbered(l.key, "ide"))
			take_volume(m, &l, "sata");
		else if (is_numbered(l.key, "net"))
			take_net(m, &l);
		else if (is_numbered(l.key, "usb"))
			take_usb(m, &l);
		else
			take_one(m, &l);
	}
	import_set(m, vm, "cpus", "%lu", cores * sockets);
	if (sockets > 1)
		import_set(m, vm, "sockets", "%lu", sockets);
	return 0;
}
