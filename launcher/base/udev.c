/* SPDX-License-Identifier: GPL-2.0-or-later */
/* udev.c - has udev done what the kernel has told it of? */
#include <poll.h>
#include <stddef.h>
#include <unistd.h>

#include "launcher/base/udev.h"

#define PATIENCE_MS 30000
#define STEP_MS 100
#define IDLE_STEPS 3 /* udev takes a moment to hear of what the kernel has just done */

/**
 * udev_wait() - wait until udev has nothing to do, at most half a minute
 *
 * Whose a node is that the kernel has just made, and of which seat its device, is udev's to say:
 * what is started before finds a node of root's, and no card. udev has the file `queue` while it
 * has anything to do. Source: udevadm-settle(8)
 *
 * Return: false: it does not come to an end; true also where there is none
 */
bool udev_wait(void)
{
	int idle = 0;

	if (access("/run/udev/control", F_OK))
		return true;
	for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
		(void)poll(NULL, 0, STEP_MS);
		idle = access("/run/udev/queue", F_OK) ? idle + 1 : 0;
		if (idle == IDLE_STEPS)
			return true;
	}
	return false;
}
