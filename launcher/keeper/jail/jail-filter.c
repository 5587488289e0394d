/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jail-filter.c - QEMU's system call filter: data from vfio-run, installed last, verified later
 *
 * The keeper has no compiler for filters and does not interpret this one: the kernel verifies
 * that it is a valid program. A filter can only deny, so a wrong one harms QEMU alone.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/sysfs.h"
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/jail/jail-inside.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#define STATUS_SIZE 8192 /* of /proc/PID/status; 1.5 KiB with few CPUs */

/**
 * jail_filter_check() - can this be a filter?
 * @fd:		from vfio-run
 *
 * Return: NULL when it is sealed and has the size of one; else what is wrong with it
 */
const char *jail_filter_check(int fd)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) < 0)
		return "there is no filter for QEMU's system calls";
	if (st.st_size <= 0 || st.st_size % (off_t)sizeof(struct sock_filter) ||
	    st.st_size > (off_t)(BPF_MAXINSNS * sizeof(struct sock_filter)))
		return "QEMU's filter has a size that no filter has";
	return NULL;
}

/* Before descriptors are closed. */
void jail_map_filter(struct child *c)
{
	struct stat st;

	if (!c->jail->filter)
		return;
	jail_check(c, fstat(c->jail->filter, &st), "reading the filter");
	c->filter.len = (unsigned short)((size_t)st.st_size / sizeof(struct sock_filter));
	c->filter.filter = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, c->jail->filter, 0);
	if (c->filter.filter == MAP_FAILED)
		jail_fail(c, "reading the filter", NULL, errno);
}

/* One thread so far: all others inherit it. */
void jail_put_filter_on(struct child *c)
{
	if (c->jail->filter)
		jail_check(c, (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &c->filter),
			   "putting the filter on");
}

/* ---- proved --------------------------------------------------------------------------- */

/* What stands behind "\nKEY:\t"; NULL: this kernel has no such line. */
static const char *value_of(const char *status, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = strchr(status, '\n'); line; line = strchr(line + 1, '\n'))
		if (!strncmp(line + 1, key, length) && line[1 + length] == ':')
			return line + length + 3;
	return NULL;
}

static bool is_value(const char *status, const char *key, const char *value)
{
	const char *is = value_of(status, key);

	return is && !strncmp(is, value, strlen(value)) && is[strlen(value)] == '\n';
}

static unsigned long filters_in(const char *status)
{
	const char *value = value_of(status, "Seccomp_filters");

	return value ? strtoul(value, NULL, 10) : 0;
}

/* Source: proc(5). Of a thread that has ended meanwhile there is nothing to prove. */
static const char *thread_wrong(const char *status, unsigned long filters)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };

	if (!is_value(status, "NoNewPrivs", "1"))
		return "it can get new privileges";
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		if (!is_value(status, sets[i], "0000000000000000"))
			return "it has capabilities";
	if (filters && !is_value(status, "Seccomp", "2"))
		return "it is not filtered";
	if (filters && value_of(status, "Seccomp_filters") && filters_in(status) != filters)
		return "it has not the two filters that it should have";
	return NULL;
}

static const char *threads_wrong(DIR *tasks, unsigned long filters, char *buf)
{
	const char *wrong = NULL;
	struct dirent *e;
	unsigned int seen = 0;

	while (!wrong && (e = readdir(tasks))) {
		char path[sizeof(e->d_name) + 8];

		if (*e->d_name == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/status", e->d_name);
		if (sysfs_read(dirfd(tasks), path, buf, STATUS_SIZE) <= 0)
			continue;
		wrong = thread_wrong(buf, filters);
		seen++;
	}
	return wrong || seen ? wrong : "nothing can be read of it";
}

/**
 * jail_wrong() - is every thread of a started program confined as it must be?
 * @filters:	how many filters it must have beside those of this process; 0: any
 *
 * To be asked when the program has put its own filter on, and before it gets to see
 * anything that it must not be able to use.
 *
 * Return: NULL when all are; else what is wrong with the first that is not
 */
const char *jail_wrong(const struct jailed *j, unsigned int filters)
{
	static char buf[STATUS_SIZE];
	unsigned long wanted = 0;
	cleanup_closedir DIR *tasks = NULL;
	const char *wrong;
	char path[48];

	if (jail_skips("proof"))
		return NULL;
	if (filters && sysfs_read(AT_FDCWD, "/proc/self/status", buf, sizeof(buf)) > 0)
		wanted = filters_in(buf) + filters;
	else if (filters)
		return "its filters cannot be counted";
	(void)snprintf(path, sizeof(path), "/proc/%d/task", (int)j->pid);
	caps_raise(CAP_SYS_PTRACE); /* where /proc hides others' processes */
	tasks = opendir(path);
	wrong = tasks ? threads_wrong(tasks, wanted, buf) : "nothing can be read of it";
	caps_rest();
	return wrong;
}
