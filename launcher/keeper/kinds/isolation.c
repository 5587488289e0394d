/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * isolation.c - the kind of change that keeps all else off a VM's CPUs
 *
 * Its target is the VM, whose slice it is; QEMU is put there when it is started. Two VMs cannot
 * have the same CPUs: the kernel refuses the second partition, and a check does before.
 */
#include <errno.h>

#include "launcher/keeper/kinds/kind.h"
#include "launcher/keeper/process/scope.h"

static int isolation_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	(void)k;
	return slice_cpus(c->target, saved, CHANGE_TEXT_MAX);
}

static int isolation_apply(struct keeper *k, const struct change *c)
{
	int rc = k->has_scope ? slice_start(KEEPER_FD_SCOPE, c->target, c->to) : -ENOSYS;

	k->cgroup.isolated = !rc;
	return rc;
}

static int isolation_revert(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc;

	if (k->has_scope)
		return slice_stop(KEEPER_FD_SCOPE, c->target);
	rc = slice_cpus(c->target, now, sizeof(now));
	return rc ? rc : *now ? -ENOSYS : 0;
}

static const struct change_trouble troubles[] = {
	{ EEXIST, "there is a slice of that name: `systemctl stop` it" },
	{ EINVAL,
	  "the kernel does not give these CPUs away: others have some of them, or none would be left" },
	{ ETIME, "systemd does not answer: see `systemctl status`, then `sudo vfio-run recover`" },
	{ ENOSYS, "there is no systemd to ask: `sudo vfio-run recover` from a terminal" },
	{ EBUSY, "systemd does not take its slice away: `systemctl stop` it" },
	{ 0 },
};

const struct change_ops change_isolation = {
	.save = isolation_save,
	.apply = isolation_apply,
	.revert = isolation_revert,
	.troubles = troubles,
};
