/* SPDX-License-Identifier: GPL-2.0-or-later */
/* questions.c - what is asked about a device, a group or the host as a whole */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/host.h"

#define CLASS_BRIDGE 0x06
#define CLASS_OTHER_BRIDGE 0x0680
#define CLASS_DISPLAY 0x03

/**
 * host_device_is_bridge() - is it part of the way to other devices, and not one itself?
 *
 * By class and by header: host bridges, ISA bridges and the placeholders that AMD puts before
 * each root port have an endpoint's header, sit in a card's group, and must be left alone. "Other
 * bridges" with such a header are devices: an NVSwitch, and network functions of nForce chipsets.
 */
bool host_device_is_bridge(const struct host_device *d)
{
	return d->header_type ||
	       (d->class_id >> 16 == CLASS_BRIDGE && d->class_id >> 8 != CLASS_OTHER_BRIDGE);
}

/** host_device_is_display() - VGA, 3D or another display controller? */
bool host_device_is_display(const struct host_device *d)
{
	return d->class_id >> 16 == CLASS_DISPLAY;
}

/** host_device_is_virtual() - is it a virtual function, made by another one (SR-IOV)? */
bool host_device_is_virtual(const struct host_device *d)
{
	return *d->physfn;
}

/**
 * host_same_card() - are these two parts of one card?
 *
 * The functions of a slot are, but for virtual ones: each of these is a card of its own, though
 * the first of them have their physical function's slot.
 */
bool host_same_card(const struct host_device *a, const struct host_device *b)
{
	if (host_device_is_virtual(a) || host_device_is_virtual(b))
		return !pci_address_compare(&a->address, &b->address);
	return pci_address_same_slot(&a->address, &b->address);
}

/** host_has_iommu() - does the kernel have any IOMMU group? */
bool host_has_iommu(struct host *h)
{
	int fd = openat(host_root_fd(h), "sys/kernel/iommu_groups",
			O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cleanup_closedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			return true;
	return false;
}

/**
 * host_group_reserved_direct() - does the firmware require identity mappings for this group?
 *
 * Then the kernel refuses to hand the group out. "direct-relaxable" (graphics and USB
 * leftovers) is no obstacle. Source: Documentation/ABI/testing/sysfs-kernel-iommu_groups.
 *
 * Return: 1 yes, 0 no, -errno when it cannot be read
 */
int host_group_reserved_direct(struct host *h, int group)
{
	char path[64], text[4096];
	int r;

	(void)snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%d/reserved_regions", group);
	r = sysfs_read(host_root_fd(h), path, text, sizeof(text));
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (char *line = text, *next; line; line = next) {
		size_t length;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		length = strlen(line);
		if (length > 7 && !strcmp(line + length - 7, " direct"))
			return 1;
	}
	return 0;
}

/**
 * host_module_loaded() - is this module there, loaded or built into the kernel?
 * @module:	with underscores, as in /sys/module
 */
bool host_module_loaded(const struct host *h, const char *module)
{
	char path[96];

	/* Built in, it may have no entry below /sys/module; its driver then shows it. */
	if (!strcmp(module, "vfio_pci") &&
	    sysfs_exists(host_root_fd(h), "sys/bus/pci/drivers/vfio-pci"))
		return true;
	(void)snprintf(path, sizeof(path), "sys/module/%s", module);
	return sysfs_exists(host_root_fd(h), path);
}
