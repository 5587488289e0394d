/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vendor-reset.c - the cards that the module vendor-reset has a reset for
 *
 * AMD's of the families Polaris, Vega and Navi 1x, and one Navi 2x, which the kernel cannot reset,
 * or not well. The module names no devices itself, so that nothing loads it for them.
 * Source: https://github.com/gnif/vendor-reset, the list in its udev rules.
 */
#include <stddef.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/vendor-reset.h"

#define AMD 0x1002

/* From and to, both of them included. */
static const struct {
	uint16_t first, last;
} cards[] = {
	{ 0x67c0, 0x67c2 }, { 0x67c4, 0x67c4 }, { 0x67c7, 0x67ca }, { 0x67cc, 0x67cc },
	{ 0x67cf, 0x67d0 }, { 0x67df, 0x67e1 }, { 0x67e3, 0x67e3 }, { 0x67e7, 0x67e9 },
	{ 0x67eb, 0x67eb }, { 0x67ef, 0x67ef }, { 0x67ff, 0x67ff }, { 0x6860, 0x6864 },
	{ 0x6867, 0x686f }, { 0x687f, 0x687f }, { 0x66a0, 0x66a4 }, { 0x66a7, 0x66a7 },
	{ 0x66af, 0x66af }, { 0x6980, 0x6981 }, { 0x6985, 0x6987 }, { 0x6995, 0x6995 },
	{ 0x6997, 0x6997 }, { 0x699f, 0x699f }, { 0x6fdf, 0x6fdf }, { 0x7310, 0x7310 },
	{ 0x7312, 0x7312 }, { 0x7318, 0x731b }, { 0x731e, 0x731f }, { 0x7340, 0x7341 },
	{ 0x7347, 0x7347 }, { 0x734f, 0x734f }, { 0x7360, 0x7360 }, { 0x7362, 0x7362 },
	{ 0x738c, 0x738c }, { 0x73ff, 0x73ff },
};

/** host_vendor_reset_knows() - is it a card that this module can reset? */
bool host_vendor_reset_knows(uint16_t vendor, uint16_t device)
{
	for (size_t i = 0; vendor == AMD && i < ARRAY_SIZE(cards); i++)
		if (device >= cards[i].first && device <= cards[i].last)
			return true;
	return false;
}
