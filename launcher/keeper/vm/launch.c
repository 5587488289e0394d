/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch.c - QEMU in its jail: started, and ended when the start fails */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/vm/vm.h"
#include "qmp/record.h"

#define BUILT_S 30	  /* for opening the VM's files: one on a network that answers is quicker */
#define QEMU_END_MS 60000 /* after SIGKILL; it has hardly begun when this is waited for */
#define JAIL_END_MS 30000 /* the same before it has a device: longer, and its cgroup is left to it */

/* The plan's strings as a vector; the array is the caller's, the strings are the plan's. */
static char **vector(const char *strings, uint32_t skip, uint32_t count)
{
	char **v = calloc((size_t)count + 1, sizeof(*v));

	for (uint32_t i = 0; v && i < skip; i++)
		strings += strlen(strings) + 1;
	for (uint32_t i = 0; v && i < count; i++) {
		v[i] = (char *)(uintptr_t)strings; /* execve(2) takes char *, and writes nothing */
		strings += strlen(strings) + 1;
	}
	return v;
}

static int lay_wires(struct vm *vm)
{
	struct vm_wires *w = &vm->wires;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	w->monitor = pair[0];
	vm->monitor = pair[1];
	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	vm->output = pair[0];
	w->output = pair[1];
	return 0;
}

static void cut_wires(struct vm *vm)
{
	if (vm->wires.monitor >= 0)
		(void)close(vm->wires.monitor);
	if (vm->wires.output >= 0)
		(void)close(vm->wires.output);
	vm->wires = (struct vm_wires){ -1, -1 };
}

static int start_qemu(struct vm *vm)
{
	const struct keeper_plan *plan = vm->keep->plan;
	cleanup_free char **argv = vector(plan->strings, 0, plan->arg_count);
	cleanup_free char **env = vector(plan->strings, plan->arg_count, plan->env_count);
	cleanup_free char **files =
		vector(plan->strings, plan->arg_count + plan->env_count, plan->file_count);
	cleanup_close int leaf = cgroup_leaf(vm->keep, CGROUP_VM);
	const int pass[] = { vm->wires.monitor };
	struct process_id id;
	int rc;
	const struct jail jail = { .uid = plan->uid,
				   .gid = plan->gid,
				   .namespaces = true,
				   .private_network = plan->flags & KEEPER_PRIVATE_NETWORK,
				   .memlock_bytes = plan->memlock_bytes,
				   .node = plan->node,
				   .node_count = plan->node_count,
				   .device = plan->device,
				   .device_count = plan->device_count,
				   .file = plan->file,
				   .file_path = files,
				   .file_count = plan->file_count,
				   .filter = plan->flags & KEEPER_FILTERED ? KEEPER_FD_FILTER : 0,
				   .input = -1,
				   .output = vm->wires.output,
				   .errors = vm->wires.output,
				   .pass = pass,
				   .pass_count = ARRAY_SIZE(pass),
				   .program = -1,
				   .leaf = leaf,
				   .argv = argv,
				   .env = env };

	_Static_assert(KEEPER_QEMU_MONITOR_FD == 3, "the first descriptor that is passed");
	if (!argv || !env || !files)
		return -ENOMEM;
	rc = jail_start(&jail, &vm->qemu);
	return rc ? rc : standby_know(vm->keep, KNOWN_QEMU, vm->qemu.pid, vm->qemu.pidfd, &id);
}

/**
 * vm_start_qemu() - what becomes QEMU alone, with nobody to talk to: for job_try()
 * @vm:		VM_INIT
 *
 * Return: 0; -errno: what was started is ended by vm_end()
 */
int vm_start_qemu(struct vm *vm)
{
	int rc = lay_wires(vm);

	return rc ? rc : start_qemu(vm);
}

/* Written down before it may execute: whoever comes after a dead keeper ends it first. */
static int place_qemu(struct vm *vm)
{
	struct process_id id;
	int rc;

	if (!vm->qemu.in_leaf || !vm->qmp.in_leaf)
		cgroup_place_vm(vm->keep, (const pid_t[]){ vm->qemu.pid, vm->qmp.pid }, 2);
	rc = known_is(vm->keep, vm->qemu.pid, &id) ? 0 : -ECHILD;
	if (!rc)
		rc = journal_add_qemu(&vm->keep->journal, &id);
	status_set_process(&vm->keep->status, VM_STATUS_QEMU, vm->qemu.pid);
	status_set_state(&vm->keep->status, VM_STATUS_STARTING);
	vm->let_go = !rc;
	if (!rc)
		rc = jail_let_go(&vm->qemu);
	return rc == -EPIPE ? 0 : rc; /* it failed already: the loop tells why */
}

/**
 * vm_prepare() - start vfio-qmp, and what becomes QEMU
 * @vm:		VM_INIT
 *
 * Before the first change: while drivers let go of their devices, which is mostly waiting,
 * vfio-qmp gets ready and QEMU's jail is built, as far as it needs no device.
 *
 * Return: 0; -errno: what was started is ended by vm_end() and vm_end_qmp()
 */
int vm_prepare(struct vm *vm)
{
	int rc = lay_wires(vm);

	vm->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!rc && vm->timer < 0)
		rc = -errno;
	if (!rc)
		rc = vm_start_qmp(vm);
	if (!rc)
		rc = start_qemu(vm);
	if (!rc)
		standby_enter_leaf(vm->keep);
	return rc;
}

/**
 * vm_is_built() - wait until QEMU's jail stands, as far as it needs no device
 *
 * What fails there fails before the first change of the host, and it is said.
 *
 * Return: 0, or an exit code of keeper.h
 */
int vm_is_built(struct vm *vm)
{
	struct pollfd p[] = { { .fd = vm->qemu.failure, .events = POLLIN },
			      { .fd = vm->keep->signals, .events = POLLIN } };
	struct jail_failure f;
	int n;

	do {
		n = poll(p, ARRAY_SIZE(p), BUILT_S * 1000);
		if (n > 0 && p[1].revents && keeper_was_interrupted(vm->keep))
			return EXIT_UNDONE;
	} while (n > 0 && !p[0].revents);
	if (n > 0 && jail_built(&vm->qemu, &f) == 0)
		return 0;
	if (n > 0)
		exit_status_say_not_started(vm, &f);
	else
		log_error("%s: its files cannot be opened in %d s: does their file system answer?",
			  vm->keep->plan->name, BUILT_S);
	return EXIT_HOST;
}

/**
 * vm_launch() - let QEMU execute, and give up every capability that is not needed again
 * @vm:		prepared
 *
 * Return: 0; -errno: what was started is ended by vm_end() and vm_end_qmp()
 */
int vm_launch(struct vm *vm)
{
	int rc = jail_devices_ready(&vm->qemu);

	if (!rc)
		rc = place_qemu(vm);
	if (!rc)
		rc = caps_limit();
	vm->monitor_works = !rc;
	cut_wires(vm);
	if (!rc) /* a wait, which QEMU has no need of */
		cgroup_enter_keeper(vm->keep);
	return rc;
}

static void end_qemu(struct vm *vm)
{
	struct pollfd p = { .fd = vm->qemu.pidfd, .events = POLLIN };

	vm_kill(&vm->qemu);
	vm->dead = poll(&p, 1, vm->let_go ? QEMU_END_MS : JAIL_END_MS) > 0 &&
		   waitpid(vm->qemu.pid, &vm->status, 0) == vm->qemu.pid;
	vm->left = !vm->dead && vm->let_go;
	if (!vm->dead && !vm->left)
		log_warning("%s: process %d, which opens its files, waits in the kernel: it has no "
			    "device, and ends when their file system answers",
			    vm->keep->plan->name, (int)vm->qemu.pid);
}

/**
 * vm_end() - end a QEMU that still runs after a launch that failed; hang up on everybody else
 *
 * Nothing is waited for that no device needs: vfio-qmp goes by itself, while the devices are
 * given back, and vm_end_qmp() sees that it went.
 */
void vm_end(struct vm *vm)
{
	int *const fds[] = { &vm->records, &vm->monitor, &vm->output, &vm->timer,
			     &vm->keep->control };

	if (vm->qemu.pid && !vm->dead && !vm->left)
		end_qemu(vm);
	cut_wires(vm);
	jail_forget(&vm->qemu);
	if (vm->dead)
		status_set_process(&vm->keep->status, VM_STATUS_QEMU, 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close_fd(fds[i]);
}
