/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unload.c - the kind of change that unloads a module above a device's host driver, and loads it
 * again
 *
 * Some drivers wait in their remove() for what other modules of theirs have of the device, for
 * ever; to unload a module that is in use fails instead. Nothing waits for the use to end. Source:
 * delete_module(2), O_NONBLOCK
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

#define DEADLINE_MS 30000
#define RETRY_MS 200 /* no event tells that a module is free */
#define PATIENCE_MS 2000

static int unload_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	char path[CHANGE_TEXT_MAX + 16];

	(void)k;
	(void)snprintf(path, sizeof(path), "/sys/module/%s", c->target);
	(void)snprintf(saved, CHANGE_TEXT_MAX, "%s", access(path, F_OK) ? "" : "loaded");
	return 0;
}

static int ask(struct keeper *k, const struct change *c, enum work_op op)
{
	struct work work = { .op = op };
	struct work_reply reply;

	(void)snprintf(work.name, sizeof(work.name), "%s", c->target);
	return device_work(k, NULL, &work, &reply);
}

/* Whoever uses it may be about to let go, as a session may just have ended. */
static int unload_apply(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc = *c->from ? ask(k, c, WORK_UNLOAD) : 0;

	for (int waited = 0; rc == -EAGAIN && waited < DEADLINE_MS && !keeper_was_interrupted(k);
	     waited += RETRY_MS) {
		if (waited == PATIENCE_MS)
			log_notice("%s: waiting until nothing uses this module (at most %d s)",
				   c->target, DEADLINE_MS / 1000);
		(void)poll(NULL, 0, RETRY_MS);
		rc = ask(k, c, WORK_UNLOAD);
	}
	(void)unload_save(k, c, now);
	return rc && *now ? rc : *now ? -EBUSY : 0;
}

/* The first of the plan is the last one that is loaded again: the card's displays are there then.
 */
static int look_at_displays(struct keeper *k, const struct change *c)
{
	struct journal *j = &k->journal;
	size_t first = 0;
	int rc = 0;

	while (first < j->change_count && j->change[first].kind != CHANGE_UNLOAD)
		first++;
	if (first == j->change_count || strcmp(j->change[first].target, c->target) != 0)
		return 0;
	for (size_t i = 0; i < j->device_count && !rc; i++)
		if (device_exists(j->device[i].name))
			rc = rebind_displays(k, &j->device[i]);
	return rc;
}

static int unload_revert(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc;

	(void)unload_save(k, c, now);
	rc = *now ? 0 : ask(k, c, WORK_MODULE);
	return rc ? rc : look_at_displays(k, c);
}

static const struct change_trouble troubles[] = {
	{ EBUSY, "something uses it: `lsmod` names modules, and `check` what has the card" },
	{ EAGAIN, "something uses it: `lsmod` names modules, and `check` what has the card" },
	{ ENOENT, "there is no such module for the running kernel: after a kernel update, reboot" },
	{ EPERM, "the kernel does not let modules be unloaded, or loaded: see `dmesg`" },
	{ ENODATA, "its card has made no display: see `dmesg`; a reboot mends it" },
	{ ETIME, "the kernel does not come back: see `dmesg`" },
	{ 0 },
};

const struct change_ops change_unload = {
	.save = unload_save,
	.apply = unload_apply,
	.revert = unload_revert,
	.troubles = troubles,
};
