/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libvirt.h - the two halves of reading a domain */
#ifndef VFIO_RUN_IMPORT_LIBVIRT_H
#define VFIO_RUN_IMPORT_LIBVIRT_H

#include "launcher/import/import.h"
#include "launcher/import/xml.h"

unsigned long long import_bytes(struct import *m, struct xml *x, const char *path, const char *text,
				unsigned long long unit);
void import_libvirt_devices(struct import *m, struct xml *domain);

#endif /* VFIO_RUN_IMPORT_LIBVIRT_H */
