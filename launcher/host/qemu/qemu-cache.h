/* SPDX-License-Identifier: GPL-2.0-or-later */
/* qemu-cache.h - answers of emulators about themselves, cached until the next boot */
#ifndef VFIO_RUN_HOST_QEMU_CACHE_H
#define VFIO_RUN_HOST_QEMU_CACHE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define QEMU_CACHE_ANSWER_MAX 64 /* bytes of an answer with its NUL */
#define QEMU_CACHE_KEY_MAX (PATH_MAX + 256)

void qemu_cache_allow(void);
bool qemu_cache_key(const char *emulator, const char *question, char key[QEMU_CACHE_KEY_MAX]);
bool qemu_cache_get(const char *key, char answer[QEMU_CACHE_ANSWER_MAX]);
void qemu_cache_put(const char *key, const char *answer);

#endif /* VFIO_RUN_HOST_QEMU_CACHE_H */
