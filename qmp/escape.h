/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * escape.h - untrusted text, made safe for a terminal
 */
#ifndef VFIO_QMP_TEXT_H
#define VFIO_QMP_TEXT_H

#include <stddef.h>

size_t qmp_text_escape(char *out, size_t size, const char *text, size_t length);

#endif /* VFIO_QMP_TEXT_H */
