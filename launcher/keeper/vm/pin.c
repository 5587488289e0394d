/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pin.c - each thread of the VM on the host CPUs that the plan has for it, before the guest runs
 *
 * Which of QEMU's threads is which only QEMU knows: vfio-qmp asks it and passes numbers on. They
 * are not trusted. Each is the number of a thread in the pid namespace of the VM, so it counts
 * only where it is found in /proc/PID/task of the process that the keeper itself has started,
 * by the last number of NSpid: what is placed is a thread of QEMU's, whatever was claimed. QEMU
 * cannot move itself: its filter refuses sched_setaffinity(2).
 *
 * A thread that is born later starts where the one that made it runs: the main thread is of the
 * emulator's, so most of them are. Threads are looked at until a whole round finds each of them
 * at its place, because one can be born meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/entries.h"
#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/vm/pin.h"

#define ROUNDS_MAX 16 /* of looking at all threads; two are enough when none is born */
#define STATUS_MAX 4096

/* What was claimed: numbers in the VM's pid namespace; 0: nothing was. */
static struct {
	uint32_t vcpu[CPUS_VM_MAX];
	uint32_t iothread[PIN_IOTHREADS_MAX];
	bool has_vcpus, has_iothreads; /* all of them were passed on */
	bool done;
} claimed;

/* A round over the threads. */
struct round {
	const struct cpu_places *places;
	bool vcpu_found[CPUS_VM_MAX];
	bool moved;       /* not all of them were at their places */
	int error;        /* of one that could not be moved */
	char refused[64]; /* where to, for the message */
};

/** pin_is_due() - are threads still to be placed before the guest may run? */
bool pin_is_due(const struct vm *vm)
{
	return !claimed.done && cpu_places_any(&vm->keep->plan->places);
}

/** pin_ask() - have vfio-qmp ask for the threads; one that was replaced is asked for all again */
void pin_ask(struct vm *vm)
{
	memset(&claimed, 0, sizeof(claimed));
	if (!vm_tell(vm, QMP_ASK_VCPUS))
		(void)vm_tell(vm, QMP_ASK_IOTHREADS);
}

/* Its number in the innermost pid namespace; 0: it is gone. Source: proc_pid_status(5) */
static uint32_t number_inside(int task, const char *thread)
{
	char path[64], text[STATUS_MAX], *line, *last;

	(void)snprintf(path, sizeof(path), "%s/status", thread);
	if (sysfs_read(task, path, text, sizeof(text)) <= 0)
		return 0;
	line = strstr(text, "\nNSpid:");
	if (!line)
		return 0;
	line++;
	line[strcspn(line, "\n")] = '\0';
	last = strrchr(line, '\t');
	return last ? (uint32_t)strtoul(last + 1, NULL, 10) : 0;
}

static bool is_claimed(const uint32_t *numbers, size_t count, uint32_t number, size_t *which)
{
	for (*which = 0; *which < count; ++*which)
		if (numbers[*which] == number)
			return true;
	return false;
}

/* Where a thread belongs. Return: false: wherever it is */
static bool place_of(struct round *r, uint32_t number, struct cpus *place, bool *vcpu)
{
	size_t which;

	*place = (struct cpus){ { 0 } };
	if (is_claimed(claimed.vcpu, ARRAY_SIZE(claimed.vcpu), number, &which)) {
		*vcpu = r->vcpu_found[which] = true;
		if (r->places->vcpu_count)
			cpus_add(place, r->places->vcpu[which]);
		else
			*place = r->places->vcpus;
	} else if (is_claimed(claimed.iothread, ARRAY_SIZE(claimed.iothread), number, &which)) {
		*place = r->places->iothread;
	} else {
		*place = r->places->emulator;
	}
	return !cpus_is_empty(place);
}

static bool is_at(pid_t thread, const struct cpus *place)
{
	struct cpus now = { { 0 } };

	return syscall(SYS_sched_getaffinity, thread, sizeof(now.bit), now.bit) > 0 &&
	       !memcmp(&now, place, sizeof(now));
}

/* The kernel takes a set of which a part is allowed, and uses that part: so it is read back. */
static int move_to(pid_t thread, const struct cpus *place)
{
	if (syscall(SYS_sched_setaffinity, thread, sizeof(place->bit), place->bit) < 0)
		return -errno;
	return is_at(thread, place) ? 0 : -EINVAL;
}

/* What such a thread makes itself is no real-time thread. Return: 0 or -errno */
static int hurry(pid_t thread)
{
	const struct sched_param lowest = { .sched_priority = 1 };

	if (sched_getscheduler(thread) == (SCHED_FIFO | SCHED_RESET_ON_FORK))
		return 0;
	return sched_setscheduler(thread, SCHED_FIFO | SCHED_RESET_ON_FORK, &lowest) < 0 ? -errno
											 : 0;
}

static void refuse(struct round *r, int error, const struct cpus *place)
{
	if (!error || error == -ESRCH)
		return;
	r->error = error;
	cpus_format(place, r->refused, sizeof(r->refused));
}

static int visit(void *context, int task, const char *name, unsigned int type)
{
	struct round *r = context;
	uint32_t number = number_inside(task, name);
	pid_t thread = (pid_t)strtol(name, NULL, 10);
	bool vcpu = false;
	struct cpus place;

	(void)type;
	if (!number || thread <= 0 || !place_of(r, number, &place, &vcpu))
		return 0;
	if (!is_at(thread, &place)) {
		r->moved = true;
		refuse(r, move_to(thread, &place), &place);
	}
	if (vcpu && r->places->realtime)
		refuse(r, hurry(thread), &place);
	return 0;
}

/* Return: 0, or -errno of /proc */
static int look_at_all(pid_t qemu, struct round *r)
{
	char path[32];
	cleanup_close int task = -1;

	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)qemu);
	task = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return task < 0 ? -errno : entries_each(task, visit, r);
}

/* Without them the places mean nothing: each virtual processor has one thread, and of its own. */
static const char *claims_wrong(const struct cpu_places *places)
{
	size_t count = 0, which;

	while (count < CPUS_VM_MAX && claimed.vcpu[count])
		count++;
	if (!count || (places->vcpu_count && count != places->vcpu_count))
		return "QEMU has not as many virtual processors as the profile says";
	for (size_t i = 0; i < count; i++)
		if (claimed.vcpu[i] == 1 || is_claimed(claimed.vcpu, i, claimed.vcpu[i], &which))
			return "QEMU has no thread of its own for each virtual processor (thread=single?)";
	return NULL;
}

static const char *some_missing(const struct round *r)
{
	for (size_t i = 0; i < CPUS_VM_MAX && claimed.vcpu[i]; i++)
		if (!r->vcpu_found[i])
			return "a thread that QEMU names is not one of its threads";
	return NULL;
}

/* Return: NULL; else what is wrong */
static const char *place_all(struct vm *vm, struct round *r)
{
	const char *wrong = claims_wrong(&vm->keep->plan->places);

	for (int n = 0; n < ROUNDS_MAX && !wrong; n++) {
		int rc;

		*r = (struct round){ .places = &vm->keep->plan->places };
		rc = look_at_all(vm_main(vm)->jailed.pid, r);
		if (rc)
			return strerror(-rc);
		if (r->error)
			return r->error == -EPERM
				       ? "not permitted (CAP_SYS_NICE is needed)"
				       : "the VM's cgroup does not have all of these CPUs";
		wrong = some_missing(r);
		if (!r->moved)
			return wrong;
	}
	return wrong ? wrong : "QEMU makes new threads all the time";
}

static enum pin_result place(struct vm *vm)
{
	static struct round r; /* too large for a stack */
	const char *wrong;

	caps_raise(CAP_SYS_NICE);
	caps_raise(CAP_SYS_PTRACE); /* where /proc hides processes */
	wrong = place_all(vm, &r);
	caps_rest();
	claimed.done = true;
	if (!wrong)
		return PIN_DONE;
	log_error("%s: QEMU's threads cannot be kept on their CPUs%s%s: %s", vm->keep->plan->name,
		  *r.refused ? " " : "", r.refused, wrong);
	return PIN_FAILED;
}

/**
 * pin_take() - a record about threads; when all have come, each is put where it belongs
 *
 * Return: PIN_WAITING: more is to come; PIN_FAILED: they cannot be, which was reported
 */
enum pin_result pin_take(struct vm *vm, const struct qmp_record *r)
{
	if (!pin_is_due(vm))
		return PIN_WAITING;
	if (r->type == QMP_VCPU && r->value < CPUS_VM_MAX)
		claimed.vcpu[r->value] = r->detail;
	else if (r->type == QMP_IOTHREAD && r->value < PIN_IOTHREADS_MAX)
		claimed.iothread[r->value] = r->detail;
	else if (r->type == QMP_THREADS && r->value == QMP_ASK_VCPUS)
		claimed.has_vcpus = true;
	else if (r->type == QMP_THREADS && r->value == QMP_ASK_IOTHREADS)
		claimed.has_iothreads = true;
	return claimed.has_vcpus && claimed.has_iothreads ? place(vm) : PIN_WAITING;
}
