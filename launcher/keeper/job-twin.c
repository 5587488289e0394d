/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job-twin.c - what a twin does when its keeper is dead: end that job, whatever it was */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/job.h"

/* It had nothing left to do but to go: what it had no time to take away is taken away. */
static void tidy_up(struct keep *k)
{
	job_leave_journal(k);
	keep_unlock_groups(k);
}

/* Return: true when nothing is left of what the keeper began */
static bool settle(struct keep *k)
{
	char name[sizeof(k->journal.name)];

	if (!job_journal_stands(k)) {
		tidy_up(k);
		return true;
	}
	memcpy(name, k->journal.name, sizeof(name));
	log_warning("%s: vfio-run is gone: ending the VM and giving the devices back", name);
	return job_settle(k, take_fd(&k->journal.fd), name);
}

/* What was asked for is kept; anything else that a detach had begun was undone. */
static int end_detach(const struct keep *k, bool settled)
{
	int code = !settled ? EXIT_LEFT : k->journal.class_ == JOURNAL_KEPT ? EXIT_OK : EXIT_UNDONE;

	tell_result(code, code == EXIT_OK ? "" :
			  code == EXIT_UNDONE ?
			  "the keeper was killed: what had been changed was undone" :
			  "something could not be given back: run `sudo vfio-run recover`");
	return code;
}

/**
 * job_take_over() - end the job of a keeper that died
 *
 * To be called by its twin, with its locks. A run and a detach are undone; attach and
 * recover, which give back anyway, are done to their end.
 *
 * Return: an exit code of keeper.h, which nobody may be waiting for
 */
int job_take_over(struct keep *k)
{
	bool settled = settle(k);
	int code = settled ? EXIT_OK : EXIT_LEFT;

	worker_stop(&k->worker);
	state_close(&k->state);
	twin_end(k);
	switch (k->plan->job) {
	case KEEPER_DETACH:
		return end_detach(k, settled);
	case KEEPER_ATTACH:
		return job_attach(k);
	case KEEPER_RECOVER:
		return job_recover(k);
	default:
		if (settled && k->journal.device_count)
			log_notice("%s: everything is back as it was", k->journal.name);
		return code;
	}
}
