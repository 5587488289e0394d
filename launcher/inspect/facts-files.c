/* SPDX-License-Identifier: GPL-2.0-or-later */
/* facts-files.c - the files that a profile names, looked at as the VM's user: the check "files" */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/path.h"
#include "launcher/cli.h"
#include "launcher/host/devices/block-use.h"
#include "launcher/host/devices/nodes.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/host/user/as-user.h"
#include "launcher/host/user/image.h"
#include "launcher/host/user/new-files.h"
#include "launcher/host/user/temporary.h"
#include "launcher/inspect/facts-files.h"
#include "launcher/inspect/looking.h"
#include "profiles/profile.h"

#define CHMOD "let the user in: `setfacl -m u:USER:rwX FILE`, and `u:USER:x` for the directories"
#define ROOM_MIN (1u << 20) /* bytes: a file system with less is taken for full */

static bool is_qcow2(const struct as_user_file *file)
{
	return !memcmp(file->head, "QFI\xfb", 4);
}

/* What no VM is given, whatever its permissions: no command that opens it is told. */
static bool is_of_the_system(const char *path)
{
	static const char *const places[] = { "/etc/", "/boot/", "/usr/", "/bin/", "/sbin/", "/lib/" };
	char plain[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(places) && path_plain(path, plain, sizeof(plain)); i++)
		if (!strncmp(plain, places[i], strlen(places[i])))
			return true;
	return false;
}

/*
 * What lets this user open it, for this path. A block device is given by a udev rule: a
 * membership of the group "disk" would give them every disk of the host.
 */
static void denied_remedy(const struct looking *l, const char *path,
			  const struct as_user_file *file, bool writable, char *out, size_t size)
{
	bool elsewhere = *file->denied && strcmp(file->denied, path);
	const char *name = l->f->user.name;

	if (file->error == -EROFS)
		(void)snprintf(out, size,
			       "write `readonly = yes`: its file system cannot be written");
	else if (file->error == -EISDIR)
		(void)snprintf(out, size, "name the file in it");
	else if (file->kind && !file->regular && !file->block)
		(void)snprintf(out, size, "name another: it is neither a file nor a disk");
	else if (file->block)
		(void)snprintf(out, size,
			       "a udev rule with OWNER=\"%s\" for this disk gives it; until "
			       "the next boot `setfacl -m u:%s:rw %s` does",
			       name, name, path);
	else if (elsewhere && !strncmp(file->denied, "/root", 6))
		(void)snprintf(out, size, "move it out of /root, which is for root alone");
	else if (is_of_the_system(path))
		(void)snprintf(out, size, "name another file: this one is the host's own");
	else if (elsewhere)
		(void)snprintf(out, size, "let %s through: `setfacl -m u:%s:x %s`", name, name,
			       file->denied);
	else
		(void)snprintf(out, size, "let %s in: `setfacl -m u:%s:%s %s`", name, name,
			       writable ? "rw" : "r", path);
}

/* Can it be typed to a shell as it is? A path is a user's, and the command may be root's to copy. */
static bool is_one_word(const char *path)
{
	return !path[strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%")];
}

/* What makes a disk that is not there; @format: of one that can be made, else NULL. */
static void missing_remedy(const struct host_user *user, const char *path,
			   const struct as_user_file *file, const char *format, char *out,
			   size_t size)
{
	bool folder = *file->denied && strcmp(file->denied, path);

	if (!strncmp(path, "/dev/", 5))
		(void)snprintf(out, size,
			       "correct the path: `lsblk` shows the disks that there are");
	else if (format && !is_one_word(path))
		(void)snprintf(out, size, "correct the path, or make the folder and, with `qemu-img create`, the disk, as %s",
			       user->name);
	else if (folder && format)
		(void)snprintf(out, size,
			       "correct the path, or make it, as %s: "
			       "`mkdir -p %.*s && qemu-img create -f %s %s " NEW_FILES_DISK "`",
			       user->name, (int)(strrchr(path, '/') - path), path, format, path);
	else if (folder)
		(void)snprintf(out, size, "correct the path, or make the folder %s first",
			       file->denied);
	else if (format)
		(void)snprintf(
			out, size,
			"correct the path, or make it, as %s: `qemu-img create -f %s %s " NEW_FILES_DISK "`",
			user->name, format, path);
	else
		(void)snprintf(out, size, "correct the path, or remove the line");
}

/* @format: of a disk that can be made, else NULL */
static int say_denied(const struct looking *l, const struct profile_pos *pos, const char *path,
		      const struct as_user_file *file, bool writable, const char *format)
{
	bool elsewhere = *file->denied && strcmp(file->denied, path);
	char what[512], remedy[2 * PATH_MAX + 128];

	(void)snprintf(
		what, sizeof(what), "%s user %s%s: %s%s%s",
		writable ? "cannot be opened for writing by" : "cannot be read by", l->f->user.name,
		file->by_group ? " but through a further group, which QEMU does not have" : "",
		strerror(-file->error), elsewhere ? " at " : "", elsewhere ? file->denied : "");
	if (file->error == -ENOENT || file->error == -ELOOP)
		missing_remedy(&l->f->user, path, file, format, remedy, sizeof(remedy));
	else
		denied_remedy(l, path, file, writable, remedy, sizeof(remedy));
	return looking_wrong(l, pos, path, remedy, what);
}

/*
 * QEMU has none of the user's further groups. A disk's node is made for the user, who is let
 * through by a group for that; a file is opened as it stands.
 */
static int look_with_groups(const struct looking *l, const char *path, bool writable,
			    struct as_user_file *file)
{
	struct host_user user = l->f->user;
	struct as_user_file further;
	int rc;

	if (file->error != -EACCES)
		return 0;
	user.alone = false;
	rc = as_user_look(&user, path, writable, &further);
	if (rc || further.error)
		return rc;
	if (further.block)
		*file = further;
	else
		file->by_group = true;
	return 0;
}

static bool is_the_jails_own(const char *path)
{
	char plain[PATH_MAX];

	return path_plain(path, plain, sizeof(plain)) &&
	       (!strncmp(plain, "/proc/", 6) || !strncmp(plain, "/sys/", 5));
}

/* Return: 0, and with @file->error it does not open; EXIT_HOST: reported */
static int ask(const struct looking *l, const struct profile_pos *pos, const char *path,
	       bool writable, struct as_user_file *file)
{
	int rc;

	if (is_the_jails_own(path))
		return looking_wrong(l, pos, path, "copy it somewhere else",
				     "stands in /proc or /sys, of which the jail has its own");
	rc = as_user_look(&l->f->user, path, writable, file);
	if (!rc)
		rc = look_with_groups(l, path, writable, file);
	if (rc)
		return looking_wrong(l, pos, path,
				     "see whether its file system answers: `stat -f FILE`",
				     strerror(-rc));
	return 0;
}

/* Return: 0 when it could be opened */
static int look(const struct looking *l, const struct profile_pos *pos, const char *path,
		bool writable, const char *format, struct as_user_file *file)
{
	int code = ask(l, pos, path, writable, file);

	return !code && file->error ? say_denied(l, pos, path, file, writable, format) : code;
}

/**
 * looking_at_image() - can the user open a file that has to be there?
 * @file:	filled on success
 *
 * Return: 0; EXIT_HOST: reported
 */
int looking_at_image(const struct looking *l, const struct profile_pos *pos, const char *path,
		     bool writable, struct as_user_file *file)
{
	return look(l, pos, path, writable, NULL, file);
}

/* The node of a block device, below /dev and without links: "nvme0n1p3". */
static int disk_node(const struct looking *l, const struct as_user_file *file,
		     struct plan_disk_facts *out)
{
	char name[HOST_WORD_MAX];
	int rc = host_block_name(l->host, file->major, file->minor, name, sizeof(name));

	if (rc)
		return rc;
	out->node = strdup(name);
	out->block = true;
	out->major = file->major;
	out->minor = file->minor;
	return out->node ? 0 : -ENOMEM;
}

/** looking_at_chain() - what is behind a qcow2, file by file; 0, or EXIT_HOST: reported */
int looking_at_chain(const struct looking *l, const struct profile_pos *pos, const char *path)
{
	size_t first = l->f->file_count;
	struct image_problem *problem = calloc(1, sizeof(*problem));
	int r = problem ? host_image_chain(&l->f->user, path, facts_add_behind, l->f, problem)
			: -ENOMEM,
	    code = 0;
	char what[PATH_MAX + 256];

	if (r > 0) {
		bool itself = !strcmp(problem->path, path);

		(void)snprintf(what, sizeof(what), "%s%s%s%s%s%s", itself ? "" : "the file ",
			       itself ? "" : problem->path, itself ? "" : " behind it ",
			       problem->error ? "cannot be read by user " : "",
			       problem->error ? l->f->user.name : "",
			       problem->error ? "" : problem->what);
		code = looking_wrong(
			l, pos, path,
			problem->error ? "`qemu-img rebase -u -b` names another one; or " CHMOD
				       : problem->remedy,
			what);
	} else if (r) {
		code = looking_wrong(l, pos, path,
				     "see whether its file system answers: `stat -f FILE`",
				     strerror(-r));
	}
	free(problem);
	for (size_t i = first; !code && i < l->f->file_count; i++)
		code = looking_at_lock(l, pos, l->f->file[i].path, false);
	return code;
}

/* Named as qcow2, and it is none: one of another program's, or none yet. */
static int no_qcow2(const struct looking *l, const struct profile_disk *d, const struct as_user_file *file)
{
	static const struct {
		const char *magic, *what;
	} others[] = {
		{ "KDMV", "is a VMDK image" },	   { "# Disk D", "is a VMDK image" },
		{ "vhdxfile", "is a VHDX image" }, { "conectix", "is a VHD image" },
		{ "<<< Orac", "is a VDI image" },
	};

	if (file->regular && !file->bytes)
		return looking_wrong(l, &d->path_pos, d->path,
				     "make it: `qemu-img create -f qcow2 FILE " NEW_FILES_DISK "`",
				     "is empty, no qcow2 image yet");
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!memcmp(file->head, others[i].magic, strlen(others[i].magic)))
			return looking_wrong(l, &d->path_pos, d->path,
					     "`qemu-img convert -O qcow2 FILE NEW.qcow2` makes one that can be named",
					     others[i].what);
	return looking_wrong(l, &d->path_pos, d->path,
			     "write the `format` that it has: `qemu-img info` shows it",
			     "is no qcow2 image");
}

static int judge_format(const struct looking *l, const struct profile_disk *d,
			const struct as_user_file *file)
{
	if (!file->block && !d->format_given && !strncmp(d->path, "/dev/", 5))
		return looking_wrong(l, &d->path_pos, d->path,
				     "write `format = raw` or `format = qcow2`",
				     "is no block device");
	if (plan_disk_is_qcow2(d, file->block))
		return is_qcow2(file)
			       ? looking_at_chain(l, &d->path_pos, d->path)
			       : no_qcow2(l, d, file);
	if (!d->format_given && is_qcow2(file))
		return looking_wrong(
			l, &d->path_pos, d->path,
			"write `format = qcow2`, or `format = raw` if you are sure",
			"is taken for raw and starts like qcow2: a guest may have written that");
	return 0;
}

/* A guest whose disk cannot grow is stopped at its next write: that is known before it starts. */
static int judge_room(const struct looking *l, const struct profile_disk *d,
		      const struct as_user_file *file)
{
	bool qcow2 = plan_disk_is_qcow2(d, file->block);

	if (!file->regular)
		return 0;
	if (!file->bytes)
		return looking_wrong(l, &d->path_pos, d->path, "make it: `truncate -s " NEW_FILES_DISK " FILE`",
				     "is empty: a disk without a sector");
	if (!plan_disk_is_written(d) || (!qcow2 && !file->sparse) || file->room >= ROOM_MIN)
		return 0;
	return looking_wrong(l, &d->path_pos, d->path,
			     "make room there: the image grows with what the guest writes",
			     "its file system is full");
}

static const char *disk_format(const struct profile_disk *d)
{
	return !plan_disk_is_written(d) ? NULL : plan_disk_is_qcow2(d, false) ? "qcow2" : "raw";
}

/* Linux AIO is for what passes the page cache by, and can be left out when QEMU is built. */
static int judge_aio(const struct looking *l, const struct profile_disk *d,
		     struct plan_disk_facts *out)
{
	bool direct = plan_cache_is_direct(d->cache, out->direct);
	int has;

	if (d->aio == PROFILE_AIO_THREADS || (d->aio == PROFILE_AIO_AUTO && !direct))
		return 0;
	if (!direct)
		return looking_wrong(l, &d->aio_pos, d->path, "write `aio = threads`, or leave it out",
				     "its file system has no O_DIRECT, which `aio = native` needs");
	has = l->f->qemu ? host_qemu_has_native_aio(l->f->qemu, &l->f->user) : 0;
	out->native = has > 0;
	if (d->aio == PROFILE_AIO_NATIVE && l->f->qemu && !has)
		return looking_wrong(l, &d->aio_pos, d->path, "write `aio = threads`, or leave it out",
				     "this QEMU was built without Linux AIO, which `aio = native` needs");
	return 0;
}

static int judge_cache(const struct looking *l, const struct profile_disk *d,
		       struct plan_disk_facts *out)
{
	if (d->cache == PROFILE_CACHE_AUTO || out->direct || !plan_cache_is_direct(d->cache, false))
		return judge_aio(l, d, out);
	return looking_wrong(l, &d->path_pos, d->path,
			     d->cache == PROFILE_CACHE_NONE
				     ? "write `cache = auto` or `cache = writeback`"
				     : "write `cache = writethrough`",
			     d->cache == PROFILE_CACHE_NONE
				     ? "its file system has no O_DIRECT, which `cache = none` asks for"
				     : "its file system has no O_DIRECT, which `cache = directsync` asks for");
}

/* Distributions build QEMU without some of them; it would refuse to start. */
static int judge_bus(const struct looking *l, const struct profile_disk *d)
{
	const char *controller, *driver = plan_disk_driver(d->bus, &controller);

	if (d->bus == PROFILE_BUS_VIRTIO)
		return 0; /* all of them have it */
	return facts_need_device(l, &d->path_pos, driver, "write another `bus`") |
	       (controller ? facts_need_device(l, &d->path_pos, controller, "write another `bus`")
			   : 0);
}

/* One is made and let go: what a run finds wrong with it is found here. */
static int judge_temporary(const struct looking *l, const struct profile_disk *d, bool block)
{
	const struct temporary t = { l->f->user.home, d->path, plan_disk_is_qcow2(d, block) };
	struct temporary_reply reply;
	int fd = -1, rc = temporary_open(&l->f->user, &t, &reply, &fd);
	char what[160];

	if (fd >= 0)
		(void)close(fd);
	if (!rc && !reply.error)
		return 0;
	(void)snprintf(what, sizeof(what), "%s: %s",
		       reply.of_image ? "its size cannot be read" : TEMPORARY_REFUSED,
		       strerror(-(rc ? rc : reply.error)));
	return looking_wrong(l, &d->temporary_pos, d->path, TEMPORARY_REMEDY, what);
}

/* Does the row "disks" refuse it? Then nobody is told how to open it. */
static bool is_in_use(const struct looking *l, const struct profile_disk *d,
		      const struct plan_disk_facts *disk)
{
	struct host_node node;
	char use[512];

	return checks_disk_node(disk, &node) &&
	       host_block_whole_use(l->host, &node, d->unmount, use, sizeof(use)) > 0;
}

static int disk_does_not_open(const struct looking *l, const struct profile_disk *d,
			      const struct as_user_file *file, struct plan_disk_facts *out)
{
	if (file->block)
		out->unknown = disk_node(l, file, out) != 0;
	else
		out->unknown = !file->kind && file->error != -ENOENT;
	if (is_in_use(l, d, out)) {
		check_add(l->results, "files", CHECK_SKIPPED, NULL, "%s: %s: not opened: the host uses it",
			  opened_place(l->o, &d->path_pos), d->path);
		return 0;
	}
	return say_denied(l, &d->path_pos, d->path, file, plan_disk_is_written(d), disk_format(d));
}

static int look_at_disk(const struct looking *l, const struct profile_disk *d,
			struct plan_disk_facts *out)
{
	struct as_user_file file = { .error = 0 };
	int code = ask(l, &d->path_pos, d->path, plan_disk_is_written(d), &file);

	out->unknown = code != 0;
	if (code)
		return code;
	if (file.error)
		return disk_does_not_open(l, d, &file, out);
	if (!file.regular && !file.block)
		return looking_wrong(l, &d->path_pos, d->path, "name a disk image or a disk",
				     "is neither a file nor a block device");
	out->direct = file.direct;
	code = judge_cache(l, d, out);
	if (!code)
		code = judge_bus(l, d);
	if (!code)
		code = judge_format(l, d, &file);
	if (!code)
		code = judge_room(l, d, &file);
	if (!code)
		code = looking_at_lock(l, &d->path_pos, d->path, plan_disk_is_written(d));
	if (!code && d->temporary)
		code = judge_temporary(l, d, file.block);
	return code ? code : file.block && disk_node(l, &file, out) ? EXIT_HOST : 0;
}

static int look_at_cdrom(const struct looking *l, const struct profile_cdrom *d)
{
	struct as_user_file file = { .error = 0 };
	struct new_iso iso = { .error = 0 };
	char why[160], what[192];
	const char *remedy;
	int code = look(l, &d->path_pos, d->path, false, NULL, &file);

	if (code)
		return code;
	if (file.block)
		return looking_wrong(l, &d->path_pos, d->path,
				     "copy the disc into a file with `dd`, and name that",
				     "is a drive, expected an image");
	if (!file.regular)
		return looking_wrong(l, &d->path_pos, d->path, "name an image", "is no file");
	if (!file.bytes)
		return looking_wrong(l, &d->path_pos, d->path, "download it again",
				     "is empty: there is no CD in it");
	/* what cannot be read now was read a moment ago: the look above has told it */
	if (!new_files_iso(&l->f->user, d->path, &iso) && !iso.error && !new_files_is_cd(&iso, true, why, sizeof(why))) {
		remedy = strstr(why, ": ");
		(void)snprintf(what, sizeof(what), "is %.*s", remedy ? (int)(remedy - why) : 0, why);
		return looking_wrong(l, &d->path_pos, d->path, remedy ? remedy + 2 : "name an image", what);
	}
	code = facts_need_device(l, &d->path_pos, "ide-cd", "remove the [cdrom]");
	return code ? code : looking_at_lock(l, &d->path_pos, d->path, false);
}

static int look_at_regular(const struct looking *l, const struct profile_pos *pos, const char *path,
			   bool writable)
{
	struct as_user_file file = { .error = 0 };
	int code = look(l, pos, path, writable, NULL, &file);

	return code || file.regular ? code
				    : looking_wrong(l, pos, path, "name a file", "is no file");
}

static int look_at_smc(const struct looking *l)
{
	const struct profile *p = l->o->profile;
	int code = look_at_regular(l, &p->apple_smc_pos, p->apple_smc, false);

	return code ? code : looking_at_smc(l);
}

static int look_at_table(const struct looking *l, const struct profile_text *table)
{
	int code = look_at_regular(l, &table->pos, table->text, false);

	return code ? code : looking_at_table(l, table);
}

static int look_at_rom(const struct looking *l, const struct profile_device *d)
{
	int code = look_at_regular(l, &d->rom_pos, d->rom, false);

	return code ? code : looking_at_rom(l, d);
}

static void add_missing(const struct host_user *user, const char *path,
			const struct profile_pos *pos, const char *format,
			struct profile_errors *errors)
{
	char remedy[2 * PATH_MAX + 128];
	struct as_user_file file;

	if (!path || as_user_look(user, path, false, &file) || file.error != -ENOENT)
		return;
	missing_remedy(user, path, &file, format, remedy, sizeof(remedy));
	profile_errors_add(errors, *pos, remedy, "%s: there is no such file", path);
}

/**
 * facts_add_missing() - add the files that are not there to the errors of a profile
 * @p:		one that has other errors, as profile_read() left it
 * @user:	as whom is looked; nothing is when we cannot be that user
 */
void facts_add_missing(const struct profile *p, const struct host_user *user,
		       struct profile_errors *errors)
{
	if (geteuid() && geteuid() != user->uid)
		return;
	for (size_t i = 0; i < p->disk_count; i++)
		if (p->disk[i].path)
			add_missing(user, p->disk[i].path, &p->disk[i].path_pos,
				    disk_format(&p->disk[i]), errors);
	for (size_t i = 0; i < p->cdrom_count; i++)
		add_missing(user, p->cdrom[i].path, &p->cdrom[i].path_pos, NULL, errors);
	for (size_t i = 0; i < p->device_count; i++)
		add_missing(user, p->device[i].rom, &p->device[i].rom_pos, NULL, errors);
	add_missing(user, p->apple_smc, &p->apple_smc_pos, NULL, errors);
	for (size_t i = 0; i < p->acpi_table.count; i++)
		add_missing(user, p->acpi_table.item[i].text, &p->acpi_table.item[i].pos, NULL,
			    errors);
	profile_errors_sort(errors);
}

/**
 * facts_look_at_files() - disks with what is behind them, CDs, ROMs, variables
 * @host:	asked for the names of block devices
 * @f:		its user and emulator are known; receives disk
 * @results:	receives a failed "files" for each that will not do
 *
 * Return: 0 or EXIT_HOST
 */
int facts_look_at_files(const struct opened_profile *o, struct host *host, struct facts *f,
			struct check_results *results)
{
	const struct looking l = { o, host, f, results };
	const struct profile *p = o->profile;
	int code = 0;

	if (geteuid() && geteuid() != f->user.uid) {
		check_add(results, "files", CHECK_SKIPPED, NULL,
			  "not checked: to be user %s for a moment takes root", f->user.name);
		return 0;
	}
	f->disk = calloc(p->disk_count + 1, sizeof(*f->disk));
	if (!f->disk)
		return EXIT_HOST;
	for (size_t i = 0; i < p->disk_count; i++)
		code |= look_at_disk(&l, &p->disk[i], &f->disk[i]);
	for (size_t i = 0; i < p->cdrom_count; i++)
		code |= look_at_cdrom(&l, &p->cdrom[i]);
	for (size_t i = 0; i < p->device_count; i++)
		if (p->device[i].rom)
			code |= look_at_rom(&l, &p->device[i]);
	for (size_t i = 0; i < p->acpi_table.count; i++)
		code |= look_at_table(&l, &p->acpi_table.item[i]);
	if (p->apple_smc)
		code |= look_at_smc(&l);
	code |= facts_look_at_firmware(&l);
	if (!code)
		code = facts_find_argument_files(p, f);
	f->plan.disk = f->disk;
	return code;
}
