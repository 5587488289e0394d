/* SPDX-License-Identifier: GPL-2.0-or-later */
/* others.c - what other programs call the things of a profile */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "profiles/others.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SIZE_NOTE "an image has its size from `qemu-img create -f qcow2 FILE SIZE`: remove the line"
#define GUEST_NOTE "nothing depends on the guest's system: remove the line"

/* QEMU, libvirt, Proxmox, quickemu, VirtualBox; the first row that fits counts. */
const struct other_key other_keys[] = {
	/* Where the section tells which key is meant. */
	{ "device", "input", "input", "evdev", NULL },
	{ "path", "input", "input", "evdev", NULL },
	{ "device", "audio", "audio", "backend", NULL },
	{ "driver", "audio", "audio", "backend", NULL },
	{ "type", "audio", "audio", "card", NULL },
	{ "model", "audio", "audio", "card", NULL },
	{ "driver", "net", "net", "model", NULL },
	{ "bus", "usb", "usb", "device", NULL },
	{ "vendor", "usb", "usb", "device", NULL },
	{ "product", "usb", "usb", "device", NULL },
	{ "host", "usb", "usb", "device", NULL },
	{ "port", "usb", "usb", "device", NULL },
	{ "backend", "display", "display", "type", NULL },
	{ "video", "vm", "display", "video", NULL },
	{ "sound", "gpu", NULL, NULL, "the card's audio function goes with it: remove the line" },
	{ "core", "vm", "vm", "cpus", NULL },
	{ "nproc", "vm", "vm", "cpus", NULL },
	{ "numa", "vm", "vm", "memory-node", NULL },
	{ "numa-node", "vm", "vm", "memory-node", NULL },
	{ "isolate", "vm", "host", "isolate-cpus", NULL },
	{ "cpu-pinning", "vm", "vm", "pin", NULL },
	{ "boot-order", "vm", "disk", "boot-index", NULL },
	{ "agent", "vm", "vm", "guest-agent", NULL },
	{ "qga", "vm", "vm", "guest-agent", NULL },
	{ "panic", "vm", "vm", "on-panic", NULL },
	{ "vendor-id", "vm", "vm", "hide-hypervisor", NULL },
	{ "topology", "vm", NULL, NULL, "the topology is written as `cpus`, `sockets`, `dies` and `threads`" },
	{ "service", "session", "session", "stop", NULL },
	{ "services", "session", "session", "stop", NULL },
	{ "display-manager", "session", "session", "stop", NULL },
	{ "console", "session", "session", "release-console", NULL },
	{ "modules", "session", "session", "unload-modules", NULL },
	{ "isolcpus", "host", "host", "isolate-cpus", NULL },
	{ "cpu-governor", "host", "host", "governor", NULL },
	{ "sleep", "host", "host", "inhibit", NULL },
	{ "suspend", "host", "host", "inhibit", NULL },
	{ "snapshot", "disk", "disk", "temporary", NULL },
	{ "trim", "disk", "disk", "discard", NULL },
	{ "target", "disk", "disk", "bus", NULL },
	{ "readwrite", "disk", "disk", "readonly", NULL },
	{ "br", "net", "net", "bridge", NULL },
	{ "ifname", "net", "net", "tap", NULL },
	{ "interface", "net", "net", "parent", NULL },
	{ "ports", "net", "net", "forward", NULL },
	{ "kill", "gpu", "gpu", "holders", NULL },
	{ "terminate", "gpu", "gpu", "holders", NULL },
	{ "driver-override", "gpu", "gpu", "driver", NULL },
	{ "kill", "pci", "pci", "holders", NULL },
	{ "terminate", "pci", "pci", "holders", NULL },
	{ "driver-override", "pci", "pci", "driver", NULL },

	{ "ram", NULL, "vm", "memory", NULL },
	{ "mem", NULL, "vm", "memory", NULL },
	{ "memsize", NULL, "vm", "memory", NULL },
	{ "maxmem", NULL, "vm", "memory", NULL },
	{ "max-memory", NULL, "vm", "memory", NULL },
	{ "current-memory", NULL, "vm", "memory", NULL },
	{ "balloon", NULL, NULL, NULL, "a guest with a device has all its memory from the start: remove the line" },
	{ "smp", NULL, "vm", "cpus", NULL },
	{ "cores", NULL, "vm", "cpus", NULL },
	{ "cpu-cores", NULL, "vm", "cpus", NULL },
	{ "vcpu", NULL, "vm", "cpus", NULL },
	{ "vcpus", NULL, "vm", "cpus", NULL },
	{ "cpu-count", NULL, "vm", "cpus", NULL },
	{ "processors", NULL, "vm", "cpus", NULL },
	{ "cpu-model", NULL, "vm", "cpu", NULL },
	{ "cputype", NULL, "vm", "cpu", NULL },
	{ "model", "vm", "vm", "cpu", NULL },
	{ "pinning", NULL, "vm", "pin", NULL },
	{ "cpuset", NULL, "vm", "pin", NULL },
	{ "vcpupin", NULL, "vm", "pin", NULL },
	{ "cpu-pin", NULL, "vm", "pin", NULL },
	{ "taskset", NULL, "vm", "pin", NULL },
	{ "emulatorpin", NULL, "vm", "emulator-pin", NULL },
	{ "huge-pages", NULL, "vm", "hugepages", NULL },
	{ "bios", "gpu", "gpu", "rom", NULL },
	{ "bios", NULL, "vm", "firmware", NULL },
	{ "ovmf", NULL, "vm", "firmware", NULL },
	{ "uefi", NULL, "vm", "firmware", NULL },
	{ "efi", NULL, "vm", "firmware", NULL },
	{ "boot", "vm", "vm", "firmware", NULL },
	{ "loader", NULL, "vm", "firmware", NULL },
	{ "secureboot", NULL, "vm", "firmware", NULL },
	{ "secure-boot", NULL, "vm", "firmware", NULL },
	{ "vars", NULL, "vm", "nvram", NULL },
	{ "ovmf-vars", NULL, "vm", "nvram", NULL },
	{ "efi-vars", NULL, "vm", "nvram", NULL },
	{ "efidisk", NULL, "vm", "nvram", NULL },
	{ "title", "vm", "vm", "name", NULL },
	{ "vmname", NULL, "vm", "name", NULL },
	{ "id", "vm", "vm", "name", NULL },
	{ "username", NULL, "vm", "user", NULL },
	{ "owner", NULL, "vm", "user", NULL },
	{ "runas", NULL, "vm", "user", NULL },
	{ "kvm", NULL, "vm", "accel", NULL },
	{ "hidden", NULL, "vm", "hide-hypervisor", NULL },
	{ "kvm-hidden", NULL, "vm", "hide-hypervisor", NULL },
	{ "hide-kvm", NULL, "vm", "hide-hypervisor", NULL },
	{ "hyper-v", NULL, "vm", "hyperv", NULL },
	{ "localtime", NULL, "vm", "rtc", NULL },
	{ "clock", NULL, "vm", "rtc", NULL },
	{ "machine-type", NULL, "vm", "machine", NULL },
	{ "chipset", NULL, "vm", "machine", NULL },
	{ "emulator", NULL, "vm", "qemu", NULL },
	{ "binary", "vm", "vm", "qemu", NULL },
	{ "seccomp", NULL, "vm", "sandbox", NULL },
	{ "timeout", NULL, "vm", "shutdown-timeout", NULL },
	{ "guest-os", NULL, NULL, NULL, GUEST_NOTE },
	{ "ostype", NULL, NULL, NULL, GUEST_NOTE },
	{ "os", NULL, NULL, NULL, GUEST_NOTE },
	{ "arch", NULL, NULL, NULL, "the guest is always x86_64: remove the line" },
	{ "onboot", NULL, NULL, NULL, "`systemctl enable vfio-run@NAME` starts a VM at boot: remove the line" },
	{ "autostart", NULL, NULL, NULL, "`systemctl enable vfio-run@NAME` starts a VM at boot: remove the line" },
	{ "uuid", NULL, NULL, NULL, "the guest's UUID follows from its name: remove the line" },

	{ "gpu", "pci", "pci", "device", NULL },
	{ "gpu", NULL, "gpu", "device", NULL },
	{ "card", NULL, "gpu", "device", NULL },
	{ "gpu-address", NULL, "gpu", "device", NULL },
	{ "graphics-card", NULL, "gpu", "device", NULL },
	{ "vga", "gpu", "gpu", "device", NULL },
	{ "pci", "gpu", "gpu", "device", NULL },
	{ "pci", NULL, "pci", "device", NULL },
	{ "address", "gpu", "gpu", "device", NULL },
	{ "address", "pci", "pci", "device", NULL },
	{ "address", "usb", "usb", "device", NULL },
	{ "addr", "gpu", "gpu", "device", NULL },
	{ "addr", "pci", "pci", "device", NULL },
	{ "bdf", "gpu", "gpu", "device", NULL },
	{ "bdf", "pci", "pci", "device", NULL },
	{ "bus", "gpu", "gpu", "device", NULL },
	{ "bus", "pci", "pci", "device", NULL },
	{ "slot", "gpu", "gpu", "device", NULL },
	{ "slot", "pci", "pci", "device", NULL },
	{ "host", "gpu", "gpu", "device", NULL },
	{ "host", "pci", "pci", "device", NULL },
	{ "source", "gpu", "gpu", "device", NULL },
	{ "source", "pci", "pci", "device", NULL },
	{ "hostdev", "gpu", "gpu", "device", NULL },
	{ "hostdev", NULL, "pci", "device", NULL },
	{ "hostpci", "gpu", "gpu", "device", NULL },
	{ "hostpci", NULL, "pci", "device", NULL },
	{ "vfio", NULL, "pci", "device", NULL },
	{ "vfio-pci", NULL, "pci", "device", NULL },
	{ "passthrough", NULL, "pci", "device", NULL },
	{ "ids", "gpu", "gpu", "id", NULL },
	{ "ids", "pci", "pci", "id", NULL },
	{ "romfile", NULL, "gpu", "rom", NULL },
	{ "rom-file", NULL, "gpu", "rom", NULL },
	{ "vbios", NULL, "gpu", "rom", NULL },
	{ "x-vga", NULL, "gpu", "primary", NULL },
	{ "xvga", NULL, "gpu", "primary", NULL },
	{ "resizable-bar", NULL, "gpu", "rebar", NULL },
	{ "pcie", "gpu", NULL, NULL, "a card is always a PCI Express device here: remove the line" },
	{ "multifunction", NULL, NULL, NULL, "all functions of a [gpu]'s slot go together: remove the line" },
	{ "audio", "gpu", NULL, NULL, "the card's audio function goes with it: remove the line" },

	{ "file", "disk", "disk", "path", NULL },
	{ "image", "disk", "disk", "path", NULL },
	{ "img", "disk", "disk", "path", NULL },
	{ "source", "disk", "disk", "path", NULL },
	{ "src", "disk", "disk", "path", NULL },
	{ "filename", "disk", "disk", "path", NULL },
	{ "device", "disk", "disk", "path", NULL },
	{ "dev", "disk", "disk", "path", NULL },
	{ "disk", "disk", "disk", "path", NULL },
	{ "drive", "disk", "disk", "path", NULL },
	{ "type", "disk", "disk", "format", NULL },
	{ "driver", "disk", "disk", "format", NULL },
	{ "interface", "disk", "disk", "bus", NULL },
	{ "if", "disk", "disk", "bus", NULL },
	{ "controller", "disk", "disk", "bus", NULL },
	{ "read-only", NULL, "disk", "readonly", NULL },
	{ "ro", "disk", "disk", "readonly", NULL },
	{ "boot", "disk", "disk", "boot-index", NULL },
	{ "bootindex", "disk", "disk", "boot-index", NULL },
	{ "boot-order", "disk", "disk", "boot-index", NULL },
	{ "size", "disk", NULL, NULL, SIZE_NOTE },
	{ "disk-size", NULL, NULL, NULL, SIZE_NOTE },
	{ "disk", NULL, "disk", "path", NULL },
	{ "drive", NULL, "disk", "path", NULL },
	{ "disk-img", NULL, "disk", "path", NULL },
	{ "disk-image", NULL, "disk", "path", NULL },
	{ "image", "cdrom", "cdrom", "path", NULL },
	{ "image", NULL, "disk", "path", NULL },
	{ "hda", NULL, "disk", "path", NULL },
	{ "hdd", NULL, "disk", "path", NULL },
	{ "sda", NULL, "disk", "path", NULL },
	{ "vda", NULL, "disk", "path", NULL },
	{ "qcow", NULL, "disk", "path", NULL },
	{ "scsi", NULL, "disk", "path", NULL },
	{ "sata", NULL, "disk", "path", NULL },
	{ "ide", NULL, "disk", "path", NULL },
	{ "virtio", NULL, "disk", "path", NULL },
	{ "iso", "cdrom", "cdrom", "path", NULL },
	{ "file", "cdrom", "cdrom", "path", NULL },
	{ "iso", NULL, "cdrom", "path", NULL },
	{ "fixed-iso", NULL, "cdrom", "path", NULL },
	{ "cdrom", NULL, "cdrom", "path", NULL },
	{ "cd", NULL, "cdrom", "path", NULL },
	{ "dvd", NULL, "cdrom", "path", NULL },

	{ "type", "net", "net", "mode", NULL },
	{ "macaddr", NULL, "net", "mac", NULL },
	{ "mac-address", NULL, "net", "mac", NULL },
	{ "hwaddr", NULL, "net", "mac", NULL },
	{ "port-forward", NULL, "net", "forward", NULL },
	{ "port-forwards", NULL, "net", "forward", NULL },
	{ "hostfwd", NULL, "net", "forward", NULL },
	{ "ssh-port", NULL, "net", "forward", NULL },
	{ "network", NULL, "net", "mode", NULL },
	{ "net", NULL, "net", "mode", NULL },
	{ "netdev", NULL, "net", "mode", NULL },
	{ "nic", "net", "net", "model", NULL },
	{ "nic", NULL, "net", "mode", NULL },

	{ "usb", NULL, "usb", "device", NULL },
	{ "usb-devices", NULL, "usb", "device", NULL },
	{ "usb-host", NULL, "usb", "device", NULL },
	{ "id", "usb", "usb", "device", NULL },
	{ "keyboard", NULL, "input", "evdev", NULL },
	{ "mouse", NULL, "input", "evdev", NULL },
	{ "audio", NULL, "audio", "backend", NULL },
	{ "audiodev", NULL, "audio", "backend", NULL },
	{ "sound", NULL, "audio", "backend", NULL },
	{ "sound-card", NULL, "audio", "backend", NULL },
	{ "soundhw", NULL, "audio", "backend", NULL },
	{ "tpm", NULL, "tpm", "version", NULL },
	{ "tpmstate", NULL, "tpm", "version", NULL },
	{ "share", NULL, "share", "path", NULL },
	{ "shared-dir", NULL, "share", "path", NULL },
	{ "public-dir", NULL, "share", "path", NULL },
	{ "virtiofs", NULL, "share", "path", NULL },
	{ "ivshmem", NULL, "looking-glass", "size", NULL },
	{ "looking-glass", NULL, "looking-glass", "size", NULL },
	{ "display", NULL, "display", "type", NULL },
	{ "graphics", NULL, "display", "type", NULL },
	{ "vga", NULL, "display", "type", NULL },
	{ "video", NULL, "display", "type", NULL },
	{ "spice", NULL, "display", "type", NULL },
	{ "vnc", NULL, "display", "type", NULL },
	{ "port", "display", "display", "listen", NULL },
	{ "args", NULL, "qemu", "argument", NULL },
	{ "arg", NULL, "qemu", "argument", NULL },
	{ "arguments", NULL, "qemu", "argument", NULL },
	{ "qemu-args", NULL, "qemu", "argument", NULL },
	{ "extra-args", NULL, "qemu", "argument", NULL },
	{ "options", NULL, "qemu", "argument", NULL },
	{ "pre", "hooks", "hooks", "prepare", NULL },
	{ "start", "hooks", "hooks", "started", NULL },
	{ "stop", "hooks", "hooks", "released", NULL },
	{ "post", "hooks", "hooks", "released", NULL },
	{ NULL, NULL, NULL, NULL, NULL },
};

static const struct {
	const char *word, *section;
} other_sections[] = {
	{ "cpu", "vm" },	  { "memory", "vm" },	     { "machine", "vm" },
	{ "general", "vm" },	  { "global", "vm" },	     { "main", "vm" },
	{ "domain", "vm" },	  { "guest", "vm" },	     { "system", "vm" },
	{ "os", "vm" },		  { "firmware", "vm" },	     { "default", "vm" },
	{ "virtual-machine", "vm" }, { "settings", "vm" },   { "card", "gpu" },
	{ "graphics-card", "gpu" }, { "vga", "gpu" },	     { "nvidia", "gpu" },
	{ "amd", "gpu" },	  { "hostdev", "pci" },	     { "hostpci", "pci" },
	{ "passthrough", "pci" }, { "pcie", "pci" },	     { "vfio", "pci" },
	{ "device", "pci" },	  { "devices", "pci" },	     { "drive", "disk" },
	{ "drives", "disk" },	  { "hdd", "disk" },	     { "hda", "disk" },
	{ "ssd", "disk" },	  { "storage", "disk" },     { "block", "disk" },
	{ "image", "disk" },	  { "iso", "cdrom" },	     { "cd", "cdrom" },
	{ "dvd", "cdrom" },	  { "network", "net" },	     { "nic", "net" },
	{ "netdev", "net" },	  { "interface", "net" },    { "ethernet", "net" },
	{ "keyboard", "input" },  { "mouse", "input" },	     { "evdev", "input" },
	{ "sound", "audio" },	  { "kvmfr", "looking-glass" }, { "lookingglass", "looking-glass" },
	{ "ivshmem", "looking-glass" }, { "swtpm", "tpm" },  { "shared", "share" },
	{ "folder", "share" },	  { "filesystem", "share" }, { "virtiofs", "share" },
	{ "graphics", "display" }, { "video", "display" },   { "spice", "display" },
	{ "vnc", "display" },	  { "window", "display" },   { "hook", "hooks" },
	{ "scripts", "hooks" },	  { "args", "qemu" },	     { "arguments", "qemu" },
	{ "extra", "qemu" },	  { "desktop", "session" },
};

/* What a value is called elsewhere, key by key. */
static const struct {
	const char *key, *word, *meant;
} other_values[] = {
	{ "firmware", "ovmf", "uefi" },
	{ "firmware", "efi", "uefi" },
	{ "firmware", "edk2", "uefi" },
	{ "firmware", "seabios", "bios" },
	{ "firmware", "legacy", "bios" },
	{ "firmware", "secure", "uefi-secure" },
	{ "firmware", "secureboot", "uefi-secure" },
	{ "firmware", "secure-boot", "uefi-secure" },
	{ "accel", "yes", "kvm" },
	{ "accel", "on", "kvm" },
	{ "accel", "qemu", "tcg" },
	{ "accel", "none", "tcg" },
	{ "accel", "no", "tcg" },
	{ "accel", "software", "tcg" },
	{ "hugepages", "2MB", "2M" },
	{ "hugepages", "2MiB", "2M" },
	{ "hugepages", "2048K", "2M" },
	{ "hugepages", "2048kB", "2M" },
	{ "hugepages", "1GB", "1G" },
	{ "hugepages", "1GiB", "1G" },
	{ "hugepages", "1024M", "1G" },
	{ "hugepages", "1048576kB", "1G" },
	{ "rtc", "local", "localtime" },
	{ "rtc", "gmt", "utc" },
	{ "rtc", "windows", "localtime" },
	{ "sandbox", "on", "strict" },
	{ "sandbox", "yes", "strict" },
	{ "on-panic", "poweroff", "shutdown" },
	{ "on-panic", "destroy", "shutdown" },
	{ "on-panic", "reboot", "reset" },
	{ "on-panic", "restart", "reset" },
	{ "on-panic", "ignore", "pause" },
	{ "on-hangup", "ignore", "keep" },
	{ "on-hangup", "continue", "keep" },
	{ "on-hangup", "shutdown", "stop" },
	{ "group", "single", "function" },
	{ "group", "iommu", "all" },
	{ "rebar", "no", "keep" },
	{ "rebar", "off", "keep" },
	{ "rebar", "yes", "max" },
	{ "rebar", "on", "max" },
	{ "holders", "kill", "terminate" },
	{ "format", "img", "raw" },
	{ "format", "iso", "raw" },
	{ "format", "dd", "raw" },
	{ "format", "block", "raw" },
	{ "format", "qcow", "qcow2" },
	{ "bus", "virtio-blk", "virtio" },
	{ "bus", "virtio-blk-pci", "virtio" },
	{ "bus", "virtio-scsi", "scsi" },
	{ "bus", "ide", "sata" },
	{ "bus", "ahci", "sata" },
	{ "cache", "off", "none" },
	{ "cache", "on", "writeback" },
	{ "discard", "on", "unmap" },
	{ "discard", "yes", "unmap" },
	{ "discard", "trim", "unmap" },
	{ "discard", "off", "ignore" },
	{ "discard", "no", "ignore" },
	{ "mode", "nat", "user" },
	{ "mode", "default", "user" },
	{ "mode", "slirp", "user" },
	{ "mode", "passt", "user" },
	{ "mode", "bridged", "bridge" },
	{ "model", "virtio-net", "virtio" },
	{ "model", "virtio-net-pci", "virtio" },
	{ "backend", "pa", "pulse" },
	{ "backend", "pulseaudio", "pulse" },
	{ "backend", "pw", "pipewire" },
	{ "backend", "jack", "pipewire" },
	{ "card", "ich9", "hda" },
	{ "card", "ich6", "hda" },
	{ "card", "intel-hda", "hda" },
	{ "card", "ich9-intel-hda", "hda" },
	{ "card", "usb-audio", "usb" },
	{ "card", "virtio-sound", "virtio" },
	{ "type", "headless", "none" },
	{ "version", "2", "2.0" },
};

/* Words that mean the same as one of a key's words. */
static const char *const alike[][12] = {
	{ "yes", "on", "true", "1", "y", "enable", "enabled", "always", "sure", NULL },
	{ "no", "off", "false", "0", "n", "none", "disable", "disabled", "never", NULL },
	{ "auto", "automatic", "default", NULL },
};

/* ---- finding ------------------------------------------------------------------------------ */

/* Upper case and "_" for "-" make no difference; a number at the end, as in "hda0", none either. */
static bool is_word(const char *found, const char *word)
{
	size_t i = 0;

	for (; word[i]; i++) {
		char c = (char)tolower((unsigned char)found[i]);

		if ((c == '_' || c == '.' || c == ' ' ? '-' : c) != tolower((unsigned char)word[i]))
			return false;
	}
	return found[i + strspn(found + i, "0123456789")] == '\0';
}

/**
 * other_key_find() - the key that others call @word
 * @section:	where it was found
 *
 * Return: a row of the table, or NULL
 */
const struct other_key *other_key_find(const char *section, const char *word)
{
	for (const struct other_key *k = other_keys; k->word; k++)
		if (is_word(word, k->word) && (!k->in || !strcmp(k->in, section)))
			return k;
	return NULL;
}

/** other_section_find() - the section that others call @word, or number, as in "gpu0"; or NULL */
const char *other_section_find(const char *word)
{
	for (const struct profile_section *s = profile_sections; s->name; s++)
		if (is_word(word, s->name))
			return s->name;
	for (size_t i = 0; i < COUNT(other_sections); i++)
		if (is_word(word, other_sections[i].word))
			return other_sections[i].section;
	return NULL;
}

static bool has_word(const struct profile_key *key, const char *word)
{
	if (key->type == PROFILE_KEY_YES_NO)
		return !strcmp(word, "yes") || !strcmp(word, "no");
	for (const struct profile_word *w = key->words; w && w->word; w++)
		if (!strcmp(w->word, word))
			return true;
	return false;
}

/* Compares the first word of a value: "yes please" means yes. */
static bool starts_with(const char *text, const char *word)
{
	size_t n = strcspn(text, " ,;");

	return n == strlen(word) && !strncasecmp(text, word, n);
}

static const char *find_alike(const struct profile_key *key, const char *text)
{
	for (size_t g = 0; g < COUNT(alike); g++) {
		bool member = false;

		for (size_t i = 0; alike[g][i]; i++)
			member |= starts_with(text, alike[g][i]);
		for (size_t i = 0; member && alike[g][i]; i++)
			if (has_word(key, alike[g][i]))
				return alike[g][i];
	}
	return NULL;
}

/** other_value_find() - the word of @key that others write as @text; NULL: none */
const char *other_value_find(const struct profile_key *key, const char *text)
{
	for (size_t i = 0; i < COUNT(other_values); i++)
		if (!strcmp(key->name, other_values[i].key) && starts_with(text, other_values[i].word) &&
		    has_word(key, other_values[i].meant))
			return other_values[i].meant;
	return find_alike(key, text);
}
