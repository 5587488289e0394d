/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rebar.c - the sizes that a BAR of a device can have; Documentation/ABI/testing/sysfs-bus-pci */
#include <stdio.h>
#include <stdlib.h>

#include "launcher/base/sysfs.h"
#include "launcher/host/devices/rebar.h"

/**
 * host_bar_sizes() - which sizes a BAR can have
 * @bar:	0 to 5
 *
 * Reading it wakes the device: it is asked only for a profile that wants another size.
 *
 * Return: bit N: 2^N MiB; 0: it has one size, or cannot be asked
 */
uint64_t host_bar_sizes(struct host *h, const struct host_device *d, unsigned int bar)
{
	char path[SYSFS_PATH_MAX], text[32], *end;
	uint64_t sizes;

	(void)snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/resource%u_resize", d->name, bar);
	if (d->stuck || sysfs_read(host_root_fd(h), path, text, sizeof(text)) <= 0)
		return 0;
	sizes = strtoull(text, &end, 16);
	return *end && *end != '\n' ? 0 : sizes;
}
