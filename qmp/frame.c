// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * frame.c - cuts the monitor's byte stream into lines
 *
 * QEMU ends each message with CRLF and writes none across lines. QMP would allow it to,
 * but a frame that is known before the JSON is looked at is what makes the size cap hold.
 * Storage is one fixed array: a peer that never ends a line makes nothing grow.
 */
#include <errno.h>
#include <string.h>

#include "qmp/frame.h"

/**
 * qmp_frame_init() - Empty a frame; its storage is not touched, so it costs no memory yet
 * @f: The frame
 */
void qmp_frame_init(struct qmp_frame *f)
{
	f->length = 0;
	f->lost = false;
}

/**
 * qmp_frame_put() - Take bytes up to the end of one line
 * @f:      The frame
 * @bytes:  What was read; moved behind what was taken
 * @count:  How much of it is left; 0 afterwards when no line became complete
 * @length: Filled with the line's length; the line is f->line until the next call,
 *	    without its LF or CRLF and without a NUL
 *
 * Return: 1 with a complete line, 0 when more bytes are needed, -EMSGSIZE when the line is
 * longer than QMP_LINE_MAX, now and for ever after.
 */
int qmp_frame_put(struct qmp_frame *f, const char **bytes, size_t *count, size_t *length)
{
	const char *end;
	size_t part;

	if (!*count)
		return f->lost ? -EMSGSIZE : 0;
	end = memchr(*bytes, '\n', *count);
	part = end ? (size_t)(end - *bytes) : *count;
	if (f->lost || part > sizeof(f->line) - f->length) {
		f->lost = true;
		return -EMSGSIZE;
	}
	memcpy(f->line + f->length, *bytes, part);
	f->length += part;
	*bytes += part;
	*count -= part;
	if (!end)
		return 0;

	++*bytes;
	--*count;
	*length = f->length;
	if (*length && f->line[*length - 1] == '\r')
		--*length;
	f->length = 0;
	return 1;
}
