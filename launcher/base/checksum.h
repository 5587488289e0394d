/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * checksum.h - FNV-1a, 32 bits: finds a torn or flipped byte, and spreads names
 *
 * It does not resist forgery, and need not where it is used.
 * Source: draft-eastlake-fnv of the IETF
 */
#ifndef VFIO_RUN_CHECKSUM_H
#define VFIO_RUN_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#define CHECKSUM_BEGIN UINT32_C(2166136261)
#define CHECKSUM_PRIME UINT32_C(16777619)

static inline uint32_t checksum(const char *text, size_t size)
{
	uint32_t sum = CHECKSUM_BEGIN;

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ (uint8_t)text[i]) * CHECKSUM_PRIME;
	return sum;
}

#endif /* VFIO_RUN_CHECKSUM_H */
