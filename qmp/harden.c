// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * harden.c - what vfio-qmp gives up before it reads a byte of QEMU
 *
 * The keeper has already taken the rights away (user, groups, capabilities). This takes
 * away what the VM's user could still do: more files, more processes, more memory, being
 * looked into by another process of that user.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/output.h"
#include "qmp/clients.h"
#include "qmp/syscall-filter.h"
#include "qmp/harden.h"
#include "qmp/record.h"
#include "qmp/rows.h"

/* No RLIMIT_FSIZE: a file of the user's may be our stderr, and as long as it likes. */
static const struct limit {
	int resource;
	rlim_t value;
	const char *what;
} limits[] = {
	/* The descriptors that there are, one client more than there are slots for, a display's. */
	{ RLIMIT_NOFILE, QMP_FD_LAST + 1 + QMP_CLIENTS_MAX + 1 + 1 + QMP_ROWS_FDS_MAX, "limit the open files" },
	{ RLIMIT_NPROC, 0, "limit the processes" },
	{ RLIMIT_CORE, 1, "limit the core file" }, /* 1: see set_limits() in jail-stages.c */
#if !QMP_SANITIZED
	/* json-c takes 6 MiB at most for a message that passes our limits. */
	{ RLIMIT_AS, (rlim_t)64 << 20, "limit the memory" },
#endif
};

/*
 * Ctrl-C, Ctrl-Z and a lost terminal reach all processes of the session: what they mean is
 * the keeper's to decide. SIGTTOU: a write to the terminal by a background job goes on.
 */
static const int ignored[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2,
};

static int ignore_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_IGN };

	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		if (sigaction(ignored[i], &action, NULL))
			return -errno;
	return 0;
}

/* A hard limit that is lower stays: to raise one takes CAP_SYS_RESOURCE. sudo can leave a core's at 0. */
static int set_limits(const char **what)
{
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct rlimit limit;

		*what = limits[i].what;
		if (getrlimit(limits[i].resource, &limit))
			return -errno;
		if (limit.rlim_max > limits[i].value)
			limit.rlim_max = limits[i].value;
		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(limits[i].resource, &limit))
			return -errno;
	}
	return 0;
}

/**
 * qmp_harden_process() - Descriptors, signals, limits; before anything is allocated
 * @what: Filled with what failed, for "cannot ..."
 *
 * Return: 0 or -errno.
 */
int qmp_harden_process(const char **what)
{
	int rc;

	*what = "close other files";
	if (close_range(QMP_FD_LAST + 1, ~0U, 0))
		return -errno;
	(void)umask(077);
	*what = "ignore signals";
	rc = ignore_signals();
	if (rc)
		return rc;
	(void)output_own(STDERR_FILENO); /* a file it is not: the keeper has a scribe for one */
	*what = "give up new privileges";
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	*what = "keep other processes out";
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return -errno;
	return set_limits(what);
}

/**
 * qmp_harden_calls() - Put the filter on; after all libraries have drawn their seeds
 * @what: As above
 *
 * Return: 0 or -errno.
 */
int qmp_harden_calls(const char **what)
{
	*what = "filter system calls";
	return QMP_SANITIZED ? 0 : qmp_filter_install();
}
