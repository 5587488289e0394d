/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attribute.c - the kinds of change that write an attribute of a device: its value is the state */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/sysfs.h"
#include "launcher/keeper/kinds/kind.h"

static enum work_attribute attribute_of(const struct change *c)
{
	return c->kind == CHANGE_D3COLD ? ATTRIBUTE_D3COLD :
	       c->kind == CHANGE_POWER	? ATTRIBUTE_POWER :
	       c->kind == CHANGE_RESET	? ATTRIBUTE_RESET_METHOD :
					  ATTRIBUTE_OVERRIDE;
}

static int attribute_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	return attribute_read(k, journal_device(&k->journal, c->target), attribute_of(c), saved);
}

static int attribute_apply(struct keeper *k, const struct change *c)
{
	return attribute_set(k, journal_device(&k->journal, c->target), attribute_of(c), c->to);
}

static int attribute_revert(struct keeper *k, const struct change *c)
{
	return attribute_set(k, journal_device(&k->journal, c->target), attribute_of(c), c->from);
}

static const struct change_trouble override_troubles[] = {
	{ ETIME, "an earlier operation on this device still hangs: end what holds it, then `sudo vfio-run recover`" },
	{ 0 },
};

const struct change_ops change_d3cold = {
	.save = attribute_save, .apply = attribute_apply, .revert = attribute_revert,
};
const struct change_ops change_power = {
	.save = attribute_save, .apply = attribute_apply, .revert = attribute_revert,
};
const struct change_ops change_override = {
	.save = attribute_save, .apply = attribute_apply, .revert = attribute_revert,
	.troubles = override_troubles,
};

/*
 * What can be written back: the kernel lists `bus` for the first function of several, because it has
 * asked before the others were there, and takes no list any more in which it is. CHANGE_NO_RESETS: that
 * is nothing.
 */
static int reset_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	int r = attribute_save(k, c, saved);

	if (!r && !device_is_alone_on_its_bus(c->target))
		sysfs_drop_word(saved, "bus");
	if (!r && !*saved)
		(void)snprintf(saved, CHANGE_TEXT_MAX, "%s", CHANGE_NO_RESETS);
	return r;
}

static int reset_revert(struct keeper *k, const struct change *c)
{
	return attribute_set(k, journal_device(&k->journal, c->target), ATTRIBUTE_RESET_METHOD,
			     strcmp(c->from, CHANGE_NO_RESETS) ? c->from : "");
}

/*
 * The kernel asks each reset of a list whether it can be done now, and leaves the list as it is when
 * one cannot. So what the device has is written to it first: a list that would not come back is not
 * replaced. Source: drivers/pci/pci.c, reset_method_store().
 */
static int reset_apply(struct keeper *k, const struct change *c)
{
	int r = reset_revert(k, c);

	return r ? r : attribute_apply(k, c);
}

static const struct change_trouble reset_troubles[] = {
	{ EINVAL, "the kernel takes no such list of resets for this device: write another `reset`, or `auto`" },
	{ 0 },
};

const struct change_ops change_reset = {
	.save = reset_save, .apply = reset_apply, .revert = reset_revert,
	.troubles = reset_troubles,
};
