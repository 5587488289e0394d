/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce.c - the kind of change that announces a card as gone, to programs that let go of it then
 *
 * Programs that follow udev hear of cards as they come and go. `remove`, written to a card's
 * uevent, is the announcement of an unplugged one while it is still there: who follows closes it,
 * and its driver can let go without a descriptor to wait for. Whether they have closed it is
 * session_wait()'s to see. `add` takes that back. A card that came back from the guest was
 * announced by the kernel when its driver made it. A graphics card can be announced once more: that
 * changes nothing. A sound card must not: PipeWire 0.3 takes each announcement for a new card, and
 * WirePlumber 0.4, which asks the session bus for its reservation then, is refused what it has just
 * got, and leaves the card alone from then on.
 * Source: lib/kobject_uevent.c, kobject_synth_uevent(); Documentation/ABI/testing/sysfs-uevent;
 * PipeWire 0.3.65, spa/plugins/alsa/alsa-udev.c, process_device(); WirePlumber 0.4.13,
 * scripts/monitors/alsa.lua, modules/module-reserve-device
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/keeper/kinds/kind.h"

/* By the name that it had: what came back under another one needs no word. */
static bool is_there(const struct change *c)
{
	return device_has_card(c->target);
}

static int look(struct keeper *k, const struct change *c, char now[CHANGE_TEXT_MAX])
{
	(void)k;
	(void)snprintf(now, CHANGE_TEXT_MAX, "%s", is_there(c) ? "add" : "");
	return 0;
}

static int announce(struct keeper *k, const struct change *c, const char *word)
{
	struct work work = { .op = WORK_ANNOUNCE };
	struct work_reply reply;
	char address[PCI_ADDRESS_TEXT];
	struct journal_device *d;
	const char *card;

	if (!change_announced_parse(c->target, &work.address, &card))
		return -EINVAL;
	(void)snprintf(work.name, sizeof(work.name), "%.128s %s", card, word);
	d = journal_device(&k->journal, pci_address_format(&work.address, address));
	return d ? device_work(k, d, &work, &reply) : -ENOLINK; /* it is not this job's */
}

static int announce_apply(struct keeper *k, const struct change *c)
{
	return announce(k, c, c->to);
}

/* Its driver may have made it anew: the kernel has told udev of that, or does at any moment. */
static bool may_be_new(const struct keeper *k, const struct change *c)
{
	for (size_t i = 0; i < k->journal.change_count; i++) {
		const struct change *other = &k->journal.change[i];
		size_t length = strlen(other->target);

		if (other->kind == CHANGE_UNBIND && !strncmp(c->target, other->target, length) &&
		    c->target[length] == '/')
			return true;
	}
	return false;
}

static bool udev_knows(struct keeper *k, const struct change *c)
{
	struct work work = { .op = WORK_SOUND };
	struct work_reply reply;

	(void)snprintf(work.name, sizeof(work.name), "%.128s%s", strrchr(c->target, '/') + 1,
		       may_be_new(k, c) ? " new" : "");
	return !device_work(k, NULL, &work, &reply);
}

/* What a sound card is, udev finds out at `change`. Source: systemd, 78-sound-card.rules */
static int announce_sound(struct keeper *k, const struct change *c)
{
	int rc;

	if (udev_knows(k, c) || !is_there(c))
		return 0;
	rc = announce(k, c, c->from);
	return !rc && is_there(c) ? announce(k, c, "change") : rc;
}

static int announce_revert(struct keeper *k, const struct change *c)
{
	int rc = 0;

	if (is_there(c))
		rc = strstr(c->target, "/sound/") ? announce_sound(k, c) : announce(k, c, c->from);
	return is_there(c) ? rc : 0; /* it may go while it is asked for */
}

static bool announce_still_ok(struct keeper *k, const struct change *c)
{
	(void)k;
	(void)c;
	return true;
}

const struct change_ops change_announce = {
	.save = look,
	.apply = announce_apply,
	.revert = announce_revert,
	.still_ok = announce_still_ok,
};
