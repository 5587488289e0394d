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
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/keeper/process/caps.h"

#define BIT(capability) (UINT64_C(1) << (capability))

/* clang-format off */
static const struct {
	unsigned int capability;
	bool at_rest;
	const char *why;
} kept[] = {
	{ CAP_KILL,       true,  "signals for QEMU and vfio-qmp, which run as another user" },
	{ CAP_SYS_PTRACE, false, "see in /proc who holds a device" },
	{ CAP_SYS_MODULE, false, "load the host driver's module again, should it be gone" },
	{ CAP_SETUID,     false, "make a new vfio-qmp the VM's user" },
	{ CAP_SETGID,     false, "and of no group but the user's" },
	{ CAP_SETPCAP,    false, "and leave it nothing in the bounding set" },
	{ CAP_DAC_READ_SEARCH, false, "read /proc/PID/fd of any user while looking for holders" },
	{ CAP_CHECKPOINT_RESTORE, false, "ask of what a process has mapped which device it is" },
	{ CAP_SYSLOG,     false, "quote what the kernel says of a device that hangs" },
};
/* clang-format on */

/*
 * capget(2) and capset(2) themselves: libcap-ng reads /proc/PID/status before each change and
 * drops each capability of the bounding set again in each child, 300 system calls for a start.
 */
struct sets {
	uint64_t effective, permitted, inheritable;
};

static int get(struct sets *out)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capget, &header, data) < 0)
		return -errno;
	out->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	out->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	out->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

/* Nothing is ever inheritable: what is executed gets nothing by that. */
static int set(uint64_t effective, uint64_t permitted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = (uint32_t)effective, .permitted = (uint32_t)permitted },
		{ .effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(permitted >> 32) },
	};

	return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/* What may still be in this process's bounding set; a child starts from what its parent left. */
static uint64_t bounding = UINT64_MAX;

/* Takes all but @keep out of the bounding set; needs CAP_SETPCAP when there is anything to take. */
static int bound(uint64_t keep)
{
	for (unsigned int c = 0; c < 64; c++) {
		if (!(bounding & ~keep & BIT(c)))
			continue;
		if (prctl(PR_CAPBSET_DROP, c) == 0) {
			bounding &= ~BIT(c);
			continue;
		}
		if (errno != EINVAL)
			return -errno;
		bounding &= BIT(c) - 1; /* the kernel's last one was before */
	}
	return 0;
}

static uint64_t planned; /* what only some runs keep */

static uint64_t all_kept(bool at_rest)
{
	uint64_t bits = at_rest ? 0 : planned;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (kept[i].at_rest || !at_rest)
			bits |= BIT(kept[i].capability);
	return bits;
}

/** caps_plan() - before caps_bound(): this run's revert needs one more than the table has */
void caps_plan(int capability)
{
	planned |= BIT(capability);
}

/**
 * caps_bound() - bound what programs that are started from here on can have to the table
 *
 * At the very start, so that the children, of which there are some, need not do it each.
 *
 * Return: 0 or -EPERM
 */
int caps_bound(void)
{
	return bound(all_kept(false)) ? -EPERM : 0;
}

/**
 * caps_limit() - from here on only what a revert can need
 * @more:	bits of what is needed once more, stays permitted, and is given up by another call
 *
 * After the last use of any other capability. Permitted and bounding set become the
 * table above, the effective set what is needed at rest.
 *
 * Return: 0 or -EPERM
 */
int caps_limit(uint64_t more)
{
	struct sets now = { 0 };

	/* lowering the bounding set needs CAP_SETPCAP to be effective: it goes first */
	if (get(&now) || bound(all_kept(false)))
		return -EPERM;
	/* a unit, or a container, may have withheld some */
	return set(all_kept(true) & now.permitted, (all_kept(false) | more) & now.permitted) ? -EPERM : 0;
}

/**
 * caps_raise() - make one capability effective, if it is permitted
 *
 * A capability that cannot be raised shows as -EPERM of the call that wanted it.
 */
void caps_raise(int capability)
{
	struct sets now = { 0 };

	if (get(&now) == 0 && (now.permitted & ~now.effective & BIT(capability)))
		(void)set(now.effective | BIT(capability), now.permitted);
}

/** caps_rest() - none is effective any more but what is needed at rest */
void caps_rest(void)
{
	struct sets now = { 0 };

	if (get(&now) == 0 && (now.effective & ~all_kept(true)))
		(void)set(now.effective & all_kept(true), now.permitted);
}

/**
 * caps_lend() - make one capability effective for a call that can come before caps_limit() too
 *
 * Return: for caps_take_back(), which leaves as effective what was before
 */
uint64_t caps_lend(int capability)
{
	struct sets now = { 0 };

	if (get(&now))
		return UINT64_MAX;
	if (now.permitted & ~now.effective & BIT(capability))
		(void)set(now.effective | BIT(capability), now.permitted);
	return now.effective;
}

/** caps_take_back() - what caps_lend() has made effective is so no more */
void caps_take_back(uint64_t effective)
{
	struct sets now = { 0 };

	if (get(&now) == 0 && (now.effective & ~effective))
		(void)set(now.effective & effective, now.permitted);
}

/**
 * caps_worker() - what a worker needs: loading a module; links, a node's owner, mounts where the job has any
 *
 * What is left effective is that; caps_raise() and caps_lend() have more, for a node that is a user's.
 *
 * Return: 0 or -EPERM
 */
int caps_worker(void)
{
	struct sets now = { 0 };
	uint64_t keep, raised;

	/*
	 * A recovery plans for every kind of change, in a unit that may not have all of it: what is
	 * missing fails those changes that need it, and must not cost the others their worker.
	 */
	(void)get(&now);
	keep = BIT(CAP_SYS_MODULE) |
	       (planned & now.permitted & (BIT(CAP_NET_ADMIN) | BIT(CAP_CHOWN) | BIT(CAP_SYS_ADMIN)));
	raised = planned & now.permitted & BIT(CAP_DAC_OVERRIDE); /* caps_raise() */
	/* after caps_limit() the bounding set cannot, and need not, be lowered again */
	(void)bound(keep);
	return set(keep, keep | raised) ? -EPERM : 0;
}

/**
 * caps_none() - no capability is left in any set that this process could use
 *
 * Return: 0 or -EPERM
 */
int caps_none(void)
{
	return set(0, 0) ? -EPERM : 0;
}

/* Is there no capability left? What is ambient is permitted, so there is none of these either. */
static bool has_none(void)
{
	struct sets now = { 0 };

	return get(&now) == 0 && !now.effective && !now.permitted && !now.inheritable;
}

/**
 * caps_become() - turn this process into the user, for good
 * @uid, @gid:	not 0
 *
 * No supplementary groups, no capabilities in any set; verifies that root cannot be
 * regained. The kernel clears PR_SET_PDEATHSIG here: set it afterwards.
 *
 * Return: 0; -EPERM when any step failed or root can still be had
 */
int caps_become(uid_t uid, gid_t gid)
{
	uid_t r, e, s;
	gid_t rg, eg, sg;

	if (!uid || !gid)
		return -EPERM;
	if (bound(0) || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 ||
	    setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return -EPERM;
	if (set(0, 0)) /* in case security bits keep capabilities over a change of uid */
		return -EPERM;
	if (getresuid(&r, &e, &s) || r != uid || e != uid || s != uid || getresgid(&rg, &eg, &sg) ||
	    rg != gid || eg != gid || sg != gid || getgroups(0, NULL) != 0)
		return -EPERM;
	if (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0 || seteuid(0) == 0)
		return -EPERM;
	return has_none() ? 0 : -EPERM;
}
