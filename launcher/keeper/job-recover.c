/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job-recover.c - undo what an interrupted run or detach left behind */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/job.h"

struct recover {
	struct keep *k;
	bool left; /* something could not be put back */
};

/* The journal is loaded, stale, and ours. Return: true when nothing of it is left */
static bool recover_journal(struct keep *k)
{
	job_workers_known(k);
	memset(k->gone, 0, sizeof(k->gone));
	memset(k->held, 0, sizeof(k->held));
	if (k->journal.damaged)
		log_warning("%s: its journal is damaged: everything that it names is put back",
			    k->journal.name);
	if (fence_predecessor(k)) {
		log_error("%s: its QEMU (process %d) does not die; try again when it is gone, or reboot",
			  k->journal.name, (int)k->journal.qemu.pid);
		job_leave_journal(k);
		return false;
	}
	return job_finish(k, revert_all(k)) == 0;
}

static int recover_one(void *context, const char *name)
{
	struct recover *r = context;
	struct keep *k = r->k;
	int fd = -1, rc;

	if (*k->plan->name && strcmp(k->plan->name, name))
		return 0;
	if (job_open_journal(k, name, &fd))
		return 0; /* its keeper lives */
	k->journal = (struct journal)JOURNAL_INIT;
	rc = journal_load(&k->journal, fd);
	if (!*k->journal.name)
		(void)snprintf(k->journal.name, sizeof(k->journal.name), "%s", name);
	if (rc == -ENODATA || (!rc && !k->journal.device_count)) {
		job_drop_journal(k); /* begun and nothing more: nothing was changed */
	} else if (rc) {
		log_error("%s: its journal cannot be read (%s): see `vfio-run list` for what is on "
			  "vfio-pci; a reboot mends it", name, strerror(-rc));
		r->left = true;
		job_leave_journal(k);
	} else if (k->journal.class_ == JOURNAL_KEPT) {
		job_leave_journal(k);
	} else if (!recover_journal(k)) {
		r->left = true;
	}
	return 0;
}

/**
 * job_recover() - revert every stale journal, or the one of the plan's name
 *
 * Return: EXIT_OK when nothing is left, else EXIT_LEFT
 */
int job_recover(struct keep *k)
{
	struct recover r = { .k = k };
	int rc = state_open(&k->state);

	if (rc)
		return job_refuse(k, EXIT_LEFT, STATE_DIR ": %s", strerror(-rc));
	rc = state_each_journal(&k->state, recover_one, &r);
	worker_stop(&k->worker);
	if (!rc && !r.left)
		state_sweep(&k->state);
	state_close(&k->state);
	tell_result(!rc && !r.left, rc || r.left ? "something could not be given back" : "");
	return rc || r.left ? EXIT_LEFT : EXIT_OK;
}
