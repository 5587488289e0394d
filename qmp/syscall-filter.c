// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * syscall-filter.c - the system calls that vfio-qmp may still make
 *
 * All descriptors are open and all files are read before it is on: what is left is reading
 * and writing them, memory, and the end. Anything else kills the process, and the keeper
 * starts another. Written by hand, because libseccomp would be mapped all the time.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "qmp/record.h"
#include "qmp/syscall-filter.h"

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000u
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "this architecture's AUDIT_ARCH_ value is needed here"
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOW_WORD(n) (offsetof(struct seccomp_data, args) + 8 * (n))
#else
#define LOW_WORD(n) (offsetof(struct seccomp_data, args) + 8 * (n) + 4)
#endif

/*
 * NO_EXEC: the third is a protection, without PROT_EXEC. TO_MONITOR: the first is the monitor,
 * since a descriptor can go along. FROM_KEEPER: it is the keeper, since one can come along.
 */
static const struct call {
	int number;
	const char *why;
	enum { ANY, NO_EXEC, TO_MONITOR, FROM_KEEPER } only; /* what its arguments must be */
} calls[] = {
	{ SYS_read, "QEMU's output", ANY },
	{ SYS_write, "the user's terminal, the log", ANY },
	{ SYS_recvfrom, "the monitor, the keeper, clients", ANY },
	{ SYS_sendto, "the monitor, the keeper, clients", ANY },
	{ SYS_accept4, "a client of the control socket or the display", ANY },
	{ SYS_sendmsg, "a client of the display, a USB device, as a descriptor, to the monitor", TO_MONITOR },
	{ SYS_recvmsg, "the keeper; a USB device's descriptor", FROM_KEEPER },
	{ SYS_getsockopt, "who it is", ANY },
#ifdef SYS_poll
	{ SYS_poll, "the loop", ANY },
#endif
	{ SYS_ppoll, "the loop, where poll(2) is not a system call", ANY },
	{ SYS_close, "a monitor, an output or a client that has ended", ANY },
	{ SYS_brk, "malloc", ANY },
	{ SYS_mmap, "malloc", NO_EXEC },
	{ SYS_munmap, "free", ANY },
	{ SYS_mremap, "realloc", ANY },
	{ SYS_madvise, "free", ANY },
	{ SYS_clock_gettime, "limits per second, where the vDSO cannot", ANY },
	{ SYS_getrandom, "malloc's and json-c's seeds", ANY },
	{ SYS_futex, "locks in libc", ANY },
	{ SYS_restart_syscall, "poll, after the process was stopped and continued", ANY },
	{ SYS_rt_sigreturn, "harmless; a handler of a preloaded library", ANY },
	{ SYS_exit, "the end", ANY },
	{ SYS_exit_group, "the end", ANY },
};

/* Appends; the caller sees from the count when there was no room. */
static void emit(struct sock_filter *program, size_t max, size_t *used, struct sock_filter one)
{
	if (*used < max)
		program[*used] = one;
	++*used;
}

#define EMIT(...) emit(program, max, &used, (struct sock_filter)__VA_ARGS__)

/**
 * qmp_filter_build() - Make the program
 * @program: Filled
 * @max:     Instructions that have room there
 *
 * Return: instructions, or 0 when there is not room for all.
 */
size_t qmp_filter_build(struct sock_filter *program, size_t max)
{
	size_t used = 0;

	EMIT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)));
	EMIT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0));
	EMIT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	EMIT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
#ifdef X32_BIT
	EMIT(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1));
	EMIT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
#endif
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		uint8_t over = calls[i].only == ANY ? 1 : 4;

		EMIT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)calls[i].number, 0, over));
		if (calls[i].only == TO_MONITOR || calls[i].only == FROM_KEEPER) {
			EMIT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)LOW_WORD(0)));
			EMIT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
				      calls[i].only == TO_MONITOR ? QMP_FD_MONITOR : QMP_FD_KEEPER, 1, 0));
			EMIT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
		}
		if (calls[i].only == NO_EXEC) {
			EMIT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)LOW_WORD(2)));
			EMIT(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
			EMIT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
		}
		EMIT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
	}
	EMIT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
	return used <= max ? used : 0;
}

/**
 * qmp_filter_install() - Put the filter on, for ever
 *
 * no_new_privs must be set.
 *
 * Return: 0 or -errno.
 */
int qmp_filter_install(void)
{
	struct sock_filter program[QMP_FILTER_MAX];
	struct sock_fprog all = { .filter = program };

	all.len = (unsigned short)qmp_filter_build(program, ARRAY_SIZE(program));
	if (!all.len)
		return -E2BIG;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &all, 0, 0) ? -errno : 0;
}
