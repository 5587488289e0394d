/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - one line to stderr, in one write, with errno left as it was
 *
 * No heap, so it works when memory is gone and in a child after fork. Text that came
 * from outside (sysfs, /proc, a profile) goes through log_quote() first.
 */
#ifndef VFIO_RUN_LOG_H
#define VFIO_RUN_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"

#define LOG_NAME "vfio-run: " /* begins each line */
#define LOG_LINE_MAX 1088 /* bytes of a whole line, its NUL included */

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_VERBOSE };

void log_setup(enum log_level most, bool colour);
void log_also(int fd);
void log_timed(int fd);

void log_fit_terminal(void);
void log_line(enum log_level level, const char *format, ...) printf_like(2, 3);
const char *log_quote(const char *text, char *buf, size_t size);

/* log-wrap.c */
unsigned int log_columns(int fd);
size_t log_word(const char *text) must_check;
void log_wrap(char *text, size_t size, size_t at, size_t width);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_notice(...) log_line(LOG_NOTICE, __VA_ARGS__)
#define log_verbose(...) log_line(LOG_VERBOSE, __VA_ARGS__)

#endif /* VFIO_RUN_LOG_H */
