/* SPDX-License-Identifier: GPL-2.0-or-later */
/* probe.h - what the probe's parts share */
#ifndef VFIO_RUN_LAB_PROBE_H
#define VFIO_RUN_LAB_PROBE_H

#include <stdbool.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

extern bool filtered; /* QEMU's filter is on: calls that it kills for are not made */

/* One row of the threat model tried: it must have failed. @id: as in "G16". */
void row(const char *id, bool got_through, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

void try_files(const char *own);    /* own: the file that it may write, also own-ro beside it */
void try_processes(void);
void try_sockets(void);
void try_devices(void);
void try_calls(const char *list);   /* lines of filter-list */
void try_self(void);

#endif /* VFIO_RUN_LAB_PROBE_H */
