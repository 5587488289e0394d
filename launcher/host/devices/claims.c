/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claims.c - other tools that take PCI devices: libvirt, driverctl, vfio-pci ids= */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/at-boot.h"
#include "launcher/base/sysfs.h"
#include "launcher/host/devices/claims.h"
#include "launcher/host/kernel/cmdline.h"
#include "launcher/host/small-file.h"

/*
 * A host device's address starts with its domain; the guest's, which also stands there,
 * starts with a type. Source: libvirt, virDomainHostdevDefFormatSubsysPCI().
 */
static bool names_device(const char *xml, const struct host_device *d)
{
	static const char start[] = "<address domain='";

	while ((xml = strstr(xml, start))) {
		unsigned int domain, bus, slot, function;

		xml += sizeof(start) - 1;
		if (sscanf(xml, "%x' bus='%x' slot='%x' function='%x'", &domain, &bus, &slot,
			   &function) == 4 &&
		    domain == d->address.domain && bus == d->address.bus &&
		    slot == d->address.device && function == d->address.function)
			return true;
	}
	return false;
}

/**
 * host_libvirt_domain() - the running libvirt domain that has this device
 * @domain:	receives its name
 *
 * Return: 1 there is one, 0 none, -EACCES when its files take root, other -errno
 */
int host_libvirt_domain(struct host *h, const struct host_device *d, char *domain, size_t size)
{
	char **name, path[320];
	size_t count;
	int r = host_list(host_root_fd(h), "run/libvirt/qemu", &name, &count), found = 0;

	if (r)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < count && !r && !found; i++) {
		cleanup_free char *xml = NULL;
		char *dot = strrchr(name[i], '.');

		if (!dot || strcmp(dot, ".xml"))
			continue;
		(void)snprintf(path, sizeof(path), "run/libvirt/qemu/%s", name[i]);
		r = host_text(host_root_fd(h), path, &xml);
		found = !r && names_device(xml, d);
		if (found)
			(void)snprintf(domain, size, "%.*s", (int)(dot - name[i]), name[i]);
	}
	host_list_free(name, count);
	return r ? r : found;
}

/**
 * host_driverctl_override() - the driver that driverctl gives this device at every boot
 *
 * Return: 1 with the driver in @driver, 0 none, or -errno
 */
int host_driverctl_override(struct host *h, const struct host_device *d, char *driver, size_t size)
{
	char path[64];
	int r;

	(void)snprintf(path, sizeof(path), "etc/driverctl.d/%s", d->name);
	r = sysfs_read(host_root_fd(h), path, driver, size);
	return r == -ENOENT ? 0 : r < 0 ? r : r > 0;
}

/** host_at_boot() - does `detach --at-boot` send the device of that address to vfio-pci? */
bool host_at_boot(struct host *h, const char *address)
{
	cleanup_free char *rules = NULL;

	return !host_text(host_root_fd(h), AT_BOOT_RULES, &rules) &&
	       pci_address_stands_in(rules, address);
}

static int add_ids(const char *ids, const char *from, struct host_vfio_id **out, size_t *count)
{
	unsigned int vendor, device;
	int end;

	/* "10de:2486,10de:228b"; what may follow an id narrows it and is left out of account */
	while (sscanf(ids, "%4x:%4x%n", &vendor, &device, &end) == 2) {
		struct host_vfio_id *bigger = reallocarray(*out, *count + 1, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		*out = bigger;
		bigger += (*count)++;
		*bigger = (struct host_vfio_id){ .vendor = (uint16_t)vendor,
						 .device = (uint16_t)device };
		(void)snprintf(bigger->from, sizeof(bigger->from), "%s", from);
		ids += end;
		ids += strcspn(ids, ", \t\n\"");
		if (*ids != ',')
			break;
		ids++;
	}
	return 0;
}

struct vfio_ids {
	struct host_vfio_id *item;
	size_t count;
};

/* The last one counts: what was there before is forgotten, as the kernel does. */
static int take_ids(void *context, const char *value, const char *place)
{
	struct vfio_ids *ids = context;

	ids->count = 0;
	return add_ids(value, place, &ids->item, &ids->count);
}

/**
 * host_vfio_ids() - the `ids=` that vfio-pci is loaded with
 * @out:	freed by the caller with free()
 *
 * The kernel does not show the parameter; it is read where it is written. Source:
 * modprobe.d(5).
 *
 * Return: 0 (also for none) or -ENOMEM
 */
int host_vfio_ids(struct host *h, struct host_vfio_id **out, size_t *count)
{
	struct vfio_ids ids = { .item = NULL };
	int r = host_module_options(h, "vfio-pci", "ids", take_ids, &ids);

	*out = r ? NULL : ids.item;
	*count = r ? 0 : ids.count;
	if (r)
		free(ids.item);
	return r;
}
