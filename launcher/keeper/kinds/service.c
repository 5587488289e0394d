/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * service.c - the kind of change that stops a unit of the service manager's, and starts it again
 *
 * The unit is the one that the plan found behind a name: display-manager.service can be an alias of
 * another unit by the time that it is to come back. A unit that was not running is left alone.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

/* Of two enums: the sum is an int, which compilers compare without a warning. */
_Static_assert(WORK_FD_SCOPE + 0 == KEEPER_FD_SCOPE + 0, "the same where there is no worker");

static int ask(struct keeper *k, const struct change *c, enum work_op op)
{
	struct work work = { .op = op };
	struct work_reply reply;

	if (!k->has_scope)
		return -ENOSYS;
	if (silent_is(k, "systemd"))
		return -ETIME;
	(void)snprintf(work.name, sizeof(work.name), "%s", c->target);
	if (op == WORK_START_UNIT)
		(void)snprintf(work.how, sizeof(work.how), "%s", k->journal.picture);
	return silent_note(k, "systemd", device_work(k, NULL, &work, &reply));
}

static bool is_gone(int rc)
{
	return rc == -ESRCH || rc == -ENOENT;
}

static int start(struct keeper *k, const struct change *c, char before[CHANGE_TEXT_MAX])
{
	int rc = ask(k, c, WORK_START_UNIT);

	(void)snprintf(before, CHANGE_TEXT_MAX, "%s", rc == -EALREADY ? "running" : "");
	return rc == -EALREADY ? 0 : rc;
}

/* One that the service manager does not know any more does not run. */
static int look(struct keeper *k, const struct change *c, char now[CHANGE_TEXT_MAX])
{
	int rc = ask(k, c, WORK_UNIT);

	(void)snprintf(now, CHANGE_TEXT_MAX, "%s", rc ? "" : "running");
	return is_gone(rc) ? 0 : rc;
}

/* A transient one is as it was to be when it has ended: nothing is shown of it on the way back. */
static int service_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	bool temporary = change_is_temporary(c);
	int rc = temporary && k->reverting ? 0 : look(k, c, saved);

	if (!rc && temporary && (k->reverting || *saved))
		(void)snprintf(saved, CHANGE_TEXT_MAX, CHANGE_TEMPORARY);
	return rc;
}

static int service_apply(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc = *c->from ? ask(k, c, WORK_STOP_UNIT) : 0;

	if (is_gone(rc))
		rc = 0;
	if (!rc)
		rc = look(k, c, now);
	return rc ? rc : *now ? -EBUSY : 0;
}

/*
 * Asked for also when it runs: a request of a keeper that was killed may still be on its way, and
 * is answered before this one. To start what runs does nothing. What there was before comes with
 * the answer, and so does that it runs now, or has done what it does: to ask for either is a program
 * each, while the user waits for a picture. A unit that systemd does not know any more may be in the
 * middle of an update: `recover` asks again.
 */
static int service_revert_from(struct keeper *k, const struct change *c, char before[CHANGE_TEXT_MAX])
{
	char now[CHANGE_TEXT_MAX];
	int rc;

	(void)snprintf(before, CHANGE_TEXT_MAX, "%s", c->from);
	if (change_is_temporary(c))
		return 0;
	cards_known_wait(k);
	rc = start(k, c, before);
	if (!rc || look(k, c, now) || !*now)
		return rc;
	if (rc == -EXDEV)
		log_warning("%s: it draws, and not on the card that it drew on before (%s): "
			    "`systemctl restart` it", c->target, k->journal.picture);
	return rc == -ENODATA ? rc : 0;
}

static int service_revert(struct keeper *k, const struct change *c)
{
	char before[CHANGE_TEXT_MAX];

	return service_revert_from(k, c, before);
}

/*
 * Behind a revert only, which has seen it run, or end with success. One that was not running, and
 * was started meanwhile, is whose who started it.
 */
static bool service_still_ok(struct keeper *k, const struct change *c)
{
	(void)k;
	(void)c;
	return true;
}

static const struct change_trouble troubles[] = {
	{ ENOENT, "systemd has no unit of that name any more: `systemctl status` it" },
	{ ESRCH, "it has stopped by itself: `systemctl status` it, `systemctl start` it" },
	{ EIO, "its job has failed: `systemctl status` it" },
	{ EBUSY, "it runs again at once: something else starts it, see `systemctl status`" },
	{ EACCES, "systemd refuses it: `systemctl status` it" },
	{ EPERM, "systemd refuses it: `systemctl status` it" },
	{ EINVAL, "systemd refuses it: RefuseManualStop= or RefuseManualStart= of its unit" },
	{ ERFKILL, "it is masked: `systemctl unmask` it, then `sudo vfio-run recover`" },
	{ ESHUTDOWN, "it is masked: `systemctl unmask` it, then `sudo vfio-run recover`" },
	{ ENOEXEC, "its unit file is wrong: see `systemctl status`, then `sudo vfio-run recover`" },
	{ EDEADLK, "another job of systemd's is in its way: `systemctl list-jobs`" },
	{ ECANCELED, "the host shuts down" },
	{ ETIMEDOUT, "its job is not done in time: `systemctl list-jobs`" },
	{ ETIME, "systemd does not answer: see `systemctl status`, then `sudo vfio-run recover`" },
	{ ENODATA,
	  "it runs, and shows nothing: no program draws on a screen. `systemctl restart` it, then "
	  "`sudo vfio-run recover`" },
	{ ENOSYS, "there is no systemd to ask: `sudo vfio-run recover` from a terminal" },
	{ ECONNREFUSED, "D-Bus does not answer: start that unit by hand" },
	{ 0 },
};

const struct change_ops change_service = {
	.save = service_save,
	.apply = service_apply,
	.revert = service_revert,
	.revert_from = service_revert_from,
	.still_ok = service_still_ok,
	.troubles = troubles,
};
