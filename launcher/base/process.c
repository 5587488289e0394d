/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.c - pid and start time, which together name one process since boot */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/process.h"

/* Reads /proc/PID/FILE, at most @size - 1 bytes. */
static int read_proc(pid_t pid, const char *file, char *buf, size_t size)
{
	cleanup_close int fd = -1;
	char path[48];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do
		n = read(fd, buf, size - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return 0;
}

/* What follows the name in /proc/PID/stat; the name may hold spaces and parentheses. */
static const char *behind_comm(const char *stat)
{
	const char *end = strrchr(stat, ')');

	return end && end[1] == ' ' ? end + 2 : NULL;
}

/**
 * process_identify() - the start time of a process, zombies included
 * @pid:	in this pid namespace
 * @out:	filled on success
 *
 * Return: 0; -ENOENT or -ESRCH no such process; -EINVAL /proc is not as documented
 * Source: proc(5), /proc/[pid]/stat
 */
int process_identify(pid_t pid, struct process_id *out)
{
	char stat[1024];
	const char *p;
	int rc = read_proc(pid, "stat", stat, sizeof(stat));

	if (rc)
		return rc;
	p = behind_comm(stat);
	for (int field = 3; p && field < 22; field++) {
		p = strchr(p, ' ');
		p = p ? p + 1 : NULL;
	}
	if (!p)
		return -EINVAL;
	*out = (struct process_id){ .pid = pid, .start = strtoull(p, NULL, 10) };
	return 0;
}

/** process_state() - the letter of its state (R S D Z T ...), '\0' when there is no such process */
char process_state(pid_t pid)
{
	char stat[1024];
	const char *p;

	if (read_proc(pid, "stat", stat, sizeof(stat)))
		return '\0';
	p = behind_comm(stat);
	return p ? *p : '\0';
}

/* No leader of a thread group, or no task: the process that had this pid is gone. */
/**
 * process_resident() - bytes of memory that it has touched, without huge pages of a pool
 *
 * Return: 0 when that cannot be read. Source: proc(5), /proc/[pid]/statm
 */
uint64_t process_resident(pid_t pid)
{
	char statm[256];
	unsigned long size, resident;

	if (read_proc(pid, "statm", statm, sizeof(statm)) ||
	    sscanf(statm, "%lu %lu", &size, &resident) != 2)
		return 0;
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static bool is_nobodys(int error)
{
	return error == ESRCH || error == EINVAL || error == ENOENT;
}

static bool has_ended(int pidfd)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return pidfd >= 0 && poll(&p, 1, 0) == 1;
}

/**
 * process_fate() - is that very process still there, and not a zombie?
 *
 * A pidfd shows whether its pid is in use, whatever /proc hides, and when the last thread has
 * ended. Only the identity of the pid's owner comes from /proc: without an answer (hidepid=, not
 * mounted) nothing is concluded.
 * Source: pidfd_open(2), poll(2); Documentation/filesystems/proc.rst, 4
 */
enum process_fate process_fate(const struct process_id *id)
{
	cleanup_close int fd = id->pid > 0 ? (int)syscall(SYS_pidfd_open, id->pid, 0) : -1;
	struct process_id now;

	if (id->pid <= 0 || (fd < 0 && is_nobodys(errno)) || has_ended(fd))
		return PROCESS_ENDED;
	if (!id->start || process_identify(id->pid, &now)) /* or it has ended just now */
		return has_ended(fd) ? PROCESS_ENDED : PROCESS_HIDDEN;
	return now.start == id->start ? PROCESS_LIVES : PROCESS_ENDED;
}

/** process_is_alive() - is it not known that it has ended? */
bool process_is_alive(const struct process_id *id)
{
	return process_fate(id) != PROCESS_ENDED;
}

/**
 * process_comm() - its name as the kernel has it, "?" when there is none
 * @buf:	bytes as the process chose them: through log_quote() before a terminal sees them
 */
void process_comm(pid_t pid, char *buf, size_t size)
{
	if (read_proc(pid, "comm", buf, size))
		(void)snprintf(buf, size, "?");
	buf[strcspn(buf, "\n")] = '\0';
}

/** process_is_role() - is that what a process of a VM can be called: [a-z0-9-], and its NUL? */
bool process_is_role(const char role[PROCESS_ROLE_MAX])
{
	return memchr(role, '\0', PROCESS_ROLE_MAX) && *role && *role != '-' &&
	       !role[strspn(role, "abcdefghijklmnopqrstuvwxyz0123456789-")];
}
