/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libvirt.c - a domain's XML to a profile: the machine
 *
 * Source of the elements: libvirt's formatdomain.html. What no row asks for is told, with its line:
 * nothing is dropped in silence but what the profile does by itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "launcher/base/log.h"
#include "launcher/import/libvirt.h"
#include "launcher/import/script.h"

/* What is as here with every profile, or says nothing of the machine. */
static const char *const by_itself[] = {
	"title", "description", "metadata", "currentMemory", "resource", "on_poweroff", "on_reboot",
	"on_crash", "pm", "seclabel", "clock/timer", "features/acpi", "features/apic", "features/pae",
	"features/smm", "features/vmport", "features/pvspinlock", "features/ioapic", "os/type", "os/bootmenu",
	"features/kvm", "features/hyperv", "memoryBacking/nosharepages",
	"memoryBacking/source", "memoryBacking/access", "memoryBacking/allocation", "cpu/migratable",
	"devices/controller", "devices/emulator", "devices/console", "devices/memballoon",
	"devices/panic", "genid", "iothreads", "bootloader",
};

/* Bytes of one of libvirt's units; where it is not said, as many as @otherwise. Return: 0: there is no such unit */
static unsigned long long unit_of(const char *unit, unsigned long long otherwise)
{
	static const struct {
		const char *name;
		unsigned long long bytes;
	} units[] = { { "b", 1 }, { "bytes", 1 }, { "KB", 1000 }, { "k", 1024 }, { "KiB", 1024 },
		      { "MB", 1000000 }, { "M", 1 << 20 }, { "MiB", 1 << 20 }, { "GB", 1000000000 },
		      { "G", 1 << 30 }, { "GiB", 1 << 30 }, { "TB", 1000000000000 },
		      { "T", 1ull << 40 }, { "TiB", 1ull << 40 } };

	for (size_t i = 0; unit && i < ARRAY_SIZE(units); i++)
		if (!strcasecmp(units[i].name, unit)) /* as libvirt takes them */
			return units[i].bytes;
	return unit ? 0 : otherwise;
}

/**
 * import_bytes() - how much the element at @path says
 * @unit:	the bytes of one, where it names none
 *
 * Return: 0: there is none, or none that can be: that is told
 */
unsigned long long import_bytes(struct import *m, struct xml *x, const char *path, const char *text, unsigned long long unit)
{
	const char *name = xml_get(x, path, "unit");
	unsigned long long n, one = unit_of(name, unit);

	if (!text)
		return 0;
	if (one && import_number(text, 10, (1ull << 60) / one, &n) && n)
		return n * one;
	import_note(m, xml_find(x, path)->line, "<%s> is not carried over: \"%s%s%s\" is no size", xml_find(x, path)->name, text,
		    name ? " " : "", name ? name : "");
	return 0;
}

static unsigned long long memory_of(struct import *m, struct xml *domain, const char *path)
{
	return import_bytes(m, domain, path, xml_text(domain, path), 1024);
}

/* A count that has a key; what is no number is told. Return: it, or NULL */
static const char *count_of(struct import *m, struct xml *x, const char *text)
{
	unsigned long long n;

	if (!text || (import_number(text, 10, 4096, &n) && n))
		return text;
	import_note(m, x->line, "<%s> is not carried over: \"%s\" is no number of processors", x->name, text);
	return NULL;
}

static void set_size(struct import *m, struct import_section *vm, struct xml *domain)
{
	unsigned long long memory = memory_of(m, domain, "memory"), current = memory_of(m, domain, "currentMemory");
	const char *cpus = count_of(m, xml_find(domain, "vcpu"), xml_text(domain, "vcpu"));
	const char *started = xml_get(domain, "vcpu", "current");
	static const char *const parts[] = { "sockets", "dies", "threads" };

	if (memory)
		import_size(m, vm, "memory", memory);
	if (current && current < memory)
		import_note(m, xml_find(domain, "currentMemory")->line,
			    "a part of the memory only (%llu of %llu MiB): here the guest has all of `memory`",
			    current >> 20, memory >> 20);
	if (cpus)
		import_set(m, vm, "cpus", "%s", cpus);
	if (started && cpus && strcmp(started, cpus))
		import_note(m, xml_find(domain, "vcpu")->line, "%s of %s processors at first: here the guest has all of `cpus`",
			    started, cpus);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		const char *n = count_of(m, xml_find(domain, "cpu/topology"), xml_get(domain, "cpu/topology", parts[i]));

		if (n && strcmp(n, "1"))
			import_set(m, vm, parts[i], "%s", n);
	}
	if (xml_find(domain, "memoryBacking/hugepages")) {
		const char *size = xml_get(domain, "memoryBacking/hugepages/page", "size");
		unsigned long long bytes = import_bytes(m, domain, "memoryBacking/hugepages/page", size, 1024);

		import_set(m, vm, "hugepages", "%s", bytes == 1ull << 30 ? "1G" : bytes == 2ull << 20 ? "2M" : "yes");
	}
}

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* One CPU each, for each processor, in their order; NULL with any other. */
static char *pins_of(struct xml *domain, unsigned int cpus)
{
	char *pins = NULL;
	size_t size;
	FILE *out = open_memstream(&pins, &size);
	bool all = out != NULL;

	for (unsigned int i = 0; all && i < cpus; i++) {
		struct xml *pin = xml_find(domain, "cputune/vcpupin");
		const char *set;

		while (pin && strtoul(xml_get(pin, "", "vcpu") ? xml_get(pin, "", "vcpu") : "", NULL, 10) != i)
			pin = xml_next(pin);
		set = pin ? xml_get(pin, "", "cpuset") : NULL;
		all = set && is_number(set);
		if (all)
			(void)fprintf(out, "%s%s", i ? "," : "", set);
	}
	if (out && fclose(out))
		all = false;
	if (all)
		return pins;
	free(pins);
	return NULL;
}

#define CPUS_MAX 4096

/* Takes the CPUs of "1-4,^3,6" up into @cpus: what is behind ^ is none of this list's. Return: is it one? */
static bool add_cpus(bool *cpus, const char *text)
{
	cleanup_free bool *list = calloc(CPUS_MAX, sizeof(*list));

	while (list && *text) {
		bool no = text[strspn(text, " ")] == '^';
		unsigned long from, to;
		char *end;

		text += strspn(text, " ") + no;
		if (*text < '0' || *text > '9')
			return false;
		to = from = strtoul(text, &end, 10);
		if (*end == '-' && end[1] >= '0' && end[1] <= '9')
			to = strtoul(end + 1, &end, 10);
		end += strspn(end, " ");
		if (to < from || to >= CPUS_MAX || (*end && *end != ','))
			return false;
		while (from <= to)
			list[from++] = !no;
		text = end + (*end == ',');
	}
	for (size_t i = 0; list && i < CPUS_MAX; i++)
		cpus[i] |= list[i];
	return list;
}

/* "1-2,4,6"; NULL: none, or no memory */
static char *print_cpus(const bool *cpus)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (unsigned int i = 0, last; out && i < CPUS_MAX; i = last + 1) {
		last = i;
		if (!cpus[i])
			continue;
		while (last + 1 < CPUS_MAX && cpus[last + 1])
			last++;
		(void)fprintf(out, "%s%u", ftell(out) ? "," : "", i);
		if (last > i)
			(void)fprintf(out, "-%u", last);
	}
	if (out && !fclose(out) && *text)
		return text;
	free(text);
	return NULL;
}

/* The CPUs of @x and of those of its name beside it, together: a profile has one list. NULL: none */
static char *all_cpus(struct import *m, struct xml *x)
{
	cleanup_free bool *cpus = calloc(CPUS_MAX, sizeof(*cpus));

	m->failed |= !cpus;
	for (; cpus && x; x = xml_next(x)) {
		const char *set = xml_get(x, "", "cpuset");

		if (set && !add_cpus(cpus, set))
			import_note(m, x->line, "the CPUs %s are not carried over: it is no list of them", set);
	}
	return cpus ? print_cpus(cpus) : NULL;
}

/* The threads of QEMU's own. */
static void set_cpus_of(struct import *m, struct import_section *vm, struct xml *x, const char *key)
{
	cleanup_free char *cpus = all_cpus(m, x);

	if (cpus)
		import_set(m, vm, key, "%s", cpus);
}

static void set_pins(struct import *m, struct import_section *vm, struct xml *domain)
{
	const char *cpus = xml_text(domain, "vcpu");
	unsigned long count = cpus ? strtoul(cpus, NULL, 10) : 0;
	struct xml *first = xml_find(domain, "cputune/vcpupin");
	cleanup_free char *pins = first && count && count < 1024 ? pins_of(domain, (unsigned int)count) : NULL;
	cleanup_free char *set = pins ? NULL : all_cpus(m, first ? first : xml_find(domain, "vcpu"));

	if (pins)
		import_set(m, vm, "pin", "%s", pins);
	else if (set)
		import_set(m, vm, "affinity", "%s", set);
	if (!pins && first)
		import_note(m, first->line, "the processors are not pinned one by one: all of them may run on %s",
			    set ? set : "any");
	for (; first; first = xml_next(first))
		;
	set_cpus_of(m, vm, xml_find(domain, "cputune/emulatorpin"), "emulator-pin");
	set_cpus_of(m, vm, xml_find(domain, "cputune/iothreadpin"), "iothread-pin");
}

/* The width of addresses, and the clock of the processor's counter. */
static void put_widths(FILE *out, struct xml *domain)
{
	const char *bits = xml_get(domain, "cpu/maxphysaddr", "bits"), *limit = xml_get(domain, "cpu/maxphysaddr", "limit");

	if (bits && is_number(bits))
		(void)fprintf(out, ",host-phys-bits=off,phys-bits=%s", bits);
	else if (limit && is_number(limit))
		(void)fprintf(out, ",host-phys-bits-limit=%s", limit);
	for (struct xml *timer = xml_find(domain, "clock/timer"); timer; timer = xml_next(timer)) {
		const char *hertz = xml_is(timer, "", "name", "tsc") ? xml_get(timer, "", "frequency") : NULL;

		if (hertz && is_number(hertz))
			(void)fprintf(out, ",tsc-frequency=%s", hertz);
	}
}

/* "host,topoext=on,hypervisor=off": the model, then its flags. */
static void set_cpu(struct import *m, struct import_section *vm, struct xml *domain)
{
	const char *mode = xml_get(domain, "cpu", "mode"), *model = xml_text(domain, "cpu/model");
	char *value = NULL;
	size_t size;
	FILE *out;

	if (!xml_find(domain, "cpu"))
		return;
	out = open_memstream(&value, &size);
	if (!out) {
		m->failed = true;
		return;
	}
	(void)fprintf(out, "%s", model && !(mode && !strncmp(mode, "host", 4)) ? model : "host");
	for (struct xml *f = xml_find(domain, "cpu/feature"); f; f = xml_next(f)) {
		const char *policy = xml_get(f, "", "policy"), *name = xml_get(f, "", "name");
		bool off = policy && (!strcmp(policy, "disable") || !strcmp(policy, "forbid"));

		if (name && !strchr(name, ','))
			(void)fprintf(out, ",%s=%s", name, off ? "off" : "on");
	}
	if (xml_is(domain, "cpu/cache", "mode", "passthrough"))
		(void)fprintf(out, ",host-cache-info=on");
	else if (xml_is(domain, "cpu/cache", "mode", "emulate"))
		(void)fprintf(out, ",l3-cache=on");
	put_widths(out, domain);
	if (!fclose(out) && strcmp(value, "host"))
		import_set(m, vm, "cpu", "%s", value);
	free(value);
}

/* "no" is an answer too: <feature enabled="no" name="secure-boot"/> */
static bool has_secure_feature(struct xml *domain)
{
	for (struct xml *f = xml_find(domain, "os/firmware/feature"); f; f = xml_next(f))
		if (xml_is(f, "", "name", "secure-boot"))
			return xml_is(f, "", "enabled", "yes");
	return false;
}

static void set_variables(struct import *m, struct import_section *vm, struct xml *domain)
{
	struct xml *x = xml_find(domain, "os/nvram");
	const char *file = x && x->text ? x->text : x ? xml_get(x, "source", "file") : NULL;

	if (!x || !file)
		return;
	import_set(m, vm, "nvram", "%s", file);
	import_note(m, x->line, "the variables belong to libvirt's user: copy them, and name the copy at `nvram`");
}

static void set_firmware(struct import *m, struct import_section *vm, struct xml *domain)
{
	const char *code = xml_text(domain, "os/loader");
	bool own = code && !import_is_installed(code);
	bool bios = xml_is(domain, "os/loader", "type", "rom") || xml_is(domain, "os", "firmware", "bios");
	bool uefi = !bios && (code || xml_is(domain, "os", "firmware", "efi"));
	bool secure = xml_is(domain, "os/loader", "secure", "yes") || has_secure_feature(domain) ||
		      (code && strstr(code, "secboot") && !xml_is(domain, "os/loader", "secure", "no"));

	xml_use(xml_find(domain, "os/firmware"));
	if (own && bios) {
		import_note(m, xml_find(domain, "os/loader")->line, "the BIOS %s: `bios` is QEMU's own", code);
	} else if (own) {
		import_set(m, vm, "firmware-image", "%s", code);
		if (!xml_find(domain, "os/nvram"))
			import_note(m, xml_find(domain, "os/loader")->line, "a firmware of one's own needs `nvram`");
	}
	if (!own || bios)
		import_set(m, vm, "firmware", "%s", !uefi ? "bios" : secure ? "uefi-secure" : "uefi");
	set_variables(m, vm, domain);
}

static void set_machine(struct import *m, struct import_section *vm, struct xml *domain)
{
	const char *machine = xml_get(domain, "os/type", "machine");
	struct xml *type = xml_find(domain, "os/type");

	if (machine && strcmp(machine, "q35") && !strncmp(machine, "pc-q35", 6))
		import_note(m, type->line, "the machine %s is q35 now: Windows may want to be activated again", machine);
	else if (machine && strcmp(machine, "q35"))
		import_note(m, type->line, "the machine %s (i440FX) is q35 now: the guest finds its devices in other places, "
			    "and Windows may want to be activated again", machine);
	if (xml_is(domain, "pm/suspend-to-mem", "enabled", "yes"))
		import_set(m, vm, "guest-sleep", "yes");
	if (xml_is(domain, "clock", "offset", "localtime"))
		import_set(m, vm, "rtc", "localtime");
	else if (xml_get(domain, "clock", "offset") && !xml_is(domain, "clock", "offset", "utc"))
		import_note(m, xml_find(domain, "clock")->line, "a clock by %s is UTC now: `rtc = localtime` is the host's zone",
			    xml_get(domain, "clock", "offset"));
	if (xml_is(domain, "features/ioapic", "driver", "qemu"))
		import_note(m, xml_find(domain, "features/ioapic")->line, "interrupts by QEMU: KVM has them here");
	if (xml_text(domain, "on_reboot") && strcmp(xml_text(domain, "on_reboot"), "restart"))
		import_note(m, xml_find(domain, "on_reboot")->line, "a guest that restarts goes on here");
}

static void set_features(struct import *m, struct import_section *vm, struct xml *domain)
{
	bool hidden = xml_is(domain, "features/kvm/hidden", "state", "on") ||
		      xml_is(domain, "features/hyperv/vendor_id", "state", "on");

	if (xml_find(domain, "features/hyperv"))
		import_set(m, vm, "hyperv", "yes");
	if (hidden)
		import_set(m, vm, "hide-hypervisor", "yes");
	xml_use(xml_find(domain, "features/kvm"));
	xml_use(xml_find(domain, "features/hyperv"));
}

static void set_smbios_entry(struct import *m, struct import_section *vm, struct xml *e, unsigned int type)
{
	const char *name = xml_get(e, "", "name");
	cleanup_free char *value = e->text ? import_doubled(e->text) : NULL;

	if (!name || strpbrk(name, ",=") || !value)
		import_note(m, e->line, "a value of SMBIOS without a name or a text");
	else
		import_add(m, vm, "smbios-string", "type=%u,%s=%s", type, name, value);
}

/* The guest's identity is what Windows and others know their machine by. */
static void set_uuid(struct import *m, struct import_section *vm, struct xml *domain)
{
	const char *uuid = xml_text(domain, "uuid");

	for (struct xml *e = xml_find(domain, "sysinfo/system/entry"); e; e = xml_next(e))
		if (xml_is(e, "", "name", "uuid"))
			return;
	if (uuid && !strchr(uuid, ','))
		import_add(m, vm, "smbios-string", "type=1,uuid=%s", uuid);
}

static void set_smbios(struct import *m, struct import_section *vm, struct xml *domain)
{
	static const struct {
		const char *element;
		unsigned int type;
	} tables[] = { { "bios", 0 }, { "system", 1 }, { "baseBoard", 2 }, { "chassis", 3 } };

	if (xml_is(domain, "os/smbios", "mode", "host"))
		import_set(m, vm, "smbios", "host");
	set_uuid(m, vm, domain);
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "sysinfo/%s/entry", tables[i].element);
		for (struct xml *e = xml_find(domain, path); e; e = xml_next(e))
			set_smbios_entry(m, vm, e, tables[i].type);
	}
}

static void set_arguments(struct import *m, struct xml *domain)
{
	struct script_words *words = calloc(1, sizeof(*words));

	m->failed |= !words;
	for (struct xml *arg = xml_find(domain, "qemu:commandline/qemu:arg"); words && arg; arg = xml_next(arg)) {
		const char *value = xml_get(arg, "", "value");

		if (value && words->count < SCRIPT_WORDS_MAX)
			words->item[words->count++] =
				(struct script_word){ .text = strdup(value), .line = arg->line };
		m->failed |= words->count == SCRIPT_WORDS_MAX || (value && !words->item[words->count - 1].text);
	}
	if (words && !m->failed)
		import_arguments(m, words);
	if (words)
		script_fini(words);
	free(words);
}

/* The order that the firmware tries, where it is said by kinds and not at the devices. */
static void set_boot(struct import *m, struct xml *domain)
{
	unsigned int n = 0;

	for (struct xml *boot = xml_find(domain, "os/boot"); boot; boot = xml_next(boot)) {
		const char *dev = xml_get(boot, "", "dev");
		const char *kind = !dev ? "" : !strcmp(dev, "hd") ? "disk" : !strcmp(dev, "cdrom") ? "cdrom" : "";
		struct import_section *s = import_first(m, kind);

		if (s && !import_has(s, "boot-index"))
			import_set(m, s, "boot-index", "%u", ++n);
		else if (dev && !*kind)
			import_note(m, boot->line, "the guest cannot start from: %s", dev);
	}
}

/* Of an element that is not asked for, only the outermost is told. */
static void tell_unused(struct import *m, struct xml *x)
{
	for (; x; x = x->next) {
		if (!x->used)
			import_note(m, x->line, "<%s> is not carried over", x->name);
		else
			tell_unused(m, x->child);
	}
}

static void use_rest(struct xml *domain)
{
	for (size_t i = 0; i < ARRAY_SIZE(by_itself); i++)
		for (struct xml *x = xml_find(domain, by_itself[i]); x; x = xml_next(x))
			xml_use(x);
}

static void take_domain(struct import *m, struct xml *domain)
{
	struct import_section *vm = import_one(m, "vm");

	domain->used = true;
	if (xml_text(domain, "name"))
		import_note(m, 0, "the VM is called as the profile's file: it was %s", xml_text(domain, "name"));
	set_size(m, vm, domain);
	set_cpu(m, vm, domain);
	set_pins(m, vm, domain);
	set_machine(m, vm, domain);
	set_firmware(m, vm, domain);
	set_features(m, vm, domain);
	set_smbios(m, vm, domain);
	import_libvirt_devices(m, domain);
	set_boot(m, domain);
	set_arguments(m, domain);
	use_rest(domain);
	tell_unused(m, domain);
}

/* What runs the domain, and what is here in its place; those of no row are no VM of QEMU's. */
static const struct {
	const char *type, *accel, *told;
} kinds[] = {
	{ "kvm", NULL, NULL },
	{ "qemu", "tcg", NULL },
	{ "hvf", NULL, "it ran by macOS's hypervisor: by KVM now" },
};

/* Return: 0; -EINVAL: another machine, or none of QEMU's, which was said */
static int take_kind(struct import *m, struct xml *domain)
{
	const char *type = xml_get(domain, "", "type"), *arch = xml_get(domain, "os/type", "arch");
	size_t i = 0;

	while (type && i < ARRAY_SIZE(kinds) && strcmp(kinds[i].type, type) != 0)
		i++;
	if (i == ARRAY_SIZE(kinds))
		return import_refuse(m, domain->line, "a domain of the kind %s is none of QEMU's: only type='kvm' and 'qemu' are taken",
				     type);
	if (arch && strcmp(arch, "x86_64") != 0 && strcmp(arch, "i686") != 0)
		return import_refuse(m, xml_find(domain, "os/type")->line,
				     "a machine of the kind %s: the guest of an x86-64 host is one of x86_64", arch);
	if (type && kinds[i].accel)
		import_set(m, import_one(m, "vm"), "accel", "%s", kinds[i].accel);
	if (type && kinds[i].told)
		import_note(m, domain->line, "%s", kinds[i].told);
	return 0;
}

/** import_libvirt() - read a domain's XML */
int import_libvirt(struct import *m, const char *text, size_t size)
{
	struct xml *root;
	char error[256] = "";
	int rc = xml_parse(text, size, &root, error, sizeof(error));

	if (rc) {
		log_error("%s: %s", m->input, error);
		return -EINVAL;
	}
	if (strcmp(root->name, "domain"))
		rc = import_refuse(m, root->line, "<%s>: expected <domain>, as `virsh dumpxml` prints it", root->name);
	else
		rc = take_kind(m, root);
	if (!rc)
		take_domain(m, root);
	xml_free(root);
	return rc;
}
