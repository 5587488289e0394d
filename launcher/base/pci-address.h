/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pci-address.h - the address of a PCI function: domain, bus, device, function
 *
 * Users and documents call it the BDF. The canonical text is "dddd:bb:dd.f" in
 * lower-case hexadecimal, as /sys/bus/pci/devices spells it; the domain has more
 * digits where it needs them (10000:e1:00.0 behind Intel VMD).
 */
#ifndef VFIO_RUN_PCI_ADDRESS_H
#define VFIO_RUN_PCI_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"

#define PCI_ADDRESS_TEXT 17 /* "ffffffff:ff:1f.7" and its NUL */

struct pci_address {
	uint32_t domain;
	uint8_t bus;
	uint8_t device;	  /* 0 to 31 */
	uint8_t function; /* 0 to 7 */
};

bool pci_address_read(const char **text, struct pci_address *out) must_check;
bool pci_address_parse(const char *text, struct pci_address *out) must_check;
const char *pci_address_format(const struct pci_address *a, char buf[PCI_ADDRESS_TEXT]);
int pci_address_compare(const struct pci_address *a, const struct pci_address *b);
bool pci_address_same_slot(const struct pci_address *a, const struct pci_address *b);
bool pci_address_stands_in(const char *text, const char *address);

#endif /* VFIO_RUN_PCI_ADDRESS_H */
