/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exit-status.c - how a VM ended, in one sentence and one exit code */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "launcher/base/log.h"
#include "launcher/keeper/vm/vm.h"
#include "qmp/record.h"

#define SERVER_END_MS 500

static void say_signal(const struct vm *vm, int number)
{
	const char *name = vm->keep->plan->name;

	if (number == SIGSYS)
		log_error("%s: QEMU made a system call that its sandbox forbids (SIGSYS)", name);
	else if (number == SIGKILL)
		log_error("%s: QEMU was killed: by another process, or by the kernel for want of memory",
			  name);
	else
		log_error("%s: QEMU was ended by signal %d (%s)", name, number, strsignal(number));
}

/** exit_status_say_not_started() - what could not be done between the fork and the exec of @what */
void exit_status_say_not_started(const struct vm *vm, const char *what,
				 const struct jail_failure *f)
{
	log_error("%s: %s was not started: %s: %s", vm->keep->plan->name, what,
		  *f->step ? f->step : "what builds its jail was killed", strerror(f->error));
}

/*
 * One that served QEMU and failed first is the reason of QEMU's end: QEMU itself only reports that
 * a socket was closed. Its death can be a moment behind the closing, and no device waits for this.
 * One that was denied something can have answered that it failed, and serve on: QEMU is the one
 * that ends then.
 */
static void say_who_failed(struct vm *vm)
{
	int wait_ms = vm->took || vm->ran ? 0 : SERVER_END_MS;

	for (uint32_t i = VM_MAIN + 1; i < vm->keep->plan->program_count; i++) {
		struct program *p = &vm->program[i];
		struct pollfd end = { .fd = p->jailed.pidfd, .events = POLLIN };
		const char *role = program_row(vm, p)->role;
		pid_t pid = p->jailed.pid;
		char text[80];
		int status = 0;

		if (!p->jailed.pid || !p->let_go || program_talks(program_row(vm, p)))
			continue;
		if (poll(&end, 1, wait_ms) > 0)
			status = program_reap(vm, p, 0);
		if (program_has_failed(status))
			log_error("%s: %s", vm->keep->plan->name,
				  program_end(role, status, text, sizeof(text)));
		if (program_has_failed(status) || !vm->ran)
			program_say_denial(vm, p, pid);
	}
}

static void say_failure(struct vm *vm)
{
	const char *name = vm->keep->plan->name;
	struct jail_failure f;

	if (jail_failure(&vm_main(vm)->jailed, &f))
		exit_status_say_not_started(vm, "QEMU", &f);
	else if (vm->panicked && (vm->keep->plan->flags & KEEPER_FAIL_ON_PANIC))
		log_error("%s: the guest's kernel panicked", name);
	else if (WIFSIGNALED(vm->status))
		say_signal(vm, WTERMSIG(vm->status));
	else if (WEXITSTATUS(vm->status) || !vm->ran)
		log_error("%s: QEMU ended with status %d%s%s", name, WEXITSTATUS(vm->status),
			  vm->ran ? "" : " before the guest ran",
			  vm->ran || vm->took || !vm->keep->plan->device_count ?
				  "" :
				  ": no device was touched");
	else
		return;
	log_notice("`vfio-run log %s` shows what QEMU said, and what that means", name);
}

/**
 * vm_exit_status() - the exit code of a run whose QEMU is dead; reports what failed
 *
 * Return: EXIT_OK, EXIT_GUEST, or EXIT_UNDONE when the user ended it before the guest ran
 */
int vm_exit_status(struct vm *vm)
{
	bool clean = WIFEXITED(vm->status) && WEXITSTATUS(vm->status) == 0;
	int code = EXIT_GUEST;

	if (!vm->ran && vm->asked && !vm->failed)
		code = EXIT_UNDONE;
	else if (vm->ran && !vm->failed && (clean || vm->asked))
		code = EXIT_OK;
	if (code == EXIT_GUEST)
		say_who_failed(vm);
	if (code == EXIT_GUEST)
		say_failure(vm);
	(void)vm_tell(vm, code == EXIT_GUEST ? QMP_TELL_FAILED : QMP_TELL_ENDED);
	return code;
}
