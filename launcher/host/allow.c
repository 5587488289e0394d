/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * allow.c - /etc/vfio-run/devices.allow: which devices a profile that root does not own may take
 *
 *	# comment
 *	0000:01:00.0	alice
 *	10de:2486	alice
 *
 * A line that cannot be read makes the whole file unusable: a limit with a hole in it
 * would look like one without.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/host/allow.h"
#include "launcher/host/trusted.h"

#define SIZE_LIMIT (64u * 1024) /* bytes of the file */
#define WORD_MAX 64

static int fail(struct allow_error *error, int rc, unsigned int line, const char *format, ...)
	printf_like(4, 5);

static int fail(struct allow_error *error, int rc, unsigned int line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(error->what, sizeof(error->what), format, args);
	va_end(args);
	error->line = line;
	return rc;
}

/* "10de:2486" and nothing else. */
static bool parse_id(const char *word, struct allow_line *out)
{
	if (strlen(word) != 9 || word[4] != ':')
		return false;
	for (int i = 0; i < 9; i++)
		if (i != 4 && !isxdigit((unsigned char)word[i]))
			return false;
	out->vendor = (uint16_t)strtoul(word, NULL, 16);
	out->device = (uint16_t)strtoul(word + 5, NULL, 16);
	out->by_id = true;
	return true;
}

/* Takes a word off the line. Return: its length, 0 at the end of the line or a comment */
static size_t take_word(const char **at, const char *end, char word[WORD_MAX])
{
	const char *start = *at, *p;

	while (start < end && (*start == ' ' || *start == '\t'))
		start++;
	for (p = start; p < end && *p != ' ' && *p != '\t'; p++)
		if (*p == '#' && p == start)
			break;
	*at = *start == '#' && start < end ? end : p;
	(void)snprintf(word, WORD_MAX, "%.*s", (int)(p - start < WORD_MAX ? p - start : WORD_MAX - 1),
		       start);
	return (size_t)(p - start);
}

/* The return of a file from another system would make a user whom nobody is. */
static bool has_control(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return true;
	return false;
}

static int parse_line(const char *at, const char *end, unsigned int number, struct allow *out,
		      struct allow_error *error)
{
	char device[WORD_MAX], user[WORD_MAX], more[WORD_MAX], shown[4 * WORD_MAX];
	struct allow_line new = { .by_id = false }, *bigger;
	size_t length = take_word(&at, end, device), name = take_word(&at, end, user);

	if (!length)
		return 0;
	if (length >= WORD_MAX || (!pci_address_parse(device, &new.address) && !parse_id(device, &new)))
		return fail(error, -EINVAL, number,
			    "%s: expected the address of a device (0000:01:00.0) or its ids (10de:2486)",
			    log_quote(device, shown, sizeof(shown)));
	if (!name || name >= sizeof(new.user) || has_control(user))
		return fail(error, -EINVAL, number, "expected the name of a user behind the device");
	if (take_word(&at, end, more))
		return fail(error, -EINVAL, number, "%s: expected nothing behind the user",
			    log_quote(more, shown, sizeof(shown)));
	memcpy(new.user, user, name + 1);
	bigger = reallocarray(out->line, out->count + 1, sizeof(*bigger));
	if (!bigger)
		return fail(error, -ENOMEM, 0, "out of memory");
	out->line = bigger;
	out->line[out->count++] = new;
	return 0;
}

/**
 * allow_parse() - read the text of the file
 * @out:	filled; allow_fini() in any case
 * @error:	filled on failure
 *
 * Return: 0; -EINVAL a line that cannot be read; -ENOMEM
 */
int allow_parse(const char *text, size_t size, struct allow *out, struct allow_error *error)
{
	const char *end = text + size;
	unsigned int number = 1;
	int rc = 0;

	*out = (struct allow){ .limits = true };
	if (memchr(text, '\0', size))
		return fail(error, -EINVAL, 0, "holds a NUL byte");
	for (; !rc && text < end; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		rc = parse_line(text, stop, number, out, error);
		text = newline ? newline + 1 : end;
	}
	return rc;
}

static int read_and_parse(int fd, struct allow *out, struct allow_error *error)
{
	cleanup_free char *text = malloc(SIZE_LIMIT + 1);
	size_t used = 0;
	ssize_t n = 1;

	if (!text)
		return fail(error, -ENOMEM, 0, "out of memory");
	while (used <= SIZE_LIMIT && (n = read(fd, text + used, SIZE_LIMIT + 1 - used)) > 0)
		used += (size_t)n;
	if (n < 0)
		return fail(error, -errno, 0, "%s", strerror(errno));
	if (used > SIZE_LIMIT)
		return fail(error, -EFBIG, 0, "is larger than 64 KiB");
	return allow_parse(text, used, out, error);
}

/**
 * allow_read() - read ALLOW_FILE, which only root can have written
 * @out:	filled; without the file it limits nothing; allow_fini() in any case
 * @error:	filled on failure
 *
 * Return: 0; -EACCES somebody who is not root may not read it; other -errno: it is there
 * and cannot be used, so nothing can be allowed
 */
int allow_read(struct allow *out, struct allow_error *error)
{
	struct trusted_error e;
	cleanup_close int fd = -1;
	char shown[400];
	int rc = trusted_open(ALLOW_FILE, 0, &fd, &e);

	*out = (struct allow){ .limits = false };
	*error = (struct allow_error){ .line = 0 };
	if (rc == -ENOENT)
		return 0;
	if (rc)
		return fail(error, rc, 0, "%s: %s", log_quote(e.part, shown, sizeof(shown)), e.what);
	return read_and_parse(fd, out, error);
}

/** allow_permits() - may @user have this device given to a VM? */
bool allow_permits(const struct allow *a, const char *user, const struct pci_address *address,
		   uint16_t vendor, uint16_t device)
{
	if (!a->limits)
		return true;
	for (size_t i = 0; i < a->count; i++) {
		const struct allow_line *l = &a->line[i];

		if (strcmp(l->user, user) != 0)
			continue;
		if (l->by_id ? l->vendor == vendor && l->device == device :
			       !pci_address_compare(&l->address, address))
			return true;
	}
	return false;
}

/** allow_fini() - free what was read */
void allow_fini(struct allow *a)
{
	free(a->line);
	*a = (struct allow){ .limits = false };
}
