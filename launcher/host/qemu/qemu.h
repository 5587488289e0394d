/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu.h - where the emulator is, and which version it has */
#ifndef VFIO_RUN_HOST_QEMU_H
#define VFIO_RUN_HOST_QEMU_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "launcher/host/user/user.h"

int host_qemu_find(const char *name, char **path) must_check;
bool host_path_is_system(const char *path);
bool host_path_of_system(const char *path, char file[PATH_MAX]);
int host_qemu_version(const char *path, const struct host_user *user, unsigned int *out) must_check;
int host_qemu_parse_version(const char *text, unsigned int *out) must_check;
int host_qemu_has_native_aio(const char *path, const struct host_user *user) must_check;
int host_qemu_has_device(const char *path, const char *user, const char *device) must_check;
int host_qemu_has_audio(const char *path, const struct host_user *user, const char *driver) must_check;
int host_qemu_has_display(const char *path, const struct host_user *user,
			  const char *type) must_check;
int host_qemu_machine(const char *path, const struct host_user *user, const char *machine,
		      unsigned int *cpus_max) must_check;
int host_qemu_ask(const char *path, const struct host_user *user, const char *const *arguments,
		  const char *input, char *text, size_t size) must_check;

#endif /* VFIO_RUN_HOST_QEMU_H */
