/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * script-disks.c - -drive, -blockdev and their -device to [disk], [cdrom] and the firmware
 *
 * Source: qemu(1), QEMU's qapi/block-core.json
 */
#include <stdio.h>
#include <string.h>

#include "launcher/import/script-job.h"

static void set_path(struct job *j, struct import_section *s, const char *key, const char *path, unsigned int line)
{
	import_set(j->m, s, key, "%s", path);
	if (!script_is_plain(path))
		import_note(j->m, line, "%s: not known without running the script: write the path", path);
	else if (*path != '/')
		import_note(j->m, line, "%s: the path is relative: write it from / on", path);
}

static const char *bus_of(const char *interface, const char *device)
{
	if (!device)
		return !strcmp(interface, "virtio") ? "virtio"
		       : !strcmp(interface, "scsi") ? "scsi"
						    : "sata";
	return !strncmp(device, "scsi-", 5)         ? "scsi"
	       : !strncmp(device, "nvme", 4)        ? "nvme"
	       : !strncmp(device, "virtio-blk", 10) ? "virtio"
						    : "sata";
}

/* What is said counts, then what the guest may not write, then the name; else the second one has the variables. */
static bool has_variables(const struct job *j, const char *file)
{
	char unit[VALUE_MAX];

	if (script_option(j->value, "unit", unit))
		return strcmp(unit, "0") != 0;
	if (script_is_on(j->value, "readonly") || script_is_on(j->value, "read-only"))
		return false;
	return strcasestr(file, "VARS") || strcasestr(file, "nvram") || *j->code.file;
}

/* Which of the two it is may be clear only when both are known: script_settle_firmware(). */
static void take_pflash(struct job *j, const char *file, bool variables)
{
	struct script_flash *flash = variables ? &j->variables : &j->code;

	if (!variables && *j->code.file && !*j->variables.file) /* the first one said nothing of itself */
		j->variables = j->code;
	(void)snprintf(flash->file, sizeof(flash->file), "%s", file);
	flash->line = j->line;
}

/** script_settle_firmware() - firmware and variables belong together, in whichever order they were found */
void script_settle_firmware(struct job *j)
{
	const struct script_flash *code = &j->code, *variables = &j->variables;
	bool own = *code->file && !import_is_installed(code->file);

	j->uefi |= *code->file || *variables->file;
	j->secure |= strcasestr(code->file, "secboot") != NULL;
	if (own)
		set_path(j, j->vm, "firmware-image", code->file, code->line);
	if (own && *variables->file)
		set_path(j, j->vm, "nvram", variables->file, variables->line);
	else if (own)
		import_note(j->m, code->line, "a firmware of one's own needs `nvram`");
	else if (*variables->file)
		import_note(
			j->m, variables->line,
			"%s: the UEFI variables begin anew; `nvram = FILE` takes these, where the firmware is the same",
			variables->file);
}

/* Of a -drive or a -blockdev, and of the -device that has it. */
struct disk {
	const char *path, *bus, *format;
	const char *drive, *device; /* QEMU's words; NULL: none */
	bool cd;
};

static bool shows_format(const char *path)
{
	size_t length = strlen(path);

	return (length > 6 && !strcmp(path + length - 6, ".qcow2")) ||
	       (length > 4 && !strcmp(path + length - 4, ".raw")) || !strncmp(path, "/dev/", 5);
}

/* Values that have a key of the same words. */
static void copy(struct job *j, struct import_section *s, const char *value, const char *name, const char *key)
{
	char buf[VALUE_MAX];

	if (!value || !script_option(value, name, buf))
		return;
	if (script_is_plain(buf))
		import_set(j->m, s, key, "%s", buf);
	else
		import_note(j->m, j->line, "%s=%s: not known without running the script", name, buf);
}

static bool has(const char *value, const char *name, const char *text)
{
	char buf[VALUE_MAX];

	return value && script_option(value, name, buf) && !strcmp(buf, text);
}

/* How the host keeps it. */
static void set_backend(struct job *j, struct import_section *s, const struct disk *d)
{
	char buf[VALUE_MAX];

	if (!d->drive)
		return;
	if (script_is_on(d->drive, "cache.direct"))
		import_set(j->m, s, "cache", "none");
	copy(j, s, d->drive, "cache", "cache");
	if (script_option(d->drive, "aio", buf) && strcmp(buf, "native") && strcmp(buf, "threads"))
		import_note(j->m, j->line, "aio=%s is `auto` now", buf);
	else
		copy(j, s, d->drive, "aio", "aio");
	if (has(d->drive, "discard", "ignore") || has(d->drive, "discard", "off"))
		import_set(j->m, s, "discard", "ignore");
	if (script_is_on(d->drive, "readonly") || script_is_on(d->drive, "read-only"))
		import_set(j->m, s, "readonly", "yes");
	if (script_is_on(d->drive, "snapshot"))
		import_set(j->m, s, "temporary", "yes");
}

/* What the guest sees. */
static void set_frontend(struct job *j, struct import_section *s, const struct disk *d)
{
	static const char *const left[] = { "logical_block_size", "physical_block_size", "wwn" };
	char buf[VALUE_MAX];

	if ((d->device && script_option(d->device, "serial", buf)) || (d->drive && script_option(d->drive, "serial", buf)))
		import_serial(j->m, s, j->line, buf);
	if (d->device && has(d->device, "rotation_rate", "1"))
		import_set(j->m, s, "ssd", "yes");
	if (!strcmp(d->bus, "virtio"))
		copy(j, s, d->device, "num-queues", "queues");
	for (size_t i = 0; d->device && i < ARRAY_SIZE(left); i++)
		if (script_option(d->device, left[i], buf))
			import_note(j->m, j->line, "%s=%s is not carried over", left[i], buf);
}

static void put_disk(struct job *j, const struct disk *d)
{
	struct import_section *s = import_new(j->m, d->cd ? "cdrom" : "disk");

	set_path(j, s, "path", d->path, j->line);
	if (!d->cd) {
		if (*d->format && !shows_format(d->path))
			import_set(j->m, s, "format", "%s", d->format);
		else if (!shows_format(d->path))
			import_note(j->m, j->line,
				    "%s: its format has to be written: `format = raw` or `qcow2`", d->path);
		if (strcmp(d->bus, "virtio"))
			import_set(j->m, s, "bus", "%s", d->bus);
		set_backend(j, s, d);
		set_frontend(j, s, d);
	}
	copy(j, s, d->device, "bootindex", "boot-index");
}

static const char *known_format(const char *format)
{
	return !strcmp(format, "raw") || !strcmp(format, "qcow2") ? format : "";
}

/** script_take_drive() - -drive, which is the firmware's too */
void script_take_drive(struct job *j)
{
	char file[VALUE_MAX], interface[VALUE_MAX], id[VALUE_MAX], format[VALUE_MAX],
		media[VALUE_MAX];
	struct disk d = { .drive = j->value };

	if (!script_option(j->value, "file", file)) {
		script_left(j, "-drive");
		return;
	}
	(void)script_option(j->value, "if", interface);
	(void)script_option(j->value, "id", id);
	(void)script_option(j->value, "media", media);
	(void)script_option(j->value, "format", format);
	d.device = *id ? script_who_has(j, "-device", "drive", id) : NULL;
	d.cd = !strcmp(media, "cdrom") || (d.device && strstr(d.device, "-cd"));
	d.path = file;
	d.bus = bus_of(interface, d.device);
	d.format = known_format(format);
	if (!strcmp(interface, "pflash"))
		take_pflash(j, file, has_variables(j, file));
	else
		put_disk(j, &d);
}

/* The file below a node: its own, or its file's. */
static bool file_below(const struct job *j, const char *node, char file[VALUE_MAX])
{
	char below[VALUE_MAX];

	for (unsigned int depth = 0; node && depth < 8; depth++) {
		if (script_option(node, "filename", file) || script_option(node, "file.filename", file))
			return true;
		if (!script_option(node, "file", below))
			return false;
		node = script_who_has(j, "-blockdev", "node-name", below);
	}
	return false;
}

/** script_take_blockdev() - -blockdev; the node that a device has is the disk */
void script_take_blockdev(struct job *j)
{
	char file[VALUE_MAX], name[VALUE_MAX], driver[VALUE_MAX];
	struct disk d = { .drive = j->value };

	if (!script_option(j->value, "node-name", name)) {
		script_left(j, "-blockdev");
		return;
	}
	d.device = script_who_has(j, "-device", "drive", name);
	if (!d.device && script_who_has(j, "-blockdev", "file", name))
		return; /* below another one */
	if (!file_below(j, j->value, file)) {
		script_left(j, "-blockdev");
		return;
	}
	if (script_who_has(j, "-machine", "pflash0", name) || script_who_has(j, "-machine", "pflash1", name)) {
		take_pflash(j, file, script_who_has(j, "-machine", "pflash1", name));
		return;
	}
	if (!script_option(j->value, "driver", driver))
		(void)snprintf(driver, sizeof(driver), "%.*s", (int)strcspn(j->value, ","), j->value);
	d.cd = d.device && strstr(d.device, "-cd");
	d.path = file;
	d.bus = bus_of("", d.device);
	d.format = known_format(driver);
	put_disk(j, &d);
}

/** script_take_disk() - -hda and the like */
void script_take_disk(struct job *j)
{
	put_disk(j, &(struct disk){ .path = j->value, .bus = "sata", .format = "" });
}

/** script_take_cdrom() - -cdrom */
void script_take_cdrom(struct job *j)
{
	put_disk(j, &(struct disk){ .path = j->value, .bus = "sata", .format = "", .cd = true });
}
