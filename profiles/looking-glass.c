/* SPDX-License-Identifier: GPL-2.0-or-later */
/* looking-glass.c - how much memory Looking Glass shares for a resolution */
#include "profiles/profile.h"

#define PITCH 256 /* bytes that a line is a multiple of */
#define FRAMES 3
#define EXTRA (UINT64_C(4) << 20) /* for the pointer and what else is exchanged */

/**
 * profile_looking_glass_bytes() - the size of the shared memory
 * @width:	in pixels of four bytes
 *
 * Source: Looking Glass, "IVSHMEM size": a mode that does not fit is refused by the host program.
 *
 * Return: a power of two, as the guest sees it as a BAR
 */
uint64_t profile_looking_glass_bytes(uint64_t width, uint64_t height)
{
	uint64_t line = (width * 4 + PITCH - 1) / PITCH * PITCH;
	uint64_t bytes = line * height * FRAMES + EXTRA, power = UINT64_C(1) << 20;

	while (power < bytes)
		power <<= 1;
	return power;
}
