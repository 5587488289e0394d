/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job.c - what the jobs share: begin a journal, own the groups, end with an exit code */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/job.h"
#include "launcher/keeper/ledger/shared.h"

#define USB_CHANGES 8 /* of a device that is plugged in later: its interfaces */

/* Reports why a job could not begin: to the terminal, or to vfio-run. */
static int refuse(const struct keeper *k, int code, const char *text)
{
	if (k->plan->job == KEEPER_RUN)
		log_error("%s", text);
	report_result(code, text);
	return code;
}

/**
 * job_refuse() - end a job before anything was changed
 * @code:	its exit code
 * @format:	one line: what is wrong and what to do
 *
 * Return: @code
 */
int job_refuse(const struct keeper *k, int code, const char *format, ...)
{
	char text[JOB_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return refuse(k, code, text);
}

static int write_worker_down(void *context, pid_t pid)
{
	struct keeper *k = context;
	struct process_id id;
	int rc, written;

	if (!k->worker.in_leaf)
		cgroup_place(k, CGROUP_WORKER, pid);
	rc = standby_know(k, KNOWN_WORKER, pid, k->worker.pidfd, &id);
	written = journal_add_worker(&k->journal, &id);
	return k->reverting ? 0 : rc ? rc : written;
}

/** job_workers_known() - from here on every new worker is written into the journal */
void job_workers_known(struct keeper *k)
{
	k->worker.started = write_worker_down;
	k->worker.context = k;
	if (k->worker.leaf >= 0) /* of a journal before */
		(void)close(k->worker.leaf);
	k->worker.leaf = cgroup_leaf(k, CGROUP_WORKER);
}

/**
 * job_have_standby() - before something is given back that was taken earlier
 *
 * Best effort: without a standby the devices are as safe as they were before, so giving them
 * back goes on without one.
 */
void job_have_standby(struct keeper *k)
{
	if (standby_share(k))
		log_verbose("%s: its locks are not shared with a standby", k->journal.name);
	cgroup_setup(k); /* ending the session of the caller must end neither of the two */
	standby_move_in(k);
}

/* The name of the journal's file. */
static void journal_file(const char *name, char buf[STATE_NAME_MAX + 16])
{
	(void)snprintf(buf, STATE_NAME_MAX + 16, "%s.journal", name);
}

/** job_open_journal() - lock that journal; 0, -EWOULDBLOCK another process has it, or -errno */
int job_open_journal(struct keeper *k, const char *name, int *fd)
{
	char file[STATE_NAME_MAX + 16];

	journal_file(name, file);
	return state_lock(&k->state, file, fd);
}

/** job_drop_journal() - all of it is reverted: remove it and its announcement */
void job_drop_journal(struct keeper *k)
{
	char file[STATE_NAME_MAX + 16];

	(void)shared_leave(k); /* its name may stand there, though it has changed nothing */
	journal_file(k->journal.name, file);
	if (k->journal.unread)
		state_set_aside(&k->state, file, k->journal.name);
	cgroup_remove(k);
	state_retire(&k->state, keeper_kind(k), k->journal.name);
	state_unlock(&k->state, file, &k->journal.fd);
}

/** job_journal_stands() - is it still there? Its keeper removes it when all is restored */
bool job_journal_stands(const struct keeper *k)
{
	char file[STATE_NAME_MAX + 16];

	journal_file(k->journal.name, file);
	return k->journal.fd >= 0 && !state_is_gone(&k->state, file, k->journal.fd);
}

/** job_leave_journal() - it stays, for attach or recover; its lock is free from now on */
void job_leave_journal(struct keeper *k)
{
	int rc = k->journal.fd < 0 ? 0 : state_let_go(k->journal.fd); /* a standby has it open too */

	if (k->journal.fd >= 0)
		(void)close(k->journal.fd);
	k->journal.fd = -1;
	if (rc)
		standby_end(k);
}

/**
 * job_leave_for_recover() - likewise, of a run of which something is left
 *
 * Its hook `failed` is run by who leaves it, when nobody else has this job any more: not by
 * `recover` as well.
 */
void job_leave_for_recover(struct keeper *k)
{
	if (k->plan->job == KEEPER_RUN && *k->plan->hook[KEEPER_HOOK_FAILED])
		(void)journal_add_ran(&k->journal, "failed");
	job_leave_journal(k);
}

/** job_close_state() - close the state directories; no lock of theirs stays with a standby */
void job_close_state(struct keeper *k)
{
	if (state_close(&k->state))
		standby_end(k);
}

/** job_lock_groups() - own the groups of the journal's devices; as keeper_lock_groups() */
int job_lock_groups(struct keeper *k)
{
	int32_t group[KEEPER_GROUPS_MAX];
	size_t count = 0;

	/* devices are sorted by address; groups must be locked in their own order */
	for (int32_t last = -1; count < KEEPER_GROUPS_MAX;) {
		int32_t next = INT32_MAX;

		for (size_t i = 0; i < k->journal.device_count; i++)
			if (k->journal.device[i].group > last && k->journal.device[i].group < next)
				next = k->journal.device[i].group;
		if (next == INT32_MAX)
			break;
		group[count++] = last = next;
	}
	return keeper_lock_groups(k, group, count);
}

static int write_devices_down(struct keeper *k)
{
	for (uint32_t i = 0; i < k->plan->device_count; i++) {
		struct journal_device *d = &k->journal.device[i];
		int rc = device_snapshot(k, &k->plan->device[i], d);

		if (!rc)
			rc = journal_add_device(&k->journal, d);
		if (rc)
			return rc;
	}
	for (uint32_t i = 0; i < k->plan->change_count; i++) {
		int rc = journal_add_planned(&k->journal, &k->plan->change[i]);

		if (rc)
			return rc;
	}
	return 0;
}

/* For `recover`, which has no plan of this VM. */
static int write_hooks_down(struct keeper *k)
{
	const char *failed = k->plan->hook[KEEPER_HOOK_FAILED], *released = k->plan->hook[KEEPER_HOOK_RELEASED];
	int rc = *failed ? journal_add_hook(&k->journal, "failed", failed) : 0;

	return !rc && *released ? journal_add_hook(&k->journal, "released", released) : rc;
}

static int begin_journal(struct keeper *k, const char *name, bool is_detach)
{
	struct process_id self;
	int fd = -1, rc = job_open_journal(k, name, &fd);

	k->journal.fd = fd;
	if (!rc) /* else this job owns nothing of that name */
		(void)snprintf(k->journal.name, sizeof(k->journal.name), "%s", name);
	if (!rc)
		rc = standby_share(k); /* all locks are held */
	if (!rc) {
		cgroup_setup(k);
		if (k->hooks_pid > 0) /* a session that ends must not take it along */
			cgroup_place(k, CGROUP_KEEPER, k->hooks_pid);
		if (is_detach) /* a run goes later, while it waits for others anyway */
			standby_move_in(k);
		rc = journal_begin(&k->journal, fd, name, is_detach);
	}
	if (!rc)
		rc = journal_reserve(&k->journal, k->plan->device_count,
				     k->plan->change_count + USB_CHANGES * k->plan->usb_count);
	if (!rc)
		rc = process_identify(getpid(), &self);
	if (!rc)
		rc = journal_add_keeper(&k->journal, &self);
	if (!rc)
		rc = write_hooks_down(k);
	if (!rc && *k->plan->picture)
		rc = journal_add_picture(&k->journal, k->plan->picture);
	if (!rc && !is_detach)
		rc = status_open(&k->status, &k->state, k->plan, k->standby.pid);
	if (!rc && !is_detach)
		rc = control_open(k->plan, &k->control);
	if (!rc && !is_detach)
		rc = agent_open(k->plan, &k->agent);
	if (!rc && !is_detach)
		rc = display_open(k->plan, &k->display);
	if (!rc)
		rc = state_announce(&k->state, keeper_kind(k), name);
	if (!rc)
		rc = shared_enroll(k);
	return rc;
}

/* The job cannot begin: another one runs, an earlier one left something, or /run is full. */
static int refuse_journal(struct keeper *k, const char *name, int rc)
{
	const char *why = "no journal can be kept in " STATE_DIR "/state: is /run full?";

	if (rc == -EWOULDBLOCK && k->journal.fd < 0) /* another process has it */
		why = "is running already, or still gives its devices back";
	if (rc == -EEXIST)
		why = "an earlier one left changes behind: run `sudo vfio-run recover`";
	if (rc == -ENOLCK)
		why = "another vfio-run is at work on what VMs share: try again when it is done";
	if (!k->journal.begun) { /* it may be an earlier job's: it must be kept */
		cgroup_remove(k); /* while its lock is held: it may be another job's from then on */
		job_leave_journal(k);
		state_sweep(&k->state); /* removes an empty one */
	}
	return job_refuse(k, EXIT_HOST, "%s: %s", name, why);
}

/* The first worker, the devices as it finds them, and whether the plan was made from that. */
static int look_again(struct keeper *k, const char *name)
{
	int rc;

	job_workers_known(k);
	rc = worker_start(&k->worker);
	if (rc)
		return job_refuse(k, EXIT_HOST, "%s: no process can be started that asks the devices: %s",
				  name, strerror(-rc));
	rc = write_devices_down(k);
	if (rc)
		return job_refuse(k, EXIT_HOST, "%s: a device cannot be read: %s", name, strerror(-rc));
	if (!change_plan_fits(k))
		return job_refuse(k, EXIT_HOST, "%s: a device changed hands just now: try again", name);
	return 0;
}

/**
 * job_begin() - own what the plan touches and write down how it was found
 * @name:	of the VM or the detach
 * @is_detach:	which of the two
 *
 * Return: 0; else an exit code: nothing was touched, and the reason was reported
 */
int job_begin(struct keeper *k, const char *name, bool is_detach)
{
	int rc = standby_start(k), code = 0;

	if (rc)
		return job_refuse(k, EXIT_HOST, "%s: no second process that would give its devices back: %s",
				  name, strerror(-rc));
	rc = state_open(&k->state);
	if (rc)
		code = job_refuse(k, EXIT_HOST, STATE_DIR ": %s: it must be a directory of root's",
				  strerror(-rc));
	rc = code ? 0 : keeper_lock_groups(k, k->plan->group, k->plan->group_count);
	if (rc)
		code = job_refuse(k, EXIT_HOST, rc == -EWOULDBLOCK ?
				  "a device of this plan is in use by another vfio-run: `vfio-run list` names it" :
				  "the IOMMU groups cannot be locked in " STATE_DIR "/state");
	if (!code && (rc = begin_journal(k, name, is_detach)))
		code = refuse_journal(k, name, rc);
	if (!code)
		code = look_again(k, name);
	if (code)
		job_abandon(k);
	return code;
}

/** job_abandon() - nothing was changed: let everything go */
void job_abandon(struct keeper *k)
{
	worker_stop(&k->worker);
	if (k->journal.fd >= 0)
		job_drop_journal(k);
	keeper_unlock_groups(k);
	state_sweep(&k->state); /* a file that was made and could not be locked */
	job_close_state(k);
	standby_end(k);
}

/* An unreadable line may have been a change; it cannot be reverted, and is not guessed at. */
static void say_unread(const struct keeper *k)
{
	const struct journal *j = &k->journal;

	log_error("%s: its journal is damaged: %u of its lines cannot be read, the first one is line %u; "
		  "everything else is as it was. If that was a change, a reboot undoes it; the journal "
		  "is kept as " STATE_DIR "/state/%s" STATE_DAMAGED,
		  j->name, j->unread, j->first_unread, j->name);
}

/**
 * job_finish() - after a revert: tidy up, or leave the journal for `recover`
 * @restored:	what revert_all() returned
 *
 * A journal that could not be read whole is set aside: what could be read is reverted.
 *
 * The standby has nothing to do any more: the caller ends it, last of all.
 *
 * Return: 0, or EXIT_LEFT
 */
int job_finish(struct keeper *k, bool restored)
{
	bool unread = k->journal.unread;

	if (!restored)
		revert_say_left(k);
	else if (k->journal.unread)
		say_unread(k);
	worker_stop(&k->worker);
	cgroup_remove(k);
	if (restored)
		job_drop_journal(k);
	else
		job_leave_for_recover(k);
	keeper_unlock_groups(k);
	return restored && !unread ? 0 : EXIT_LEFT;
}
