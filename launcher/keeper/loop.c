/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop.c - a VM from its start to its death: one poll, one table of states and events
 *
 * The keeper sleeps here while the guest runs: no timer is armed and nothing polls.
 * Sources are looked at in a fixed order, QEMU's death first: an exit status must not
 * be beaten by the hang-up that it causes. Handlers turn what came into events; only
 * the table decides what an event means. What QEMU or its guest said never ends up
 * here as more than a number, and never touches the host: devices are given back when
 * QEMU is dead and reaped, not when it says so.
 */
#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/caps.h"
#include "launcher/keeper/vm.h"
#include "qmp/record.h"

#define QUIT_S 5     /* from `quit` to SIGTERM */
#define TERM_S 5     /* from SIGTERM to SIGKILL */
#define SILENCE_S 10 /* until a start that takes long is explained */
#define KILL_S 30    /* from SIGKILL to saying that it is stuck, and half a second more per GiB */

enum vm_state {
	STARTING,      /* QEMU makes its devices and maps memory; as long as that takes */
	RUNNING,       /* the guest runs */
	POWERING_DOWN, /* its power button was pressed */
	QUITTING,      /* QEMU was told to quit */
	TERMINATING,   /* SIGTERM was sent */
	KILLING,       /* SIGKILL was sent */
	WEDGED,	       /* it does not die: it sleeps in the kernel */
	STATES,
};

enum vm_event {
	READY,	      /* devices realized, guest not started */
	CONTINUED,    /* the guest runs */
	END,	      /* Ctrl-C, SIGTERM */
	TIMEOUT,
	NO_MONITOR,   /* the monitor is closed or broken, or vfio-qmp died */
	BROKEN_GUEST, /* run state internal-error: it will never run again */
	EVENTS,
};

struct cell {
	void (*act)(struct vm *vm);
	unsigned int next;
};

/* ---- actions ------------------------------------------------------------------- */

static void arm(const struct vm *vm, unsigned int seconds)
{
	const struct itimerspec t = { .it_value = { .tv_sec = (time_t)seconds } };

	(void)timerfd_settime(vm->timer, 0, &t, NULL);
}

static void signal_qemu(const struct vm *vm, int number)
{
	caps_raise(CAP_KILL);
	(void)syscall(SYS_pidfd_send_signal, vm->qemu.pidfd, number, NULL, 0);
	caps_rest();
}

static void nothing(struct vm *vm)
{
	(void)vm;
}

static void explain(struct vm *vm)
{
	log_notice("%s: QEMU is not ready yet: with a device it maps all of the guest's memory; "
		   "Ctrl-C ends it", vm->keep->plan->name);
}

static void kill_it(struct vm *vm)
{
	uint64_t gib = vm->keep->plan->memory_bytes >> 30;

	signal_qemu(vm, SIGKILL);
	arm(vm, KILL_S + (unsigned int)(gib / 2));
}

/* The guest does not get to run in a QEMU that is not confined. */
static bool is_confined(struct vm *vm)
{
	const char *wrong = jail_wrong(&vm->qemu, vm->keep->plan->flags & KEEPER_FILTERED ? 2 : 0);

	if (wrong)
		log_error("%s: QEMU is not confined as it must be: %s: it is ended",
			  vm->keep->plan->name, wrong);
	return !wrong;
}

static void go_on(struct vm *vm)
{
	if (!is_confined(vm)) {
		vm->failed = true;
		kill_it(vm);
	} else if (vm_tell(vm, QMP_ASK_CONTINUE)) {
		vm->monitor_works = false;
	}
}

static void runs(struct vm *vm)
{
	arm(vm, 0);
	vm->ran = true;
	log_notice("%s: the guest runs (QEMU is process %d); Ctrl-C powers it down",
		   vm->keep->plan->name, (int)vm->qemu.pid);
}

static void terminate(struct vm *vm)
{
	log_notice("%s: sending SIGTERM to QEMU", vm->keep->plan->name);
	signal_qemu(vm, SIGTERM);
	arm(vm, TERM_S);
}

/* Without a monitor the next rung of the ladder is taken at once, by a timer that has run out. */
static void quit(struct vm *vm)
{
	bool told = vm->monitor_works && vm_tell(vm, QMP_ASK_QUIT) == 0;

	if (told)
		log_notice("%s: telling QEMU to quit", vm->keep->plan->name);
	else
		signal_qemu(vm, SIGTERM);
	arm(vm, QUIT_S);
}

static void power_down(struct vm *vm)
{
	unsigned int limit_s = vm->keep->plan->shutdown_timeout_s;

	vm->asked = true;
	if (vm->monitor_works && vm_tell(vm, QMP_ASK_POWERDOWN) == 0) {
		log_notice("%s: powering the guest down (it has %u s; Ctrl-C again ends it at once)",
			   vm->keep->plan->name, limit_s);
		arm(vm, limit_s ? limit_s : 1);
	} else {
		terminate(vm);
	}
}

static void give_up_start(struct vm *vm)
{
	vm->asked = true;
	quit(vm);
}

static void end_broken(struct vm *vm)
{
	vm->failed = true;
	log_error("%s: the guest cannot go on (QEMU's internal-error): ending it",
		  vm->keep->plan->name);
	quit(vm);
}

static void say_wedged(struct vm *vm)
{
	arm(vm, 0);
	log_error("%s: QEMU (process %d) does not die: it waits in the kernel, most likely for a "
		  "device; Ctrl-C leaves it", vm->keep->plan->name, (int)vm->qemu.pid);
}

static void leave(struct vm *vm)
{
	vm->left = true;
}

/* clang-format off */
static const struct cell table[STATES][EVENTS] = {
	[STARTING] = {
		[READY]        = { go_on,         STARTING },
		[CONTINUED]    = { runs,          RUNNING },
		[END]          = { give_up_start, QUITTING },
		[TIMEOUT]      = { explain,       STARTING },
		[NO_MONITOR]   = { quit,          QUITTING },
		[BROKEN_GUEST] = { end_broken,    QUITTING },
	},
	[RUNNING] = {
		[READY]        = { nothing,       RUNNING },
		[CONTINUED]    = { nothing,       RUNNING },
		[END]          = { power_down,    POWERING_DOWN },
		[TIMEOUT]      = { nothing,       RUNNING },
		[NO_MONITOR]   = { nothing,       RUNNING },
		[BROKEN_GUEST] = { end_broken,    QUITTING },
	},
	[POWERING_DOWN] = {
		[READY]        = { nothing,       POWERING_DOWN },
		[CONTINUED]    = { nothing,       POWERING_DOWN },
		[END]          = { quit,          QUITTING },
		[TIMEOUT]      = { quit,          QUITTING },
		[NO_MONITOR]   = { nothing,       POWERING_DOWN },
		[BROKEN_GUEST] = { end_broken,    QUITTING },
	},
	[QUITTING] = {
		[READY]        = { nothing,       QUITTING },
		[CONTINUED]    = { nothing,       QUITTING },
		[END]          = { kill_it,       KILLING },
		[TIMEOUT]      = { terminate,     TERMINATING },
		[NO_MONITOR]   = { nothing,       QUITTING },
		[BROKEN_GUEST] = { nothing,       QUITTING },
	},
	[TERMINATING] = {
		[READY]        = { nothing,       TERMINATING },
		[CONTINUED]    = { nothing,       TERMINATING },
		[END]          = { kill_it,       KILLING },
		[TIMEOUT]      = { kill_it,       KILLING },
		[NO_MONITOR]   = { nothing,       TERMINATING },
		[BROKEN_GUEST] = { nothing,       TERMINATING },
	},
	[KILLING] = {
		[READY]        = { nothing,       KILLING },
		[CONTINUED]    = { nothing,       KILLING },
		[END]          = { nothing,       KILLING },
		[TIMEOUT]      = { say_wedged,    WEDGED },
		[NO_MONITOR]   = { nothing,       KILLING },
		[BROKEN_GUEST] = { nothing,       KILLING },
	},
	[WEDGED] = {
		[READY]        = { nothing,       WEDGED },
		[CONTINUED]    = { nothing,       WEDGED },
		[END]          = { leave,         WEDGED },
		[TIMEOUT]      = { nothing,       WEDGED },
		[NO_MONITOR]   = { nothing,       WEDGED },
		[BROKEN_GUEST] = { nothing,       WEDGED },
	},
};
/* clang-format on */

static void happen(struct vm *vm, enum vm_event event)
{
	const struct cell *cell = &table[vm->state][event];

	vm->state = cell->next;
	cell->act(vm);
}

/* ---- sources ------------------------------------------------------------------- */

static void lose_monitor(struct vm *vm)
{
	if (!vm->monitor_works)
		return;
	vm->monitor_works = false;
	happen(vm, NO_MONITOR);
}

static void reap_qemu(struct vm *vm)
{
	if (waitpid(vm->qemu.pid, &vm->status, WNOHANG) == vm->qemu.pid)
		vm->dead = true;
}

static void read_signals(struct vm *vm)
{
	struct signalfd_siginfo info;

	while (read(vm->keep->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		if (info.ssi_signo == SIGINT || info.ssi_signo == SIGTERM ||
		    info.ssi_signo == SIGQUIT)
			happen(vm, END);
}

/* clang-format off */
/* What a guest's events are called here; the others are silent. */
static const struct { enum qmp_event event; const char *text; } event_texts[] = {
	{ QMP_EVENT_POWERDOWN,      "its power button was pressed" },
	{ QMP_EVENT_RESET,          "it was reset" },
	{ QMP_EVENT_PANICKED,       "its kernel panicked" },
	{ QMP_EVENT_BLOCK_IO_ERROR, "a disk failed under it: see QEMU's words" },
	{ QMP_EVENT_WATCHDOG,       "its watchdog ran out" },
	{ QMP_EVENT_MEMORY_FAILURE, "the host's memory failed under it" },
};
/* clang-format on */

static void note_event(const struct vm *vm, const struct qmp_record *r)
{
	if (r->value == QMP_EVENT_SHUTDOWN)
		log_notice("%s: %s", vm->keep->plan->name,
			   r->detail ? "the guest powered off" : "QEMU is ending");
	for (size_t i = 0; i < ARRAY_SIZE(event_texts); i++)
		if (event_texts[i].event == r->value)
			log_notice("%s: the guest: %s", vm->keep->plan->name, event_texts[i].text);
}

static void take_record(struct vm *vm, const struct qmp_record *r)
{
	switch (r->type) {
	case QMP_READY:
		vm->monitor_works = true;
		happen(vm, READY);
		break;
	case QMP_CONTINUED:
		happen(vm, CONTINUED);
		break;
	case QMP_STATE:
		if (r->value == QMP_STATE_INTERNAL_ERROR)
			happen(vm, BROKEN_GUEST);
		break;
	case QMP_EVENT:
		note_event(vm, r);
		break;
	case QMP_REFUSED:
		if (r->value == QMP_ASK_CONTINUE)
			happen(vm, BROKEN_GUEST);
		break;
	case QMP_MONITOR_BROKEN:
		log_warning("%s: QEMU's monitor speaks no QMP: it is not listened to any more",
			    vm->keep->plan->name);
		lose_monitor(vm);
		break;
	case QMP_MONITOR_CLOSED:
		lose_monitor(vm);
		break;
	default:
		break; /* told for status, or nothing that vfio-qmp may say */
	}
}

static void read_records(struct vm *vm)
{
	struct qmp_record r;
	ssize_t n = recv(vm->records, &r, sizeof(r), MSG_DONTWAIT | MSG_TRUNC);

	if (n == (ssize_t)sizeof(r)) {
		take_record(vm, &r);
		return;
	}
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	(void)close(vm->records);
	vm->records = -1;
	if (vm->monitor_works)
		log_warning("%s: vfio-qmp is gone: the VM goes on without its monitor",
			    vm->keep->plan->name);
	lose_monitor(vm);
}

static void read_timer(struct vm *vm)
{
	uint64_t expired;

	if (read(vm->timer, &expired, sizeof(expired)) == (ssize_t)sizeof(expired))
		happen(vm, TIMEOUT);
}

static void replace_twin(struct vm *vm)
{
	(void)twin_ensure(vm->keep); /* tried again at the next wake-up when it fails */
}

/* In this order. */
enum source { QEMU, SIGNALS, RECORDS, TIMER, TWIN, SOURCES };

static void (*const handlers[SOURCES])(struct vm *vm) = {
	[QEMU] = reap_qemu,
	[SIGNALS] = read_signals,
	[RECORDS] = read_records,
	[TIMER] = read_timer,
	[TWIN] = replace_twin,
};

/**
 * vm_loop() - watch a launched VM until QEMU is dead and reaped
 * @vm:		launched; dead, status, asked, ran and failed tell how it went
 *
 * Returns early only with vm->left: QEMU sleeps in the kernel and the user gave up waiting.
 */
void vm_loop(struct vm *vm)
{
	arm(vm, SILENCE_S);
	while (!vm->dead && !vm->left) {
		struct pollfd fds[SOURCES] = {
			[QEMU] = { .fd = vm->qemu.pidfd, .events = POLLIN },
			[SIGNALS] = { .fd = vm->keep->signals, .events = POLLIN },
			[RECORDS] = { .fd = vm->records, .events = POLLIN },
			[TIMER] = { .fd = vm->timer, .events = POLLIN },
			[TWIN] = { .fd = vm->keep->twin.pidfd, .events = POLLIN },
		};

		if (poll(fds, SOURCES, -1) < 0 && errno != EINTR)
			log_error("poll: %s", strerror(errno)); /* and look at all of them */
		for (int s = 0; s < SOURCES && !vm->dead; s++)
			if (fds[s].revents)
				handlers[s](vm);
		if (vm->keep->twinless)
			replace_twin(vm);
	}
}
