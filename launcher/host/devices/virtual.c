/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtual.c - a virtual function (SR-IOV) by its number, there or not
 *
 * One that is not there yet can be described before: its place follows from the physical one's by
 * an offset and a stride, its ids from the physical one's capability, and the kernel shows all
 * three. Source: drivers/pci/iov.c, pci_iov_virtfn_bus(), pci_iov_virtfn_devfn(), sriov_vf_device;
 * SR-IOV specification 2.1.2.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/host.h"

#define FIRST_BAR 7 /* of the virtual functions, in the physical one's list; drivers/pci/pci.h */

static int is_there(struct host *h, const struct host_device *physical, unsigned int number,
		    const struct host_device **out)
{
	char path[64 + PCI_ADDRESS_TEXT], name[HOST_WORD_MAX];
	struct pci_address a;

	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/virtfn%u", physical->name,
		       number - 1);
	if (sysfs_link_name(host_root_fd(h), path, name, sizeof(name)) ||
	    !pci_address_parse(name, &a))
		return -ENODEV;
	return host_device(h, &a, out);
}

/* Where it will be; false when the kernel does not show that, or it cannot be. */
static bool place(int dir, const struct host_device *physical, unsigned int number,
		  struct pci_address *out)
{
	int64_t offset, stride, at;

	if (sysfs_read_number(dir, "sriov_offset", &offset) ||
	    sysfs_read_number(dir, "sriov_stride", &stride) || offset <= 0 || stride < 0 ||
	    offset > UINT16_MAX || stride > UINT16_MAX || (number > 1 && !stride))
		return false;
	at = physical->address.bus * 256 + physical->address.device * 8 +
	     physical->address.function + offset + stride * (int64_t)(number - 1);
	if (at > UINT16_MAX)
		return false;
	*out = physical->address;
	out->bus = (uint8_t)(at / 256);
	out->device = (uint8_t)(at / 8 % 32);
	out->function = (uint8_t)(at % 8);
	return true;
}

/* Of each the part of one; a size that is not known takes no room in the guest's window. */
static void read_bars(int dir, struct host_device *d, int total)
{
	char text[4096], *line = text;

	if (sysfs_read(dir, "resource", text, sizeof(text)) < 0 || total <= 0)
		return;
	for (int i = 0; i < FIRST_BAR + HOST_BARS - 1 && line; i++) {
		uint64_t start, end;

		if (sscanf(line, "%" SCNx64 " %" SCNx64, &start, &end) != 2)
			return;
		if (i >= FIRST_BAR && end > start)
			d->bar_bytes[i - FIRST_BAR] = (end - start + 1) / (uint64_t)total;
		line = strchr(line, '\n');
		if (line)
			line++;
	}
}

static int describe(int dir, const struct host_device *physical, unsigned int number,
		    struct host_device *d)
{
	char id[16], *end;

	*d = (struct host_device){ .vendor = physical->vendor,
				   .subsystem_vendor = physical->subsystem_vendor,
				   .subsystem_device = physical->subsystem_device,
				   .class_id = physical->class_id,
				   .iommu_group = -1,
				   .numa_node = physical->numa_node,
				   .sriov_numvfs = -1,
				   .sriov_totalvfs = -1,
				   .sriov_autoprobe = -1,
				   .d3cold_allowed = -1 };
	if (!place(dir, physical, number, &d->address) ||
	    sysfs_read(dir, "sriov_vf_device", id, sizeof(id)) <= 0)
		return -ENODATA;
	d->device = (uint16_t)strtoul(id, &end, 16);
	if (end == id || !d->device)
		return -ENODATA;
	(void)pci_address_format(&d->address, d->name);
	memcpy(d->physfn, physical->name, sizeof(d->physfn));
	memcpy(d->bridge, physical->bridge, sizeof(d->bridge));
	memcpy(d->controller, physical->controller, sizeof(d->controller));
	(void)snprintf(d->modalias, sizeof(d->modalias),
		       "pci:v%08Xd%08Xsv%08Xsd%08Xbc%02Xsc%02Xi%02X", d->vendor, d->device,
		       d->subsystem_vendor, d->subsystem_device, d->class_id >> 16 & 0xff,
		       d->class_id >> 8 & 0xff, d->class_id & 0xff);
	read_bars(dir, d, physical->sriov_totalvfs);
	return 0;
}

/**
 * host_virtual_function() - the virtual function with a number, as it is or as it will be
 * @physical:	whose it is
 * @number:	from 1, as `virtfn0` is the first
 * @out:	the snapshot's; `expected` when it is not there yet
 *
 * Return: 0; -ENODEV the physical function has virtual ones, and not this; -ENODATA the kernel does
 *	   not show what one will be; other -errno
 */
int host_virtual_function(struct host *h, const struct host_device *physical, unsigned int number,
			  const struct host_device **out)
{
	char path[64];
	cleanup_close int dir = -1;
	struct host_device d;
	int r = is_there(h, physical, number, out);

	if (!r || physical->sriov_numvfs > 0)
		return r;
	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s", physical->name);
	dir = sysfs_open_dir(host_root_fd(h), path);
	if (dir < 0)
		return dir;
	r = describe(dir, physical, number, &d);
	return r ? r : host_expect(h, &d, out);
}
