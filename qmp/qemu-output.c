// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * qemu-output.c - what QEMU writes to its stdout and stderr, passed on to the user
 *
 * Each line is cut to a length, made fit for a terminal, given the VM's name, and written
 * with one write(2), so that lines of several processes do not mix.
 *
 * A terminal that takes nothing (Ctrl-S, a pager, a dead connection) must not stop the VM:
 * QEMU would block on a full pipe, and the monitor would not be read. So a line is written
 * only when the descriptor has room, after a short wait where it had before; else the line
 * is counted and reported later. Lines stay below PIPE_BUF, so a pipe with room takes
 * all of one. The descriptor's O_NONBLOCK is not touched here: others share it.
 */
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/output.h"
#include "qmp/escape.h"
#include "qmp/qemu-output.h"

#define WAIT_MS 100	 /* for a slow terminal, once; then it counts as stalled */
#define FAREWELL_MS 1000 /* for the one line that reports why a run failed */

/* An escaped line, what is put around it, and a line end before it. */
#define TEXT_MAX (4 * QEMU_OUTPUT_LINE_MAX + 8)
#define LINE_MAX_OUT (TEXT_MAX + QEMU_OUTPUT_NAME_MAX + 80)
_Static_assert(LINE_MAX_OUT <= PIPE_BUF, "a line is written in one piece or not at all");

static bool has_room(struct qemu_output *w, int wait_ms)
{
	struct pollfd p = { .fd = w->fd, .events = POLLOUT };

	w->stalled = poll(&p, 1, w->stalled && wait_ms <= WAIT_MS ? 0 : wait_ms) != 1 ||
		     !(p.revents & POLLOUT);
	return !w->stalled;
}

/* Writes one line; false when it was not. A first part that was written counts: no repeats. */
static bool print(struct qemu_output *w, int wait_ms, const char *before, const char *text,
		  const char *after)
{
	char line[LINE_MAX_OUT];
	ssize_t written;
	int length;

	if (!has_room(w, wait_ms))
		return false;
	length = snprintf(line, sizeof(line), "%s%s%s%s\n", w->torn ? "\n" : "", before, text,
			  after);
	if (length < 0 || (size_t)length >= sizeof(line))
		return false;
	written = output_write(w->fd, line, (size_t)length);
	if (written <= 0)
		return false;
	w->torn = written < length;
	return true;
}

/* Reports how many lines were left out, before the next one is shown. */
static bool own_up(struct qemu_output *w, int wait_ms)
{
	char before[QEMU_OUTPUT_NAME_MAX + 16], text[64];

	if (!w->hidden)
		return true;
	(void)snprintf(before, sizeof(before), "vfio-run: %s: ", w->name);
	(void)snprintf(text, sizeof(text), "%lu line%s of QEMU's output not shown", w->hidden,
		       w->hidden == 1 ? "" : "s");
	if (!print(w, wait_ms, before, text, ""))
		return false;
	w->hidden = 0;
	return true;
}

static bool may_show(struct qemu_output *w, uint64_t now_s)
{
	if (w->second != now_s) {
		w->second = now_s;
		w->shown = 0;
	}
	if (w->shown >= QEMU_OUTPUT_LINES_PER_SECOND)
		return false;
	w->shown++;
	return true;
}

static bool is_blank(const char *line, size_t length)
{
	while (length && memchr(" \t\r", line[length - 1], 3))
		length--;
	return length == 0;
}

static void remember(struct qemu_output *w)
{
	struct qemu_output_line *l = &w->last[w->last_count++ % QEMU_OUTPUT_QUOTED];

	memcpy(l->text, w->line, w->length);
	l->length = w->length;
	l->cut = w->cut;
}

/* The log is written whether or not the terminal is read. */
static void keep(struct qemu_output *w, const char *text)
{
	struct timespec now = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	qmp_logfile_line(&w->log, (int64_t)now.tv_sec, text, w->cut ? "…" : "");
}

static void show(struct qemu_output *w, uint64_t now_s)
{
	char before[QEMU_OUTPUT_NAME_MAX + 16], text[TEXT_MAX];
	bool may = may_show(w, now_s);

	if (w->length && w->line[w->length - 1] == '\r' && !w->cut)
		w->length--;
	if (!is_blank(w->line, w->length))
		remember(w);
	(void)snprintf(before, sizeof(before), w->colour ? "\033[2m%s:\033[0m " : "%s: ", w->name);
	(void)qmp_text_escape(text, sizeof(text), w->line, w->length);
	if (may)
		keep(w, text);
	else
		qmp_logfile_drop(&w->log);
	if (!may || !own_up(w, WAIT_MS) ||
	    !print(w, WAIT_MS, before, text, w->cut ? "…" : ""))
		w->hidden++;
	w->length = 0;
	w->cut = false;
}

static void append(struct qemu_output *w, const char *bytes, size_t count)
{
	size_t room = sizeof(w->line) - w->length;

	if (count > room) {
		count = room;
		w->cut = true;
	}
	memcpy(w->line + w->length, bytes, count);
	w->length += count;
}

/**
 * qemu_output_init() - Begin
 * @w:	    To be filled
 * @fd:	    Where lines go; borrows
 * @name:   The VM's name; copies
 * @colour: The terminal wants colours
 */
void qemu_output_init(struct qemu_output *w, int fd, const char *name, bool colour)
{
	memset(w, 0, sizeof(*w));
	w->fd = fd;
	w->log.fd = -1;
	w->colour = colour;
	(void)snprintf(w->name, sizeof(w->name), "%s", name);
}

/**
 * qemu_output_feed() - Take what QEMU wrote; complete lines are shown
 * @w:	   As initialised
 * @bytes: What was read
 * @count: Bytes of it
 * @now_s: Seconds of any steady clock, for the limit on lines
 */
void qemu_output_feed(struct qemu_output *w, const char *bytes, size_t count, uint64_t now_s)
{
	while (count) {
		const char *end = memchr(bytes, '\n', count);
		size_t part = end ? (size_t)(end - bytes) : count;

		append(w, bytes, part);
		if (end)
			show(w, now_s);
		part += end != NULL;
		bytes += part;
		count -= part;
	}
}

/**
 * qemu_output_end() - QEMU is dead: show a last line without an end, and what was left out
 * @w:	   As initialised
 * @now_s: As for qemu_output_feed()
 */
void qemu_output_end(struct qemu_output *w, uint64_t now_s)
{
	if (w->length || w->cut)
		show(w, now_s);
	(void)own_up(w, WAIT_MS);
}

/* One line in a sentence of ours. */
static void quote(struct qemu_output *w, const struct qemu_output_line *l)
{
	char before[QEMU_OUTPUT_NAME_MAX + 40], text[TEXT_MAX];

	(void)snprintf(before, sizeof(before), "vfio-run: %s: QEMU said last: \"", w->name);
	(void)qmp_text_escape(text, sizeof(text), l->text, l->length);
	(void)print(w, FAREWELL_MS, before, text, l->cut ? "…\"" : "\"");
}

/**
 * qemu_output_quote_last() - Print QEMU's last lines, each in a sentence of ours
 * @w: As initialised
 *
 * An assertion in QEMU shows as signal 11 because of its sandbox: the reason is only here.
 */
void qemu_output_quote_last(struct qemu_output *w)
{
	unsigned int from = w->last_count > QEMU_OUTPUT_QUOTED ? w->last_count - QEMU_OUTPUT_QUOTED : 0;
	char before[QEMU_OUTPUT_NAME_MAX + 16];

	(void)snprintf(before, sizeof(before), "vfio-run: %s: ", w->name);
	if (!w->last_count)
		(void)print(w, FAREWELL_MS, before, "QEMU said nothing", "");
	for (unsigned int i = from; i != w->last_count; i++)
		quote(w, &w->last[i % QEMU_OUTPUT_QUOTED]);
}
