/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usb.c - the node of a USB device of the host, for QEMU, which can open none
 *
 * An open waits until the device is awake.
 * Source: Documentation/ABI/testing/sysfs-bus-usb, Documentation/driver-api/usb/usb.rst,
 * drivers/usb/core/devio.c
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "launcher/base/entries.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/worker/usb.h"

#define BUS "/sys/bus/usb"
#define NODES_MAJOR 189 /* Documentation/admin-guide/devices.txt */
#define NODES_OF_BUS 128
#define DEPTH_MAX 8 /* of a disk below its interface: host, target, device, block */

static int walk(int at, const char *name, int depth);

/* In the folder "block" stands a disk; an exclusive open is refused while the kernel uses it. */
static int visit_disk(void *context, int dir, const char *name, unsigned int type)
{
	cleanup_close int fd = -1;
	char path[64];

	(void)context;
	(void)dir;
	if (type != DT_DIR || (size_t)snprintf(path, sizeof(path), "/dev/%s", name) >= sizeof(path))
		return 0;
	fd = open(path, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 && errno == EBUSY ? -EBUSY : 0;
}

static int visit_folder(void *context, int dir, const char *name, unsigned int type)
{
	const int *depth = context;

	return type == DT_DIR && !entries_without_devices(name) ? walk(dir, name, *depth + 1) : 0;
}

static int walk(int at, const char *name, int depth)
{
	cleanup_close int dir = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *slash = strrchr(name, '/');
	int rc;

	if (dir < 0 || depth > DEPTH_MAX)
		return 0; /* gone meanwhile */
	rc = entries_each(dir, !strcmp(slash ? slash + 1 : name, "block") ? visit_disk : visit_folder,
			  &depth);
	return rc == -ENOENT ? 0 : rc;
}

/**
 * usb_is_free() - would a file system be torn away with this interface?
 *
 * Return: 0; -EBUSY a disk on it is mounted, or is in use by the kernel otherwise
 */
int usb_is_free(const char *interface)
{
	char path[SYSFS_PATH_MAX];

	(void)snprintf(path, sizeof(path), BUS "/devices/%s", interface);
	return walk(AT_FDCWD, path, 0);
}

static int read_number(int dir, const char *file, int base, unsigned long *out)
{
	char text[16], *end;

	if (sysfs_read(dir, file, text, sizeof(text)) <= 0)
		return -ENODEV;
	*out = strtoul(text, &end, base);
	return *end ? -EINVAL : 0;
}

/* Return: 0; -ENODEV it is gone, or another one is there */
static int read_node(int dir, uint16_t vendor, uint16_t product, unsigned long *bus,
		     unsigned long *number)
{
	unsigned long v = 0, p = 0;
	int rc = read_number(dir, "idVendor", 16, &v);

	if (!rc)
		rc = read_number(dir, "idProduct", 16, &p);
	if (!rc)
		rc = read_number(dir, "busnum", 10, bus);
	if (!rc)
		rc = read_number(dir, "devnum", 10, number);
	return rc ? rc : v != vendor || p != product ? -ENODEV : 0;
}

/* The device can be unplugged and another one have its number before the node is open. */
static int open_node(int dir, uint16_t vendor, uint16_t product)
{
	unsigned long bus = 0, number = 0;
	cleanup_close int fd = -1;
	char path[64];
	struct stat st;
	int rc = read_node(dir, vendor, product, &bus, &number);

	if (rc)
		return rc;
	(void)snprintf(path, sizeof(path), "/dev/bus/usb/%03lu/%03lu", bus, number);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISCHR(st.st_mode) || major(st.st_rdev) != NODES_MAJOR ||
	    minor(st.st_rdev) != (bus - 1) * NODES_OF_BUS + number - 1)
		return -ENODEV;
	rc = read_node(dir, vendor, product, &bus, &number);
	return rc ? rc : take_fd(&fd);
}

/**
 * usb_open() - the node of a device
 * @device:	"1-2"
 * @fds:	receives it
 *
 * Return: 0; -ENODEV the device is gone, or is another one; other -errno
 */
int usb_open(const char *device, uint16_t vendor, uint16_t product, struct work_fds *fds)
{
	char path[SYSFS_PATH_MAX];
	cleanup_close int dir = -1;
	int fd;

	(void)snprintf(path, sizeof(path), BUS "/devices/%s", device);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	fd = open_node(dir, vendor, product);
	if (fd < 0)
		return fd;
	fds->fd[fds->count++] = fd;
	return 0;
}
