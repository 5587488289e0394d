/* SPDX-License-Identifier: GPL-2.0-or-later */
/* entries.h - the names in a directory, without an allocation and with few system calls */
#ifndef VFIO_RUN_ENTRIES_H
#define VFIO_RUN_ENTRIES_H

#include <stdbool.h>

#include "launcher/base/cleanup.h"

/* Called for each name but "." and ".."; @type is DT_DIR ..., never DT_UNKNOWN. 0: go on. */
typedef int (*entries_fn)(void *context, int dir, const char *name, unsigned int type);

int entries_each(int dir, entries_fn visit, void *context) must_check;
bool entries_without_devices(const char *name);

#endif /* VFIO_RUN_ENTRIES_H */
