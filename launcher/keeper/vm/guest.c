/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest.c - records of vfio-qmp about QEMU and its guest: shown, and turned into events
 *
 * A guest can forge all of them. They cause a line on the terminal, one of a kind in a second,
 * and an entry in the status; no decision about devices depends on them.
 */
#include <time.h>

#include "launcher/base/log.h"
#include "launcher/keeper/vm/pin.h"

/* clang-format off */
/* What an event is called in the status, and here; no text: it is silent. */
static const struct { const char *word, *text; } event_texts[QMP_EVENT_MAX] = {
	[QMP_EVENT_SHUTDOWN]       = { "shutdown",       NULL }, /* see note_event() */
	[QMP_EVENT_POWERDOWN]      = { "powerdown",      "its power button was pressed" },
	[QMP_EVENT_RESET]          = { "reset",          "it was reset" },
	[QMP_EVENT_STOP]           = { "stop",           NULL },
	[QMP_EVENT_RESUME]         = { "resume",         NULL },
	[QMP_EVENT_SUSPEND]        = { "suspend",        NULL },
	[QMP_EVENT_WAKEUP]         = { "wakeup",         NULL },
	[QMP_EVENT_PANICKED]       = { "panicked",       "its kernel panicked" },
	[QMP_EVENT_BLOCK_IO_ERROR] = { "block-io-error", "a disk failed under it: see QEMU's words" },
	[QMP_EVENT_WATCHDOG]       = { "watchdog",       "its watchdog ran out" },
	[QMP_EVENT_MEMORY_FAILURE] = { "memory-failure", "the host's memory failed under it" },
	[QMP_EVENT_DEVICE_DELETED] = { "device-deleted", "it has ejected a device: the host gets it back when the VM ends" },
};

/* How a guest that was started shows in the status. */
static const enum vm_status_state shown_as[QMP_STATE_MAX] = {
	[QMP_STATE_OTHER]          = VM_STATUS_PAUSED,
	[QMP_STATE_PRELAUNCH]      = VM_STATUS_PAUSED,
	[QMP_STATE_RUNNING]        = VM_STATUS_RUNNING,
	[QMP_STATE_PAUSED]         = VM_STATUS_PAUSED,
	[QMP_STATE_SHUTDOWN]       = VM_STATUS_STOPPING,
	[QMP_STATE_SUSPENDED]      = VM_STATUS_SUSPENDED,
	[QMP_STATE_INTERNAL_ERROR] = VM_STATUS_STOPPING,
	[QMP_STATE_IO_ERROR]       = VM_STATUS_PAUSED,
	[QMP_STATE_GUEST_PANICKED] = VM_STATUS_PANICKED,
	[QMP_STATE_WATCHDOG]       = VM_STATUS_PAUSED,
};
/* clang-format on */

static int64_t now_s(void)
{
	struct timespec now = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec + 1; /* never 0: that is "not yet" */
}

/* A guest that resets itself in a loop must not drown what else there is to read. */
static bool may_show(struct vm *vm, uint32_t event)
{
	int64_t now = now_s();
	bool may = vm->shown_s[event] != now;

	vm->shown_s[event] = now;
	return may;
}

static void show_event(struct vm *vm, const struct qmp_record *r)
{
	const char *name = vm->keep->plan->name;

	if (!may_show(vm, r->value))
		return;
	if (r->value == QMP_EVENT_SHUTDOWN)
		log_notice("%s: %s", name, r->detail ? "the guest powered off" : "QEMU is ending");
	else if (event_texts[r->value].text)
		log_notice("%s: the guest: %s", name, event_texts[r->value].text);
}

static void set_guest(struct vm *vm, enum qmp_run_state guest)
{
	vm->guest = guest;
	if (vm->state == VM_RUNNING)
		status_set_state(&vm->keep->status, shown_as[guest]);
	vm_usb_look(vm);
}

static void take_event(struct vm *vm, const struct qmp_record *r)
{
	if (r->value >= QMP_EVENT_MAX)
		return;
	show_event(vm, r);
	status_set_event(&vm->keep->status, event_texts[r->value].word);
	if (r->value == QMP_EVENT_PANICKED)
		vm->panicked = true;
	if (r->value == QMP_EVENT_SHUTDOWN)
		vm_happen(vm, VM_OFF);
	if (r->value == QMP_EVENT_RESUME || r->value == QMP_EVENT_WAKEUP)
		set_guest(vm, QMP_STATE_RUNNING);
	if (r->value == QMP_EVENT_SUSPEND)
		set_guest(vm, QMP_STATE_SUSPENDED);
	/* only after the reset it lets itself be continued */
	if (r->value == QMP_EVENT_RESET && vm->resetting) {
		vm->resetting = false;
		(void)vm_tell(vm, QMP_ASK_CONTINUE);
	}
}

static void take_state(struct vm *vm, uint32_t guest)
{
	if (guest >= QMP_STATE_MAX)
		return;
	set_guest(vm, (enum qmp_run_state)guest);
	if (guest == QMP_STATE_INTERNAL_ERROR)
		vm_happen(vm, VM_BROKEN_GUEST);
	/* QEMU has no such action of its own */
	if (guest == QMP_STATE_GUEST_PANICKED && vm->state == VM_RUNNING &&
	    (vm->keep->plan->flags & KEEPER_RESET_ON_PANIC))
		vm->resetting = vm_tell(vm, QMP_ASK_RESET) == 0;
}

/*
 * What was ready before is ready again once its threads are where they belong. Those of a QEMU that is
 * being ended go while they are looked for: that is no failure.
 */
static void take_thread(struct vm *vm, const struct qmp_record *r)
{
	enum pin_result result;

	if (vm->dead || vm->state != VM_STARTING)
		return;
	result = pin_take(vm, r);
	vm->failed |= result == PIN_FAILED;
	if (result != PIN_WAITING)
		vm_happen(vm, result == PIN_DONE ? VM_READY : VM_STOP);
}

/** vm_take_record() - one record of vfio-qmp; one of no meaning is dropped */
void vm_take_record(struct vm *vm, const struct qmp_record *r)
{
	switch (r->type) {
	case QMP_READY:
		vm_happen(vm, VM_READY);
		break;
	case QMP_ROWS_DONE:
		if (!vm_usb_rows_end(vm, true))
			vm_happen(vm, VM_ROWS_DONE);
		break;
	case QMP_CONTINUED:
		vm_happen(vm, VM_CONTINUED);
		break;
	case QMP_STATE:
		take_state(vm, r->value);
		break;
	case QMP_EVENT:
		take_event(vm, r);
		break;
	case QMP_VCPU:
	case QMP_IOTHREAD:
	case QMP_THREADS:
		take_thread(vm, r);
		break;
	case QMP_REFUSED:
		if ((r->value == QMP_ASK_CONTINUE || r->value == QMP_ASK_VCPUS ||
		     r->value == QMP_ASK_IOTHREADS) && vm->state == VM_STARTING)
			vm_happen(vm, VM_BROKEN_GUEST);
		if (r->value == QMP_ASK_ROWS && !vm_usb_rows_end(vm, false))
			vm_happen(vm, VM_ROW_REFUSED);
		break;
	case QMP_WANT_STOP:
		vm_happen(vm, VM_STOP);
		break;
	case QMP_WANT_END:
		vm_happen(vm, VM_END_NOW);
		break;
	case QMP_MONITOR_BROKEN:
		vm_talk_again(vm, "QEMU's monitor spoke no QMP");
		break;
	case QMP_MONITOR_CLOSED:
		vm_lose_monitor(vm);
		break;
	default:
		break; /* for the start of a log only, or not of vfio-qmp's */
	}
}
