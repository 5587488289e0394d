/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proxmox.c - /etc/pve/qemu-server/ID.conf to a profile
 *
 * Source: qm.conf(5). What is said of backups, replication and the cluster says nothing of the machine.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/pci-address.h"
#include "launcher/import/lines.h"

#define VALUE_MAX 512

struct job {
	struct import *m;
	struct import_section *vm;
	unsigned long cores, sockets;
	const char *order; /* of starting: "scsi0;net0"; NULL: not said */
	bool secure, ovmf, windows, clock, machine, scsi, scsi_other;
	struct {
		char key[16];
		struct import_section *s;
	} device[IMPORT_SECTIONS_MAX]; /* by which @order names them */
	size_t count;
	struct pci_address card[IMPORT_SECTIONS_MAX]; /* what becomes a [gpu] */
	size_t card_count;
};

/* "b" of "a,name=b,c"; the first part, too, when it has that name. Return: is it there? */
static bool option_of(const char *value, const char *name, char buf[VALUE_MAX])
{
	size_t n = strlen(name);

	*buf = '\0';
	for (const char *p = value; n && (p = strstr(p, name)); p += n)
		if ((p == value || p[-1] == ',') && p[n] == '=') {
			(void)snprintf(buf, VALUE_MAX, "%.*s", (int)strcspn(p + n + 1, ","), p + n + 1);
			return true;
		}
	return false;
}

/* The first part, which may have a name: "host=046d:c52b,usb3=1" and "046d:c52b". */
static void first_of(const char *value, const char *name, char buf[VALUE_MAX])
{
	if (!option_of(value, name, buf))
		(void)snprintf(buf, VALUE_MAX, "%.*s", (int)strcspn(value, ","), value);
}

static bool is_option(const char *value, const char *name, const char *text)
{
	char buf[VALUE_MAX];

	return option_of(value, name, buf) && !strcmp(buf, text);
}

static bool is_numbered(const char *key, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(key, name, n) && isdigit((unsigned char)key[n]) && key[strspn(key + n, "0123456789") + n] == '\0';
}

static void left(struct job *j, const struct line *l)
{
	import_note(j->m, l->number, "%s: %s is not carried over", l->key, l->value);
}

/* Options that have a key of the same meaning. */
static void copy(struct job *j, struct import_section *s, const struct line *l, const char *option, const char *key)
{
	char buf[VALUE_MAX];

	if (option_of(l->value, option, buf))
		import_set(j->m, s, key, "%s", buf);
}

static void note_options(struct job *j, const struct line *l, const char *const *names)
{
	char buf[VALUE_MAX];

	for (; *names; names++)
		if (option_of(l->value, *names, buf) && strcmp(buf, "0"))
			import_note(j->m, l->number, "%s of %s is not carried over: %s", *names, l->key, buf);
}

static void remember(struct job *j, const struct line *l, struct import_section *s)
{
	if (j->count == IMPORT_SECTIONS_MAX)
		return;
	(void)snprintf(j->device[j->count].key, sizeof(j->device[j->count].key), "%s", l->key);
	j->device[j->count++].s = s;
}

/* ---- devices ------------------------------------------------------------------------------------- */

/* Ids that the guest sees: "0x10de" and "0x1f91" are 10de:1f91. */
static void set_ids(struct job *j, struct import_section *s, const struct line *l, const char *vendor, const char *device,
		    const char *key)
{
	char v[VALUE_MAX], d[VALUE_MAX];
	unsigned long long vn, dn;

	(void)option_of(l->value, vendor, v);
	(void)option_of(l->value, device, d);
	if (import_number(v, 16, 0xffff, &vn) && import_number(d, 16, 0xffff, &dn))
		import_set(j->m, s, key, "%04llx:%04llx", vn, dn);
	else if (*v && *d)
		import_note(j->m, l->number, "%s:%s is no id: `%s` has two numbers, in hexadecimal", v, d, key);
	else if (*v || *d)
		import_note(j->m, l->number, "one half of an id (%s%s): `%s` has both", v, d, key);
}

static void set_card(struct job *j, struct import_section *s, const struct line *l, bool known)
{
	char buf[VALUE_MAX];

	if (is_option(l->value, "x-vga", "1"))
		import_set(j->m, s, "primary", "yes");
	else if (!known)
		import_note(j->m, l->number, "%s: taken for a graphics card; of another device write [pci]", l->key);
	if (is_option(l->value, "rombar", "0"))
		import_set(j->m, s, "rom", "off");
	if (option_of(l->value, "romfile", buf))
		import_set(j->m, s, "rom", "%s%s", *buf == '/' ? "" : "/usr/share/kvm/", buf);
}

/* "0a:00" is the whole slot, "0a:00.1" one function of it. Return: is it an address? */
static bool host_address(const char *word, struct pci_address *a, bool *whole)
{
	char full[VALUE_MAX];

	*whole = !strchr(word, '.');
	(void)snprintf(full, sizeof(full), "%s%s", word, *whole ? ".0" : "");
	return pci_address_parse(full, a);
}

/* What the machine says of it counts; then what a line says that only a graphics card can have. */
static bool is_taken_for_card(const struct line *l, const struct pci_address *a, bool whole)
{
	char text[PCI_ADDRESS_TEXT];

	(void)pci_address_format(a, text);
	if (import_is_card(text))
		return true;
	return !import_is_other(text) && (whole || (!a->function && is_option(l->value, "x-vga", "1")));
}

/* Is it a function of a card that another word names? That one's [gpu] takes all of them. */
static bool is_of_card(const struct job *j, const struct pci_address *a)
{
	for (size_t i = 0; i < j->card_count; i++)
		if (pci_address_same_slot(&j->card[i], a) && j->card[i].function < a->function)
			return true;
	return false;
}

static void take_host_device(struct job *j, const struct line *l, const char *address)
{
	char text[PCI_ADDRESS_TEXT];
	struct import_section *s;
	struct pci_address a;
	bool whole, card;

	if (!host_address(address, &a, &whole)) {
		import_note(j->m, l->number, "%s: %s is no address: write the device in a [pci] or [gpu]", l->key, address);
		return;
	}
	card = is_taken_for_card(l, &a, whole);
	if (is_of_card(j, &a))
		return;
	(void)pci_address_format(&a, text);
	s = import_new(j->m, card ? "gpu" : "pci");
	import_set(j->m, s, "device", "%s", text);
	if (whole && !card)
		import_set(j->m, s, "group", "slot");
	if (card)
		set_card(j, s, l, import_is_card(text));
	set_ids(j, s, l, "vendor-id", "device-id", "show-id");
	set_ids(j, s, l, "sub-vendor-id", "sub-device-id", "subsystem-id");
	remember(j, l, s);
}

/* The words of a hostpci line: addresses, none where a mapping has them. Return: @buf, cut up by strtok_r() */
static char *host_words(const struct line *l, char buf[VALUE_MAX])
{
	if (option_of(l->value, "mapping", buf) || option_of(l->value, "mdev", buf))
		*buf = '\0';
	else
		first_of(l->value, "host", buf);
	return buf;
}

static void take_hostpci(struct job *j, const struct line *l)
{
	static const char *const told[] = { "legacy-igd", NULL };
	char buf[VALUE_MAX], *save = NULL;

	note_options(j, l, told);
	if (option_of(l->value, "mapping", buf) || option_of(l->value, "mdev", buf)) {
		import_note(j->m, l->number, "%s: %s is not carried over: write the device itself, `device = ADDRESS`, in a [gpu] or "
			    "[pci]", l->key, l->value);
		return;
	}
	for (char *w = strtok_r(host_words(l, buf), ";", &save); w; w = strtok_r(NULL, ";", &save))
		take_host_device(j, l, w);
}

/* A card's functions may stand in any order, and in several lines: which are cards is known first. */
static void find_cards(struct job *j, const char *all)
{
	cleanup_free char *text = strdup(all);
	char *rest = text, buf[VALUE_MAX], *save;
	struct line l = { .number = 0 };
	struct pci_address a;
	bool whole;

	while (rest && lines_next(&rest, ':', &l)) {
		if (!is_numbered(l.key, "hostpci"))
			continue;
		save = NULL;
		for (char *w = strtok_r(host_words(&l, buf), ";", &save); w; w = strtok_r(NULL, ";", &save))
			if (j->card_count < ARRAY_SIZE(j->card) && host_address(w, &a, &whole) &&
			    is_taken_for_card(&l, &a, whole))
				j->card[j->card_count++] = a;
	}
}

static void set_disk(struct job *j, struct import_section *s, const struct line *l, const char *bus)
{
	static const char *const told[] = { "mbps", "mbps_rd", "mbps_wr", "iops", "iops_rd", "iops_wr", "wwn", NULL };
	char buf[VALUE_MAX];

	if (strcmp(bus, "virtio"))
		import_set(j->m, s, "bus", "%s", bus);
	if (option_of(l->value, "format", buf) && (!strcmp(buf, "raw") || !strcmp(buf, "qcow2")))
		import_set(j->m, s, "format", "%s", buf);
	else if (*buf)
		import_note(j->m, l->number, "%s: an image of the format %s: convert it with qemu-img", l->key, buf);
	copy(j, s, l, "cache", "cache");
	if (option_of(l->value, "serial", buf))
		import_serial(j->m, s, l->number, buf);
	if (option_of(l->value, "aio", buf) && strcmp(buf, "io_uring"))
		import_set(j->m, s, "aio", "%s", buf);
	if (is_option(l->value, "discard", "ignore"))
		import_set(j->m, s, "discard", "ignore");
	if (is_option(l->value, "ssd", "1") && strcmp(bus, "virtio"))
		import_set(j->m, s, "ssd", "yes");
	if (is_option(l->value, "ro", "1"))
		import_set(j->m, s, "readonly", "yes");
	if (is_option(l->value, "snapshot", "1"))
		import_set(j->m, s, "temporary", "yes");
	j->scsi |= !strcmp(bus, "scsi");
	note_options(j, l, told);
}

static void take_volume(struct job *j, const struct line *l)
{
	const char *bus = *l->key == 'v' ? "virtio" : !strncmp(l->key, "scsi", 4) ? "scsi" : "sata";
	bool cd = is_option(l->value, "media", "cdrom");
	struct import_section *s;
	char path[VALUE_MAX];

	first_of(l->value, "file", path);
	if (!strcmp(path, "none"))
		return;
	if (!strcmp(path, "cdrom")) {
		import_note(j->m, l->number, "%s: the host's own CD drive is not carried over", l->key);
		return;
	}
	s = import_new(j->m, cd ? "cdrom" : "disk");
	import_set(j->m, s, "path", "%s", path);
	if (!cd)
		set_disk(j, s, l, bus);
	if (*path != '/')
		import_note(j->m, l->number, "%s: a volume of Proxmox's storage: `pvesm path %s` prints its path", path, path);
	remember(j, l, s);
}

static void take_net(struct job *j, const struct line *l)
{
	static const char *const models[] = { "virtio", "e1000", "e1000e", "e1000-82545em", "vmxnet3", "rtl8139", NULL };
	static const char *const told[] = { "tag", "trunks", "rate", "link_down", "mtu", NULL };
	struct import_section *s = import_new(j->m, "net");
	char bridge[VALUE_MAX], model[VALUE_MAX], mac[VALUE_MAX];

	first_of(l->value, "model", model);
	model[strcspn(model, "=")] = '\0';
	if (!option_of(l->value, "macaddr", mac))
		(void)option_of(l->value, model, mac);
	import_set(j->m, s, "mode", option_of(l->value, "bridge", bridge) ? "bridge" : "user");
	if (*bridge)
		import_set(j->m, s, "bridge", "%s", bridge);
	if (*mac)
		import_set(j->m, s, "mac", "%s", mac);
	if (!lines_is_one_of(model, models))
		import_note(j->m, l->number, "a network card of the kind %s is virtio now", model);
	else if (strcmp(model, "virtio"))
		import_set(j->m, s, "model", "%s", model);
	else if (*bridge)
		copy(j, s, l, "queues", "queues");
	note_options(j, l, told);
}

/* "0x046d:0xc52b" and "046d:c52b" are the same. */
static bool usb_id(const char *text, unsigned long *vendor, unsigned long *product)
{
	char *end;

	if (!isxdigit((unsigned char)*text))
		return false;
	*vendor = strtoul(text, &end, 16);
	if (*end != ':' || !isxdigit((unsigned char)end[1]))
		return false;
	*product = strtoul(end + 1, &end, 16);
	return !*end && *vendor <= 0xffff && *product <= 0xffff;
}

static void take_usb(struct job *j, const struct line *l)
{
	unsigned long vendor, product;
	char host[VALUE_MAX];

	first_of(l->value, "host", host);
	if (usb_id(host, &vendor, &product))
		import_set(j->m, import_new(j->m, "usb"), "device", "%04lx:%04lx", vendor, product);
	else if (isdigit((unsigned char)*host) && strchr(host, '-') && !host[strspn(host, "0123456789.-")])
		import_set(j->m, import_new(j->m, "usb"), "device", "%s", host);
	else
		left(j, l);
}

/* ---- the machine --------------------------------------------------------------------------------- */

/* "host,hidden=1,flags=+pcid;-svm" */
static void take_cpu(struct job *j, const struct line *l)
{
	static const char *const told[] = { "phys-bits", "guest-phys-bits", "hv-vendor-id", NULL };
	char type[VALUE_MAX], flags[VALUE_MAX], list[VALUE_MAX + 2] = "", *save = NULL;
	size_t used = 0;
	bool generic;

	first_of(l->value, "cputype", type);
	generic = strchr(type, '=') || !strncmp(type, "x86-64-", 7) || !strncmp(type, "kvm", 3) || !strncmp(type, "qemu", 4) ||
		  !strncmp(type, "custom-", 7) || !strcmp(type, "max");
	if (generic)
		import_note(j->m, l->number, "the processor %s is the host's own now", type);
	(void)option_of(l->value, "flags", flags);
	for (char *w = strtok_r(flags, ";", &save); w; w = strtok_r(NULL, ";", &save))
		if (strncmp(w, "+hv-", 4) && used < sizeof(list)) /* they were in @flags: there is room */
			used += (size_t)snprintf(list + used, sizeof(list) - used, ",%s", w);
	if (strcmp(type, "host") || *list)
		import_set(j->m, j->vm, "cpu", "%s%s", generic ? "host" : type, list);
	if (is_option(l->value, "hidden", "1"))
		import_set(j->m, j->vm, "hide-hypervisor", "yes");
	note_options(j, l, told);
}

static void take_bios(struct job *j, const struct line *l)
{
	j->ovmf = !strcmp(l->value, "ovmf");
}

static void take_efidisk(struct job *j, const struct line *l)
{
	j->secure = is_option(l->value, "pre-enrolled-keys", "1");
	import_note(j->m, l->number, "the UEFI variables begin anew: the firmware looks for what it can start");
}

static void take_machine(struct job *j, const struct line *l)
{
	static const char *const told[] = { "viommu", NULL };

	note_options(j, l, told);
	if (!strstr(l->value, "q35"))
		import_note(j->m, l->number, "the machine %s is q35 now: Windows may want to be activated again", l->value);
	j->machine = true;
}

static void take_tpm(struct job *j, const struct line *l)
{
	import_set(j->m, import_one(j->m, "tpm"), "version", "2.0");
	import_note(j->m, l->number, "the TPM's state is not taken over: what was sealed with it (BitLocker) asks for its "
		    "recovery key");
}

static void take_agent(struct job *j, const struct line *l)
{
	if (*l->value == '1' || is_option(l->value, "enabled", "1"))
		import_set(j->m, j->vm, "guest-agent", "yes");
}

static void take_hugepages(struct job *j, const struct line *l)
{
	import_set(j->m, j->vm, "hugepages", "%s", !strcmp(l->value, "1024") ? "1G" : !strcmp(l->value, "2") ? "2M" : "yes");
}

static void take_memory(struct job *j, const struct line *l)
{
	char buf[VALUE_MAX];

	unsigned long long mib;

	first_of(l->value, "current", buf);
	if (import_number(buf, 10, 1ull << 40, &mib) && mib)
		import_size(j->m, j->vm, "memory", mib << 20);
	else
		import_note(j->m, l->number, "memory: %s is no number of MiB: it is 512 here, which is Proxmox's default", l->value);
}

static void take_localtime(struct job *j, const struct line *l)
{
	import_set(j->m, j->vm, "rtc", *l->value == '1' ? "localtime" : "utc");
	j->clock = true;
}

static void take_ostype(struct job *j, const struct line *l)
{
	/* Of these Proxmox hides no clock, and has the Hyper-V flags; source: PVE::QemuServer, windows_version() */
	static const char *const windows[] = { "wxp", "w2k", "w2k3", "w2k8", "wvista", NULL };

	j->windows = !strncmp(l->value, "win", 3) || lines_is_one_of(l->value, windows);
}

static void take_vga(struct job *j, const struct line *l)
{
	static const char *const same[] = { "none", "std", "qxl", "virtio", NULL };
	char type[VALUE_MAX];

	first_of(l->value, "type", type);
	if (lines_is_one_of(type, same))
		import_set(j->m, import_one(j->m, "display"), "video", "%s", type);
	else
		left(j, l);
	if (!strcmp(type, "none"))
		import_set(j->m, import_one(j->m, "display"), "type", "none");
}

static void take_audio(struct job *j, const struct line *l)
{
	struct import_section *s = import_one(j->m, "audio");

	import_set(j->m, s, "card", is_option(l->value, "device", "AC97") ? "ac97" : "hda");
	if (is_option(l->value, "driver", "none"))
		import_set(j->m, s, "backend", "none");
}

static void take_smbios(struct job *j, const struct line *l)
{
	static const char *const fields[] = { "manufacturer", "product", "version", "serial", "sku", "family" };
	char buf[VALUE_MAX];

	if (option_of(l->value, "uuid", buf))
		import_add(j->m, j->vm, "smbios-string", "type=1,uuid=%s", buf);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!option_of(l->value, fields[i], buf))
			continue;
		if (is_option(l->value, "base64", "1"))
			import_note(j->m, l->number, "smbios1: %s is encoded: `echo %s | base64 -d`, for `smbios-string = type=1,%s=...`",
				    fields[i], buf, fields[i]);
		else
			import_add(j->m, j->vm, "smbios-string", "type=1,%s=%s", fields[i], buf);
	}
}

static void take_scsihw(struct job *j, const struct line *l)
{
	j->scsi_other = strncmp(l->value, "virtio", 6) != 0;
}

static void take_boot(struct job *j, const struct line *l)
{
	if (!strncmp(l->value, "order=", 6))
		j->order = l->value + 6;
}

static void take_args(struct job *j, const struct line *l)
{
	import_argument_text(j->m, l->value, l->number);
}

static void take_affinity(struct job *j, const struct line *l)
{
	import_set(j->m, j->vm, "affinity", "%s", l->value);
}

static void set_count(struct job *j, const struct line *l, unsigned long *count)
{
	unsigned long long n;

	if (import_number(l->value, 10, 4096, &n) && n)
		*count = (unsigned long)n;
	else
		left(j, l);
}

static void take_arch(struct job *j, const struct line *l)
{
	if (strcmp(l->value, "x86_64") != 0 && !j->m->refused)
		j->m->refused = import_refuse(j->m, l->number,
					      "a machine of the kind %s: the guest of an x86-64 host is one of x86_64", l->value);
}

static void take_cores(struct job *j, const struct line *l)
{
	set_count(j, l, &j->cores);
}

static void take_sockets(struct job *j, const struct line *l)
{
	set_count(j, l, &j->sockets);
}

static void take_name(struct job *j, const struct line *l)
{
	import_note(j->m, 0, "the VM is called as the profile's file: it was %s", l->value);
}

static void nothing(struct job *j, const struct line *l)
{
	(void)j, (void)l;
}

static const struct {
	const char *name;
	bool numbered; /* "net0" */
	void (*take)(struct job *j, const struct line *l);
} rows[] = {
	{ "hostpci", true, take_hostpci },
	{ "virtio", true, take_volume },
	{ "scsi", true, take_volume },
	{ "sata", true, take_volume },
	{ "ide", true, take_volume },
	{ "net", true, take_net },
	{ "usb", true, take_usb },
	{ "audio", true, take_audio },
	{ "efidisk", true, take_efidisk },
	{ "tpmstate", true, take_tpm },
	{ "unused", true, nothing },
	{ "arch", false, take_arch },
	{ "memory", false, take_memory },
	{ "cores", false, take_cores },
	{ "sockets", false, take_sockets },
	{ "cpu", false, take_cpu },
	{ "bios", false, take_bios },
	{ "machine", false, take_machine },
	{ "agent", false, take_agent },
	{ "affinity", false, take_affinity },
	{ "hugepages", false, take_hugepages },
	{ "localtime", false, take_localtime },
	{ "ostype", false, take_ostype },
	{ "vga", false, take_vga },
	{ "smbios1", false, take_smbios },
	{ "scsihw", false, take_scsihw },
	{ "boot", false, take_boot },
	{ "args", false, take_args },
	{ "name", false, take_name },
	/* of the cluster, or by itself here */
	{ "vmid", false, nothing },
	{ "bootdisk", false, nothing },
	{ "onboot", false, nothing },
	{ "vmgenid", false, nothing },
	{ "meta", false, nothing },
	{ "digest", false, nothing },
	{ "balloon", false, nothing },
	{ "numa", false, nothing },
	{ "description", false, nothing },
	{ "tablet", false, nothing },
	{ "tags", false, nothing },
	{ "parent", false, nothing },
	{ "startup", false, nothing },
	{ "protection", false, nothing },
	{ "template", false, nothing },
	{ "lock", false, nothing },
	{ "hotplug", false, nothing },
	{ "keephugepages", false, nothing },
};

static void take_one(struct job *j, const struct line *l)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].numbered ? is_numbered(l->key, rows[i].name) : !strcmp(l->key, rows[i].name)) {
			rows[i].take(j, l);
			return;
		}
	left(j, l);
}

/* What Proxmox does where nothing is said, or for the guest's system. */
static void add_defaults(struct job *j)
{
	import_set(j->m, j->vm, "cpus", "%lu", j->cores * j->sockets);
	if (j->sockets > 1)
		import_set(j->m, j->vm, "sockets", "%lu", j->sockets);
	import_set(j->m, j->vm, "firmware", "%s", !j->ovmf ? "bios" : j->secure ? "uefi-secure" : "uefi");
	if (!import_has(j->vm, "memory"))
		import_set(j->m, j->vm, "memory", "512M");
	if (j->windows) {
		import_set(j->m, j->vm, "hyperv", "yes");
		if (!j->clock)
			import_set(j->m, j->vm, "rtc", "localtime");
	}
	if (!j->machine)
		import_note(j->m, 0, "the machine is q35 now, and was i440FX: the guest finds its devices in other places, and "
			    "Windows may want to be activated again");
	if (j->scsi && j->scsi_other)
		import_note(j->m, 0, "the SCSI controller is virtio's now (virtio-scsi): the guest needs its driver");
}

/* "scsi0;ide2;net0": the network is none of them here. */
static void set_order(struct job *j)
{
	cleanup_free char *order = j->order ? strdup(j->order) : NULL;
	unsigned int n = 0;
	char *save = NULL;

	for (char *w = order ? strtok_r(order, ";,", &save) : NULL; w; w = strtok_r(NULL, ";,", &save))
		for (size_t i = 0; i < j->count; i++)
			if (!strcmp(j->device[i].key, w)) {
				import_set(j->m, j->device[i].s, "boot-index", "%u", ++n);
				break;
			}
}

/** import_proxmox() - read /etc/pve/qemu-server/ID.conf; @text is cut up, snapshots are left out */
int import_proxmox(struct import *m, char *text)
{
	struct job j = { .m = m, .vm = import_one(m, "vm"), .cores = 1, .sockets = 1, .scsi_other = true };
	struct line l = { .number = 0 };
	char *snapshots = strstr(text, "\n[");

	if (snapshots) {
		unsigned int line = 2;

		for (const char *p = text; p < snapshots; p++)
			line += *p == '\n';
		import_note(m, line, "snapshots are not carried over, from here on");
		snapshots[1] = '\0';
	}
	find_cards(&j, text);
	while (lines_next(&text, ':', &l)) {
		m->at = l.number;
		take_one(&j, &l);
	}
	m->at = 0;
	add_defaults(&j);
	set_order(&j);
	return m->refused ? -EINVAL : 0;
}
