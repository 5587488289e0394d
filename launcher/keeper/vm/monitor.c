/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * monitor.c - vfio-qmp: started, started again when it dies, given up at last
 *
 * It reads what QEMU and so a guest wrote: it may be killed by its own limits and filter,
 * or by somebody. The keeper has a copy of QEMU's monitor and of the pipe that QEMU writes
 * to, and gives them to a new one; without a copy of the monitor QEMU would have closed it
 * for good. When vfio-qmp is given up the copies are closed: a pipe that nobody reads
 * would stop QEMU, and a monitor that nobody reads would make it grow.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/vm/vm.h"

#define RESTARTS_MAX 3
#define END_MS 3000 /* it drains what QEMU said last, and exits */

/**
 * vm_start_qmp() - a vfio-qmp for the monitor and the output that the keeper has copies of
 * @vm:		monitor and output are open; records is opened here
 *
 * Return: 0 or -errno
 * Context: SETUID, SETGID and SETPCAP effective
 */
int vm_start_qmp(struct vm *vm)
{
	const struct keeper_plan *plan = vm->keep->plan;
	cleanup_close int own = -1, its = -1, leaf = cgroup_leaf(vm->keep, CGROUP_VM);
	char program[] = "vfio-qmp", colour[] = "--colour", locale[] = "LC_ALL=C.UTF-8";
	char name[KEEPER_NAME_MAX];
	char *argv[] = { program, name, plan->flags & KEEPER_COLOUR ? colour : NULL, NULL };
	char *env[] = { locale, NULL };
	int pass[5], pair[2], rc;
	struct process_id id;
	const struct jail jail = { .uid = plan->uid,
				   .gid = plan->gid,
				   .input = -1,
				   .output = STDOUT_FILENO,
				   .errors = STDERR_FILENO,
				   .pass = pass,
				   .pass_count = ARRAY_SIZE(pass),
				   .program = KEEPER_FD_QMP,
				   .leaf = leaf,
				   .argv = argv,
				   .env = env };

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	own = pair[0];
	its = pair[1];
	_Static_assert(QMP_FD_MONITOR == 3 && QMP_FD_STDERR == 4 && QMP_FD_KEEPER == 5 &&
			       QMP_FD_CONTROL == 6 && QMP_FD_LOG == 7,
		       "descriptors are passed in this order");
	pass[0] = vm->monitor;
	pass[1] = vm->output;
	pass[2] = its;
	pass[3] = vm->keep->control;
	pass[4] = vm->keep->has_log ? KEEPER_FD_LOG : -1;
	memcpy(name, plan->name, sizeof(name));
	rc = jail_start(&jail, &vm->qmp);
	if (rc)
		return rc;
	status_set_process(&vm->keep->status, VM_STATUS_QMP, vm->qmp.pid);
	vm->records = take_fd(&own);
	if (vm->qemu.pid && !vm->qmp.in_leaf) /* the first is placed together with QEMU */
		cgroup_join(vm->keep, vm->qmp.pid, vm->qemu.pid);
	/* without a standby a VM that runs goes on: it is still to be had with QEMU's end */
	rc = standby_know(vm->keep, KNOWN_QMP, vm->qmp.pid, vm->qmp.pidfd, &id);
	if (!rc || vm->qemu.pid)
		rc = jail_let_go(&vm->qmp);
	if (rc) /* or it would wait for ever, and its socket would look alive */
		vm_kill(&vm->qmp);
	return rc;
}

/* Its exit status as wait(2) has it; 0 when it does not even die. */
static int reap(struct vm *vm, int wait_ms)
{
	struct pollfd p = { .fd = vm->qmp.pidfd, .events = POLLIN };
	struct jail_failure f;
	int status = 0;

	close_fd(&vm->records);
	if (!vm->qmp.pid)
		return 0;
	if (poll(&p, 1, wait_ms) <= 0)
		vm_kill(&vm->qmp);
	if (poll(&p, 1, END_MS) > 0 && waitpid(vm->qmp.pid, &status, 0) == vm->qmp.pid &&
	    jail_failure(&vm->qmp, &f))
		log_error("%s: vfio-qmp was not started: %s: %s", vm->keep->plan->name, f.step,
			  strerror(f.error));
	jail_forget(&vm->qmp);
	status_set_process(&vm->keep->status, VM_STATUS_QMP, 0);
	return status;
}

/** vm_end_qmp() - after vm_end(): vfio-qmp has said what there was to say and has gone, or is made to */
void vm_end_qmp(struct vm *vm)
{
	(void)reap(vm, END_MS);
}

static int start_with_rights(struct vm *vm)
{
	static const int needed[] = { CAP_SETUID, CAP_SETGID, CAP_SETPCAP };
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		caps_raise(needed[i]);
	rc = vm_start_qmp(vm);
	caps_rest();
	return rc;
}

/* A new one knows nothing: that it is not the first it sees from being asked at once. */
static int replace(struct vm *vm)
{
	int rc = start_with_rights(vm);

	if (!rc)
		rc = vm_tell(vm, QMP_ASK_STATE);
	if (!rc && vm->ran)
		rc = vm_tell(vm, QMP_TELL_STARTED);
	if (!rc && vm_pending(vm) != QMP_NONE)
		rc = vm_tell(vm, vm_pending(vm));
	return rc;
}

static void give_up(struct vm *vm)
{
	close_fd(&vm->keep->control);
	close_fd(&vm->monitor);
	close_fd(&vm->output);
	log_error("%s: vfio-qmp is given up: the VM goes on without a power button, and what QEMU "
		  "says is not shown", vm->keep->plan->name);
}

/**
 * vm_restart_qmp() - vfio-qmp is of no use any more: another one, or none
 * @why:	a sentence for the user; NULL: it died
 *
 * One that only cannot make sense of QEMU is left alone at last: it goes on reading, and
 * passes on what QEMU says.
 */
void vm_restart_qmp(struct vm *vm, const char *why)
{
	bool fooled = why != NULL, more = vm->restarts < RESTARTS_MAX;
	char text[80] = "vfio-qmp is gone";
	int status = fooled && !more ? 0 : reap(vm, 0);

	if (!fooled && WIFSIGNALED(status))
		(void)snprintf(text, sizeof(text), "vfio-qmp was ended by signal %d (%s)",
			       WTERMSIG(status), strsignal(WTERMSIG(status)));
	while (vm->restarts < RESTARTS_MAX) {
		vm->restarts++;
		log_warning("%s: %s: starting another vfio-qmp (%u of %d)", vm->keep->plan->name,
			    fooled ? why : text, vm->restarts, RESTARTS_MAX);
		if (replace(vm) == 0)
			return;
		(void)reap(vm, 0);
	}
	if (fooled && !more)
		log_warning("%s: QEMU's monitor speaks no QMP: it is not listened to any more",
			    vm->keep->plan->name);
	else
		give_up(vm);
	if (vm->monitor_works) {
		vm->monitor_works = false;
		vm_happen(vm, VM_NO_MONITOR);
	}
}
