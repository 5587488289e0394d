/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cards-known.c - before anything that may draw is started: udev knows of the graphics cards
 *
 * What starts earlier finds a card without its node and its seat; with two cards the seat can draw
 * before the one that has come back is known.
 */
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

/* udev has no record of a card that was announced as gone, and is still there. */
static void announce_again(struct keeper *k)
{
	for (size_t i = 0; i < k->journal.change_count; i++) {
		const struct change *c = &k->journal.change[i];

		if (c->kind == CHANGE_ANNOUNCE && strstr(c->target, "/drm/"))
			(void)change_announce.revert(k, c); /* reported in its turn */
	}
}

static const char *where_to_look(void)
{
	return access("/run/systemd/system", F_OK) ? "see its log"
						   : "see `systemctl status systemd-udevd`";
}

/**
 * cards_known_wait() - wait for udev, once in a pass of the way back
 *
 * A udev that hangs costs its half a minute once, and keeps nothing from being started.
 */
void cards_known_wait(struct keeper *k)
{
	struct work work = { .op = WORK_CARDS };
	struct work_reply reply;
	int rc;

	if (k->cards_known)
		return;
	k->cards_known = true;
	announce_again(k);
	rc = device_work(k, NULL, &work, &reply);
	if (rc)
		log_warning(
			"udev is not done with the cards (%s): what draws is started all the same; %s",
			strerror(-rc), where_to_look());
}
