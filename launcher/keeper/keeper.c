/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keeper.c - the locks of a keeper, and its signals */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "launcher/keeper/keeper.h"

static void lock_name(int32_t group, char buf[STATE_NAME_MAX])
{
	(void)snprintf(buf, STATE_NAME_MAX, "group-%d.lock", group);
}

/**
 * keeper_lock_groups() - own IOMMU groups, for as long as this keeper lives
 * @group:	ascending, so that two keepers never wait for each other
 * @count:	at most KEEPER_GROUPS_MAX with what is held already
 *
 * Return: 0; -EWOULDBLOCK another keeper has one of them; other -errno. Nothing of
 *	   this call is held then.
 */
int keeper_lock_groups(struct keeper *k, const int32_t *group, size_t count)
{
	size_t had = k->group_count;

	for (size_t i = 0; i < count; i++) {
		char name[STATE_NAME_MAX];
		int rc = k->group_count < KEEPER_GROUPS_MAX ? 0 : -E2BIG;

		lock_name(group[i], name);
		if (!rc)
			rc = state_lock(&k->state, name, &k->group_lock[k->group_count]);
		if (!rc) {
			k->group[k->group_count++] = group[i];
			continue;
		}
		while (k->group_count > had) {
			lock_name(k->group[--k->group_count], name);
			state_unlock(&k->state, name, &k->group_lock[k->group_count]);
		}
		return rc;
	}
	return 0;
}

/** keeper_unlock_groups() - give all groups back */
void keeper_unlock_groups(struct keeper *k)
{
	while (k->group_count > 0) {
		char name[STATE_NAME_MAX];

		lock_name(k->group[--k->group_count], name);
		state_unlock(&k->state, name, &k->group_lock[k->group_count]);
	}
}

/**
 * keeper_is_told_once() - is this signal a request that may come more than once?
 *
 * At shutdown systemd sends SIGTERM to our scope or unit, and to the session of a sudo that
 * passes it on: that is one request, in any order, and not two of somebody in a hurry.
 */
bool keeper_is_told_once(struct keeper *k, const struct signalfd_siginfo *info)
{
	if (info->ssi_signo != SIGTERM)
		return false;
	k->told_by_init |= info->ssi_pid == 1;
	return k->told_by_init;
}

/**
 * keeper_was_interrupted() - did somebody ask for the end?
 *
 * Takes what is in the signalfd; a hang-up of the terminal is such a request only where the
 * profile says so. Nobody asks a standby: it goes on whatever is sent to it.
 */
bool keeper_was_interrupted(struct keeper *k)
{
	struct signalfd_siginfo info;

	while (read(k->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo != SIGHUP || (k->plan->flags & KEEPER_STOP_ON_HANGUP))
			k->interrupted = true;
	return k->interrupted && !k->took_over;
}

/** keeper_kind() - the folder below /run/vfio-run that this keeper is announced in */
const char *keeper_kind(const struct keeper *k)
{
	return k->journal.is_detach ? "detach" : "vm";
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
