/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mount.h - the worker's part of what is mounted: looked at, unmounted, mounted */
#ifndef VFIO_RUN_WORKER_MOUNT_H
#define VFIO_RUN_WORKER_MOUNT_H

#include <stdbool.h>

int mount_look(const char *point, const char *words, bool *there);
int mount_drop(const char *point, const char *words);
int mount_make(const char *point, const char *words);

#endif /* VFIO_RUN_WORKER_MOUNT_H */
