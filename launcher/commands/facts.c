/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts.c - what a plan needs to know of the host beside its PCI devices */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/facts.h"
#include "launcher/host/as-user.h"
#include "launcher/host/nodes.h"
#include "launcher/host/qemu.h"
#include "profiles/profile.h"

#define QEMU_OLDEST (7u << 16 | 2u << 8) /* 7.2: the oldest that is tested */

/* ---- user --------------------------------------------------------------------------- */

static int find_user(const struct opened_profile *o, struct host_user *out)
{
	const struct profile *p = o->profile;
	int rc;

	if (!p->user) {
		if (o->has_invoker) {
			*out = o->invoker;
			return 0;
		}
		log_error("%s: started by root for nobody: say in [vm] whose VM it is, `user = NAME`",
			  o->path);
		return EXIT_BAD_USE;
	}
	rc = host_user_named(p->user, out);
	if (!rc)
		return 0;
	log_error("%s:%u:%u: user = %s: %s", o->path, p->user_pos.line, p->user_pos.column, p->user,
		  rc == -ESRCH ? "there is no such user" :
		  rc == -EPERM ? "a VM never runs as root: name another user" :
				 strerror(-rc));
	return rc == -EPERM ? EXIT_BAD_USE : EXIT_HOST;
}

/* ---- emulator ------------------------------------------------------------------------- */

static int find_qemu(const struct opened_profile *o, struct facts *f)
{
	const struct profile *p = o->profile;
	int rc = host_qemu_find(p->qemu, &f->qemu);

	if (rc) {
		log_error("%s: the emulator `%s` is not to be had: %s; `apt install qemu-system-x86` or "
			  "name it with `qemu =`", o->path, p->qemu, strerror(-rc));
		return EXIT_HOST;
	}
	rc = host_qemu_version(f->qemu, &f->user, &f->plan.qemu_version);
	if (rc)
		log_warning("%s: does not say its version (%s): taken for QEMU 7.2", f->qemu,
			    strerror(-rc));
	if (rc)
		f->plan.qemu_version = QEMU_OLDEST;
	if (f->plan.qemu_version >= QEMU_OLDEST)
		return 0;
	log_error("%s: is QEMU %u.%u; 7.2 or newer is needed", f->qemu, f->plan.qemu_version >> 16,
		  f->plan.qemu_version >> 8 & 0xff);
	return EXIT_HOST;
}

/* ---- firmware ------------------------------------------------------------------------ */

static int default_nvram(const struct opened_profile *o, struct facts *f)
{
	if (o->profile->nvram) {
		f->nvram = strdup(o->profile->nvram);
		return f->nvram ? 0 : -ENOMEM;
	}
	return asprintf(&f->nvram, "%s/.local/state/vfio-run/%s/VARS.fd", f->user.home,
			o->profile->name) < 0 ? -ENOMEM : 0;
}

static int find_firmware(const struct opened_profile *o, struct facts *f)
{
	cleanup_close int root = -1;
	int rc;

	if (o->profile->firmware == PROFILE_FIRMWARE_BIOS)
		return 0;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	rc = firmware_find(root, o->profile->firmware == PROFILE_FIRMWARE_UEFI_SECURE, &f->firmware);
	if (!rc)
		rc = default_nvram(o, f);
	if (rc) {
		log_error("%s: firmware = uefi: %s; `apt install ovmf`", o->path,
			  rc == -ENOENT ? "no descriptor in /usr/share/qemu/firmware names one for q35" :
					  strerror(-rc));
		return EXIT_HOST;
	}
	f->plan.firmware_code = f->firmware.code;
	f->plan.firmware_format = f->firmware.code_format;
	f->plan.nvram_template = f->firmware.nvram_template;
	f->plan.nvram_format = f->firmware.nvram_format;
	f->plan.nvram = f->nvram;
	return 0;
}

/* ---- files, looked at as the user ------------------------------------------------------ */

static bool is_qcow2(const struct as_user_file *file)
{
	return !memcmp(file->head, "QFI\xfb", 4);
}

static int say_denied(const struct opened_profile *o, const struct profile_pos *pos, const char *path,
		      const struct facts *f, const struct as_user_file *file, bool writable)
{
	log_error("%s:%u:%u: %s: %s for user %s: %s%s%s", o->path, pos->line, pos->column, path,
		  writable ? "cannot be opened for writing" : "cannot be read", f->user.name,
		  strerror(-file->error), *file->denied && strcmp(file->denied, path) ? " at " : "",
		  *file->denied && strcmp(file->denied, path) ? file->denied : "");
	return EXIT_HOST;
}

/* The node of a block device, below /dev and without links: "nvme0n1p3". */
static int disk_node(struct host *host, const struct as_user_file *file, struct plan_disk_facts *out)
{
	char name[HOST_WORD_MAX];
	int rc = host_block_name(host, file->major, file->minor, name, sizeof(name));

	if (rc)
		return rc;
	out->node = strdup(name);
	out->block = true;
	out->major = file->major;
	out->minor = file->minor;
	return out->node ? 0 : -ENOMEM;
}

static int look_at_disk(const struct opened_profile *o, struct host *host, const struct facts *f,
			const struct profile_disk *d, struct plan_disk_facts *out)
{
	struct as_user_file file;
	int rc = as_user_look(&f->user, d->path, !d->readonly, &file);

	if (rc) {
		log_error("%s: %s: could not be looked at as user %s: %s", o->path, d->path,
			  f->user.name, strerror(-rc));
		return EXIT_HOST;
	}
	if (file.error)
		return say_denied(o, &d->path_pos, d->path, f, &file, !d->readonly);
	if (!file.regular && !file.block) {
		log_error("%s:%u:%u: %s: is neither a file nor a block device", o->path,
			  d->path_pos.line, d->path_pos.column, d->path);
		return EXIT_HOST;
	}
	if (!file.block && !d->format_given && !strncmp(d->path, "/dev/", 5)) {
		log_error("%s:%u:%u: %s: is no block device: say `format = raw` or `format = qcow2`",
			  o->path, d->path_pos.line, d->path_pos.column, d->path);
		return EXIT_HOST;
	}
	if (!d->format_given && d->format == PROFILE_FORMAT_RAW && is_qcow2(&file)) {
		log_error("%s:%u:%u: %s: is taken for raw and starts like qcow2: a guest may have "
			  "written that; say `format = qcow2`, or `format = raw` if you are sure",
			  o->path, d->path_pos.line, d->path_pos.column, d->path);
		return EXIT_HOST;
	}
	if (d->format == PROFILE_FORMAT_QCOW2 && !is_qcow2(&file)) {
		log_error("%s:%u:%u: %s: is no qcow2 image", o->path, d->path_pos.line,
			  d->path_pos.column, d->path);
		return EXIT_HOST;
	}
	return file.block && disk_node(host, &file, out) ? EXIT_HOST : 0;
}

static int look_at_rom(const struct opened_profile *o, const struct facts *f,
		       const struct profile_device *d)
{
	struct as_user_file file;

	if (!d->rom)
		return 0;
	if (as_user_look(&f->user, d->rom, false, &file))
		return EXIT_HOST;
	return file.error ? say_denied(o, &d->rom_pos, d->rom, f, &file, false) : 0;
}

static int look_at_files(const struct opened_profile *o, struct host *host, struct facts *f)
{
	const struct profile *p = o->profile;
	int code = 0;

	f->disk = calloc(p->disk_count + 1, sizeof(*f->disk));
	f->cdrom = calloc(p->cdrom_count + 1, sizeof(*f->cdrom));
	if (!f->disk || !f->cdrom)
		return EXIT_HOST;
	for (size_t i = 0; i < p->disk_count; i++)
		code |= look_at_disk(o, host, f, &p->disk[i], &f->disk[i]);
	for (size_t i = 0; i < p->device_count; i++)
		code |= look_at_rom(o, f, &p->device[i]);
	f->plan.disk = f->disk;
	f->plan.cdrom = f->cdrom;
	return code ? EXIT_HOST : 0;
}

/**
 * facts_gather() - user, emulator, firmware, files: everything the plan asks for
 * @host:	asked for the names of block devices
 * @out:	filled as far as possible; facts_fini() in any case
 *
 * Return: 0; else an exit code, and everything was told
 */
int facts_gather(const struct cli *cli, const struct opened_profile *o, struct host *host,
		 struct facts *out)
{
	int code;

	*out = (struct facts){ .qemu = NULL };
	code = find_user(o, &out->user);
	if (code)
		return code;
	out->plan.uid = out->user.uid;
	out->plan.gid = out->user.gid;
	out->plan.user = out->user.name;
	out->plan.home = out->user.home;
	out->plan.extra_argument = cli->extra;
	code = find_qemu(o, out);
	if (!code)
		code = find_firmware(o, out);
	if (!code)
		code = look_at_files(o, host, out);
	out->plan.qemu = out->qemu;
	return code;
}

/** facts_fini() - free what facts_gather() found */
void facts_fini(struct facts *f)
{
	free(f->qemu);
	free(f->nvram);
	firmware_fini(&f->firmware);
	for (size_t i = 0; f->disk && f->disk[i].node; i++)
		free((char *)(uintptr_t)f->disk[i].node);
	free(f->disk);
	free(f->cdrom);
}
