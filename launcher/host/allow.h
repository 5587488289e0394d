/* SPDX-License-Identifier: GPL-2.0-or-later */
/* allow.h - /etc/vfio-run/devices.allow: which devices a profile that root does not own may take */
#ifndef VFIO_RUN_HOST_ALLOW_H
#define VFIO_RUN_HOST_ALLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/pci-address.h"

#define ALLOW_FILE "/etc/vfio-run/devices.allow"

/* One line: a device, by address or by vendor and device id, and who may take it. */
struct allow_line {
	bool by_id;
	struct pci_address address;
	uint16_t vendor, device;
	char user[33];
};

struct allow {
	bool limits; /* the file is there: what it does not name is refused */
	struct allow_line *line;
	size_t count;
};

/* Why the file cannot be used; a file that cannot be understood limits nobody by guess. */
struct allow_error {
	unsigned int line; /* from 1; 0: the file as a whole */
	char what[600];	   /* printable */
};

int allow_read(struct allow *out, struct allow_error *error) must_check;
int allow_parse(const char *text, size_t size, struct allow *out,
		struct allow_error *error) must_check;
bool allow_permits(const struct allow *a, const char *user, const struct pci_address *address,
		   uint16_t vendor, uint16_t device);
void allow_fini(struct allow *a);

#endif /* VFIO_RUN_HOST_ALLOW_H */
