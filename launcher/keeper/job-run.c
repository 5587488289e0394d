/* SPDX-License-Identifier: GPL-2.0-or-later */
/* job-run.c - a VM from the first change to the last: apply, run, revert */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/job.h"
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

/* From the first change to QEMU's death. Return: an exit code */
static int run_vm(struct keeper *k, struct vm *vm)
{
	int rc = vm_prepare(vm), code = 0;

	notify_tell(k, NOTIFY_TAKING);
	code = rc ? refused(k, "QEMU", rc) : vm_is_built(vm);
	if (!code && standby_has_all(k))
		code = refused(k, "a second process that would give its devices back", -ECHILD);
	if (!code && apply_plan(k))
		code = EXIT_UNDONE;
	if (!code) {
		notify_tell(k, NOTIFY_STARTING);
		rc = vm_launch(vm);
		code = rc ? not_started(k, "QEMU", rc) : 0;
	}
	if (!code) {
		job_hardware_begin(k);
		give_pages_back(k);
		vm_loop(vm);
		job_hardware_say(k);
		code = vm->left ? EXIT_LEFT : vm_exit_status(vm);
	}
	vm_end(vm);
	return code;
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
	code = run_vm(k, &vm);
	if (vm.left) { /* QEMU hangs with the devices: the standby waits for its end */
		log_error("%s: its devices come back when QEMU is gone%s", k->plan->name,
			  k->standby.pid ? "" : ", with `sudo vfio-run recover`");
		vm_end_programs(&vm);
		return EXIT_LEFT;
	}
	status_set_state(&k->status, VM_STATUS_RESTORING);
	notify_tell(k, NOTIFY_RETURNING);
	restored = revert_all(k);
	vm_end_programs(&vm);
	if (job_finish(k, restored))
		code = EXIT_LEFT;
	else if (k->journal.device_count)
		log_notice("%s: everything is back as it was", k->plan->name);
	job_close_state(k);
	standby_end(k);
	return code;
}
