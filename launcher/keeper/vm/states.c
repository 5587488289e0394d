/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * states.c - a VM from its start to its death: one table of states and events
 *
 * A VM is ended in steps: the guest's power button, `quit` to QEMU, SIGTERM, SIGKILL, and
 * at last a report. Only the table decides what an event means. Output of QEMU or its guest
 * comes here as a number at most, and never changes the host: devices are given back when
 * QEMU is dead and reaped, whatever it reports.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/process.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/process/hooks.h"
#include "launcher/keeper/vm/pin.h"
#include "launcher/keeper/vm/vm.h"

#define TOUCHED_S 3  /* between two lines of how much memory is touched */
#define SERVED_S 2   /* from `quit` to the end of what serves QEMU, which may be what it waits for */
#define OFF_S 10     /* from the guest's power-off to that end; QEMU itself has as long at least */
#define QUIT_S 5     /* from `quit` to SIGTERM; from that end on where there was something */
#define TERM_S 5     /* from SIGTERM to SIGKILL */
#define KILL_S 30    /* from SIGKILL to the report that it hangs, half a second more per GiB */

struct cell {
	void (*act)(struct vm *vm);
	enum vm_state next;
};

/** vm_arm() - VM_TIMEOUT happens after so many seconds; 0: never */
void vm_arm(const struct vm *vm, unsigned int seconds)
{
	const struct itimerspec t = { .it_value = { .tv_sec = (time_t)seconds } };

	(void)timerfd_settime(vm->timer, 0, &t, NULL);
}

static const char *name(const struct vm *vm)
{
	return vm->keep->plan->name;
}

#define WAY_MAX 64

/* How a person has it end, now or at once: no key reaches a service, or one whose session ends. */
static const char *way(const struct vm *vm, bool at_once, char buf[WAY_MAX])
{
	if (vm->keep->plan->flags & (KEEPER_HANDS_OVER | KEEPER_SERVICE))
		(void)snprintf(buf, WAY_MAX, "`vfio-run stop %s%s`", at_once ? "--now " : "", name(vm));
	else
		(void)snprintf(buf, WAY_MAX, "Ctrl-C%s", at_once ? " again" : "");
	return buf;
}

/* ---- actions: each may choose another state than the table's --------------------------- */

static void nothing(struct vm *vm)
{
	(void)vm;
}

static void explain(struct vm *vm)
{
	static const char *const texts[VM_STATES] = {
		[VM_BUILDING] = "QEMU is not ready yet",
		[VM_POPULATING] = "QEMU is not ready yet: it touches all of the guest's memory",
		[VM_PLUGGING] = "QEMU is not ready yet: with a device it maps all of the guest's memory",
		[VM_STARTING] = "the guest does not run yet",
	};

	char buf[WAY_MAX];

	if (texts[vm->state])
		log_notice("%s: %s; %s ends it", name(vm), texts[vm->state], way(vm, false, buf));
}

/* Pages of a pool are not counted by the kernel: there is no more to tell than that it lasts. */
static void tell_touched(struct vm *vm)
{
	const double gib = 1 << 30;
	uint64_t all = vm->keep->plan->memory_bytes;
	uint64_t touched = process_resident(vm_main(vm)->jailed.pid);
	char buf[WAY_MAX];

	vm_arm(vm, TOUCHED_S);
	if (touched < all && touched > all / 100)
		log_notice("%s: %.1f of %.1f GiB of the guest's memory are touched; %s ends it", name(vm),
			   (double)touched / gib, (double)all / gib, way(vm, false, buf));
	else
		explain(vm);
}

static void runs(struct vm *vm)
{
	char buf[WAY_MAX];

	vm_arm(vm, vm->keep->plan->trial_s);
	vm->ran = true;
	vm->guest = QMP_STATE_RUNNING;
	status_set_state(&vm->keep->status, VM_STATUS_RUNNING);
	notify_tell(vm->keep, NOTIFY_RUNNING);
	if (vm->keep->plan->trial_s)
		log_notice("%s: the firmware runs, for %u s: then everything goes back by itself",
			   name(vm), vm->keep->plan->trial_s);
	else
		log_notice("%s: the guest runs (QEMU is process %d); %s powers it down", name(vm),
			   (int)vm_main(vm)->jailed.pid, way(vm, false, buf));
	if (!vm->dead) /* that it ran is told by one that powered off at once, too */
		program_start_late(vm);
	vm_usb_look(vm);
	hooks_tell(vm->keep, KEEPER_HOOK_STARTED);
}

static void kill_it(struct vm *vm)
{
	uint64_t gib = vm->keep->plan->memory_bytes >> 30;

	vm_signal(vm_main(vm), SIGKILL);
	vm_arm(vm, KILL_S + (unsigned int)(gib / 2));
}

/* The guest does not get to run in a QEMU that is not confined. */
static bool is_confined(struct vm *vm)
{
	const char *wrong =
		jail_wrong(&vm_main(vm)->jailed, vm->keep->plan->flags & KEEPER_FILTERED ? 2 : 0);

	if (wrong)
		log_error("%s: QEMU is not confined as it must be: %s: it is ended", name(vm), wrong);
	return !wrong;
}

/* A QEMU that was stopped (SIGSTOP) would not act on it. */
static void terminate(struct vm *vm)
{
	vm->state = VM_TERMINATING;
	log_notice("%s: sending SIGTERM to QEMU", name(vm));
	vm_signal(vm_main(vm), SIGTERM);
	vm_signal(vm_main(vm), SIGCONT);
	vm_arm(vm, TERM_S);
}

static bool is_server(struct vm *vm, const struct program *p)
{
	return p->jailed.pid && program_serves(program_row(vm, p));
}

static bool has_servers(struct vm *vm)
{
	for (uint32_t i = VM_MAIN + 1; i < vm->keep->plan->program_count && !vm->pressed; i++)
		if (is_server(vm, &vm->program[i]))
			return true;
	return false;
}

/* Without a monitor the next step is taken at once. One that is dead is told nothing: its last records come late. */
static void quit(struct vm *vm)
{
	if (vm->dead)
		return;
	status_set_state(&vm->keep->status, VM_STATUS_STOPPING);
	if (!vm->monitor_works || vm_tell(vm, QMP_ASK_QUIT)) {
		terminate(vm);
		return;
	}
	vm->state = VM_QUITTING;
	log_notice("%s: telling QEMU to quit", name(vm));
	vm_arm(vm, has_servers(vm) ? SERVED_S : QUIT_S);
}

/*
 * A QEMU that quits says good-bye to swtpm and virtiofsd, and waits for their answers without a
 * limit: one that hangs would keep the devices.
 */
static void end_servers(struct vm *vm)
{
	log_notice("%s: QEMU does not quit: ending what serves it", name(vm));
	for (uint32_t i = VM_MAIN + 1; i < vm->keep->plan->program_count; i++)
		if (is_server(vm, &vm->program[i]))
			vm_signal(&vm->program[i], SIGKILL);
	vm->pressed = true;
}

static void press(struct vm *vm)
{
	if (!has_servers(vm)) {
		terminate(vm);
		return;
	}
	end_servers(vm);
	vm_arm(vm, QUIT_S);
}

/* What the guest was given to power down and has not taken; all of it when it did so by itself. */
static unsigned int left_s(const struct vm *vm)
{
	unsigned int limit_s = vm->keep->plan->shutdown_timeout_s;
	struct itimerspec left = { .it_value = { .tv_sec = 0 } };

	if (!vm->asked)
		return limit_s > OFF_S ? limit_s : OFF_S;
	(void)timerfd_gettime(vm->timer, &left);
	return (unsigned int)left.it_value.tv_sec + 1;
}

/*
 * QEMU ends by itself, and may have disks to write to for long. What serves it is told good-bye first,
 * and has no such reason to take its time.
 */
static void off(struct vm *vm)
{
	unsigned int all_s = left_s(vm), first_s = has_servers(vm) && all_s > OFF_S ? OFF_S : all_s;

	if (vm->off)
		return; /* a guest can forge any number of these */
	vm->off = true;
	vm->rest_s = all_s - first_s;
	status_set_state(&vm->keep->status, VM_STATUS_STOPPING);
	vm_arm(vm, first_s);
}

/* That the guest has powered off is the user's wish, too: QEMU's end by a signal is no failure then. */
static void out_of_time(struct vm *vm)
{
	if (vm->off && !vm->panicked)
		vm->asked = true;
	if (!vm->off || !has_servers(vm)) {
		quit(vm);
		return;
	}
	end_servers(vm);
	vm_arm(vm, vm->rest_s ? vm->rest_s : 1);
}

static void go_on(struct vm *vm)
{
	if (vm->dead)
		return;
	if (pin_is_due(vm))
		pin_ask(vm); /* it is ready again when that is done */
	else
		(void)vm_tell(vm, QMP_ASK_CONTINUE); /* a new vfio-qmp finds it not running */
}

static void start(struct vm *vm)
{
	vm->state = VM_STARTING;
	go_on(vm);
}

static void kill_failed(struct vm *vm)
{
	vm->failed = true;
	vm->state = VM_KILLING;
	kill_it(vm);
}

static void end_now(struct vm *vm)
{
	vm->asked = true;
	quit(vm);
}

/* A guest that powered off by itself has not been ended by anyone yet: its QEMU gets its time first. */
static void end_again(struct vm *vm)
{
	char buf[WAY_MAX];

	if (!vm->off || vm->asked) {
		end_now(vm);
		return;
	}
	vm->asked = true;
	log_notice("%s: the guest has powered off, and QEMU is ending; %s ends it at once", name(vm),
		   way(vm, true, buf));
}

/* The one timer that is armed while a guest runs is a trial's. */
static void trial_ends(struct vm *vm)
{
	log_notice("%s: the trial is over", name(vm));
	end_now(vm);
}

/* A guest whose processors are stopped does not react to its power button. */
static void power_down(struct vm *vm)
{
	unsigned int limit_s = vm->keep->plan->shutdown_timeout_s;
	char buf[WAY_MAX];

	vm->asked = true;
	if (vm->dead)
		return;
	status_set_state(&vm->keep->status, VM_STATUS_STOPPING);
	/* firmware alone does not look at its power button */
	if (vm->guest == QMP_STATE_GUEST_PANICKED || vm->keep->plan->trial_s) {
		quit(vm);
		return;
	}
	if (vm->guest == QMP_STATE_PAUSED)
		(void)vm_tell(vm, QMP_ASK_CONTINUE);
	if (!vm->monitor_works || vm_tell(vm, QMP_ASK_POWERDOWN)) {
		terminate(vm);
		return;
	}
	log_notice("%s: powering the guest down (it has %u s; %s ends it at once)", name(vm), limit_s,
		   way(vm, true, buf));
	vm_arm(vm, limit_s ? limit_s : 1);
}

/* vfio-qmp has shown QEMU's words. */
static void end_refused(struct vm *vm)
{
	if (!vm->failed)
		log_error("%s: QEMU refuses %s: ending it", name(vm),
			  vm->took ? "a device" : "the guest's memory");
	vm->failed = true;
	quit(vm);
}

static void end_broken(struct vm *vm)
{
	vm->failed = true;
	log_error("%s: the guest cannot go on (QEMU's internal-error): ending it", name(vm));
	quit(vm);
}

static void say_wedged(struct vm *vm)
{
	vm_arm(vm, 0);
	log_error("%s: QEMU (process %d) does not die: it waits in the kernel, most likely for a "
		  "device; Ctrl-C leaves it",
		  name(vm), (int)vm_main(vm)->jailed.pid);
}

static void leave(struct vm *vm)
{
	vm->left = true;
}

/* clang-format off */
static const struct cell table[VM_STATES][VM_EVENTS] = {
	[VM_BUILDING] = {
		[VM_READY]        = { nothing,    VM_LEAVING },
		[VM_ROWS_DONE]    = { nothing,    VM_BUILDING },
		[VM_ROW_REFUSED]  = { nothing,    VM_BUILDING },
		[VM_CONTINUED]    = { nothing,    VM_BUILDING },
		[VM_END]          = { end_now,    VM_QUITTING },
		[VM_STOP]         = { end_now,    VM_QUITTING },
		[VM_END_NOW]      = { end_now,    VM_QUITTING },
		[VM_TIMEOUT]      = { explain,    VM_BUILDING },
		[VM_NO_MONITOR]   = { quit,       VM_QUITTING },
		[VM_BROKEN_GUEST] = { end_broken, VM_QUITTING },
		[VM_OFF]          = { nothing,    VM_BUILDING },
	},
	[VM_LEAVING] = {
		[VM_READY]        = { nothing,    VM_LEAVING },
		[VM_ROWS_DONE]    = { nothing,    VM_LEAVING },
		[VM_ROW_REFUSED]  = { nothing,    VM_LEAVING },
		[VM_CONTINUED]    = { nothing,    VM_LEAVING },
		[VM_END]          = { end_now,    VM_QUITTING },
		[VM_STOP]         = { end_now,    VM_QUITTING },
		[VM_END_NOW]      = { end_now,    VM_QUITTING },
		[VM_TIMEOUT]      = { explain,    VM_LEAVING },
		[VM_NO_MONITOR]   = { quit,       VM_QUITTING },
		[VM_BROKEN_GUEST] = { end_broken, VM_QUITTING },
		[VM_OFF]          = { nothing,    VM_LEAVING },
	},
	[VM_POPULATING] = {
		[VM_READY]        = { nothing,    VM_POPULATING },
		[VM_ROWS_DONE]    = { nothing,    VM_TAKING },
		[VM_ROW_REFUSED]  = { end_refused,VM_QUITTING },
		[VM_CONTINUED]    = { nothing,    VM_POPULATING },
		[VM_END]          = { end_now,    VM_QUITTING },
		[VM_STOP]         = { end_now,    VM_QUITTING },
		[VM_END_NOW]      = { end_now,    VM_QUITTING },
		[VM_TIMEOUT]      = { tell_touched, VM_POPULATING },
		[VM_NO_MONITOR]   = { quit,       VM_QUITTING },
		[VM_BROKEN_GUEST] = { end_broken, VM_QUITTING },
		[VM_OFF]          = { nothing,    VM_POPULATING },
	},
	[VM_TAKING] = {
		[VM_READY]        = { nothing,    VM_TAKING },
		[VM_ROWS_DONE]    = { nothing,    VM_TAKING },
		[VM_ROW_REFUSED]  = { nothing,    VM_TAKING },
		[VM_CONTINUED]    = { nothing,    VM_TAKING },
		[VM_END]          = { end_now,    VM_QUITTING },
		[VM_STOP]         = { end_now,    VM_QUITTING },
		[VM_END_NOW]      = { end_now,    VM_QUITTING },
		[VM_TIMEOUT]      = { explain,    VM_TAKING },
		[VM_NO_MONITOR]   = { quit,       VM_QUITTING },
		[VM_BROKEN_GUEST] = { end_broken, VM_QUITTING },
		[VM_OFF]          = { nothing,    VM_TAKING },
	},
	[VM_PLUGGING] = {
		[VM_READY]        = { nothing,    VM_PLUGGING },
		[VM_ROWS_DONE]    = { start,      VM_STARTING },
		[VM_ROW_REFUSED]  = { end_refused,VM_QUITTING },
		[VM_CONTINUED]    = { nothing,    VM_PLUGGING },
		[VM_END]          = { end_now,    VM_QUITTING },
		[VM_STOP]         = { end_now,    VM_QUITTING },
		[VM_END_NOW]      = { end_now,    VM_QUITTING },
		[VM_TIMEOUT]      = { explain,    VM_PLUGGING },
		[VM_NO_MONITOR]   = { quit,       VM_QUITTING },
		[VM_BROKEN_GUEST] = { end_broken, VM_QUITTING },
		[VM_OFF]          = { nothing,    VM_PLUGGING },
	},
	[VM_STARTING] = {
		[VM_READY]        = { go_on,      VM_STARTING },
		[VM_ROWS_DONE]    = { nothing,    VM_STARTING },
		[VM_ROW_REFUSED]  = { nothing,    VM_STARTING },
		[VM_CONTINUED]    = { runs,       VM_RUNNING },
		[VM_END]          = { end_now,    VM_QUITTING },
		[VM_STOP]         = { end_now,    VM_QUITTING },
		[VM_END_NOW]      = { end_now,    VM_QUITTING },
		[VM_TIMEOUT]      = { explain,    VM_STARTING },
		[VM_NO_MONITOR]   = { quit,       VM_QUITTING },
		[VM_BROKEN_GUEST] = { end_broken, VM_QUITTING },
		[VM_OFF]          = { nothing,    VM_STARTING },
	},
	[VM_RUNNING] = {
		[VM_READY]        = { nothing,    VM_RUNNING },
		[VM_ROWS_DONE]    = { nothing,    VM_RUNNING },
		[VM_ROW_REFUSED]  = { nothing,    VM_RUNNING },
		[VM_CONTINUED]    = { nothing,    VM_RUNNING },
		[VM_END]          = { power_down, VM_POWERING_DOWN },
		[VM_STOP]         = { power_down, VM_POWERING_DOWN },
		[VM_END_NOW]      = { end_now,    VM_QUITTING },
		[VM_TIMEOUT]      = { trial_ends, VM_QUITTING },
		[VM_NO_MONITOR]   = { nothing,    VM_RUNNING },
		[VM_BROKEN_GUEST] = { end_broken, VM_QUITTING },
		[VM_OFF]          = { off,        VM_POWERING_DOWN },
	},
	[VM_POWERING_DOWN] = {
		[VM_READY]        = { nothing,    VM_POWERING_DOWN },
		[VM_ROWS_DONE]    = { nothing,    VM_POWERING_DOWN },
		[VM_ROW_REFUSED]  = { nothing,    VM_POWERING_DOWN },
		[VM_CONTINUED]    = { nothing,    VM_POWERING_DOWN },
		[VM_END]          = { end_again,  VM_POWERING_DOWN },
		[VM_STOP]         = { nothing,    VM_POWERING_DOWN },
		[VM_END_NOW]      = { end_now,    VM_QUITTING },
		[VM_TIMEOUT]      = { out_of_time,VM_POWERING_DOWN },
		[VM_NO_MONITOR]   = { nothing,    VM_POWERING_DOWN },
		[VM_BROKEN_GUEST] = { end_broken, VM_QUITTING },
		[VM_OFF]          = { off,        VM_POWERING_DOWN },
	},
	[VM_QUITTING] = {
		[VM_READY]        = { nothing,    VM_QUITTING },
		[VM_ROWS_DONE]    = { nothing,    VM_QUITTING },
		[VM_ROW_REFUSED]  = { nothing,    VM_QUITTING },
		[VM_CONTINUED]    = { nothing,    VM_QUITTING },
		[VM_END]          = { kill_it,    VM_KILLING },
		[VM_STOP]         = { nothing,    VM_QUITTING },
		[VM_END_NOW]      = { kill_it,    VM_KILLING },
		[VM_TIMEOUT]      = { press,      VM_QUITTING },
		[VM_NO_MONITOR]   = { nothing,    VM_QUITTING },
		[VM_BROKEN_GUEST] = { nothing,    VM_QUITTING },
		[VM_OFF]          = { nothing,    VM_QUITTING },
	},
	[VM_TERMINATING] = {
		[VM_READY]        = { nothing,    VM_TERMINATING },
		[VM_ROWS_DONE]    = { nothing,    VM_TERMINATING },
		[VM_ROW_REFUSED]  = { nothing,    VM_TERMINATING },
		[VM_CONTINUED]    = { nothing,    VM_TERMINATING },
		[VM_END]          = { kill_it,    VM_KILLING },
		[VM_STOP]         = { nothing,    VM_TERMINATING },
		[VM_END_NOW]      = { kill_it,    VM_KILLING },
		[VM_TIMEOUT]      = { kill_it,    VM_KILLING },
		[VM_NO_MONITOR]   = { nothing,    VM_TERMINATING },
		[VM_BROKEN_GUEST] = { nothing,    VM_TERMINATING },
		[VM_OFF]          = { nothing,    VM_TERMINATING },
	},
	[VM_KILLING] = {
		[VM_READY]        = { nothing,    VM_KILLING },
		[VM_ROWS_DONE]    = { nothing,    VM_KILLING },
		[VM_ROW_REFUSED]  = { nothing,    VM_KILLING },
		[VM_CONTINUED]    = { nothing,    VM_KILLING },
		[VM_END]          = { nothing,    VM_KILLING },
		[VM_STOP]         = { nothing,    VM_KILLING },
		[VM_END_NOW]      = { nothing,    VM_KILLING },
		[VM_TIMEOUT]      = { say_wedged, VM_WEDGED },
		[VM_NO_MONITOR]   = { nothing,    VM_KILLING },
		[VM_BROKEN_GUEST] = { nothing,    VM_KILLING },
		[VM_OFF]          = { nothing,    VM_KILLING },
	},
	[VM_WEDGED] = {
		[VM_READY]        = { nothing,    VM_WEDGED },
		[VM_ROWS_DONE]    = { nothing,    VM_WEDGED },
		[VM_ROW_REFUSED]  = { nothing,    VM_WEDGED },
		[VM_CONTINUED]    = { nothing,    VM_WEDGED },
		[VM_END]          = { leave,      VM_WEDGED },
		[VM_STOP]         = { nothing,    VM_WEDGED },
		[VM_END_NOW]      = { leave,      VM_WEDGED },
		[VM_TIMEOUT]      = { nothing,    VM_WEDGED },
		[VM_NO_MONITOR]   = { nothing,    VM_WEDGED },
		[VM_BROKEN_GUEST] = { nothing,    VM_WEDGED },
		[VM_OFF]          = { nothing,    VM_WEDGED },
	},
};
/* clang-format on */

/** vm_happen() - the one place where an event causes an action */
void vm_happen(struct vm *vm, enum vm_event event)
{
	const struct cell *cell = &table[vm->state][event];

	vm->state = cell->next;
	if (vm->state >= VM_POWERING_DOWN)
		notify_tell(vm->keep, NOTIFY_ENDING);
	cell->act(vm);
}

/** vm_has_rows() - has QEMU been told something in rows that it has not done yet? */
bool vm_has_rows(const struct vm *vm)
{
	return vm->state == VM_POPULATING || vm->state == VM_PLUGGING;
}

/**
 * vm_populate() - the guest's memory may be touched, before the first device is taken
 * @vm:		in the state VM_LEAVING
 *
 * What cannot be asked for shows as the end of who would do it.
 */
void vm_populate(struct vm *vm)
{
	uint32_t rows = vm->keep->plan->populate_rows;

	vm->state = rows ? VM_POPULATING : VM_TAKING;
	if (!rows)
		return;
	vm_arm(vm, TOUCHED_S);
	(void)vm_tell_rows(vm, 0, rows, NULL);
}

/**
 * vm_plug() - the host's devices are taken: QEMU may see them, is given them, and lets the guest run
 * @vm:		in the state VM_TAKING
 *
 * A QEMU that is not confined gets none. What fails leads to its end, which vm_loop() waits for.
 */
void vm_plug(struct vm *vm)
{
	const struct keeper_plan *plan = vm->keep->plan;
	int rc;

	if (!is_confined(vm)) {
		kill_failed(vm);
		return;
	}
	rc = program_make_late_nodes(vm, vm_main(vm));
	if (!rc)
		rc = caps_limit(0);
	if (rc) {
		log_error("%s: its devices cannot be put into QEMU's jail: %s", name(vm),
			  strerror(-rc));
		kill_failed(vm);
		return;
	}
	vm->state = plan->plug_rows ? VM_PLUGGING : VM_STARTING;
	if (plan->plug_rows)
		(void)vm_tell_rows(vm, plan->populate_rows, plan->plug_rows, &vm->usb_fds);
	else
		go_on(vm);
	work_fds_close(&vm->usb_fds);
}

/** vm_pending() - what a new vfio-qmp is asked for again: its predecessor may have died over it */
enum qmp_record_type vm_pending(const struct vm *vm)
{
	static const enum qmp_record_type asked[VM_STATES] = {
		[VM_POWERING_DOWN] = QMP_ASK_POWERDOWN,
		[VM_QUITTING] = QMP_ASK_QUIT,
	};

	return asked[vm->state]; /* QMP_NONE: nothing */
}
