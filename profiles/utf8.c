/* SPDX-License-Identifier: GPL-2.0-or-later */
/* utf8.c - reading UTF-8, strictly */
#include "profiles/utf8.h"

/**
 * utf8_decode() - read one character
 * @text:	borrowed, @size bytes of it
 * @character:	receives the code point
 *
 * Overlong forms, surrogates and what lies beyond U+10FFFF are no characters.
 * Source: RFC 3629, section 4.
 *
 * Return: its length in bytes, 0 when there is no valid character
 */
size_t utf8_decode(const char *text, size_t size, uint32_t *character)
{
	static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *s = (const unsigned char *)text;
	size_t length;
	uint32_t c;

	if (!size)
		return 0;
	if (s[0] < 0x80) {
		*character = s[0];
		return 1;
	}
	length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc0 || s[0] > 0xf4 || length > size)
		return 0;
	c = s[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < smallest[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*character = c;
	return length;
}

/** utf8_count() - the number of characters in @size bytes; an invalid byte counts as one */
size_t utf8_count(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; count++) {
		uint32_t c;
		size_t length = utf8_decode(text + i, size - i, &c);

		i += length ? length : 1;
	}
	return count;
}

/**
 * utf8_is_control() - does this character move the cursor instead of being seen?
 *
 * The marks that turn the direction of text belong to them: with these a line can be
 * shown as another one than is read.
 */
bool utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}
