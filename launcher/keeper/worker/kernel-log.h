/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel-log.h - the kernel's messages about a device, for the report of one that is lost */
#ifndef VFIO_RUN_KERNEL_LOG_H
#define VFIO_RUN_KERNEL_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"

#define KERNEL_LOG_LINES 6 /* quoted at most */
#define KERNEL_LOG_TEXT 160

struct kernel_log {
	size_t count;
	char line[KERNEL_LOG_LINES][KERNEL_LOG_TEXT]; /* the kernel's bytes: escape before printing */
};

uint64_t kernel_log_now(void);
void kernel_log_read(int fd, const char *device, const char *driver, uint64_t since_us,
		     struct kernel_log *out);
void kernel_log_say(const char *device, const char *driver, uint64_t since_us);

#endif /* VFIO_RUN_KERNEL_LOG_H */
