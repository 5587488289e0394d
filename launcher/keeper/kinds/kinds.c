/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kinds.c - the table of kinds of change, and what holds for all of them
 *
 * A change of a device is made and put back by way of the journal's record of it. The
 * ledger knows no kind: it calls these functions.
 */
#include <errno.h>
#include <string.h>

#include "launcher/keeper/kinds/kind.h"

/* clang-format off */
static const struct change_ops *const table[] = {
	[CHANGE_MODULE]   = &change_module,
	[CHANGE_LINK]     = &change_link,
	[CHANGE_VF_DRIVERS] = &change_vf_drivers,
	[CHANGE_VFS]      = &change_vfs,
	[CHANGE_HUGEPAGES] = &change_hugepages,
	[CHANGE_GOVERNOR] = &change_governor,
	[CHANGE_ISOLATION] = &change_isolation,
	[CHANGE_MOUNT]    = &change_mount,
	[CHANGE_BRIDGE]   = &change_bridge,
	[CHANGE_ANNOUNCE] = &change_announce,
	[CHANGE_USER_SERVICE] = &change_user_service,
	[CHANGE_CONTAINER] = &change_container,
	[CHANGE_SERVICE]  = &change_service,
	[CHANGE_COMMAND]  = &change_command,
	[CHANGE_IRQ]      = &change_irq,
	[CHANGE_D3COLD]   = &change_d3cold,
	[CHANGE_POWER]    = &change_power,
	[CHANGE_OVERRIDE] = &change_override,
	[CHANGE_RESET]    = &change_reset,
	[CHANGE_UNLOAD]   = &change_unload,
	[CHANGE_UNBIND]   = &change_unbind,
	[CHANGE_REBAR]    = &change_rebar,
	[CHANGE_BIND]     = &change_bind,
	[CHANGE_OWNER]    = &change_owner,
	[CHANGE_USB]      = &change_usb,
};
/* clang-format on */
_Static_assert(ARRAY_SIZE(table) == CHANGE_MAX, "a kind of change that cannot be made");

/* Errors that mean the same whatever was changed. */
static const struct change_trouble troubles[] = {
	{ ENXIO, "the device is gone from the bus" },
	{ EADDRINUSE, "another VM needs it to be something else: end that VM first" },
	{ ENOLCK, "another vfio-run is at work on what VMs share, and is not done: `sudo vfio-run recover` when it is" },
	{ EBADMSG, "the host journal is damaged: a reboot mends it" },
	{ EPROTONOSUPPORT, "the host journal is of a newer vfio-run: install that one again, or reboot" },
	{ EOWNERDEAD, "the kernel oopsed in its driver: see `dmesg`, and reboot" },
	{ ENOLINK, "the journal says nothing of the device that it is a change of: see `vfio-run list`" },
	{ 0 },
};

static const char *find_trouble(const struct change_trouble *list, int error)
{
	for (; list && list->error; list++)
		if (list->error == error)
			return list->text;
	return NULL;
}

/** change_trouble() - what -errno means for a kind of change, with a remedy where there is one */
const char *change_trouble(uint32_t kind, int error)
{
	const char *text = find_trouble(troubles, -error);

	if (!text && kind < CHANGE_MAX)
		text = find_trouble(table[kind]->troubles, -error);
	return text ? text : strerror(-error);
}

/**
 * change_save() - what there is before a change
 * @c:		kind and target
 * @saved:	filled; "" is none
 *
 * Return: 0 or -errno as device_work()
 */
int change_save(struct keeper *k, const struct change *c, char saved[CHANGE_TEXT_MAX])
{
	return table[c->kind]->save(k, c, saved);
}

/**
 * change_look() - what there is now, to be shown; "" also where there is no device
 *
 * A device that is taken from the bus for a moment is not asked: that would take note of it as
 * gone.
 */
void change_look(struct keeper *k, const struct change *c, char now[CHANGE_TEXT_MAX])
{
	*now = '\0';
	if (!change_is_of_device(c->kind) || device_exists(c->target))
		if (change_save(k, c, now))
			*now = '\0';
}

/** change_amount() - of a sum whose first user this is: what has to be added; 0 or -errno */
int change_amount(struct keeper *k, struct change *c)
{
	return table[c->kind]->amount ? table[c->kind]->amount(k, c) : 0;
}

/** change_apply() - make a change that is in the journal; 0 or -errno as device_work() */
int change_apply(struct keeper *k, const struct change *c)
{
	return table[c->kind]->apply(k, c);
}

/** change_follow() - a shared change is made: own what came with it; 0 or -errno */
int change_follow(struct keeper *k, const struct change *c)
{
	return table[c->kind]->follow ? table[c->kind]->follow(k, c) : 0;
}

/**
 * change_has_way_back() - is there anything that it can be put back to?
 *
 * vfio's modules stay: taking them away while another VM runs has hung hosts. And an
 * attribute that was not there at the start has no value to go back to.
 */
bool change_has_way_back(const struct change *c)
{
	const struct change_grammar *g = change_grammar(c->kind);

	return !g->stays && (*c->from || !g->needs_from);
}

/**
 * change_reach() - may the target of a change be read and written now?
 * @why:	filled when it is lost: for the user, one clause
 */
enum change_reach change_reach(struct keeper *k, const struct change *c, const char **why)
{
	const struct journal_device *d;

	if (!change_is_of_device(c->kind))
		return REACH_FREE;
	d = journal_device(&k->journal, c->target);
	if (!d)
		return REACH_UNKNOWN;
	if (k->gone[d - k->journal.device]) /* another device can be at its address by now */
		return REACH_GONE;
	if (device_is_gone(d)) {
		device_note_gone(k, d);
		return REACH_GONE;
	}
	if (k->held[d - k->journal.device])
		return REACH_HELD;
	if (!journal_device_is_lost(d))
		return REACH_FREE;
	*why = d->oopsed ? "the kernel oopsed in this device's driver: reboot" :
			   "a driver hangs in this device";
	return REACH_LOST;
}

/* Found anew, a device has the BARs that the kernel gives it, and no node. */
static bool is_of_bind(const struct change *c)
{
	return c->kind == CHANGE_BIND || c->kind == CHANGE_REBAR || c->kind == CHANGE_OWNER;
}

/* Removed by this program: the row of its driver, which follows, rescans its bus. */
static bool is_removed(struct keeper *k, const struct change *c)
{
	const struct journal_device *d = journal_device(&k->journal, c->target);

	return d && d->removed && c->kind != CHANGE_UNBIND && !device_exists(d->name);
}

/**
 * change_revert() - put back what a change found; does nothing when it is back already
 *
 * Return: 0, also for a device that is gone from the bus; -ENOLINK it is of a device that the
 *	   journal says nothing of; -errno as device_work()
 */
int change_revert(struct keeper *k, const struct change *c)
{
	const char *why;
	int rc;

	if (!change_has_way_back(c))
		return 0;
	if (change_is_of_device(c->kind)) {
		enum change_reach reach = change_reach(k, c, &why);

		if (reach == REACH_GONE)
			return 0;
		if (reach == REACH_UNKNOWN)
			return -ENOLINK;
		if (is_removed(k, c))
			return is_of_bind(c) ? 0 : -ENODEV;
	}
	rc = table[c->kind]->revert(k, c);
	return rc == -ENXIO ? 0 : rc;
}

/**
 * change_revert_from() - likewise, of a change of the host, and looked at once more
 * @before:	what there was; "" also when that is not known
 *
 * Return: as change_revert(); -EIO it is not as it was found, though that has not failed
 */
int change_revert_from(struct keeper *k, const struct change *c, char before[CHANGE_TEXT_MAX])
{
	const struct change_ops *ops = table[c->kind];
	int rc;

	*before = '\0';
	if (ops->revert_from && change_has_way_back(c))
		return ops->revert_from(k, c, before);
	change_look(k, c, before);
	rc = change_revert(k, c);
	return rc ? rc : change_still_ok(k, c) ? 0 : -EIO;
}

/**
 * change_settle() - all of its kind are put back: wait for what comes of this one
 *
 * Return: 0, also when its target cannot be had; -errno: it did not come
 */
int change_settle(struct keeper *k, const struct change *c)
{
	const struct change_ops *ops = table[c->kind];
	const char *why;

	if (!ops->settle || !change_has_way_back(c) || change_reach(k, c, &why) != REACH_FREE)
		return 0;
	return ops->settle(k, c);
}

/**
 * change_still_ok() - is what a change was made to as it was found?
 *
 * Looks anew: a write that was given up can still take effect later.
 */
bool change_still_ok(struct keeper *k, const struct change *c)
{
	const struct change_ops *ops = table[c->kind];
	char now[CHANGE_TEXT_MAX];

	if (ops->still_ok)
		return ops->still_ok(k, c);
	return change_save(k, c, now) == 0 && !strcmp(now, c->from);
}

static bool binds(const struct keeper_plan *plan, const char *name)
{
	for (uint32_t i = 0; i < plan->change_count; i++)
		if (plan->change[i].kind == CHANGE_BIND && !strcmp(plan->change[i].target, name))
			return true;
	return false;
}

/**
 * change_plan_fits() - is the host's state still the one that the plan was made from?
 *
 * Asked when the devices were written down, under their locks.
 */
bool change_plan_fits(struct keeper *k)
{
	const struct keeper_plan *plan = k->plan;

	for (uint32_t i = 0; i < plan->device_count; i++) {
		const struct journal_device *d = &k->journal.device[i];

		if (plan->device[i].assigned && !driver_is_vfio(d->driver) && !binds(plan, d->name))
			return false; /* it was kept, and another process has given it back */
	}
	for (uint32_t i = 0; i < plan->change_count; i++) {
		const struct change *c = &plan->change[i];
		struct journal_device *d = journal_device(&k->journal, c->target);
		const char *fact = d ? journal_fact(d, change_grammar(c->kind)->fact) : NULL;

		if (fact && strcmp(fact, c->from))
			return false;
	}
	return true;
}
