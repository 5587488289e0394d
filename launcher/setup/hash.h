/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hash.h - SHA-256, by which a file is known again */
#ifndef VFIO_RUN_SETUP_HASH_H
#define VFIO_RUN_SETUP_HASH_H

#include <stddef.h>

#define HASH_TEXT 65 /* 64 digits and the NUL */

const char *hash_text(const void *data, size_t size, char buf[HASH_TEXT]);

#endif /* VFIO_RUN_SETUP_HASH_H */
