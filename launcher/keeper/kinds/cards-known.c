/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cards-known.c - before anything that may draw is started: udev knows of the graphics cards
 *
 * What starts earlier finds a card without its node and its seat; with two cards the seat can draw
 * before the one that has come back is known.
 */
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/kind.h"

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
	rc = device_work(k, NULL, &work, &reply);
	if (rc)
		log_warning("udev is not done with the cards (%s): what draws is started all the same; "
			    "see `systemctl status systemd-udevd`", strerror(-rc));
}
