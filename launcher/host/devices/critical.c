/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * critical.c - functions with which a guest could change the host itself
 *
 * The IOMMU keeps a guest out of the host's memory. It does not keep it from writing the firmware
 * through an SPI controller, or the voltage regulators and memory modules behind an SMBus: that
 * outlives the guest, and a reboot. Boards put these into the group of the sound or network
 * function that people want.
 */
#include <string.h>

#include "launcher/host/devices/critical.h"

#define INTEL 0x8086
#define AMD 0x1022
#define ANY (-1)

/*
 * Class and subclass; which vendor's; where a class alone says too little, the place on the root
 * bus (Intel's platform controller hub is at 1f.x) or the driver. Sources: PCI Code and ID
 * Assignment 1.15; drivers/mtd/spi-nor/controllers (spi-intel-pci.c),
 * drivers/i2c/busses/i2c-i801.c, i2c-piix4.c, drivers/thermal/intel/intel_pch_thermal.c,
 * drivers/misc/mei/pci-me.c, drivers/crypto/ccp/sp-pci.c.
 */
static const struct critical {
	uint16_t class_id;
	int vendor, slot, function;
	const char *driver; /* instead of the place; NULL: none */
	const char *what;
} rows[] = {
	{ 0x0c80, INTEL, 0x1f, 5, NULL, "the SPI flash that the host's firmware is in" },
	{ 0x0c80, ANY, ANY, ANY, "intel-spi", "the SPI flash that the host's firmware is in" },
	{ 0x0c05, ANY, ANY, ANY, NULL, "the SMBus, with memory modules, fans and voltages" },
	{ 0x0601, ANY, ANY, ANY, NULL,
	  "the bridge to the board's own chips, its firmware among them" },
	{ 0x0600, ANY, ANY, ANY, NULL, "the processor's own bridge" },
	{ 0x1180, INTEL, ANY, ANY, NULL, "the sensors and limits of the processor's heat" },
	{ 0x0780, INTEL, 0x16, ANY, NULL, "the management engine" },
	{ 0x0580, INTEL, 0x1f, ANY, NULL, "the platform controller's own registers" },
	{ 0x1080, AMD, ANY, ANY, NULL, "the security processor" },
	{ 0x0806, ANY, ANY, ANY, NULL, "the IOMMU itself" },
};

static bool is_at(const struct critical *row, const struct host_device *d)
{
	const struct pci_address *a = &d->address;

	if (row->driver)
		return !strcmp(d->driver, row->driver);
	if (row->slot == ANY)
		return true;
	return !a->domain && !a->bus && a->device == row->slot &&
	       (row->function == ANY || a->function == row->function);
}

/**
 * host_critical() - what of the host itself a guest could change with this function
 *
 * Return: in words, static; NULL: nothing that is known
 */
const char *host_critical(const struct host_device *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (d->class_id >> 8 == rows[i].class_id &&
		    (rows[i].vendor == ANY || d->vendor == rows[i].vendor) && is_at(&rows[i], d))
			return rows[i].what;
	return NULL;
}
