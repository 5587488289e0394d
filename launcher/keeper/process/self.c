/* SPDX-License-Identifier: GPL-2.0-or-later */
/* self.c - the keeper as a process: its signals, and the names of its children */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "launcher/keeper/keeper.h"

/**
 * keeper_is_told_once() - is this signal a request that may arrive twice and count once?
 *
 * At shutdown systemd sends SIGTERM to our scope or unit, and to the session of a sudo that
 * passes it on: that is one request, in any order, and not a second, impatient one.
 */
bool keeper_is_told_once(struct keeper *k, const struct signalfd_siginfo *info)
{
	if (info->ssi_signo != SIGTERM)
		return false;
	k->told_by_init |= info->ssi_pid == 1;
	return k->told_by_init;
}

/**
 * keeper_was_interrupted() - was an end requested?
 *
 * Takes what is in the signalfd; a hang-up of the terminal is such a request only where the
 * profile has on-hangup for it. A standby takes no such request: it goes on whatever is sent to it.
 */
bool keeper_was_interrupted(struct keeper *k)
{
	struct signalfd_siginfo info;

	while (read(k->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGHUP || (k->plan->flags & KEEPER_STOP_ON_HANGUP))
			k->interrupted = true;
	return k->interrupted && !k->took_over;
}

/** keeper_rename() - in a child: its name and arguments; in place, /proc shows where they stood */
void keeper_rename(const struct keeper *k, const char *name)
{
	size_t size = strlen(name) + 1;

	(void)prctl(PR_SET_NAME, name);
	if (!k->arguments)
		return;
	memset(k->arguments, 0, k->arguments_size);
	if (k->arguments_size >= size)
		memcpy(k->arguments, name, size);
}
