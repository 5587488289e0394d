/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rom-dump.h - the expansion ROM of a device, read and kept as a file of a user's */
#ifndef VFIO_RUN_HOST_ROM_DUMP_H
#define VFIO_RUN_HOST_ROM_DUMP_H

#include "launcher/host/host.h"
#include "launcher/host/user/rom.h"

int host_rom_read(const struct host_device *d, int *fd_out) must_check;
int host_rom_keep(const struct host_user *user, int fd, const char *path, struct rom *out) must_check;

#endif /* VFIO_RUN_HOST_ROM_DUMP_H */
