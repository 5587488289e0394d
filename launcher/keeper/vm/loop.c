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

#define LAST_WORDS_S 1 /* for vfio-qmp's last records, once QEMU is dead */
#define SAME_END_MS 1000 /* between the ends of two processes, one of which ends with the other */
#define SILENCE_S 10 /* until a start that takes long is explained */

static void reap_main(struct vm *vm)
{
	if (waitpid(vm_main(vm)->jailed.pid, &vm->status, WNOHANG) == vm_main(vm)->jailed.pid)
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
		reap_main(vm); /* together with QEMU: there is nothing to talk to */
	if (vm->dead)
		close_fd(&vm->records);
	else
		vm_talk_again(vm, NULL);
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
 * A guest that powers off at once is dead before its events are read: the records of vfio-qmp,
 * up to the one that the monitor is closed, tell how the end came.
 */
static void hear_the_rest(struct vm *vm)
{
	const struct itimerspec once = { .it_value.tv_sec = LAST_WORDS_S };
	/* vm->timer may be in use: another holder of the monitor can send on, and records arm it */
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

/*
 * One that serves QEMU ends when QEMU does, and can be seen first: a QEMU that is about to be dead
 * is waited for, so that its end is not taken for the other's.
 */
static bool ends_too(struct vm *vm)
{
	struct pollfd end = { .fd = vm_main(vm)->jailed.pidfd, .events = POLLIN };

	return vm->state >= VM_POWERING_DOWN || poll(&end, 1, SAME_END_MS) > 0;
}

static void take_death(struct vm *vm, struct program *p)
{
	const struct keeper_program *row = program_row(vm, p);
	const char *name = vm->keep->plan->name;
	bool ignored = row->on_death == KEEPER_DEATH_IGNORE;
	bool matters = !ignored && !ends_too(vm);
	pid_t pid = p->jailed.pid;
	int status = program_reap(vm, p, 0);
	char text[80];

	(void)program_end(row->role, status, text, sizeof(text));
	if (!vm->ran && !vm->pressed && program_has_failed(status)) {
		log_error("%s: %s before the guest ran", name, text); /* QEMU knows no reason */
		program_say_denial(vm, p, pid);
		vm->failed = true;
		vm_happen(vm, VM_STOP);
	} else if (ignored && program_has_failed(status) && vm->state < VM_POWERING_DOWN) {
		log_notice("%s: %s", name, text);
	} else if (!matters) {
		log_verbose("%s: %s", name, text);
		/* QEMU may have ended because this one was denied something. */
		if (!vm->ran && !vm->pressed)
			program_say_denial(vm, p, pid);
	} else if (program_again(vm, p, text)) {
		return;
	} else if (row->on_death == KEEPER_DEATH_WARN) {
		log_warning("%s: %s: the VM goes on without it", name, text);
	} else if (row->on_death == KEEPER_DEATH_NO_RESET) {
		log_warning("%s: %s: the guest runs on without it, and cannot be rebooted any "
			    "more: when it tries to, the VM ends", name, text);
	} else {
		log_error("%s: %s, and the VM cannot do without it: ending the VM", name, text);
		vm->failed = true;
		vm_happen(vm, VM_STOP);
	}
}

/* Of the others' deaths; the one that the keeper talks to hangs up, when all is read. */
static void watch_programs(struct vm *vm, struct pollfd fds[KEEPER_PROGRAMS_MAX])
{
	for (size_t i = 0; i < KEEPER_PROGRAMS_MAX; i++) {
		const struct program *p = &vm->program[i];
		bool watched = i != VM_MAIN && p->jailed.pid && !program_talks(program_row(vm, p));

		fds[i] = (struct pollfd){ .fd = watched ? p->jailed.pidfd : -1, .events = POLLIN };
	}
}

static void take_deaths(struct vm *vm, const struct pollfd fds[KEEPER_PROGRAMS_MAX])
{
	for (size_t i = 0; i < KEEPER_PROGRAMS_MAX && !vm->dead; i++)
		if (fds[i].revents && fds[i].fd == vm->program[i].jailed.pidfd)
			take_death(vm, &vm->program[i]);
}

/* They are not polled through the table below: most VMs have none. */
static void watch_buttons(const struct vm *vm, struct pollfd fds[VM_BUTTONS_MAX])
{
	for (size_t i = 0; i < VM_BUTTONS_MAX; i++)
		fds[i] = (struct pollfd){ .fd = vm->button[i], .events = POLLIN };
}

static void hear_buttons(struct vm *vm, const struct pollfd fds[VM_BUTTONS_MAX])
{
	for (size_t i = 0; i < VM_BUTTONS_MAX && !vm->dead; i++)
		if (fds[i].revents)
			vm_button_hear(vm, i);
}

/* In this order. */
enum source { MAIN, SIGNALS, RECORDS, TIMER, TWIN, UEVENTS, SOURCES };

static void (*const handlers[SOURCES])(struct vm *vm) = {
	[MAIN] = reap_main,   [SIGNALS] = read_signals, [RECORDS] = read_records,
	[TIMER] = read_timer, [TWIN] = replace_standby, [UEVENTS] = vm_usb_hear,
};

/* Waits until something has come, for @wait_ms at most; -1: for ever. */
static void look(struct vm *vm, int wait_ms)
{
	struct pollfd fds[SOURCES + KEEPER_PROGRAMS_MAX + VM_BUTTONS_MAX] = {
		[MAIN] = { .fd = vm_main(vm)->jailed.pidfd, .events = POLLIN },
		[SIGNALS] = { .fd = vm->keep->signals, .events = POLLIN },
		[RECORDS] = { .fd = vm->records, .events = POLLIN },
		[TIMER] = { .fd = vm->timer, .events = POLLIN },
		[TWIN] = { .fd = vm->keep->standby.pidfd, .events = POLLIN },
		[UEVENTS] = { .fd = vm->uevents, .events = POLLIN },
	};

	watch_programs(vm, fds + SOURCES);
	watch_buttons(vm, fds + SOURCES + KEEPER_PROGRAMS_MAX);
	if (poll(fds, ARRAY_SIZE(fds), wait_ms) < 0 && errno != EINTR)
		log_error("poll: %s", strerror(errno)); /* and look at all of them */
	for (int s = 0; s < SOURCES && !vm->dead; s++)
		if (fds[s].revents)
			handlers[s](vm);
	hear_buttons(vm, fds + SOURCES + KEEPER_PROGRAMS_MAX);
	take_deaths(vm, fds + SOURCES);
	if (vm->keep->no_standby)
		replace_standby(vm);
}

/**
 * vm_still_takes() - between two changes of devices: does what they are taken for still stand?
 * @arg:	the VM, in the state VM_LEAVING or VM_TAKING
 *
 * Return: false when QEMU is dead, is being ended, or the user wants its end
 */
bool vm_still_takes(void *arg)
{
	struct vm *vm = arg;

	look(vm, 0);
	return (vm->state == VM_TAKING || vm->state == VM_LEAVING) && !vm->dead;
}

/**
 * vm_loop() - watch a launched VM until it is in a state, or QEMU is dead and reaped
 * @vm:		launched; dead, status, asked, ran and failed have the result
 * @until:	VM_STATES: until its end
 *
 * Returns early only with vm->left: QEMU sleeps in the kernel and the user gave up waiting.
 */
void vm_loop(struct vm *vm, enum vm_state until)
{
	if (vm->state <= VM_STARTING && vm->state != VM_POPULATING) /* which has its own */
		vm_arm(vm, SILENCE_S);
	while (!vm->dead && !vm->left && vm->state != until)
		look(vm, -1);
	if (vm->dead)
		hear_the_rest(vm);
}
