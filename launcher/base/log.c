/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.c - one line to stderr, in one write */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/output.h"

#define LINE_MAX_BYTES (LOG_LINE_MAX - 64) /* of the message in it */
#define STALLED_MS 1000

static enum log_level most_shown = LOG_NOTICE;
static bool coloured;

/* clang-format off */
static const struct {
	const char *word;	/* before the message */
	const char *colour;
} styles[] = {
	[LOG_ERROR]   = { "error: ",   "\033[1;31m" },
	[LOG_WARNING] = { "warning: ", "\033[1;33m" },
	[LOG_NOTICE]  = { "",          "" },
	[LOG_VERBOSE] = { "",          "\033[2m" },
};
/* clang-format on */

/**
 * log_setup() - which messages are shown, and how; once, at the start of a program
 * @most:	the most verbose level that is shown
 * @colour:	stderr is a terminal and the user wants colour
 */
void log_setup(enum log_level most, bool colour)
{
	most_shown = most;
	coloured = colour;
}

static bool fits_terminal;

/** log_fit_terminal() - from here on messages are broken between words where stderr is a terminal */
void log_fit_terminal(void)
{
	fits_terminal = true;
}

static int also = -1; /* a datagram socket to the system's log */

/**
 * log_also() - from here on everything that is shown goes to the system's log, too
 * @fd:		a connected datagram socket that does not block; borrowed
 *
 * Source: RFC 3164; syslog(3), which may block
 */
void log_also(int fd)
{
	also = fd;
}

static int timed = -1; /* where every message goes with its time */
static long long timed_from;

static long long now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/**
 * log_timed() - from here on every message, shown or not, is also written with the seconds since now
 * @fd:		a pipe that does not block; borrowed
 */
void log_timed(int fd)
{
	timed = fd;
	timed_from = now_ms();
}

static void write_timed(enum log_level level, const char *message)
{
	long long passed = now_ms() - timed_from;
	char line[LOG_LINE_MAX];
	int n = snprintf(line, sizeof(line), "%5lld.%03lld  %s%s\n", passed / 1000, passed % 1000,
			 styles[level].word, message);

	if (n > 0)
		(void)!write(timed, line, (size_t)n); /* what the pipe has no room for is lost */
}

static void send_also(enum log_level level, const char *message)
{
	static const int priorities[] = { [LOG_ERROR] = 3, [LOG_WARNING] = 4, [LOG_NOTICE] = 6, [LOG_VERBOSE] = 7 };
	char line[LOG_LINE_MAX];
	int n = snprintf(line, sizeof(line), "<%d>vfio-run[%d]: %s", 3 << 3 | priorities[level],
			 (int)getpid(), message);

	if (n > 0)
		(void)send(also, line, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/*
 * A terminal that is not read (Ctrl-S, a pager, a dead connection) must not delay a keeper that
 * has a card to give back: it is waited for once, then lines are lost until it is read again.
 * POLLOUT does not mean that there is room for a whole line: see output_own().
 */
static bool has_room(void)
{
	static bool stalled;
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	int n = poll(&p, 1, stalled ? 0 : STALLED_MS);

	stalled = n == 0;
	return !stalled;
}

/**
 * log_line() - write "vfio-run: MESSAGE" to stderr
 * @level:	errors and warnings are marked as such
 * @format:	as for printf(3), one line without its newline; what is too long is cut
 *
 * A failing stderr is ignored: there is no other place to report it. So is one that blocks.
 */
void log_line(enum log_level level, const char *format, ...)
{
	const char *on = coloured ? styles[level].colour : "";
	const char *off = *on ? "\033[0m" : "";
	char message[LINE_MAX_BYTES], line[LOG_LINE_MAX];
	int saved = errno, n;
	va_list args;

	if (level > most_shown && timed < 0)
		return;
	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (timed >= 0)
		write_timed(level, message);
	if (level > most_shown) {
		errno = saved;
		return;
	}
	if (also >= 0)
		send_also(level, message);
	if (fits_terminal)
		log_wrap(message, sizeof(message), sizeof(LOG_NAME) - 1 + strlen(styles[level].word),
			 log_columns(STDERR_FILENO));
	n = level == LOG_VERBOSE ?
		    snprintf(line, sizeof(line), LOG_NAME "%s%s%s\n", on, message, off) :
		    snprintf(line, sizeof(line), LOG_NAME "%s%s%s%s\n", on, styles[level].word, off,
			     message);
	if (n > 0 && has_room())
		(void)output_write(STDERR_FILENO, line, (size_t)n);
	errno = saved;
}

/**
 * log_quote() - make text from outside safe to print on a terminal
 * @text:	NUL-terminated, any bytes
 * @buf:	receives the text with every byte outside printable ASCII as \xNN
 * @size:	bytes of @buf, at least 1; what does not fit is cut
 *
 * Return: @buf
 */
const char *log_quote(const char *text, char *buf, size_t size)
{
	size_t used = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c >= 0x20 && c < 0x7f && c != '\\';
		size_t need = plain ? 1 : 4;

		if (used + need >= size)
			break;
		if (plain)
			buf[used] = (char)c;
		else
			(void)snprintf(buf + used, size - used, "\\x%02x", c);
		used += need;
	}
	buf[used] = '\0';
	return buf;
}
