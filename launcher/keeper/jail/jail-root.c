/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail-root.c - the file system that QEMU sees: what it needs, and nothing else
 *
 * Everything is first opened as detached copies of mounts, while the host's tree
 * is there: what is the system's as root, by fixed paths; what is the VM's as its user. Then
 * the root is changed to an empty one that holds device nodes, the old one is let go of, and
 * the copies are put at the paths that they had. So no path that a user wrote is ever looked
 * up by root in a tree where it could lead somewhere. The host's mounts are never touched:
 * all this is in a namespace of its own, and there is nothing to restore after a crash.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/jail/jail-inside.h"

#define ROOT_OPTIONS "mode=0755,size=64k,nr_inodes=2048"
/* Only processes, and only those that ptrace may access. */
#define PROC_OPTIONS "subset=pid,hidepid=invisible"
/* And the kernel's settings, which a user can read at most. */
#define ALL_OF_PROC_OPTIONS "hidepid=invisible"

#define SYSTEM_ATTRIBUTES (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define FILE_ATTRIBUTES (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

/* ---- what is the system's ------------------------------------------------------------- */

/* clang-format off */
static const struct {
	const char *path;	/* of root; what is not there is left out, a link stays a link */
	bool programs;		/* something in it is executed */
	bool network;		/* only where QEMU reaches the host's network */
	const char *why;
} system_paths[] = {
	{ "/usr",                true,  false, "QEMU, its libraries and firmware" },
	{ "/bin",                true,  false, "where it is not in /usr" },
	{ "/lib",                true,  false, "likewise" },
	{ "/lib32",              true,  false, "likewise" },
	{ "/lib64",              true,  false, "the loader" },
	{ "/nix/store",          true,  false, "all of the system, on NixOS" },
	{ "/gnu/store",          true,  false, "likewise, on Guix" },
	{ "/etc/ld.so.cache",    false, false, "where libraries are" },
	{ "/etc/alternatives",   false, false, "which of several libraries is used, on Debian" },
	{ "/etc/localtime",      false, false, "rtc = localtime" },
	{ "/etc/resolv.conf",    false, true,  "the guest's name server" },
	{ "/etc/hosts",          false, true,  "names" },
	{ "/etc/nsswitch.conf",  false, true,  "names" },
	{ "/sys/devices/system", false, false, "nodes and CPUs of the host" },
};
/* clang-format on */

/* ---- copies that wait for their place --------------------------------------------------- */

#define LINK_SIZE 512
/* A device is a directory, and a link to it. */
#define TREES_MAX (ARRAY_SIZE(system_paths) + 2 * (KEEPER_DEVICES_MAX + 1) + KEEPER_FILES_MAX)

static struct tree {
	int fd;		  /* a detached mount; -1: a link */
	bool directory;
	const char *path;
	const char *link; /* the link's target */
} trees[TREES_MAX]; /* of the child only: its texts are freed by the exec */
static size_t tree_count;

static struct tree *next_tree(const struct child *c, const char *path)
{
	struct tree *t = &trees[tree_count];

	if (tree_count == ARRAY_SIZE(trees))
		jail_fail(c, "taking hold of", path, EOVERFLOW);
	tree_count++;
	*t = (struct tree){ .fd = -1, .path = strdup(path) };
	if (!t->path)
		jail_fail(c, "taking hold of", path, ENOMEM);
	return t;
}

static void set_attributes(const struct child *c, const struct tree *t, uint64_t attributes,
			   bool recursive)
{
	struct mount_attr attr = { .attr_set = attributes };

	if (jail_skips("attributes"))
		return;
	if (syscall(SYS_mount_setattr, t->fd, "",
		    AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), &attr, sizeof(attr)) < 0)
		jail_fail(c, "restricting", t->path, errno);
}

static void take_link(const struct child *c, const char *path, const char *text)
{
	struct tree *t = next_tree(c, path);

	t->link = strdup(text);
	if (!t->link)
		jail_fail(c, "taking hold of", path, ENOMEM);
}

/* With what is mounted below: /usr/local can be a file system of its own. */
static void take_path(const struct child *c, const char *path, bool directory, bool programs)
{
	struct tree *t = next_tree(c, path);

	t->directory = directory;
	t->fd = (int)syscall(SYS_open_tree, AT_FDCWD, path,
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	if (t->fd < 0)
		jail_fail(c, "taking hold of", path, errno);
	set_attributes(c, t, SYSTEM_ATTRIBUTES | (programs ? 0 : MOUNT_ATTR_NOEXEC), true);
}

static void take_one_of_the_system(const struct child *c, const char *path, bool programs)
{
	char text[LINK_SIZE];
	struct stat st;
	ssize_t n;

	if (lstat(path, &st) < 0)
		return;
	n = S_ISLNK(st.st_mode) ? readlink(path, text, sizeof(text) - 1) : -1;
	/* /lib is a link into /usr, where it is one; /etc/localtime can lead anywhere */
	if (n > 0 && strncmp(path, "/etc/", 5)) {
		text[n] = '\0';
		take_link(c, path, text);
	} else if (stat(path, &st) == 0) {
		take_path(c, path, S_ISDIR(st.st_mode), programs);
	}
}

/* A device is a link to where it hangs: ../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0 */
static void take_device(const struct child *c, const struct keeper_device *device)
{
	char text[PCI_ADDRESS_TEXT], path[64], link[LINK_SIZE], full[LINK_SIZE + 8];
	const char *below;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s",
		       pci_address_format(&device->address, text));
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0 && errno == ENOENT && device->group < 0)
		return; /* it is made by then, unless this is a try */
	if (n < 0)
		jail_fail(c, "taking hold of", path, errno);
	link[n] = '\0';
	below = strstr(link, "/devices/");
	if (!below || (size_t)n == sizeof(link) - 1)
		jail_fail(c, "taking hold of", path, EINVAL);
	(void)snprintf(full, sizeof(full), "/sys%s", below);
	take_path(c, full, true, false);
	take_link(c, path, link);
}

/*
 * By a render node's number libraries find what card it is of: the link that the kernel has for it
 * leads to ../../devices/pci0000:00/0000:00:02.0/drm/renderD128, and the card is two above.
 */
static void take_render(const struct child *c, const struct keeper_node *node)
{
	char path[64], link[LINK_SIZE], full[LINK_SIZE + 8];
	char *below, *end;
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/sys/dev/char/%u:%u", node->major, node->minor);
	n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		jail_fail(c, "taking hold of", path, errno);
	link[n] = '\0';
	below = strstr(link, "/devices/");
	end = strstr(link, "/drm/");
	if (!below || !end || end < below || (size_t)n == sizeof(link) - 1)
		jail_fail(c, "taking hold of", path, EINVAL);
	(void)snprintf(full, sizeof(full), "/sys%.*s", (int)(end - below), below);
	take_path(c, full, true, false);
	take_link(c, path, link);
}

void jail_take_system(struct child *c)
{
	const struct jail *jail = c->jail;

	for (size_t i = 0; i < ARRAY_SIZE(system_paths); i++)
		if (!system_paths[i].network || !jail->private_network)
			take_one_of_the_system(c, system_paths[i].path,
					       system_paths[i].programs);
	for (uint32_t i = 0; i < jail->device_count; i++)
		if (jail->device[i].assigned)
			take_device(c, &jail->device[i]);
	for (uint32_t i = 0; i < jail->node_count; i++)
		if (!strncmp(jail->node[i].path, "dri/renderD", 11))
			take_render(c, &jail->node[i]);
}

/* ---- what is the VM's ------------------------------------------------------------------- */

static uint64_t attributes_of(const struct keeper_file *file)
{
	return FILE_ATTRIBUTES | (file->flags & KEEPER_FILE_WRITABLE ? 0 : MOUNT_ATTR_RDONLY) |
	       (file->flags & KEEPER_FILE_EXECUTABLE ? 0 : MOUNT_ATTR_NOEXEC);
}

static void take_file(const struct child *c, uint32_t i, int socket)
{
	struct tree *t = next_tree(c, c->jail->file_path[i]);
	struct jail_opened opened;
	int fd, rc = jail_files_next(socket, &opened, &fd);
	unsigned int below;

	if (rc || opened.error)
		jail_fail(c, "opening", t->path, rc ? -rc : -opened.error);
	if (!S_ISREG(opened.mode) && !S_ISDIR(opened.mode) && !S_ISSOCK(opened.mode))
		jail_fail(c, "opening", t->path, ENOTSUP); /* devices are not files: they are nodes */
	t->directory = S_ISDIR(opened.mode);
	/* recursively: a disk can lie in a file system that is mounted below */
	below = t->directory ? AT_RECURSIVE : 0;
	t->fd = (int)syscall(SYS_open_tree, fd, "",
			     AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | below);
	if (t->fd < 0)
		jail_fail(c, "taking hold of", t->path, errno);
	(void)close(fd);
	set_attributes(c, t, attributes_of(&c->jail->file[i]), t->directory);
}

void jail_take_files(struct child *c)
{
	pid_t helper;
	int socket;

	if (!c->jail->file_count)
		return;
	socket = jail_files_start(c->jail, &helper);
	if (socket < 0)
		jail_fail(c, "opening the VM's files", NULL, -socket);
	for (uint32_t i = 0; i < c->jail->file_count; i++)
		if (jail_has_file(c->jail, i))
			take_file(c, i, socket);
	if (jail_files_end(helper, socket))
		jail_fail(c, "opening the VM's files", NULL, ECHILD);
}

/* ---- the new root ------------------------------------------------------------------------ */

static void mount_new(const struct child *c, const char *type, const char *where,
		      unsigned long flags, const char *options, const char *step)
{
	jail_check(c, (int)syscall(SYS_mount, type, where, type, flags, options), step);
}

void jail_separate(struct child *c)
{
	jail_check(c, (int)syscall(SYS_mount, NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL),
		   "separating mounts");
	/* processes that read /proc/self meanwhile (libcap-ng does) are in another pid namespace */
	mount_new(c, "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, PROC_OPTIONS,
		  "mounting its /proc");
}

/* On a directory that is always there; from here on names are relative to the new root. */
void jail_make_root(struct child *c)
{
	mount_new(c, "tmpfs", "/dev", MS_NOSUID | MS_NODEV | MS_NOEXEC, ROOT_OPTIONS,
		  "making a root");
	jail_check(c, chdir("/dev"), "making a root");
	if (c->jail->profile->network)
		jail_check(c, mkdir("tmp", 0755), "making /tmp");
}

void jail_enter(struct child *c)
{
	/* the old root is put on top of the new one, and taken off */
	jail_check(c, (int)syscall(SYS_pivot_root, ".", "."), "changing the root");
	jail_check(c, (int)syscall(SYS_umount2, ".", 2 /* MNT_DETACH */), "leaving the old root");
	jail_check(c, chdir("/"), "changing the root");
}

void jail_make_proc(struct child *c)
{
	jail_check(c, mkdir("proc", 0555), "making /proc");
	mount_new(c, "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  c->jail->profile->all_of_proc ? ALL_OF_PROC_OPTIONS : PROC_OPTIONS,
		  "mounting its /proc");
}

/* ---- places ------------------------------------------------------------------------------- */

/* Mount points are made only in what was made here: not in a directory that was mounted in. */
static dev_t made_here[2]; /* as they were before anything was put in */

static bool is_ours(int dir)
{
	struct stat st;

	return !fstat(dir, &st) && (st.st_dev == made_here[0] || st.st_dev == made_here[1]);
}

/* One step down, which is made when it is missing. Closes @dir. Return: O_PATH or -errno */
static int step_down(int dir, const char *name, bool directory)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | (directory ? O_DIRECTORY : 0u),
				.resolve = RESOLVE_NO_SYMLINKS };
	int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how)), rc = 0;

	if (fd < 0 && errno == ENOENT && is_ours(dir)) {
		if (directory ? mkdirat(dir, name, 0755) : mknodat(dir, name, S_IFREG | 0600, 0))
			rc = -errno;
		else
			fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
	}
	if (!rc && fd < 0)
		rc = -errno;
	(void)close(dir);
	return rc ? rc : fd;
}

/* Down a path below the root, to its last part or the one before it. */
static int make_place(const char *path, bool directory, bool parent_only, const char **last)
{
	int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[256];

	while (dir >= 0) {
		size_t length;

		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (length >= sizeof(name)) {
			(void)close(dir);
			return -ENAMETOOLONG;
		}
		memcpy(name, path, length);
		name[length] = '\0';
		*last = path;
		path += length;
		path += strspn(path, "/");
		if (!*path)
			return parent_only ? dir : step_down(dir, name, directory);
		dir = step_down(dir, name, true);
	}
	return dir;
}

static void place(const struct child *c, const struct tree *t)
{
	const char *last;
	int fd = make_place(t->path, t->directory, t->fd < 0, &last);

	if (fd < 0)
		jail_fail(c, "making a place for", t->path, -fd);
	if (t->fd < 0) {
		if (symlinkat(t->link, fd, last) < 0)
			jail_fail(c, "making a place for", t->path, errno);
	} else if (syscall(SYS_move_mount, t->fd, "", fd, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0) {
		jail_fail(c, "putting in", t->path, errno);
	}
	(void)close(fd);
	if (t->fd >= 0)
		(void)close(t->fd);
}

void jail_place(struct child *c)
{
	struct stat root, dev;

	jail_check(c, stat("/", &root), "looking at the root");
	jail_check(c, stat("/dev", &dev), "looking at /dev");
	made_here[0] = root.st_dev;
	made_here[1] = dev.st_dev;
	for (size_t i = 0; i < tree_count; i++)
		place(c, &trees[i]);
}

/* Flags of these mounts, never of the file systems: those can be the host's. */
void jail_close_root(struct child *c)
{
	jail_check(c, (int)syscall(SYS_mount, NULL, "/dev", NULL,
				   MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC,
				   NULL),
		   "closing /dev");
	jail_check(c, (int)syscall(SYS_mount, NULL, "/", NULL,
				   MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV |
					   MS_NOEXEC,
				   NULL),
		   "closing the root");
}
