/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal-record.c - a journal in memory: its devices, and which processes it may forget */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/journal/journal.h"

/** journal_forget_dead() - makes room: a process that is gone need not be remembered */
void journal_forget_dead(struct journal *j)
{
	size_t kept = 0;

	for (size_t i = 0; i < j->process_count; i++)
		if (process_is_alive(&j->process[i].id))
			j->process[kept++] = j->process[i];
	j->process_count = kept;
	kept = 0;
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

/** journal_find_change() - the place of a change that was begun; change_count: there is none */
size_t journal_find_change(const struct journal *j, uint32_t kind, const char *target)
{
	size_t i = 0;

	while (i < j->change_count && (j->change[i].kind != kind || strcmp(j->change[i].target, target) != 0))
		i++;
	return i;
}

/** journal_was_given_up() - could a job before this one not put it back, and has told so? */
bool journal_was_given_up(const struct journal *j, const struct change *c)
{
	size_t i = journal_find_change(j, c->kind, c->target);

	return i < j->change_count && j->given_up[i] == JOURNAL_BEFORE;
}

/**
 * journal_find_groups() - the IOMMU groups that its lines do not have
 *
 * Those of virtual functions that were made after these were written, and of what a damaged line
 * was about: as far as the devices are there.
 */
void journal_find_groups(struct journal *j)
{
	for (size_t i = 0; i < j->device_count; i++) {
		char path[64], text[16], *end;
		long group;

		if (j->device[i].group >= 0)
			continue;
		(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group",
			       j->device[i].name);
		(void)sysfs_link_name(AT_FDCWD, path, text, sizeof(text));
		group = strtol(text, &end, 10);
		if (*text && !*end && group >= 0 && group <= INT32_MAX)
			j->device[i].group = (int32_t)group;
	}
}

/** journal_fact() - what a kind of change found, by the device's record; NULL: unrecorded */
char *journal_fact(struct journal_device *d, enum change_fact fact)
{
	switch (fact) {
	case CHANGE_FACT_DRIVER:
		return d->driver;
	case CHANGE_FACT_OVERRIDE:
		return d->override;
	case CHANGE_FACT_POWER:
		return d->power;
	case CHANGE_FACT_D3COLD:
		return d->d3cold;
	case CHANGE_FACT_NONE:
		break;
	}
	return NULL;
}

/** journal_boot() - the id of this boot, "" when it cannot be read */
const char *journal_boot(char buf[JOURNAL_BOOT_MAX])
{
	(void)sysfs_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", buf, JOURNAL_BOOT_MAX);
	return buf;
}
