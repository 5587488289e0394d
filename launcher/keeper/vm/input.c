/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * input.c - input devices that host and guest use in turns, unplugged and plugged in again
 *
 * QEMU opens the event node by itself, in the /dev of its jail, which nobody changes while it runs.
 * A device that comes back has the lowest number that is free, so mostly its own again, or, with a
 * switch that takes several along, that of another [input]: both are nodes of the jail. One
 * with another number stays the host's until the next start.
 */
#include <fcntl.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/vm/vm.h"

/* Behind those of [usb]: one that it is gone, one for each node. */
static uint32_t row_of(const struct vm *vm, size_t i, size_t number)
{
	const struct keeper_plan *plan = vm->keep->plan;

	return plan->populate_rows + plan->plug_rows + plan->usb_count * QMP_USB_ROWS +
	       (uint32_t)(i * (plan->input_count + 1) + number);
}

/** vm_input_begin() - QEMU opens what there was when it was planned */
void vm_input_begin(struct vm *vm)
{
	for (uint32_t i = 0; i < vm->keep->plan->input_count; i++)
		vm->input[i] =
			(struct vm_input){ .instance = vm->keep->plan->input[i].identity.instance,
					   .at = i };
}

/** vm_input_remove() - have QEMU told that it is gone; false: there is nobody who would */
bool vm_input_remove(struct vm *vm, size_t i)
{
	return vm_plug_step(vm, VM_INPUT_REMOVING, i, row_of(vm, i, 0), 1, NULL);
}

static bool is_taken(const struct vm *vm, uint32_t instance)
{
	for (uint32_t i = 0; i < vm->keep->plan->input_count; i++)
		if (vm->input[i].instance == instance)
			return true;
	return false;
}

static void look_for(struct vm *vm, int root, size_t i)
{
	const struct keeper_plan *plan = vm->keep->plan;
	struct vm_input *in = &vm->input[i];
	struct evdev_identity now;

	for (uint32_t at = 0; at < plan->input_count; at++) {
		if (!evdev_identify(root, plan->input[at].node, &now) ||
		    now.sum != plan->input[i].identity.sum || now.instance == in->refused ||
		    is_taken(vm, now.instance))
			continue;
		in->at = at;
		in->coming = now.instance; /* who tells QEMU can die before: then it is told again */
		(void)vm_plug_step(vm, VM_INPUT_ADDING, i, row_of(vm, i, 1 + at), 1, NULL);
		return;
	}
}

static void look_at(struct vm *vm, int root, size_t i)
{
	const struct keeper_input *at = &vm->keep->plan->input[vm->input[i].at];
	struct evdev_identity now;

	if (!vm->input[i].instance) {
		look_for(vm, root, i);
	} else if (!evdev_identify(root, at->node, &now) || now.instance != vm->input[i].instance) {
		log_notice("%s: the input device event%u is gone", vm->keep->plan->name, at->node);
		(void)vm_input_remove(vm, i);
	}
}

/** vm_input_look() - compare what there is with what QEMU has, and take the next step */
void vm_input_look(struct vm *vm)
{
	uint32_t count = vm->keep->plan->input_count;
	cleanup_close int root = count ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

	for (uint32_t i = 0; i < count && root >= 0; i++)
		if (vm_may_plug(vm))
			look_at(vm, root, i);
}

/** vm_input_rows_end() - QEMU has done the row of a step, or has refused it */
void vm_input_rows_end(struct vm *vm, enum vm_usb_step was, bool done)
{
	struct vm_input *in = &vm->input[vm->usb_at];
	unsigned int node = vm->keep->plan->input[in->at].node;

	if (was == VM_INPUT_REMOVING) {
		in->instance = 0;
	} else if (done) {
		in->instance = in->coming;
		log_notice("%s: the input device event%u is back", vm->keep->plan->name, node);
	} else {
		in->refused = in->coming;
		log_warning(
			"%s: QEMU does not take the input device event%u again: it stays the host's",
			vm->keep->plan->name, node);
	}
}
