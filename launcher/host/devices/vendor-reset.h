/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vendor-reset.h - the cards that the module vendor-reset has a reset for
 *
 * The module names no devices itself, so that nothing loads it for them.
 * Source: https://github.com/gnif/vendor-reset, the list in its udev rules.
 */
#ifndef VFIO_RUN_HOST_VENDOR_RESET_H
#define VFIO_RUN_HOST_VENDOR_RESET_H

#include <stdbool.h>
#include <stdint.h>

#define VENDOR_RESET_MODULE "vendor_reset"
#define VENDOR_RESET_METHOD \
	"device_specific" /* what reset_method calls it, where the kernel has one */

/* clang-format off */
/* AMD's Polaris, Vega and Navi 1x, which the kernel cannot reset, or not well: as quirk_ids_match() reads it */
#define VENDOR_RESET_NEEDED \
	"1002:67c0 1002:67c1 1002:67c2 1002:67c4 1002:67c7 1002:67c8 1002:67c9 1002:67ca " \
	"1002:67cc 1002:67cf 1002:67d0 1002:67df 1002:67e0 1002:67e1 1002:67e3 1002:67e7 " \
	"1002:67e8 1002:67e9 1002:67eb 1002:67ef 1002:67ff 1002:6980 1002:6981 1002:6985 " \
	"1002:6986 1002:6987 1002:6995 1002:6997 1002:699f 1002:6fdf " \
	"1002:6860 1002:6861 1002:6862 1002:6863 1002:6864 1002:6867 1002:6868 1002:6869 " \
	"1002:686a 1002:686b 1002:686c 1002:686d 1002:686e 1002:686f 1002:687f 1002:66a0 " \
	"1002:66a1 1002:66a2 1002:66a3 1002:66a4 1002:66a7 1002:66af " \
	"1002:7310 1002:7312 1002:7318 1002:7319 1002:731a 1002:731b 1002:731e 1002:731f " \
	"1002:7340 1002:7341 1002:7347 1002:734f 1002:7360 1002:7362"
/* And two that the kernel has a way for too: Arcturus, one Navi 2x */
#define VENDOR_RESET_KNOWN VENDOR_RESET_NEEDED " 1002:738c 1002:73ff"
/* clang-format on */

bool host_vendor_reset_knows(uint16_t vendor, uint16_t device);

#endif /* VFIO_RUN_HOST_VENDOR_RESET_H */
