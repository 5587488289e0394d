/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keys.c - the table of sections and keys */
#include "profiles/keys.h"
#include "profiles/profile.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)
#define TIB ((uint64_t)1 << 40)
#define PATH_LENGTH_MAX 4095   /* PATH_MAX without its NUL */
#define SOCKET_LENGTH_MAX 107  /* sun_path without its NUL: unix(7) */
#define ARGUMENT_LENGTH_MAX 131071 /* MAX_ARG_STRLEN without its NUL: execve(2) */

#define WORDS(...) ((const struct profile_word[]){ __VA_ARGS__, { NULL, 0 } })
#define FIELD(record, field) .offset = offsetof(struct record, field)
#define ELEMENT(record) .element = sizeof(struct record), .pos = offsetof(struct record, pos)
#define POS(record, field) .pos_offset = offsetof(struct record, field)
#define BOOT_INDEX_MAX 999

/* clang-format off */
const struct profile_section profile_sections[] = {
	{ .name = "vm", .required = true, .supported = true,
	  .help = "the machine itself: memory, processors, firmware, QEMU" },
	{ .name = "gpu", .repeatable = true, .supported = true,
	  .array = offsetof(struct profile, device), .count = offsetof(struct profile, device_count),
	  ELEMENT(profile_device),
	  .help = "a graphics card that the guest gets" },
	{ .name = "pci", .repeatable = true, .supported = true,
	  .array = offsetof(struct profile, device), .count = offsetof(struct profile, device_count),
	  ELEMENT(profile_device),
	  .help = "any other PCI device that the guest gets" },
	{ .name = "disk", .repeatable = true, .supported = true,
	  .array = offsetof(struct profile, disk), .count = offsetof(struct profile, disk_count),
	  ELEMENT(profile_disk),
	  .help = "a disk: an image file or a block device" },
	{ .name = "cdrom", .repeatable = true, .supported = true,
	  .array = offsetof(struct profile, cdrom), .count = offsetof(struct profile, cdrom_count),
	  ELEMENT(profile_cdrom),
	  .help = "a CD or DVD image" },
	{ .name = "net", .repeatable = true, .supported = true,
	  .array = offsetof(struct profile, net), .count = offsetof(struct profile, net_count),
	  ELEMENT(profile_net),
	  .help = "a network card" },
	{ .name = "usb", .repeatable = true,
	  .array = offsetof(struct profile, usb), .count = offsetof(struct profile, usb_count),
	  ELEMENT(profile_usb),
	  .help = "a USB device of the host" },
	{ .name = "input", .repeatable = true,
	  .array = offsetof(struct profile, input), .count = offsetof(struct profile, input_count),
	  ELEMENT(profile_input),
	  .help = "a keyboard or mouse of the host, shared by a key press" },
	{ .name = "audio", .present = offsetof(struct profile, has_audio),
	  .help = "sound, through the user's session" },
	{ .name = "looking-glass", .present = offsetof(struct profile, has_looking_glass),
	  .help = "shared memory for Looking Glass" },
	{ .name = "tpm", .present = offsetof(struct profile, has_tpm),
	  .help = "a TPM, by swtpm" },
	{ .name = "share", .repeatable = true,
	  .array = offsetof(struct profile, share), .count = offsetof(struct profile, share_count),
	  ELEMENT(profile_share),
	  .help = "a directory of the host, by virtiofsd" },
	{ .name = "display", .supported = true,
	  .help = "QEMU's own window or remote screen" },
	{ .name = "session",
	  .help = "the host's desktop, when the guest gets the card that it runs on" },
	{ .name = "host", .supported = true,
	  .help = "the host while the VM runs" },
	{ .name = "hooks",
	  .help = "programs that are run as root before and after" },
	{ .name = "qemu", .supported = true,
	  .help = "arguments for QEMU that have no key of their own" },
	{ .name = NULL },
};

/* What [gpu] and [pci] have in common, before and after `group`. */
#define DEVICE_KEYS(section_, example_)                                                            \
	{ .section = section_, .name = "device", .type = PROFILE_KEY_DEVICE, .required = true,     \
	  .example = example_, FIELD(profile_device, device), POS(profile_device, device.pos),     \
	  .help = "the device: its PCI address, or its ids when exactly one device has them" },    \
	{ .section = section_, .name = "id", .type = PROFILE_KEY_ID, .example = "10de:2486",       \
	  .default_note = "not checked", FIELD(profile_device, id_vendor),                         \
	  POS(profile_device, id_pos),                                                             \
	  .help = "refuse when the device at the address is another one" },                        \
	{ .section = section_, .name = "boot-index", .type = PROFILE_KEY_NUMBER,                   \
	  .default_note = "none; an NVMe controller: the order of the file", .example = "1",       \
	  .min = 1, .max = BOOT_INDEX_MAX, FIELD(profile_device, boot_index),                      \
	  .help = "the place in the boot order" }
#define GROUP_KEY(section_, default_, words_, hint_)                                               \
	{ .section = section_, .name = "group", .type = PROFILE_KEY_CHOICE,                        \
	  .default_value = default_, .words = words_,                                              \
	  .hint = hint_, FIELD(profile_device, group),                                             \
	  .help = "which other functions go with the device" }
#define SHOWN_KEYS(section_)                                                                       \
	{ .section = section_, .name = "show-id", .type = PROFILE_KEY_SHOWN_ID,                    \
	  .default_note = "the device's own", .example = "10de:1f91",                              \
	  FIELD(profile_device, show), .help = "the ids that the guest sees" },                    \
	{ .section = section_, .name = "subsystem-id", .type = PROFILE_KEY_SHOWN_ID,               \
	  .default_note = "the device's own", .example = "17aa:3a6d",                              \
	  FIELD(profile_device, subsystem), .help = "the subsystem ids that the guest sees" },     \
	{ .section = section_, .name = "eject", .type = PROFILE_KEY_YES_NO,                        \
	  .default_value = "yes", FIELD(profile_device, eject),                                    \
	  .help = "the guest can eject the device" }
#define BIND_KEYS(section_)                                                                        \
	{ .section = section_, .name = "reset", .type = PROFILE_KEY_TEXT, .default_value = "auto", \
	  .supported = "auto", .min = 1, .max = 32, .also = "_", .first = "",                      \
	  .expected = "auto, none or a name from the device's reset_method",                       \
	  FIELD(profile_device, reset),                                                            \
	  .help = "how the device is reset when it does not come back by itself" },                \
	{ .section = section_, .name = "driver", .type = PROFILE_KEY_TEXT,                         \
	  .default_value = "vfio-pci", .min = 1, .max = 55, .also = "_-", \
	  .first = "", .expected = "vfio-pci, auto or the name of a vfio driver",                  \
	  FIELD(profile_device, driver), POS(profile_device, driver_pos),                          \
	  .help = "the vfio driver that takes the device" },                                       \
	{ .section = section_, .name = "holders", .type = PROFILE_KEY_CHOICE,                      \
	  .default_value = "refuse", .supported = "refuse",                                        \
	  .words = WORDS({ "refuse", PROFILE_HOLDERS_REFUSE }, { "ask", PROFILE_HOLDERS_ASK },     \
			 { "terminate", PROFILE_HOLDERS_TERMINATE }),                              \
	  FIELD(profile_device, holders), .help = "processes that hold the device" }

/* [gpu] starts at the second: a graphics card is always taken with its slot. */
static const struct profile_word groups[] = {
	{ "function", PROFILE_GROUP_FUNCTION }, { "slot", PROFILE_GROUP_SLOT },
	{ "all", PROFILE_GROUP_ALL }, { "hold", PROFILE_GROUP_HOLD }, { NULL, 0 },
};

const struct profile_key profile_keys[] = {
	{ .section = "vm", .name = "name", .type = PROFILE_KEY_TEXT,
	  .default_note = "the file's name without .profile",
	  .min = 1, .max = PROFILE_NAME_MAX, .also = "_.-", .first = "",
	  .expected = "1 to 32 letters, digits, \"_\", \".\" or \"-\", a letter or digit first",
	  FIELD(profile, name), .help = "the name of the VM" },
	{ .section = "vm", .name = "user", .type = PROFILE_KEY_TEXT,
	  .default_note = "the user behind sudo, doas or pkexec",
	  .min = 1, .max = 32, .also = "_.-", .first = "_",
	  .expected = "a user's name: letters, digits, \"_\", \".\" or \"-\", at most 32",
	  .hint = "a name is needed, not a number",
	  FIELD(profile, user), POS(profile, user_pos), .help = "the user that QEMU runs as" },
	{ .section = "vm", .name = "memory", .type = PROFILE_KEY_SIZE, .required = true,
	  .example = "16G", .min = MIB, .max = 16 * TIB,
	  FIELD(profile, memory_bytes), POS(profile, memory_pos), .help = "the guest's memory" },
	{ .section = "vm", .name = "hugepages", .type = PROFILE_KEY_HUGEPAGES, .default_value = "no",
	  .words = WORDS({ "no", 0 }, { "yes", 1 }, { "2M", 2 * MIB }, { "1G", GIB }),
	  FIELD(profile, hugepage_bytes), .help = "back the memory with huge pages" },
	{ .section = "vm", .name = "memory-node", .type = PROFILE_KEY_NODE,
	  .default_note = "wherever the host has it", .example = "0", .min = 0, .max = 1023,
	  FIELD(profile, memory_node), POS(profile, memory_node_pos),
	  .help = "the host's NUMA node that the memory is taken from" },
	{ .section = "vm", .name = "mmio64", .type = PROFILE_KEY_SIZE, .default_value = "auto",
	  .words = WORDS({ "auto", 0 }), .min = GIB, .max = 16 * TIB,
	  FIELD(profile, mmio64_bytes), POS(profile, mmio64_pos),
	  .help = "the guest's address space for large BARs" },
	{ .section = "vm", .name = "cpus", .type = PROFILE_KEY_NUMBER, .default_value = "2",
	  .min = 1, .max = 1024, FIELD(profile, cpus), .help = "virtual processors" },
	{ .section = "vm", .name = "threads", .type = PROFILE_KEY_NUMBER, .default_value = "1",
	  .min = 1, .max = 8, FIELD(profile, threads), .help = "threads per core shown to the guest" },
	{ .section = "vm", .name = "dies", .type = PROFILE_KEY_NUMBER, .default_value = "1",
	  .min = 1, .max = 64, FIELD(profile, dies), .help = "dies per socket shown to the guest" },
	{ .section = "vm", .name = "sockets", .type = PROFILE_KEY_NUMBER, .default_value = "1",
	  .min = 1, .max = 64, FIELD(profile, sockets), .help = "sockets shown to the guest" },
	{ .section = "vm", .name = "pin", .type = PROFILE_KEY_CPUS, .default_note = "not pinned",
	  .example = "4-7,12-15", .max = 8191, .hint = "no blanks, and ranges upwards",
	  FIELD(profile, pin), POS(profile, pin_pos), .help = "host CPUs, one per virtual processor" },
	{ .section = "vm", .name = "affinity", .type = PROFILE_KEY_CPUS, .default_note = "not pinned",
	  .example = "4-11", .max = 8191, .hint = "no blanks, and ranges upwards",
	  FIELD(profile, affinity), POS(profile, affinity_pos), .help = "host CPUs for all virtual processors" },
	{ .section = "vm", .name = "emulator-pin", .type = PROFILE_KEY_CPUS, .default_note = "not pinned",
	  .example = "0-1", .max = 8191, .hint = "no blanks, and ranges upwards",
	  FIELD(profile, emulator_pin), POS(profile, emulator_pin_pos), .help = "host CPUs for QEMU's other threads" },
	{ .section = "vm", .name = "iothread-pin", .type = PROFILE_KEY_CPUS, .default_note = "as emulator-pin",
	  .example = "0-1", .max = 8191, .hint = "no blanks, and ranges upwards",
	  FIELD(profile, iothread_pin), POS(profile, iothread_pin_pos), .help = "host CPUs for the disks' threads" },
	{ .section = "vm", .name = "realtime", .type = PROFILE_KEY_YES_NO, .default_value = "no",
	  FIELD(profile, realtime), .help = "virtual processors before all other work of their CPUs" },
	{ .section = "vm", .name = "cpu", .type = PROFILE_KEY_TEXT,
	  .default_note = "host; with accel = tcg: max",
	  .min = 1, .max = 1024, .expected = "a -cpu model of QEMU without blanks, at most 1024 bytes",
	  .hint = "no blanks behind the commas",
	  FIELD(profile, cpu), .help = "the processor model, flags behind commas" },
	{ .section = "vm", .name = "accel", .type = PROFILE_KEY_CHOICE, .default_value = "kvm",
	  .words = WORDS({ "kvm", PROFILE_ACCEL_KVM }, { "tcg", PROFILE_ACCEL_TCG }),
	  FIELD(profile, accel), .help = "hardware virtualisation or emulation" },
	{ .section = "vm", .name = "machine", .type = PROFILE_KEY_TEXT, .default_value = "q35",
	  .min = 1, .max = 64, .also = "_.-", .first = "",
	  .expected = "a machine type of QEMU such as q35 or pc-q35-7.2",
	  .hint = "properties of the machine stand in [qemu]",
	  FIELD(profile, machine), .help = "the machine type" },
	{ .section = "vm", .name = "firmware", .type = PROFILE_KEY_CHOICE, .default_value = "uefi",
	  .words = WORDS({ "bios", PROFILE_FIRMWARE_BIOS }, { "uefi", PROFILE_FIRMWARE_UEFI },
			 { "uefi-secure", PROFILE_FIRMWARE_UEFI_SECURE }),
	  FIELD(profile, firmware), POS(profile, firmware_pos),
	  .help = "the firmware that the guest starts with" },
	{ .section = "vm", .name = "firmware-image", .type = PROFILE_KEY_PATH,
	  .default_note = "found through QEMU's firmware descriptors", .example = "/path/CODE.fd",
	  .max = PATH_LENGTH_MAX, FIELD(profile, firmware_image), POS(profile, firmware_image_pos),
	  .help = "a UEFI firmware of one's own" },
	{ .section = "vm", .name = "nvram", .type = PROFILE_KEY_PATH,
	  .default_note = "a copy per VM in the user's state directory", .example = "/path/VARS.fd",
	  .max = PATH_LENGTH_MAX, FIELD(profile, nvram), POS(profile, nvram_pos),
	  .help = "the file with the UEFI variables" },
	{ .section = "vm", .name = "hyperv", .type = PROFILE_KEY_YES_NO, .default_value = "no",
	  FIELD(profile, hyperv), .help = "all Hyper-V enlightenments that QEMU and KVM have" },
	{ .section = "vm", .name = "hide-hypervisor", .type = PROFILE_KEY_YES_NO,
	  .default_value = "no", FIELD(profile, hide_hypervisor),
	  .help = "hide KVM from guest drivers that look for it" },
	{ .section = "vm", .name = "rtc", .type = PROFILE_KEY_CHOICE, .default_value = "utc",
	  .words = WORDS({ "utc", PROFILE_RTC_UTC }, { "localtime", PROFILE_RTC_LOCALTIME }),
	  FIELD(profile, rtc), .help = "what the guest's clock shows" },
	{ .section = "vm", .name = "smbios", .type = PROFILE_KEY_CHOICE, .default_value = "none",
	  .words = WORDS({ "none", PROFILE_SMBIOS_NONE }, { "host", PROFILE_SMBIOS_HOST }),
	  .hint = "strings of one's own are lines \"smbios-string = type=1,...\"",
	  FIELD(profile, smbios), POS(profile, smbios_pos),
	  .help = "whose maker and product the guest is shown" },
	{ .section = "vm", .name = "smbios-string", .type = PROFILE_KEY_SMBIOS, .repeatable = true,
	  .default_note = "none", .example = "type=1,manufacturer=X", .max = 1024, .also = "*",
	  .expected = "type=NUMBER and fields behind commas, such as type=1,manufacturer=X",
	  FIELD(profile, smbios_string), .help = "strings of one's own, as QEMU's -smbios takes them" },
	{ .section = "vm", .name = "acpi-table", .type = PROFILE_KEY_PATHS, .repeatable = true,
	  .default_note = "none", .example = "/path/ssdt.aml", .max = PATH_LENGTH_MAX,
	  FIELD(profile, acpi_table), .help = "a file with one more ACPI table for the guest" },
	{ .section = "vm", .name = "guest-agent", .type = PROFILE_KEY_YES_NO, .default_value = "no",
	  FIELD(profile, guest_agent), .help = "a socket to the agent in the guest" },
	{ .section = "vm", .name = "guest-sleep", .type = PROFILE_KEY_YES_NO, .default_value = "no",
	  FIELD(profile, guest_sleep), .help = "the guest may suspend to memory" },
	{ .section = "vm", .name = "apple-smc", .type = PROFILE_KEY_PATH, .default_note = "none",
	  .example = "/path/osk.txt", .max = PATH_LENGTH_MAX,
	  FIELD(profile, apple_smc), POS(profile, apple_smc_pos),
	  .help = "a file with the string of an Apple SMC" },
	{ .section = "vm", .name = "qemu", .type = PROFILE_KEY_EMULATOR,
	  .default_value = "qemu-system-x86_64", .max = PATH_LENGTH_MAX,
	  .expected = "a file name, or a path that starts with \"/\"",
	  FIELD(profile, qemu), POS(profile, qemu_pos), .help = "the emulator" },
	{ .section = "vm", .name = "sandbox", .type = PROFILE_KEY_CHOICE, .default_value = "strict",
	  .words = WORDS({ "strict", PROFILE_SANDBOX_STRICT }, { "log", PROFILE_SANDBOX_LOG },
			 { "off", PROFILE_SANDBOX_OFF }),
	  FIELD(profile, sandbox), POS(profile, sandbox_pos), .help = "the system call filters" },
	{ .section = "vm", .name = "shutdown-timeout", .type = PROFILE_KEY_DURATION,
	  .default_value = "60s", .min = 1, .max = 3600, FIELD(profile, shutdown_timeout_s),
	  .help = "time for the guest to power down" },
	{ .section = "vm", .name = "on-panic", .type = PROFILE_KEY_CHOICE, .default_value = "shutdown",
	  .words = WORDS({ "shutdown", PROFILE_PANIC_SHUTDOWN }, { "reset", PROFILE_PANIC_RESET },
			 { "pause", PROFILE_PANIC_PAUSE }, { "fail", PROFILE_PANIC_FAIL }),
	  FIELD(profile, on_panic), .help = "when the guest's kernel panics" },
	{ .section = "vm", .name = "on-hangup", .type = PROFILE_KEY_CHOICE, .default_value = "keep",
	  .words = WORDS({ "keep", PROFILE_HANGUP_KEEP }, { "stop", PROFILE_HANGUP_STOP }),
	  FIELD(profile, on_hangup), .help = "when the terminal is closed" },

	DEVICE_KEYS("gpu", "0000:01:00.0"),
	GROUP_KEY("gpu", "slot", groups + 1,
		  "a card goes with its whole slot; a [pci] can be a single function"),
	{ .section = "gpu", .name = "rom", .type = PROFILE_KEY_ROM,
	  .default_note = "the card's own", .example = "/path/vbios.rom",
	  .words = WORDS({ "off", true }), .max = PATH_LENGTH_MAX,
	  FIELD(profile_device, rom), POS(profile_device, rom_pos),
	  .help = "a file with the option ROM for the guest" },
	{ .section = "gpu", .name = "primary", .type = PROFILE_KEY_YES_NO, .default_value = "no",
	  FIELD(profile_device, primary), .help = "the guest's VGA device (x-vga)" },
	SHOWN_KEYS("gpu"),
	{ .section = "gpu", .name = "rebar", .type = PROFILE_KEY_REBAR, .default_value = "keep",
	  .supported = "keep", .min = MIB, .max = 512 * GIB,
	  .words = WORDS({ "keep", PROFILE_REBAR_KEEP }, { "max", PROFILE_REBAR_MAX }),
	  FIELD(profile_device, rebar), .help = "the size of the card's BAR while the VM runs" },
	BIND_KEYS("gpu"),

	DEVICE_KEYS("pci", "0000:00:14.0"),
	GROUP_KEY("pci", "function", groups, NULL),
	SHOWN_KEYS("pci"),
	BIND_KEYS("pci"),

	{ .section = "disk", .name = "path", .type = PROFILE_KEY_PATH, .required = true,
	  .example = "/vms/win10.qcow2", .max = PATH_LENGTH_MAX,
	  FIELD(profile_disk, path), POS(profile_disk, path_pos),
	  .help = "the image file or block device" },
	{ .section = "disk", .name = "format", .type = PROFILE_KEY_FORMAT,
	  .default_note = "by the ending of the path; a block device is raw", .example = "qcow2",
	  .words = WORDS({ "raw", PROFILE_FORMAT_RAW }, { "qcow2", PROFILE_FORMAT_QCOW2 }),
	  .hint = "qemu-img convert makes one of them from other formats",
	  FIELD(profile_disk, format), .help = "the format of the image" },
	{ .section = "disk", .name = "bus", .type = PROFILE_KEY_CHOICE, .default_value = "virtio",
	  .words = WORDS({ "virtio", PROFILE_BUS_VIRTIO }, { "scsi", PROFILE_BUS_SCSI },
			 { "nvme", PROFILE_BUS_NVME }, { "sata", PROFILE_BUS_SATA }),
	  FIELD(profile_disk, bus), .help = "what the guest sees the disk as" },
	{ .section = "disk", .name = "cache", .type = PROFILE_KEY_CHOICE, .default_value = "auto",
	  .words = WORDS({ "auto", PROFILE_CACHE_AUTO }, { "none", PROFILE_CACHE_NONE },
			 { "writeback", PROFILE_CACHE_WRITEBACK },
			 { "directsync", PROFILE_CACHE_DIRECTSYNC },
			 { "writethrough", PROFILE_CACHE_WRITETHROUGH },
			 { "unsafe", PROFILE_CACHE_UNSAFE }),
	  FIELD(profile_disk, cache), .help = "caching by the host" },
	{ .section = "disk", .name = "aio", .type = PROFILE_KEY_CHOICE, .default_value = "auto",
	  .words = WORDS({ "auto", PROFILE_AIO_AUTO }, { "threads", PROFILE_AIO_THREADS },
			 { "native", PROFILE_AIO_NATIVE }),
	  FIELD(profile_disk, aio), POS(profile_disk, aio_pos),
	  .help = "how QEMU asks the host's kernel to read and write" },
	{ .section = "disk", .name = "queues", .type = PROFILE_KEY_NUMBER,
	  .default_note = "one per virtual processor, at most 8", .example = "4", .min = 1,
	  .max = 64, FIELD(profile_disk, queues), .help = "request queues that the guest sees" },
	{ .section = "disk", .name = "ssd", .type = PROFILE_KEY_YES_NO, .default_value = "no",
	  FIELD(profile_disk, ssd), .help = "the guest sees a disk that does not rotate" },
	{ .section = "disk", .name = "discard", .type = PROFILE_KEY_CHOICE, .default_value = "unmap",
	  .words = WORDS({ "unmap", PROFILE_DISCARD_UNMAP }, { "ignore", PROFILE_DISCARD_IGNORE }),
	  FIELD(profile_disk, discard), .help = "what happens to blocks that the guest frees" },
	{ .section = "disk", .name = "readonly", .type = PROFILE_KEY_YES_NO, .default_value = "no",
	  FIELD(profile_disk, readonly), .help = "the guest cannot write" },
	{ .section = "disk", .name = "serial", .type = PROFILE_KEY_TEXT, .default_note = "none",
	  .example = "WD-1234", .min = 1, .max = 20, .also = "_.-", .first = "_.-",
	  .expected = "1 to 20 letters, digits, \"_\", \".\" or \"-\"",
	  FIELD(profile_disk, serial), .help = "the serial number that the guest sees" },
	{ .section = "disk", .name = "iothread", .type = PROFILE_KEY_YES_NO, .default_value = "yes",
	  FIELD(profile_disk, iothread), .help = "a thread of its own for the disk" },
	{ .section = "disk", .name = "boot-index", .type = PROFILE_KEY_NUMBER,
	  .default_note = "the order of the file", .example = "1", .min = 1, .max = BOOT_INDEX_MAX,
	  FIELD(profile_disk, boot_index), .help = "the place in the boot order" },

	{ .section = "cdrom", .name = "path", .type = PROFILE_KEY_PATH, .required = true,
	  .example = "/isos/win11.iso", .max = PATH_LENGTH_MAX,
	  FIELD(profile_cdrom, path), POS(profile_cdrom, path_pos), .help = "the image file" },
	{ .section = "cdrom", .name = "boot-index", .type = PROFILE_KEY_NUMBER,
	  .default_note = "the order of the file", .example = "2", .min = 1, .max = BOOT_INDEX_MAX,
	  FIELD(profile_cdrom, boot_index), .help = "the place in the boot order" },

	{ .section = "net", .name = "mode", .type = PROFILE_KEY_CHOICE, .default_value = "user",
	  .supported = "user none",
	  .words = WORDS({ "user", PROFILE_NET_USER }, { "bridge", PROFILE_NET_BRIDGE },
			 { "tap", PROFILE_NET_TAP }, { "none", PROFILE_NET_NONE }),
	  .hint = "what others call nat is user here",
	  FIELD(profile_net, mode), .help = "what the card is connected to" },
	{ .section = "net", .name = "bridge", .type = PROFILE_KEY_TEXT,
	  .default_note = "required for mode = bridge", .example = "br0", .supported = "",
	  .min = 1, .max = 15, .also = "_.-", .first = "_",
	  .expected = "the name of a bridge, at most 15 characters",
	  FIELD(profile_net, bridge), .help = "the host's bridge" },
	{ .section = "net", .name = "tap", .type = PROFILE_KEY_TEXT,
	  .default_note = "required for mode = tap", .example = "tap0", .supported = "",
	  .min = 1, .max = 15, .also = "_.-", .first = "_",
	  .expected = "the name of a tap interface, at most 15 characters",
	  FIELD(profile_net, tap), .help = "the host's tap interface" },
	{ .section = "net", .name = "mac", .type = PROFILE_KEY_MAC,
	  .default_note = "derived from the VM's name, stable", .example = "52:54:00:12:34:56",
	  FIELD(profile_net, mac), .help = "the card's hardware address" },
	{ .section = "net", .name = "model", .type = PROFILE_KEY_CHOICE, .default_value = "virtio",
	  .words = WORDS({ "virtio", PROFILE_NET_VIRTIO }, { "e1000e", PROFILE_NET_E1000E }),
	  FIELD(profile_net, model), .help = "what the guest sees the card as" },
	{ .section = "net", .name = "forward", .type = PROFILE_KEY_FORWARD, .repeatable = true,
	  .default_note = "none", .example = "tcp:2222:22", .min = 1, .max = 65535,
	  .hint = "first the port of the host, then the guest's; no address",
	  FIELD(profile_net, forward), .help = "a port of the host that leads to one of the guest" },

	{ .section = "usb", .name = "device", .type = PROFILE_KEY_USB, .required = true,
	  .example = "046d:c52b", FIELD(profile_usb, bus_port), .help = "the device" },
	{ .section = "usb", .name = "required", .type = PROFILE_KEY_YES_NO, .default_value = "no",
	  FIELD(profile_usb, required), .help = "refuse to start without it" },

	{ .section = "input", .name = "evdev", .type = PROFILE_KEY_PATH, .required = true,
	  .example = "/dev/input/by-id/usb-Example-event-kbd", .max = PATH_LENGTH_MAX,
	  FIELD(profile_input, evdev), .help = "the input device" },
	{ .section = "input", .name = "grab-toggle", .type = PROFILE_KEY_TEXT,
	  .default_value = "ctrl-ctrl", .min = 1, .max = 32, .also = "-", .first = "",
	  .words = WORDS({ "ctrl-ctrl", 0 }, { "alt-alt", 0 }, { "shift-shift", 0 },
			 { "meta-meta", 0 }, { "scrolllock", 0 }, { "ctrl-scrolllock", 0 }),
	  FIELD(profile_input, grab_toggle), .help = "the keys that switch between host and guest" },

	{ .section = "audio", .name = "backend", .type = PROFILE_KEY_CHOICE, .default_value = "auto",
	  .words = WORDS({ "auto", PROFILE_AUDIO_AUTO }, { "pipewire", PROFILE_AUDIO_PIPEWIRE },
			 { "pulse", PROFILE_AUDIO_PULSE }, { "alsa", PROFILE_AUDIO_ALSA },
			 { "none", PROFILE_AUDIO_NONE }),
	  FIELD(profile, audio), .help = "the host's sound system" },

	{ .section = "looking-glass", .name = "size", .type = PROFILE_KEY_SIZE,
	  .default_value = "64M", .min = MIB, .max = GIB,
	  FIELD(profile, looking_glass_bytes), .help = "the size of a shared memory file" },
	{ .section = "looking-glass", .name = "device", .type = PROFILE_KEY_PATH,
	  .default_note = "none: a shared memory file is used", .example = "/dev/kvmfr0",
	  .max = PATH_LENGTH_MAX, FIELD(profile, looking_glass_device),
	  .help = "a kvmfr device instead of the file" },

	{ .section = "tpm", .name = "version", .type = PROFILE_KEY_MARK, .default_value = "2.0",
	  .words = WORDS({ "2.0", 0 }), FIELD(profile, has_tpm), .help = "the TPM's version" },

	{ .section = "share", .name = "path", .type = PROFILE_KEY_PATH, .required = true,
	  .example = "/home/alice/share", .max = PATH_LENGTH_MAX,
	  FIELD(profile_share, path), .help = "the directory" },
	{ .section = "share", .name = "tag", .type = PROFILE_KEY_TEXT, .required = true,
	  .example = "share", .min = 1, .max = 36, .also = "_.-", .first = "_",
	  .expected = "1 to 36 letters, digits, \"_\", \".\" or \"-\"",
	  FIELD(profile_share, tag), .help = "the name that the guest mounts it by" },
	{ .section = "share", .name = "readonly", .type = PROFILE_KEY_YES_NO, .default_value = "no",
	  FIELD(profile_share, readonly), .help = "the guest cannot write" },

	{ .section = "display", .name = "type", .type = PROFILE_KEY_CHOICE, .supported = "none",
	  .default_note = "none with a [gpu], gtk without",
	  .words = WORDS({ "none", PROFILE_DISPLAY_NONE }, { "gtk", PROFILE_DISPLAY_GTK },
			 { "sdl", PROFILE_DISPLAY_SDL }, { "spice", PROFILE_DISPLAY_SPICE },
			 { "vnc", PROFILE_DISPLAY_VNC },
			 { "egl-headless", PROFILE_DISPLAY_EGL_HEADLESS }),
	  FIELD(profile, display), .help = "the kind of display" },
	{ .section = "display", .name = "socket", .type = PROFILE_KEY_PATH, .supported = "",
	  .default_note = "chosen by vfio-run", .example = "/run/user/1000/win10.sock",
	  .max = SOCKET_LENGTH_MAX, FIELD(profile, display_socket),
	  .help = "the UNIX socket that spice or vnc listens on" },
	{ .section = "display", .name = "listen", .type = PROFILE_KEY_TEXT, .supported = "",
	  .default_note = "a UNIX socket only", .example = "127.0.0.1:5900", .min = 1, .max = 255,
	  .also = ".:[]-%_", .first = "[:", .expected = "ADDRESS:PORT such as 127.0.0.1:5900",
	  FIELD(profile, display_listen), .help = "a network address to listen on instead" },

	{ .section = "session", .name = "stop", .type = PROFILE_KEY_TEXTS, .repeatable = true,
	  .default_note = "none", .example = "display-manager.service", .min = 1, .max = 255,
	  .also = "_.-@:\\", .first = "_", .expected = "the name of a unit such as gdm.service",
	  FIELD(profile, session_stop), .help = "a service that is stopped before and started after" },
	{ .section = "session", .name = "release-console", .type = PROFILE_KEY_CHOICE,
	  .default_value = "auto",
	  .words = WORDS({ "auto", PROFILE_AUTO }, { "yes", PROFILE_YES }, { "no", PROFILE_NO }),
	  FIELD(profile, release_console), .help = "take the text console off the card" },
	{ .section = "session", .name = "unload-modules", .type = PROFILE_KEY_UNLOAD,
	  .default_value = "auto", .max = 64,
	  .words = WORDS({ "auto", PROFILE_UNLOAD_AUTO }, { "no", PROFILE_UNLOAD_NO }),
	  .expected = "auto, no or modules' names with commas between",
	  .hint = "no blanks behind the commas",
	  FIELD(profile, unload_list), .help = "driver modules that are unloaded" },

	{ .section = "host", .name = "isolate-cpus", .type = PROFILE_KEY_YES_NO,
	  .default_value = "no", FIELD(profile, isolate_cpus),
	  .help = "keep other work off the pinned CPUs" },
	{ .section = "host", .name = "governor", .type = PROFILE_KEY_CHOICE, .default_value = "keep",
	  .words = WORDS({ "keep", PROFILE_GOVERNOR_KEEP },
			 { "performance", PROFILE_GOVERNOR_PERFORMANCE }),
	  FIELD(profile, governor), .help = "the CPU frequency governor" },
	{ .section = "host", .name = "inhibit", .type = PROFILE_KEY_CHOICE, .default_value = "sleep",
	  .words = WORDS({ "none", PROFILE_INHIBIT_NONE }, { "sleep", PROFILE_INHIBIT_SLEEP },
			 { "shutdown", PROFILE_INHIBIT_SHUTDOWN }),
	  FIELD(profile, inhibit), .help = "what the host does not do meanwhile" },

	{ .section = "hooks", .name = "prepare", .type = PROFILE_KEY_PATH, .default_note = "none",
	  .example = "/etc/vfio-run/hooks/prepare", .max = PATH_LENGTH_MAX,
	  FIELD(profile, hook_prepare), POS(profile, hooks_pos),
	  .help = "run before the first change" },
	{ .section = "hooks", .name = "started", .type = PROFILE_KEY_PATH, .default_note = "none",
	  .example = "/etc/vfio-run/hooks/started", .max = PATH_LENGTH_MAX,
	  FIELD(profile, hook_started), POS(profile, hooks_pos),
	  .help = "run when QEMU is running" },
	{ .section = "hooks", .name = "released", .type = PROFILE_KEY_PATH, .default_note = "none",
	  .example = "/etc/vfio-run/hooks/released", .max = PATH_LENGTH_MAX,
	  FIELD(profile, hook_released), POS(profile, hooks_pos),
	  .help = "run when everything is back" },

	{ .section = "qemu", .name = "argument", .type = PROFILE_KEY_TEXTS, .repeatable = true,
	  .default_note = "none", .example = "-device", .max = ARGUMENT_LENGTH_MAX, .also = "*",
	  .expected = "one argument of QEMU", FIELD(profile, qemu_argument),
	  .help = "one argument for QEMU, after all others" },
	{ .section = NULL },
};
/* clang-format on */
