/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * release.c - before a device leaves vfio-pci: does nobody have it open any more?
 *
 * An unbind of a device that somebody has open waits for him, and cannot be called
 * off. QEMU is dead by now, but it may have handed a descriptor to somebody else, or
 * another program may have opened a kept device. One open of the group tells.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/holding.h"
#include "launcher/keeper/keep.h"

#define RETRY_MS 500	  /* when the holder cannot be seen; never while a VM runs */
#define OTHERS_TRIES 20	  /* of a job that is no run: half a second each */

/**
 * release_check() - open the group once
 *
 * Return: 0 nobody has it; -EBUSY somebody has; other -errno
 */
int release_check(struct keep *k, int32_t group)
{
	struct work work = { .op = WORK_GROUP, .group = group };
	struct work_reply reply;

	return device_work(k, NULL, &work, &reply);
}

/* Waits until the holder ends, something was signalled, or a moment has passed. */
static void wait_a_moment(const struct keep *k, pid_t holder)
{
	cleanup_close int fd = holder > 0 ? (int)syscall(SYS_pidfd_open, holder, 0) : -1;
	struct pollfd p[] = { { .fd = fd, .events = POLLIN },
			      { .fd = k->signals, .events = POLLIN } };

	(void)poll(p, ARRAY_SIZE(p), RETRY_MS);
}

/* Return: true when the group is free */
static bool wait_for_group(struct keep *k, int32_t group)
{
	bool patient = k->plan->job == KEEPER_RUN, said = false;

	for (int tries = 0; patient || tries < OTHERS_TRIES; tries++) {
		pid_t holder;

		if (release_check(k, group) != -EBUSY)
			return true;
		holder = holding_group(group, !said);
		if (!said && patient)
			log_notice("waiting for it to let go; Ctrl-C leaves it");
		said = true;
		wait_a_moment(k, holder);
		if (keep_was_interrupted(k))
			return false;
	}
	return false;
}

static void mark_held(struct keep *k, int32_t group)
{
	for (size_t i = 0; i < k->journal.device_count; i++)
		if (k->journal.device[i].group == group)
			k->held[i] = true;
}

static bool on_vfio(const struct journal_device *d)
{
	char driver[CHANGE_VALUE_MAX];

	device_driver(d->name, driver);
	return *driver && strcmp(driver, d->driver) && device_has_group(d->group);
}

/**
 * release_wait() - wait until nobody has the journal's groups open
 *
 * A run waits for as long as the user does; other jobs for some seconds. The devices of
 * a group that stays open are left out of the revert.
 */
void release_wait(struct keep *k)
{
	int32_t last = -1;

	k->interrupted = false;
	for (size_t i = 0; i < k->journal.device_count; i++) {
		const struct journal_device *d = &k->journal.device[i];

		if (d->group == last || journal_device_is_lost(d) || !on_vfio(d))
			continue;
		last = d->group;
		if (!wait_for_group(k, d->group))
			mark_held(k, d->group);
	}
}
