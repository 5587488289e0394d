// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * calls.c - the system calls that keeper, standby and worker make, and how each can fail
 *
 * A call that is not here counts as a point too, and fails with two errors that any can.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "tests/lab/matrix/matrix.h"

#define CALL(name, ...) { SYS_##name, #name, { __VA_ARGS__ }, false }
#define NEVER(name) { SYS_##name, #name, { 0 }, false }

/* clang-format off */
static const struct call calls[] = {
	/* files: of sysfs a write fails as its driver likes */
	CALL(openat, EACCES, EMFILE, ENOMEM, ENODEV, ENOSPC),
	CALL(openat2, EACCES, EMFILE, ENOMEM),
	CALL(read, EIO, EINTR, ENODEV, ENOMEM),
	CALL(pread64, EIO, EINTR, ENOMEM),
	CALL(write, EIO, ENOSPC, EBUSY, ENODEV, EINVAL),
	CALL(pwrite64, EIO, ENOSPC, EINTR),
	CALL(writev, EIO, ENOSPC, EINTR),
	{ SYS_close, "close", { EIO, EINTR }, true },
	CALL(lseek, EINVAL, EOVERFLOW),
	CALL(fsync, EIO, ENOSPC, EINTR),
	CALL(fdatasync, EIO, ENOSPC, EINTR),
	CALL(ftruncate, EIO, EINTR, EINVAL),
	CALL(fallocate, ENOSPC, EIO, EINTR),
	CALL(flock, EINTR, ENOMEM, EIO),
	CALL(fcntl, EMFILE, EINVAL, ENOMEM),
	CALL(dup, EMFILE, EBUSY),
	CALL(dup2, EMFILE, EBUSY, EINTR),
	CALL(dup3, EMFILE, EBUSY, EINTR),
	CALL(close_range, EINVAL, ENOMEM),
	CALL(ioctl, EIO, ENODEV, EINVAL, EBUSY),
	CALL(access, EACCES, EIO, ENOMEM),
	CALL(faccessat, EACCES, EIO, ENOMEM),
	CALL(faccessat2, EACCES, EIO, ENOMEM),
	CALL(fstat, EIO, ENOMEM, EINVAL),
	CALL(stat, EACCES, EIO, ENOMEM),
	CALL(lstat, EACCES, EIO, ENOMEM),
	CALL(newfstatat, EACCES, EIO, ENOMEM),
	CALL(statx, EACCES, EIO, ENOMEM),
	CALL(statfs, EIO, EINTR, ENOMEM),
	CALL(fstatfs, EIO, EINTR, ENOMEM),
	CALL(readlink, EACCES, EIO, ENOMEM),
	CALL(readlinkat, EACCES, EIO, ENOMEM),
	CALL(getdents64, EIO, ENOMEM, EINVAL),
	CALL(mkdir, ENOSPC, EACCES, EIO),
	CALL(mkdirat, ENOSPC, EACCES, EIO),
	CALL(rmdir, EBUSY, EIO, EACCES),
	CALL(unlink, EBUSY, EIO, EACCES),
	CALL(unlinkat, EBUSY, EIO, EACCES),
	CALL(rename, ENOSPC, EIO, EBUSY),
	CALL(renameat, ENOSPC, EIO, EBUSY),
	CALL(renameat2, ENOSPC, EIO, EBUSY),
	CALL(linkat, ENOSPC, EIO, EACCES),
	CALL(symlink, ENOSPC, EIO, EACCES),
	CALL(symlinkat, ENOSPC, EIO, EACCES),
	CALL(mknod, ENOSPC, EACCES, ENOMEM),
	CALL(mknodat, ENOSPC, EACCES, ENOMEM),
	CALL(chmod, EIO, EACCES, ENOMEM),
	CALL(fchmod, EIO, EACCES, ENOMEM),
	CALL(fchmodat, EIO, EACCES, ENOMEM),
	CALL(fchown, EIO, EACCES, ENOMEM),
	CALL(fchownat, EIO, EACCES, ENOMEM),
	CALL(chdir, EACCES, ENOMEM, EIO),
	CALL(fchdir, EACCES, ENOMEM, EIO),
	CALL(memfd_create, EMFILE, ENOMEM),
	CALL(copy_file_range, EIO, ENOSPC, ENOMEM),
	CALL(sendfile, EIO, ENOMEM, EINVAL),
	/* processes */
	CALL(clone, EAGAIN, ENOMEM, ENOSPC),
	CALL(clone3, EAGAIN, ENOMEM, ENOSPC),
	CALL(fork, EAGAIN, ENOMEM),
	CALL(vfork, EAGAIN, ENOMEM),
	CALL(execve, EACCES, ENOMEM, EIO),
	CALL(execveat, EACCES, ENOMEM, EIO),
	CALL(wait4, EINTR, ECHILD),
	CALL(waitid, EINTR, ECHILD),
	CALL(tgkill, EPERM, ESRCH),
	CALL(pidfd_open, EMFILE, ENOMEM, ENODEV),
	CALL(pidfd_send_signal, EPERM, ESRCH, EINVAL),
	CALL(pidfd_getfd, EMFILE, EPERM),
	CALL(setsid, EPERM),
	CALL(setpgid, EPERM, EACCES),
	CALL(prctl, EINVAL, EPERM, EACCES),
	CALL(capget, EINVAL, EPERM),
	CALL(capset, EPERM, EINVAL),
	CALL(setresuid, EAGAIN, EPERM),
	CALL(setresgid, EAGAIN, EPERM),
	CALL(setgroups, ENOMEM, EPERM),
	CALL(seccomp, ENOMEM, EINVAL, EACCES),
	CALL(prlimit64, EPERM, EINVAL),
	CALL(setrlimit, EPERM, EINVAL),
	CALL(sched_setaffinity, EINVAL, EPERM),
	CALL(setns, EPERM, ENOMEM, EINVAL),
	CALL(unshare, EPERM, ENOMEM, ENOSPC),
	CALL(mount, EBUSY, ENOMEM, EACCES, ENOSPC),
	CALL(umount2, EBUSY, ENOMEM, EACCES),
	CALL(pivot_root, EBUSY, EINVAL),
	CALL(open_tree, EMFILE, ENOMEM, EACCES),
	CALL(move_mount, EBUSY, ENOMEM, EACCES),
	CALL(mount_setattr, EBUSY, ENOMEM, EINVAL),
	CALL(sethostname, EPERM, EINVAL),
	/* sockets, pipes, waiting */
	CALL(socket, EMFILE, ENOMEM, EACCES),
	CALL(socketpair, EMFILE, ENOMEM),
	CALL(pipe2, EMFILE, ENOMEM),
	CALL(eventfd2, EMFILE, ENOMEM),
	CALL(signalfd4, EMFILE, ENOMEM),
	CALL(timerfd_create, EMFILE, ENOMEM),
	CALL(timerfd_settime, EINVAL),
	CALL(epoll_create1, EMFILE, ENOMEM),
	CALL(epoll_ctl, ENOMEM, ENOSPC),
	CALL(epoll_wait, EINTR),
	CALL(poll, EINTR, ENOMEM),
	CALL(ppoll, EINTR, ENOMEM),
	CALL(bind, EACCES, ENOMEM, EINVAL),
	CALL(listen, EINVAL),
	CALL(connect, EACCES, EINTR),
	CALL(accept4, EMFILE, ENOMEM, EINTR),
	CALL(sendto, EINTR, ENOMEM, ENOBUFS),
	CALL(recvfrom, EINTR, ENOMEM, EIO),
	CALL(sendmsg, EINTR, ENOMEM, ENOBUFS),
	CALL(recvmsg, EINTR, ENOMEM, EIO),
	CALL(setsockopt, ENOMEM, EINVAL),
	CALL(getsockopt, ENOMEM, EINVAL),
	/* memory */
	CALL(mmap, ENOMEM, EAGAIN),
	CALL(munmap, ENOMEM, EINVAL),
	CALL(mprotect, ENOMEM, EACCES),
	CALL(madvise, ENOMEM),
	CALL(mlockall, ENOMEM, EPERM),
	/* these do not fail, or without effect; kill(2) is for own children only, and brk(2)
	 * says what there is when it fails */
	NEVER(getpid), NEVER(getppid), NEVER(gettid), NEVER(getuid), NEVER(geteuid), NEVER(getgid),
	NEVER(umask), NEVER(rt_sigprocmask), NEVER(rt_sigaction), NEVER(rt_sigreturn),
	NEVER(clock_gettime), NEVER(brk), NEVER(exit_group), NEVER(exit), NEVER(arch_prctl), NEVER(rseq),
	NEVER(set_tid_address), NEVER(set_robust_list), NEVER(restart_syscall), NEVER(futex),
	NEVER(getrandom), NEVER(kill),
};
/* clang-format on */

static struct call unknown = { .error = { EINVAL, ENOMEM } };

/** call_of() - what is known of a call; of an unknown one until the next question */
const struct call *call_of(long number)
{
	static char name[24];

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].number == number)
			return &calls[i];
	(void)snprintf(name, sizeof(name), "call-%ld", number);
	unknown.number = number;
	unknown.name = name;
	return &unknown;
}

long call_number(const char *name)
{
	long number = -1;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (!strcmp(calls[i].name, name))
			return calls[i].number;
	return sscanf(name, "call-%ld", &number) == 1 ? number : -1;
}

const char *error_name(int error)
{
	const char *name = strerrorname_np(error);

	return error == 0 ? "SIGKILL" : error == HOLD ? "a hold" : name ? name : "?";
}
