/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job-recover.c - undo what an interrupted run or detach left behind */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/job.h"
#include "launcher/keeper/ledger/shared.h"
#include "launcher/keeper/process/hooks.h"

#define RETRY_MS 100	    /* no event reports that a lock is free */
#define OTHERS_TRIES 3000   /* another process works on the same journal: five minutes */
#define START_TRIES 100	    /* the same before a start: ten seconds */
#define GROUPS_TRIES 20	    /* a dead keeper's child may hold them for a moment more */

struct recover {
	struct keeper *k;
	bool left; /* something could not be put back */
};

/* Too large for a stack. */
static struct journal others;

/*
 * A locked journal belongs to its keeper, if that is alive. If it is dead, the lock is held by a
 * child that outlives it for a moment, or by another job that reverts the same journal.
 */
static bool keeper_lives(const struct keeper *k, const char *name)
{
	char file[STATE_NAME_MAX + 16];
	int fd, rc;

	(void)snprintf(file, sizeof(file), "%s.journal", name);
	fd = openat(k->state.state_fd, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno != ENOENT;
	others = (struct journal)JOURNAL_INIT;
	rc = journal_load(&others, fd);
	(void)close(fd);
	return rc || !others.keeper.pid || known_by_proc(&others.keeper) != PROCESS_ENDED;
}

/* Return: false when an end was requested meanwhile */
static bool wait_a_moment(struct keeper *k)
{
	struct pollfd p = { .fd = k->signals, .events = POLLIN };

	(void)poll(&p, 1, RETRY_MS);
	return !keeper_was_interrupted(k);
}

/*
 * Before a start, another job that takes long (waiting for a holder, say) is not waited for: if it
 * needs the same devices, their locks refuse this start.
 *
 * Return: 0; -EWOULDBLOCK its keeper lives, or another job that is not waited for; -EBUSY others
 *	   work on it; -errno of state_lock()
 */
static int open_stale(struct keeper *k, const char *name, int *fd)
{
	bool before_start = k->plan->flags & KEEPER_BEFORE_START;

	for (int tries = 0; tries < OTHERS_TRIES; tries++) {
		int rc = job_open_journal(k, name, fd);

		if (rc != -EWOULDBLOCK || keeper_lives(k, name))
			return rc;
		if (before_start && tries >= START_TRIES)
			return rc;
		if (tries == 10)
			log_notice("%s: waiting for another vfio-run that gives its devices back", name);
		if (!wait_a_moment(k))
			break;
	}
	return -EBUSY;
}

static int own_groups(struct keeper *k)
{
	int rc = job_lock_groups(k);

	for (int tries = 0; rc == -EWOULDBLOCK && tries < GROUPS_TRIES && wait_a_moment(k); tries++)
		rc = job_lock_groups(k);
	return rc;
}

/* The journal is loaded, stale, and ours. Return: true when nothing of it is left */
static bool undo(struct keeper *k)
{
	bool restored;

	memset(k->gone, 0, sizeof(k->gone));
	memset(k->held, 0, sizeof(k->held));
	/* a standby has them already; a full /run must not keep a device */
	if (!k->group_count && own_groups(k) == -EWOULDBLOCK) {
		log_error("%s: another vfio-run is at work on its devices: try again when it is done",
			  k->journal.name);
		job_leave_for_recover(k);
		return false;
	}
	if (!k->journal.is_detach)
		status_take_over(&k->status, &k->state, k->journal.name);
	cgroup_end_programs(k, 0); /* they can have all processes that there may be: none could be started */
	job_have_standby(k);
	job_workers_known(k);
	restored = fence_predecessor(k) == 0;
	if (restored) {
		if (k->plan->job == KEEPER_RUN) /* of a standby */
			job_tell_stopped(k);
		restored = job_finish(k, revert_all(k)) == 0;
	} else {
		cgroup_remove(k);
		job_leave_for_recover(k);
		keeper_unlock_groups(k);
	}
	status_set_end(&k->status, restored ? EXIT_GUEST : EXIT_LEFT);
	status_close(&k->status);
	return restored;
}

/**
 * job_unreadable() - a journal that cannot be used: what it is and what to do
 * @j:		as journal_load() left it
 * @name:	as its file is called
 * @rc:		from journal_load()
 * @text:	filled with the sentence
 *
 * Of a newer format, after a downgrade, each device is logged here.
 *
 * Return: @text
 */
const char *job_unreadable(const struct journal *j, const char *name, int rc,
			   char text[JOB_TEXT_MAX])
{
	if (rc != -EPROTONOSUPPORT) {
		(void)snprintf(
			text, JOB_TEXT_MAX,
			"%s: its journal cannot be read (%s): see `vfio-run list` for what is on "
			"vfio-pci; a reboot mends it",
			name, strerror(-rc));
		return text;
	}
	for (size_t i = 0; i < j->device_count; i++)
		log_error("%s (%s): stays as it is", j->device[i].name,
			  *j->device[i].title ? j->device[i].title : "no name for it can be read");
	(void)snprintf(
		text, JOB_TEXT_MAX,
		"%s: its journal is of a newer vfio-run (format %u, and this one reads up to %d): "
		"install that one again, then `sudo vfio-run %s`; a reboot mends it, too",
		name, j->newer, JOURNAL_FORMAT, j->class_ == JOURNAL_KEPT ? "attach" : "recover");
	return text;
}

/* Kept on request: only the announcement of a detach that was killed at its very end goes. */
static void leave_kept(struct keeper *k)
{
	state_retire(&k->state, keeper_kind(k), k->journal.name);
	job_leave_journal(k);
}

/* A VM without a device has programs too. */
static bool was_begun(const struct journal *j)
{
	return j->device_count || j->change_count || j->process_count;
}

/**
 * job_settle() - bring to an end what a dead keeper's journal records
 * @fd:		the journal, locked; owned by @k from now on
 * @name:	as its file is called
 *
 * Its groups are locked here unless they are already; afterwards none is.
 *
 * Return: true when nothing of it is left, or it is kept on purpose
 */
bool job_settle(struct keeper *k, int fd, const char *name)
{
	char why[JOB_TEXT_MAX];
	int rc;

	k->journal = (struct journal)JOURNAL_INIT;
	rc = journal_load(&k->journal, fd);
	(void)snprintf(k->journal.name, sizeof(k->journal.name), "%s", name);
	if (!rc && k->journal.class_ != JOURNAL_KEPT && was_begun(&k->journal))
		return undo(k);
	if (k->journal.class_ == JOURNAL_KEPT && (!rc || rc == -EPROTONOSUPPORT)) {
		leave_kept(k);
		rc = 0;
	} else if (rc && rc != -ENODATA) {
		log_error("%s", job_unreadable(&k->journal, name, rc, why));
		job_leave_journal(k);
	} else {
		job_drop_journal(k); /* it records no change */
	}
	keeper_unlock_groups(k);
	return !rc || rc == -ENODATA;
}

/* The journal is locked, and stays as it is. Return: true when nothing of it is left */
static bool show(struct keeper *k, int fd, const char *name)
{
	char why[JOB_TEXT_MAX];
	bool left;
	int rc;

	k->journal = (struct journal)JOURNAL_INIT;
	rc = journal_load(&k->journal, fd);
	(void)snprintf(k->journal.name, sizeof(k->journal.name), "%s", name);
	if (rc && rc != -EPROTONOSUPPORT)
		left = rc != -ENODATA;
	else
		left = k->journal.class_ != JOURNAL_KEPT && (rc || was_begun(&k->journal));
	if (left && rc)
		log_error("%s", job_unreadable(&k->journal, name, rc, why));
	else if (left)
		revert_show(k);
	job_leave_journal(k);
	return !left;
}

/**
 * job_run_written_hooks() - what keeper and standby of a run would have done last
 *
 * By who gives back in their place, from the journal. Others of their plan are of what came before.
 */
void job_run_written_hooks(struct keeper *k)
{
	if (*k->journal.hook_failed)
		(void)!hooks_execute(k, "failed", k->journal.hook_failed);
	if (*k->journal.hook_released)
		(void)!hooks_execute(k, "released", k->journal.hook_released);
}

static int recover_one(void *context, const char *name)
{
	struct recover *r = context;
	struct keeper *k = r->k;
	bool dry = k->plan->flags & KEEPER_DRY_RUN;
	int fd = -1, rc;

	if (*k->plan->name && strcmp(k->plan->name, name))
		return 0;
	rc = dry ? job_open_journal(k, name, &fd) : open_stale(k, name, &fd);
	if (rc == -EWOULDBLOCK)
		return 0;
	if (rc)
		log_error("%s: its journal cannot be opened (%s): try again", name, strerror(-rc));
	if (rc || !(dry ? show(k, fd, name) : job_settle(k, fd, name)))
		r->left = true;
	else if (!dry)
		job_run_written_hooks(k);
	return 0;
}

/**
 * job_recover() - revert every stale journal, or the one of the plan's name
 *
 * Return: EXIT_OK when nothing is left, else EXIT_LEFT
 */
int job_recover(struct keeper *k)
{
	struct recover r = { .k = k };
	bool dry = k->plan->flags & KEEPER_DRY_RUN;
	int rc = state_open(&k->state);

	if (rc)
		return job_refuse(k, EXIT_LEFT, STATE_DIR ": %s", strerror(-rc));
	rc = state_each_journal(&k->state, recover_one, &r);
	if (!dry && !shared_sweep(k))
		r.left = true;
	worker_stop(&k->worker);
	if (!dry && !rc && !r.left)
		state_sweep(&k->state);
	if (!dry)
		cgroup_sweep(k);
	job_close_state(k);
	rc = rc || r.left ? EXIT_LEFT : EXIT_OK;
	report_result(rc, rc && !dry ? "something could not be given back" : "");
	standby_end(k);
	return rc;
}
