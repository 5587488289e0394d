/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sanitize-process.c - put a process in order before its arguments are read
 *
 * Programs that root runs are started from any user's shell through sudo: with
 * descriptors closed, signals ignored or blocked, timers that tick, limits that are tiny, an
 * environment that libraries act on. Nothing here allocates, and nothing is
 * reported: stderr may be closed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "launcher/base/sanitize-process.h"

#define FILES_LEAST 4096	   /* descriptors: each of QEMU's virtqueues takes two */
#define STACK_LEAST (8u << 20)	   /* bytes; a thread's is as large */

/*
 * A file opened as number 2 would get our messages. A closed stdout becomes one that
 * cannot be written: output that is lost is an error.
 */
static int open_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) != fd)
			return -EBADF;
	return 0;
}

static bool is_kept(const char *variable, const char *const *kept)
{
	size_t length = strcspn(variable, "=");

	for (; kept && *kept; kept++)
		if (strlen(*kept) == length && !strncmp(*kept, variable, length))
			return true;
	return false;
}

/* Of two of one name, of which a library could see either, the first stays. */
static bool is_second(const char *variable, char *const *before, size_t count)
{
	size_t length = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < count; i++)
		if (!strncmp(before[i], variable, length))
			return true;
	return false;
}

static void reduce_environment(const char *const *kept)
{
	size_t left = 0;

	for (size_t i = 0; environ && environ[i]; i++)
		if (is_kept(environ[i], kept) && !is_second(environ[i], environ, left))
			environ[left++] = environ[i];
	if (environ)
		environ[left] = NULL;
}

/* What a shell without job control or nohup(1) ignores on purpose: the keeper decides anyway. */
static bool may_be_ignored(int number)
{
	return number == SIGHUP || number == SIGINT || number == SIGQUIT || number == SIGTSTP ||
	       number == SIGTTIN || number == SIGTTOU;
}

/*
 * The signals that are ignored: after an exec the others have their default. Asked of the
 * kernel in one read, as setting all of them takes sixty calls; all of them when that fails.
 */
static uint64_t ignored_signals(void)
{
	char text[4096] = "";
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *line = n > 0 ? strstr(text, "\nSigIgn:") : NULL;

	if (fd >= 0)
		(void)close(fd);
	return line ? strtoull(line + strlen("\nSigIgn:"), NULL, 16) : UINT64_MAX;
}

static void default_signals(void)
{
	const struct itimerval none = { .it_value = { .tv_sec = 0 } };
	uint64_t ignored = ignored_signals();
	sigset_t empty;

	(void)setitimer(ITIMER_REAL, &none, NULL);
	(void)setitimer(ITIMER_VIRTUAL, &none, NULL);
	(void)setitimer(ITIMER_PROF, &none, NULL);
	for (int number = 1; number < NSIG; number++)
		if ((ignored >> (number - 1) & 1) && !may_be_ignored(number))
			(void)signal(number, SIG_DFL);
	(void)sigemptyset(&empty);
	(void)sigprocmask(SIG_SETMASK, &empty, NULL);
}

/* As far as this process may: root may all, unless its capabilities were taken. */
static void raise_limit(int what, rlim_t least)
{
	struct rlimit limit, wanted;

	if (getrlimit((__rlimit_resource_t)what, &limit) < 0 ||
	    (limit.rlim_cur >= least && limit.rlim_max >= least))
		return;
	wanted = limit;
	if (wanted.rlim_max < least)
		wanted.rlim_max = least;
	if (wanted.rlim_cur < least)
		wanted.rlim_cur = least;
	if (setrlimit((__rlimit_resource_t)what, &wanted) == 0 || limit.rlim_cur >= least)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit((__rlimit_resource_t)what, &limit);
}

/* The caller's resource limits must not end a keeper that has devices to give back. */
static void raise_limits(void)
{
	static const int unlimited[] = { RLIMIT_FSIZE, RLIMIT_CPU, RLIMIT_AS, RLIMIT_DATA,
					 RLIMIT_RSS };

	for (size_t i = 0; i < ARRAY_SIZE(unlimited); i++)
		raise_limit(unlimited[i], RLIM_INFINITY);
	raise_limit(RLIMIT_NOFILE, FILES_LEAST);
	raise_limit(RLIMIT_STACK, STACK_LEAST);
}

/**
 * sanitize_process() - the first call of a program's main()
 * @environment:	names of the variables that stay, NULL-terminated; NULL: none does
 *
 * Descriptors 0, 1 and 2 are open, no signal is blocked or oddly ignored, no timer runs, no
 * limit of the caller's is in the way, files are made for their owner alone.
 *
 * Return: 0; -EINVAL without a name in argv[0]; -EPERM in a set-uid program, where nothing
 * was done; -EBADF when a descriptor cannot be opened
 */
int sanitize_process(int argc, char **argv, const char *const *environment)
{
	if (argc < 1 || !argv[0])
		return -EINVAL;
	if (open_standard())
		return -EBADF;
	if (getauxval(AT_SECURE))
		return -EPERM;
	reduce_environment(environment);
	default_signals();
	raise_limits();
	(void)umask(077);
	return 0;
}
