/* SPDX-License-Identifier: GPL-2.0-or-later */
/* columns.h - text in the columns of a terminal: how wide it is, cut, and wrapped */
#ifndef VFIO_RUN_COLUMNS_H
#define VFIO_RUN_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "launcher/base/cleanup.h"

#define COLUMNS_DEFAULT 80
#define COLUMNS_TEXT_MAX 1024 /* bytes of what columns_fit() makes, the NUL included */

size_t columns_of(const char *text);
const char *columns_fit(const char *text, size_t columns, bool utf8, char buf[COLUMNS_TEXT_MAX]);
void columns_wrap_to(FILE *out, const char *text, size_t at, size_t indent, size_t width);
void columns_wrap(const char *text, size_t at, size_t indent, size_t width);

#endif /* VFIO_RUN_COLUMNS_H */
