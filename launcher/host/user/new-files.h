/* SPDX-License-Identifier: GPL-2.0-or-later */
/* new-files.h - files of a new VM: the installer's CD looked at, profile and disk made, as the user */
#ifndef VFIO_RUN_NEW_FILES_H
#define VFIO_RUN_NEW_FILES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/host/user/user.h"

#define NEW_FILES_DISK "100G" /* of a new disk, as qemu-img takes it */

struct new_iso {
	int error;	     /* 0, or the -errno of opening it */
	char path[PATH_MAX]; /* absolute */
	bool regular, folder;
	uint64_t bytes;	     /* of a regular file */
	uint64_t wanted;     /* that its own descriptor says it has; 0: it says nothing */
	bool cd;	     /* it has a descriptor of ISO 9660, or one of UDF */
	uint8_t head[16];    /* zeros where it is shorter */
};

int new_files_iso(const struct host_user *user, const char *path, struct new_iso *out) must_check;
bool new_files_is_cd(const struct new_iso *iso, bool only_known, char *why, size_t size) must_check;
int new_files_drivers(const struct host_user *user, char *path, size_t size) must_check;
int new_files_text(const struct host_user *user, const char *path, const char *text) must_check;
int new_files_disk(const struct host_user *user, const char *path) must_check;

#endif /* VFIO_RUN_NEW_FILES_H */
