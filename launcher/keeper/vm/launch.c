/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch.c - the programs of a VM, from their start to their end; each of them: program.c */
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/hardware.h"
#include "launcher/base/log.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/process/scope.h"
#include "launcher/keeper/vm/vm.h"

#define BUILT_S 30	  /* for opening the VM's files: one on a network that answers is quicker */
#define MAIN_END_MS 60000 /* after SIGKILL; it has hardly begun when this is waited for */
#define PROGRAMS_END_MS 3000 /* they drain the last output, and exit */
#define JAIL_END_MS 30000 /* the same before it has a device: longer, and its cgroup is left to it */

/**
 * vm_start_main() - start QEMU's process alone, connected with no other: for job_try()
 * @vm:		VM_INIT
 *
 * Return: 0; -errno: what was started is ended by vm_end()
 */
int vm_start_main(struct vm *vm)
{
	int rc = wires_lay(vm);

	return rc ? rc : program_start(vm, vm_main(vm));
}

/* Helpers before what needs them: from the last row to the first. */
static int start_programs(struct vm *vm)
{
	int rc = 0;

	for (uint32_t i = vm->keep->plan->program_count; !rc && i-- > 0;) {
		struct program *p = &vm->program[i];
		uint32_t after = program_row(vm, p)->after;

		if (after == KEEPER_AFTER_GUEST)
			continue;
		rc = program_start(vm, p);
		if (after == KEEPER_AFTER_START)
			rc = program_let_go(vm, p, rc);
	}
	return rc;
}

/**
 * vm_prepare() - start the programs, parked those that wait for the others
 * @vm:		VM_INIT
 *
 * Before the first change but that of links: the helpers get ready and QEMU's jail is built, as far as it needs no node.
 *
 * Return: 0; -errno: what was started is ended by vm_end() and vm_end_programs()
 */
int vm_prepare(struct vm *vm)
{
	int rc = wires_lay(vm);

	vm->since_us = hardware_now();
	vm_usb_listen(vm);
	vm->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!rc && vm->timer < 0)
		rc = -errno;
	if (!rc)
		rc = start_programs(vm);
	if (!rc)
		standby_enter_leaf(vm->keep);
	return rc;
}

static const char *shown_as(const struct vm *vm, const struct program *p)
{
	return p == &vm->program[VM_MAIN] ? "QEMU" : program_row(vm, p)->role;
}

/* Return: 0 it is ready; else an exit code, and the reason was reported */
static int wait_until_ready(struct vm *vm, struct program *p)
{
	struct pollfd fds[] = { { .fd = p->jailed.failure, .events = POLLIN },
				{ .fd = vm->keep->signals, .events = POLLIN } };
	bool built = program_row(vm, p)->ready == KEEPER_READY_BUILT;
	struct jail_failure f;
	int n;

	do {
		n = poll(fds, ARRAY_SIZE(fds), BUILT_S * 1000);
		if (n > 0 && fds[1].revents && keeper_was_interrupted(vm->keep))
			return EXIT_UNDONE;
	} while (n > 0 && !fds[0].revents);
	if (n > 0 && (built ? jail_built(&p->jailed, &f) == 0 : !jail_failure(&p->jailed, &f)))
		return 0;
	if (n > 0)
		exit_status_say_not_started(vm, shown_as(vm, p), &f);
	else
		log_error("%s: its files cannot be opened in %d s: does their file system answer?",
			  vm->keep->plan->name, BUILT_S);
	return EXIT_HOST;
}

/**
 * vm_is_built() - wait until the programs are ready, as far as they need no node
 *
 * What fails there fails before the first change of the host, and is reported.
 *
 * Return: 0, or an exit code of keeper.h
 */
int vm_is_built(struct vm *vm)
{
	int code = 0;

	for (uint32_t i = 0; !code && i < vm->keep->plan->program_count; i++)
		if (program_row(vm, &vm->program[i])->ready != KEEPER_READY_STARTED)
			code = wait_until_ready(vm, &vm->program[i]);
	return code;
}

static int tell_of_devices(struct vm *vm)
{
	int rc = 0;

	for (uint32_t i = 0; !rc && i < vm->keep->plan->program_count; i++)
		if (program_row(vm, &vm->program[i])->ready == KEEPER_READY_BUILT)
			rc = jail_devices_ready(&vm->program[i].jailed);
	return rc;
}

static void place_programs(struct vm *vm)
{
	pid_t pid[KEEPER_PROGRAMS_MAX];
	bool all = true;
	size_t n = 0;

	_Static_assert(KEEPER_PROGRAMS_MAX <= SCOPE_PIDS_MAX, "all of them in one scope");
	for (uint32_t i = 0; i < vm->keep->plan->program_count; i++)
		if (vm->program[i].jailed.pid) {
			all &= vm->program[i].jailed.in_leaf;
			pid[n++] = vm->program[i].jailed.pid;
		}
	if (!all)
		cgroup_place_vm(vm->keep, pid, n);
}

/* The VM itself last: it is the first row. The loop reports one that has failed already. */
static int let_go_of_rest(struct vm *vm)
{
	int rc = 0;

	for (uint32_t i = vm->keep->plan->program_count; !rc && i-- > 0;) {
		struct program *p = &vm->program[i];

		if (program_row(vm, p)->after == KEEPER_AFTER_PLACED)
			rc = program_let_go(vm, p, 0);
		rc = rc == -EPIPE ? 0 : rc;
	}
	return rc;
}

/**
 * vm_launch() - let QEMU execute, and give up every capability that is not needed again
 * @vm:		prepared
 *
 * Nodes that are made late need two of them once more: vm_plug() gives those up.
 *
 * Return: 0; -errno: what was started is ended by vm_end() and vm_end_programs()
 */
int vm_launch(struct vm *vm)
{
	int rc = tell_of_devices(vm);

	place_programs(vm);
	if (!rc)
		rc = let_go_of_rest(vm);
	status_set_state(&vm->keep->status, VM_STATUS_STARTING);
	if (!rc)
		rc = caps_limit(UINT64_C(1) << CAP_MKNOD | UINT64_C(1) << CAP_CHOWN);
	vm->monitor_works = !rc;
	wires_cut(vm);
	work_fds_close(&vm->usb_fds);
	if (!rc) /* a wait, which QEMU has no need of */
		cgroup_enter_keeper(vm->keep);
	return rc;
}

static void end_main(struct vm *vm)
{
	struct program *p = vm_main(vm);
	struct pollfd end = { .fd = p->jailed.pidfd, .events = POLLIN };

	vm_signal(p, SIGKILL);
	vm->dead = poll(&end, 1, p->let_go ? MAIN_END_MS : JAIL_END_MS) > 0 &&
		   waitpid(p->jailed.pid, &vm->status, 0) == p->jailed.pid;
	vm->left = !vm->dead && p->let_go;
	if (!vm->dead && !vm->left)
		log_warning("%s: process %d, which opens its files, waits in the kernel: it has no "
			    "device, and ends when their file system answers",
			    vm->keep->plan->name, (int)p->jailed.pid);
}

/* With what it has started, where it is the user's. */
static void end_beside(const struct vm *vm, const struct program *p)
{
	int number = p->let_go ? SIGTERM : SIGKILL;

	if (program_row(vm, p)->after == KEEPER_AFTER_GUEST)
		vm_signal_group(p, number);
	else
		vm_signal(p, number);
}

/**
 * vm_end() - end a QEMU that still runs after a launch that failed; hang up on all others
 *
 * Nothing is waited for: the others go by themselves, or are asked to. vm_end_own_programs() sees
 * that the user's went, vm_end_programs(), when the devices are back, the same of the rest.
 */
void vm_end(struct vm *vm)
{
	int *const fds[] = { &vm->uevents,  &vm->records,	 &vm->monitor,	   &vm->output,	       &vm->timer,
			     &vm->keep->control, &vm->keep->agent, &vm->keep->display };
	struct program *p = vm_main(vm);

	if (p->jailed.pid && !vm->dead && !vm->left)
		end_main(vm);
	wires_cut(vm);
	work_fds_close(&vm->usb_fds);
	jail_forget(&p->jailed);
	if (vm->dead)
		status_set_process(&vm->keep->status, program_row(vm, p)->role, 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close_fd(fds[i]);
	for (size_t i = 0; i < VM_BUTTONS_MAX; i++)
		close_fd(&vm->button[i]);
	for (p++; p < vm->program + vm->keep->plan->program_count; p++)
		if (p->jailed.pid && (!p->let_go || !program_talks(program_row(vm, p))))
			end_beside(vm, p);
	cgroup_ask_programs(vm->keep);
}

/**
 * vm_end_own_programs() - after vm_end(), before anything is given back: the user's have ended
 *
 * They can have all the processes that a service manager lets the keeper's scope have; then none
 * could be started that gives a device back.
 */
void vm_end_own_programs(const struct vm *vm)
{
	cgroup_end_programs(vm->keep, PROGRAMS_END_MS);
}

/** vm_end_programs() - after vm_end(): whatever served the VM has gone, or is made to */
void vm_end_programs(struct vm *vm)
{
	int wait_ms = PROGRAMS_END_MS;

	for (uint32_t i = VM_MAIN + 1; i < vm->keep->plan->program_count; i++) {
		struct pollfd end = { .fd = vm->program[i].jailed.pidfd, .events = POLLIN };

		if (vm->program[i].jailed.pid && poll(&end, 1, wait_ms) <= 0)
			wait_ms = 0; /* they were all asked at once, and had that time */
		(void)program_reap(vm, &vm->program[i], 0);
	}
	cgroup_end_programs(vm->keep, wait_ms);
}
