/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-machine.c - QEMU's arguments for the board: machine type, processor, firmware tables */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/host/kernel/smbios.h"
#include "launcher/host/qemu/hyperv.h"
#include "launcher/keeper/handover.h"
#include "launcher/plan/qemu/qemu.h"
#include "profiles/profile.h"

static const char *machine_type(const struct qemu *q)
{
	return q->profile->machine ? q->profile->machine : "q35";
}

static bool is_q35(const struct qemu *q)
{
	return !strncmp(machine_type(q), "q35", 3) || !strncmp(machine_type(q), "pc-q35", 6);
}

/** qemu_is_pc() - is the machine type one of the PC's, with its ISA devices and its HPET? */
bool qemu_is_pc(const struct qemu *q)
{
	return is_q35(q) || !strncmp(machine_type(q), "pc", 2);
}

/** qemu_is_uefi() - does the guest start from flash? */
bool qemu_is_uefi(const struct qemu *q)
{
	return q->profile->firmware != PROFILE_FIRMWARE_BIOS && q->facts->firmware_code;
}

/** qemu_machine() - the machine type with its properties */
void qemu_machine(struct qemu *q)
{
	cleanup_free char *escaped = argv_double_commas(machine_type(q));
	bool vars = qemu_is_uefi(q) && q->facts->nvram;
	bool secure = q->profile->firmware == PROFILE_FIRMWARE_UEFI_SECURE;

	/* Guest memory is not for core files: it is large, and private. */
	argv_option(&q->argv, "-machine", "%s,accel=%s,usb=off,dump-guest-core=off%s%s%s%s%s",
		    escaped ? escaped : "", q->profile->accel == PROFILE_ACCEL_KVM ? "kvm" : "tcg",
		    q->profile->hyperv && qemu_is_pc(q) ? ",hpet=off" : "", secure ? ",smm=on" : "",
		    qemu_is_uefi(q) ? ",pflash0=firmware-code" : "",
		    vars ? ",pflash1=firmware-vars" : "",
		    qemu_has_backend(q) ? ",memory-backend=memory" : "");
	if (!escaped)
		q->argv.error = -ENOMEM;
}

/* "NAME=VALUE" for each, behind commas. */
static char *enlightenments(struct qemu *q)
{
	cleanup_free char *text = strdup("");

	for (size_t i = 0; text && i < hyperv_feature_count; i++) {
		const struct hyperv_feature *f = &hyperv_features[i];
		char *longer;

		if (!(q->facts->hyperv & 1u << i))
			continue;
		if (asprintf(&longer, "%s,%s=%s", text, f->name, f->value) < 0)
			longer = NULL;
		free(text);
		text = longer;
	}
	if (!text)
		q->argv.error = -ENOMEM;
	return take_ptr(text);
}

/**
 * qemu_cpu() - the processor
 *
 * The model and its flags are the user's words, commas included: they are passed on. The flags
 * come last, and win.
 *
 * Firmware puts large BARs as high as the processor's addresses go: where the IOMMU's are narrower,
 * as in many a desktop of Intel's, the devices could not reach each other there, nor the memory.
 * A processor of AMD's shows its threads by a flag that `host` does not have by itself.
 */
void qemu_cpu(struct qemu *q)
{
	const struct profile *p = q->profile;
	bool kvm = p->accel == PROFILE_ACCEL_KVM;
	const char *cpu = p->cpu ? p->cpu : kvm ? "host" : "max";
	size_t model = strcspn(cpu, ",");
	cleanup_free char *hyperv = p->hyperv && kvm ? enlightenments(q) : NULL;
	bool is_host = kvm && model == 4 && !strncmp(cpu, "host", 4);
	char limit[40] = "";

	if (is_host && q->plan->address_limit)
		(void)snprintf(limit, sizeof(limit), ",host-phys-bits-limit=%u",
			       q->plan->address_limit);
	argv_option(&q->argv, "-cpu", "%.*s%s%s%s%s%s", (int)model, cpu, limit,
		    is_host && q->plan->topoext ? ",topoext=on" : "", hyperv ? hyperv : "",
		    p->hide_hypervisor && kvm ? ",kvm=off,hv-vendor-id=vfio-run" : "", cpu + model);
}

static void smbios_of_host(struct qemu *q, unsigned int type)
{
	cleanup_free char *text = strdup("");
	bool some = false;

	for (size_t i = 0; text && i < HOST_SMBIOS_STRINGS; i++) {
		const struct host_smbios_row *row = &host_smbios_rows[i];
		cleanup_free char *value = argv_double_commas(q->facts->smbios->text[i]);
		char *longer = NULL;

		if (row->type != type || (value && !*value))
			continue;
		some = true;
		if (!value || asprintf(&longer, "%s,%s=%s", text, row->field, value) < 0)
			longer = NULL;
		free(text);
		text = longer;
	}
	if (!text)
		q->argv.error = -ENOMEM;
	else if (some)
		argv_option(&q->argv, "-smbios", "type=%u%s", type, text);
}

/** qemu_tables() - SMBIOS strings, the user's own behind the host's, and ACPI tables */
void qemu_tables(struct qemu *q)
{
	const struct profile *p = q->profile;

	for (unsigned int type = 1; q->facts->smbios && type <= 2; type++)
		smbios_of_host(q, type);
	for (size_t i = 0; i < p->smbios_string.count; i++)
		argv_option(&q->argv, "-smbios", "%s", p->smbios_string.item[i].text);
	for (size_t i = 0; i < p->acpi_table.count; i++) {
		cleanup_free char *path = argv_double_commas(p->acpi_table.item[i].text);

		argv_option(&q->argv, "-acpitable", "file=%s", path ? path : "");
		if (!path)
			q->argv.error = -ENOMEM;
	}
}

/**
 * qemu_sleep() - may the guest suspend to memory?
 *
 * A guest that went to sleep by itself would look dead to whoever sits before it: it is woken by
 * a request only.
 */
void qemu_sleep(struct qemu *q)
{
	if (qemu_is_pc(q))
		argv_option(&q->argv, "-global", "%s.disable_s3=%d",
			    is_q35(q) ? "ICH9-LPC" : "PIIX4_PM", !q->profile->guest_sleep);
}

/** qemu_agent() - the port by which a program in the guest is talked to, from a socket of ours */
void qemu_agent(struct qemu *q)
{
	struct json_object *o;
	unsigned int port;

	if (!q->profile->guest_agent)
		return;
	argv_option(&q->argv, "-chardev", "socket,id=agent,fd=%d,server=on,wait=off",
		    KEEPER_QEMU_AGENT_FD);
	port = qemu_port(q);
	o = argv_object("driver", "virtio-serial-pci");
	put_text(&q->argv, o, "id", "agent-ports");
	put_format(&q->argv, o, "bus", "port%u", port);
	put_text(&q->argv, o, "addr", "0x0");
	argv_json(&q->argv, "-device", o);
	o = argv_object("driver", "virtserialport");
	put_text(&q->argv, o, "bus", "agent-ports.0");
	put_text(&q->argv, o, "chardev", "agent");
	put_text(&q->argv, o, "name", "org.qemu.guest_agent.0");
	argv_json(&q->argv, "-device", o);
}

/** qemu_settings() - devices with a secret, which a process list must not show: see host/user/apple-smc.c */
void qemu_settings(struct qemu *q)
{
	if (q->profile->apple_smc)
		argv_option(&q->argv, "-readconfig", "/proc/self/fd/%d", KEEPER_QEMU_CONFIG_FD);
}
