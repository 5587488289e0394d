/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop.c - one poll over all that can happen to a VM
 *
 * The keeper sleeps here while the guest runs: no timer is armed and nothing polls.
 * Sources are looked at in a fixed order, QEMU's death first: an exit status must not
 * be beaten by the hang-up that it causes. Handlers turn what came into events; only
 * the table of states.c decides what an event means.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/vm/vm.h"

#define LAST_WORDS_S 1 /* of a vfio-qmp that has not said them when QEMU is dead */
#define SILENCE_S 10 /* until a start that takes long is explained */

static void reap_qemu(struct vm *vm)
{
	if (waitpid(vm->qemu.pid, &vm->status, WNOHANG) == vm->qemu.pid)
		vm->dead = true;
}

/* clang-format off */
static const struct { int number; enum vm_event event; } meanings[] = {
	{ SIGINT,  VM_END },
	{ SIGTERM, VM_END },
	{ SIGQUIT, VM_END_NOW },
};
/* clang-format on */

static void read_signals(struct vm *vm)
{
	struct signalfd_siginfo info;

	while (read(vm->keep->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
			if ((uint32_t)meanings[i].number == info.ssi_signo)
				vm_happen(vm, keeper_is_told_once(vm->keep, &info) ?
						      VM_STOP : meanings[i].event);
		if (info.ssi_signo == SIGHUP && (vm->keep->plan->flags & KEEPER_STOP_ON_HANGUP))
			vm_happen(vm, VM_STOP);
	}
}

static void read_records(struct vm *vm)
{
	struct qmp_record r;
	ssize_t n = recv(vm->records, &r, sizeof(r), MSG_DONTWAIT | MSG_TRUNC);

	if (n == (ssize_t)sizeof(r)) {
		vm_take_record(vm, &r);
		return;
	}
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	if (!vm->dead)
		reap_qemu(vm); /* together with QEMU: there is nothing to talk to */
	if (vm->dead)
		close_fd(&vm->records);
	else
		vm_restart_qmp(vm, NULL);
}

static void read_timer(struct vm *vm)
{
	uint64_t expired;

	if (read(vm->timer, &expired, sizeof(expired)) == (ssize_t)sizeof(expired))
		vm_happen(vm, VM_TIMEOUT);
}

static void replace_standby(struct vm *vm)
{
	(void)standby_ensure(vm->keep); /* tried again at the next wake-up when it fails */
}

/*
 * A guest that powers off at once is dead before its words are read: what vfio-qmp has to
 * say, until it says that the monitor is closed, tells how the end came.
 */
static void hear_the_rest(struct vm *vm)
{
	const struct itimerspec once = { .it_value.tv_sec = LAST_WORDS_S };
	/* its own: somebody else can have the monitor, and talk on, and what he says arms timers */
	cleanup_close int end = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (end < 0 || timerfd_settime(end, 0, &once, NULL) < 0)
		return;
	while (vm->records >= 0 && vm->monitor_works) {
		struct pollfd p[] = { { .fd = vm->records, .events = POLLIN },
				      { .fd = end, .events = POLLIN } };

		if (poll(p, ARRAY_SIZE(p), -1) <= 0 || p[1].revents)
			return;
		read_records(vm);
	}
}

/* In this order. */
enum source { QEMU, SIGNALS, RECORDS, TIMER, TWIN, SOURCES };

static void (*const handlers[SOURCES])(struct vm *vm) = {
	[QEMU] = reap_qemu,
	[SIGNALS] = read_signals,
	[RECORDS] = read_records,
	[TIMER] = read_timer,
	[TWIN] = replace_standby,
};

/**
 * vm_loop() - watch a launched VM until QEMU is dead and reaped
 * @vm:		launched; dead, status, asked, ran and failed tell how it went
 *
 * Returns early only with vm->left: QEMU sleeps in the kernel and the user gave up waiting.
 */
void vm_loop(struct vm *vm)
{
	vm_arm(vm, SILENCE_S);
	while (!vm->dead && !vm->left) {
		struct pollfd fds[SOURCES] = {
			[QEMU] = { .fd = vm->qemu.pidfd, .events = POLLIN },
			[SIGNALS] = { .fd = vm->keep->signals, .events = POLLIN },
			[RECORDS] = { .fd = vm->records, .events = POLLIN },
			[TIMER] = { .fd = vm->timer, .events = POLLIN },
			[TWIN] = { .fd = vm->keep->standby.pidfd, .events = POLLIN },
		};

		if (poll(fds, SOURCES, -1) < 0 && errno != EINTR)
			log_error("poll: %s", strerror(errno)); /* and look at all of them */
		for (int s = 0; s < SOURCES && !vm->dead; s++)
			if (fds[s].revents)
				handlers[s](vm);
		if (vm->keep->no_standby)
			replace_standby(vm);
	}
	if (vm->dead)
		hear_the_rest(vm);
}
