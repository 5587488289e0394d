/* SPDX-License-Identifier: GPL-2.0-or-later */
/* denial.c - has AppArmor denied a program something? It is the kernel's log that knows */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/hardware.h"
#include "launcher/host/kernel/denial.h"

/**
 * host_denial() - a program has failed: was it AppArmor?
 * @program:	its name, as the kernel has it
 * @since_us:	hardware_now() before its start
 * @buf:	filled with what was denied, by which profile, and what helps; escape it before
 * printing
 *
 * Return: false: it was not, or that cannot be told
 */
bool host_denial(const char *program, uint64_t since_us, char *buf, size_t size)
{
	cleanup_close int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char who[32];

	(void)snprintf(who, sizeof(who), " comm=\"%.15s\"", program);
	return fd >= 0 && hardware_denial_read(fd, who, since_us, buf, size);
}
