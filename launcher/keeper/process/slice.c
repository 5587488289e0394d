/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slice.c - a slice of systemd's whose CPUs belong to nothing else: a cpuset partition
 *
 * systemd makes the cgroup and keeps its cpuset; what it does not know is the partition, which
 * takes the CPUs from all other cgroups. "root" and not "isolated": threads of QEMU that are not
 * pinned one by one, as with emulator-pin, are balanced by the scheduler only in the former.
 *
 * The write succeeds whatever becomes of it: so it is read back. Source: cgroup-v2.rst,
 * cpuset.cpus.partition
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/process/scope.h"

#define ROOT "/sys/fs/cgroup"

/* The cgroup is called as the unit is; the same stands in programs/scope-slice.c. */
static int open_slice(const char *name)
{
	char path[SYSFS_PATH_MAX];
	size_t used = (size_t)snprintf(path, sizeof(path), ROOT "/vfiorun_");
	struct statfs fs;
	int fd;

	for (; *name && used < sizeof(path) - 16; name++)
		used += (size_t)snprintf(
			path + used, sizeof(path) - used,
			isalnum((unsigned char)*name) || *name == '_' || *name == '.' ? "%c"
										      : "\\x%02x",
			(unsigned char)*name);
	(void)snprintf(path + used, sizeof(path) - used, ".slice");
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstatfs(fd, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
		return fd;
	(void)close(fd);
	return -EXDEV;
}

static int make_partition(int slice)
{
	char text[128];
	cleanup_close int fd = openat(slice, "cpuset.cpus.partition", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (write(fd, "root", 4) < 0)
		return -errno;
	if (sysfs_read(slice, "cpuset.cpus.partition", text, sizeof(text)) <= 0)
		return -EIO;
	return strcmp(text, "root") ? -EINVAL : 0; /* else "root invalid (why)" */
}

/**
 * slice_cpus() - the CPUs that are the slice's alone
 * @buf:	filled with their list; "" there is no slice
 *
 * Return: 0 or -errno
 */
int slice_cpus(const char *name, char *buf, size_t size)
{
	cleanup_close int slice = open_slice(name);
	int rc;

	*buf = '\0';
	if (slice < 0)
		return slice == -ENOENT ? 0 : slice;
	rc = sysfs_read(slice, "cpuset.cpus", buf, size);
	return rc < 0 ? rc : 0;
}

/**
 * slice_start() - make a slice, and take its CPUs from all else
 * @program:	programs/scope.c, open
 * @cpus:	a list
 *
 * What was made is undone by slice_stop(), also after an error.
 *
 * Return: 0; -EEXIST there is one of that name; -EINVAL they cannot be had, or nothing would be
 *	   left for all else; -ETIME systemd does not answer; other -errno
 */
int slice_start(int program, const char *name, const char *cpus)
{
	char words[][8] = { "scope", "slice" }, vm[64], list[256];
	char *argv[] = { words[0], words[1], vm, list, NULL };
	cleanup_close int slice = -1;
	int rc;

	(void)snprintf(vm, sizeof(vm), "%s", name);
	(void)snprintf(list, sizeof(list), "%s", cpus);
	rc = scope_ask(program, argv);
	if (rc)
		return rc;
	slice = open_slice(name);
	return slice < 0 ? slice : make_partition(slice);
}

/**
 * slice_stop() - give the CPUs back: the slice goes, and with it what is in it
 *
 * systemd is asked also when none is seen: the request of a keeper that was killed may still be on
 * its way, and is answered before this one. What counts is what is there then.
 *
 * Return: 0, also when there was none; -ETIME systemd does not answer; other -errno
 */
int slice_stop(int program, const char *name)
{
	char words[][8] = { "scope", "unslice" }, vm[64], now[256];
	char *argv[] = { words[0], words[1], vm, NULL };
	int asked, rc;

	(void)snprintf(vm, sizeof(vm), "%s", name);
	asked = scope_ask(program, argv);
	rc = slice_cpus(name, now, sizeof(now));
	if (rc || !*now)
		return rc;
	return asked ? asked : -EBUSY;
}
