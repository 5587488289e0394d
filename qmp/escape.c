// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * escape.c - untrusted text, made safe for a terminal
 *
 * A terminal obeys some of what is printed to it. So what is not plain text is printed as
 * \xNN: control characters of both sets, bytes that are not UTF-8, and the characters that
 * turn the direction of a line or end it.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "launcher/base/cleanup.h"
#include "qmp/escape.h"

/* Code points that are valid UTF-8 and still not printed. */
static const struct range {
	uint32_t first, last;
} unfit[] = {
	{ 0x0000, 0x0008 }, { 0x000a, 0x001f }, /* C0 but the tab */
	{ 0x007f, 0x009f },			/* delete, C1 */
	{ 0x061c, 0x061c }, { 0x200e, 0x200f }, /* direction marks */
	{ 0x2028, 0x202e },			/* line and paragraph end, direction */
	{ 0x2066, 0x2069 },			/* direction isolates */
	{ 0xfeff, 0xfeff },			/* byte order mark */
	{ 0xfff9, 0xfffb },			/* interlinear annotation */
	{ 0xe0000, 0xe007f },			/* tags */
};

static bool is_fit(uint32_t point)
{
	for (size_t i = 0; i < ARRAY_SIZE(unfit); i++)
		if (point >= unfit[i].first && point <= unfit[i].last)
			return false;
	return true;
}

/* The lead bytes of UTF-8 and the smallest code point that may need that many bytes. */
static const struct lead {
	uint8_t mask, value;
	uint32_t smallest;
} leads[] = {
	{ 0x80, 0x00, 0 },
	{ 0xe0, 0xc0, 0x80 },
	{ 0xf0, 0xe0, 0x800 },
	{ 0xf8, 0xf0, 0x10000 },
};

/* Bytes of the character at the start, or 0 when it has to be escaped. */
static size_t fit_length(const uint8_t *p, size_t count)
{
	uint32_t point;
	size_t n = 0;

	while (n < ARRAY_SIZE(leads) && (p[0] & leads[n].mask) != leads[n].value)
		n++;
	if (n >= ARRAY_SIZE(leads) || n >= count)
		return 0;
	point = p[0] & (uint8_t)~leads[n].mask;
	for (size_t i = 1; i <= n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (p[i] & 0x3f);
	}
	if (point < leads[n].smallest || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return 0;
	return is_fit(point) ? n + 1 : 0;
}

/**
 * qmp_text_escape() - Copy text, with \xNN for what a terminal should not get
 * @out:    Filled, always NUL-terminated; four bytes for each of text are always enough
 * @size:   Bytes there, at least 1; what does not fit is left out, in whole characters
 * @text:   Bytes from anywhere
 * @length: How many
 *
 * Return: bytes written, without the NUL.
 */
size_t qmp_text_escape(char *out, size_t size, const char *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length;) {
		const uint8_t *p = (const uint8_t *)text + i;
		size_t n = fit_length(p, length - i);

		if (used + (n ? n : 4) >= size)
			break;
		if (!n)
			(void)snprintf(out + used, size - used, "\\x%02x", *p);
		for (size_t k = 0; k < n; k++)
			out[used + k] = (char)p[k];
		used += n ? n : 4;
		i += n ? n : 1;
	}
	out[used] = '\0';
	return used;
}
