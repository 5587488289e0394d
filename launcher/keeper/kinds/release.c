/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * release.c - before a device leaves vfio-pci: has any process still got it open?
 *
 * An unbind of a device that a process has open waits for that process, and cannot be
 * cancelled. QEMU is dead by now, but it may have passed a descriptor on, or another
 * program may have opened a kept device. Opening the group once shows it: -EBUSY.
 */
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/kinds/device-holders.h"
#include "launcher/keeper/keeper.h"

#define RETRY_MS 500	  /* when the holder cannot be seen; never while a VM runs */
#define OTHERS_TRIES 20	  /* of a job that is no run: half a second each */

/**
 * release_check() - open the group once
 *
 * Return: 0 it is free; -EBUSY a process has it open; other -errno
 */
int release_check(struct keeper *k, int32_t group)
{
	struct work work = { .op = WORK_GROUP, .group = group };
	struct work_reply reply;

	return device_work(k, NULL, &work, &reply);
}

/* Waits until the holder ends, something was signalled, or a moment has passed. */
static void wait_a_moment(const struct keeper *k, pid_t holder)
{
	cleanup_close int fd = holder > 0 ? (int)syscall(SYS_pidfd_open, holder, 0) : -1;
	struct pollfd p[] = { { .fd = fd, .events = POLLIN },
			      { .fd = k->signals, .events = POLLIN } };

	(void)poll(p, ARRAY_SIZE(p), RETRY_MS);
}

/* A standby is out of reach of any Ctrl-C; it waits without a limit. */
static void say_waiting(const struct keeper *k)
{
	log_notice(k->took_over ? "its devices come back when it lets go" :
				  "waiting for it to let go; Ctrl-C leaves it");
}

/* Return: true when the group is free */
static bool wait_for_group(struct keeper *k, int32_t group)
{
	bool patient = k->plan->job == KEEPER_RUN, said = false;

	for (int tries = 0; patient || tries < OTHERS_TRIES; tries++) {
		pid_t holder;

		if (release_check(k, group) != -EBUSY)
			return true;
		holder = device_holders_group(group, !said);
		if (!said && patient)
			say_waiting(k);
		said = true;
		wait_a_moment(k, holder);
		if (keeper_was_interrupted(k))
			return false;
	}
	return false;
}

static void mark(struct keeper *k, int32_t group, bool held)
{
	for (size_t i = 0; i < k->journal.device_count; i++)
		if (k->journal.device[i].group == group)
			k->held[i] = held;
}

static bool on_vfio(const struct journal_device *d)
{
	char driver[CHANGE_TEXT_MAX];

	device_driver(d->name, driver);
	return *driver && strcmp(driver, d->driver) && device_has_group(d->group);
}

/**
 * release_look() - which of the journal's groups are open in a process?
 *
 * Their devices are left out of a revert, so that one holder costs no other device.
 */
void release_look(struct keeper *k)
{
	int32_t last = -1;

	for (size_t i = 0; i < k->journal.device_count; i++) {
		const struct journal_device *d = &k->journal.device[i];

		if (d->group == last || journal_device_is_lost(d) || !on_vfio(d))
			continue;
		last = d->group;
		mark(k, d->group, release_check(k, d->group) == -EBUSY);
	}
}

/**
 * release_wait() - wait until no process has those groups open any more
 *
 * A run waits for as long as the user does; other jobs for some seconds.
 *
 * Return: true when one became free: its devices can be given back now
 */
bool release_wait(struct keeper *k)
{
	bool some = false;

	k->interrupted = false;
	for (size_t i = 0; i < k->journal.device_count; i++) {
		int32_t group = k->journal.device[i].group;

		if (!k->held[i])
			continue;
		/* a descriptor in a socket's queue holds the group too; no scan finds it */
		known_end_programs(k, RETRY_MS);
		if (!wait_for_group(k, group))
			continue;
		mark(k, group, false);
		some = true;
	}
	return some;
}
