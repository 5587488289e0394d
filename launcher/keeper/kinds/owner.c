/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * owner.c - the kind of change that gives the node of a device's group to a user
 *
 * For programs of that user's own. The node goes with the last device of the group that leaves VFIO,
 * so there is often nothing left to be put back.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/kinds/kind.h"

static int look(struct keeper *k, const struct change *c, char now[CHANGE_TEXT_MAX])
{
	const struct journal_device *d = journal_device(&k->journal, c->target);
	struct work work = { .op = WORK_OWNER, .group = d->group };
	struct work_reply reply;
	int rc = device_work(k, NULL, &work, &reply);

	(void)snprintf(now, CHANGE_TEXT_MAX, "%s", rc ? "" : reply.value);
	return rc;
}

static int set(struct keeper *k, const struct change *c, const char *uid)
{
	const struct journal_device *d = journal_device(&k->journal, c->target);
	struct work work = { .op = WORK_SET_OWNER, .group = d->group };
	char now[CHANGE_TEXT_MAX];
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%s", uid);
	rc = device_work(k, NULL, &work, &reply);
	if (!rc)
		rc = look(k, c, now);
	return rc ? rc : strcmp(now, uid) ? -EIO : 0;
}

static int owner_apply(struct keeper *k, const struct change *c)
{
	return set(k, c, c->to);
}

static bool is_there(struct keeper *k, const struct change *c)
{
	return device_has_group(journal_device(&k->journal, c->target)->group);
}

static int owner_revert(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc = is_there(k, c) ? look(k, c, now) : -ENOENT;

	if (rc == -ENOENT)
		return 0;
	return rc || !strcmp(now, c->from) ? rc : set(k, c, c->from);
}

static bool owner_still_ok(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];

	return !is_there(k, c) || (look(k, c, now) == 0 && !strcmp(now, c->from));
}

static const struct change_trouble troubles[] = {
	{ EAGAIN, "udev does not come to an end: `udevadm settle`, then try again" },
	{ ENOENT, "there is no such node: was the device taken from vfio-pci?" },
	{ EIO, "another program gives it to another user at once: a udev rule?" },
	{ 0 },
};

const struct change_ops change_owner = {
	.save = look,
	.apply = owner_apply,
	.revert = owner_revert,
	.still_ok = owner_still_ok,
	.troubles = troubles,
};
