/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vendor-reset.h - the cards that the module vendor-reset has a reset for */
#ifndef VFIO_RUN_HOST_VENDOR_RESET_H
#define VFIO_RUN_HOST_VENDOR_RESET_H

#include <stdbool.h>
#include <stdint.h>

#define VENDOR_RESET_MODULE "vendor_reset"
#define VENDOR_RESET_METHOD \
	"device_specific" /* what reset_method calls it, where the kernel has one */

bool host_vendor_reset_knows(uint16_t vendor, uint16_t device);

#endif /* VFIO_RUN_HOST_VENDOR_RESET_H */
