/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entries.c - the names in a directory
 *
 * opendir(3) makes four system calls before the first name is read, allocates 32 KiB, and walks of
 * sysfs open dozens of directories at every start: so getdents64(2) is used directly.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/entries.h"

/* A PCI function's directory fits; walks nest, and the keeper's stack stays with it for hours. */
#define BUFFER_BYTES 2048

/* As getdents64(2) writes it. */
struct entry {
	uint64_t inode;
	int64_t offset;
	uint16_t length;
	uint8_t type;
	char name[];
};

/* Some file systems do not return the type with the name; sysfs, procfs and tmpfs do. */
static unsigned int type_of(int dir, const struct entry *e)
{
	struct stat st;

	if (e->type != DT_UNKNOWN)
		return e->type;
	return fstatat(dir, e->name, &st, AT_SYMLINK_NOFOLLOW) ? DT_REG : IFTODT(st.st_mode);
}

/**
 * entries_each() - call @visit for each name in a directory, in no order
 * @dir:	open for reading; its offset is used
 * @visit:	anything but 0 ends the walk; may use @dir, and walk elsewhere itself
 *
 * Return: 0, what @visit returned, or -errno of getdents64(2)
 */
int entries_each(int dir, entries_fn visit, void *context)
{
	char buf[BUFFER_BYTES] __attribute__((aligned(8)));
	long n;

	while ((n = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			const struct entry *e = (const void *)(buf + at);
			int r;

			at += e->length;
			if (!strcmp(e->name, ".") || !strcmp(e->name, ".."))
				continue;
			r = visit(context, dir, e->name, type_of(dir, e));
			if (r)
				return r;
		}
	}
	return n < 0 ? -errno : 0;
}

/**
 * entries_without_devices() - is this a directory of a device that holds attributes only?
 * @name:	of a directory below /sys/devices
 *
 * A walk that looks for device nodes need not enter it.
 * Source: Documentation/ABI/testing: sysfs-devices-power, sysfs-bus-pci (link, msi_irqs),
 * sysfs-class-net-{queues,statistics}; sound/hda/hdac_sysfs.c (widgets).
 */
bool entries_without_devices(const char *name)
{
	static const char *const names[] = { "power",	"link",	      "msi_irqs",
					     "widgets", "statistics", "queues" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}
