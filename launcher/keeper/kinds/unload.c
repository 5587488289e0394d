/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unload.c - the kind of change that unloads a host driver's module, and loads it again
 *
 * For drivers whose unbind waits for users that no process shows, and never ends: a module is unloaded
 * at once or not at all, so it is a question that cannot hang. Whoever still uses it may be about to
 * let go, as the session has just ended: that is waited for. When it is gone its devices have no driver,
 * and their own rows have nothing to unbind.
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
	(void)k;
	(void)snprintf(saved, CHANGE_TEXT_MAX, "%s", module_is_loaded(c->target) ? "loaded" : "");
	return 0;
}

static int ask(struct keeper *k, const struct change *c, enum work_op op)
{
	struct work work = { .op = op };
	struct work_reply reply;

	(void)snprintf(work.name, sizeof(work.name), "%s", c->target);
	return device_work(k, NULL, &work, &reply);
}

static int unload_apply(struct keeper *k, const struct change *c)
{
	int rc = *c->from ? ask(k, c, WORK_UNLOAD) : 0;

	for (int waited = 0; rc == -EAGAIN && waited < DEADLINE_MS && !keeper_was_interrupted(k);
	     waited += RETRY_MS) {
		if (waited == PATIENCE_MS)
			log_notice("%s: waiting until nothing uses this module (at most %d s)", c->target,
				   DEADLINE_MS / 1000);
		(void)poll(NULL, 0, RETRY_MS);
		rc = ask(k, c, WORK_UNLOAD);
	}
	return rc == -ENOENT && !module_is_loaded(c->target) ? 0 : rc;
}

/* Its devices may have brought it back by then. */
static int unload_revert(struct keeper *k, const struct change *c)
{
	int rc = module_is_loaded(c->target) ? 0 : ask(k, c, WORK_MODULE);

	return rc ? rc : module_is_loaded(c->target) ? 0 : -EIO;
}

static bool unload_still_ok(struct keeper *k, const struct change *c)
{
	(void)k;
	return !*c->from || module_is_loaded(c->target);
}

static const struct change_trouble troubles[] = {
	{ EAGAIN, "it is in use: `lsmod` names the modules that use it, `lsof` programs" },
	{ ENOENT, "there is no such module for the running kernel: after a kernel update, reboot" },
	{ EBUSY, "it cannot be unloaded: it has no way to end, or is about to start" },
	{ EPERM, "the kernel refuses it: see `dmesg` (secure boot, lockdown)" },
	{ ETIME, "unloading it does not come back: see `dmesg`" },
	{ EIO, "it was loaded, and is not there: see `dmesg`" },
	{ 0 },
};

const struct change_ops change_unload = {
	.save = unload_save,
	.apply = unload_apply,
	.revert = unload_revert,
	.still_ok = unload_still_ok,
	.troubles = troubles,
};
