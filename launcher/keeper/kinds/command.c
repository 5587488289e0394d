/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.c - the kind of change that stops a session by the administrator's program, and starts it by another
 *
 * For what no service manager has a unit of. The program that stops is the target, the one that starts
 * again is what was there. Nothing can be asked about it: so the way back runs that in any case, and
 * may do so twice, after a kill.
 */
#include <errno.h>
#include <stdio.h>

#include "launcher/keeper/kinds/kind.h"

static int command_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	(void)k;
	(void)snprintf(saved, CHANGE_TEXT_MAX, "%s", c->from);
	return 0;
}

static int execute(struct keeper *k, const char *word, const char *path)
{
	int rc = kept_command(k, word, path);

	return rc > 0 ? -EREMOTEIO : rc == -ETIME ? -ETIMEDOUT : rc;
}

static int command_apply(struct keeper *k, const struct change *c)
{
	return execute(k, "stop", c->target);
}

static int command_revert(struct keeper *k, const struct change *c)
{
	cards_known_wait(k);
	return execute(k, "start", c->from);
}

static bool command_still_ok(struct keeper *k, const struct change *c)
{
	(void)k;
	(void)c;
	return true;
}

static const struct change_trouble troubles[] = {
	{ EREMOTEIO, "the program has failed: run it by hand" },
	{ ETIMEDOUT, "the program is not done in time: run it by hand" },
	{ EPIPE, "what would start it was killed: `sudo vfio-run recover`" },
	{ 0 },
};

const struct change_ops change_command = {
	.save = command_save,
	.apply = command_apply,
	.revert = command_revert,
	.still_ok = command_still_ok,
	.troubles = troubles,
};
