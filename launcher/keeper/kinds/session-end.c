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
#include <string.h>
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
#define ENDS_MS 1000	 /* who cannot go on closes the card, and ends: by then it is on its way */

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

/* ---- those that are asked, and go on ------------------------------------------------------ */

static const struct process_id *asked(const struct keeper *k, uint32_t i)
{
	return &k->plan->holder[k->plan->holder_count + i];
}

/* Was it seen when the plan was made, whatever becomes of it? */
static bool is_planned(const void *context, pid_t pid)
{
	const struct keeper_plan *plan = context;

	for (uint32_t i = 0; i < plan->holder_count + plan->asked_count + plan->known_count; i++)
		if (plan->holder[i].pid == pid && process_fate(&plan->holder[i]) == PROCESS_LIVES)
			return true;
	return false;
}

static bool is_announced(const struct keeper *k, const struct journal_device *d)
{
	size_t length = strlen(d->name);

	for (uint32_t i = 0; i < k->plan->change_count; i++) {
		const struct change *c = &k->plan->change[i];

		if (c->kind == CHANGE_ANNOUNCE && !strncmp(c->target, d->name, length) &&
		    c->target[length] == '/')
			return true;
	}
	return false;
}

/**
 * session_check_asked() - are those that hear of an announcement still those that it was planned for?
 *
 * A display server that was started since then may be one that ends when it hears of it: the hooks,
 * a question and QEMU's start are between.
 *
 * Return: 0, or -ESTALE, which was logged; then nothing was announced
 */
int session_check_asked(const struct keeper *k)
{
	bool same = true;

	if (!k->plan->asked_count)
		return 0;
	for (uint32_t i = 0; i < k->plan->asked_count; i++)
		same &= process_fate(asked(k, i)) == PROCESS_LIVES;
	for (size_t i = 0; i < k->journal.device_count; i++) {
		const struct journal_device *d = &k->journal.device[i];
		struct device_holders h = { .only_cards = true };

		if (!is_announced(k, d))
			continue;
		device_holders_remember(&h, d);
		same &= !device_holders_beside(&h, is_planned, k->plan, d->name);
	}
	if (!same)
		log_error("%s: who holds the card has changed since the plan was made: try again",
			  k->journal.name);
	return same ? 0 : -ESTALE;
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

/* Until one of them ends, for a moment. */
static void wait_for_one_end(const struct keeper *k)
{
	struct pollfd p[KEEPER_HOLDERS_MAX];

	for (uint32_t i = 0; i < k->plan->asked_count; i++)
		p[i] = (struct pollfd){ .fd = open_holder(asked(k, i)), .events = POLLIN };
	(void)poll(p, k->plan->asked_count, ENDS_MS);
	for (uint32_t i = 0; i < k->plan->asked_count; i++)
		if (p[i].fd >= 0)
			(void)close(p[i].fd);
}

/**
 * session_find_lost() - has one ended that was asked, and was to go on?
 *
 * One that cannot go on has closed the card before it ends: it is given a moment for that. It has
 * taken a desktop with it, possibly: the cards are announced again, for who starts it again,
 * and are not taken.
 *
 * Return: 0, or -ECHILD, which was logged
 */
int session_find_lost(const struct keeper *k)
{
	int rc = 0;

	if (k->plan->asked_count)
		wait_for_one_end(k);
	for (uint32_t i = 0; i < k->plan->asked_count; i++) {
		const struct process_id *id = asked(k, i);

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
	if (!holder) {
		log_verbose("%s: no process holds its devices", k->journal.name);
		return 0;
	}
	(void)find(k, true);
	say_held(k);
	return -EBUSY;
}

/**
 * session_look_again() - right before the devices are taken: does one have a card again that was asked?
 *
 * Any announcement that the card has changed makes it open that again. It is asked once more.
 *
 * Return: as session_wait(), or -errno of an announcement
 */
int session_look_again(struct keeper *k, apply_go_on_fn go_on, void *context)
{
	int rc = 0;

	if (!k->plan->asked_count || !find(k, false))
		return 0;
	log_notice("%s: a card that was let go of is open again: it is announced as gone once more",
		   k->journal.name);
	for (uint32_t i = 0; !rc && i < k->plan->change_count; i++)
		if (k->plan->change[i].kind == CHANGE_ANNOUNCE)
			rc = change_apply(k, &k->plan->change[i]);
	if (!rc)
		rc = session_find_lost(k);
	return rc ? rc : session_wait(k, go_on, context);
}
