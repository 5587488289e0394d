/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utf8.h - characters in bytes: length, validity, and which of them no profile may hold */
#ifndef VFIO_RUN_UTF8_H
#define VFIO_RUN_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

size_t utf8_decode(const char *text, size_t size, uint32_t *character);
size_t utf8_count(const char *text, size_t size);
bool utf8_is_control(uint32_t character);

#endif /* VFIO_RUN_UTF8_H */
