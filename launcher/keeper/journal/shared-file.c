/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared-file.c - the host journal as a file: two slots, the newer good one counts
 *
 * It is written anew as a whole each time, into the slot that does not count: a writer that
 * dies in the middle leaves the other one as it was. Both are reserved when the file is made,
 * so a /run that fills up later does no harm. A slot is text:
 *
 *	vfio-run-host	2	GENERATION	BOOT
 *	change	PLACE	KIND	TARGET	FROM	TO
 *	user	NAME	PID	START	USES
 *	part	PLACE	AMOUNT
 *	end	CHECKSUM
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/checksum.h"
#include "launcher/base/log.h"
#include "launcher/keeper/journal/journal.h"
#include "launcher/keeper/journal/shared-file.h"

#define FIELDS_MAX 8
#define WORD "vfio-run-host\t"
#define FORMAT 2
#define HEAD WORD "2\t"

/** shared_clear() - nothing is shared */
void shared_clear(struct shared *s)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < SHARED_CHANGES_MAX; i++)
		s->change[i].kind = CHANGE_MAX;
}

/* ---- reading ------------------------------------------------------------------------ */

static bool copy(char *to, size_t size, const char *from)
{
	return (size_t)snprintf(to, size, "%s", from) < size;
}

static bool is_user_name(const char *text)
{
	return *text != '.' && *text &&
	       strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.:-") ==
		       strlen(text);
}

static bool read_change(struct shared *s, char **f)
{
	struct change c;
	unsigned long place = strtoul(f[0], NULL, 10);
	int kind = change_from_name(f[1]);

	if (place >= SHARED_CHANGES_MAX || kind < 0 || s->change[place].kind != CHANGE_MAX ||
	    !change_is_shared((uint32_t)kind) ||
	    !change_set(&c, (enum change_kind)kind, f[2], f[3], f[4]) || change_wrong(&c))
		return false;
	s->change[place] = c;
	return true;
}

static bool read_user(struct shared *s, char **f)
{
	struct shared_user *u = &s->user[s->user_count];

	if (s->user_count == SHARED_USERS_MAX || !is_user_name(f[0]) ||
	    !copy(u->name, sizeof(u->name), f[0]))
		return false;
	u->keeper = (struct process_id){ .pid = (pid_t)strtol(f[1], NULL, 10),
					 .start = strtoull(f[2], NULL, 10) };
	u->uses = strtoull(f[3], NULL, 16);
	s->user_count++;
	return true;
}

/* Of the user on the line above. */
static bool read_part(struct shared *s, char **f)
{
	unsigned long place = strtoul(f[0], NULL, 10);

	if (!s->user_count || place >= SHARED_CHANGES_MAX)
		return false;
	s->user[s->user_count - 1].part[place] = strtoull(f[1], NULL, 10);
	return true;
}

/* clang-format off */
static const struct {
	const char *word;
	int fields;	/* behind the word */
	bool (*read)(struct shared *s, char **field);
} lines[] = {
	{ "change", 5, read_change },
	{ "user",   4, read_user },
	{ "part",   2, read_part },
};
/* clang-format on */

static bool read_line(struct shared *s, char *line)
{
	char *field[FIELDS_MAX] = { strsep(&line, "\t") };
	int n = 1;

	while (line && n < FIELDS_MAX)
		field[n++] = strsep(&line, "\t");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(lines[i].word, field[0]))
			return n == lines[i].fields + 1 && lines[i].read(s, field + 1);
	return false;
}

/* Return: where the line "end" begins, or NULL when the slot is not whole */
static char *find_end(char *slot, size_t size)
{
	char *end = strstr(slot, "\nend\t");

	if (!end || (size_t)(end - slot) + 14 > size || end[13] != '\n' ||
	    strtoul(end + 5, NULL, 16) != checksum(slot, (size_t)(end + 1 - slot)))
		return NULL;
	return end + 1;
}

/* Of this boot? Of another one nothing is left but the file. */
static bool is_of_this_boot(const char *boot)
{
	char now[JOURNAL_BOOT_MAX];

	return !*boot || !*journal_boot(now) || !strcmp(boot, now);
}

/**
 * shared_parse() - understand one slot
 * @s:		filled
 * @slot:	is taken apart in place; NUL-terminated at or behind @size
 * @size:	bytes
 *
 * Return: false: it is empty, torn, or names what no keeper would; @s is then undefined
 */
bool shared_parse(struct shared *s, char *slot, size_t size)
{
	char *end = find_end(slot, size), *rest = slot, *line, *field[FIELDS_MAX];
	int n = 0;

	shared_clear(s);
	if (!end || strncmp(slot, HEAD, strlen(HEAD)) != 0)
		return false;
	*end = '\0';
	line = strsep(&rest, "\n");
	for (char *p = line; p && n < FIELDS_MAX; n++)
		field[n] = strsep(&p, "\t");
	if (n != 4)
		return false;
	s->generation = strtoull(field[2], NULL, 10);
	if (!is_of_this_boot(field[3]))
		return true;
	while ((line = strsep(&rest, "\n")) && *line)
		if (!read_line(s, line))
			return false;
	return true;
}

/* After a downgrade: what this one does not know is no damage, and not to be written over. */
static bool is_newer(char *slot, size_t size)
{
	return !strncmp(slot, WORD, strlen(WORD)) && find_end(slot, size) &&
	       strtoul(slot + strlen(WORD), NULL, 10) > FORMAT;
}

/**
 * shared_read() - read the host journal
 * @s:	filled; nothing is shared when the file is empty
 * @fd:	its file, locked
 *
 * Return: 0; -EBADMSG both slots are damaged; -EPROTONOSUPPORT one is of a newer vfio-run; other
 *	   -errno of read(2)
 */
int shared_read(struct shared *s, int fd)
{
	static char slot[SHARED_SLOT + 1];
	static struct shared other;
	bool any = false, found = false;

	shared_clear(s);
	for (off_t i = 0; i < 2; i++) {
		ssize_t n;

		do
			n = pread(fd, slot, SHARED_SLOT, i * SHARED_SLOT);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			return -errno;
		slot[n] = '\0';
		any |= *slot != '\0';
		if (is_newer(slot, (size_t)n))
			return -EPROTONOSUPPORT;
		if (shared_parse(&other, slot, (size_t)n) &&
		    (!found || other.generation > s->generation)) {
			*s = other;
			found = true;
		}
	}
	return any && !found ? -EBADMSG : 0;
}

/* ---- writing ------------------------------------------------------------------------ */

static int append(char slot[SHARED_SLOT], size_t *used, const char *format, ...) printf_like(3, 4);

static int append(char slot[SHARED_SLOT], size_t *used, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(slot + *used, SHARED_SLOT - *used, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= SHARED_SLOT - *used)
		return -E2BIG;
	*used += (size_t)n;
	return 0;
}

static int print_user(const struct shared_user *u, char slot[SHARED_SLOT], size_t *used)
{
	int rc = append(slot, used, "user\t%s\t%d\t%" PRIu64 "\t%" PRIx64 "\n", u->name,
			(int)u->keeper.pid, u->keeper.start, u->uses);

	for (size_t place = 0; place < SHARED_CHANGES_MAX && !rc; place++)
		if (u->part[place])
			rc = append(slot, used, "part\t%zu\t%" PRIu64 "\n", place, u->part[place]);
	return rc;
}

/** shared_print() - one slot's text, padded with NULs; its length, or -E2BIG */
int shared_print(const struct shared *s, char slot[SHARED_SLOT])
{
	char boot[JOURNAL_BOOT_MAX];
	size_t used = 0;
	int rc;

	memset(slot, 0, SHARED_SLOT);
	rc = append(slot, &used, HEAD "%" PRIu64 "\t%s\n", s->generation, journal_boot(boot));
	for (size_t i = 0; i < SHARED_CHANGES_MAX && !rc; i++)
		if (s->change[i].kind != CHANGE_MAX)
			rc = append(slot, &used, "change\t%zu\t%s\t%s\t%s\t%s\n", i,
				    change_name(s->change[i].kind), s->change[i].target,
				    s->change[i].from, s->change[i].to);
	for (size_t i = 0; i < s->user_count && !rc; i++)
		rc = print_user(&s->user[i], slot, &used);
	if (!rc)
		rc = append(slot, &used, "end\t%08" PRIx32 "\n", checksum(slot, used));
	return rc ? rc : (int)used;
}

/**
 * shared_write() - put it into the slot that does not count, which counts from then on
 * @s:	its generation goes up
 * @fd:	the file, locked
 *
 * Return: 0; -E2BIG there is no room in a slot; other -errno of fallocate(2) and write(2)
 */
int shared_write(struct shared *s, int fd)
{
	static char slot[SHARED_SLOT];
	int flags = fcntl(fd, F_GETFL), rc;
	ssize_t n;

	s->generation++;
	rc = shared_print(s, slot);
	if (rc < 0)
		return rc;
	/* with O_APPEND Linux would append, whatever the offset is: pwrite(2), BUGS */
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_APPEND) < 0)
		return -errno;
	do
		rc = fallocate(fd, 0, 0, 2 * SHARED_SLOT);
	while (rc < 0 && errno == EINTR);
	if (rc < 0 && errno != EOPNOTSUPP)
		return -errno;
	do
		n = pwrite(fd, slot, SHARED_SLOT, (off_t)(s->generation % 2) * SHARED_SLOT);
	while (n < 0 && errno == EINTR);
	return n == SHARED_SLOT ? 0 : n < 0 ? -errno : -ENOSPC;
}
