/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job-detach.c - hand devices to vfio-pci and leave them there; give them back again */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/keeper/kinds/device-holders.h"
#include "launcher/keeper/job.h"

/**
 * job_detach() - make the plan's changes, and keep the journal for `attach`
 *
 * Return: an exit code of keeper.h
 */
int job_detach(struct keeper *k)
{
	int code = job_begin(k, k->plan->name, true);
	int rc;

	if (code)
		return code;
	rc = apply_plan(k);
	if (!rc)
		rc = journal_set_class(&k->journal, JOURNAL_KEPT);
	if (rc) {
		code = job_finish(k, revert_all(k));
		report_result(code ? code : EXIT_UNDONE,
			    code ? "something could not be given back: run `sudo vfio-run recover`" :
				   "a step failed: what had been changed was undone");
		job_close_state(k);
		standby_end(k);
		return code ? code : EXIT_UNDONE;
	}
	worker_stop(&k->worker);
	cgroup_remove(k);
	state_retire(&k->state, keeper_kind(k), k->journal.name);
	job_leave_journal(k);
	keeper_unlock_groups(k);
	job_close_state(k);
	report_result(EXIT_OK, "");
	standby_end(k);
	return EXIT_OK;
}

/* ---- attach ---------------------------------------------------------------------- */

struct attach {
	struct keeper *k;
	bool dry; /* the first walk: can all of it be done? */
	bool show; /* no other walk follows, but one that reports what would be put back */
	size_t matched;
	bool touched; /* something was given back */
	int code;
};

/* Is this journal one of those that were asked for? No device named: all are. */
static bool is_wanted(const struct keeper *k)
{
	for (uint32_t i = 0; i < k->plan->device_count; i++)
		for (size_t j = 0; j < k->journal.device_count; j++)
			if (!pci_address_compare(&k->plan->device[i].address,
						 &k->journal.device[j].address))
				return true;
	return k->plan->device_count == 0;
}

/* A VM, of ours or not, may be running on devices that were kept. */
static int refuse_if_used(struct keeper *k)
{
	for (size_t i = 0; i < k->journal.device_count; i++) {
		if (release_check(k, k->journal.device[i].group) != -EBUSY)
			continue;
		(void)device_holders_group(k->journal.device[i].group, true);
		return job_refuse(k, EXIT_HOST, "%s: its IOMMU group is in use: end what has it open first",
				  k->journal.device[i].name);
	}
	return 0;
}

static int give_back(struct keeper *k)
{
	memset(k->gone, 0, sizeof(k->gone)); /* of the journal before */
	memset(k->held, 0, sizeof(k->held));
	job_have_standby(k);
	job_workers_known(k);
	if (journal_set_class(&k->journal, JOURNAL_RUN)) /* in room that was reserved */
		return job_refuse(k, EXIT_HOST, "%s: its journal cannot be written: is /run full?",
				  k->journal.name);
	if (state_announce(&k->state, keeper_kind(k), k->journal.name))
		log_verbose("%s: is not announced", k->journal.name); /* a full /run keeps no device */
	worker_stop(&k->worker); /* the next one is written down */
	return job_finish(k, revert_all(k));
}

static int show(const struct keeper *k)
{
	revert_show(k);
	return 0;
}

static int attach_one(void *context, const char *name)
{
	struct attach *a = context;
	struct keeper *k = a->k;
	char why[JOB_TEXT_MAX];
	int fd = -1, rc;

	rc = job_open_journal(k, name, &fd);
	if (rc == -EWOULDBLOCK)
		return 0; /* a running VM's, or a detach in progress */
	k->journal = (struct journal)JOURNAL_INIT;
	if (!rc)
		rc = journal_load(&k->journal, fd);
	(void)snprintf(k->journal.name, sizeof(k->journal.name), "%s", name); /* as its file is */
	if (rc == -ENODATA) { /* without a change, or removed just now */
		if (a->show)
			job_leave_journal(k);
		else
			job_drop_journal(k);
		return 0;
	}
	if ((!rc || rc == -EPROTONOSUPPORT) &&
	    (k->journal.class_ != JOURNAL_KEPT || !is_wanted(k))) {
		job_leave_journal(k);
		return 0;
	}
	if (rc) {
		a->code =
			job_refuse(k, EXIT_HOST, "%s", job_unreadable(&k->journal, name, rc, why));
		job_leave_journal(k);
		return rc;
	}
	a->matched++;
	if (job_lock_groups(k))
		rc = job_refuse(k, EXIT_HOST, "%s: a VM is using it: end the VM first", name);
	else
		rc = a->dry ? refuse_if_used(k) : a->show ? show(k) : give_back(k);
	a->touched |= !a->dry && !a->show && rc != EXIT_HOST;
	if (rc > a->code)
		a->code = rc;
	job_leave_journal(k);
	keeper_unlock_groups(k);
	return 0;
}

/**
 * job_attach() - give back what `detach` took: all of it, or the devices of the plan
 *
 * Looks first whether all of it is free, then gives back one detach after the other.
 *
 * Return: an exit code of keeper.h
 */
int job_attach(struct keeper *k)
{
	struct attach a = { .k = k, .dry = true, .show = k->plan->flags & KEEPER_DRY_RUN };
	int rc = state_open(&k->state);

	if (rc)
		return job_refuse(k, EXIT_HOST, STATE_DIR ": %s", strerror(-rc));
	rc = state_each_journal(&k->state, attach_one, &a);
	if (rc && !a.code)
		a.code = job_refuse(k, EXIT_HOST, STATE_DIR "/state cannot be read: %s",
				    strerror(-rc));
	if (!rc && !a.code && !a.matched && k->plan->device_count)
		a.code = job_refuse(k, EXIT_HOST, "none of these devices was detached by vfio-run");
	if (!rc && !a.code) {
		a.dry = false;
		if (state_each_journal(&k->state, attach_one, &a) && !a.code)
			a.code = EXIT_LEFT;
		if (a.touched && a.code == EXIT_HOST) /* another job was first */
			a.code = EXIT_LEFT;
	}
	worker_stop(&k->worker);
	job_close_state(k);
	if (a.code != EXIT_HOST)
		report_result(a.code, a.code ? "something could not be given back" : "");
	standby_end(k);
	return a.code;
}
