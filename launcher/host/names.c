/* SPDX-License-Identifier: GPL-2.0-or-later */
/* names.c - what people call a device; reads pci.ids, so only for what is printed */
#include <stdio.h>

#include "launcher/host/host.h"

/**
 * host_device_title() - "Vendor Device [1234:1111]"
 * @buf:	receives at most @size bytes with the NUL; longer text is cut
 *
 * Return: @buf
 */
const char *host_device_title(struct host *h, const struct host_device *d, char *buf, size_t size)
{
	char vendor[128], device[128];

	(void)snprintf(buf, size, "%s %s [%04x:%04x]",
		       host_device_name(h, d, HOST_NAME_VENDOR, vendor, sizeof(vendor)),
		       host_device_name(h, d, HOST_NAME_DEVICE, device, sizeof(device)), d->vendor,
		       d->device);
	return buf;
}
