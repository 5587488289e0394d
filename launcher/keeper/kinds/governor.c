/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * governor.c - the kind of change that sets how the clock of CPUs is chosen
 *
 * A row a cpufreq policy, which is the CPUs that share a clock. A policy that is gone, its CPUs
 * being offline, has nothing to be put back. Source: Documentation/admin-guide/pm/cpufreq.rst
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/kinds/kind.h"

static int look(struct keeper *k, const struct change *c, char now[CHANGE_TEXT_MAX])
{
	struct work work = { .op = WORK_GOVERNOR };
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%s", c->target);
	rc = device_work(k, NULL, &work, &reply);
	(void)snprintf(now, CHANGE_TEXT_MAX, "%s", rc ? "" : reply.value);
	return rc;
}

static int set(struct keeper *k, const struct change *c, const char *to)
{
	struct work work = { .op = WORK_SET_GOVERNOR };
	char now[CHANGE_TEXT_MAX];
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%.31s %.63s", c->target, to);
	rc = device_work(k, NULL, &work, &reply);
	if (!rc)
		rc = look(k, c, now);
	return rc ? rc : strcmp(now, to) ? -EIO : 0;
}

static int governor_apply(struct keeper *k, const struct change *c)
{
	return !strcmp(c->from, c->to) ? 0 : set(k, c, c->to);
}

static int governor_revert(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc = look(k, c, now);

	if (rc == -ENOENT)
		return 0;
	return rc || !strcmp(now, c->from) ? rc : set(k, c, c->from);
}

static bool governor_still_ok(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc = look(k, c, now);

	return rc == -ENOENT || (!rc && !strcmp(now, c->from));
}

static const struct change_trouble troubles[] = {
	{ ENOENT, "these CPUs have no cpufreq policy any more: leave `governor` out" },
	{ EINVAL,
	  "there is no such governor: see scaling_available_governors, or load its module" },
	{ EIO, "another program sets it: end it (power-profiles-daemon, tuned, auto-cpufreq)" },
	{ 0 },
};

const struct change_ops change_governor = {
	.save = look,
	.apply = governor_apply,
	.revert = governor_revert,
	.still_ok = governor_still_ok,
	.troubles = troubles,
};
