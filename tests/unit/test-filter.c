// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test-filter.c - every row of QEMU's filter, tried allowed and refused
 *
 * What a call should get is worked out from the rows here, once more and in another way;
 * what it gets is asked of the compiled program: of all calls in a small machine that runs
 * it, and of the refused and deadly ones in the kernel itself, by children that make them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <seccomp.h>

#include "launcher/plan/programs/filter-memfd.h"

#define NUMBERS 600
#define EPERM_RET (SECCOMP_RET_ERRNO | EPERM)
#define ENOSYS_RET (SECCOMP_RET_ERRNO | ENOSYS)

struct program {
	struct sock_filter code[BPF_MAXINSNS];
	unsigned short count;
};

static const struct filter_request requests[] = {
	{ .needs = 0 },
	{ .needs = FILTER_NETWORK },
	{ .needs = FILTER_TAP },
	{ .needs = FILTER_NETWORK | FILTER_TAP },
	{ .log = true },
	{ .needs = FILTER_NETWORK | FILTER_TAP, .log = true },
};

static void load(const struct filter_request *request, struct program *out)
{
	ssize_t size;
	int fd;

	assert_int_equal(filter_compile(request, &fd), 0);
	size = read(fd, out->code, sizeof(out->code));
	assert_true(size > 0 && size % (ssize_t)sizeof(*out->code) == 0);
	assert_int_equal(write(fd, "x", 1), -1); /* sealed */
	assert_int_equal(fcntl(fd, F_GET_SEALS) & F_SEAL_WRITE, F_SEAL_WRITE);
	out->count = (unsigned short)((size_t)size / sizeof(*out->code));
	(void)close(fd);
}

/* ---- a machine that runs it ------------------------------------------------------------- */

static uint32_t run(const struct program *p, const struct seccomp_data *data)
{
	uint32_t a = 0, word[sizeof(*data) / 4];

	memcpy(word, data, sizeof(word));
	for (unsigned int at = 0; at < p->count; at++) {
		const struct sock_filter *f = &p->code[at];
		bool yes;

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(f->k % 4 == 0 && f->k < sizeof(word));
			a = word[f->k / 4];
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f->k;
			continue;
		case BPF_RET | BPF_K:
			return f->k;
		case BPF_JMP | BPF_JA:
			at += f->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == f->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = a > f->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= f->k;
			break;
		default:
			fail_msg("an instruction %04x that is not known here", f->code);
			return 0;
		}
		at += yes ? f->jt : f->jf;
	}
	fail_msg("the program has no end");
	return 0;
}

static uint32_t ask(const struct program *p, int call, unsigned int index, uint64_t value)
{
	struct seccomp_data data = { .nr = call, .arch = AUDIT_ARCH_X86_64 };

	data.args[index] = value;
	return run(p, &data);
}

/* ---- what it should be -------------------------------------------------------------------- */

static const char *name_of(int call)
{
	static char name[64];
	char *text = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call);

	(void)snprintf(name, sizeof(name), "%s", text ? text : "");
	free(text);
	return name;
}

static uint32_t expected(const struct filter_request *r, int call, unsigned int index, uint64_t value)
{
	static const uint32_t results[] = { [FILTER_ALLOW] = SECCOMP_RET_ALLOW,
					    [FILTER_REFUSE] = EPERM_RET,
					    [FILTER_ABSENT] = ENOSYS_RET,
					    [FILTER_NEVER] = SECCOMP_RET_KILL_PROCESS };
	const char *name = name_of(call);

	for (size_t i = 0; *name && i < filter_row_count; i++) {
		const struct filter_row *row = &filter_rows[i];
		uint64_t argument = row->argument.index == index ? value : 0;

		if (!strcmp(row->call, name) && (!row->need || (row->need & r->needs)) &&
		    (argument & row->argument.mask) == row->argument.value)
			return results[row->verdict];
	}
	if (r->log)
		return SECCOMP_RET_LOG;
	return *name ? EPERM_RET : ENOSYS_RET;
}

static void compare(const struct filter_request *r, const struct program *p, int call,
		    unsigned int index, uint64_t value)
{
	uint32_t got = ask(p, call, index, value), wanted = expected(r, call, index, value);

	if (got != wanted)
		fail_msg("%s (%d), argument %u = %#llx, needs %u%s: %#x instead of %#x",
			 name_of(call), call, index, (unsigned long long)value, r->needs,
			 r->log ? ", log" : "", got, wanted);
}

/* The value that the row is about, each bit of it turned, and bits that must not count. */
static void try_row(const struct filter_request *r, const struct program *p,
		    const struct filter_row *row)
{
	int call = seccomp_syscall_resolve_name(row->call);
	const struct filter_argument *a = &row->argument;

	if (call < 0)
		return; /* newer than this libseccomp */
	compare(r, p, call, a->index, a->value);
	for (int bit = 0; bit < 64; bit++)
		compare(r, p, call, a->index, a->value ^ UINT64_C(1) << bit);
	compare(r, p, call, a->index, a->value | ~a->mask);
	compare(r, p, call, a->index, UINT64_MAX);
}

static void every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		struct program p;

		load(&requests[i], &p);
		for (size_t row = 0; row < filter_row_count; row++)
			try_row(&requests[i], &p, &filter_rows[row]);
		for (int call = 0; call < NUMBERS; call++)
			compare(&requests[i], &p, call, 0, 0);
	}
}

static void other_machines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		struct seccomp_data i386 = { .nr = 1, .arch = AUDIT_ARCH_I386 };
		struct seccomp_data x32 = { .nr = 0x40000000, .arch = AUDIT_ARCH_X86_64 };
		struct program p;

		load(&requests[i], &p);
		for (int call = 0; call < NUMBERS; call++) {
			i386.nr = call;
			assert_int_equal(run(&p, &i386), SECCOMP_RET_KILL_PROCESS);
			x32.nr = 0x40000000 + call;
			assert_int_equal(run(&p, &x32), SECCOMP_RET_KILL_PROCESS);
		}
	}
}

/* KVM_RUN is made at every exit of a guest to QEMU: it must not stand at the end of a list. */
static void kvm_first(void **state)
{
	struct program p;

	(void)state;
	load(&requests[0], &p);
	assert_int_equal(ask(&p, SYS_ioctl, 1, 0xae80), SECCOMP_RET_ALLOW);
}

/* ---- the rows themselves ------------------------------------------------------------------- */

static void table_is_sound(void **state)
{
	size_t allowed = 0;

	(void)state;
	for (size_t i = 0; i < filter_row_count; i++) {
		const struct filter_row *row = &filter_rows[i];

		assert_true(row->why && *row->why);
		assert_int_equal(row->argument.value & ~row->argument.mask, 0);
		assert_true(row->argument.index < 6);
		for (size_t k = 0; k < i; k++) {
			const struct filter_row *other = &filter_rows[k];
			bool both = !strcmp(row->call, other->call);

			if (both && row->argument.mask == other->argument.mask &&
			    row->argument.value == other->argument.value)
				fail_msg("%s stands there twice", row->call);
			if (both && (row->verdict == FILTER_NEVER || other->verdict == FILTER_NEVER))
				fail_msg("%s is never, and something else", row->call);
		}
		if (row->verdict == FILTER_ALLOW && (!i || strcmp(row->call, filter_rows[i - 1].call)))
			allowed++;
	}
	print_message("# %zu rows, %zu calls allowed\n", filter_row_count, allowed);
	assert_true(allowed <= 160);
}

/* What a person who took over a process asks for. Source: the calls that container engines refuse. */
static void dangerous_calls(void **state)
{
	static const char *const names[] = {
		"ptrace", "process_vm_readv", "process_vm_writev", "bpf", "perf_event_open",
		"userfaultfd", "keyctl", "add_key", "request_key", "io_uring_setup",
		"io_uring_enter", "io_uring_register", "init_module", "finit_module",
		"delete_module", "kexec_load", "kexec_file_load", "open_by_handle_at",
		"name_to_handle_at", "mount", "umount2", "fsopen", "fsmount", "move_mount",
		"open_tree", "mount_setattr", "pivot_root", "chroot", "unshare", "setns", "fork",
		"vfork", "execveat", "setuid", "setresuid", "setgroups", "capset", "swapon",
		"acct", "reboot", "iopl", "ioperm", "modify_ldt", "personality", "quotactl",
		"mknod", "mknodat", "sethostname", "clock_settime", "settimeofday", "syslog",
		"shmget", "shmat", "msgget", "semget", "mq_open", "fanotify_init", "kcmp",
		"move_pages", "migrate_pages", "sched_setaffinity", "sched_setscheduler",
		"setpriority", "setrlimit", "ioprio_set", "clone3", "pidfd_open", "pidfd_getfd",
		"setsid", "setpgid", "chmod", "fchmod", "chown", "link", "symlink", "setxattr",
		"landlock_create_ruleset", "memfd_secret", "uselib", "sysfs", "vhangup",
	};
	struct program p;

	(void)state;
	load(&requests[3], &p);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		int call = seccomp_syscall_resolve_name(names[i]);

		if (call >= 0 && ask(&p, call, 0, 0) == SECCOMP_RET_ALLOW)
			fail_msg("%s is allowed", names[i]);
	}
}

/* ---- the kernel -------------------------------------------------------------------------------- */

static void put_on(const struct program *p)
{
	struct sock_fprog program = { .len = p->count, .filter = (struct sock_filter *)(uintptr_t)p->code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		_exit(99);
}

/* uretprobe(2) and uprobe(2): no filter is asked. Source: __seccomp_filter() of Linux 6.14. */
static bool passes_filters(int call)
{
	return call == 335 || call == 336;
}

/* In one child: all that are refused. 0, or one more than the first that was not. */
static int refused_in_kernel(const struct program *p)
{
	static uint32_t wanted[NUMBERS];
	int status;
	pid_t pid;

	for (int call = 0; call < NUMBERS; call++)
		wanted[call] = expected(&requests[0], call, 0, UINT64_MAX);
	pid = fork();
	if (!pid) {
		put_on(p);
		for (int call = 0; call < NUMBERS; call++) {
			int error = wanted[call] == EPERM_RET	 ? EPERM :
				    wanted[call] == ENOSYS_RET ? ENOSYS :
								 0;

			if (error && !passes_filters(call) &&
			    (syscall(call, -1L, -1L, -1L, -1L, -1L, -1L) != -1 || errno != error))
				_exit(call < 250 ? call : 250);
		}
		_exit(255);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 255 ? 0 : 1 + WEXITSTATUS(status);
}

static void kernel_refuses(void **state)
{
	struct program p;

	(void)state;
	load(&requests[0], &p);
	assert_int_equal(refused_in_kernel(&p), 0);
}

static bool deadly_in_kernel(const struct program *p, int call)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		put_on(p);
		(void)syscall(call, -1L, -1L, -1L, -1L, -1L, -1L);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static void kernel_kills(void **state)
{
	struct program p;

	(void)state;
	for (int log = 0; log < 2; log++) {
		load(&requests[log ? 4 : 0], &p);
		for (size_t i = 0; i < filter_row_count; i++) {
			int call = seccomp_syscall_resolve_name(filter_rows[i].call);

			if (filter_rows[i].verdict == FILTER_NEVER && call >= 0 && !deadly_in_kernel(&p, call))
				fail_msg("%s does not kill", filter_rows[i].call);
		}
	}
}

static void kernel_runs(void **state)
{
	struct program p;
	int status;
	pid_t pid;

	(void)state;
	load(&requests[0], &p);
	pid = fork();
	if (!pid) {
		static char one[] = "/bin/sh", two[] = "-c", three[] = "read x </dev/null; echo $x";
		char *argv[] = { one, two, three, NULL };

		(void)close(1);
		put_on(&p);
		(void)execv(one, argv);
		_exit(98);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 98 && WEXITSTATUS(status) != 99);
}

/* What was compiled when vfio-run was built is what would be compiled now. */
static void built_in_are_the_same(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < FILTER_PROGRAMS; i++) {
		const struct filter_request request = filter_request_of(i);
		static struct sock_filter built[BPF_MAXINSNS];
		static struct program now;
		ssize_t size;
		int fd;

		load(&request, &now);
		assert_int_equal(filter_open(&request, &fd), 0);
		size = read(fd, built, sizeof(built));
		assert_int_equal(size, now.count * sizeof(*built));
		assert_memory_equal(built, now.code, (size_t)size);
		assert_int_equal(write(fd, "x", 1), -1); /* sealed */
		(void)close(fd);
	}
	assert_int_equal(filter_open(&(struct filter_request){ .needs = FILTER_NEEDS_ALL + 1 }, &(int){ -1 }),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(built_in_are_the_same),
		cmocka_unit_test(table_is_sound),
		cmocka_unit_test(every_row),
		cmocka_unit_test(other_machines),
		cmocka_unit_test(kvm_first),
		cmocka_unit_test(dangerous_calls),
		cmocka_unit_test(kernel_refuses),
		cmocka_unit_test(kernel_kills),
		cmocka_unit_test(kernel_runs),
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
