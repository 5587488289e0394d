/* SPDX-License-Identifier: GPL-2.0-or-later */
/* small-file.h - whole small files below the snapshot's root: /proc tables, settings in /etc */
#ifndef VFIO_RUN_HOST_TEXT_H
#define VFIO_RUN_HOST_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"

int host_text(int root, const char *path, char **out) must_check;
char *host_next_line(char **rest);
int host_list(int root, const char *path, char ***out, size_t *count) must_check;
void host_list_free(char **names, size_t count);

#endif /* VFIO_RUN_HOST_TEXT_H */
