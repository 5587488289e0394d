/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session-end.c - between the end of the host's session and the first change of a device
 *
 * What stopped units have left behind goes a moment later: programs that lose their display, the
 * sound server of a session that closes. So the condition is waited for, that nobody holds the
 * devices, and not a time that is enough for some.
 */
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/keeper.h"
#include "launcher/keeper/kinds/device-holders.h"
#include "launcher/keeper/process/caps.h"

#define DEADLINE_MS 30000
#define TERM_MS 10000
#define RETRY_MS 200     /* no event tells that a descriptor was closed */
#define PATIENCE_MS 2000 /* what takes longer is reported */

static long long now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* Return: the pid of one who holds any of them, 0 nobody does, -1 it is not known */
static pid_t find(struct keeper *k, bool say)
{
	pid_t first = 0;

	for (size_t i = 0; i < k->journal.device_count; i++) {
		struct device_holders h = { .only_binding = true };
		pid_t pid;

		device_holders_remember(&h, &k->journal.device[i]);
		pid = device_holders_binding(&h, say ? k->journal.device[i].name : NULL);
		first = first ? first : pid;
	}
	return first;
}

/* Until that process ends, at most a moment: it may only close what it has open. */
static void wait_a_moment(const struct keeper *k, pid_t holder)
{
	cleanup_close int fd = holder > 0 ? (int)syscall(SYS_pidfd_open, holder, 0) : -1;
	struct pollfd p[] = { { .fd = fd, .events = POLLIN },
			      { .fd = k->signals, .events = POLLIN } };

	(void)poll(p, ARRAY_SIZE(p), RETRY_MS);
}

/* Return: a descriptor of that very process, -1: it has ended */
static int open_holder(const struct process_id *id)
{
	int fd = (int)syscall(SYS_pidfd_open, id->pid, 0);

	if (fd < 0 || process_fate(id) == PROCESS_LIVES)
		return fd;
	(void)close(fd);
	return -1;
}

static void signal_holders(const int *fd, size_t count, int number)
{
	for (size_t i = 0; i < count; i++)
		if (fd[i] >= 0)
			(void)syscall(SYS_pidfd_send_signal, fd[i], number, NULL, 0);
}

/* Return: true when all have ended */
static bool wait_for_ends(const int *fd, size_t count, int wait_ms)
{
	long long end = now_ms() + wait_ms;
	bool all = true;

	for (size_t i = 0; i < count; i++) {
		struct pollfd p = { .fd = fd[i], .events = POLLIN };
		long long left = end - now_ms();

		all &= fd[i] < 0 || poll(&p, 1, left > 0 ? (int)left : 0) > 0;
	}
	return all;
}

/**
 * session_end_holders() - end the processes that the plan names, each of which the user was told of
 *
 * Those that ignore SIGTERM get SIGKILL. Whether the devices are free then is session_wait()'s.
 */
void session_end_holders(struct keeper *k)
{
	const struct keeper_plan *plan = k->plan;
	uint64_t before = caps_lend(CAP_KILL);
	int fd[KEEPER_HOLDERS_MAX] = { 0 };

	for (uint32_t i = 0; i < plan->holder_count; i++)
		fd[i] = open_holder(&plan->holder[i]);
	signal_holders(fd, plan->holder_count, SIGTERM);
	if (!wait_for_ends(fd, plan->holder_count, TERM_MS)) {
		log_notice("%s: some that hold its devices do not end: sending SIGKILL",
			   k->journal.name);
		signal_holders(fd, plan->holder_count, SIGKILL);
		(void)wait_for_ends(fd, plan->holder_count, TERM_MS);
	}
	for (uint32_t i = 0; i < plan->holder_count; i++)
		if (fd[i] >= 0)
			(void)close(fd[i]);
	caps_take_back(before);
}

static void say_held(const struct keeper *k)
{
	bool announced = false;

	for (size_t i = 0; i < k->journal.change_count; i++)
		announced |= k->journal.change[i].kind == CHANGE_ANNOUNCE;
	if (announced)
		log_error(
			"%s: what holds its devices was asked and does not let go, so they are announced "
			"again: end it, or tell it to leave the card alone, as `vfio-run check %s` says",
			k->journal.name, k->journal.name);
	else
		log_error(
			"%s: the session has ended, and its devices are still held: end what holds them, "
			"or stop its unit with another `stop` in [session]",
			k->journal.name);
}

/**
 * session_find_lost() - has one ended that was asked, and was to go on?
 *
 * It has taken a desktop with it, possibly: the cards are announced again, for who starts it again,
 * and are not taken.
 *
 * Return: 0, or -ECHILD, which was logged
 */
int session_find_lost(const struct keeper *k)
{
	int rc = 0;

	for (uint32_t i = 0; i < k->plan->asked_count; i++) {
		const struct process_id *id = &k->plan->holder[k->plan->holder_count + i];

		if (process_fate(id) != PROCESS_ENDED)
			continue;
		rc = -ECHILD;
		log_error("%s: process %d was asked to let go of the card and to go on, and has ended: with "
			  "`holders = refuse` it is not asked", k->journal.name, (int)id->pid);
	}
	return rc;
}

/**
 * session_wait() - wait until no process holds the journal's devices
 * @go_on:	asked again and again; it may end the wait
 *
 * Return: 0; -EINTR it was told to stop; -EBUSY somebody still has one, and was named
 */
int session_wait(struct keeper *k, apply_go_on_fn go_on, void *context)
{
	long long began = now_ms(), waited = 0;
	bool said = false;
	pid_t holder;

	while ((holder = find(k, false)) != 0) {
		waited = now_ms() - began;
		if (!go_on(context))
			return -EINTR;
		if (waited >= DEADLINE_MS)
			break;
		if (waited >= PATIENCE_MS && !said) {
			log_notice(
				"%s: waiting for process %d to let go of the devices (at most %d s)",
				k->journal.name, (int)holder, DEADLINE_MS / 1000);
			said = true;
		}
		wait_a_moment(k, holder);
	}
	if (!holder)
		return 0;
	(void)find(k, true);
	say_held(k);
	return -EBUSY;
}
