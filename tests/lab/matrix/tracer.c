// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tracer.c - follows a keeper and its children, and lets chosen system calls fail or kill
 *
 * A kill happens on entry, so the call has no effect. For faults a seccomp filter stops the
 * processes at the calls of those names only, so a run under faults is nearly as fast as any;
 * for the list of all calls they stop at each.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lab/matrix/matrix.h"

#define TRACEES_MAX 64
#define CALLS_MAX 512

struct tracee {
	pid_t pid; /* 0: this place is free */
	char path[PATH_LENGTH]; /* "": its parent has not reported it yet */
	bool stopped;	    /* and waits for that */
	bool held;	    /* for good */
	bool executed;	    /* the keeper: from there on it is followed */
	unsigned int children;
	unsigned int calls[CALLS_MAX];
	int killed, failing; /* the fault that it is to die of, that its call fails with; -1: none */
};

static struct tracee tracees[TRACEES_MAX];
static const struct spec *spec;
static FILE *out;

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vfprintf(out, format, args);
	va_end(args);
}

static void hit(int fault)
{
	tell("H %d\n", fault);
	(void)fflush(out);
}

static struct tracee *tracee_of(pid_t pid)
{
	struct tracee *free_one = NULL;

	for (size_t i = 0; i < TRACEES_MAX; i++) {
		if (tracees[i].pid == pid)
			return &tracees[i];
		if (!tracees[i].pid && !free_one)
			free_one = &tracees[i];
	}
	if (!free_one)
		_exit(1);
	*free_one = (struct tracee){ .pid = pid, .killed = -1, .failing = -1 };
	return free_one;
}

/* ---- who is followed, and how far ---------------------------------------------------- */

/* Stops at every call, only at the filter's, or once more at the end of this one. */
static void go_on(struct tracee *t, int signal)
{
	bool all = (spec->trace && (strcmp(t->path, "0") || t->executed)) || t->failing >= 0;

	(void)ptrace(all ? PTRACE_SYSCALL : PTRACE_CONT, t->pid, NULL, (void *)(long)signal);
}

/* ---- calls ------------------------------------------------------------------------ */

static void read_string(pid_t pid, unsigned long long address, char *buf, size_t size)
{
	struct iovec local = { buf, size - 1 }, remote = { (void *)(uintptr_t)address, size - 1 };
	ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);

	if (n < 0) { /* it may end at a page's end */
		local.iov_len = remote.iov_len = 4096 - address % 4096 < size ? 4096 - address % 4096 : size - 1;
		n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
	}
	buf[n > 0 ? n : 0] = '\0';
	for (char *c = buf; *c; c++)
		if (*c <= ' ' || *c > '~')
			*c = '_';
}

static void tell_call(const struct tracee *t, long call, const unsigned long long *args)
{
	char text[96] = "-";

	if (call == SYS_openat || call == SYS_unlinkat || call == SYS_mkdirat || call == SYS_renameat)
		read_string(t->pid, args[1], text, sizeof(text));
	tell("C %s %s %s%s\n", t->path, call_of(call)->name, *text ? text : "-",
	     call == SYS_openat && args[2] & O_CREAT ? "+" : "");
	if (call == SYS_prctl && args[0] == PR_SET_NAME) {
		read_string(t->pid, args[1], text, 16);
		tell("N %s %s\n", t->path, text);
	}
}

static void skip_call(pid_t pid, int error)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0) {
		regs.orig_rax = (unsigned long long)-1;
		regs.rax = (unsigned long long)-error;
		(void)ptrace(PTRACE_SETREGS, pid, NULL, &regs);
	}
}

static void entered(struct tracee *t, long call, const unsigned long long *args)
{
	unsigned int count;

	if (call < 0 || call >= CALLS_MAX || (!strcmp(t->path, "0") && !t->executed))
		return;
	count = ++t->calls[call];
	if (spec->trace)
		tell_call(t, call, args);
	for (unsigned int i = 0; i < spec->count; i++) {
		const struct fault *f = &spec->fault[i];

		if (f->at.call != call || f->at.count != count || strcmp(f->at.path, t->path))
			continue;
		if (f->error == HOLD) {
			t->held = true;
			(void)kill(tracees[0].pid, SIGKILL);
			hit((int)i);
			return;
		}
		if (f->error)
			t->failing = (int)i;
		else
			t->killed = (int)i;
		if (!f->error || !call_of(call)->late)
			skip_call(t->pid, f->error);
		if (!f->error)
			(void)kill(t->pid, SIGKILL);
	}
}

/* The proof is what the call is seen to return. */
static void returned(struct tracee *t)
{
	struct __ptrace_syscall_info info;
	struct user_regs_struct regs;
	int fault = t->failing, error = fault < 0 ? 0 : spec->fault[fault].error;

	if (fault < 0 || ptrace(PTRACE_GETREGS, t->pid, NULL, &regs) < 0)
		return;
	t->failing = -1;
	regs.rax = (unsigned long long)-error;
	if (ptrace(PTRACE_SETREGS, t->pid, NULL, &regs) == 0 &&
	    ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, (void *)sizeof(info), &info) > 0 &&
	    info.op == PTRACE_SYSCALL_INFO_EXIT && info.exit.rval == -error)
		hit(fault);
}

static void call_stop(struct tracee *t)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, t->pid, (void *)sizeof(info), &info) > 0) {
		if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
			entered(t, (long)info.entry.nr, (unsigned long long *)info.entry.args);
		else if (info.op == PTRACE_SYSCALL_INFO_SECCOMP)
			entered(t, (long)info.seccomp.nr, (unsigned long long *)info.seccomp.args);
		else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
			returned(t);
	}
	if (!t->held)
		go_on(t, 0);
}

/* ---- forks, programs, ends --------------------------------------------------------------- */

static void forked(struct tracee *parent)
{
	unsigned long message = 0;
	struct tracee *child;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &message) == 0 && message) {
		child = tracee_of((pid_t)message);
		(void)snprintf(child->path, sizeof(child->path), "%.*s.%u",
			       (int)sizeof(child->path) - 6, parent->path, ++parent->children);
		if (child->stopped) {
			child->stopped = false;
			go_on(child, 0);
		}
	}
	go_on(parent, 0);
}

/* Another program is not ours to follow. */
static void executed(struct tracee *t)
{
	char path[40], name[32] = "?";
	FILE *file;

	if (!strcmp(t->path, "0") && !t->executed) {
		t->executed = true;
		go_on(t, 0);
		return;
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/comm", t->pid);
	file = fopen(path, "re");
	if (file && fscanf(file, "%31s", name) == 1 && spec->trace)
		tell("N %s %s\n", t->path, name);
	if (file)
		(void)fclose(file);
	if (!spec->trace) { /* it has the filter, too */
		go_on(t, 0);
		return;
	}
	(void)ptrace(PTRACE_DETACH, t->pid, NULL, NULL);
	t->pid = 0;
}

static void stopped(struct tracee *t, int status)
{
	int signal = WSTOPSIG(status);

	switch (status >> 16) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		forked(t);
		break;
	case PTRACE_EVENT_SECCOMP:
		call_stop(t);
		break;
	case PTRACE_EVENT_EXEC:
		executed(t);
		break;
	case PTRACE_EVENT_STOP:
		if (!*t->path)
			t->stopped = true;
		else if (signal == SIGTRAP)
			go_on(t, 0);
		else
			(void)ptrace(PTRACE_LISTEN, t->pid, NULL, NULL);
		break;
	default:
		if (signal == (SIGTRAP | 0x80))
			call_stop(t);
		else
			go_on(t, signal);
	}
}

static void ended(struct tracee *t, int status)
{
	int killed = t->killed;

	t->pid = 0;
	/* it may have died before it could report its child */
	for (size_t i = 0; i < TRACEES_MAX; i++)
		if (tracees[i].pid && tracees[i].stopped) {
			(void)strcpy(tracees[i].path, "?");
			tracees[i].stopped = false;
			go_on(&tracees[i], 0);
		}
	if (killed >= 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		hit(killed);
}

/* Those who write words down may be stuck for as long as the driver wants. */
static bool only_words_are_left(void)
{
	char path[40], name[32];

	for (size_t i = 0; i < TRACEES_MAX; i++) {
		FILE *comm;

		if (!tracees[i].pid)
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%d/comm", tracees[i].pid);
		comm = fopen(path, "re");
		if (!comm || !fgets(name, sizeof(name), comm))
			name[0] = '\0';
		if (comm)
			(void)fclose(comm);
		if (strcmp(name, "vfio-words\n"))
			return false;
	}
	return true;
}

/*
 * Those who are left are followed to their end: without a tracer each call that the filter stops at
 * fails, and what is left would do other than it does.
 */
static void tell_the_driver(void)
{
	(void)fflush(out);
	(void)prctl(PR_SET_NAME, WAITING_TRACER);
	(void)kill(getppid(), SIGCHLD); /* the driver: it looks again */
}

_Noreturn void tracer(pid_t keeper, const struct spec *wanted, int ready)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACESECCOMP;
	int log = open(LOG_FILE, O_WRONLY | O_APPEND | O_CREAT, 0600), status;
	struct tracee *t;
	pid_t pid;

	(void)setsid();
	(void)prctl(PR_SET_NAME, "lab-tracer");
	if (log < 0 || dup2(ready, 1) < 0 || dup2(log, 0) < 0)
		_exit(1);
	(void)close_range(2, ~0U, 0);
	out = fdopen(0, "a");
	spec = wanted;
	t = tracee_of(keeper);
	(void)strcpy(t->path, "0");
	if (!out || ptrace(PTRACE_SEIZE, keeper, NULL, options) < 0 || write(1, "", 1) != 1)
		_exit(1);
	(void)close(1);
	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		if (pid <= 0)
			continue;
		if (WIFSTOPPED(status))
			stopped(tracee_of(pid), status);
		else
			ended(tracee_of(pid), status);
		if (!WIFSTOPPED(status) && spec->words_may_stay && only_words_are_left())
			tell_the_driver();
	}
	(void)fflush(out);
	_exit(0);
}
