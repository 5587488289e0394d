/* SPDX-License-Identifier: GPL-2.0-or-later */
/* group-locks.c - the IOMMU groups that a keeper owns: a locked file for each */
#include <errno.h>
#include <stdio.h>

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
