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

#define SOME_TRIES 20 /* half a second each: who holds a device lets go, or does not */

/* What a change that is put back shows: from what is there to what was found. */
static void report_reverted(const struct change *c, const char *before, int rc)
{
	struct change back = *c;

	memcpy(back.from, before, sizeof(back.from));
	memcpy(back.to, c->from, sizeof(back.to));
	report_change(&back, rc, rc ? change_trouble(c->kind, rc) : "");
}

/*
 * What is only to be started again, and cannot be, is told once. It may stand in no other VM's way
 * for ever: `recover` tries it again, and so does the next start, which then goes on without it.
 */
static bool is_back(struct keeper *k, const struct change *c, int rc)
{
	if (!rc || !change_grammar(c->kind)->when_built)
		return !rc;
	if (shared_lets_go(k, c)) {
		log_warning("%s: could not be started again, and is left to you", c->target);
		return true;
	}
	journal_give_up(&k->journal, c);
	return false;
}

static bool revert_shared(struct keeper *k, const struct change *c)
{
	int rc = shared_release(k, c);

	if (rc)
		log_error("%s: is not as it was: %s", c->target, change_trouble(c->kind, rc));
	return is_back(k, c, rc);
}

/* Reverts one change and reports the result; silent when it was back already. */
static bool revert_own(struct keeper *k, const struct change *c)
{
	char before[CHANGE_TEXT_MAX], after[CHANGE_TEXT_MAX];
	int rc;

	change_look(k, c, before);
	rc = change_revert(k, c);
	change_look(k, c, after);
	if (rc || strcmp(before, after))
		report_reverted(c, before, rc);
	return is_back(k, c, rc);
}

static bool revert_one(struct keeper *k, const struct change *c)
{
	const char *why = "";

	if (change_is_shared(c->kind))
		return revert_shared(k, c);
	if (!change_has_way_back(c))
		return true;
	switch (change_reach(k, c, &why)) {
	case REACH_GONE:
		return true;
	case REACH_HELD:
		return false; /* for now: see revert_all() */
	case REACH_LOST:
		report_left_out(c, why);
		return false;
	case REACH_FREE:
	case REACH_UNKNOWN:
		break;
	}
	return revert_own(k, c);
}

/* Those of the kind of the change @first, which is the last of them that was put back. */
static bool settle(struct keeper *k, size_t first)
{
	const struct change *list = k->journal.change;
	bool all = true;

	for (size_t i = first; i < k->journal.change_count && list[i].kind == list[first].kind; i++) {
		int rc = change_settle(k, &list[i]);

		if (rc)
			report_reverted(&list[i], list[i].to, rc);
		all &= !rc;
	}
	return all;
}

/* Which rows: what is started again, so that it comes after the devices, or all else. */
enum rows { ROWS_SESSION = 1, ROWS_ELSE = 2, ROWS_ALL = 3 };

static enum rows rows_of(const struct change *c)
{
	return change_grammar(c->kind)->when_built ? ROWS_SESSION : ROWS_ELSE;
}

static bool revert_pass(struct keeper *k, enum rows rows)
{
	const struct change *list = k->journal.change;
	bool all = true;

	k->cards_known = false; /* some may have come back since */
	k->lock_in_vain = false; /* likewise, who has it may be done */
	for (size_t i = k->journal.change_count; i-- > 0;) {
		if (!(rows_of(&list[i]) & rows))
			continue;
		all &= revert_one(k, &list[i]);
		if (!i || list[i - 1].kind != list[i].kind)
			all &= settle(k, i);
	}
	return all;
}

static void report_held(struct keeper *k)
{
	const char *why;

	for (size_t i = k->journal.change_count; i-- > 0;) {
		const struct change *c = &k->journal.change[i];

		if (change_has_way_back(c) && change_reach(k, c, &why) == REACH_HELD)
			report_left_out(c, "a process has this device open");
	}
}

static bool has_session(const struct keeper *k)
{
	for (size_t i = 0; i < k->journal.change_count; i++)
		if (rows_of(&k->journal.change[i]) == ROWS_SESSION)
			return true;
	return false;
}

static bool is_patient(const struct keeper *k)
{
	return k->plan->job == KEEPER_RUN && !k->interrupted;
}

/*
 * Some device is held. What is started again may need it, and is not started twice: a display manager
 * that finds no card gives up, or runs in the dark. So it comes last, when the device is back. It is
 * waited for without a limit when it has the only screen: nobody can miss anything but that. Else for
 * a moment.
 */
static bool revert_around_holders(struct keeper *k)
{
	bool all = revert_pass(k, ROWS_ELSE), session, came;

	came = release_wait(k, SOME_TRIES, false);
	if (release_is_held(k, true) && is_patient(k) && !device_has_screen())
		came |= release_wait(k, RELEASE_FOR_EVER, true);
	if (came)
		all = revert_pass(k, ROWS_ELSE);
	session = revert_pass(k, ROWS_SESSION);
	if (release_is_held(k, false) && is_patient(k) && release_wait(k, RELEASE_FOR_EVER, true))
		all = revert_pass(k, ROWS_ELSE);
	return session && all;
}

static bool revert_rows(struct keeper *k)
{
	int tries = k->plan->job == KEEPER_RUN ? RELEASE_FOR_EVER : SOME_TRIES;
	bool all;

	release_look(k);
	if (release_is_held(k, false) && has_session(k))
		return revert_around_holders(k);
	all = revert_pass(k, ROWS_ALL);
	return release_wait(k, tries, false) ? revert_pass(k, ROWS_ALL) : all;
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

/* Was anything overtaken? Silent when all is as found; the second pass reports what it restores. */
static bool check_again(struct keeper *k)
{
	const char *why;

	for (size_t i = 0; i < k->journal.change_count; i++) {
		const struct change *c = &k->journal.change[i];

		if (!change_is_shared(c->kind) && change_has_way_back(c) &&
		    change_reach(k, c, &why) == REACH_FREE && !change_still_ok(k, c))
			return false;
	}
	return true;
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

	if (!k->reverting)
		k->silent_count = 0; /* once more, though the way there has ended by it */
	k->reverting = true;
	all = revert_rows(k);
	report_held(k);
	if (some_came_back(k) || (all && !check_again(k)))
		all = revert_pass(k, ROWS_ALL) && check_again(k);
	return shared_leave(k) && all;
}

/**
 * revert_show() - report what revert_all() would put back, as the journal has it; touches nothing
 */
void revert_show(const struct keeper *k)
{
	for (size_t i = k->journal.change_count; i-- > 0;) {
		const struct change *c = &k->journal.change[i];

		if (change_is_shared(c->kind) || change_has_way_back(c))
			report_reverted(c, c->to, 0);
	}
}

/* Return: something is left that could be mended without a reboot */
static bool say_device_left(const struct journal_device *d)
{
	char now[CHANGE_TEXT_MAX];

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
	bool oopsed = false, mendable = false, given_up = false;

	for (size_t i = 0; i < k->journal.change_count; i++)
		given_up |= k->journal.given_up[i] != JOURNAL_NOT;
	if (given_up)
		log_error("what could not be started again keeps no other VM from its start: the next "
			  "one tries once more, and goes on without it");
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
