/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce.c - the kind of change that announces a card as gone, to programs that let go of it then
 *
 * Programs that follow udev hear of cards as they come and go. `remove`, written to a card's
 * uevent, is the announcement of an unplugged one while it is still there: who follows closes it,
 * and its driver can let go without a descriptor to wait for. Whether they have closed it is
 * session_wait()'s to see. `add` takes that back. A card that came back from the guest was
 * announced by the kernel when its driver made it; to announce it once more changes nothing.
 * Source: lib/kobject_uevent.c, kobject_synth_uevent(); Documentation/ABI/testing/sysfs-uevent
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/keeper/kinds/kind.h"

/* By the name that it had: what came back under another one needs no word. */
static bool is_there(const struct change *c)
{
	char path[CHANGE_TEXT_MAX + 32];

	(void)snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/uevent", c->target);
	return !access(path, F_OK);
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

static int announce_revert(struct keeper *k, const struct change *c)
{
	int rc = is_there(c) ? announce(k, c, c->from) : 0;

	/* what a sound card is, udev finds out at this. Source: systemd, 78-sound-card.rules */
	if (!rc && is_there(c) && strstr(c->target, "/sound/"))
		rc = announce(k, c, "change");
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
