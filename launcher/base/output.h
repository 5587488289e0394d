/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output.h - output to a reader that may not read: no write waits for it */
#ifndef VFIO_RUN_OUTPUT_H
#define VFIO_RUN_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

bool output_own(int fd);
ssize_t output_write(int fd, const char *text, size_t size);

#endif /* VFIO_RUN_OUTPUT_H */
