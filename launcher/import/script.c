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

#include "launcher/base/log.h"
#include "launcher/base/pci-address.h"
#include "launcher/import/import.h"
#include "launcher/import/script-job.h"

/* ---- values
 * ------------------------------------------------------------------------------------------ */

/** script_option() - "a=b" of "x,a=b,c": into @buf, ",," being a comma. Return: is it there? */
bool script_option(const char *value, const char *name, char buf[VALUE_MAX])
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
	if (script_option(value, name, buf))
		return buf;
	(void)snprintf(buf, VALUE_MAX, "%.*s", (int)strcspn(value, ","), value);
	return strchr(buf, '=') ? "" : buf;
}

/** script_is_on() - is it switched on? */
bool script_is_on(const char *value, const char *name)
{
	char buf[VALUE_MAX];

	return script_option(value, name, buf) &&
	       (!strcmp(buf, "on") || !strcmp(buf, "yes") || !strcmp(buf, "true"));
}

/** script_is_plain() - is it known without running the script? */
bool script_is_plain(const char *value)
{
	return !strpbrk(value, "$`");
}

/** script_left() - an option that has no key: an argument beside other formats, else told */
void script_left(struct job *j, const char *what)
{
	struct import_section *qemu = j->only_arguments && script_is_plain(j->value) ? import_one(j->m, "qemu") : NULL;

	if (qemu) {
		import_note(j->m, j->line, "%s%s%s is passed on as it is: see whether a key does the same", what,
			    *j->written ? " " : "", j->written);
		import_add(j->m, qemu, "argument", "%s", what);
		if (*j->written)
			import_add(j->m, qemu, "argument", "%s", j->written);
		return;
	}
	import_note(j->m, j->line, "%s%s%s is not carried over", what, *j->value ? " " : "",
		    j->value);
}

static void unknown(struct job *j, const char *what)
{
	import_note(j->m, j->line, "%s: %s: not known without running the script", what, j->value);
}

/** script_who_has() - the value of the option @name that has @key=@id, such as a -device of a drive. NULL: none */
const char *script_who_has(const struct job *j, const char *name, const char *key, const char *id)
{
	char buf[VALUE_MAX];

	for (size_t i = 0; i + 1 < j->words->count; i++)
		if (!strcmp(j->words->item[i].text, name) &&
		    script_option(j->words->item[i + 1].text, key, buf) && !strcmp(buf, id))
			return j->words->item[i + 1].text;
	return NULL;
}

/* ---- the machine
 * -------------------------------------------------------------------------------------- */

/* What could be plugged in while the guest runs. */
static void note_more(struct job *j, const char *option, const char *name)
{
	char buf[VALUE_MAX];

	if (script_option(j->value, name, buf))
		import_note(j->m, j->line, "%s of %s is not carried over: %s", name, option, buf);
}

static void take_memory(struct job *j)
{
	char buf[VALUE_MAX];
	unsigned long long bytes;

	j->no_memory = !import_parse_size(first_of(j->value, "size", buf), 20, &bytes);
	if (j->no_memory)
		unknown(j, "-m");
	else
		import_size(j->m, j->vm, "memory", bytes);
	note_more(j, "-m", "maxmem");
}

/* Return: 0: it is none, or is not known */
static unsigned long number_of(const char *text)
{
	return text[strspn(text, "0123456789")] ? 0 : strtoul(text, NULL, 10);
}

static void take_smp(struct job *j)
{
	static const char *const names[] = { "threads", "dies", "sockets" };
	char buf[VALUE_MAX];
	unsigned long all = number_of(first_of(j->value, "cpus", buf)), product = 1;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (script_option(j->value, names[i], buf) && number_of(buf) > 1) {
			import_set(j->m, j->vm, names[i], "%lu", number_of(buf));
			product *= number_of(buf);
		}
	if (!all && script_option(j->value, "cores", buf))
		all = product * number_of(buf);
	if (all)
		import_set(j->m, j->vm, "cpus", "%lu", all);
	else
		unknown(j, "-smp");
	if (!script_option(j->value, "maxcpus", buf) || number_of(buf) != all)
		note_more(j, "-smp", "maxcpus");
}

/* The flags that have a key of their own are taken out of the list. */
static void take_cpu(struct job *j)
{
	char rest[VALUE_MAX] = "", copy[VALUE_MAX], *save = NULL;
	bool hyperv = false, hide = false;
	size_t used = 0;

	(void)snprintf(copy, sizeof(copy), "%s", j->value);
	for (const char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		/* who names itself otherwise wants not to be seen */
		hide |= !strncmp(w, "hv_vendor_id=", 13) || !strncmp(w, "hv-vendor-id=", 13);
		if (!strncmp(w, "hv_", 3) || !strncmp(w, "hv-", 3) || !strncmp(w, "+hv", 3))
			hyperv = true;
		else if (!strcmp(w, "kvm=off"))
			hide = true;
		else if (used < sizeof(rest))
			used += (size_t)snprintf(rest + used, sizeof(rest) - used, "%s%s",
						 used ? "," : "", w);
	}
	if (strpbrk(rest, " \t\n"))
		unknown(j, "-cpu");
	else if (*rest && (strcmp(rest, "host") || import_has(j->vm, "cpu")))
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
	if (script_option(j->value, "accel", accel) && !strncmp(accel, "tcg", 3))
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
		script_left(j, "-bios");
}

static void take_rtc(struct job *j)
{
	char buf[VALUE_MAX];

	if (script_option(j->value, "base", buf) && !strcmp(buf, "localtime"))
		import_set(j->m, j->vm, "rtc", "localtime");
	else if (*buf && strcmp(buf, "utc") != 0)
		import_note(j->m, j->line, "a clock that begins at %s is UTC's now: `rtc = localtime` is the host's zone", buf);
}

/* /dev/hugepages1G, /sys/kernel/mm/hugepages/hugepages-1048576kB: their mount points have the size in their names */
static void set_hugepages(struct job *j, const char *path)
{
	bool large = strstr(path, "1G") || strstr(path, "1048576"), small = strstr(path, "2M") || strstr(path, "2048");

	import_set(j->m, j->vm, "hugepages", "%s", large ? "1G" : small ? "2M" : "yes");
}

static void take_mem_path(struct job *j)
{
	if (strstr(j->value, "huge"))
		set_hugepages(j, j->value);
	else
		script_left(j, "-mem-path");
}

static void take_smbios(struct job *j)
{
	if (!strncmp(j->value, "type=", 5) && script_is_plain(j->value))
		import_add(j->m, j->vm, "smbios-string", "%s", j->value);
	else
		script_left(j, "-smbios");
}

static void take_uuid(struct job *j)
{
	if (script_is_plain(j->value) && !strchr(j->value, ','))
		import_add(j->m, j->vm, "smbios-string", "type=1,uuid=%s", j->value);
	else
		unknown(j, "-uuid");
}

static void take_localtime(struct job *j)
{
	import_set(j->m, j->vm, "rtc", "localtime");
}

/* Of pflash of the older form: system management mode is what Secure Boot rests on. */
static void take_global(struct job *j)
{
	if (strstr(j->value, "cfi.pflash01") && strstr(j->value, "secure") && strstr(j->value, "on"))
		j->secure = true;
	else
		script_left(j, "-global");
}

static void take_acpi(struct job *j)
{
	char buf[VALUE_MAX];

	if (script_option(j->value, "file", buf) && script_is_plain(buf))
		import_add(j->m, j->vm, "acpi-table", "%s", buf);
	else
		script_left(j, "-acpitable");
}

/* ---- network
 * ------------------------------------------------------------------------------------------ */

/* "tcp::2222-:22", "tcp:127.0.0.1:2222-10.0.2.15:22" */
static void take_forward(struct job *j, struct import_section *s, const char *text)
{
	const char *dash = strchr(text, '-'), *host = dash, *guest = strrchr(text, ':');
	bool udp = !strncmp(text, "udp", 3);
	char port[VALUE_MAX];

	while (host && host > text && host[-1] != ':')
		host--;
	if (dash && guest > dash && script_is_plain(text)) {
		(void)snprintf(port, sizeof(port), "%.*s", (int)(dash - host), host);
		import_forward(j->m, s, j->line, udp ? "udp" : "tcp", port, guest + 1);
	} else {
		import_note(j->m, j->line, "the forward %s is not carried over", text);
	}
}

static void take_forwards(struct job *j, struct import_section *s)
{
	for (const char *at = j->value; (at = strstr(at, "hostfwd=")); at += 8) {
		char one[VALUE_MAX];

		(void)script_option(at, "hostfwd", one);
		take_forward(j, s, one);
	}
}

/* Of a network that QEMU makes itself, which a profile has in another way. */
static void note_network(struct job *j)
{
	char buf[VALUE_MAX];

	if (script_option(j->value, "smb", buf))
		import_note(j->m, j->line, "smb=%s: a folder is given by [share]", buf);
	if (script_is_on(j->value, "restrict"))
		import_note(j->m, j->line, "restrict=on: the guest reaches the network here");
}

static void put_card(struct job *j, struct import_section *s, const char *device)
{
	static const char *const models[] = { "e1000e", "e1000-82545em", "e1000", "vmxnet3",
					      "rtl8139" };
	char mac[VALUE_MAX], model[VALUE_MAX];

	if ((script_option(device, "mac", mac) || script_option(device, "macaddr", mac)) && script_is_plain(mac))
		import_set(j->m, s, "mac", "%s", mac);
	if (!script_option(device, "model", model))
		(void)snprintf(model, sizeof(model), "%.*s", (int)strcspn(device, ","), device);
	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (!strncmp(model, models[i], strlen(models[i]))) {
			import_set(j->m, s, "model", "%s", models[i]);
			return;
		}
}

static void take_netdev(struct job *j)
{
	char id[VALUE_MAX], name[VALUE_MAX];
	const char *device =
		script_option(j->value, "id", id) ? script_who_has(j, "-device", "netdev", id) : NULL;
	struct import_section *s;

	j->net = true;
	if (!strcmp(j->value, "none")) {
		import_set(j->m, import_new(j->m, "net"), "mode", "none");
		return;
	}
	if (!strncmp(j->value, "nic", 3)) { /* -net nic: its other half has the mode */
		if (strchr(j->value, '='))
			script_left(j, "-net");
		return;
	}
	s = import_new(j->m, "net");
	if (!strncmp(j->value, "bridge", 6)) {
		import_set(j->m, s, "mode", "bridge");
		import_set(j->m, s, "bridge", "%s", script_option(j->value, "br", name) ? name : "br0");
	} else if (!strncmp(j->value, "tap", 3) && script_option(j->value, "ifname", name) &&
		   script_is_plain(name)) {
		import_set(j->m, s, "mode", "tap");
		import_set(j->m, s, "tap", "%s", name);
	} else {
		import_set(j->m, s, "mode", "user");
		if (strncmp(j->value, "user", 4))
			import_note(j->m, j->line, "the network %s is mode = user now", j->value);
		take_forwards(j, s);
		note_network(j);
	}
	put_card(j, s, device ? device : j->value);
	if (script_option(j->value, "queues", name) && !import_has(s, "model") && import_has(s, "tap"))
		import_set(j->m, s, "queues", "%s", name);
}

/* ---- devices
 * ------------------------------------------------------------------------------------------ */

/* The machine knows, if it is this one. */
static bool looks_like_card(const char *device, const char *address, bool sisters)
{
	if (import_is_card(address) || import_is_other(address))
		return import_is_card(address);
	return sisters || script_is_on(device, "x-vga") || strstr(device, "romfile=") ||
	       script_is_on(device, "multifunction");
}

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
		    strncmp(text, "vfio-pci", 8) != 0 || !script_option(text, "host", host) ||
		    !pci_address_parse(host, &other) || other.function)
			continue;
		if (pci_address_same_slot(a, &other))
			return looks_like_card(text, pci_address_format(&other, name), true);
	}
	return false;
}

/* Is there another one of this slot? */
static bool has_sister(const struct job *j, const struct pci_address *a)
{
	struct pci_address other;
	char host[VALUE_MAX];

	for (size_t i = 0; i + 1 < j->words->count; i++)
		if (!strcmp(j->words->item[i].text, "-device") && !strncmp(j->words->item[i + 1].text, "vfio-pci", 8) &&
		    script_option(j->words->item[i + 1].text, "host", host) && pci_address_parse(host, &other) &&
		    pci_address_same_slot(a, &other) && other.function != a->function)
			return true;
	return false;
}

/* "/sys/bus/pci/devices/0000:0c:00.3" */
static bool vfio_address(const char *value, struct pci_address *a)
{
	char text[VALUE_MAX], *name;

	if (script_option(value, "host", text))
		return pci_address_parse(text, a);
	if (!script_option(value, "sysfsdev", text))
		return false;
	name = strrchr(text, '/');
	return name && pci_address_parse(name + 1, a);
}

/* Ids that the guest sees: "0x10de" and "0x1f91" are 10de:1f91. */
static void set_ids(struct job *j, struct import_section *s, const char *vendor, const char *device, const char *key)
{
	char v[VALUE_MAX], d[VALUE_MAX];
	unsigned long long vn, dn;

	(void)script_option(j->value, vendor, v);
	(void)script_option(j->value, device, d);
	if (import_number(v, 0, 0xffff, &vn) && import_number(d, 0, 0xffff, &dn))
		import_set(j->m, s, key, "%04llx:%04llx", vn, dn);
	else if (*v || *d)
		import_note(j->m, j->line, "%s=%s, %s=%s: `%s` has both, in hexadecimal", vendor, v, device, d, key);
}

/* Properties of the device that a profile has keys for, and those that it has none for. */
static void take_properties(struct job *j, struct import_section *s, bool card)
{
	static const char *const told[] = { "display", "x-igd-opregion", "x-igd-gms", "x-igd-lpc" };
	char buf[VALUE_MAX];

	set_ids(j, s, "x-pci-vendor-id", "x-pci-device-id", "show-id");
	set_ids(j, s, "x-pci-sub-vendor-id", "x-pci-sub-device-id", "subsystem-id");
	if (card && script_option(j->value, "rombar", buf) && !strcmp(buf, "0"))
		import_set(j->m, s, "rom", "off");
	for (size_t i = 0; i < ARRAY_SIZE(told); i++)
		if (script_option(j->value, told[i], buf) && strcmp(buf, "off"))
			import_note(j->m, j->line, "%s=%s of %s is not carried over", told[i], buf, j->value);
}

static void take_vfio(struct job *j)
{
	char rom[VALUE_MAX], index[VALUE_MAX], name[PCI_ADDRESS_TEXT];
	struct import_section *s;
	struct pci_address a;
	bool card;

	if (!vfio_address(j->value, &a)) {
		unknown(j, "-device");
		return;
	}
	if (is_of_card(j, &a))
		return; /* [gpu] takes all functions of its slot */
	(void)script_option(j->value, "romfile", rom);
	card = !a.function && looks_like_card(j->value, pci_address_format(&a, name), has_sister(j, &a));
	s = import_new(j->m, card ? "gpu" : "pci");
	import_set(j->m, s, "device", "%s", pci_address_format(&a, name));
	j->card |= card;
	if (card && script_is_on(j->value, "x-vga"))
		import_set(j->m, s, "primary", "yes");
	if (card && *rom)
		import_set(j->m, s, "rom", "%s", rom);
	if (script_option(j->value, "bootindex", index) && script_is_plain(index))
		import_set(j->m, s, "boot-index", "%s", index);
	take_properties(j, s, card);
	if (import_is_card(name) || import_is_other(name))
		return;
	if (!card && !a.function)
		import_note(j->m, j->line,
			    "%s: of a graphics card write [gpu] in the place of [pci]", name);
	else if (card && !script_is_on(j->value, "x-vga") && !*rom)
		import_note(j->m, j->line,
			    "%s: taken for a graphics card; of another device write [pci], one for each function", name);
}

/* device.hostdev0.x-vga=on: of libvirt's first device, which most often is the card. QEMU would not find it here. */
static void take_set(struct job *j)
{
	struct import_section *gpu = import_first(j->m, "gpu");
	const char *name = strrchr(j->value, '.');

	if (gpu && name && (!strcmp(name, ".x-vga=on") || !strcmp(name, ".x-vga=true")))
		import_set(j->m, gpu, "primary", "yes");
	else if (gpu && name && !strcmp(name, ".rombar=0"))
		import_set(j->m, gpu, "rom", "off");
	else if (name && strstr(name, "-sub-"))
		import_note(j->m, j->line, "-set %s: ids of a card are `subsystem-id` in its [gpu], in hexadecimal", j->value);
	else
		import_note(j->m, j->line, "-set %s is not carried over", j->value);
}

static void take_usb(struct job *j)
{
	char vendor[VALUE_MAX], product[VALUE_MAX], bus[VALUE_MAX], port[VALUE_MAX];
	unsigned long long v, p;

	if (script_option(j->value, "vendorid", vendor) && script_option(j->value, "productid", product) &&
	    import_number(vendor, 16, 0xffff, &v) && import_number(product, 16, 0xffff, &p))
		import_set(j->m, import_new(j->m, "usb"), "device", "%04llx:%04llx", v, p);
	else if (script_option(j->value, "hostbus", bus) && script_option(j->value, "hostport", port) &&
		 script_is_plain(bus) && script_is_plain(port))
		import_set(j->m, import_new(j->m, "usb"), "device", "%s-%s", bus, port);
	else if (script_option(j->value, "hostaddr", port))
		import_note(j->m, j->line, "a USB device by its number on the bus: `vfio-run list usb` shows ids and ports");
	else
		script_left(j, "-device");
}

/* The pointer and the keyboard are there where something is shown. */
static void take_usbdevice(struct job *j)
{
	if (strcmp(j->value, "tablet") != 0 && strcmp(j->value, "mouse") != 0 && strcmp(j->value, "keyboard") != 0)
		script_left(j, "-usbdevice");
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
		script_option(j->value, "tag", tag) ? tag : "NAME");
}

static void put_folder(struct job *j, const char *path, const char *tag)
{
	struct import_section *s;

	if (!*path || !*tag || !script_is_plain(path)) {
		import_note(j->m, j->line, "a folder by 9p is not carried over: %s", j->value);
		return;
	}
	s = import_new(j->m, "share");
	import_set(j->m, s, "path", "%s", path);
	import_set(j->m, s, "tag", "%s", tag);
	if (script_is_on(j->value, "readonly"))
		import_set(j->m, s, "readonly", "yes");
	import_note(j->m, j->line, "a folder by 9p is by virtiofs now: a Linux guest mounts it with `-t virtiofs`");
}

static void take_virtfs(struct job *j)
{
	char path[VALUE_MAX], tag[VALUE_MAX];

	(void)script_option(j->value, "path", path);
	(void)script_option(j->value, "mount_tag", tag);
	put_folder(j, path, tag);
}

static void take_fsdev(struct job *j)
{
	char path[VALUE_MAX], tag[VALUE_MAX] = "", id[VALUE_MAX];
	const char *device = script_option(j->value, "id", id) ? script_who_has(j, "-device", "fsdev", id) : NULL;

	(void)script_option(j->value, "path", path);
	if (device)
		(void)script_option(device, "mount_tag", tag);
	put_folder(j, path, tag);
}

/* ---- the emulated graphics card */

static const struct {
	const char *name, *video;
} videos[] = { { "none", "none" }, { "std", "std" }, { "VGA", "std" }, { "bochs-display", "std" }, { "qxl", "qxl" },
	       { "virtio", "virtio" } };

static bool put_video(struct job *j, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(videos); i++)
		if (!strncmp(name, videos[i].name, strlen(videos[i].name))) {
			import_set(j->m, import_one(j->m, "display"), "video", "%s", videos[i].video);
			return true;
		}
	return false;
}

static void take_vga(struct job *j)
{
	if (!put_video(j, j->value))
		import_note(j->m, j->line, "-vga %s: what is fit is taken", j->value);
}

static void take_video(struct job *j)
{
	(void)put_video(j, j->value);
	if (strstr(j->value, "-gl"))
		import_note(j->m, j->line, "the 3D acceleration of an emulated graphics card is not carried over");
}

/* What a profile brings by itself. */
static void nothing(struct job *j)
{
	(void)j;
}

/* What an object or a server beside it has said; it is none of QEMU's arguments any more. */
static void said(struct job *j)
{
	(void)j;
}

/* Of the emulated ones: those on USB are there by themselves where something is shown. */
static void take_virtio_input(struct job *j)
{
	j->virtio_input = true;
	if (j->only_arguments)
		script_left(j, "-device");
}

/* Here every device has its place; without a word the first disk comes first, as with "c". */
static void take_boot(struct job *j)
{
	char buf[VALUE_MAX], once[VALUE_MAX];
	const char *order = first_of(j->value, "order", buf);

	(void)script_option(j->value, "once", once);
	if (j->only_arguments)
		script_left(j, "-boot");
	else if ((*order && strcmp(order, "c")) || *once)
		import_note(j->m, j->line, "-boot %s: the order is `boot-index` of each [disk] and [cdrom]", j->value);
}

static void take_port(struct job *j)
{
	char name[VALUE_MAX];

	(void)script_option(j->value, "name", name);
	if (j->only_arguments) /* its other end is an argument, too */
		script_left(j, "-device");
	else if (!strcmp(name, "org.qemu.guest_agent.0"))
		import_set(j->m, j->vm, "guest-agent", "yes");
	else if (!strncmp(name, "com.redhat.spice", 16))
		import_note(j->m, j->line, "the clipboard is `clipboard = yes` in [display], with spice");
	else
		script_left(j, "-device");
}

/* A serial or a parallel port. */
static void take_port_of_old(struct job *j)
{
	if (strcmp(j->value, "none") != 0 || j->only_arguments)
		script_left(j, j->name[0] == 's' ? "-serial" : "-parallel");
}

static void take_runas(struct job *j)
{
	import_note(j->m, j->line, "-runas %s is not carried over: QEMU runs as the user whose VM it is", j->value);
}

/* What would take vfio-run's own out of its hands. */
static void own(struct job *j)
{
	if (j->only_arguments)
		import_note(j->m, j->line, "-%s is not carried over: vfio-run has its own", j->name);
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
	{ "virtio-vga", take_video },
	{ "virtio-gpu", take_video },
	{ "qxl", take_video },
	{ "VGA", take_video },
	{ "bochs-display", take_video },
	{ "virtio-9p", said },
	{ "ivshmem-plain", said },
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
	{ "virtio-keyboard", take_virtio_input },
	{ "virtio-mouse", take_virtio_input },
	{ "virtio-tablet", take_virtio_input },
	{ "virtio-balloon", nothing },
	{ "virtio-rng", nothing },
	{ "virtio-serial", nothing },
	{ "virtserialport", take_port },
};

static void take_device(struct job *j)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		if (!strncmp(j->value, devices[i].name, strlen(devices[i].name))) {
			if (j->only_arguments && devices[i].take == nothing)
				break;
			devices[i].take(j);
			return;
		}
	script_left(j, "-device");
}

/* ---- objects, display, sound
 * ---------------------------------------------------------------------------- */

static void take_input(struct job *j)
{
	char path[VALUE_MAX], toggle[VALUE_MAX];
	struct import_section *s;

	if (!script_option(j->value, "evdev", path) || !script_is_plain(path)) {
		unknown(j, "-object");
		return;
	}
	s = import_new(j->m, "input");
	import_set(j->m, s, "evdev", "%s", path);
	if (script_option(j->value, "grab-toggle", toggle) && script_is_plain(toggle))
		import_set(j->m, s, "grab-toggle", "%s", toggle);
}

/* "64M", "67108864" */
static void set_size(struct job *j, struct import_section *s, const char *text)
{
	unsigned long long bytes;

	if (import_parse_size(text, 0, &bytes))
		import_size(j->m, s, "size", bytes);
	else
		import_note(j->m, j->line, "the size of a shared memory is not known without running the script: %s", text);
}

static void take_memory_file(struct job *j)
{
	char path[VALUE_MAX], size[VALUE_MAX];
	struct import_section *s;

	(void)script_option(j->value, "mem-path", path);
	(void)script_option(j->value, "size", size);
	if (!strncmp(path, "/dev/kvmfr", 10)) {
		s = import_one(j->m, "looking-glass");
		free(s->lines); /* its size is the device's */
		s->lines = NULL;
		import_set(j->m, s, "device", "%s", path);
	} else if (strstr(path, "looking-glass")) {
		set_size(j, import_one(j->m, "looking-glass"), *size ? size : "64M");
	} else if (strstr(path, "huge")) {
		set_hugepages(j, path);
	} else if (!strncmp(path, "/dev/shm/", 9) && script_is_plain(path)) {
		s = import_new(j->m, "shm");
		import_set(j->m, s, "name", "%s", path + 9);
		set_size(j, s, size);
	} else if (!strstr(j->value, "memfd") && *path) {
		script_left(j, "-object");
	}
}

static void take_object(struct job *j)
{
	if (!strncmp(j->value, "input-linux", 11))
		take_input(j);
	else if (!strncmp(j->value, "memory-backend", 14))
		take_memory_file(j);
	else if (strncmp(j->value, "iothread", 8) && strncmp(j->value, "rng-random", 10))
		script_left(j, "-object");
}

/* A server that shows the guest is what counts, where QEMU has more than one. */
static bool put_display(struct job *j, const char *type)
{
	struct import_section *s = import_one(j->m, "display");
	const char *has = s->lines ? strstr(s->lines, "type = ") : NULL;
	bool server = has && (!strncmp(has + 7, "spice", 5) || !strncmp(has + 7, "vnc", 3));

	if (!server)
		import_set(j->m, s, "type", "%s", type);
	else if (strcmp(type, "none") && strncmp(has + 7, type, strlen(type)))
		import_note(j->m, j->line, "a second display is not carried over");
	return !server;
}

static void take_display(struct job *j)
{
	static const char *const types[] = { "gtk", "sdl", "egl-headless", "none" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strncmp(j->value, types[i], strlen(types[i]))) {
			(void)put_display(j, types[i]);
			return;
		}
	if (!strncmp(j->value, "spice-app", 9)) {
		(void)put_display(j, "spice");
		return;
	}
	script_left(j, "-display");
}

static void take_spice(struct job *j)
{
	if (put_display(j, "spice"))
		import_note(
			j->m, j->line,
			"SPICE is on a socket of the user's now: `remote-viewer spice+unix:///run/vfio-run/vm/NAME/display`");
}

static void take_vnc(struct job *j)
{
	if (put_display(j, "vnc"))
		import_note(
			j->m, j->line,
			"VNC is on a socket of the user's now: `remote-viewer vnc+unix:///run/vfio-run/vm/NAME/display`");
}

static void take_nographic(struct job *j)
{
	(void)put_display(j, "none");
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
	{ "enable-kvm", false, own },
	{ "bios", true, take_bios },
	{ "rtc", true, take_rtc },
	{ "mem-path", true, take_mem_path },
	{ "mem-prealloc", false, own },
	{ "smbios", true, take_smbios },
	{ "acpitable", true, take_acpi },
	{ "drive", true, script_take_drive },
	{ "hda", true, script_take_disk },
	{ "hdb", true, script_take_disk },
	{ "hdc", true, script_take_disk },
	{ "hdd", true, script_take_disk },
	{ "cdrom", true, script_take_cdrom },
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
	{ "vga", true, take_vga },
	{ "usb", false, said },
	{ "set", true, take_set },
	{ "chardev", true, nothing },
	/* vfio-run has its own */
	{ "monitor", true, own },
	{ "qmp", true, own },
	{ "serial", true, take_port_of_old },
	{ "parallel", true, take_port_of_old },
	{ "nodefaults", false, own },
	{ "no-user-config", false, own },
	{ "sandbox", true, own },
	{ "pidfile", true, own },
	{ "daemonize", false, own },
	{ "runas", true, take_runas },
	{ "uuid", true, take_uuid },
	{ "boot", true, take_boot },
	{ "msg", true, nothing },
	{ "no-hpet", false, nothing },
	{ "S", false, own },
	{ "global", true, take_global },
	{ "fw_cfg", true, NULL },
	{ "kernel", true, NULL },
	{ "initrd", true, NULL },
	{ "append", true, NULL },
	{ "fsdev", true, take_fsdev },
	{ "virtfs", true, take_virtfs },
	{ "overcommit", true, NULL },
	{ "vnc", true, take_vnc },
	{ "localtime", false, take_localtime },
	{ "soundhw", true, take_sound },
	{ "usbdevice", true, take_usbdevice },
	{ "balloon", true, nothing },
	{ "full-screen", false, nothing },
	{ "blockdev", true, script_take_blockdev },
	{ "k", true, NULL },
	{ "cpu-pm", true, nothing },
	{ "watchdog", true, NULL },
};

static void set_value(struct job *j, const struct script_word *word)
{
	j->value = word->text;
	j->written = word->json ? word->json : word->text;
	j->line = word->line;
}

/* Return: how many words it took */
static size_t take_option(struct job *j, size_t at)
{
	const char *word = j->words->item[at].text;
	const char *name = word + 1 + (word[1] == '-');
	bool more = at + 1 < j->words->count;

	j->m->at = j->line = j->words->item[at].line;
	j->value = j->written = "";
	j->name = name;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (strcmp(options[i].name, name) != 0)
			continue;
		if (options[i].argument && more)
			set_value(j, &j->words->item[at + 1]);
		if (options[i].take && !(j->only_arguments && options[i].take == nothing))
			options[i].take(j);
		else
			script_left(j, word);
		return 1 + (options[i].argument && more);
	}
	if (more && *j->words->item[at + 1].text != '-')
		set_value(j, &j->words->item[at + 1]);
	script_left(j, word);
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
			    script_is_plain(word) ? " is not carried over"
					   : ": not known without running the script");
		i++;
	}
}

/* What QEMU has where nothing is said, and a profile has not. */
static void add_defaults(struct job *j)
{
	if (!import_has(j->vm, "memory") && !j->no_memory) { /* else it has to be written */
		import_set(j->m, j->vm, "memory", "128M");
		import_note(j->m, 0, "no -m was found: 128M of memory is what QEMU has then");
	}
	if (!import_has(j->vm, "firmware-image"))
		import_set(j->m, j->vm, "firmware", "%s", j->uefi ? j->secure ? "uefi-secure" : "uefi" : "bios");
	if (!j->net)
		import_set(j->m, import_new(j->m, "net"), "mode", "user");
	if (j->virtio_input && import_first(j->m, "display"))
		import_set(j->m, import_first(j->m, "display"), "input", "virtio");
}

/** import_arguments() - words of QEMU's that another format holds: keys where there are, else `argument` lines */
void import_arguments(struct import *m, struct script_words *words)
{
	struct job j = { .m = m, .words = words, .vm = import_one(m, "vm"), .only_arguments = true };

	script_flatten(words);
	m->failed |= words->failed;
	if (!m->failed) {
		take_all(&j);
		script_settle_firmware(&j);
	}
}

/** import_argument_text() - the same, of words as a shell has them, all of them in one line of the input */
void import_argument_text(struct import *m, const char *text, unsigned int line)
{
	struct script_words *words = calloc(1, sizeof(*words));
	cleanup_free char *command = NULL;

	if (!words || asprintf(&command, "qemu-system-x86_64 %s", text) < 0) {
		m->failed = true;
		free(words);
		return;
	}
	script_read(command, words);
	m->failed |= words->failed;
	for (size_t i = 0; i < words->count; i++)
		words->item[i].line = line;
	if (!m->failed)
		import_arguments(m, words);
	script_fini(words);
	free(words);
}

/* `modprobe kvm` is none, nor is a sentence with that word. */
static bool starts_vm(const struct script_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (*words->item[i].text == '-')
			return true;
	return false;
}

/* Return: -EINVAL, with the reason */
static int no_vm(const struct import *m, const char *text)
{
	if (strstr(text, "qemu-system") || strstr(text, "qemu-kvm") || !strncmp(text, "#!", 2))
		return import_refuse(m, 0, "no command that starts QEMU was found in it");
	return import_refuse(m, 0, "expected a libvirt domain (virsh dumpxml), a .conf of quickemu's or one of Proxmox's, or a "
			     "script that starts QEMU");
}

/* Return: 0; -EINVAL: it is another machine's, which was said */
static int judge_program(const struct import *m, const struct script_words *words)
{
	static const char *const taken[] = { "x86_64", "i386" };
	const char *base = strrchr(words->program, '/'), *arch = base ? base + 1 : words->program;
	size_t length;

	if (strncmp(arch, "qemu-system-", 12) != 0 || !script_is_plain(arch))
		return 0;
	arch += 12;
	length = strspn(arch, "abcdefghijklmnopqrstuvwxyz0123456789_");
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		if (strlen(taken[i]) == length && !strncmp(taken[i], arch, length))
			return 0;
	return import_refuse(m, words->program_line, "a machine of the kind %.*s: the guest of an x86-64 host is one of x86_64",
			     (int)length, arch);
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
	else if (!starts_vm(words))
		rc = no_vm(m, text);
	else
		rc = judge_program(m, words);
	if (!rc && !m->failed) {
		j.vm = import_one(m, "vm");
		if (words->commands > 1)
			import_note(
				m, 0,
				"%u commands of QEMU's are in it: the first that starts a VM was read",
				words->commands);
		script_flatten(words);
		script_take_before(&j);
		import_emulator(m, words->program_line, words->program);
		take_all(&j);
		m->at = 0;
		script_settle_firmware(&j);
		script_take_steps(&j, text);
		add_defaults(&j);
	}
	script_fini(words);
	free(words);
	return rc;
}
