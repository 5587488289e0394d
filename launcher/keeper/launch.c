/* SPDX-License-Identifier: GPL-2.0-or-later */
/* launch.c - the processes of a VM: QEMU in its jail, and vfio-qmp beside it */
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
#include "launcher/keeper/caps.h"
#include "launcher/keeper/vm.h"
#include "qmp/record.h"

#define QEMU_END_MS 60000 /* after SIGKILL; it has hardly begun when this is waited for */
#define QMP_END_MS 3000 /* vfio-qmp drains what QEMU said last, and exits */

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

/* What vfio-qmp and QEMU are connected with; what the keeper does not need goes back to -1. */
struct wires {
	int monitor[2];	 /* QEMU's end, vfio-qmp's end */
	int output[2];	 /* read end, write end of QEMU's stdout and stderr */
	int records[2];	 /* the keeper's end, vfio-qmp's end */
};

static int lay_wires(struct wires *w)
{
	*w = (struct wires){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, w->monitor) < 0 ||
	    pipe2(w->output, O_CLOEXEC) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, w->records) < 0)
		return -errno;
	return 0;
}

static void cut_wires(struct wires *w)
{
	const int fds[] = { w->monitor[0], w->monitor[1], w->output[0],
			    w->output[1],  w->records[0], w->records[1] };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] >= 0)
			(void)close(fds[i]);
}

static int start_qmp(struct vm *vm, const struct wires *w)
{
	const struct keeper_plan *plan = vm->keep->plan;
	const int pass[] = { w->monitor[1], w->output[0], w->records[1] };
	char program[] = "vfio-qmp", colour[] = "--colour", locale[] = "LC_ALL=C.UTF-8";
	char name[KEEPER_NAME_MAX];
	char *argv[] = { program, name, plan->flags & KEEPER_COLOUR ? colour : NULL, NULL };
	char *env[] = { locale, NULL };
	const struct jail jail = { .uid = plan->uid,
				   .gid = plan->gid,
				   .input = -1,
				   .output = STDOUT_FILENO,
				   .errors = STDERR_FILENO,
				   .pass = pass,
				   .pass_count = ARRAY_SIZE(pass),
				   .program = KEEPER_FD_QMP,
				   .argv = argv,
				   .env = env };
	int rc;

	_Static_assert(QMP_FD_MONITOR == 3 && QMP_FD_STDERR == 4 && QMP_FD_KEEPER == 5,
		       "descriptors are passed in this order");
	memcpy(name, plan->name, sizeof(name));
	rc = jail_start(&jail, &vm->qmp);
	return rc ? rc : jail_let_go(&vm->qmp);
}

static int start_qemu(struct vm *vm, const struct wires *w)
{
	const struct keeper_plan *plan = vm->keep->plan;
	cleanup_free char **argv = vector(plan->strings, 0, plan->arg_count);
	cleanup_free char **env = vector(plan->strings, plan->arg_count, plan->env_count);
	cleanup_free char **files =
		vector(plan->strings, plan->arg_count + plan->env_count, plan->file_count);
	const int pass[] = { w->monitor[0] };
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
				   .output = w->output[1],
				   .errors = w->output[1],
				   .pass = pass,
				   .pass_count = ARRAY_SIZE(pass),
				   .program = -1,
				   .argv = argv,
				   .env = env };

	_Static_assert(KEEPER_QEMU_MONITOR_FD == 3, "the first descriptor that is passed");
	if (!argv || !env || !files)
		return -ENOMEM;
	return jail_start(&jail, &vm->qemu);
}

/* Written down before it may execute: whoever comes after a dead keeper ends it first. */
static int place_qemu(struct vm *vm)
{
	struct process_id id;
	int rc = process_identify(vm->qemu.pid, &id);

	if (!rc)
		rc = journal_add_qemu(&vm->keep->journal, &id);
	return rc ? rc : jail_let_go(&vm->qemu);
}

/**
 * vm_launch() - start vfio-qmp and QEMU, and give up every capability that is not needed again
 * @vm:		VM_INIT
 *
 * Return: 0; -errno: what was started is ended by vm_close()
 */
int vm_launch(struct vm *vm)
{
	struct wires w;
	int rc = lay_wires(&w);

	vm->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!rc && vm->timer < 0)
		rc = -errno;
	if (!rc)
		rc = start_qmp(vm, &w);
	if (!rc)
		rc = start_qemu(vm, &w);
	if (!rc)
		rc = place_qemu(vm);
	if (!rc)
		rc = caps_limit();
	if (!rc) {
		vm->records = take_fd(&w.records[0]);
		vm->monitor = take_fd(&w.monitor[1]);
		vm->monitor_works = true;
	}
	cut_wires(&w);
	return rc;
}

/** vm_tell() - one record to vfio-qmp; -EPIPE when there is none any more */
int vm_tell(const struct vm *vm, unsigned int type)
{
	const struct qmp_record r = { .type = type };

	if (vm->records < 0)
		return -EPIPE;
	return send(vm->records, &r, sizeof(r), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static void kill_jailed(const struct jailed *j)
{
	caps_raise(CAP_KILL);
	(void)syscall(SYS_pidfd_send_signal, j->pidfd, SIGKILL, NULL, 0);
	caps_rest();
}

/** vm_end_qmp() - QEMU is dead: vfio-qmp says what there is to say, and goes */
void vm_end_qmp(struct vm *vm)
{
	struct pollfd p = { .fd = vm->qmp.pidfd, .events = POLLIN };

	if (!vm->qmp.pid)
		return;
	if (vm->records >= 0)
		(void)close(vm->records);
	vm->records = -1;
	if (poll(&p, 1, QMP_END_MS) <= 0)
		kill_jailed(&vm->qmp);
	(void)waitpid(vm->qmp.pid, NULL, 0);
	jail_forget(&vm->qmp);
}

/** vm_close() - end what still runs after a launch that failed, and close everything */
void vm_close(struct vm *vm)
{
	if (vm->qemu.pid && !vm->dead && !vm->left) {
		struct pollfd p = { .fd = vm->qemu.pidfd, .events = POLLIN };

		kill_jailed(&vm->qemu);
		vm->dead = poll(&p, 1, QEMU_END_MS) > 0 &&
			   waitpid(vm->qemu.pid, &vm->status, 0) == vm->qemu.pid;
		vm->left = !vm->dead;
	}
	vm_end_qmp(vm);
	jail_forget(&vm->qemu);
	if (vm->monitor >= 0)
		(void)close(vm->monitor);
	if (vm->timer >= 0)
		(void)close(vm->timer);
}
