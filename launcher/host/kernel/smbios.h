/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smbios.h - maker and product of the host, as its firmware's SMBIOS tables have them */
#ifndef VFIO_RUN_HOST_SMBIOS_H
#define VFIO_RUN_HOST_SMBIOS_H

#include "launcher/host/host.h"

#define HOST_SMBIOS_STRINGS 7

/* Where each string stands; never a serial number, a UUID or an asset tag. */
struct host_smbios_row {
	unsigned int type; /* 1: the system, 2: its board */
	const char *field; /* as QEMU's -smbios calls it */
	const char *file;  /* below /sys/class/dmi/id */
};
extern const struct host_smbios_row host_smbios_rows[HOST_SMBIOS_STRINGS];

struct host_smbios {
	char text[HOST_SMBIOS_STRINGS][65]; /* printable ASCII; "": the firmware has none */
};

int host_smbios(struct host *h, struct host_smbios *out) must_check;

#endif /* VFIO_RUN_HOST_SMBIOS_H */
