/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path.h - paths as text, without access to any file */
#ifndef VFIO_RUN_PATH_H
#define VFIO_RUN_PATH_H

#include <stdbool.h>
#include <stddef.h>

bool path_plain(const char *path, char *buf, size_t size);

#endif /* VFIO_RUN_PATH_H */
