/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal-write.c - a line for everything that is about to be changed; journal.c reads them */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/checksum.h"
#include "launcher/keeper/journal/journal.h"

#define LINE_BYTES_MAX 1536

/* What the lines of a run can take, the longest of them: its beginning and its workers; a */
/* device and all that can happen to it; a change, and the programs that make it and put it back. */
#define RUN_BYTES 5632
#define DEVICE_BYTES 2048
#define CHANGE_BYTES 1024
_Static_assert(RUN_BYTES + KEEPER_DEVICES_MAX * DEVICE_BYTES +
			       (JOURNAL_PLANNED_MAX + KEEPER_CHANGES_MAX) * CHANGE_BYTES <=
		       JOURNAL_BYTES_MAX,
	       "a journal that could not be read again");

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
 * Return: 0; -EEXIST the file is not empty; other -errno of lseek(2) or write(2)
 */
int journal_begin(struct journal *j, int fd, const char *name, bool is_detach)
{
	off_t size = lseek(fd, 0, SEEK_END);
	int rc;

	j->fd = fd;
	j->is_detach = is_detach;
	(void)snprintf(j->name, sizeof(j->name), "%s", name);
	if (size != 0)
		return size > 0 ? -EEXIST : -errno;
	j->begun = true;
	rc = append_line(j, JOURNAL_HEAD "%d", JOURNAL_FORMAT);
	if (!rc && *journal_boot(j->boot))
		rc = append_line(j, "boot\t%s", j->boot);
	return rc ? rc : append_line(j, "name\t%s\t%s", j->name, is_detach ? "detach" : "run");
}

/**
 * journal_reserve() - room for all that a plan can make its journal grow
 * @devices, @changes:	of the plan
 *
 * So a full /run is found before the first change and not in the middle.
 *
 * Return: 0 or -errno of fallocate(2)
 */
int journal_reserve(struct journal *j, size_t devices, size_t changes)
{
	size_t bytes = RUN_BYTES + devices * DEVICE_BYTES + (2 * devices + changes) * CHANGE_BYTES;
	int rc;

	do
		rc = fallocate(j->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes);
	while (rc < 0 && errno == EINTR);
	return rc < 0 && errno != EOPNOTSUPP ? -errno : 0;
}

/** journal_add_keeper() - the process that reverts it while it lives */
int journal_add_keeper(struct journal *j, const struct process_id *id)
{
	j->keeper = *id;
	return append_line(j, "keeper\t%d\t%" PRIu64, (int)id->pid, id->start);
}

/** journal_add_hook() - a program that is to be run when all is back: @word "failed" or "released" */
int journal_add_hook(struct journal *j, const char *word, const char *path)
{
	return append_line(j, "hook\t%s\t%s", word, path);
}

/** journal_add_picture() - where a desktop that is stopped is to draw again: change_is_addresses() */
int journal_add_picture(struct journal *j, const char *devices)
{
	if (!change_is_addresses(devices))
		return -EINVAL;
	(void)snprintf(j->picture, sizeof(j->picture), "%s", devices);
	return append_line(j, "picture\t%s", devices);
}

/**
 * journal_add_ran() - a hook is run now: @word "stopped" or "failed"
 *
 * Whoever has the journal next does not run it again.
 */
int journal_add_ran(struct journal *j, const char *word)
{
	return append_line(j, "ran\t%s", word);
}

/** journal_add_device() - a device as it was found; before the first change to it */
int journal_add_device(struct journal *j, const struct journal_device *d)
{
	int rc;

	if (j->device_count == ARRAY_SIZE(j->device))
		return -E2BIG;
	if (!journal_takes_device(d))
		return -EINVAL;
	j->device[j->device_count++] = *d;
	rc = append_line(j, "device\t%s\t%04x\t%04x\t%d\t%s\t%s\t%s\t%s\t%s\t%s", d->name,
			   d->vendor, d->device, d->group, d->driver, d->module, d->override,
			   d->power, d->d3cold, d->title);
	if (!rc && d->displays.cards)
		rc = append_line(j, "displays\t%s\t%u\t%u", d->name, d->displays.cards,
				 d->displays.connectors);
	if (!rc && (d->displays.kfd || d->displays.nvidia))
		rc = append_line(j, "nodes\t%s\t%d\t%u", d->name, d->displays.kfd, d->displays.nvidia);
	if (!rc && d->displays.connected)
		rc = append_line(j, "monitors\t%s\t%u", d->name, d->displays.connected);
	return rc;
}

/**
 * journal_add_planned() - a change of a device, long before it is made
 *
 * Does nothing for one whose device's own line holds what there was. Of the others there are two
 * lines then, and either is enough.
 */
int journal_add_planned(struct journal *j, const struct change *c)
{
	const struct change_grammar *g = change_grammar(c->kind);
	int rc;

	if (!g || g->subject != CHANGE_OF_DEVICE || g->fact != CHANGE_FACT_NONE || !g->needs_from)
		return 0;
	if (j->planned_count == ARRAY_SIZE(j->planned))
		return -E2BIG;
	if (change_wrong(c))
		return -EINVAL;
	rc = append_line(j, "planned\t%s\t%s\t%s\t%s", change_name(c->kind), c->target, c->from,
			 c->to);
	if (!rc)
		j->planned[j->planned_count++] = *c;
	return rc;
}

/** journal_add_change() - a change that is about to be made */
int journal_add_change(struct journal *j, const struct change *c)
{
	int rc;

	if (j->change_count == ARRAY_SIZE(j->change))
		return -E2BIG;
	if (change_wrong(c))
		return -EINVAL;
	rc = append_line(j, "change\t%s\t%s\t%s\t%s", change_name(c->kind), c->target, c->from,
			 c->to);
	if (!rc)
		j->change[j->change_count++] = *c;
	return rc;
}

/** journal_give_up() - it was only to be started again, and could not be: that is told now */
void journal_give_up(struct journal *j, const struct change *c)
{
	size_t i = journal_find_change(j, c->kind, c->target);

	if (i == j->change_count || j->given_up[i] != JOURNAL_NOT)
		return;
	j->given_up[i] = JOURNAL_NOW;
	(void)append_line(j, "failed\t%s\t%s", change_name(c->kind), c->target);
}

/** journal_add_worker() - a process that writes to devices; a successor makes sure that it is gone */
int journal_add_worker(struct journal *j, const struct process_id *id)
{
	if (j->worker_count == ARRAY_SIZE(j->worker))
		journal_forget_dead(j);
	if (j->worker_count == ARRAY_SIZE(j->worker))
		return -E2BIG;
	j->worker[j->worker_count++] = *id;
	return append_line(j, "worker\t%d\t%" PRIu64, (int)id->pid, id->start);
}

/** journal_add_process() - a program of the VM; a successor makes sure that it is dead */
int journal_add_process(struct journal *j, const struct journal_process *p)
{
	if (j->process_count == ARRAY_SIZE(j->process))
		journal_forget_dead(j);
	if (j->process_count == ARRAY_SIZE(j->process))
		return -E2BIG;
	if (!process_is_role(p->role))
		return -EINVAL;
	j->process[j->process_count++] = *p;
	return append_line(j, "process\t%s\t%d\t%" PRIu64 "\t%s", p->role, (int)p->id.pid,
			   p->id.start, p->has_devices ? "devices" : "");
}

/** journal_add_stuck() - a worker hangs in this device: it is left out while that lasts */
int journal_add_stuck(struct journal *j, struct journal_device *d, const struct process_id *id)
{
	d->stuck = *id;
	return append_line(j, "stuck\t%s\t%d\t%" PRIu64, d->name, (int)id->pid, id->start);
}

/** journal_add_oopsed() - the kernel oopsed in this device: it is left out until a reboot */
int journal_add_oopsed(struct journal *j, struct journal_device *d)
{
	d->oopsed = true;
	return append_line(j, "oopsed\t%s", d->name);
}

/** journal_set_removed() - this program took it off the bus; or it is back on it */
int journal_set_removed(struct journal *j, struct journal_device *d, bool removed)
{
	int rc = append_line(j, "removed\t%s\t%s", d->name, removed ? "yes" : "no");

	if (!rc || !removed)
		d->removed = removed;
	return rc;
}

/** journal_set_class() - from run to kept, the last record of a detach; back when attach begins */
int journal_set_class(struct journal *j, enum journal_class class_)
{
	int rc = append_line(j, "class\t%s", class_ == JOURNAL_KEPT ? "kept" : "run");

	if (!rc)
		j->class_ = class_;
	return rc;
}
