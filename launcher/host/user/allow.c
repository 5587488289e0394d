/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * allow.c - /etc/vfio-run/devices.allow: what of the host a profile that root does not own may take
 *
 *	# comment
 *	0000:01:00.0			alice
 *	10de:2486			alice
 *	usb:046d:c52b			alice
 *	usb:1-2.3			alice
 *	evdev:/dev/input/by-id/x	alice
 *	net:tap0			alice
 *	unit:display-manager.service	alice
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
#include "launcher/host/trusted.h"
#include "launcher/host/user/allow.h"

#define SIZE_LIMIT (64u * 1024) /* bytes of the file */
#define WORD_MAX (ALLOW_NAME_MAX + 8)

/* Where the reader is. */
struct at {
	const char *line, *next, *end;
	unsigned int number;
};

static int fail(struct allow_error *error, int rc, unsigned int line, unsigned int column,
		const char *format, ...) printf_like(5, 6);

static int fail(struct allow_error *error, int rc, unsigned int line, unsigned int column,
		const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(error->what, sizeof(error->what), format, args);
	va_end(args);
	error->line = line;
	error->column = column;
	return rc;
}

/* "10de:2486" and nothing else. */
static bool parse_ids(const char *word, struct allow_line *out)
{
	if (strlen(word) != 9 || word[4] != ':')
		return false;
	for (int i = 0; i < 9; i++)
		if (i != 4 && !isxdigit((unsigned char)word[i]))
			return false;
	out->vendor = (uint16_t)strtoul(word, NULL, 16);
	out->device = (uint16_t)strtoul(word + 5, NULL, 16);
	return true;
}

static bool all_of(const char *text, size_t length, const char *letters)
{
	return length && strspn(text, letters) >= length;
}

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* "1-2.3": bus, port, and the ports of hubs behind it; as sysfs names it */
static bool is_port(const char *name)
{
	size_t bus = strcspn(name, "-");
	const char *port = name + bus + 1;

	if (!name[bus] || *name == '0' || !all_of(name, bus, DIGITS))
		return false;
	for (;; port++) {
		size_t length = strcspn(port, ".");

		if (*port == '0' || !all_of(port, length, DIGITS))
			return false;
		port += length;
		if (!*port)
			return true;
	}
}

static bool parse_usb(const char *name, struct allow_line *out)
{
	if (parse_ids(name, out)) {
		out->name[0] = '\0';
		return true;
	}
	return is_port(name);
}

/* Below /dev/input, which is root's, and no way out of it. */
static bool parse_evdev(const char *name, struct allow_line *out)
{
	static const char start[] = "/dev/input/";

	(void)out;
	return !strncmp(name, start, sizeof(start) - 1) && name[sizeof(start) - 1] &&
	       name[strlen(name) - 1] != '/' && !strstr(name, "//") && !strstr(name, "/./") &&
	       !strstr(name, "/../") && strcmp(strrchr(name, '/'), "/..") != 0 &&
	       strcmp(strrchr(name, '/'), "/.") != 0;
}

/* Source: dev_valid_name() in net/core/dev.c */
static bool parse_net(const char *name, struct allow_line *out)
{
	(void)out;
	return *name && strlen(name) <= 15 && !strpbrk(name, "/:") && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

/* Source: systemd.unit(5): a name, a type; no pattern */
static bool parse_unit(const char *name, struct allow_line *out)
{
	static const char *const types[] = { ".service", ".socket", ".target", ".scope",
					     ".slice",   ".timer",  ".path",   ".mount" };
	const char *dot = strrchr(name, '.');

	(void)out;
	if (!dot || dot == name || !all_of(name, strlen(name), LETTERS DIGITS ":-_.\\@"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(dot, types[i]))
			return true;
	return false;
}

/* clang-format off */
static const struct {
	const char *start;
	enum allow_kind kind;
	bool (*parse)(const char *name, struct allow_line *out);
	const char *expected;
} named[] = {
	{ "usb:",   ALLOW_USB,   parse_usb,   "usb: and the ids of a device (usb:046d:c52b) or its bus and port (usb:1-2.3)" },
	{ "evdev:", ALLOW_EVDEV, parse_evdev, "evdev: and a path below /dev/input (evdev:/dev/input/by-id/...)" },
	{ "net:",   ALLOW_NET,   parse_net,   "net: and the name of a link (net:tap0)" },
	{ "unit:",  ALLOW_UNIT,  parse_unit,  "unit: and the whole name of a unit (unit:display-manager.service)" },
};
/* clang-format on */

/* Return: NULL; else what was expected */
static const char *parse_what(const char *word, struct allow_line *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		size_t length = strlen(named[i].start);

		if (strncmp(word, named[i].start, length))
			continue;
		out->kind = named[i].kind;
		if (strlen(word + length) >= sizeof(out->name))
			return named[i].expected;
		(void)snprintf(out->name, sizeof(out->name), "%s", word + length);
		return named[i].parse(word + length, out) ? NULL : named[i].expected;
	}
	out->kind = ALLOW_ADDRESS;
	if (pci_address_parse(word, &out->address))
		return NULL;
	out->kind = ALLOW_ID;
	return parse_ids(word, out)
		       ? NULL
		       : "the address of a device (0000:01:00.0), its ids (10de:2486), or "
			 "one behind usb:, evdev:, net: or unit:";
}

/* Takes a word off the line. Return: its length, 0 at the end of the line or a comment */
static size_t take_word(struct at *at, char word[WORD_MAX], unsigned int *column)
{
	const char *start = at->next, *p;

	while (start < at->end && (*start == ' ' || *start == '\t'))
		start++;
	for (p = start; p < at->end && *p != ' ' && *p != '\t'; p++)
		if (*p == '#' && p == start)
			break;
	*column = (unsigned int)(start - at->line) + 1;
	at->next = start < at->end && *start == '#' ? at->end : p;
	(void)snprintf(word, WORD_MAX, "%.*s",
		       (int)(p - start < WORD_MAX ? p - start : WORD_MAX - 1), start);
	return (size_t)(p - start);
}

/* A carriage return at the end of a line would become part of the user's name. */
static bool has_control(const char *text)
{
	for (; *text; text++)
		if (iscntrl((unsigned char)*text))
			return true;
	return false;
}

static int parse_line(struct at at, struct allow *out, struct allow_error *error)
{
	char what[WORD_MAX], user[WORD_MAX], more[WORD_MAX], shown[400];
	struct allow_line new = { .kind = ALLOW_ADDRESS }, *bigger;
	unsigned int column, second, third;
	size_t length = take_word(&at, what, &column), name = take_word(&at, user, &second);
	const char *expected;

	if (!length)
		return 0;
	expected = has_control(what) ? parse_what("", &new) : parse_what(what, &new);
	if (expected || length >= WORD_MAX)
		return fail(error, -EINVAL, at.number, column, "%s: expected %s",
			    log_quote(what, shown, sizeof(shown)),
			    expected ? expected : "a shorter name");
	if (!name || name >= sizeof(new.user) || has_control(user))
		return fail(error, -EINVAL, at.number, second,
			    "expected the name of a user behind %s",
			    log_quote(what, shown, sizeof(shown)));
	if (take_word(&at, more, &third))
		return fail(error, -EINVAL, at.number, third,
			    "%s: expected nothing behind the user",
			    log_quote(more, shown, sizeof(shown)));
	memcpy(new.user, user, name + 1);
	bigger = reallocarray(out->line, out->count + 1, sizeof(*bigger));
	if (!bigger)
		return fail(error, -ENOMEM, 0, 0, "out of memory");
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
		return fail(error, -EINVAL, 0, 0, "holds a NUL byte");
	for (; !rc && text < end; number++) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		rc = parse_line((struct at){ text, text, stop, number }, out, error);
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
		return fail(error, -ENOMEM, 0, 0, "out of memory");
	while (used <= SIZE_LIMIT && (n = read(fd, text + used, SIZE_LIMIT + 1 - used)) > 0)
		used += (size_t)n;
	if (n < 0)
		return fail(error, -errno, 0, 0, "%s", strerror(errno));
	if (used > SIZE_LIMIT)
		return fail(error, -EFBIG, 0, 0, "is larger than 64 KiB");
	return allow_parse(text, used, out, error);
}

/**
 * allow_read() - read ALLOW_FILE, which only root can have written
 * @out:	filled; without the file it limits nothing; allow_fini() in any case
 * @error:	filled on failure
 *
 * Return: 0; -EACCES the caller is not root and may not read it; other -errno: it is there
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
		return fail(error, rc, 0, 0, "%s: %s", log_quote(e.part, shown, sizeof(shown)),
			    e.what);
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
		if (l->kind == ALLOW_ID ? l->vendor == vendor && l->device == device
					: l->kind == ALLOW_ADDRESS &&
						  !pci_address_compare(&l->address, address))
			return true;
	}
	return false;
}

static bool is_meant(const struct allow_line *l, const struct allow_wish *requested)
{
	if (l->kind != requested->kind)
		return false;
	if (l->kind == ALLOW_USB && !*l->name)
		return l->vendor == requested->vendor && l->device == requested->device;
	return requested->name && !strcmp(l->name, requested->name);
}

/**
 * allow_reaches() - may @user have this input or USB device, link or unit of the host?
 *
 * Without the file every user who may run vfio-run as root is trusted with all of them.
 */
bool allow_reaches(const struct allow *a, const char *user, const struct allow_wish *requested)
{
	if (!a->limits || requested->own)
		return true;
	for (size_t i = 0; i < a->count; i++)
		if (!strcmp(a->line[i].user, user) && is_meant(&a->line[i], requested))
			return true;
	return false;
}

/** allow_fini() - free what was read */
void allow_fini(struct allow *a)
{
	free(a->line);
	*a = (struct allow){ .limits = false };
}
