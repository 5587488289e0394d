/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * silent.c - who keeps what is stopped, and does not answer
 *
 * One that hangs costs its deadline once, and not once for each thing that it keeps: all that comes
 * after it on the way back waits meanwhile.
 */
#include <errno.h>
#include <stdio.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

/** silent_is() - did it not answer a moment ago? @who: from kinds/ alone: "systemd", "user 1500" */
bool silent_is(const struct keeper *k, const char *who)
{
	for (size_t i = 0; i < k->silent_count; i++)
		if (!strcmp(k->silent[i], who))
			return true;
	return false;
}

/** silent_note() - what came of asking it; @rc: -ETIME it did not answer. Return: @rc */
int silent_note(struct keeper *k, const char *who, int rc)
{
	if (rc == -ETIME && !silent_is(k, who) && k->silent_count < ARRAY_SIZE(k->silent))
		(void)snprintf(k->silent[k->silent_count++], sizeof(k->silent[0]), "%s", who);
	return rc;
}
