/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * caps.c - the keeper's capabilities
 *
 * uid 0 with an empty capability set can do nearly all that giving a device back
 * needs: bind, unbind and driver_override check nothing but the file's mode. So once
 * QEMU is started the keeper rests with CAP_KILL alone, and raises one capability
 * around the call that needs it.
 *
 * CAP_KILL must be effective at rest: the kernel sends the signal of
 * PR_SET_PDEATHSIG with the rights of the parent that dies. A keeper without it that
 * is killed leaves QEMU, another user's process, alive with the card.
 * Source: forget_original_parent() and check_kill_permission() in kernel/exit.c, signal.c
 */
#include <errno.h>
#include <unistd.h>

#include <cap-ng.h>

#include "launcher/keeper/caps.h"

/* clang-format off */
static const struct {
	unsigned int capability;
	bool at_rest;
	const char *why;
} kept[] = {
	{ CAP_KILL,       true,  "signals for QEMU and vfio-qmp, which run as another user" },
	{ CAP_SYS_PTRACE, false, "see in /proc who holds a device" },
	{ CAP_SYS_MODULE, false, "load the host driver's module again, should it be gone" },
	{ CAP_DAC_READ_SEARCH, false, "read /proc/PID/fd of any user while looking for holders" },
};
/* clang-format on */

static bool is_at_rest(unsigned int capability)
{
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (kept[i].capability == capability)
			return kept[i].at_rest;
	return false;
}

/**
 * caps_limit() - from here on only what giving back can need
 *
 * After the last use of any other capability. Permitted and bounding set become the
 * table above, the effective set what is needed at rest.
 *
 * Return: 0 or -EPERM
 */
int caps_limit(void)
{
	if (capng_get_caps_process())
		return -EPERM;
	capng_clear(CAPNG_SELECT_BOTH);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (capng_update(CAPNG_ADD,
				 CAPNG_PERMITTED | CAPNG_BOUNDING_SET |
					 (kept[i].at_rest ? CAPNG_EFFECTIVE : 0),
				 kept[i].capability))
			return -EPERM;
	/* lowering the bounding set needs CAP_SETPCAP to be effective: it goes first */
	if (capng_apply(CAPNG_SELECT_BOUNDS) || capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	return 0;
}

/**
 * caps_raise() - make one capability effective, if it is permitted
 *
 * A capability that cannot be raised shows as -EPERM of the call that wanted it.
 */
void caps_raise(int capability)
{
	if (capng_get_caps_process() == 0 &&
	    capng_have_capability(CAPNG_PERMITTED, (unsigned int)capability) &&
	    capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, (unsigned int)capability) == 0)
		(void)capng_apply(CAPNG_SELECT_CAPS);
}

/** caps_rest() - none is effective any more but what is needed at rest */
void caps_rest(void)
{
	if (capng_get_caps_process())
		return;
	for (unsigned int c = 0; c <= CAP_LAST_CAP; c++)
		if (capng_have_capability(CAPNG_EFFECTIVE, c) && !is_at_rest(c))
			(void)capng_update(CAPNG_DROP, CAPNG_EFFECTIVE, c);
	(void)capng_apply(CAPNG_SELECT_CAPS);
}

/**
 * caps_worker() - what a worker needs: loading a module, nothing else
 *
 * Return: 0 or -EPERM
 */
int caps_worker(void)
{
	if (capng_get_caps_process())
		return -EPERM;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_update(CAPNG_ADD, CAPNG_PERMITTED | CAPNG_EFFECTIVE | CAPNG_BOUNDING_SET,
			 CAP_SYS_MODULE))
		return -EPERM;
	/* a keeper that is at rest already cannot and need not lower the bounding set */
	(void)capng_apply(CAPNG_SELECT_BOUNDS);
	return capng_apply(CAPNG_SELECT_CAPS) ? -EPERM : 0;
}

/**
 * caps_become() - turn this process into the user, for good
 * @uid, @gid:	not 0
 *
 * No supplementary groups, no capabilities in any set; proves that the way back is
 * closed. The kernel clears PR_SET_PDEATHSIG here: set it afterwards.
 *
 * Return: 0; -EPERM when any step failed or root can still be had
 */
int caps_become(uid_t uid, gid_t gid)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (!uid || !gid)
		return -EPERM;
	if (capng_get_caps_process())
		return -EPERM;
	capng_clear(CAPNG_SELECT_ALL);
	if (capng_change_id((int)uid, (int)gid,
			    CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING | CAPNG_CLEAR_AMBIENT))
		return -EPERM;
	if (getresuid(&r, &e, &s) || r != uid || e != uid || s != uid || getresgid(&rg, &eg, &sg) ||
	    rg != gid || eg != gid || sg != gid || getgroups(0, NULL) != 0)
		return -EPERM;
	if (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0 || seteuid(0) == 0)
		return -EPERM;
	if (capng_get_caps_process() || capng_have_capabilities(CAPNG_SELECT_ALL) != CAPNG_NONE)
		return -EPERM;
	return 0;
}
