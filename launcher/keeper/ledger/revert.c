/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * revert.c - the journal backwards, until the host is as it was found
 *
 * Carries on after a failure, so that one device never costs another, and looks at
 * everything once more at the end: what was written can have been overtaken by a
 * write that was given up before.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/ledger/shared.h"

/* What a change that is put back shows: from what is there to what was found. */
static void report_reverted(const struct journal_change *c, const char *before, int rc)
{
	struct journal_change back = { .kind = c->kind };

	(void)snprintf(back.target, sizeof(back.target), "%s", c->target);
	(void)snprintf(back.from, sizeof(back.from), "%s", before);
	(void)snprintf(back.to, sizeof(back.to), "%s", c->from);
	report_change(&back, rc, rc ? change_trouble(c->kind, rc) : "");
}

static bool revert_shared(struct keeper *k, const struct journal_change *c)
{
	int rc = shared_release(k, c);

	if (rc)
		log_error("%s: is not as it was: %s", c->target, change_trouble(c->kind, rc));
	return rc == 0;
}

/* Reverts one change, and tells what that changed or why it failed; silent when it was back already. */
static bool revert_one(struct keeper *k, const struct journal_change *c)
{
	const struct journal_device *d = journal_device(&k->journal, c->target);
	char before[CHANGE_VALUE_MAX] = "", after[CHANGE_VALUE_MAX] = "";
	int rc;

	if (change_is_shared(c->kind))
		return revert_shared(k, c);
	if (!change_has_way_back(c) || !d)
		return true;
	if (device_is_gone(d)) {
		device_note_gone(k, d);
		return true;
	}
	if (k->held[d - k->journal.device])
		return false; /* for now: see revert_all() */
	if (journal_device_is_lost(d)) {
		report_left_out(c, d->oopsed ? "the kernel oopsed in this device's driver: reboot" :
						"a driver hangs in this device");
		return false;
	}
	if (device_exists(d->name))
		(void)change_save(k, c, before);
	rc = change_revert(k, c);
	if (!rc && device_exists(d->name))
		rc = change_save(k, c, after);
	if (rc == -ENXIO)
		return true;
	if (rc || strcmp(before, after))
		report_reverted(c, before, rc);
	return rc == 0;
}

static bool revert_pass(struct keeper *k)
{
	bool all = true;

	for (size_t i = k->journal.change_count; i-- > 0;)
		all &= revert_one(k, &k->journal.change[i]);
	return all;
}

static void report_held(struct keeper *k)
{
	for (size_t i = k->journal.change_count; i-- > 0;) {
		const struct journal_change *c = &k->journal.change[i];
		const struct journal_device *d = journal_device(&k->journal, c->target);

		if (d && k->held[d - k->journal.device] && change_has_way_back(c))
			report_left_out(c, "somebody has this device open");
	}
}

/* A worker that was given up may have come back meanwhile: then its device can be had again. */
static bool some_came_back(struct keeper *k)
{
	bool some = false;

	for (size_t i = 0; i < k->journal.device_count; i++) {
		struct journal_device *d = &k->journal.device[i];

		if (!d->stuck.pid || known_fate(k, &d->stuck) != PROCESS_ENDED)
			continue;
		d->stuck.pid = 0;
		some = true;
	}
	return some;
}

/* Was anything overtaken? Silent when all is as found; the second pass says what it mends. */
static bool check_again(struct keeper *k)
{
	for (size_t i = 0; i < k->journal.change_count; i++) {
		const struct journal_change *c = &k->journal.change[i];
		const struct journal_device *d = journal_device(&k->journal, c->target);
		char now[CHANGE_VALUE_MAX];

		if (!change_has_way_back(c) || !d || journal_device_is_lost(d) ||
		    k->gone[d - k->journal.device] || !device_exists(d->name))
			continue;
		if (c->kind == CHANGE_BIND || c->kind == CHANGE_UNBIND) {
			device_driver(d->name, now);
			if (strcmp(now, d->driver))
				return false;
		} else if (change_save(k, c, now) || strcmp(now, c->from)) {
			return false;
		}
	}
	return true;
}

static bool has_change(const struct journal *j, const char *target, enum change_kind kind)
{
	for (size_t i = 0; i < j->change_count; i++)
		if (j->change[i].kind == kind && !strcmp(j->change[i].target, target))
			return true;
	return false;
}

/*
 * The way back aims a device's override at its host driver, also where the plan had no
 * reason to change it: it goes back to what it was, after all else.
 */
static void add_overrides(struct journal *j)
{
	for (size_t i = 0; i < j->device_count; i++) {
		const struct journal_device *d = &j->device[i];
		struct journal_change c = { .kind = CHANGE_OVERRIDE };

		if (j->change_count == ARRAY_SIZE(j->change))
			return;
		if (has_change(j, d->name, CHANGE_OVERRIDE) ||
		    (!has_change(j, d->name, CHANGE_UNBIND) && !has_change(j, d->name, CHANGE_BIND)))
			continue;
		(void)snprintf(c.target, sizeof(c.target), "%s", d->name);
		(void)snprintf(c.from, sizeof(c.from), "%s", d->override);
		memmove(j->change + 1, j->change, j->change_count++ * sizeof(c));
		j->change[0] = c;
	}
}

/**
 * revert_all() - put everything back that the journal names
 *
 * The caller has made sure that no VM lives and no worker of a predecessor writes.
 *
 * Return: true when the host is as it was found; a device that is gone from the bus
 *	   counts as such
 */
bool revert_all(struct keeper *k)
{
	bool all;

	k->reverting = true;
	add_overrides(&k->journal);
	release_look(k);
	all = revert_pass(k);
	if (release_wait(k))
		all = revert_pass(k);
	report_held(k);
	if (some_came_back(k) || (all && !check_again(k)))
		all = revert_pass(k) && check_again(k);
	return shared_leave(k) && all;
}

/* Return: something is left that could be mended without a reboot */
static bool say_device_left(const struct journal_device *d)
{
	char now[CHANGE_VALUE_MAX];

	if (d->oopsed) {
		log_error("%s (%s): could not be given back: the kernel oopsed in its driver", d->name,
			  d->title);
		return false;
	}
	if (d->stuck.pid) {
		log_error("%s (%s): could not be given back: process %d hangs in its driver", d->name,
			  d->title, (int)d->stuck.pid);
		return true;
	}
	device_driver(d->name, now);
	if (d->removed && !device_exists(d->name))
		log_error("%s (%s): was taken from the bus and is not found any more", d->name,
			  d->title);
	else if (strcmp(now, d->driver) && device_exists(d->name))
		log_error("%s (%s): is on %s and not on %s", d->name, d->title,
			  *now ? now : "no driver", *d->driver ? d->driver : "none");
	else
		return false;
	return true;
}

/** revert_say_left() - after a revert that was not whole: which devices, and what is to be done */
void revert_say_left(const struct keeper *k)
{
	bool oopsed = false, mendable = false;

	for (size_t i = 0; i < k->journal.device_count; i++) {
		mendable |= say_device_left(&k->journal.device[i]);
		oopsed |= k->journal.device[i].oopsed;
	}
	if (oopsed && !mendable)
		log_error("only a reboot mends it: until then the device must not be touched");
	else
		log_error("end what holds it, then run `sudo vfio-run recover`; a reboot mends it in "
			  "any case");
}
