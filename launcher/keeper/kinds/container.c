/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container.c - the kind of change that has a container stopped by its runtime, and started again
 *
 * A process of it that is only ended comes back where the runtime has been told to see to that.
 * What the runtime says of it is not read: whether it has let go of the devices is waited for, as
 * with all that holds them, and to start one that runs does nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

static int container_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	(void)k;
	(void)snprintf(saved, CHANGE_TEXT_MAX, "%s", c->from);
	return 0;
}

static int ask(struct keeper *k, const struct change *c, const char *word)
{
	const char *program, *id;
	int rc;

	if (!change_container_parse(c->target, &program, &id))
		return -EINVAL;
	if (silent_is(k, program))
		return -ETIME;
	rc = kept_container(k, program, word, id);
	if (rc == -ETIME && kept_runtime(k, program) != -ETIME)
		return -ETIMEDOUT;
	return rc > 0 ? -EREMOTEIO : silent_note(k, program, rc);
}

static int container_apply(struct keeper *k, const struct change *c)
{
	return ask(k, c, "stop");
}

static bool is_gone(struct keeper *k, const struct change *c)
{
	const char *program, *id;

	return change_container_parse(c->target, &program, &id) &&
	       kept_container_is_gone(k, program, id);
}

/*
 * The last change that was begun may not be done: its client was killed, or was too late, and the
 * runtime goes on. To start what still runs does nothing; to stop it once more ends when it has.
 */
static bool may_be_stopping(const struct keeper *k, const struct change *c)
{
	const struct journal *j = &k->journal;
	const struct change *last = j->change_count ? &j->change[j->change_count - 1] : c;

	return j->unread || (last->kind == c->kind && !strcmp(last->target, c->target));
}

/* Replaced by another one meanwhile, it is gone as a device is that was unplugged. */
static int container_revert(struct keeper *k, const struct change *c)
{
	int rc;

	if (change_is_temporary(c))
		return 0;
	if (may_be_stopping(k, c))
		(void)ask(k, c, "stop"); /* the start shows what is wrong with it */
	cards_known_wait(k); /* its runtime copies the node, with the owner that it has then */
	rc = ask(k, c, "start");
	if (rc != -EREMOTEIO || !is_gone(k, c))
		return rc;
	log_warning("container %s: its runtime has no such container any more: none is started again",
		    c->target);
	return 0;
}

static bool container_still_ok(struct keeper *k, const struct change *c)
{
	(void)k;
	(void)c;
	return true;
}

static const struct change_trouble troubles[] = {
	{ EREMOTEIO,
	  "its runtime refuses: start it by hand, as with `docker start`, and see what it says" },
	{ ETIME, "its runtime does not answer: start it by hand, as with `docker start`" },
	{ ETIMEDOUT, "its runtime is not done in time: start it by hand, as with `docker start`" },
	{ EPIPE, "what would ask its runtime was killed: `sudo vfio-run recover`" },
	{ 0 },
};

const struct change_ops change_container = {
	.save = container_save,
	.apply = container_apply,
	.revert = container_revert,
	.still_ok = container_still_ok,
	.troubles = troubles,
};
