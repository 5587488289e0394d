// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-pin.c - threads of a process are put where a plan has them, by numbers that are not trusted
 *
 * The process stands for QEMU: three threads beside the first. Its pid namespace is this one's, so
 * the numbers in it are those of /proc. With a single CPU there is only one place for all.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "launcher/keeper/vm/pin.h"

#define THREADS 3 /* two virtual processors, and one for a disk */

static struct keeper_plan *plan;
static struct keeper keeper;
static struct vm vm = VM_INIT(&keeper);
static pid_t thread[THREADS];
static unsigned int first_cpu, last_cpu;

static void *tell_and_wait(void *arg)
{
	pid_t tid = gettid();

	if (write(*(int *)arg, &tid, sizeof(tid)) != sizeof(tid))
		_exit(1);
	for (;;)
		(void)pause();
}

static _Noreturn void be_qemu(int fd)
{
	pthread_t made;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&made, NULL, tell_and_wait, &fd))
			_exit(1);
	for (;;)
		(void)pause();
}

static int begin(void **state)
{
	struct cpus all = { { 0 } };
	int fd[2];

	(void)state;
	plan = calloc(1, sizeof(*plan));
	if (!plan || pipe(fd))
		return -1;
	(void)syscall(SYS_sched_getaffinity, 0, sizeof(all.bit), all.bit);
	for (unsigned int i = CPUS_MAX; i-- > 0;)
		if (cpus_has(&all, i))
			first_cpu = i;
	for (unsigned int i = 0; i < CPUS_MAX; i++)
		if (cpus_has(&all, i))
			last_cpu = i;
	keeper.plan = plan;
	vm_main(&vm)->jailed.pid = fork();
	if (!vm_main(&vm)->jailed.pid)
		be_qemu(fd[1]);
	for (int i = 0; i < THREADS; i++)
		if (read(fd[0], &thread[i], sizeof(thread[i])) != sizeof(thread[i]))
			return -1;
	(void)close(fd[0]);
	(void)close(fd[1]);
	pin_ask(&vm); /* there is no vfio-qmp: it only forgets what was claimed before */
	return 0;
}

static int end(void **state)
{
	(void)state;
	(void)kill(vm_main(&vm)->jailed.pid, SIGKILL);
	(void)waitpid(vm_main(&vm)->jailed.pid, NULL, 0);
	free(plan);
	return 0;
}

static enum pin_result tell(enum qmp_record_type type, uint32_t value, uint32_t detail)
{
	const struct qmp_record r = { .type = type, .value = value, .detail = detail };

	return pin_take(&vm, &r);
}

/* Both processors and the disk's thread; the second answer places them. */
static enum pin_result claim(uint32_t vcpu0, uint32_t vcpu1, uint32_t iothread)
{
	assert_int_equal(tell(QMP_VCPU, 1, vcpu1), PIN_WAITING);
	assert_int_equal(tell(QMP_VCPU, 0, vcpu0), PIN_WAITING);
	assert_int_equal(tell(QMP_THREADS, QMP_ASK_VCPUS, 0), PIN_WAITING);
	assert_int_equal(tell(QMP_IOTHREAD, 0, iothread), PIN_WAITING);
	return tell(QMP_THREADS, QMP_ASK_IOTHREADS, 0);
}

static void pin_both(void)
{
	plan->places.vcpu_count = 2;
	plan->places.vcpu[0] = (uint16_t)last_cpu;
	plan->places.vcpu[1] = (uint16_t)first_cpu;
}

static void is_only_on(pid_t tid, unsigned int cpu)
{
	struct cpus now = { { 0 } }, wanted = { { 0 } };

	cpus_add(&wanted, cpu);
	assert_true(syscall(SYS_sched_getaffinity, tid, sizeof(now.bit), now.bit) > 0);
	assert_memory_equal(&now, &wanted, sizeof(now));
}

static void each_thread_is_where_it_belongs(void **state)
{
	(void)state;
	pin_both();
	cpus_add(&plan->places.emulator, first_cpu);
	cpus_add(&plan->places.iothread, last_cpu);
	assert_true(pin_is_due(&vm));
	assert_int_equal(claim((uint32_t)thread[0], (uint32_t)thread[1], (uint32_t)thread[2]),
			 PIN_DONE);
	assert_false(pin_is_due(&vm));
	is_only_on(thread[0], last_cpu);
	is_only_on(thread[1], first_cpu);
	is_only_on(thread[2], last_cpu);
	is_only_on(vm_main(&vm)->jailed.pid, first_cpu);
}

static void affinity_is_for_both(void **state)
{
	(void)state;
	cpus_add(&plan->places.vcpus, last_cpu);
	assert_int_equal(claim((uint32_t)thread[0], (uint32_t)thread[1], (uint32_t)thread[2]),
			 PIN_DONE);
	is_only_on(thread[0], last_cpu);
	is_only_on(thread[1], last_cpu);
}

static void nothing_to_place_is_not_asked_for(void **state)
{
	(void)state;
	assert_false(pin_is_due(&vm));
}

/* This process's own number: a thread that is not QEMU's is neither taken for one nor touched. */
static void a_number_of_another_process_is_refused(void **state)
{
	struct cpus before = { { 0 } }, after = { { 0 } };

	(void)state;
	pin_both();
	(void)syscall(SYS_sched_getaffinity, 0, sizeof(before.bit), before.bit);
	assert_int_equal(claim((uint32_t)thread[0], (uint32_t)getpid(), (uint32_t)thread[2]),
			 PIN_FAILED);
	(void)syscall(SYS_sched_getaffinity, 0, sizeof(after.bit), after.bit);
	assert_memory_equal(&before, &after, sizeof(before));
}

static void claims_that_cannot_be_are_refused(void **state)
{
	uint32_t a = (uint32_t)thread[0];

	(void)state;
	pin_both();
	assert_int_equal(claim(a, a, (uint32_t)thread[2]), PIN_FAILED); /* one for both */
	pin_ask(&vm);
	assert_int_equal(claim(a, 1, (uint32_t)thread[2]), PIN_FAILED); /* QEMU itself */
	pin_ask(&vm);
	assert_int_equal(claim(a, 0, (uint32_t)thread[2]), PIN_FAILED); /* one too few */
	pin_ask(&vm);
	assert_int_equal(tell(QMP_VCPU, 2, (uint32_t)thread[2]), PIN_WAITING);
	assert_int_equal(claim(a, (uint32_t)thread[1], (uint32_t)thread[2]),
			 PIN_FAILED); /* one too many */
	pin_ask(&vm);
	assert_int_equal(tell(QMP_VCPU, UINT32_MAX, a), PIN_WAITING);
	assert_int_equal(tell(QMP_IOTHREAD, UINT32_MAX, a), PIN_WAITING);
}

/* The kernel takes a set of which a part is there, and uses that: it must not be taken for done. */
static void a_cpu_that_cannot_be_had_is_no_success(void **state)
{
	(void)state;
	cpus_add(&plan->places.vcpus, last_cpu);
	cpus_add(&plan->places.vcpus, CPUS_MAX - 1);
	assert_int_equal(claim((uint32_t)thread[0], (uint32_t)thread[1], (uint32_t)thread[2]),
			 PIN_FAILED);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_thread_is_where_it_belongs),
		TEST(affinity_is_for_both),
		TEST(nothing_to_place_is_not_asked_for),
		TEST(a_number_of_another_process_is_refused),
		TEST(claims_that_cannot_be_are_refused),
		TEST(a_cpu_that_cannot_be_had_is_no_success),
	};

	return cmocka_run_group_tests_name("pin", tests, NULL, NULL);
}
