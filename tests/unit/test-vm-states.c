// SPDX-License-Identifier: GPL-2.0-or-later
/* test-vm-states.c - the steps that end a VM, with a child in QEMU's place */
/* links: launcher/keeper/vm/states.c launcher/keeper/vm/guest.c launcher/keeper/vm/monitor.c launcher/keeper/vm/program.c launcher/keeper/vm/button.c launcher/keeper/process/hooks.c  pkg: libcap-ng */
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/vm/vm.h"

static struct keeper_plan plan = { .name = "win10", .shutdown_timeout_s = 60, .uid = 1, .gid = 1 };
static struct keeper keep = { .plan = &plan, .status = STATUS_INIT };
static struct vm vm;
static bool confined;
static int qmp = -1; /* vfio-qmp's end of the records */

/* As the jail leaves a program: the guest does not get to run in any other. */
static void confine(void)
{
	for (int c = 0; prctl(PR_CAPBSET_READ, c) >= 0; c++)
		(void)prctl(PR_CAPBSET_DROP, c);
	if (setresuid(65534, 65534, 65534) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		_exit(1);
}

/* A VM in that state, with a process that lives until it is killed. */
static void make(enum vm_state state)
{
	int pair[2];

	vm = (struct vm)VM_INIT(&keep);
	plan.flags = 0;
	plan.populate_rows = plan.plug_rows = 0;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	vm.records = pair[0];
	qmp = pair[1];
	vm.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	vm.monitor_works = true;
	vm.state = state;
	vm.guest = QMP_STATE_RUNNING;
	(void)signal(SIGTERM, SIG_IGN); /* the child's from its first moment on */
	vm_main(&vm)->jailed.pid = fork();
	if (!vm_main(&vm)->jailed.pid && confined)
		confine();
	if (!vm_main(&vm)->jailed.pid) /* after it: a change of uid takes that back */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails does not end it */
	while (!vm_main(&vm)->jailed.pid)
		(void)pause();
	(void)signal(SIGTERM, SIG_DFL);
	vm_main(&vm)->jailed.pidfd = (int)syscall(SYS_pidfd_open, vm_main(&vm)->jailed.pid, 0);
	assert_true(vm_main(&vm)->jailed.pidfd >= 0);
}

static void unmake(void)
{
	(void)kill(vm_main(&vm)->jailed.pid, SIGKILL);
	assert_int_equal(waitpid(vm_main(&vm)->jailed.pid, NULL, 0), vm_main(&vm)->jailed.pid);
	(void)close(vm_main(&vm)->jailed.pidfd);
	(void)close(vm.timer);
	if (vm.records >= 0)
		(void)close(vm.records);
	(void)close(qmp);
}

static bool is_armed(void)
{
	struct itimerspec left;

	assert_int_equal(timerfd_gettime(vm.timer, &left), 0);
	return left.it_value.tv_sec || left.it_value.tv_nsec;
}

/* What vfio-qmp was asked for, one record; QMP_NONE: nothing. */
static uint32_t asked(void)
{
	struct qmp_record r;
	ssize_t n = recv(qmp, &r, sizeof(r), MSG_DONTWAIT);

	return n == (ssize_t)sizeof(r) ? r.type : QMP_NONE;
}

static void assert_rows(uint32_t first, uint32_t count)
{
	struct qmp_record r = { .type = QMP_NONE };

	assert_int_equal(recv(qmp, &r, sizeof(r), MSG_DONTWAIT), sizeof(r));
	assert_int_equal(r.type, QMP_ASK_ROWS);
	assert_int_equal(r.value, first);
	assert_int_equal(r.detail, count);
}

static void happens(enum vm_event event, enum vm_state then)
{
	vm_happen(&vm, event);
	assert_int_equal(vm.state, then);
}

static void tell(enum qmp_record_type type, uint32_t value)
{
	const struct qmp_record r = { .type = type, .value = value };

	vm_take_record(&vm, &r);
}

static void ctrl_c_climbs_the_ladder(void **state)
{
	(void)state;
	make(VM_RUNNING);
	happens(VM_END, VM_POWERING_DOWN);
	assert_int_equal(asked(), QMP_ASK_POWERDOWN);
	happens(VM_END, VM_QUITTING);
	assert_int_equal(asked(), QMP_ASK_QUIT);
	happens(VM_END, VM_KILLING);
	assert_int_equal(asked(), QMP_NONE);
	assert_true(vm.asked);
	happens(VM_END, VM_KILLING);
	happens(VM_TIMEOUT, VM_WEDGED);
	assert_false(is_armed());
	assert_false(vm.left);
	happens(VM_END, VM_WEDGED);
	assert_true(vm.left);
	unmake();
}

/* What is said as it is told to power down. Return: @buf */
static const char *said(uint32_t flags, char buf[512])
{
	int pipes[2], saved = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(pipe(pipes), 0);
	make(VM_RUNNING);
	plan.flags = flags;
	assert_true(dup2(pipes[1], STDERR_FILENO) >= 0);
	happens(VM_END, VM_POWERING_DOWN);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	unmake();
	n = read(pipes[0], buf, 511);
	assert_true(n > 0);
	buf[n] = '\0';
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	(void)close(saved);
	return buf;
}

static void a_key_is_named_to_who_can_press_it(void **state)
{
	static const uint32_t away[] = { KEEPER_SERVICE, KEEPER_HANDS_OVER };
	char buf[512];

	(void)state;
	assert_non_null(strstr(said(0, buf), "Ctrl-C again ends it at once"));
	for (size_t i = 0; i < ARRAY_SIZE(away); i++) {
		assert_non_null(strstr(said(away[i], buf), "`vfio-run stop --now win10` ends it at once"));
		assert_null(strstr(buf, "Ctrl-C"));
	}
}

static void time_climbs_it_too(void **state)
{
	static const enum vm_state then[] = { VM_QUITTING, VM_TERMINATING, VM_KILLING, VM_WEDGED };

	(void)state;
	make(VM_RUNNING);
	happens(VM_STOP, VM_POWERING_DOWN);
	for (size_t i = 0; i < ARRAY_SIZE(then); i++) {
		assert_true(is_armed());
		happens(VM_TIMEOUT, then[i]);
	}
	assert_false(is_armed());
	unmake();
}

/* One that serves QEMU and hangs is what QEMU can wait for: it is ended before QEMU is. */
static void what_serves_it_does_not_hold_it_up(void **state)
{
	struct program *helper = &vm.program[1];
	int status;

	(void)state;
	make(VM_RUNNING);
	plan.program_count = 2;
	plan.program[1] = (struct keeper_program){ .role = "share-1",
						   .channel_count = 1,
						   .channel = { KEEPER_CHANNEL_ACCEPTS } };
	helper->jailed.pid = fork();
	while (!helper->jailed.pid)
		(void)pause();
	helper->jailed.pidfd = (int)syscall(SYS_pidfd_open, helper->jailed.pid, 0);
	happens(VM_END_NOW, VM_QUITTING);
	assert_int_equal(asked(), QMP_ASK_QUIT);
	happens(VM_TIMEOUT, VM_QUITTING);
	assert_int_equal(waitpid(helper->jailed.pid, &status, 0), helper->jailed.pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_true(is_armed());
	happens(VM_TIMEOUT, VM_TERMINATING);
	(void)close(helper->jailed.pidfd);
	plan.program_count = 0;
	unmake();
}

static unsigned int armed_s(void)
{
	struct itimerspec left;

	assert_int_equal(timerfd_gettime(vm.timer, &left), 0);
	return (unsigned int)left.it_value.tv_sec + (left.it_value.tv_nsec > 0);
}

/* A guest that has powered off is not waited for without a limit, whatever holds its QEMU up. */
static void a_guest_that_is_off_is_gone_in_time(void **state)
{
	(void)state;
	make(VM_RUNNING);
	tell(QMP_EVENT, QMP_EVENT_SHUTDOWN);
	assert_int_equal(vm.state, VM_POWERING_DOWN);
	assert_int_equal(asked(), QMP_NONE); /* it ends by itself */
	assert_int_equal(armed_s(), 60);
	happens(VM_TIMEOUT, VM_QUITTING);
	assert_true(vm.asked); /* what ends it now is no failure of the guest's */
	unmake();
	make(VM_RUNNING);
	tell(QMP_EVENT, QMP_EVENT_SHUTDOWN);
	happens(VM_END, VM_POWERING_DOWN); /* the first Ctrl-C cuts nothing short */
	assert_int_equal(asked(), QMP_NONE);
	assert_int_equal(armed_s(), 60);
	assert_true(vm.asked);
	happens(VM_END, VM_QUITTING);
	assert_int_equal(asked(), QMP_ASK_QUIT);
	unmake();
	make(VM_RUNNING);
	plan.shutdown_timeout_s = 1; /* of the guest: QEMU has disks to write to */
	tell(QMP_EVENT, QMP_EVENT_SHUTDOWN);
	assert_int_equal(armed_s(), 10);
	plan.shutdown_timeout_s = 60;
	unmake();
}

/* What serves its QEMU is ended before; a guest that was asked to power off gets no more time by it. */
static void a_guest_that_is_off_waits_for_no_helper(void **state)
{
	struct program *helper = &vm.program[1];
	int status;

	(void)state;
	make(VM_RUNNING);
	plan.program_count = 2;
	plan.program[1] = (struct keeper_program){ .role = "share-1",
						   .channel_count = 1,
						   .channel = { KEEPER_CHANNEL_ACCEPTS } };
	helper->jailed.pid = fork();
	while (!helper->jailed.pid)
		(void)pause();
	helper->jailed.pidfd = (int)syscall(SYS_pidfd_open, helper->jailed.pid, 0);
	happens(VM_STOP, VM_POWERING_DOWN);
	vm_arm(&vm, 40); /* 20 s of its minute are over */
	tell(QMP_EVENT, QMP_EVENT_SHUTDOWN);
	tell(QMP_EVENT, QMP_EVENT_SHUTDOWN);
	assert_int_equal(vm.state, VM_POWERING_DOWN);
	assert_int_equal(armed_s(), 10);
	assert_int_equal(waitpid(helper->jailed.pid, &status, WNOHANG), 0);
	happens(VM_TIMEOUT, VM_POWERING_DOWN);
	assert_int_equal(waitpid(helper->jailed.pid, &status, 0), helper->jailed.pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_true(armed_s() >= 29 && armed_s() <= 31);
	happens(VM_TIMEOUT, VM_QUITTING);
	(void)close(helper->jailed.pidfd);
	plan.program_count = 0;
	unmake();
}

/* A trial ends by itself, at once, and so it does when it is told to: firmware has no power button. */
static void a_trial_has_its_time(void **state)
{
	(void)state;
	plan.trial_s = 60;
	make(VM_STARTING);
	happens(VM_CONTINUED, VM_RUNNING);
	assert_true(is_armed());
	happens(VM_TIMEOUT, VM_QUITTING);
	assert_int_equal(asked(), QMP_ASK_QUIT);
	assert_true(vm.asked);
	unmake();
	make(VM_RUNNING);
	happens(VM_STOP, VM_QUITTING);
	assert_int_equal(asked(), QMP_ASK_QUIT);
	unmake();
	plan.trial_s = 0;
	make(VM_STARTING);
	happens(VM_CONTINUED, VM_RUNNING);
	assert_false(is_armed()); /* no timer while a guest runs */
	unmake();
}

static void stop_is_not_impatient(void **state)
{
	(void)state;
	for (int s = VM_POWERING_DOWN; s < VM_STATES; s++) {
		make((enum vm_state)s);
		happens(VM_STOP, (enum vm_state)s);
		assert_int_equal(asked(), QMP_NONE);
		assert_false(vm.left);
		unmake();
	}
}

static void press(int button, uint16_t key, int32_t value)
{
	const struct input_event e[] = { { .type = EV_KEY, .code = key, .value = value },
					 { .type = EV_SYN, .code = SYN_REPORT } };

	assert_int_equal(write(button, e, sizeof(e)), sizeof(e));
	vm_button_hear(&vm, 1);
}

/* Pressed twice by a person who sees nothing, it is no `stop --now`. */
static void the_power_button_is_a_stop(void **state)
{
	int pair[2];

	(void)state;
	make(VM_RUNNING);
	assert_int_equal(pipe2(pair, O_CLOEXEC | O_NONBLOCK), 0);
	vm.button[1] = pair[0];
	press(pair[1], KEY_ENTER, 1);
	press(pair[1], KEY_POWER, 0); /* let go before anybody listened */
	assert_int_equal(vm.state, VM_RUNNING);
	press(pair[1], KEY_POWER, 1);
	assert_int_equal(vm.state, VM_POWERING_DOWN);
	assert_int_equal(asked(), QMP_ASK_POWERDOWN);
	press(pair[1], KEY_POWER, 1);
	press(pair[1], KEY_POWER2, 1);
	assert_int_equal(vm.state, VM_POWERING_DOWN);
	assert_int_equal(asked(), QMP_NONE);
	(void)close(pair[1]);
	vm_button_hear(&vm, 1); /* a device that is gone is not polled again */
	assert_int_equal(vm.button[1], -1);
	unmake();
}

static void end_now_does_not_ask_the_guest(void **state)
{
	(void)state;
	for (int s = VM_BUILDING; s <= VM_POWERING_DOWN; s++) {
		make((enum vm_state)s);
		happens(VM_END_NOW, VM_QUITTING);
		assert_int_equal(asked(), QMP_ASK_QUIT);
		unmake();
	}
	make(VM_RUNNING);
	vm.monitor_works = false;
	happens(VM_END_NOW, VM_TERMINATING);
	assert_true(vm.asked && is_armed());
	unmake();
}

static void a_guest_that_stands_still_is_let_go_on_or_ended(void **state)
{
	(void)state;
	make(VM_RUNNING);
	vm.guest = QMP_STATE_PAUSED;
	happens(VM_STOP, VM_POWERING_DOWN);
	assert_int_equal(asked(), QMP_ASK_CONTINUE);
	assert_int_equal(asked(), QMP_ASK_POWERDOWN);
	unmake();
	make(VM_RUNNING);
	vm.guest = QMP_STATE_GUEST_PANICKED;
	happens(VM_STOP, VM_QUITTING);
	assert_int_equal(asked(), QMP_ASK_QUIT);
	unmake();
}

/* SIGTERM for a stopped process waits until it is continued: both are sent. */
static void a_stopped_qemu_sees_its_sigterm(void **state)
{
	int status;

	(void)state;
	make(VM_QUITTING);
	assert_int_equal(kill(vm_main(&vm)->jailed.pid, SIGSTOP), 0);
	assert_int_equal(waitpid(vm_main(&vm)->jailed.pid, &status, WUNTRACED),
			 vm_main(&vm)->jailed.pid);
	happens(VM_TIMEOUT, VM_TERMINATING);
	assert_int_equal(waitpid(vm_main(&vm)->jailed.pid, &status, WCONTINUED),
			 vm_main(&vm)->jailed.pid);
	assert_true(WIFCONTINUED(status));
	unmake();
}

static void without_vfio_qmp_a_signal_does_it(void **state)
{
	(void)state;
	make(VM_RUNNING);
	(void)close(vm.records);
	vm.records = -1;
	happens(VM_STOP, VM_TERMINATING);
	assert_true(vm.asked && is_armed());
	unmake();
}

static void wait_until_confined(void)
{
	for (int i = 0; i < 5000 && jail_wrong(&vm_main(&vm)->jailed, 0); i++)
		(void)poll(NULL, 0, 1);
	assert_null(jail_wrong(&vm_main(&vm)->jailed, 0));
}

static void an_unconfined_qemu_is_ended(void **state)
{
	(void)state;
	make(VM_TAKING);
	vm_plug(&vm);
	assert_int_equal(vm.state, VM_KILLING);
	assert_int_equal(asked(), QMP_NONE);
	assert_true(vm.failed);
	unmake();
}

static void a_start_goes_on_by_records(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(caps_bound(), 0); /* as a keeper does at its start */
	confined = true;
	make(VM_BUILDING);
	confined = false;
	plan.populate_rows = 1;
	plan.plug_rows = 2;
	wait_until_confined();
	tell(QMP_GREETED, 0x070200);
	assert_int_equal(asked(), QMP_NONE);
	tell(QMP_READY, 0);
	assert_int_equal(vm.state, VM_LEAVING);
	assert_int_equal(asked(), QMP_NONE); /* until the host's session has ended */
	vm_populate(&vm);
	assert_rows(0, 1);
	assert_int_equal(vm.state, VM_POPULATING);
	for (int lines = 0; lines < 2; lines++) { /* how far it is, again and again */
		assert_true(is_armed());
		happens(VM_TIMEOUT, VM_POPULATING);
	}
	assert_true(is_armed());
	tell(QMP_ROWS_DONE, 0);
	assert_int_equal(vm.state, VM_TAKING);
	assert_int_equal(asked(), QMP_NONE); /* until the devices are taken */
	vm_plug(&vm);
	assert_rows(1, 2);
	assert_int_equal(vm.state, VM_PLUGGING);
	tell(QMP_ROWS_DONE, 0);
	assert_int_equal(asked(), QMP_ASK_CONTINUE);
	assert_int_equal(vm.state, VM_STARTING);
	tell(QMP_READY, 0); /* of a new vfio-qmp: the one before may have died over it */
	assert_int_equal(asked(), QMP_ASK_CONTINUE);
	assert_int_equal(vm.state, VM_STARTING);
	tell(QMP_STATE, QMP_STATE_PRELAUNCH);
	tell(QMP_CONTINUED, 0);
	assert_int_equal(vm.state, VM_RUNNING);
	assert_true(vm.ran);
	tell(QMP_REFUSED, QMP_ASK_CONTINUE); /* of a client's `resume` */
	assert_int_equal(vm.state, VM_RUNNING);
	tell(QMP_STATE, QMP_STATE_INTERNAL_ERROR);
	assert_int_equal(vm.state, VM_QUITTING);
	assert_true(vm.failed);
	unmake();
}

/* Without a device, and without memory to touch, it is told nothing. */
static void a_start_without_rows(void **state)
{
	(void)state;
	make(VM_BUILDING);
	tell(QMP_READY, 0);
	assert_int_equal(vm.state, VM_LEAVING);
	vm_populate(&vm);
	assert_int_equal(vm.state, VM_TAKING);
	assert_int_equal(asked(), QMP_NONE);
	unmake();
}

static void a_row_that_is_refused_ends_it(void **state)
{
	static const enum vm_state during[] = { VM_POPULATING, VM_PLUGGING };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(during); i++) {
		make(during[i]);
		assert_true(vm_has_rows(&vm));
		tell(QMP_REFUSED, QMP_ASK_ROWS);
		assert_int_equal(vm.state, VM_QUITTING);
		assert_int_equal(asked(), QMP_ASK_QUIT);
		assert_true(vm.failed);
		assert_false(vm_has_rows(&vm));
		unmake();
	}
}

/* Only what it was told before the guest ran counts: what a guest has taken over can say anything. */
static void a_guest_does_not_run_before_its_time(void **state)
{
	(void)state;
	for (int s = VM_BUILDING; s < VM_STARTING; s++) {
		make((enum vm_state)s);
		tell(QMP_CONTINUED, 0);
		assert_int_equal(vm.state, s);
		assert_false(vm.ran);
		unmake();
	}
}

/* Its power-off ends a VM, what QEMU cannot recover from, and who may ask for it; nothing else of these. */
static void a_guests_word_changes_nothing(void **state)
{
	(void)state;
	make(VM_RUNNING);
	for (uint32_t type = 0; type < 64; type++)
		for (uint32_t value = 0; value < 64; value++)
			if (type != QMP_MONITOR_BROKEN && type != QMP_MONITOR_CLOSED &&
			    type != QMP_WANT_STOP && type != QMP_WANT_END &&
			    !(type == QMP_EVENT && value == QMP_EVENT_SHUTDOWN) &&
			    !(type == QMP_STATE && value == QMP_STATE_INTERNAL_ERROR))
				tell((enum qmp_record_type)type, value);
	assert_int_equal(vm.state, VM_RUNNING);
	assert_int_equal(asked(), QMP_NONE);
	tell(QMP_MONITOR_CLOSED, 0);
	assert_int_equal(vm.state, VM_RUNNING);
	assert_false(vm.monitor_works);
	unmake();
}

/* Ctrl-C while threads are asked for: QEMU quits, and they are gone when they are looked for. */
static void threads_of_a_qemu_that_ends_are_no_failure(void **state)
{
	(void)state;
	for (int dead = 0; dead < 2; dead++) {
		make(dead ? VM_STARTING : VM_QUITTING);
		plan.places.vcpu_count = 1;
		vm.dead = dead;
		tell(QMP_VCPU, 0);
		tell(QMP_THREADS, QMP_ASK_VCPUS);
		tell(QMP_THREADS, QMP_ASK_IOTHREADS);
		assert_false(vm.failed);
		plan.places.vcpu_count = 0;
		unmake();
	}
}

/* It powered off at once: its records are read when QEMU is dead. */
static void what_waits_for_a_guest_is_not_started_behind_it(void **state)
{
	int records;

	(void)state;
	make(VM_STARTING);
	plan.program_count = 2;
	/* that it was started shows in the end, however it ended: it gets a socket in the place of this one */
	plan.program[1] = (struct keeper_program){ .role = "program-1",
						   .after = KEEPER_AFTER_GUEST,
						   .channel_count = 1,
						   .channel = { KEEPER_CHANNEL_RECORDS } };
	vm.dead = true;
	records = vm.records;
	tell(QMP_CONTINUED, 0);
	assert_true(vm.ran);
	assert_int_equal(vm.records, records);
	assert_false(vm_may_plug(&vm));
	plan.program_count = 0;
	unmake();
}

/* Nor is a QEMU that died by itself said to be ended. */
static void a_dead_qemu_is_told_nothing(void **state)
{
	static const enum qmp_record_type late[] = { QMP_MONITOR_CLOSED, QMP_WANT_STOP, QMP_WANT_END };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(late); i++)
		for (int s = VM_BUILDING; s <= VM_RUNNING; s++) {
			make((enum vm_state)s);
			vm.dead = true;
			tell(late[i], 0);
			assert_int_equal(asked(), QMP_NONE);
			assert_int_not_equal(vm.state, VM_TERMINATING);
			assert_false(is_armed());
			assert_int_equal(vm.asked, late[i] != QMP_MONITOR_CLOSED);
			unmake();
		}
}

static void a_panic_is_reset_where_that_is_wanted(void **state)
{
	(void)state;
	make(VM_RUNNING);
	plan.flags = KEEPER_RESET_ON_PANIC;
	tell(QMP_EVENT, QMP_EVENT_PANICKED);
	tell(QMP_STATE, QMP_STATE_GUEST_PANICKED);
	assert_int_equal(asked(), QMP_ASK_RESET);
	assert_int_equal(asked(), QMP_NONE);
	tell(QMP_EVENT, QMP_EVENT_RESET);
	assert_int_equal(asked(), QMP_ASK_CONTINUE);
	tell(QMP_EVENT, QMP_EVENT_RESET);
	assert_int_equal(asked(), QMP_NONE);
	unmake();
}

static void a_new_vfio_qmp_is_asked_again(void **state)
{
	(void)state;
	vm.state = VM_POWERING_DOWN;
	assert_int_equal(vm_pending(&vm), QMP_ASK_POWERDOWN);
	vm.state = VM_QUITTING;
	assert_int_equal(vm_pending(&vm), QMP_ASK_QUIT);
	vm.state = VM_RUNNING;
	assert_int_equal(vm_pending(&vm), QMP_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_goes_on_by_records), /* first: it needs root's rights */
		cmocka_unit_test(ctrl_c_climbs_the_ladder),
		cmocka_unit_test(a_key_is_named_to_who_can_press_it),
		cmocka_unit_test(time_climbs_it_too),
		cmocka_unit_test(what_serves_it_does_not_hold_it_up),
		cmocka_unit_test(a_guest_that_is_off_is_gone_in_time),
		cmocka_unit_test(a_guest_that_is_off_waits_for_no_helper),
		cmocka_unit_test(a_trial_has_its_time),
		cmocka_unit_test(stop_is_not_impatient),
		cmocka_unit_test(the_power_button_is_a_stop),
		cmocka_unit_test(end_now_does_not_ask_the_guest),
		cmocka_unit_test(a_guest_that_stands_still_is_let_go_on_or_ended),
		cmocka_unit_test(a_stopped_qemu_sees_its_sigterm),
		cmocka_unit_test(without_vfio_qmp_a_signal_does_it),
		cmocka_unit_test(an_unconfined_qemu_is_ended),
		cmocka_unit_test(a_start_without_rows),
		cmocka_unit_test(a_row_that_is_refused_ends_it),
		cmocka_unit_test(a_guest_does_not_run_before_its_time),
		cmocka_unit_test(a_guests_word_changes_nothing),
		cmocka_unit_test(threads_of_a_qemu_that_ends_are_no_failure),
		cmocka_unit_test(what_waits_for_a_guest_is_not_started_behind_it),
		cmocka_unit_test(a_dead_qemu_is_told_nothing),
		cmocka_unit_test(a_panic_is_reset_where_that_is_wanted),
		cmocka_unit_test(a_new_vfio_qmp_is_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
