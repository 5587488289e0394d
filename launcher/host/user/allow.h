/* SPDX-License-Identifier: GPL-2.0-or-later */
/* allow.h - /etc/vfio-run/devices.allow: what of the host a profile that root does not own may take */
#ifndef VFIO_RUN_HOST_ALLOW_H
#define VFIO_RUN_HOST_ALLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/pci-address.h"
#include "launcher/host/places.h"

#define ALLOW_FILE VFIO_RUN_SYSCONFDIR "/devices.allow"

enum allow_kind {
	ALLOW_ADDRESS, /* a PCI device by its address */
	ALLOW_ID,      /* or by the ids of its vendor and model */
	ALLOW_USB,     /* "usb:046d:c52b", or by bus and port: "usb:1-2.3" */
	ALLOW_EVDEV,   /* "evdev:/dev/input/by-id/..." */
	ALLOW_NET,     /* "net:tap0" */
	ALLOW_UNIT,    /* "unit:display-manager.service" */
};

#define ALLOW_NAME_MAX 256

/* One line: what it is, and the user who may take it. */
struct allow_line {
	enum allow_kind kind;
	struct pci_address address;
	uint16_t vendor, device;   /* of ALLOW_ID, and of ALLOW_USB when there is no name */
	char name[ALLOW_NAME_MAX]; /* behind the colon; "" in the others */
	char user[33];
};

/* What a profile asks for that is no PCI device. */
struct allow_wish {
	enum allow_kind kind;	 /* from ALLOW_USB on */
	const char *name;	 /* the path, the link, the unit, or the USB device's bus and port */
	uint16_t vendor, device; /* of a USB device */
	/*
	 * It is the user's own without a line: an input or USB device of the user's seat, the display
	 * manager of that seat, a link that the kernel lets the user open.
	 */
	bool own;
};

struct allow {
	bool limits; /* the file is there: what it does not name is refused */
	struct allow_line *line;
	size_t count;
};

/* Why the file cannot be used; a file with errors is refused, not guessed at. */
struct allow_error {
	unsigned int line;   /* from 1; 0: the file as a whole */
	unsigned int column; /* from 1, in bytes; 0 with a line that is 0 */
	char what[600];	   /* printable */
};

int allow_read(struct allow *out, struct allow_error *error) must_check;
int allow_parse(const char *text, size_t size, struct allow *out,
		struct allow_error *error) must_check;
bool allow_permits(const struct allow *a, const char *user, const struct pci_address *address,
		   uint16_t vendor, uint16_t device);
bool allow_reaches(const struct allow *a, const char *user, const struct allow_wish *requested);
void allow_fini(struct allow *a);

#endif /* VFIO_RUN_HOST_ALLOW_H */
