/* SPDX-License-Identifier: GPL-2.0-or-later */
/* claims.h - other tools that take PCI devices: libvirt, driverctl, vfio-pci ids= */
#ifndef VFIO_RUN_HOST_CLAIMS_H
#define VFIO_RUN_HOST_CLAIMS_H

#include "launcher/host/host.h"

int host_libvirt_domain(struct host *h, const struct host_device *d, char *domain,
			size_t size) must_check;
bool host_at_boot(struct host *h, const char *address);
int host_driverctl_override(struct host *h, const struct host_device *d, char *driver,
			    size_t size) must_check;

/* Devices that vfio-pci takes by their ids as soon as it is loaded. */
struct host_vfio_id {
	uint16_t vendor, device;
	char from[256]; /* the file that names them, or the kernel's command line */
};
int host_vfio_ids(struct host *h, struct host_vfio_id **out, size_t *count) must_check;

#endif /* VFIO_RUN_HOST_CLAIMS_H */
