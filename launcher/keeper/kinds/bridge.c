/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bridge.c - the kind of change that keeps the bridge above a device awake
 *
 * A bridge that may sleep takes the power of what is below it when nothing there is used for a
 * moment, as on the way from one driver to the next; some cards do not come back from that. It can
 * be above the devices of several VMs. Source: Documentation/power/pci.rst; drivers/pci/pci.c,
 * pci_bridge_d3_update()
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/kinds/kind.h"

static int ask(struct keeper *k, const struct change *c, enum work_op op, const char *value,
	       char now[CHANGE_TEXT_MAX])
{
	struct work work = { .op = op, .attribute = ATTRIBUTE_POWER };
	struct work_reply reply;
	int rc;

	if (!pci_address_parse(c->target, &work.address))
		return -EINVAL;
	(void)snprintf(work.name, sizeof(work.name), "%s", value);
	rc = device_work(k, NULL, &work, &reply);
	(void)snprintf(now, CHANGE_TEXT_MAX, "%s", rc ? "" : reply.value);
	return rc;
}

/* Gone with what was below it, from a port that can be unplugged. */
static bool is_gone(int rc)
{
	return rc == -ENXIO || rc == -ENODEV || rc == -ENOENT;
}

static int look(struct keeper *k, const struct change *c, char now[CHANGE_TEXT_MAX])
{
	return ask(k, c, WORK_READ, "", now);
}

static int bridge_apply(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];

	return ask(k, c, WORK_SET, c->to, now);
}

static int bridge_revert(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc = ask(k, c, WORK_SET, c->from, now);

	return is_gone(rc) ? 0 : rc;
}

static bool bridge_still_ok(struct keeper *k, const struct change *c)
{
	char now[CHANGE_TEXT_MAX];
	int rc = look(k, c, now);

	return is_gone(rc) || (!rc && !strcmp(now, c->from));
}

static const struct change_trouble troubles[] = {
	{ EIO, "another program sets it at once: end it (TLP, powertop)" },
	{ 0 },
};

const struct change_ops change_bridge = {
	.save = look,
	.apply = bridge_apply,
	.revert = bridge_revert,
	.still_ok = bridge_still_ok,
	.troubles = troubles,
};
