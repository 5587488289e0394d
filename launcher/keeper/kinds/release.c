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
#define BRIEF_TRIES 20	  /* of who opens it only to look: `check` and `list` do */
#define BRIEF_MS 50

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

/* At most a moment; no event tells that a descriptor was closed. Return: that process has ended */
static bool wait_briefly(pid_t holder)
{
	cleanup_close int fd = holder > 0 ? (int)syscall(SYS_pidfd_open, holder, 0) : -1;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, BRIEF_MS) > 0;
}

/* One that has it open for a moment must not cost the way back its order. */
static bool is_held(struct keeper *k, int32_t group)
{
	pid_t holder = 0;

	for (int tries = 0; tries < BRIEF_TRIES; tries++) {
		if (release_check(k, group) != -EBUSY)
			return false;
		if (!tries)
			holder = device_holders_group(group, false);
		if (wait_briefly(holder))
			holder = 0;
	}
	return release_check(k, group) == -EBUSY;
}

/* A standby is out of reach of any Ctrl-C; it waits without a limit. */
static void say_waiting(const struct keeper *k)
{
	if (k->plan->job != KEEPER_RUN)
		return;
	log_notice(k->took_over ? "its devices come back when it lets go" :
				  "waiting for it to let go; Ctrl-C leaves it");
}

/* Return: true when the group is free */
static bool wait_for_group(struct keeper *k, int32_t group, int tries, bool said)
{
	for (int i = 0; tries == RELEASE_FOR_EVER || i < tries; i++) {
		pid_t holder;

		if (release_check(k, group) != -EBUSY)
			return true;
		holder = device_holders_group(group, !said);
		if (!said)
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
		mark(k, d->group, is_held(k, d->group));
	}
}

/**
 * release_is_held() - is any of them still open in a process?
 * @only_screens:	count those alone that had a monitor
 */
bool release_is_held(const struct keeper *k, bool only_screens)
{
	for (size_t i = 0; i < k->journal.device_count; i++)
		if (k->held[i] && (!only_screens || k->journal.device[i].displays.connected))
			return true;
	return false;
}

/**
 * release_wait() - wait until no process has those groups open any more
 *
 * @tries:	half a second each, for each group; RELEASE_FOR_EVER: until the user does not want to wait
 * @again:	who holds them was said before
 *
 * Return: true when one became free: its devices can be given back now
 */
bool release_wait(struct keeper *k, int tries, bool again)
{
	bool some = false;

	k->interrupted = false;
	for (size_t i = 0; i < k->journal.device_count; i++) {
		int32_t group = k->journal.device[i].group;

		if (!k->held[i])
			continue;
		/* a descriptor in a socket's queue holds the group too; no scan finds it */
		known_end_programs(k, RETRY_MS);
		if (!wait_for_group(k, group, tries, again))
			continue;
		mark(k, group, false);
		some = true;
	}
	return some;
}
