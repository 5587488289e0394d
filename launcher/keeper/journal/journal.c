/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * journal.c - reading the record of changes; journal-write.c wrote each before it was made
 *
 * A text file of lines; fields are separated by tabs, the last one is a checksum of
 * what stands before it. A line is one write(2), so a line without its end was never
 * acted on. The journal records the intent, sysfs the state: a revert compares
 * first. So a line that cannot be read costs no device: the devices' lines hold the whole
 * initial state, and everything they name is then put back, begun or not. Of anything
 * else only what can be read is put back, and the unreadable line is reported.
 *
 *	vfio-run-journal	3
 *	boot	ID
 *	name	NAME	run|detach
 *	keeper	PID	START
 *	device	ADDRESS	VENDOR	DEVICE	GROUP	DRIVER	MODULE	OVERRIDE	POWER	D3COLD	TITLE
 *	displays	ADDRESS	CARDS	CONNECTORS
 *	nodes	ADDRESS	KFD	NVIDIA
 *	monitors	ADDRESS	CONNECTED
 *	worker	PID	START
 *	hook	WORD	PATH
 *	ran	WORD
 *	picture	ADDRESS...
 *	planned	KIND	TARGET	FROM	TO
 *	change	KIND	TARGET	FROM	TO
 *	failed	KIND	TARGET
 *	process	ROLE	PID	START	devices|
 *	stuck	ADDRESS	PID	START
 *	oopsed	ADDRESS
 *	removed	ADDRESS	yes|no
 *	class	run|kept
 *
 * And when the line of a device is the damaged one, its changes record what they found:
 * journal-repair.c. A line is held against the closed table as the plan was: one that
 * names something else counts as damaged.
 *
 * Format 2, of a keeper that was started before an upgrade, has `qemu PID START` instead of all
 * `process` lines; it is read as well. Of a newer one, after a downgrade, only what tells which
 * devices it is of, and whether they are kept: a record that is understood in part undoes nothing.
 *
 * /run ends with a reboot exactly when the changes do, so nothing is synced. Where it
 * does not, as on a disk, the journal of another boot is dropped: the reboot undid
 * all that it records.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/checksum.h"
#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/journal/journal.h"

#define FIELDS_MAX 12
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

/* ---- lines ------------------------------------------------------------------ */

static bool read_boot(struct journal *j, char **f)
{
	return strspn(f[0], "0123456789abcdef-") == strlen(f[0]) &&
	       copy(j->boot, sizeof(j->boot), f[0]);
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

static bool read_hook(struct journal *j, char **f)
{
	bool failed = !strcmp(f[0], "failed");

	return *f[1] == '/' && (failed || !strcmp(f[0], "released")) &&
	       copy(failed ? j->hook_failed : j->hook_released, sizeof(j->hook_failed), f[1]);
}

static bool read_ran(struct journal *j, char **f)
{
	bool failed = !strcmp(f[0], "failed"), stopped = !strcmp(f[0], "stopped");

	if (failed)
		*j->hook_failed = '\0';
	j->ran_stopped |= stopped;
	return failed || stopped;
}

static bool read_picture(struct journal *j, char **f)
{
	return change_is_addresses(f[0]) && copy(j->picture, sizeof(j->picture), f[0]);
}

static bool read_vm_process(struct journal *j, char **f)
{
	struct journal_process p = { .has_devices = !strcmp(f[3], "devices") };

	if (!copy(p.role, sizeof(p.role), f[0]) || !process_is_role(p.role) ||
	    !read_process(f + 1, &p.id) || (*f[3] && !p.has_devices))
		return false;
	if (j->process_count == ARRAY_SIZE(j->process))
		journal_forget_dead(j);
	if (j->process_count == ARRAY_SIZE(j->process))
		return false;
	j->process[j->process_count++] = p;
	return true;
}

/* Of format 2. */
static bool read_qemu(struct journal *j, char **f)
{
	char role[] = "qemu", devices[] = "devices";
	char *fields[] = { role, f[0], f[1], devices };

	return read_vm_process(j, fields);
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
	if (journal_device(j, pci_address_format(&d.address, d.name)))
		return true; /* duplicate: the first one counts */
	d.vendor = (uint16_t)strtoul(f[1], NULL, 16);
	d.device = (uint16_t)strtoul(f[2], NULL, 16);
	d.group = (int32_t)strtol(f[3], &end, 10);
	if (*end || !copy(d.driver, sizeof(d.driver), f[4]) ||
	    !copy(d.module, sizeof(d.module), f[5]) ||
	    !copy(d.override, sizeof(d.override), f[6]) || !copy(d.power, sizeof(d.power), f[7]) ||
	    !copy(d.d3cold, sizeof(d.d3cold), f[8]) || !copy(d.title, sizeof(d.title), f[9]) ||
	    !journal_takes_device(&d))
		return false;
	d.made = d.group < 0;
	j->device[j->device_count++] = d;
	return true;
}

static bool read_displays(struct journal *j, char **f)
{
	struct journal_device *d = journal_device(j, f[0]);

	return d && sscanf(f[1], "%4u", &d->displays.cards) == 1 &&
	       sscanf(f[2], "%4u", &d->displays.connectors) == 1;
}

static bool read_nodes(struct journal *j, char **f)
{
	struct journal_device *d = journal_device(j, f[0]);

	if (d)
		d->displays.kfd = !strcmp(f[1], "1");
	return d && sscanf(f[2], "%4u", &d->displays.nvidia) == 1;
}

static bool read_monitors(struct journal *j, char **f)
{
	struct journal_device *d = journal_device(j, f[0]);

	return d && sscanf(f[1], "%4u", &d->displays.connected) == 1;
}

static bool read_oopsed(struct journal *j, char **f)
{
	struct journal_device *d = journal_device(j, f[0]);

	if (d)
		d->oopsed = true;
	return d;
}

static bool read_removed(struct journal *j, char **f)
{
	struct journal_device *d = journal_device(j, f[0]);

	if (d)
		d->removed = !strcmp(f[1], "yes");
	return d;
}

static bool take_change(char **f, struct change *c)
{
	int kind = change_from_name(f[0]);

	return kind >= 0 && change_set(c, (enum change_kind)kind, f[1], f[2], f[3]) &&
	       !change_wrong(c);
}

static bool read_planned(struct journal *j, char **f)
{
	return j->planned_count < ARRAY_SIZE(j->planned) &&
	       take_change(f, &j->planned[j->planned_count]) && ++j->planned_count;
}

static bool read_change(struct journal *j, char **f)
{
	struct change c;

	if (j->change_count == ARRAY_SIZE(j->change) || !take_change(f, &c))
		return false;
	if (change_is_of_device(c.kind) && !journal_salvage(j, &c))
		return false;
	j->change[j->change_count++] = c;
	return true;
}

static bool read_given_up(struct journal *j, char **f)
{
	int kind = change_from_name(f[0]);
	size_t i = kind < 0 ? j->change_count : journal_find_change(j, (uint32_t)kind, f[1]);

	if (i < j->change_count)
		j->given_up[i] = JOURNAL_BEFORE;
	return i < j->change_count;
}

/* clang-format off */
static const struct {
	const char *word;
	int fields;	/* behind the word, the checksum not counted */
	bool (*read)(struct journal *j, char **field);
} lines[] = {
	{ "boot",     1,  read_boot },
	{ "name",     2,  read_name },
	{ "keeper",   2,  read_keeper },
	{ "device",   10, read_device },
	{ "displays", 3,  read_displays },
	{ "nodes",    3,  read_nodes },
	{ "monitors", 2,  read_monitors },
	{ "worker",   2,  read_worker },
	{ "hook",     2,  read_hook },
	{ "ran",      1,  read_ran },
	{ "picture",  1,  read_picture },
	{ "planned",  4,  read_planned },
	{ "change",   4,  read_change },
	{ "failed",   2,  read_given_up },
	{ "process",  4,  read_vm_process },
	{ "qemu",     2,  read_qemu },
	{ "stuck",    3,  read_stuck },
	{ "oopsed",   1,  read_oopsed },
	{ "removed",  2,  read_removed },
	{ "class",    1,  read_class },
};
/* clang-format on */

/* The first line, as far as its checksum. Return: false when it is no such line */
static bool read_version(struct journal *j, const char *line)
{
	unsigned long format;
	char *end;

	if (strncmp(line, JOURNAL_HEAD, strlen(JOURNAL_HEAD)) != 0)
		return false;
	line += strlen(JOURNAL_HEAD);
	format = strtoul(line, &end, 10);
	if (*line < '1' || *line > '9' || *end || format > UINT16_MAX ||
	    format < JOURNAL_FORMAT_OLDEST)
		return false;
	if (format > JOURNAL_FORMAT)
		j->newer = (unsigned int)format;
	return true;
}

/* Of a newer format: whatever else a device's line has by then, its second word is the address. */
static bool read_newer(struct journal *j, const char *word, char **field, int n)
{
	struct journal_device d = { .group = -1 };

	if (strcmp(word, "device") != 0 || n < 1 || j->device_count == ARRAY_SIZE(j->device) ||
	    !pci_address_parse(field[0], &d.address))
		return false;
	if (!journal_device(j, pci_address_format(&d.address, d.name)))
		j->device[j->device_count++] = d;
	return true;
}

/* One line without its newline. Return: false when it is damaged or unknown */
static bool read_line(struct journal *j, char *line)
{
	char *sum = strrchr(line, '\t'), *field[FIELDS_MAX], *end;
	int n = 0;

	if (!sum || strlen(sum + 1) != 8 ||
	    strtoul(sum + 1, &end, 16) != checksum(line, (size_t)(sum - line)) || *end)
		return false;
	*sum = '\0';
	if (read_version(j, line))
		return true;
	for (char *p = line; p && n < FIELDS_MAX; n++)
		field[n] = strsep(&p, "\t");
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(lines[i].word, field[0]) && n == lines[i].fields + 1 &&
		    lines[i].read(j, field + 1))
			return true;
	return j->newer && read_newer(j, field[0], field + 1, n - 1);
}

/**
 * journal_read() - understand a journal's text
 * @j:		JOURNAL_INIT; filled, its descriptor is not touched
 * @text:	is taken apart in place; NUL-terminated behind @size
 * @size:	bytes
 *
 * Return: 0; -EBADMSG nothing in it can be used; -EPROTONOSUPPORT its format is newer: the devices'
 *	   names and the class are what is known of it
 */
int journal_read(struct journal *j, char *text, size_t size)
{
	char *p = text, *end = text + size;
	unsigned int line = 0;

	while (p < end) {
		char *newline = memchr(p, '\n', (size_t)(end - p));

		if (!newline)
			break; /* never acted on */
		*newline = '\0';
		line++;
		if ((strlen(p) != (size_t)(newline - p) || !read_line(j, p)) && !j->unread++)
			j->first_unread = line;
		p = newline + 1;
	}
	if (j->newer)
		return -EPROTONOSUPPORT;
	if (j->unread)
		journal_repair(j);
	return j->unread && !j->device_count && !j->change_count ? -EBADMSG : 0;
}

static bool is_of_another_boot(const struct journal *j)
{
	char now[JOURNAL_BOOT_MAX];

	return *j->boot && *journal_boot(now) && strcmp(j->boot, now);
}

/**
 * journal_load() - read the journal of a process that is gone
 * @j:		JOURNAL_INIT
 * @fd:		its file, locked; owned by @j from now on, whatever is returned
 *
 * Return: 0; -ENODATA it is empty, or of another boot: nothing of it is left; -EBADMSG it
 *	   cannot be used; -EPROTONOSUPPORT, see journal_read(); -ENOMEM, or -errno of read(2)
 */
int journal_load(struct journal *j, int fd)
{
	cleanup_free char *text = malloc(JOURNAL_BYTES_MAX + 1);
	size_t size = 0;
	ssize_t n = 0;
	int rc;

	j->fd = fd;
	if (!text)
		return -ENOMEM;
	while (size < JOURNAL_BYTES_MAX) {
		n = pread(fd, text + size, JOURNAL_BYTES_MAX - size, (off_t)size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		size += (size_t)n;
	}
	if (n < 0)
		return -errno;
	if (size == 0)
		return -ENODATA;
	text[size] = '\0';
	rc = journal_read(j, text, size);
	journal_find_groups(j);
	if (!is_of_another_boot(j))
		return rc;
	log_notice("%s: is the journal of another boot: dropped, nothing of it is left",
		   *j->name ? j->name : "a file in /run/vfio-run/state");
	return -ENODATA;
}
