/* SPDX-License-Identifier: GPL-2.0-or-later */
/* new-text.c - the profile that `vfio-run new` writes: each key with the reason why it is there */
#include <string.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/log.h"
#include "launcher/commands/new/new.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/host/small-file.h"

#define COMMENT_COLUMNS 78 /* behind the sign of a comment */

static void write_head(const struct new_vm *vm, FILE *out)
{
	(void)fprintf(out,
		      "#!/usr/bin/env -S sudo vfio-run\n"
		      "#\n"
		      "# %s, written by `vfio-run new` for this machine. Every key is described in\n"
		      "# vfio-run.profile(5).\n"
		      "#\n"
		      "#   sudo vfio-run check %s   says what this machine still lacks\n"
		      "#   vfio-run -n %s           shows what would be done, and does nothing\n",
		      vm->name, vm->name, vm->name);
}

static void write_cpus(const struct new_cpus *c, FILE *out)
{
	char host[128];

	(void)fprintf(out, "\ncpus = %u\n", c->count);
	if (c->threads > 1)
		(void)fprintf(out, "threads = %u\n", c->threads);
	if (cpus_is_empty(&c->host))
		return;
	(void)fprintf(out, "# Each of the guest's processors on a CPU of its own%s,\n"
			   "# in the order core by core; what QEMU does itself on the others.\npin = ",
		      c->shares_cache ? ", all with one L3 cache" : "");
	for (unsigned int i = 0; i < c->count; i++)
		(void)fprintf(out, "%s%u", i ? "," : "", c->pin[i]);
	cpus_format(&c->host, host, sizeof(host));
	(void)fprintf(out, "\nemulator-pin = %s\n", host);
}

static void write_machine(const struct new_vm *vm, FILE *out)
{
	(void)fprintf(out, "\n[vm]\n# Half of what is installed: the host needs the rest.\nmemory = %lluG\n",
		      (unsigned long long)vm->gib);
	write_cpus(&vm->cpus, out);
	(void)fprintf(out, "\nfirmware = %s\n", vm->windows11 && vm->secure ? "uefi-secure" : "uefi");
	if (vm->windows)
		(void)fprintf(out, "%srtc = localtime\nshutdown-timeout = 120s\n",
			      vm->hyperv ? "\n# What Windows wants: KVM's own clocks and calls, and local time.\nhyperv = yes\n" :
					   "\n# What Windows wants: local time. Its own clocks and calls (`hyperv = yes`) this\n"
					   "# host's KVM does not have.\n");
	if (!vm->windows11)
		return;
	(void)fprintf(out, "\n# Windows 11 does not install without one; its state is this VM's.\n");
	if (!vm->swtpm)
		(void)fprintf(out, "# It takes swtpm, which is not installed: `vfio-run setup %s` says how.\n", vm->name);
	(void)fprintf(out, "[tpm]\nversion = 2.0\n");
}

/* A comment in lines that end between words, whatever bytes are in it. */
static void write_comment(const char *text, FILE *out)
{
	char quoted[2 * NEW_WHY_MAX];
	cleanup_free char *lines = NULL;
	char *rest, *line;
	size_t size;
	FILE *f = open_memstream(&lines, &size);

	if (f)
		columns_wrap_to(f, log_quote(text, quoted, sizeof(quoted)), 0, 0, COMMENT_COLUMNS);
	if (!f || fclose(f))
		return;
	(void)fputc('\n', out);
	rest = lines;
	while ((line = host_next_line(&rest)))
		(void)fprintf(out, "# %s\n", line);
}

static void write_no_card(const struct new_vm *vm, FILE *out)
{
	const struct host_device *d = vm->refused;
	char text[NEW_WHY_MAX + 256];

	if (d)
		(void)snprintf(text, sizeof(text), "%s cannot be given as it is: %s. Until then the guest is in a window.",
			       vm->card_name, vm->why);
	else
		(void)snprintf(text, sizeof(text),
			       "This machine has no graphics card to be given: the guest is in a window. "
			       "`vfio-run list gpu` shows the cards.");
	write_comment(text, out);
	if (d)
		(void)fprintf(out, "#[gpu]\n#device = %s\n#id = %04x:%04x\n", d->name, d->vendor, d->device);
	else
		(void)fprintf(out, "#[gpu]\n#device = ADDRESS\n");
}

static void write_card(const struct new_vm *vm, FILE *out)
{
	const struct host_device *d = vm->card;

	if (!d) {
		write_no_card(vm, out);
		return;
	}
	if (vm->no_iommu)
		write_comment("No IOMMU is in use on this host: until it is, `vfio-run -n` refuses this "
			      "card, and whether its group can be given is not known. `vfio-run setup` says "
			      "how to switch it on.", out);
	(void)fprintf(out, "\n# %s\n"
			   "# Its sound goes with it. The run is refused when another device is at that\n"
			   "# address, as can happen after hardware was added.\n"
			   "[gpu]\ndevice = %s\nid = %04x:%04x\n",
		      vm->card_name, d->name, d->vendor, d->device);
	if (vm->sound)
		(void)fprintf(out, "\n# The card's sound, which is in a slot of its own.\n"
				   "[pci]\ndevice = %s\nid = %04x:%04x\n",
			      vm->sound->name, vm->sound->vendor, vm->sound->device);
	if (vm->desktop)
		(void)fprintf(out, "\n# The host's desktop is on it: that ends when the guest starts, with all its\n"
				   "# windows, and the login screen comes back when the guest has ended.\n"
				   "[session]\nstop = display-manager.service\n");
}

static void write_disks(const struct new_vm *vm, FILE *out)
{
	(void)fprintf(out, "\n# In a folder of this VM's own: a guest can make its image name a file that lies\n"
		      "# beside it.\n");
	if (!vm->iso)
		(void)fprintf(out, "# mkdir -p " NEW_FOLDER "\n# qemu-img create -f qcow2 " NEW_FOLDER "/disk.qcow2 " NEW_FILES_DISK "\n",
			      vm->name, vm->name);
	(void)fprintf(out, "[disk]\npath = %s\n", vm->disk);
	if (vm->windows && !*vm->drivers)
		(void)fprintf(out, "# Windows has a driver for it; for virtio, which is faster, it must be\n"
			      "# installed.\nbus = sata\n");
	if (vm->iso)
		(void)fprintf(out, "boot-index = 2\n\n# Until the guest is installed; it is asked for a key at its start.\n"
				   "[cdrom]\npath = %s\nboot-index = 1\n", vm->iso);
	if (*vm->drivers)
		(void)fprintf(out, "\n# The drivers for virtio, which the installer of Windows has to be shown.\n"
				   "[cdrom]\npath = %s\n", vm->drivers);
}

static void write_rest(const struct new_vm *vm, FILE *out)
{
	(void)fprintf(out, "\n[net]\nmode = user\n%s", vm->windows && !*vm->drivers ? "model = e1000e\n" : "");
	if (*vm->keyboard || *vm->mouse)
		(void)fprintf(out, "\n# The host's keyboard and mouse for the guest; both control keys together\n"
				   "# change sides.\n");
	if (*vm->keyboard)
		(void)fprintf(out, "#[input]\n#evdev = /dev/input/by-id/%s\n#grab-toggle = ctrl-ctrl\n", vm->keyboard);
	if (*vm->mouse)
		(void)fprintf(out, "#[input]\n#evdev = /dev/input/by-id/%s\n", vm->mouse);
}

/** new_write() - the profile, commented; every line of it is read back by the parser without an error */
void new_write(const struct new_vm *vm, FILE *out)
{
	write_head(vm, out);
	write_machine(vm, out);
	write_card(vm, out);
	write_disks(vm, out);
	write_rest(vm, out);
}
