/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mount.c - the worker's part of what is mounted: looked at, unmounted, mounted
 *
 * A mount point can be in a directory of a user's, who could put a symbolic link in its place:
 * every path is opened part by part without following one, and what is done is done by that
 * descriptor.
 *
 * Source: mount(2), umount(2), openat2(2), proc(5).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/change.h"
#include "launcher/keeper/worker/mount.h"

#define SOURCE_MS \
	30000 /* until a controller that is back has shown its disks, and udev their links */
#define SOURCE_STEP_MS 100

static int open_place(const char *path)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

/* Its node as udev or the kernel named it, now: "/dev/sdb1". */
static int find_source(const struct change_mount *m, char path[CHANGE_TEXT_MAX], struct stat *st)
{
	cleanup_free char *real = realpath(m->source, NULL);

	if (!real)
		return -errno;
	if (strncmp(real, "/dev/", 5) != 0 || strlen(real) >= CHANGE_TEXT_MAX || stat(real, st))
		return -ENOENT;
	(void)snprintf(path, CHANGE_TEXT_MAX, "%s", real);
	return S_ISBLK(st->st_mode) ? 0 : -ENOTBLK;
}

/* The text of a field of mountinfo, without the kernel's escapes. */
static bool is_text(const char *field, const char *text)
{
	unsigned int c;

	while (*field && *text) {
		if (field[0] == '\\' && sscanf(field + 1, "%3o", &c) == 1) {
			field += 4;
		} else {
			c = (unsigned char)*field;
			field++;
		}
		if (c != (unsigned char)*text++)
			return false;
	}
	return !*field && !*text;
}

/* How often the node is mounted, and whether it is what stands at @point now. */
static int count_mounts(const char *source, const struct stat *st, const char *point, bool *there)
{
	cleanup_fclose FILE *file = fopen("/proc/self/mountinfo", "re");
	cleanup_free char *line = NULL;
	size_t room = 0;
	int count = 0;

	*there = false;
	if (!file)
		return -errno;
	while (getline(&line, &room, file) > 0) {
		unsigned int major_, minor_;
		char *save = NULL, *dash = strstr(line, " - "), *field[5], *from;
		bool of_it;
		size_t i;

		if (!dash)
			continue;
		*dash = '\0';
		for (i = 0; i < ARRAY_SIZE(field); i++)
			if (!(field[i] = strtok_r(i ? NULL : line, " ", &save)))
				break;
		if (i < ARRAY_SIZE(field) || sscanf(field[2], "%u:%u", &major_, &minor_) != 2)
			continue;
		(void)strtok_r(dash + 3, " ", &save); /* the type */
		from = strtok_r(NULL, " ", &save);
		of_it = (major_ == major(st->st_rdev) && minor_ == minor(st->st_rdev)) ||
			(from && !strcmp(from, source));
		count += of_it;
		if (is_text(field[4], point)) /* a later one stands above it */
			*there = of_it;
	}
	return count;
}

/**
 * mount_look() - is that file system mounted there?
 * @words:	as change_mount_words()
 *
 * Return: 0; -errno of the question; a disk that is not there is not mounted
 */
int mount_look(const char *point, const char *words, bool *there)
{
	char source[CHANGE_TEXT_MAX];
	struct change_mount m;
	struct stat st;
	int rc;

	*there = false;
	if (!change_mount_parse(words, &m))
		return -EINVAL;
	rc = find_source(&m, source, &st);
	if (rc)
		return rc == -ENOENT || rc == -ENXIO ? 0 : rc;
	rc = count_mounts(source, &st, point, there);
	return rc < 0 ? rc : 0;
}

/* By the directory that it is in, and its name there: a descriptor of its own would keep it busy.
 */
static int unmount(const char *point)
{
	const char *name = strrchr(point, '/');
	char path[CHANGE_TEXT_MAX + 32];
	cleanup_close int parent = -1;

	if (!name || !name[1])
		return -EINVAL;
	(void)snprintf(path, sizeof(path), "%.*s", name == point ? 1 : (int)(name - point), point);
	parent = open_place(path);
	if (parent < 0)
		return parent;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", parent, name + 1);
	return umount2(path, UMOUNT_NOFOLLOW) ? -errno : 0;
}

/* What is mounted in a namespace of its own still has the disk: an exclusive open is refused. */
static int is_free(const char *source)
{
	cleanup_close int fd = open(source, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 && errno == EBUSY ? -EUSERS : 0;
}

/**
 * mount_drop() - unmount it; -EBUSY a process uses it, -EUSERS another namespace has it mounted
 *
 * Does nothing when it is not mounted there.
 */
int mount_drop(const char *point, const char *words)
{
	char source[CHANGE_TEXT_MAX];
	struct change_mount m;
	struct stat st;
	bool there = false;
	int rc;

	if (!change_mount_parse(words, &m))
		return -EINVAL;
	rc = find_source(&m, source, &st);
	if (!rc)
		rc = count_mounts(source, &st, point, &there);
	if (rc < 0 || !there)
		return rc < 0 ? rc : 0;
	rc = unmount(point);
	if (!rc)
		rc = count_mounts(source, &st, point, &there);
	return rc ? (rc < 0 ? rc : 0) : is_free(source);
}

static int wait_for_source(const struct change_mount *m, char path[CHANGE_TEXT_MAX])
{
	struct stat st;
	int rc = find_source(m, path, &st);

	/* no event reports that udev has made its link */
	for (int waited = 0; rc && waited < SOURCE_MS; waited += SOURCE_STEP_MS) {
		(void)poll(NULL, 0, SOURCE_STEP_MS);
		rc = find_source(m, path, &st);
	}
	return rc;
}

/** mount_make() - mount it, unless it is mounted there; waits for its disk */
int mount_make(const char *point, const char *words)
{
	char source[CHANGE_TEXT_MAX], path[32];
	cleanup_close int place = -1, made = -1;
	struct change_mount m;
	bool there;
	int rc = mount_look(point, words, &there);

	if (rc || there)
		return rc;
	(void)change_mount_parse(words, &m);
	rc = wait_for_source(&m, source);
	place = rc ? -1 : open_place(point);
	if (rc || place < 0)
		return rc ? rc : place;
	if (!(m.flags & (MS_NOATIME | MS_RELATIME)))
		m.flags |= MS_STRICTATIME; /* else the kernel takes relatime */
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", place);
	if (mount(source, path, m.type, m.flags, *m.data ? m.data : NULL))
		return -errno;
	if (!m.is_private)
		return 0;
	made = open_place(point); /* what stands there now */
	if (made < 0)
		return made;
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", made);
	return mount(NULL, path, NULL, MS_PRIVATE, NULL) ? -errno : 0;
}
