/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * user-service.c - the kind of change that stops a unit of a user's own service manager, and starts
 * it again
 *
 * Asked by a program that is that user: no process of root's speaks with what is a user's. Where
 * the user has logged out meanwhile there is no such manager any more, and nothing to start again.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

static int ask(struct keeper *k, const struct change *c, const char *word)
{
	const char *unit;
	uint32_t uid;
	char who[24];

	if (!change_user_unit_parse(c->target, &uid, &unit))
		return -EINVAL;
	(void)snprintf(who, sizeof(who), "user %" PRIu32, uid);
	return silent_is(k, who) ? -ETIME : silent_note(k, who, kept_user_unit(k, uid, word, unit));
}

static bool is_gone(int rc)
{
	return rc == -ESRCH || rc == -ENOENT || rc == -ECONNREFUSED;
}

static int look(struct keeper *k, const struct change *c, char now[CHANGE_TEXT_MAX])
{
	int rc = ask(k, c, "state");

	(void)snprintf(now, CHANGE_TEXT_MAX, "%s", rc ? "" : "running");
	return is_gone(rc) ? 0 : rc;
}

/* As in service.c. */
static int user_service_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	bool temporary = change_is_temporary(c);
	int rc = temporary && k->reverting ? 0 : look(k, c, saved);

	if (!rc && temporary && (k->reverting || *saved))
		(void)snprintf(saved, CHANGE_TEXT_MAX, CHANGE_TEMPORARY);
	return rc;
}

static int user_service_apply(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc = *c->from ? ask(k, c, "stop") : 0;

	if (is_gone(rc))
		rc = 0;
	if (!rc)
		rc = look(k, c, now);
	return rc ? rc : *now ? -EBUSY : 0;
}

/* Asked for also when it runs, as in service.c. */
static int user_service_revert(struct keeper *k, const struct change *c)
{
	int rc;

	if (change_is_temporary(c))
		return 0;
	cards_known_wait(k);
	rc = ask(k, c, "start");
	if (rc == -ECONNREFUSED)
		log_notice("%s: the user has logged out: it starts with the next login", c->target);
	return rc == -ECONNREFUSED || rc == -EALREADY ? 0 : rc;
}

/* As in service.c. */
static bool user_service_still_ok(struct keeper *k, const struct change *c)
{
	(void)k;
	(void)c;
	return true;
}

static const struct change_trouble troubles[] = {
	{ ENOENT,
	  "the user's service manager has no unit of that name any more: `systemctl --user status` it" },
	{ ESRCH,
	  "it has stopped by itself: `systemctl --user status` it, `systemctl --user start` it" },
	{ EIO, "its job has failed: `systemctl --user status` it" },
	{ EBUSY, "it runs again at once: something else starts it, see `systemctl --user status`" },
	{ ETIME, "the user's service manager does not answer: `systemctl --user start` it" },
	{ ETIMEDOUT, "its job is not done in time: `systemctl --user list-jobs`" },
	{ EINVAL, "it is refused: RefuseManualStop= or RefuseManualStart= of its unit" },
	{ ERFKILL, "it is masked: `systemctl --user unmask` it, then start it" },
	{ ESHUTDOWN, "it is masked: `systemctl --user unmask` it, then start it" },
	{ ENOEXEC, "its unit file is wrong: see `systemctl --user status`" },
	{ EDEADLK, "another job is in its way: `systemctl --user list-jobs`" },
	{ ECANCELED, "the user's service manager ends" },
	{ ENOSYS, "there is no systemd to ask: `systemctl --user start` it" },
	{ EPIPE, "what would ask was killed: `sudo vfio-run recover`" },
	{ 0 },
};

const struct change_ops change_user_service = {
	.save = user_service_save,
	.apply = user_service_apply,
	.revert = user_service_revert,
	.still_ok = user_service_still_ok,
	.troubles = troubles,
};
