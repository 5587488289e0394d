/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.c - what was changed, written down before it is changed
 *
 * A text file of lines; fields are separated by tabs, the last one is a checksum of
 * what stands before it. A line is one write(2), so a line without its end was never
 * acted on. The journal is the intent and sysfs the truth: whoever reverts compares
 * first. So a line that cannot be read costs little: the devices' lines hold all
 * that there was, and everything they name is then put back, begun or not.
 *
 *	vfio-run-journal	1
 *	name	NAME	run|detach
 *	keeper	PID	START
 *	device	ADDRESS	VENDOR	DEVICE	GROUP	DRIVER	MODULE	OVERRIDE	POWER	D3COLD	TITLE
 *	worker	PID	START
 *	change	KIND	TARGET	FROM	TO
 *	qemu	PID	START
 *	stuck	ADDRESS	PID	START
 *	class	run|kept
 *
 * /run ends with a reboot exactly when the changes do, so nothing is synced and no
 * boot is recorded.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/keeper/journal.h"

#define LINE_BYTES_MAX 768
#define FIELDS_MAX 12
#define RESERVED_BYTES (32 * 1024)
static const char version_line[] = "vfio-run-journal\t1";

/* FNV-1a: finds what a torn or flipped byte does; it need not resist anybody. */
static uint32_t checksum(const char *text, size_t size)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619u;
	return h;
}

static int append_line(struct journal *j, const char *format, ...) printf_like(2, 3);

/* One line, one write. The first failure is kept: a change that is not written down is not made. */
static int append_line(struct journal *j, const char *format, ...)
{
	char line[LINE_BYTES_MAX];
	va_list args;
	ssize_t done;
	int n;

	if (j->write_error)
		return j->write_error;
	va_start(args, format);
	n = vsnprintf(line, sizeof(line) - 12, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line) - 12 || strchr(line, '\n'))
		return j->write_error = -EINVAL;
	n += snprintf(line + n, 12, "\t%08" PRIx32 "\n", checksum(line, (size_t)n));
	do
		done = write(j->fd, line, (size_t)n);
	while (done < 0 && errno == EINTR);
	if (done != n)
		j->write_error = done < 0 ? -errno : -ENOSPC;
	return j->write_error;
}

/**
 * journal_begin() - start the journal of a run or a detach
 * @j:		JOURNAL_INIT
 * @fd:		a locked, empty file, open for appending; owned by @j from now on
 * @name:	of the VM or the detach; no tab, no newline
 * @is_detach:	which of the two it is
 *
 * Reserves room, so that a full /run is found before the first change and not in the
 * middle.
 *
 * Return: 0; -EEXIST the file is not empty; other -errno of fallocate(2) or write(2)
 */
int journal_begin(struct journal *j, int fd, const char *name, bool is_detach)
{
	off_t size = lseek(fd, 0, SEEK_END);
	int rc;

	j->fd = fd;
	j->is_detach = is_detach;
	(void)snprintf(j->name, sizeof(j->name), "%s", name);
	if (size != 0)
		return size < 0 ? -errno : -EEXIST;
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, RESERVED_BYTES) < 0 && errno != EOPNOTSUPP)
		return -errno;
	rc = append_line(j, "%s", version_line);
	return rc ? rc : append_line(j, "name\t%s\t%s", j->name, is_detach ? "detach" : "run");
}

/** journal_add_keeper() - who reverts it while he lives */
int journal_add_keeper(struct journal *j, const struct process_id *id)
{
	j->keeper = *id;
	return append_line(j, "keeper\t%d\t%" PRIu64, (int)id->pid, id->start);
}

/** journal_add_device() - a device as it was found; before the first change to it */
int journal_add_device(struct journal *j, const struct journal_device *d)
{
	if (j->device_count == ARRAY_SIZE(j->device))
		return -E2BIG;
	j->device[j->device_count++] = *d;
	return append_line(j, "device\t%s\t%04x\t%04x\t%d\t%s\t%s\t%s\t%s\t%s\t%s", d->name,
			   d->vendor, d->device, d->group, d->driver, d->module, d->override,
			   d->power, d->d3cold, d->title);
}

/** journal_add_change() - a change that is about to be made */
int journal_add_change(struct journal *j, const struct journal_change *c)
{
	int rc;

	if (j->change_count == ARRAY_SIZE(j->change))
		return -E2BIG;
	rc = append_line(j, "change\t%s\t%s\t%s\t%s", change_name(c->kind), c->target, c->from,
			 c->to);
	if (!rc)
		j->change[j->change_count++] = *c;
	return rc;
}

/* Makes room: a worker that is gone need not be remembered. */
static void forget_dead_workers(struct journal *j)
{
	size_t kept = 0;

	for (size_t i = 0; i < j->worker_count; i++)
		if (process_is_alive(&j->worker[i]))
			j->worker[kept++] = j->worker[i];
	j->worker_count = kept;
}

/** journal_add_worker() - a process that writes to devices; a successor makes sure that it is gone */
int journal_add_worker(struct journal *j, const struct process_id *id)
{
	if (j->worker_count == ARRAY_SIZE(j->worker))
		forget_dead_workers(j);
	if (j->worker_count == ARRAY_SIZE(j->worker))
		return -E2BIG;
	j->worker[j->worker_count++] = *id;
	return append_line(j, "worker\t%d\t%" PRIu64, (int)id->pid, id->start);
}

/** journal_add_qemu() - the VM; a successor makes sure that it is dead */
int journal_add_qemu(struct journal *j, const struct process_id *id)
{
	j->qemu = *id;
	return append_line(j, "qemu\t%d\t%" PRIu64, (int)id->pid, id->start);
}

/** journal_add_stuck() - a worker hangs in this device: it is left out while that lasts */
int journal_add_stuck(struct journal *j, struct journal_device *d, const struct process_id *id)
{
	d->stuck = *id;
	return append_line(j, "stuck\t%s\t%d\t%" PRIu64, d->name, (int)id->pid, id->start);
}

/** journal_set_class() - from run to kept, the last record of a detach; back when attach begins */
int journal_set_class(struct journal *j, enum journal_class class_)
{
	int rc = append_line(j, "class\t%s", class_ == JOURNAL_KEPT ? "kept" : "run");

	if (!rc)
		j->class_ = class_;
	return rc;
}

/** journal_device() - the device with that address, or NULL */
struct journal_device *journal_device(struct journal *j, const char *name)
{
	for (size_t i = 0; i < j->device_count; i++)
		if (!strcmp(j->device[i].name, name))
			return &j->device[i];
	return NULL;
}

/* ---- reading --------------------------------------------------------------- */

static bool read_process(char **field, struct process_id *out)
{
	char *end;
	long pid = strtol(field[0], &end, 10);

	if (*end || pid <= 0 || pid > INT32_MAX)
		return false;
	out->pid = (pid_t)pid;
	out->start = strtoull(field[1], &end, 10);
	return !*end;
}

static bool copy(char *to, size_t size, const char *from)
{
	return (size_t)snprintf(to, size, "%s", from) < size;
}

/* A driver's or module's name becomes part of a path: no dot first, no slash at all. */
static bool is_word(const char *text)
{
	return *text != '.' && !strpbrk(text, "/\n");
}

static bool read_name(struct journal *j, char **f)
{
	j->is_detach = !strcmp(f[1], "detach");
	return copy(j->name, sizeof(j->name), f[0]);
}

static bool read_keeper(struct journal *j, char **f)
{
	return read_process(f, &j->keeper);
}

static bool read_qemu(struct journal *j, char **f)
{
	return read_process(f, &j->qemu);
}

static bool read_worker(struct journal *j, char **f)
{
	if (j->worker_count == ARRAY_SIZE(j->worker))
		forget_dead_workers(j);
	return j->worker_count < ARRAY_SIZE(j->worker) &&
	       read_process(f, &j->worker[j->worker_count]) && ++j->worker_count;
}

static bool read_stuck(struct journal *j, char **f)
{
	struct journal_device *d = journal_device(j, f[0]);

	return d && read_process(f + 1, &d->stuck);
}

static bool read_class(struct journal *j, char **f)
{
	j->class_ = !strcmp(f[0], "kept") ? JOURNAL_KEPT : JOURNAL_RUN;
	return true;
}

static bool read_device(struct journal *j, char **f)
{
	struct journal_device d = { .group = -1 };
	char *end;

	if (j->device_count == ARRAY_SIZE(j->device) || !pci_address_parse(f[0], &d.address))
		return false;
	pci_address_format(&d.address, d.name);
	d.vendor = (uint16_t)strtoul(f[1], NULL, 16);
	d.device = (uint16_t)strtoul(f[2], NULL, 16);
	d.group = (int32_t)strtol(f[3], &end, 10);
	if (*end || !is_word(f[4]) || !is_word(f[5]) || !copy(d.driver, sizeof(d.driver), f[4]) ||
	    !copy(d.module, sizeof(d.module), f[5]) ||
	    !copy(d.override, sizeof(d.override), f[6]) || !copy(d.power, sizeof(d.power), f[7]) ||
	    !copy(d.d3cold, sizeof(d.d3cold), f[8]) || !copy(d.title, sizeof(d.title), f[9]))
		return false;
	j->device[j->device_count++] = d;
	return true;
}

static bool read_change(struct journal *j, char **f)
{
	struct journal_change c = { .kind = CHANGE_MAX };
	int kind = change_from_name(f[0]);

	if (kind < 0 || j->change_count == ARRAY_SIZE(j->change) ||
	    (kind != CHANGE_MODULE && !journal_device(j, f[1])) || !is_word(f[2]) || !is_word(f[3]) ||
	    !copy(c.target, sizeof(c.target), f[1]) || !copy(c.from, sizeof(c.from), f[2]) ||
	    !copy(c.to, sizeof(c.to), f[3]))
		return false;
	c.kind = (enum change_kind)kind;
	j->change[j->change_count++] = c;
	return true;
}

/* clang-format off */
static const struct {
	const char *word;
	int fields;	/* behind the word, the checksum not counted */
	bool (*read)(struct journal *j, char **field);
} lines[] = {
	{ "name",   2,  read_name },
	{ "keeper", 2,  read_keeper },
	{ "device", 10, read_device },
	{ "worker", 2,  read_worker },
	{ "change", 4,  read_change },
	{ "qemu",   2,  read_qemu },
	{ "stuck",  3,  read_stuck },
	{ "class",  1,  read_class },
};
/* clang-format on */

/* One line without its newline. Return: false when it is damaged or unknown */
static bool read_line(struct journal *j, char *line)
{
	char *sum = strrchr(line, '\t'), *field[FIELDS_MAX], *end;
	int n = 0;

	if (!sum || strlen(sum + 1) != 8 ||
	    strtoul(sum + 1, &end, 16) != checksum(line, (size_t)(sum - line)) || *end)
		return false;
	*sum = '\0';
	if (!strcmp(line, version_line))
		return true;
	for (char *p = line; p && n < FIELDS_MAX; n++)
		field[n] = strsep(&p, "\t");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(lines[i].word, field[0]))
			return n == lines[i].fields + 1 && lines[i].read(j, field + 1);
	return false;
}

/* Everything that the devices' lines name counts as begun: comparing first makes that harmless. */
static void assume_all_begun(struct journal *j)
{
	static const enum change_kind kinds[] = { CHANGE_D3COLD, CHANGE_POWER, CHANGE_OVERRIDE,
						  CHANGE_UNBIND, CHANGE_BIND };

	j->change_count = 0;
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++)
		for (size_t i = 0; i < j->device_count; i++) {
			const struct journal_device *d = &j->device[i];
			const char *from[CHANGE_MAX] = {
				[CHANGE_D3COLD] = d->d3cold, [CHANGE_POWER] = d->power,
				[CHANGE_OVERRIDE] = d->override, [CHANGE_UNBIND] = d->driver,
				[CHANGE_BIND] = "" };
			struct journal_change *c = &j->change[j->change_count];

			if (j->change_count == ARRAY_SIZE(j->change))
				return;
			*c = (struct journal_change){ .kind = kinds[k] };
			(void)copy(c->target, sizeof(c->target), d->name);
			(void)copy(c->from, sizeof(c->from), from[kinds[k]]);
			if (kinds[k] == CHANGE_BIND)
				(void)copy(c->to, sizeof(c->to), "vfio-pci");
			j->change_count++;
		}
}

/**
 * journal_read() - understand a journal's text
 * @j:		JOURNAL_INIT; filled, its descriptor is not touched
 * @text:	is taken apart in place; NUL-terminated behind @size
 * @size:	bytes
 *
 * Return: 0; -EBADMSG nothing in it can be used
 */
int journal_read(struct journal *j, char *text, size_t size)
{
	char *p = text, *end = text + size;

	while (p < end) {
		char *newline = memchr(p, '\n', (size_t)(end - p));

		if (!newline)
			break; /* never acted on */
		*newline = '\0';
		if (strlen(p) != (size_t)(newline - p) || !read_line(j, p))
			j->damaged = true;
		p = newline + 1;
	}
	if (j->damaged)
		assume_all_begun(j);
	return j->damaged && !j->device_count ? -EBADMSG : 0;
}

/**
 * journal_load() - read the journal of somebody who is gone
 * @j:		JOURNAL_INIT
 * @fd:		its file, locked; owned by @j from now on, whatever is returned
 *
 * Return: 0; -ENODATA it is empty: nothing was begun; -EBADMSG it cannot be used;
 *	   -ENOMEM, or -errno of read(2)
 */
int journal_load(struct journal *j, int fd)
{
	cleanup_free char *text = malloc(JOURNAL_BYTES_MAX + 1);
	size_t size = 0;
	ssize_t n = 0;

	j->fd = fd;
	if (!text)
		return -ENOMEM;
	while (size < JOURNAL_BYTES_MAX &&
	       (n = pread(fd, text + size, JOURNAL_BYTES_MAX - size, (off_t)size)) > 0)
		size += (size_t)n;
	if (n < 0)
		return -errno;
	if (size == 0)
		return -ENODATA;
	text[size] = '\0';
	return journal_read(j, text, size);
}
