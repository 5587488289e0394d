/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.c - the kind of change that makes a network link for a VM
 *
 * It is made before QEMU is, which gets its descriptors. A tap goes by itself with the last of
 * them; whatever is there of that name and kind when the VM has ended is deleted.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/kinds/kind.h"

static int read_kind(struct keeper *k, const struct change *c, char kind[CHANGE_TEXT_MAX])
{
	struct work work = { .op = WORK_LINK };
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%s", c->target);
	rc = device_work(k, NULL, &work, &reply);
	(void)snprintf(kind, CHANGE_TEXT_MAX, "%s", rc ? "" : reply.value);
	return rc;
}

/* From the answer to what QEMU gets. */
static void keep_descriptors(struct keeper *k)
{
	for (size_t i = 0; i < k->came.count; i++)
		if (k->link_count < KEEPER_CHANNELS_MAX)
			k->link[k->link_count++] = k->came.fd[i];
	k->came.count = 0;
}

static int link_apply(struct keeper *k, const struct change *c)
{
	struct work work = { .op = WORK_MAKE_LINK };
	struct work_reply reply;
	int rc;

	(void)snprintf(work.name, sizeof(work.name), "%.15s %.200s", c->target, c->to);
	rc = device_work(k, NULL, &work, &reply);
	if (!rc)
		keep_descriptors(k);
	return rc;
}

static int link_revert(struct keeper *k, const struct change *c)
{
	struct work work = { .op = WORK_DROP_LINK };
	struct work_reply reply;
	struct change_link link;
	char kind[CHANGE_TEXT_MAX];
	int rc = read_kind(k, c, kind);

	if (rc || !*kind)
		return rc;
	if (!change_link_parse(c->to, &link) || strcmp(kind, link.macvtap ? "macvtap" : "tun"))
		return -EEXIST;
	(void)snprintf(work.name, sizeof(work.name), "%s", c->target);
	rc = device_work(k, NULL, &work, &reply);
	return rc ? rc : read_kind(k, c, kind) || *kind ? -EIO : 0;
}

static const struct change_trouble troubles[] = {
	{ EEXIST, "there is a link of that name already, of another program: `ip link` shows it" },
	{ ENODEV, "what it is to be on is gone: `ip link` shows what there is" },
	{ EBUSY, "the card is a port of a bridge or a bond: name that with `mode = bridge`" },
	{ EOPNOTSUPP, "this kernel has no such links: a stock kernel has" },
	{ EPERM, "root may not change the network here: in a container its settings decide" },
	{ 0 },
};

const struct change_ops change_link = {
	.save = read_kind,
	.apply = link_apply,
	.revert = link_revert,
	.troubles = troubles,
};
