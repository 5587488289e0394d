/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hardware.h - what the hardware and the kernel have reported about devices: PCIe errors, IOMMU
 * faults */
#ifndef VFIO_RUN_HARDWARE_H
#define VFIO_RUN_HARDWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/pci-address.h"

/* Advanced Error Reporting, counted by the kernel since boot. */
struct hardware_errors {
	uint64_t corrected, nonfatal, fatal;
};

#define HARDWARE_LINES 4      /* shown; the last ones */
#define HARDWARE_LINE_MAX 256 /* bytes of a line, cut */

struct hardware_lines {
	char line[HARDWARE_LINES]
		 [HARDWARE_LINE_MAX]; /* as the kernel wrote them: escape before printing */
	size_t count; /* of those that there were; more than HARDWARE_LINES: the first are not here
		       */
};

bool hardware_errors_read(int root, const char *device, struct hardware_errors *out);
bool hardware_errors_differ(const struct hardware_errors *a, const struct hardware_errors *b);
const char *hardware_errors_text(const struct hardware_errors *before,
				 const struct hardware_errors *now, char *buf, size_t size);
bool hardware_is_trouble(const char *text, const struct pci_address *device, size_t count);
void hardware_lines_read(int fd, const struct pci_address *device, size_t count, uint64_t since_us,
			 struct hardware_lines *out);
uint64_t hardware_now(void);
bool hardware_denial_read(int fd, const char *who, uint64_t since_us, char *buf, size_t size);

#endif /* VFIO_RUN_HARDWARE_H */
