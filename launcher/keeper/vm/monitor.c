/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor.c - vfio-qmp, the program that the keeper talks to: another one when it dies, none at last
 *
 * It reads what QEMU and so a guest wrote: it may be killed by its own limits and filter,
 * or by another process. The keeper has a copy of QEMU's monitor and of the pipe that QEMU writes
 * to, and gives them to a new one; without a copy of the monitor QEMU would have closed it
 * for good. When vfio-qmp is given up the copies are closed: a pipe without a reader
 * would stop QEMU, and a monitor that is not read would make it grow.
 */

#include "launcher/base/log.h"
#include "launcher/keeper/vm/vm.h"

/* The program whose row has that socket; check-plan.c: one at most. */
static struct program *talker(struct vm *vm)
{
	for (uint32_t i = 0; i < vm->keep->plan->program_count; i++)
		if (program_talks(&vm->keep->plan->program[i]))
			return &vm->program[i];
	return NULL;
}

/* A new one has no state: a request at once shows it that it is not the first. */
static void brief(struct vm *vm)
{
	if (!vm_tell(vm, QMP_ASK_STATE) && vm->ran)
		(void)vm_tell(vm, QMP_TELL_STARTED);
	if (vm_pending(vm) != QMP_NONE)
		(void)vm_tell(vm, vm_pending(vm)); /* one that misses it is hung up on */
}

static void give_up(struct vm *vm, const char *role)
{
	close_fd(&vm->keep->control);
	close_fd(&vm->keep->display);
	close_fd(&vm->monitor);
	close_fd(&vm->output);
	log_error("%s: %s is given up: the VM goes on without a power button, and what QEMU "
		  "says is not shown",
		  vm->keep->plan->name, role);
}

/** vm_lose_monitor() - QEMU can be sent no command any more */
void vm_lose_monitor(struct vm *vm)
{
	if (!vm->monitor_works)
		return;
	vm->monitor_works = false;
	vm_happen(vm, VM_NO_MONITOR);
}

/**
 * vm_talk_again() - what the keeper talks to is of no use any more: another one, or none
 * @why:	a sentence for the user; NULL: it died
 *
 * One that cannot parse QEMU's protocol is kept after the last restart: it goes on reading, and
 * passes on QEMU's output.
 */
void vm_talk_again(struct vm *vm, const char *why)
{
	struct program *p = talker(vm);
	const struct keeper_program *row = p ? program_row(vm, p) : NULL;
	char text[80];
	int status;

	if (!p)
		return;
	if (why && p->restarts >= row->restarts) {
		log_warning("%s: QEMU's monitor speaks no QMP: it is not listened to any more",
			    vm->keep->plan->name);
		vm_lose_monitor(vm);
		return;
	}
	close_fd(&vm->records);
	vm_usb_forget_step(vm);
	status = program_reap(vm, p, 0);
	if (vm_has_rows(vm)) {
		log_error("%s: %s has ended while QEMU was given its memory or its devices: ending the VM",
			  vm->keep->plan->name, row->role);
		vm->failed = true;
	}
	if (program_again(vm, p, why ? why : program_end(row->role, status, text, sizeof(text)))) {
		brief(vm);
		if (vm_has_rows(vm)) /* which of them were done is not known; none can be done twice */
			vm_happen(vm, VM_ROW_REFUSED);
		return;
	}
	close_fd(&vm->records);
	give_up(vm, row->role);
	vm_lose_monitor(vm);
}
