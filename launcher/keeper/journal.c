/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.c - reading what was changed; journal-write.c wrote it down before it was
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
 * And when the line of a device is the damaged one, its changes tell what they found.
 *
 * /run ends with a reboot exactly when the changes do, so nothing is synced and no
 * boot is recorded.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/keeper/journal.h"

#define FIELDS_MAX 12
static const char version_line[] = "vfio-run-journal\t1";

/** journal_checksum() - FNV-1a: finds a torn or flipped byte; it need not resist anybody */
uint32_t journal_checksum(const char *text, size_t size)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)text[i]) * 16777619u;
	return h;
}

/** journal_forget_dead() - makes room: a worker that is gone need not be remembered */
void journal_forget_dead(struct journal *j)
{
	size_t kept = 0;

	for (size_t i = 0; i < j->worker_count; i++)
		if (process_is_alive(&j->worker[i]))
			j->worker[kept++] = j->worker[i];
	j->worker_count = kept;
}

/** journal_device() - the device with that address, or NULL */
struct journal_device *journal_device(struct journal *j, const char *name)
{
	for (size_t i = 0; i < j->device_count; i++)
		if (!strcmp(j->device[i].name, name))
			return &j->device[i];
	return NULL;
}

/* ---- lines ------------------------------------------------------------------ */

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
		journal_forget_dead(j);
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

/*
 * The device of a change whose own line is damaged: what its changes found is as good.
 * Who it is is not known, so the address has to do.
 */
static struct journal_device *salvage_device(struct journal *j, const char *name)
{
	struct journal_device d = { .group = -1, .title = "its line in the journal is damaged" };

	if (j->device_count == ARRAY_SIZE(j->device) || !pci_address_parse(name, &d.address))
		return NULL;
	pci_address_format(&d.address, d.name);
	j->device[j->device_count] = d;
	return &j->device[j->device_count++];
}

static bool is_salvaged(const struct journal_device *d)
{
	return !d->vendor && !d->device;
}

static bool salvage_change(struct journal *j, enum change_kind kind, const char *name,
			   const char *from)
{
	struct journal_device *d = journal_device(j, name);
	size_t room = CHANGE_VALUE_MAX;

	if (!d)
		d = salvage_device(j, name);
	if (!d || !is_salvaged(d))
		return d;
	j->damaged = true;
	switch (kind) {
	case CHANGE_UNBIND:
		return copy(d->driver, room, from);
	case CHANGE_OVERRIDE:
		return copy(d->override, room, from);
	case CHANGE_POWER:
		return copy(d->power, room, from);
	case CHANGE_D3COLD:
		return copy(d->d3cold, room, from);
	default:
		return true;
	}
}

static bool read_change(struct journal *j, char **f)
{
	struct journal_change c = { .kind = CHANGE_MAX };
	int kind = change_from_name(f[0]);

	if (kind < 0 || j->change_count == ARRAY_SIZE(j->change) || !is_word(f[2]) || !is_word(f[3]) ||
	    !copy(c.target, sizeof(c.target), f[1]) || !copy(c.from, sizeof(c.from), f[2]) ||
	    !copy(c.to, sizeof(c.to), f[3]) ||
	    (kind != CHANGE_MODULE && !salvage_change(j, (enum change_kind)kind, f[1], f[2])))
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
	    strtoul(sum + 1, &end, 16) != journal_checksum(line, (size_t)(sum - line)) || *end)
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

/* The kinds of change that were begun on a device, as bits. */
static unsigned int begun(const struct journal *j, const char *name)
{
	unsigned int kinds = 0;

	for (size_t i = 0; i < j->change_count; i++)
		if (!strcmp(j->change[i].target, name))
			kinds |= 1u << j->change[i].kind;
	return kinds;
}

static void assume_one(struct journal *j, const struct journal_device *d, enum change_kind kind)
{
	const char *from[CHANGE_MAX] = { [CHANGE_D3COLD] = d->d3cold,
					 [CHANGE_POWER] = d->power,
					 [CHANGE_OVERRIDE] = d->override,
					 [CHANGE_UNBIND] = d->driver,
					 [CHANGE_BIND] = "" };
	struct journal_change *c = &j->change[j->change_count];

	if (j->change_count == ARRAY_SIZE(j->change))
		return;
	*c = (struct journal_change){ .kind = kind };
	(void)copy(c->target, sizeof(c->target), d->name);
	(void)copy(c->from, sizeof(c->from), from[kind]);
	(void)copy(c->to, sizeof(c->to), kind == CHANGE_BIND ? "vfio-pci" : "");
	j->change_count++;
}

/*
 * Everything that the devices' lines name counts as begun: comparing first makes that
 * harmless. Of a salvaged device no more is known than its changes tell.
 */
static void assume_all_begun(struct journal *j)
{
	unsigned int kinds[KEEPER_DEVICES_MAX] = { 0 };

	for (size_t i = 0; i < j->device_count; i++)
		kinds[i] = is_salvaged(&j->device[i]) ? begun(j, j->device[i].name) : ~0u;
	j->change_count = 0;
	for (enum change_kind kind = CHANGE_D3COLD; kind < CHANGE_MAX; kind++)
		for (size_t i = 0; i < j->device_count; i++)
			if (kinds[i] & 1u << kind)
				assume_one(j, &j->device[i], kind);
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
