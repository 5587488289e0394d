/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job-try.c - QEMU's jail, built and entered by the code of a run; the host is not changed
 *
 * What a run would be refused for, or would fail at after its first change, shows here in the same
 * words: a plan that is not taken, a namespace, mount, node, limit, file or filter that cannot be
 * had, an emulator that cannot be executed in there. No lock, no journal, no device: of the VM's
 * nodes only those are made that exist before its devices are taken.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "launcher/keeper/job.h"
#include "launcher/keeper/vm/vm.h"

#define TRY_MS 30000 /* a file system that does not answer; QEMU's start under emulation: 0.5 s */

static bool comes(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, TRY_MS) > 0;
}

/* Return: 0; else @f has what could not be done */
static int build(struct vm *vm, struct jail_failure *f)
{
	int rc;

	if (!comes(vm_main(vm)->jailed.failure)) {
		*f = (struct jail_failure){ .error = ETIMEDOUT, .step = "opening the VM's files" };
		return -ETIMEDOUT;
	}
	rc = jail_built(&vm_main(vm)->jailed, f);
	if (!rc)
		rc = jail_devices_ready(&vm_main(vm)->jailed);
	if (!rc)
		rc = jail_let_go(&vm_main(vm)->jailed); /* one that died has reported why */
	return rc == -EPIPE ? 0 : rc;
}

static bool has_ended(struct vm *vm)
{
	vm->dead = comes(vm_main(vm)->jailed.pidfd) &&
		   waitpid(vm_main(vm)->jailed.pid, &vm->status, 0) == vm_main(vm)->jailed.pid;
	return vm->dead;
}

/* Failure of an emulator that was executed; NULL: it did what it was asked. */
static const char *wrong(const struct vm *vm, char *buf, size_t size)
{
	if (WIFSIGNALED(vm->status))
		(void)snprintf(buf, size, "it was ended by signal %d (%s)", WTERMSIG(vm->status),
			       strsignal(WTERMSIG(vm->status)));
	else if (WEXITSTATUS(vm->status))
		(void)snprintf(buf, size, "it ended with status %d", WEXITSTATUS(vm->status));
	else
		return NULL;
	return buf;
}

static int judge(struct keeper *k, struct vm *vm)
{
	struct jail_failure f = { .error = 0 };
	char buf[96];
	int rc = vm_start_main(vm);

	if (rc)
		return job_refuse(k, EXIT_HOST, "QEMU cannot be started: %s", strerror(-rc));
	rc = build(vm, &f);
	if (!rc && !has_ended(vm))
		return job_refuse(k, EXIT_HOST,
				  "QEMU does not end in its jail when asked for its version");
	if (!rc)
		rc = jail_failure(&vm_main(vm)->jailed, &f) ? -ECHILD : 0;
	if (rc)
		return job_refuse(k, EXIT_HOST, "QEMU's jail: %s: %s",
				  *f.step ? f.step : "what builds it was killed",
				  strerror(f.error ? f.error : -rc));
	if (wrong(vm, buf, sizeof(buf)))
		return job_refuse(k, EXIT_HOST, "QEMU in its jail, asked for its version: %s", buf);
	report_result(EXIT_OK, "");
	return EXIT_OK;
}

/**
 * job_try() - build a VM's jail, execute the plan's command in it, take it away
 *
 * The command ends by itself.
 *
 * Return: EXIT_OK, or EXIT_HOST after reporting what is wrong
 */
int job_try(struct keeper *k)
{
	struct vm vm = VM_INIT(k);
	int code = judge(k, &vm);

	vm_end(&vm);
	return code;
}
