/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci.h - the one user of libpci: identity, class, BARs and names of a function
 *
 * Inside launcher/host only; others ask host.h.
 */
#ifndef VFIO_RUN_HOST_PCI_H
#define VFIO_RUN_HOST_PCI_H

#include "launcher/host/host.h"

struct pci_access;

int pci_open(const char *sysroot, struct pci_access **out) must_check;
void pci_close(struct pci_access *pci);
int pci_read_identity(struct pci_access *pci, struct host_device *d) must_check;
void pci_name(struct pci_access *pci, const struct host_device *d, enum host_name which, char *buf,
	      size_t size);

#endif /* VFIO_RUN_HOST_PCI_H */
