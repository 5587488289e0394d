/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.c - rules between the keys of a profile */
#include <stdio.h>
#include <string.h>

#include "profiles/parse.h"
#include "profiles/message-text.h"
#include "profiles/values.h"

/*
 * When @key has one of the values @when (NULL: whenever it is given), then @other must
 * be given (@then NULL), must not be given (@then ""), or must have one of the values
 * @then. Values are words with blanks between; both keys are words or yes-or-no then.
 */
static const struct rule {
	const char *section, *key, *when, *other, *then;
} rules[] = {
	{ "vm", "affinity", NULL, "pin", "" },
	{ "vm", "nvram", NULL, "firmware", "uefi uefi-secure" },
	{ "vm", "firmware-image", NULL, "firmware", "uefi uefi-secure" },
	{ "vm", "firmware-image", NULL, "nvram", NULL },
	{ "vm", "hyperv", "yes", "accel", "kvm" },
	{ "vm", "hide-hypervisor", "yes", "accel", "kvm" },
	{ "gpu", "vfs", NULL, "vf", NULL },
	{ "pci", "vfs", NULL, "vf", NULL },
	{ "disk", "aio", "native", "cache", "auto none directsync" },
	{ "disk", "queues", NULL, "bus", "virtio scsi" },
	{ "disk", "ssd", "yes", "bus", "scsi sata" },
	{ "disk", "temporary", "yes", "readonly", "no" },
	{ "net", "mode", "bridge", "bridge", NULL },
	{ "net", "mode", "tap", "tap", NULL },
	{ "net", "bridge", NULL, "mode", "bridge" },
	{ "net", "tap", NULL, "mode", "tap" },
	{ "net", "mode", "macvtap", "parent", NULL },
	{ "net", "parent", NULL, "mode", "macvtap" },
	{ "net", "queues", NULL, "mode", "bridge tap macvtap" },
	{ "net", "queues", NULL, "model", "virtio" },
	{ "net", "forward", NULL, "mode", "user" },
	{ "audio", "microphone", "yes", "card", "hda virtio ac97" },
	{ "audio", "latency", NULL, "backend", "auto pipewire pulse alsa" },
	{ "looking-glass", "resolution", NULL, "size", "" },
	{ "looking-glass", "device", NULL, "size", "" },
	{ "display", "socket", NULL, "type", "spice vnc" },
	{ "display", "listen", NULL, "type", "spice vnc" },
	{ "display", "listen", NULL, "socket", "" },
	{ "display", "listen", NULL, "password-file", NULL },
	{ "display", "password-file", NULL, "listen", NULL },
	{ "display", "clipboard", "yes", "type", "spice" },
};

/* The word that a choice or yes-or-no has now, given or by default; "" for no word. */
static const char *effective_word(const struct profile_key *k, const void *record)
{
	const char *field = (const char *)record + k->offset;
	unsigned int value;

	if (k->type == PROFILE_KEY_YES_NO)
		return *(const bool *)field ? "yes" : "no";
	memcpy(&value, field, sizeof(value));
	for (const struct profile_word *w = k->words; w->word; w++)
		if (w->value == value)
			return w->word;
	return "";
}

static bool is_one_of(const char *word, const char *words)
{
	const struct profile_key key = { .supported = words };

	return profile_key_supports(&key, word);
}

/* "a b c" as "a, b or c" */
static void list_words(const char *words, char *out, size_t size)
{
	size_t used = 0;

	while (*words && used < size) {
		size_t length = strcspn(words, " ");
		const char *next = words + length + strspn(words + length, " ");
		int n = snprintf(out + used, size - used, "%.*s%s", (int)length, words,
				 !*next ? "" : strchr(next, ' ') ? ", " : " or ");

		used += n > 0 ? (size_t)n : 0;
		words = next;
	}
}

/* Records that the condition of @rule holds and its consequence does not. */
static void break_rule(struct parse *parse, const struct rule *rule,
		       const struct profile_key *other, const char *found, struct profile_pos pos)
{
	char condition[TEXT_SHORT], words[TEXT_SHORT], hint[TEXT_MESSAGE];

	(void)snprintf(condition, sizeof(condition), "\"%s%s%s\"", rule->key, rule->when ? " = " : "",
		       rule->when ? rule->when : "");
	if (!rule->then) {
		(void)snprintf(hint, sizeof(hint), "add a line such as \"%s = %s\"", rule->other,
			       other->example);
		profile_errors_add(parse->errors, pos, hint, "%s needs \"%s\", which is not given",
				   condition, rule->other);
	} else if (!rule->then[0]) {
		profile_errors_add(parse->errors, pos, "remove one of them",
				   "%s and \"%s\" are both given, expected one of them", condition,
				   rule->other);
	} else {
		list_words(rule->then, words, sizeof(words));
		(void)snprintf(hint, sizeof(hint), "change \"%s\" to %s, or remove \"%s\"", rule->other,
			       words, rule->key);
		profile_errors_add(parse->errors, pos, hint, "%s needs \"%s\" to be %s, %s%s", condition,
				   rule->other, words, found[0] ? "found " : "which is not given",
				   found);
	}
}

static void check_rule(struct parse *parse, const struct rule *rule, struct parse_section *section)
{
	const struct profile_key *key = profile_key_find(rule->section, rule->key);
	const struct profile_key *other = profile_key_find(rule->section, rule->other);
	const struct parse_given *given = parse_given(section, rule->key);
	const struct parse_given *given_other = parse_given(section, rule->other);
	const void *record = parse_record(parse, section);
	const char *found = "";

	if (given->wrong || given_other->wrong || given_other->meant || section->damaged ||
	    (rule->when ? !is_one_of(effective_word(key, record), rule->when) : !given->count))
		return;
	if (rule->then && rule->then[0]) {
		found = effective_word(other, record);
		if (is_one_of(found, rule->then))
			return;
	} else if ((rule->then == NULL) == (given_other->count != 0)) {
		return;
	}
	break_rule(parse, rule, other, found, given->count ? given->key : section->pos);
}

/*
 * sockets * dies * cores * threads = cpus, and the cores follow from the rest: each of the others
 * must divide what those before it leave of `cpus`. The first that does not is reported.
 */
static void check_division(struct parse *parse, struct parse_section *vm)
{
	const struct profile *p = parse->profile;
	const struct {
		const char *key, *before;
		unsigned int value;
	} parts[] = { { "threads", "", p->threads },
		      { "dies", " divided by threads", p->dies },
		      { "sockets", " divided by threads and dies", p->sockets } };
	unsigned int product = p->threads * p->dies * p->sockets, left = p->cpus;
	char hint[TEXT_MESSAGE];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct parse_given *given = parse_given(vm, parts[i].key);

		if (given->wrong)
			return;
		if (left % parts[i].value == 0) {
			left /= parts[i].value;
			continue;
		}
		(void)snprintf(hint, sizeof(hint), "\"cpus\" counts every thread; %u would do",
			       (p->cpus / product + 1) * product);
		profile_errors_add(
			parse->errors, given->value, hint,
			"\"%s\": expected a divisor of \"cpus\"%s, which is %u, found %u",
			parts[i].key, parts[i].before, left, parts[i].value);
		return;
	}
}

static void check_topology(struct parse *parse)
{
	const struct profile *p = parse->profile;
	struct parse_section *vm = parse_next(parse, "vm", NULL);
	const struct parse_given *cpus = parse_given(vm, "cpus"), *pin = parse_given(vm, "pin");

	if (cpus->wrong)
		return;
	check_division(parse, vm);
	if (pin->count && !pin->wrong && p->pin.count != p->cpus)
		profile_errors_add(parse->errors, pin->value,
				   "one host CPU for each virtual one; see \"cpus\"",
				   "\"pin\": expected %u CPUs, as many as \"cpus\" says, found %zu", p->cpus,
				   p->pin.count);
}

/* Secure Boot needs SMM, which only q35 has. */
static void check_secure(struct parse *parse)
{
	const struct profile *p = parse->profile;

	if (p->firmware != PROFILE_FIRMWARE_UEFI_SECURE || !p->machine ||
	    !strncmp(p->machine, "q35", 3) || !strncmp(p->machine, "pc-q35", 6))
		return;
	profile_errors_add(parse->errors, p->firmware_pos,
			   "write \"machine = q35\", or \"firmware = uefi\"",
			   "\"firmware = uefi-secure\" needs a q35 machine, found \"%s\"", p->machine);
}

static void check_user(struct parse *parse)
{
	const struct profile *p = parse->profile;

	if (p->user && !strcmp(p->user, "root"))
		profile_errors_add(parse->errors, p->user_pos, "name the user who sits at the machine",
				   "\"user\": expected an unprivileged user, found \"root\"");
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), n = strlen(end);

	return length >= n && !strcmp(text + length - n, end);
}

/* An image's format is given, never guessed from what a guest could have written into it. */
static void check_format(struct parse *parse)
{
	for (struct parse_section *s = NULL; (s = parse_next(parse, "disk", s));) {
		const struct profile_disk *disk = parse_record(parse, s);
		const struct parse_given *format = parse_given(s, "format");

		/* What is below /dev is taken for a block device; the host's check decides. */
		if (format->count || format->meant || !disk->path || ends_with(disk->path, ".qcow2") ||
		    ends_with(disk->path, ".raw") || !strncmp(disk->path, "/dev/", 5))
			continue;
		profile_errors_add(parse->errors, disk->path_pos,
				   "add \"format = raw\" or \"format = qcow2\"; qemu-img info FILE shows which",
				   "this [disk] needs \"format\": the path ends in neither .qcow2 nor .raw");
	}
}

/* The chipset has six ports, and each takes one disk or CD. */
static void check_sata(struct parse *parse)
{
	unsigned int taken = 0;

	for (size_t i = 0; i < parse->count; i++) {
		struct parse_section *s = &parse->section[i];
		bool cdrom = !strcmp(s->row->name, "cdrom");

		if (!cdrom && (strcmp(s->row->name, "disk") != 0 ||
			       ((const struct profile_disk *)parse_record(parse, s))->bus !=
				       PROFILE_BUS_SATA))
			continue;
		if (++taken <= PROFILE_SATA_MAX)
			continue;
		profile_errors_add(parse->errors, cdrom ? s->pos : parse_given(s, "bus")->value,
				   cdrom ? "remove a [cdrom]; disks can go to \"bus = virtio\" or scsi" :
					   "write \"bus = virtio\" or \"bus = scsi\" for it",
				   "%u disks and CDs on SATA, expected at most %u: the chipset has no more ports",
				   taken, PROFILE_SATA_MAX);
	}
}

/* Each of these sections is a program beside QEMU, and of such there can be few. */
static void check_count(struct parse *parse, const char *section, unsigned int most)
{
	unsigned int count = 0;

	for (struct parse_section *s = NULL; (s = parse_next(parse, section, s));)
		if (++count > most)
			profile_errors_add(parse->errors, s->pos, "remove it",
					   "%u sections [%s], expected at most %u", count, section,
					   most);
}

/* The keeper binds to no other driver; with an override, any driver would take any device. */
static void check_drivers(struct parse *parse, const char *section)
{
	for (struct parse_section *s = NULL; (s = parse_next(parse, section, s));) {
		const struct profile_device *d = parse_record(parse, s);
		const struct parse_given *driver = parse_given(s, "driver");

		if (!driver->count || driver->wrong || !strcmp(d->driver, "auto") ||
		    strstr(d->driver, "vfio"))
			continue;
		profile_errors_add(
			parse->errors, d->driver_pos, "remove the line: vfio-pci is the default",
			"\"driver\": expected vfio-pci, auto or the name of a vfio driver, found \"%s\"",
			d->driver);
	}
}

/* "-device X" on one line: QEMU would look for an option with a blank in its name. */
static void split_argument(struct parse *parse, const struct profile_text *a)
{
	size_t option = profile_option_length(a->text);
	char found[TEXT_SHORT], hint[TEXT_MESSAGE], rest[TEXT_SHORT + TEXT_SHORT];

	if (!option)
		return;
	(void)snprintf(rest, sizeof(rest), "%s",
		       a->text + option + 1 + strspn(a->text + option + 1, " "));
	(void)snprintf(hint, sizeof(hint),
		       "two arguments are two lines: \"argument = %.*s\", then \"argument = %s\"",
		       (int)(option < 40 ? option : 40), a->text,
		       strlen(rest) < sizeof(rest) - 1 ? rest : "...");
	profile_errors_add(parse->errors, a->pos, hint,
			   "\"argument\": expected one argument of QEMU, found %s",
			   text_found(a->text, found));
}

/* Arguments that would leave the jail or take the monitor, and two in one. */
static void check_arguments(struct parse *parse)
{
	const struct profile_texts *arguments = &parse->profile->qemu_argument;
	char found[TEXT_SHORT];

	for (size_t i = 0; i < arguments->count; i++) {
		const struct profile_text *a = &arguments->item[i];
		const char *reason = profile_refused_argument(a->text);

		if (reason)
			profile_errors_add(parse->errors, a->pos, NULL,
					   "\"argument\": %s is refused: %s",
					   text_found(a->text, found), reason);
		else
			split_argument(parse, a);
	}
}

/* A window is the firmware's to make. */
static void check_memory(struct parse *parse)
{
	const struct profile *p = parse->profile;

	if (p->mmio64_bytes && p->firmware == PROFILE_FIRMWARE_BIOS)
		profile_errors_add(
			parse->errors, p->mmio64_pos,
			"remove the line: SeaBIOS makes the window as large as it has to be",
			"\"mmio64\" needs \"firmware\" to be uefi, found bios");
}

/* A partition holds all of QEMU's threads: the emulator's would else be on the processors' CPUs. */
static void check_isolation(struct parse *parse, struct parse_section *vm,
			    const struct parse_given *isolate)
{
	if (!parse_given(vm, "pin")->count)
		profile_errors_add(parse->errors, isolate->key,
				   "add a line such as \"pin = 4-7\" to [vm]",
				   "\"isolate-cpus\" needs \"pin\" in [vm], which is not given");
	if (!parse_given(vm, "emulator-pin")->count)
		profile_errors_add(parse->errors, isolate->key,
				   "add a line such as \"emulator-pin = 0-1\" to [vm]: they are isolated, too",
				   "\"isolate-cpus\" needs \"emulator-pin\" in [vm], which is not given");
}

/* What a guest sees of it is a BAR, whose size is a power of two. */
static void check_power(struct parse *parse, uint64_t bytes, struct profile_pos pos)
{
	uint64_t power = UINT64_C(1) << 20;
	char hint[TEXT_SHORT];

	if (!(bytes & (bytes - 1)))
		return;
	while (power < bytes)
		power <<= 1;
	(void)snprintf(hint, sizeof(hint), "write \"size = %uM\"", (unsigned int)(power >> 20));
	profile_errors_add(parse->errors, pos, hint, "\"size\": expected a power of two");
}

static void check_shared(struct parse *parse)
{
	const struct profile *p = parse->profile;

	check_power(parse, p->looking_glass_bytes, p->looking_glass_pos);
	for (size_t i = 0; i < p->shm_count; i++) {
		check_power(parse, p->shm[i].bytes, p->shm[i].bytes_pos);
		if (p->shm[i].name && p->has_looking_glass && !p->looking_glass_device &&
		    !strcmp(p->shm[i].name, PROFILE_LOOKING_GLASS_FILE))
			profile_errors_add(parse->errors, p->shm[i].name_pos,
					   "choose another name, or remove one of the sections",
					   "\"name\": that file is of [looking-glass]");
	}
}

/* Rules that reach across sections. */
static void check_sections(struct parse *parse)
{
	struct parse_section *vm = parse_next(parse, "vm", NULL), *s;
	bool gpu = parse_next(parse, "gpu", NULL);

	s = parse_next(parse, "session", NULL);
	if (s && !gpu)
		profile_errors_add(parse->errors, s->pos, "remove it, or add the [gpu]",
				   "[session] without a [gpu]: expected the card that the desktop uses");
	if (parse->profile->has_audio && parse->profile->audio == PROFILE_AUDIO_SPICE &&
	    profile_display_type(parse->profile) != PROFILE_DISPLAY_SPICE)
		profile_errors_add(parse->errors, parse->profile->audio_pos,
				   "write \"type = spice\" in [display], or another backend",
				   "\"backend = spice\" needs \"type\" in [display] to be spice");
	s = parse_next(parse, "host", NULL);
	if (s && parse->profile->isolate_cpus)
		check_isolation(parse, vm, parse_given(s, "isolate-cpus"));
	if (s && parse->profile->irq_affinity == PROFILE_IRQS_AWAY && !parse_given(vm, "pin")->count &&
	    !parse_given(vm, "affinity")->count)
		profile_errors_add(parse->errors, parse_given(s, "irq-affinity")->key,
				   "add a line such as \"pin = 4-7\" to [vm], or \"affinity = 4-7\"",
				   "\"irq-affinity = away\" needs \"pin\" or \"affinity\" in [vm]: which CPUs are the VM's?");
	if (parse->profile->realtime && !parse->profile->isolate_cpus)
		profile_errors_add(parse->errors, parse_given(vm, "realtime")->key,
				   "add a section \"[host]\" with \"isolate-cpus = yes\" in it",
				   "\"realtime = yes\" needs \"isolate-cpus\" in [host]: else the host can hang");
}

/** check_rules() - record what contradicts itself; the keys have been read one by one */
void check_rules(struct parse *parse)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		for (struct parse_section *s = NULL; (s = parse_next(parse, rules[i].section, s));)
			check_rule(parse, &rules[i], s);
	check_format(parse);
	check_sata(parse);
	check_count(parse, "share", PROFILE_SHARES_MAX);
	check_count(parse, "program", PROFILE_PROGRAMS_MAX);
	check_drivers(parse, "gpu");
	check_drivers(parse, "pci");
	check_arguments(parse);
	check_shared(parse);
	if (!parse_next(parse, "vm", NULL))
		return; /* reported already; the rest is about it */
	check_topology(parse);
	check_memory(parse);
	check_secure(parse);
	check_user(parse);
	if (!parse->lost)
		check_sections(parse);
}
