/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job-take-over.c - what a standby does when its keeper is dead: end that job, whatever it was */
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "launcher/base/log.h"
#include "launcher/keeper/job.h"

/*
 * Is there a journal to revert, and is it this job's? A keeper removes its journal when all is
 * restored, and unlocks one that it has to leave behind: another job can own that by now.
 */
static bool is_ours(const struct keeper *k)
{
	return job_journal_stands(k) && flock(k->journal.fd, LOCK_EX | LOCK_NB) == 0;
}

/* Return: true when nothing is left of what the keeper began */
static bool settle(struct keeper *k, bool ours)
{
	char name[sizeof(k->journal.name)];
	bool settled = true;

	if (ours) {
		memcpy(name, k->journal.name, sizeof(name));
		log_warning("%s: vfio-run is gone: ending what it began, and giving the devices back",
			    name);
		settled = job_settle(k, take_fd(&k->journal.fd), name);
	} else {
		/* of the fork's time: whoever has ended it runs them */
		*k->journal.hook_failed = *k->journal.hook_released = '\0';
		job_leave_journal(k);
		keeper_unlock_groups(k);
	}
	worker_stop(&k->worker);
	job_close_state(k);
	return settled;
}

/* Files that the keeper had made but not locked yet, or removed but not forgotten yet. */
static void sweep(struct keeper *k)
{
	if (state_open(&k->state))
		return;
	state_sweep(&k->state);
	job_close_state(k);
}

/* What was asked for is kept; anything else that a detach had begun was undone. */
static int end_detach(const struct keeper *k, bool settled)
{
	int code = !settled ? EXIT_LEFT : k->journal.class_ == JOURNAL_KEPT ? EXIT_OK : EXIT_UNDONE;

	report_result(code, code == EXIT_OK ? "" :
			  code == EXIT_UNDONE ?
			  "the keeper was killed: what had been changed was undone" :
			  "something could not be given back: run `sudo vfio-run recover`");
	return code;
}

/**
 * job_take_over() - end the job of a keeper that died
 *
 * To be called by its standby, with its locks. A run and a detach are undone; attach and
 * recover, which give back anyway, are done to their end.
 *
 * Return: an exit code of keeper.h, which possibly no process waits for
 */
int job_take_over(struct keeper *k)
{
	bool ours = is_ours(k), settled = settle(k, ours);
	int code;

	switch (k->plan->job) {
	case KEEPER_ATTACH:
		return job_attach(k);
	case KEEPER_RECOVER:
		if (settled)
			job_run_written_hooks(k);
		return job_recover(k);
	case KEEPER_DETACH:
		code = end_detach(k, settled);
		break;
	default:
		code = settled ? EXIT_OK : EXIT_LEFT;
		if (settled && k->journal.device_count)
			log_notice("%s: everything is back as it was", k->journal.name);
	}
	job_trial_say(k);
	sweep(k);
	standby_end(k);
	if (k->plan->job == KEEPER_RUN && ours) /* else whoever ended it runs them, or has */
		job_run_last_hooks(k, settled ? EXIT_GUEST : EXIT_LEFT);
	return code;
}
