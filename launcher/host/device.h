/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * device.h - reads one PCI function into a struct host_device
 *
 * Inside launcher/host only; others ask host.h.
 */
#ifndef VFIO_RUN_HOST_DEVICE_H
#define VFIO_RUN_HOST_DEVICE_H

#include "launcher/host/host.h"

struct pci_access;

int device_read(int root, struct pci_access *pci, const struct pci_address *address, bool stuck,
		bool brief, struct host_device *d) must_check;

#endif /* VFIO_RUN_HOST_DEVICE_H */
