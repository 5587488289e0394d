/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel-log.c - the kernel's messages about a device, for the report of one that is lost
 *
 * Only the kernel knows why a driver does not return, and may have logged it. Its messages
 * are not interpreted: they are quoted, bounded and escaped.
 * Source: Documentation/ABI/testing/dev-kmsg
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/worker/kernel-log.h"

#define RECORD_MAX 8192		 /* a longer record is refused by the kernel, and left out */
#define RECORDS_MAX 200000	 /* more than the largest log holds: an end even if it grows */
#define EARLIER_US (2 * 1000000) /* the log has a clock of its own */

/* How the lines begin that the kernel prints when it has oopsed, wherever that was. */
static const char *const oopses[] = { "BUG: ", "kernel BUG at ", "Oops: ", "RIP: ",
					"general protection fault", "Unable to handle kernel" };

/** kernel_log_now() - microseconds since boot, as the log counts them */
uint64_t kernel_log_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* A message of snd_hda_intel is none of "snd". */
static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *p = text; length && (p = strstr(p, word)); p++)
		if ((p == text || !is_word_char(p[-1])) && !is_word_char(p[length]))
			return true;
	return false;
}

static bool is_oops(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(oopses); i++)
		if (!strncmp(text, oopses[i], strlen(oopses[i])))
			return true;
	return false;
}

/* "4,1234,5678901,-;text\n KEY=value\n": the fields of the device stand behind the text */
static bool is_meant(char *record, const char *device, const char *driver, uint64_t since_us,
		     const char **text)
{
	char *start = strchr(record, ';'), *end;
	uint64_t when;

	if (!start || sscanf(record, "%*u,%*u,%" SCNu64, &when) != 1 || when + EARLIER_US < since_us)
		return false;
	*text = start + 1;
	end = strchr(start + 1, '\n');
	if (end)
		*end = '\0';
	/* long, and where the task was in its own program */
	if (!strncmp(*text, "Modules linked in", 17) || !strncmp(*text, "RIP: 0033:", 10))
		return false;
	return has_word(*text, device) || has_word(*text, driver) || is_oops(*text) ||
	       (end && has_word(end + 1, device));
}

/* The last lines are the ones that are kept; repeated ones are kept once. */
static void keep_line(struct kernel_log *out, const char *text)
{
	for (size_t i = 0; i < out->count; i++)
		if (!strncmp(out->line[i], text, sizeof(out->line[i]) - 1))
			return;
	if (out->count == KERNEL_LOG_LINES)
		memmove(out->line[0], out->line[1], sizeof(out->line[0]) * --out->count);
	(void)snprintf(out->line[out->count++], sizeof(out->line[0]), "%s", text);
}

/**
 * kernel_log_read() - the last lines about a device
 * @fd:		/dev/kmsg, open for reading without waiting: a record a read
 * @device:	its address
 * @driver:	the driver's name, "" for none
 * @since_us:	kernel_log_now() of its beginning: earlier messages do not count
 * @out:	filled
 */
void kernel_log_read(int fd, const char *device, const char *driver, uint64_t since_us,
		     struct kernel_log *out)
{
	static char record[RECORD_MAX + 1];

	out->count = 0;
	for (int i = 0; i < RECORDS_MAX; i++) {
		ssize_t n = read(fd, record, RECORD_MAX);
		const char *text;

		/* EPIPE: the oldest were overwritten meanwhile; EINVAL: too long a record */
		if (n < 0 && (errno == EINTR || errno == EPIPE || errno == EINVAL))
			continue;
		if (n <= 0)
			return;
		record[n] = '\0';
		if (is_meant(record, device, driver, since_us, &text))
			keep_line(out, text);
	}
}

/** kernel_log_say() - print the kernel's messages about a device since then, one line each */
void kernel_log_say(const char *device, const char *driver, uint64_t since_us)
{
	static struct kernel_log log;
	char quoted[KERNEL_LOG_TEXT * 4];
	int fd, error;

	caps_raise(CAP_SYSLOG);
	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	error = errno;
	caps_rest();
	if (fd < 0) {
		log_error("%s: the kernel's log cannot be read (%s): see `dmesg`", device,
			  strerror(error));
		return;
	}
	kernel_log_read(fd, device, driver, since_us, &log);
	(void)close(fd);
	for (size_t i = 0; i < log.count; i++)
		log_error("%s: the kernel says: %s", device,
			  log_quote(log.line[i], quoted, sizeof(quoted)));
	if (!log.count)
		log_error("%s: the kernel's log says nothing about it", device);
}
