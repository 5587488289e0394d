/* SPDX-License-Identifier: GPL-2.0-or-later */
/* apply.c - the plan's changes, one after the other: save, write down, make, read back */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/ledger/shared.h"

static int apply_one(struct keeper *k, struct change *c)
{
	char now[CHANGE_TEXT_MAX] = "";
	int rc;

	if (change_is_shared(c->kind)) { /* a value set by another VM is no error */
		rc = standby_ensure(k);
		return rc ? rc : shared_take(k, c);
	}
	rc = change_save(k, c, now);
	if (!rc && strcmp(now, c->from))
		rc = -ESTALE; /* it was changed since the plan was made */
	if (!rc)
		rc = standby_ensure(k); /* or a kill of this process would leave the change */
	if (!rc)
		rc = journal_add_change(&k->journal, c);
	return rc ? rc : change_apply(k, c);
}

/**
 * apply_plan() - make all changes of the plan
 *
 * Stops at the first that fails, or when the user asks for the end. What was begun is
 * in the journal; the caller reverts.
 *
 * Return: 0; -EINTR interrupted; -errno of the change that failed, which was reported
 */
int apply_plan(struct keeper *k)
{
	for (uint32_t i = 0; i < k->plan->change_count; i++) {
		struct change c = k->plan->change[i];
		int rc;

		if (keeper_was_interrupted(k))
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
