/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job-run.c - a VM from the first change to the last: apply, run, revert */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/given.h"
#include "launcher/keeper/job.h"
#include "launcher/keeper/process/hooks.h"
#include "launcher/keeper/process/inhibit.h"
#include "launcher/keeper/process/notify.h"
#include "launcher/keeper/vm/vm.h"

/* A program could not be started; what was changed for it is reverted. */
static int not_started(const struct keeper *k, const char *what, int error)
{
	log_error("%s: %s could not be started: %s", k->plan->name, what, strerror(-error));
	return EXIT_GUEST;
}

/* Nothing was changed yet: the cause is on the host. */
static int refused(const struct keeper *k, const char *what, int error)
{
	(void)not_started(k, what, error);
	return EXIT_HOST;
}

/* Frees the stack pages that earlier calls used; no signal handler runs on them. */
static void give_stack_back(void)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	char here;
	uintptr_t end = ((uintptr_t)&here & ~(page - 1)) - page;

	(void)madvise((void *)(end - 24 * page), 24 * page, MADV_DONTNEED);
}

/* Little of the plan is read again; its pages come back from the memfd on demand. */
static void give_pages_back(const struct keeper *k)
{
	(void)malloc_trim(0); /* QEMU's arguments were there, as vectors */
	(void)madvise((void *)(uintptr_t)k->plan, sizeof(*k->plan), MADV_DONTNEED);
	give_stack_back();
}

static bool is_not_interrupted(void *k)
{
	return !keeper_was_interrupted(k);
}

/*
 * The number behind the last row that must be made before QEMU is forked, 0 without one: it gets the
 * links' descriptors, a virtual function's directory of sysfs in its jail, and a mount namespace in
 * which what is mounted would stay so.
 */
static uint32_t rows_before_fork(const struct keeper *k)
{
	uint32_t end = apply_host_rows(k);

	while (end && k->plan->change[end - 1].kind != CHANGE_LINK &&
	       k->plan->change[end - 1].kind != CHANGE_VFS && k->plan->change[end - 1].kind != CHANGE_MOUNT)
		end--;
	return end;
}

/* Does anything end before the first device is taken? */
static bool has_session(const struct keeper *k)
{
	return k->plan->holder_count || apply_host_rows(k) != apply_session_rows(k);
}

/* Does nothing end, and somebody is asked? */
static bool only_asks(const struct keeper *k)
{
	bool only = has_session(k) && !k->plan->holder_count;

	for (uint32_t i = apply_host_rows(k); only && i < apply_session_rows(k); i++)
		only = k->plan->change[i].kind == CHANGE_ANNOUNCE;
	return only;
}

/* The host's session ends; whoever is left of it lets go of the devices. Return: as apply_rows() */
static int end_session(struct keeper *k, apply_go_on_fn go_on, void *context)
{
	uint32_t first = apply_host_rows(k), end = apply_session_rows(k);
	int rc = session_check_asked(k);

	if (rc)
		return rc;
	if (first != end && k->plan->flags & KEEPER_HANDS_OVER) {
		log_notice("%s: the session ends now; `vfio-run status %s` shows how it goes on",
			   k->plan->name, k->plan->name);
		report_hand_over();
	}
	if (k->plan->holder_count)
		session_end_holders(k);
	rc = apply_rows(k, first, end, go_on, context);
	if (!rc && has_session(k))
		rc = session_wait(k, go_on, context);
	return rc ? rc : session_find_lost(k);
}

/* The first device goes now. Return: as apply_rows() */
static int take_rows(struct keeper *k, apply_go_on_fn go_on, void *context)
{
	int rc = session_look_again(k, go_on, context);

	return rc ? rc : apply_rows(k, apply_session_rows(k), k->plan->change_count, go_on, context);
}

/* The programs, QEMU with its descriptors and not let go. Return: an exit code */
static int prepare(struct keeper *k, struct vm *vm)
{
	int rc = given_receive(k), code;

	if (!rc)
		rc = vm_prepare(vm);
	given_close(k); /* QEMU's own are what keeps a tap */
	code = rc ? refused(k, "QEMU", rc) : vm_is_built(vm);
	if (!code && standby_has_all(k))
		code = refused(k, "a second process that would give its devices back", -ECHILD);
	return code;
}

/* With KEEPER_COLD. Return: as apply_rows() */
static int take_all(struct keeper *k)
{
	int rc = end_session(k, is_not_interrupted, k);

	return rc ? rc : take_rows(k, is_not_interrupted, k);
}

/*
 * What QEMU needs of the host to stand, its huge pages for one, and no device; with KEEPER_COLD all
 * there is. Return: an exit code
 */
static int begin(struct keeper *k, struct vm *vm)
{
	bool cold = k->plan->flags & KEEPER_COLD;
	uint32_t first = rows_before_fork(k);
	int rc, code;

	if (apply_rows(k, 0, first, is_not_interrupted, k)) {
		given_close(k);
		return EXIT_UNDONE;
	}
	code = prepare(k, vm);
	if (code)
		return first ? EXIT_UNDONE : code;
	notify_tell(k, cold ? NOTIFY_TAKING : NOTIFY_STARTING);
	vm->took = cold;
	if (apply_rows(k, first, apply_host_rows(k), is_not_interrupted, k) ||
	    (cold && take_all(k)))
		return EXIT_UNDONE;
	notify_tell(k, NOTIFY_STARTING);
	rc = vm_launch(vm);
	return rc ? not_started(k, "QEMU", rc) : 0;
}

/*
 * QEMU stands, so that what it dislikes is known, and its memory is there: the devices are missed
 * from here on, and for no longer than they must be. Return: an exit code
 */
static int take_devices(struct keeper *k, struct vm *vm)
{
	int rc = 0;

	if (!vm->took) {
		notify_tell(k, NOTIFY_TAKING);
		rc = only_asks(k) ? end_session(k, vm_still_takes, vm) : 0;
		vm->took = !rc;
		if (!rc)
			rc = take_rows(k, vm_still_takes, vm);
	}
	if (!rc)
		rc = plug_open_found(k, vm->usb, &vm->usb_fds);
	if (!rc)
		vm_plug(vm);
	return rc && vm->state == VM_TAKING && !vm->dead ? EXIT_UNDONE : 0;
}

/*
 * QEMU stands. The guest's memory is touched when the session has ended, as that may have much of
 * it; what is not to be had then ends as a change that failed. Asking frees none: that is done when
 * the devices are taken, as who was asked may have the card again a moment later.
 * Return: an exit code
 */
static int get_ready(struct keeper *k, struct vm *vm)
{
	bool ends = !vm->took && has_session(k) && !only_asks(k);
	int rc = 0;

	vm_loop(vm, VM_LEAVING);
	if (vm->state == VM_LEAVING && !vm->dead && ends)
		rc = end_session(k, vm_still_takes, vm);
	if (rc && vm->state == VM_LEAVING && !vm->dead)
		return EXIT_UNDONE;
	if (vm->state == VM_LEAVING && !vm->dead)
		vm_populate(vm);
	vm_loop(vm, VM_TAKING);
	return ends && vm->failed ? EXIT_UNDONE : 0;
}

/* From the first change to QEMU's death. Return: an exit code */
static int run_vm(struct keeper *k, struct vm *vm)
{
	int code = begin(k, vm);

	if (!code)
		code = get_ready(k, vm);
	if (!code && vm->state == VM_TAKING && !vm->dead)
		code = take_devices(k, vm);
	if (!code) {
		job_hardware_begin(k);
		vm_loop(vm, VM_RUNNING);
		give_pages_back(k);
		if (!vm->dead && !vm->left)
			vm_loop(vm, VM_STATES);
		job_hardware_say(k);
		code = vm->left ? EXIT_LEFT : vm_exit_status(vm);
	}
	vm_end(vm);
	return code;
}

/** job_tell_stopped() - QEMU is gone: that hook runs, unless it has by who had the job before */
void job_tell_stopped(struct keeper *k)
{
	if (k->journal.ran_stopped || !*k->plan->hook[KEEPER_HOOK_STOPPED])
		return;
	(void)journal_add_ran(&k->journal, "stopped");
	hooks_tell(k, KEEPER_HOOK_STOPPED);
}

/** job_run_last_hooks() - nothing waits for them but this process, which has nothing else to do */
void job_run_last_hooks(struct keeper *k, int code)
{
	if (code == EXIT_GUEST || code == EXIT_UNDONE || code == EXIT_LEFT)
		(void)!hooks_run(k, KEEPER_HOOK_FAILED);
	if (code != EXIT_LEFT)
		(void)!hooks_run(k, KEEPER_HOOK_RELEASED);
}

/**
 * job_run() - run a VM
 *
 * Return: an exit code of keeper.h
 */
int job_run(struct keeper *k)
{
	struct vm vm = VM_INIT(k);
	int code = job_begin(k, k->plan->name, false);
	bool restored;

	if (code)
		return code;
	if (hooks_run(k, KEEPER_HOOK_PREPARE)) {
		code = job_refuse(k, EXIT_HOST, "%s: the hook `prepare` has failed: nothing was changed",
				  k->plan->name);
		job_abandon(k);
		return code;
	}
	inhibit_start(k, vm_button_listen(&vm));
	code = run_vm(k, &vm);
	if (vm.left) { /* QEMU hangs with the devices: the standby waits for its end */
		log_error("%s: its devices come back when QEMU is gone%s", k->plan->name,
			  k->standby.pid ? "" : ", with `sudo vfio-run recover`");
		vm_end_programs(&vm);
		return EXIT_LEFT;
	}
	status_set_state(&k->status, VM_STATUS_RESTORING);
	notify_tell(k, NOTIFY_RETURNING);
	vm_end_own_programs(&vm);
	job_tell_stopped(k);
	restored = revert_all(k);
	vm_end_programs(&vm);
	if (job_finish(k, restored))
		code = EXIT_LEFT;
	else if (k->journal.device_count)
		log_notice("%s: everything is back as it was", k->plan->name);
	job_trial_say(k);
	status_set_end(&k->status, code);
	job_close_state(k);
	standby_end(k);
	job_run_last_hooks(k, code);
	return code;
}
