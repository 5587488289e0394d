/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysfs.h - small reads below a directory: an attribute, a link's last name, existence
 *
 * libc only, no allocation, nothing printed: vfio-run's snapshot and the keeper share it.
 */
#ifndef VFIO_RUN_SYSFS_H
#define VFIO_RUN_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"

#define SYSFS_PATH_MAX 512 /* a path with the name of a device, a driver or a module in it */

int sysfs_open_dir(int dir, const char *path) must_check;
/* Without an answer these two leave "", which is all that most callers need to know. */
int sysfs_read(int dir, const char *path, char *buf, size_t size);
int sysfs_link_name(int dir, const char *path, char *buf, size_t size);
int sysfs_read_number(int dir, const char *path, int64_t *out) must_check;
bool sysfs_exists(int dir, const char *path);
bool sysfs_has_word(const char *words, const char *word);
void sysfs_drop_word(char *words, const char *word);

#endif /* VFIO_RUN_SYSFS_H */
