/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shared.c - changes that several VMs need: the first makes them, the last one undoes them
 *
 * They stand in one journal of the host, under one lock, with the VMs that use them. What
 * the first one found is what the last one puts back, in whatever order they begin and end.
 *
 *	enroll	before its first change a keeper writes its name down: from then on there is
 *		room in the file, and it is not taken away
 *	take	found already: the name is added. Else what is there is saved and written down,
 *		with the name, and only then changed
 *	release	the name is taken away; the last one first puts back what was found, and then
 *		takes change and name away. Of a sum each one takes away its own part
 *
 * So a death anywhere in between leaves a journal that records too much, never too little, and
 * putting back compares first. A dead VM stays a user for as long as its own journal is
 * there: the process that reverts that (standby, recover, the next run) releases for it, by its
 * name. One that has lost even its journal is dropped by the next keeper that takes the lock.
 *
 * The lock is the innermost: taken last, after groups and journal, with nothing waited for
 * but operations that have a deadline.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/ledger/shared.h"
#include "launcher/keeper/process/hooks.h"

/*
 * What is done under it: to look, to put back, to look again, which is one long operation among short
 * ones, or as many questions to a user's service manager, where each waits for one that was begun before.
 */
#define LOCK_S (2 * DEVICE_LONGEST_S)
#define ASKED_S (2 * HOOKS_KEPT_LIMIT_S + 5)
_Static_assert(LOCK_S >= 3 * ASKED_S + HOOKS_KEPT_LIMIT_S, "the other one may be at work still");
#define LOCK_BEFORE_S 200 /* while nothing is changed yet: it can be tried again */
#define RETRY_MS 50    /* no event reports that a lock is free */

/* The host journal, open and locked. */
struct host {
	int fd;
	struct shared shared;
};

/* Too large for a stack; one keeper does one thing at a time. */
static struct host host;

static bool bit(uint64_t uses, size_t place)
{
	return uses >> place & 1;
}

static bool has_users(const struct shared *s, size_t place)
{
	for (size_t i = 0; i < s->user_count; i++)
		if (bit(s->user[i].uses, place))
			return true;
	return false;
}

static struct shared_user *find_user(struct shared *s, const char *name)
{
	for (size_t i = 0; i < s->user_count; i++)
		if (!strcmp(s->user[i].name, name))
			return &s->user[i];
	return NULL;
}

static void drop_user(struct shared *s, struct shared_user *u)
{
	*u = s->user[--s->user_count];
}

static bool is_sum(const struct shared *s, size_t place)
{
	const struct change_grammar *g = change_grammar(s->change[place].kind);

	return g && g->combine == CHANGE_SUM;
}

static void report_reverted(const struct change *c, const char *before, const char *after, int rc)
{
	struct change back = *c;

	(void)snprintf(back.from, sizeof(back.from), "%s", before);
	(void)snprintf(back.to, sizeof(back.to), "%s", after);
	report_change(&back, rc, rc ? change_trouble(c->kind, rc) : "");
}

/*
 * Takes away what one user has added to a sum. What is to be left is what the first one found
 * and what the others have added, so it does no harm when it was never added, or is taken
 * away already.
 */
static int revert_part(struct keeper *k, struct shared *s, struct shared_user *u, size_t place)
{
	uint64_t rest = strtoull(s->change[place].from, NULL, 10);
	struct change c = s->change[place];
	int rc;

	for (size_t i = 0; i < s->user_count; i++)
		if (&s->user[i] != u && bit(s->user[i].uses, place))
			rest += s->user[i].part[place];
	(void)snprintf(c.from, sizeof(c.from), "%" PRIu64, rest);
	(void)snprintf(c.to, sizeof(c.to), "%" PRIu64, u->part[place]);
	rc = change_revert(k, &c);
	if (rc) {
		report_change(&c, rc, change_trouble(c.kind, rc));
		return rc;
	}
	u->uses &= ~(UINT64_C(1) << place);
	u->part[place] = 0;
	if (!has_users(s, place))
		s->change[place].kind = CHANGE_MAX;
	return 0;
}

/* Return: true when nothing that this user has added to any sum is left */
static bool revert_parts(struct keeper *k, struct shared *s, struct shared_user *u)
{
	bool all = true;

	for (size_t place = 0; place < SHARED_CHANGES_MAX; place++)
		if (bit(u->uses, place) && is_sum(s, place))
			all &= revert_part(k, s, u, place) == 0;
	return all;
}

static bool has_journal(const struct keeper *k, const char *name)
{
	char file[STATE_NAME_MAX + 16];

	(void)snprintf(file, sizeof(file), "%s.journal", name);
	return faccessat(k->state.state_fd, file, F_OK, 0) == 0 || errno != ENOENT;
}

/* A dead user without a journal is released here: no other process will do it. */
static void drop_the_lost(struct keeper *k, struct shared *s)
{
	for (size_t i = s->user_count; i-- > 0;)
		if (known_by_proc(&s->user[i].keeper) == PROCESS_ENDED && !has_journal(k, s->user[i].name)) {
			log_verbose("%s: is gone with its journal: needs no shared change any more",
				    s->user[i].name);
			if (revert_parts(k, s, &s->user[i]))
				drop_user(s, &s->user[i]);
		}
}

/* Waited for in vain, it is not waited for once more in the same pass, but tried. */
static int lock_host(struct keeper *k, int *fd)
{
	int limit_ms = k->lock_in_vain ? 0 : 1000 * (k->reverting ? LOCK_S : LOCK_BEFORE_S);
	int rc = state_lock(&k->state, SHARED_FILE, fd);

	for (int waited = 0; rc == -EWOULDBLOCK && waited < limit_ms; waited += RETRY_MS) {
		if (waited == RETRY_MS * 40)
			log_notice("waiting for another vfio-run that changes what VMs share");
		(void)poll(NULL, 0, RETRY_MS);
		rc = state_lock(&k->state, SHARED_FILE, fd);
	}
	k->lock_in_vain = rc == -EWOULDBLOCK;
	return rc == -EWOULDBLOCK ? -ENOLCK : rc; /* -EWOULDBLOCK is reported as a VM that runs */
}

/* Return: 0; -EBADMSG it is damaged, and open nevertheless; other -errno, and it is not */
static int open_host(struct keeper *k, struct host *h)
{
	int rc = lock_host(k, &h->fd);

	if (rc)
		return rc;
	rc = shared_read(&h->shared, h->fd);
	if (!rc)
		drop_the_lost(k, &h->shared);
	else if (rc != -EBADMSG)
		(void)close(h->fd);
	return rc;
}

/* No user needs a change that is not there any more: its place may be another one's next. */
static void forget_free_places(struct shared *s)
{
	uint64_t taken = 0;

	for (size_t i = 0; i < SHARED_CHANGES_MAX; i++)
		if (s->change[i].kind != CHANGE_MAX)
			taken |= UINT64_C(1) << i;
	for (size_t i = 0; i < s->user_count; i++)
		s->user[i].uses &= taken;
}

static bool is_empty(const struct shared *s)
{
	for (size_t i = 0; i < SHARED_CHANGES_MAX; i++)
		if (s->change[i].kind != CHANGE_MAX)
			return false;
	return s->user_count == 0;
}

/* Writes it down, or takes the file away when there is nothing to write; lets go of the lock. */
static int close_host(const struct keeper *k, struct host *h)
{
	int rc = 0;

	forget_free_places(&h->shared);
	if (is_empty(&h->shared)) {
		state_unlock(&k->state, SHARED_FILE, &h->fd);
	} else {
		rc = shared_write(&h->shared, h->fd);
		(void)close(h->fd);
	}
	return rc;
}

static int enroll(struct keeper *k, struct shared *s, struct shared_user **out)
{
	struct shared_user *u = find_user(s, k->journal.name);

	if (!u && s->user_count == SHARED_USERS_MAX)
		return -E2BIG;
	if (!u) {
		u = &s->user[s->user_count++];
		*u = (struct shared_user){ .uses = 0 };
		(void)snprintf(u->name, sizeof(u->name), "%s", k->journal.name);
	}
	u->keeper = k->journal.keeper;
	*out = u;
	return 0;
}

/**
 * shared_enroll() - before a plan's first change: room for its shared ones, where it has any
 *
 * Return: 0; -EBADMSG the host journal is damaged; other -errno
 */
int shared_enroll(struct keeper *k)
{
	struct shared_user *u;
	bool any = false;
	int rc;

	for (uint32_t i = 0; i < k->plan->change_count; i++)
		any |= change_is_shared(k->plan->change[i].kind);
	if (!any)
		return 0;
	rc = open_host(k, &host);
	if (rc == -EBADMSG)
		(void)close(host.fd);
	if (rc)
		return rc;
	rc = enroll(k, &host.shared, &u);
	if (!rc)
		return close_host(k, &host);
	(void)close(host.fd);
	return rc;
}

/* ---- take ------------------------------------------------------------------------------- */

static size_t find_change(const struct shared *s, const struct change *c)
{
	for (size_t i = 0; i < SHARED_CHANGES_MAX; i++)
		if (s->change[i].kind == c->kind && !strcmp(s->change[i].target, c->target))
			return i;
	return SHARED_CHANGES_MAX;
}

/* Has a VM what this one cannot have beside it? */
static bool is_apart(const struct shared *s, const struct change *c)
{
	const struct change_grammar *g = change_grammar(c->kind);

	for (size_t i = 0; g && g->apart && i < SHARED_CHANGES_MAX; i++)
		if (s->change[i].kind == c->kind && g->apart(s->change[i].target, c->target))
			return true;
	return false;
}

/* Where it stands, or is to stand; saved is what the first one found. */
static int find_place(struct keeper *k, struct shared *s, struct change *c, size_t *place)
{
	int rc;

	if (is_apart(s, c))
		return -EADDRINUSE;
	*place = find_change(s, c);
	if (*place < SHARED_CHANGES_MAX) {
		if (!is_sum(s, *place) && strcmp(s->change[*place].to, c->to))
			return -EADDRINUSE;
		(void)snprintf(c->from, sizeof(c->from), "%s", s->change[*place].from);
		return 0;
	}
	for (*place = 0; *place < SHARED_CHANGES_MAX; ++*place)
		if (s->change[*place].kind == CHANGE_MAX)
			break;
	if (*place == SHARED_CHANGES_MAX)
		return -E2BIG;
	rc = change_save(k, c, c->from);
	if (!rc)
		rc = change_amount(k, c);
	if (!rc)
		s->change[*place] = *c;
	return rc;
}

/**
 * shared_take() - make a change that others may need too, or use the one that they have made
 * @c:		its from becomes what the first of them found
 *
 * It stands in both journals before it is made.
 *
 * Return: 0; -EADDRINUSE another VM needs it to be something else; -EBADMSG the host journal
 *	   is damaged; other -errno. Whatever it is, shared_release() puts it right.
 */
int shared_take(struct keeper *k, struct change *c)
{
	struct shared_user *u;
	size_t place;
	int rc = open_host(k, &host);

	if (rc == -EBADMSG)
		(void)close(host.fd);
	if (rc)
		return rc;
	rc = find_place(k, &host.shared, c, &place);
	if (!rc)
		rc = enroll(k, &host.shared, &u);
	if (!rc)
		rc = journal_add_change(&k->journal, c);
	if (!rc) {
		u->uses |= UINT64_C(1) << place;
		if (is_sum(&host.shared, place))
			u->part[place] = strtoull(c->to, NULL, 10);
		rc = shared_write(&host.shared, host.fd);
	}
	if (!rc)
		rc = change_apply(k, c);
	(void)close(host.fd);
	return rc;
}

/* ---- release ---------------------------------------------------------------------------- */

static int revert_place(struct keeper *k, struct shared *s, size_t place)
{
	struct change *c = &s->change[place];
	char before[CHANGE_TEXT_MAX];
	int rc = change_revert_from(k, c, before);

	if (rc || strcmp(before, c->from))
		report_reverted(c, before, c->from, rc);
	if (!rc)
		c->kind = CHANGE_MAX;
	return rc;
}

/* Is it only to be started again? Then its failure keeps no VM from its start. */
static bool is_started_again(uint32_t kind)
{
	return change_grammar(kind) && change_grammar(kind)->when_built;
}

/**
 * shared_lets_go() - is this the start that goes on without what an earlier job has given up?
 * @c:		of the own journal, and could not be put back now either
 */
bool shared_lets_go(const struct keeper *k, const struct change *c)
{
	return is_started_again(c->kind) && k->plan->flags & KEEPER_BEFORE_START &&
	       journal_was_given_up(&k->journal, c);
}

static int count_other(void *context, const char *name)
{
	struct keeper *k = context;

	return strcmp(name, k->journal.name) ? -EBUSY : 0;
}

/*
 * The other users cannot be read. The initial value stands in the own journal, too: without any
 * other VM it is put back; with one, the other VM puts it back.
 */
static int release_by_own_journal(struct keeper *k, const struct change *c)
{
	int rc = state_each_journal(&k->state, count_other, k);

	if (rc) {
		log_warning("the host journal is damaged: %s stays as it is for the other VMs",
			    c->target);
		(void)close(host.fd);
		return 0;
	}
	rc = change_revert(k, c);
	if (rc)
		(void)close(host.fd);
	else
		state_unlock(&k->state, SHARED_FILE, &host.fd);
	return rc;
}

/**
 * shared_release() - this VM does not need a change any more; the last one undoes it
 * @c:		of its own journal
 *
 * Doing it twice is doing it once.
 *
 * Return: 0; -errno of the change's revert, or of the host journal
 */
int shared_release(struct keeper *k, const struct change *c)
{
	struct shared_user *u;
	size_t place;
	int rc;

	if (faccessat(k->state.state_fd, SHARED_FILE, F_OK, 0) < 0 && errno == ENOENT)
		return 0;
	rc = open_host(k, &host);
	if (rc == -EBADMSG)
		return release_by_own_journal(k, c);
	if (rc)
		return rc;
	place = find_change(&host.shared, c);
	u = find_user(&host.shared, k->journal.name);
	if (place == SHARED_CHANGES_MAX || !u || !bit(u->uses, place)) {
		(void)close(host.fd);
		return 0;
	}
	if (is_sum(&host.shared, place)) {
		rc = revert_part(k, &host.shared, u, place);
		if (!rc)
			return close_host(k, &host);
		(void)close(host.fd);
		return rc;
	}
	u->uses &= ~(UINT64_C(1) << place);
	if (has_users(&host.shared, place))
		log_verbose("%s: stays as it is: another VM needs it, too", c->target);
	else
		rc = revert_place(k, &host.shared, place);
	if (rc && shared_lets_go(k, c)) {
		host.shared.change[place].kind = CHANGE_MAX;
		(void)!close_host(k, &host);
		return rc;
	}
	if (!rc)
		return close_host(k, &host);
	(void)close(host.fd);
	return rc;
}

/* By its own journal it was tried a moment ago: once more would cost its time again. */
static bool was_tried(const struct keeper *k, const struct change *c)
{
	return is_started_again(c->kind) &&
	       journal_find_change(&k->journal, c->kind, c->target) < k->journal.change_count;
}

/* In no journal that anybody still has: that it failed is told once. */
static void drop_the_failed(struct shared *s, size_t place, uint64_t own)
{
	if (is_started_again(s->change[place].kind) && !bit(own, place))
		s->change[place].kind = CHANGE_MAX;
}

/*
 * Undoes all changes without a user. @own: what the own user needed until now, by place
 *
 * Return: true when that is done
 */
static bool revert_orphans(struct keeper *k, struct shared *s, uint64_t own)
{
	bool all = true;

	for (size_t i = 0; i < SHARED_CHANGES_MAX; i++)
		if (s->change[i].kind == CHANGE_MAX || has_users(s, i))
			continue;
		else if (is_sum(s, i))
			s->change[i].kind = CHANGE_MAX; /* each part went with its user */
		else if (bit(own, i) && was_tried(k, &s->change[i]))
			all = false;
		else if (revert_place(k, s, i)) {
			all = false;
			drop_the_failed(s, i, own);
		}
	return all;
}

/**
 * shared_sweep() - undo all changes without a user
 *
 * Return: true when nothing of that kind is left
 */
bool shared_sweep(struct keeper *k)
{
	bool all;
	int rc;

	if (faccessat(k->state.state_fd, SHARED_FILE, F_OK, 0) < 0 && errno == ENOENT)
		return true;
	rc = open_host(k, &host);
	if (rc == -EBADMSG)
		(void)close(host.fd);
	if (rc) {
		log_error("the host journal (" STATE_DIR "/state/" SHARED_FILE ") cannot be read: %s",
			  strerror(-rc));
		return false;
	}
	all = revert_orphans(k, &host.shared, 0);
	return close_host(k, &host) == 0 && all;
}

/**
 * shared_leave() - the end of a VM: it uses no shared change any more
 *
 * Also those that its own journal does not name any more, because it is damaged.
 *
 * Return: true when nothing is left that was its to undo
 */
bool shared_leave(struct keeper *k)
{
	struct shared_user *u;
	uint64_t uses;
	bool all;
	int rc;

	if (faccessat(k->state.state_fd, SHARED_FILE, F_OK, 0) < 0 && errno == ENOENT)
		return true;
	rc = open_host(k, &host);
	if (rc == -EBADMSG) { /* its changes were released as far as its own journal names them */
		(void)close(host.fd);
		return true;
	}
	if (rc)
		return false;
	u = find_user(&host.shared, k->journal.name);
	all = !u || revert_parts(k, &host.shared, u);
	uses = u ? u->uses : 0;
	if (u)
		u->uses = 0;
	all &= revert_orphans(k, &host.shared, uses);
	if (u && all)
		drop_user(&host.shared, u);
	else if (u)
		u->uses = uses; /* until it can be undone */
	return close_host(k, &host) == 0 && all;
}
