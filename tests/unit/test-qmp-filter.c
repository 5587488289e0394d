// SPDX-License-Identifier: GPL-2.0-or-later
/* test-qmp-filter.c - which calls the filter of vfio-qmp allows, and which it kills for */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "qmp/record.h"
#include "qmp/syscall-filter.h"
#include "tests/unit/between.h"

/* Runs under the filter in a process of its own; returns how that ended. */
static int under_filter(void (*body)(void))
{
	pid_t child = fork();
	int status = -1;

	assert_true(child >= 0);
	if (!child) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || qmp_filter_install())
			syscall(SYS_exit_group, 99);
		body();
		syscall(SYS_exit_group, 7);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static int sockets[2];

/* Straight system calls: under a sanitizer the library's functions make others as well. */
static void allowed_calls(void)
{
	static char byte[1] = { 'x' };
	struct timespec t;
	struct pollfd p = { .fd = sockets[0], .events = POLLIN };
	struct timespec none = { 0 };
	void *map = (void *)syscall(SYS_mmap, NULL, 8192, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || syscall(SYS_madvise, map, 8192, MADV_DONTNEED) ||
	    (map = (void *)syscall(SYS_mremap, map, 8192, 16384, MREMAP_MAYMOVE)) == MAP_FAILED ||
	    syscall(SYS_munmap, map, 16384) || syscall(SYS_brk, 0) <= 0)
		syscall(SYS_exit_group, 1);
	if (syscall(SYS_sendto, sockets[1], byte, 1, MSG_NOSIGNAL, NULL, 0) != 1 ||
	    syscall(SYS_ppoll, &p, 1, &none, NULL, 8) != 1 ||
	    syscall(SYS_recvfrom, sockets[0], byte, 1, MSG_DONTWAIT, NULL, NULL) != 1 ||
	    syscall(SYS_write, sockets[1], byte, 1) != 1 ||
	    syscall(SYS_read, sockets[0], byte, 1) != 1)
		syscall(SYS_exit_group, 2);
#ifdef SYS_poll
	if (syscall(SYS_poll, &p, 1, 0) != 0)
		syscall(SYS_exit_group, 3);
#endif
	(void)syscall(SYS_recvmsg, QMP_FD_KEEPER, NULL, 0);
	if (syscall(SYS_sendmsg, QMP_FD_MONITOR, NULL, 0) !=
	    -1) /* nothing to send: it is no death */
		syscall(SYS_exit_group, 5);
	if (syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t) ||
	    syscall(SYS_getrandom, byte, 1, 0) != 1 || syscall(SYS_close, sockets[0]))
		syscall(SYS_exit_group, 4);
}

static void what_it_needs_passes(void **state)
{
	int status;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
	status = under_filter(allowed_calls);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	(void)close(sockets[0]);
	(void)close(sockets[1]);
}

#define KILLED(name, ...)                                                                          \
	static void call_##name(void)                                                              \
	{                                                                                          \
		(void)syscall(__VA_ARGS__);                                                        \
	}

static const char *const no_strings[] = { NULL };

KILLED(openat, SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY)
KILLED(socket, SYS_socket, AF_UNIX, SOCK_STREAM, 0)
KILLED(execve, SYS_execve, "/bin/true", no_strings, no_strings)
KILLED(execveat, SYS_execveat, AT_FDCWD, "/bin/true", no_strings, no_strings, 0)
KILLED(clone, SYS_clone, SIGCHLD, 0, 0, 0, 0)
KILLED(clone3, SYS_clone3, NULL, 0)
KILLED(kill, SYS_kill, 0, 0)
KILLED(ptrace, SYS_ptrace, 0, 0, 0, 0)
KILLED(ioctl, SYS_ioctl, 2, 0x5412, "x") /* TIOCSTI: typing into the user's terminal */
KILLED(sendmsg, SYS_sendmsg, 0, NULL, 0) /* to others than the monitor */
KILLED(recvmsg, SYS_recvmsg, 0, NULL, 0)
KILLED(mprotect, SYS_mprotect, NULL, 0, PROT_EXEC)
KILLED(mmap_exec, SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
KILLED(prctl, SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0)
KILLED(setuid, SYS_setuid, 0)
KILLED(io_uring, SYS_io_uring_setup, 1, NULL)
KILLED(newest, 9999)
#ifdef __x86_64__
KILLED(open, SYS_open, "/dev/null", O_RDONLY)
KILLED(fork, SYS_fork)
KILLED(x32_read, 0x40000000 | SYS_read, 0, NULL, 0)

/* The 32-bit entry: its 3 is read(2), its 0 is the restart_syscall of the 64-bit table. */
static void call_other_arch(void)
{
	long rc;

	__asm__ volatile("int $0x80" : "=a"(rc) : "a"(3L), "b"(-1L), "c"(0L), "d"(0L) : "memory");
	(void)rc;
}

/* A kernel without the 32-bit entry ends the process with SIGSEGV instead. */
static void other_architectures_kill(void **state)
{
	int status = under_filter(call_other_arch);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_true(WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGSEGV);
}
#endif

static void all_else_kills(void **state)
{
	static void (*const bodies[])(void) = {
		call_openat, call_socket,  call_execve,	   call_execveat, call_clone,
		call_clone3, call_kill,	   call_ptrace,	   call_ioctl,	  call_sendmsg,
		call_recvmsg, call_mprotect, call_mmap_exec, call_prctl,  call_setuid,
		call_io_uring, call_newest,
#ifdef __x86_64__
		call_open,   call_fork,	   call_x32_read,
#endif
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		int status = under_filter(bodies[i]);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			print_error("row %zu passed\n", i);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

static void it_does_not_come_out_cut_off(void **state)
{
	struct sock_filter program[QMP_FILTER_MAX];
	size_t count = qmp_filter_build(program, ARRAY_SIZE(program));

	(void)state;
	assert_between(count, 10, QMP_FILTER_MAX);
	for (size_t max = 0; max < count; max++)
		assert_int_equal(qmp_filter_build(program, max), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_needs_passes),
		cmocka_unit_test(all_else_kills),
#ifdef __x86_64__
		cmocka_unit_test(other_architectures_kill),
#endif
		cmocka_unit_test(it_does_not_come_out_cut_off),
	};

	return cmocka_run_group_tests_name("qmp-filter", tests, NULL, NULL);
}
