/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * causes.c - what lines of QEMU's and the kernel's mean, and what helps: one table, with sources
 *
 * In vfio-run itself and not in what runs beside a VM: a table costs memory where it is looked at.
 * The first row that fits counts, so the narrower ones stand first.
 */
#include <stdio.h>
#include <string.h>

#include "launcher/base/cleanup.h"
#include "launcher/commands/status/causes.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/commands/terminal/screen.h"

/* clang-format off */
static const struct cause rows[] = {
	/* QEMU: devices */
	{ "group * is not viable", "another device of the IOMMU group still has a driver of the host's",
	  "`vfio-run list` shows the group; `group = hold` or `group = all` takes all of it",
	  "QEMU hw/vfio; kernel drivers/vfio/group.c" },
	{ "error getting device from group", "a device of the IOMMU group is not on vfio-pci", "`vfio-run list` shows the group",
	  "QEMU hw/vfio" },
	{ "VFIO_MAP_DMA failed: Cannot allocate memory", "the guest's memory could not be locked: there is not enough, or a limit is in the way",
	  "a smaller `memory`, or `LimitMEMLOCK=infinity` in the unit that starts it", "canonical/lxd and others: the limit of locked memory" },
	{ "VFIO_MAP_DMA failed: Invalid argument", "the guest has addresses that the IOMMU cannot reach",
	  "a smaller `mmio64`, or `cpu = host,host-phys-bits-limit=39`", "gnif/LookingGlass issue 1184" },
	{ "VFIO_MAP_DMA failed: Bad address", "memory that the guest shares is not there in full: /dev/shm is too small, or the file shrank",
	  "`df -h /dev/shm`; a smaller `size`", "virtio-win/kvm-guest-drivers-windows issue 573" },
	{ "vfio_dma_map*= -22", "the guest has addresses that the IOMMU cannot reach",
	  "a smaller `mmio64`, or `cpu = host,host-phys-bits-limit=39`", "QEMU hw/vfio" },
	{ "Failed to mmap *Performance may be slow", "a BAR is reached call by call: the host's driver left it mapped in another way",
	  "start the host without that driver for the card, or live with it", "ipaqmaster/vfio, thorio/vfio-run: PAT" },
	{ "Cannot reset device *depends on group", "its reset would reach another IOMMU group, so there was none",
	  "give that group's device too, when the card does not come back well", "QEMU hw/vfio/pci.c" },
	{ "Unknown PCI header type", "the card does not answer: it sleeps too deeply, or its last reset failed",
	  "`systemctl suspend` and wake the host, or `reboot`", "QEMU hw/pci/pci.c" },
	{ "Cannot read device rom", "the card's option ROM cannot be read: the firmware has switched it off, or used it up",
	  "nothing, where the guest shows a picture; else `rom = FILE` with one that was dumped (`vfio-run rom dump`), or `rom = off`",
	  "QEMU hw/vfio/pci.c, vfio_pci_load_rom()" },
	{ "stuck in D3", "the card does not wake up", "`systemctl suspend` and wake the host, or `reboot`", "QEMU hw/vfio/pci.c" },
	{ "failed to open /dev/vfio/*busy", "another program has the group open", "`fuser -v /dev/vfio/*` shows which", "kernel drivers/vfio/group.c" },
	{ "Resetting the Virtual Machine is required", "the hardware has reported a fatal error of a device",
	  "`vfio-run status` shows the PCIe errors; another slot, or other power, if it happens again", "QEMU hw/vfio/pci.c, vfio_err_notifier_handler()" },
	/* QEMU: memory, processors */
	{ "cannot set up guest memory", "there is less free memory than the guest asks for", "a smaller `memory`", "QEMU system/physmem.c" },
	{ "unable to map backing store for guest RAM", "there are fewer free huge pages than the guest asks for",
	  "a smaller `memory`, or `hugepages = no`", "QEMU util/mmap-alloc.c" },
	{ "Could not access KVM kernel module", "KVM is not there, or not for this user", "`vfio-run check` says which", "QEMU accel/kvm/kvm-all.c" },
	{ "host doesn't support requested feature", "the processor lacks something that `cpu` asks for: a warning, the guest runs without",
	  "`cpu = host`", "QEMU target/i386/cpu.c" },
	{ "KVM internal error. Suberror", "the guest has run into something that KVM cannot do", "`cpu = host`, and the newest microcode", "QEMU accel/kvm/kvm-all.c" },
	/* QEMU: files, network, display, sound */
	{ "Failed to get \"write\" lock", "another program has the disk's image open: another VM, or qemu-img", "end that one: `fuser -v FILE`", "QEMU block/file-posix.c" },
	{ "Failed to get shared \"write\" lock", "another program has the disk's image open", "end that one: `fuser -v FILE`", "QEMU block/file-posix.c" },
	{ "Image is corrupt", "the disk's image is damaged", "`qemu-img check FILE`, on a copy first", "QEMU block/qcow2.c" },
	{ "No space left on device", "a file system is full: of a disk's image, mostly", "`df -h`", "errno(3), ENOSPC" },
	{ "Could not set up host forwarding rule", "a port of `forward` is taken, or below 1024", "another port; `ss -ltnup` shows whose it is", "QEMU net/slirp.c" },
	{ "gtk initialization failed", "there is no desktop for a window", "start it from the desktop's session, or write `type = none` or `type = spice`", "QEMU ui/gtk.c" },
	{ "pa_context_connect() failed", "the user's sound server does not answer", "`systemctl --user status pipewire-pulse`, as that user", "QEMU audio/paaudio.c" },
	{ "is not a valid device model name", "this QEMU lacks that device, or the package that has it", "`vfio-run check PROFILE` names the package", "QEMU system/qdev-monitor.c" },
	{ "Property *not found", "this QEMU does not know that property: it is of a newer one, or misspelt", "`-device NAME,help` of that QEMU lists them", "QEMU qom/object.c" },
	/* the kernel */
	{ "apparmor=\"DENIED\"", "a profile of AppArmor forbids a program what it needs; `profile`, `operation` and `name` say what",
	  "allow it in /etc/apparmor.d/local, and load the profile again: `apparmor_parser -r FILE`", "kernel security/apparmor/audit.c" },
	{ "Invalid PCI ROM header signature", "the card's option ROM cannot be read: the firmware has switched it off, or used it up",
	  "`rom = FILE` with one that was dumped (`vfio-run rom dump`), or `rom = off`", "kernel drivers/pci/rom.c" },
	{ "Invalid PCI ROM data signature", "the card's option ROM is damaged", "`rom = FILE` with one that was dumped, or `rom = off`", "kernel drivers/pci/rom.c" },
	{ "not ready *giving up", "the card did not come back from a reset", "`systemctl suspend` and wake the host, or `reboot`", "kernel drivers/pci/pci.c, pci_dev_wait()" },
	{ "Unable to change power state from D3", "the card does not wake up", "`systemctl suspend` and wake the host, or `reboot`", "kernel drivers/pci/pci.c" },
	{ "can't reserve [mem", "something of the host's still has the card's memory: the boot framebuffer, mostly",
	  "`release-console = yes` in [session]", "siderolabs/talos issue 14356" },
	{ "NVRM: Attempting to remove device *non-zero usage count", "NVIDIA's driver waits for programs that have the card",
	  "end them: `vfio-run list gpu` shows which; with 595 and later the wait may never end", "NVIDIA/open-gpu-kernel-modules issues 1119, 1292" },
	{ "RmInitAdapter failed", "NVIDIA's driver cannot start the card: it was not reset, or has too little power", "`reboot`", "NVIDIA/open-gpu-kernel-modules" },
	{ "PSP load tmr failed", "the card was not reset between two drivers", "`reboot`; another reset with `reset =`", "gnif/vendor-reset" },
	{ "psp *failed to load", "the card was not reset between two drivers", "`reboot`; another reset with `reset =`", "gnif/vendor-reset" },
	{ "AMD-Vi: Completion-Wait loop timed out", "the IOMMU waits for a device that hangs", "`reboot`", "kernel drivers/iommu/amd/iommu.c" },
	{ "IO_PAGE_FAULT", "a device has reached for memory that is not its guest's: stopped by the IOMMU",
	  "harmless once at a guest's start or end; else the guest's driver, or the device, is at fault", "kernel drivers/iommu/amd/iommu.c" },
	{ "DMAR: *fault addr", "a device has reached for memory that is not its guest's: stopped by the IOMMU",
	  "harmless once at a guest's start or end; else the guest's driver, or the device, is at fault", "kernel drivers/iommu/intel/dmar.c" },
	{ "Firmware has requested this device have a 1:1 IOMMU mapping", "the firmware keeps memory of the device (RMRR)",
	  "switch off, in the firmware's setup, what uses it before Linux does", "kernel drivers/iommu/iommu.c" },
	{ "No interrupt remapping", "the IOMMU cannot keep interrupts apart", "switch x2APIC or interrupt remapping on in the firmware's setup", "kernel drivers/vfio/vfio_iommu_type1.c" },
	{ "ignored rdmsr", "the guest has asked for a register that KVM does not have: harmless, mostly", "none is needed", "kernel arch/x86/kvm/x86.c" },
	{ "Out of memory: Killed process", "the host had no memory left, and the kernel has ended a process", "a smaller `memory`", "kernel mm/oom_kill.c" },
	{ "AER: *Uncorrectable", "the hardware has reported errors on the card's link", "another slot, cable or power; a slower link in the firmware's setup", "kernel drivers/pci/pcie/aer.c" },
};
/* clang-format on */
_Static_assert(ARRAY_SIZE(rows) <= sizeof(((struct causes_seen *)0)->row), "each row has a place");

size_t causes_count(void)
{
	return ARRAY_SIZE(rows);
}

/** causes_row() - for the tests */
const struct cause *causes_row(size_t i)
{
	return &rows[i];
}

/* Both parts, in their order. */
static bool fits(const char *pattern, const char *line)
{
	const char *star = strchr(pattern, '*');
	char part[128];
	const char *at;

	if (!star)
		return strstr(line, pattern);
	(void)snprintf(part, sizeof(part), "%.*s", (int)(star - pattern), pattern);
	at = strstr(line, part);
	return at && strstr(at + strlen(part), star + 1);
}

/** cause_of() - what a line means; NULL: none that is known */
const struct cause *cause_of(const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (fits(rows[i].line, line))
			return &rows[i];
	return NULL;
}

/** causes_note() - remember what a line means */
void causes_note(struct causes_seen *seen, const char *line)
{
	const struct cause *c = cause_of(line);

	if (c)
		seen->row[c - rows] = 1;
}

/** causes_print() - what the lines that were noted mean, each once, to stdout */
void causes_print(const struct causes_seen *seen)
{
	bool some = false;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[1024];

		if (!seen->row[i])
			continue;
		if (!some)
			(void)puts("\nWhat some of these lines mean:");
		some = true;
		(void)snprintf(text, sizeof(text), "\"%s\": %s; %s", rows[i].line, rows[i].means,
			       rows[i].remedy);
		(void)printf("  ");
		columns_wrap(text, 2, 4, screen_width());
	}
}
