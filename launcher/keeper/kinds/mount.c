/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mount.c - the kind of change that unmounts a file system of the host's, and mounts it again
 *
 * Its target is the mount point, `from` how it was mounted. A plan has them in the order in which
 * they can go, so that a revert mounts the first one first, when the disk's driver has it again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/kinds/kind.h"

static int ask(struct keeper *k, const struct change *c, enum work_op op, struct work_reply *reply)
{
	struct work work = { .op = op };

	(void)snprintf(work.name, sizeof(work.name), "%s", c->target);
	(void)snprintf(work.how, sizeof(work.how), "%s", c->from);
	return device_work(k, NULL, &work, reply);
}

static int mount_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	struct work_reply reply;
	int rc = ask(k, c, WORK_MOUNT, &reply);

	(void)snprintf(saved, CHANGE_TEXT_MAX, "%s", !rc && *reply.value ? c->from : c->to);
	return rc;
}

static int mount_apply(struct keeper *k, const struct change *c)
{
	struct work_reply reply;

	return ask(k, c, WORK_DROP_MOUNT, &reply);
}

static int mount_revert(struct keeper *k, const struct change *c)
{
	struct work_reply reply;

	return ask(k, c, WORK_MAKE_MOUNT, &reply);
}

static const struct change_trouble troubles[] = {
	{ EBUSY, "a process uses it: `fuser -vm` with its mount point names it" },
	{ EUSERS, "it is mounted in a namespace of its own too: `findmnt -N` with a pid shows it" },
	{ ENOENT, "the disk or the directory is not there: `lsblk -f` has what is" },
	{ ELOOP, "a part of the path is a symbolic link now: mount it by hand" },
	{ EPERM, "there is no right to mount here (CAP_SYS_ADMIN): mount it by hand" },
	{ EINVAL, "the file system is damaged, or another one: see `dmesg`, and mount it by hand" },
	{ EUCLEAN, "the file system is damaged: see `dmesg`, and `fsck` it" },
	{ ETIME, "the disk does not answer: see `dmesg`" },
	{ 0 },
};

const struct change_ops change_mount = {
	.save = mount_save,
	.apply = mount_apply,
	.revert = mount_revert,
	.troubles = troubles,
};
