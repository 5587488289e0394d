/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply.c - the plan's changes, one after the other: save, write down, make, read back */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/ledger/shared.h"

/* A value set by another VM is no error. With what comes with it its groups come, which are locked now. */
static int apply_shared(struct keeper *k, struct change *c)
{
	size_t groups = k->group_count;
	int rc = standby_ensure(k);

	if (!rc)
		rc = shared_take(k, c);
	if (!rc)
		rc = change_follow(k, c);
	if (!rc && k->group_count != groups)
		rc = standby_share(k);
	return rc;
}

static int apply_one(struct keeper *k, struct change *c)
{
	char now[CHANGE_TEXT_MAX] = "";
	int rc;

	if (change_is_shared(c->kind))
		return apply_shared(k, c);
	rc = change_save(k, c, now);
	if (!rc && strcmp(now, c->from))
		rc = -ESTALE; /* it was changed since the plan was made */
	if (!rc)
		rc = standby_ensure(k); /* or a kill of this process would leave the change */
	if (!rc)
		rc = journal_add_change(&k->journal, c);
	return rc ? rc : change_apply(k, c);
}

static uint32_t count_rows(const struct keeper *k, uint32_t n, bool when_built)
{
	const struct change_grammar *g;

	for (; n < k->plan->change_count; n++) {
		g = change_grammar(k->plan->change[n].kind);
		if (g->subject != CHANGE_OF_HOST || g->when_built != when_built)
			break;
	}
	return n;
}

/** apply_host_rows() - how many rows the plan begins with that QEMU needs, and that are of no device */
uint32_t apply_host_rows(const struct keeper *k)
{
	return count_rows(k, 0, false);
}

/** apply_session_rows() - the number behind the rows that follow these, and are still of no device */
uint32_t apply_session_rows(const struct keeper *k)
{
	return count_rows(k, apply_host_rows(k), true);
}

/**
 * apply_rows() - make changes of the plan
 * @first:	number of the first
 * @end:	number behind the last
 * @go_on:	asked before each; what it sees in @context may end it
 *
 * Stops at the first that fails, or when it is told to. What was begun is
 * in the journal; the caller reverts.
 *
 * Return: 0; -EINTR told to stop; -errno of the change that failed, which was reported
 */
int apply_rows(struct keeper *k, uint32_t first, uint32_t end, apply_go_on_fn go_on, void *context)
{
	for (uint32_t i = first; i < end; i++) {
		struct change c = k->plan->change[i];
		int rc;

		if (!go_on(context))
			return -EINTR;
		rc = apply_one(k, &c);
		report_change(&c, rc,
			    rc == -ESTALE ? "another program has changed it just now: try again" :
			    rc		  ? change_trouble(c.kind, rc) :
					    "");
		if (rc)
			return rc;
	}
	return 0;
}

static bool is_not_interrupted(void *context)
{
	return !keeper_was_interrupted(context);
}

/** apply_plan() - make all changes of the plan, until the user asks for the end; as apply_rows() */
int apply_plan(struct keeper *k)
{
	return apply_rows(k, 0, k->plan->change_count, is_not_interrupted, k);
}
