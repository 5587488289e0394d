/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify.c - reports the service's state to the service manager; of a unit only
 *
 * What a unit's TimeoutStopSec= cannot know, how long this guest may take to shut down and
 * which devices there are, is requested when it is known (EXTEND_TIMEOUT_USEC=). A message
 * that would block is dropped.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "launcher/keeper/keeper.h"
#include "launcher/keeper/process/notify.h"

#define PATIENCE_MS 1000 /* for a manager whose queue is full */
#define SPARE_S 20  /* behind a deadline, for what follows it */
#define LADDER_S 42	 /* vm/states.c: 2 s and 5 s to quit, 5 s to terminate, 30 s to die, and half a second per GiB */

/* clang-format off */
static const char *const texts[NOTIFY_STATES] = {
	[NOTIFY_NOTHING]   = "",
	[NOTIFY_TAKING]    = "STATUS=taking its devices",
	[NOTIFY_STARTING]  = "STATUS=QEMU starts",
	[NOTIFY_RUNNING]   = "READY=1\nSTATUS=the guest runs",
	[NOTIFY_ENDING]    = "STOPPING=1\nSTATUS=ending the guest",
	[NOTIFY_RETURNING] = "STOPPING=1\nSTATUS=giving its devices back",
};
/* clang-format on */

/** notify_setup() - is there a service manager? Before any other descriptor is opened */
void notify_setup(struct keeper *k)
{
	int type = 0;
	socklen_t size = sizeof(type);

	k->has_notify = (k->plan->flags & KEEPER_SERVICE) &&
			getsockopt(KEEPER_FD_NOTIFY, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
			type == SOCK_DGRAM;
}

static void say(const struct keeper *k, const char *text)
{
	struct pollfd p = { .fd = KEEPER_FD_NOTIFY, .events = POLLOUT };

	if (k->has_notify && poll(&p, 1, PATIENCE_MS) > 0)
		(void)send(KEEPER_FD_NOTIFY, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* The next step may take that long: the service is not ended before, whatever the unit has. */
static void ask_for_time(const struct keeper *k, unsigned int seconds)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "EXTEND_TIMEOUT_USEC=%u000000", seconds);
	say(k, text);
}

/** notify_end_s() - seconds from the first requested that the guest ends to QEMU's certain end */
unsigned int notify_end_s(const struct keeper *k)
{
	return k->plan->shutdown_timeout_s + LADDER_S + (unsigned int)(k->plan->memory_bytes >> 31);
}

/** notify_device() - something is waited for, @seconds at most */
void notify_device(const struct keeper *k, unsigned int seconds)
{
	ask_for_time(k, seconds + SPARE_S > NOTIFY_DEVICE_S ? seconds + SPARE_S : NOTIFY_DEVICE_S);
}

/** notify_tell() - the service is in that state now; silent when it was already */
void notify_tell(struct keeper *k, enum notify_state state)
{
	if (k->told == state)
		return;
	k->told = state;
	say(k, texts[state]);
	if (state == NOTIFY_ENDING)
		ask_for_time(k, notify_end_s(k));
	if (state == NOTIFY_RETURNING)
		ask_for_time(k, NOTIFY_DEVICE_S);
}
