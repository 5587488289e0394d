// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * instants.c - a command again and again, each time with a signal at another random instant
 *
 * Without a tracer, so it runs as fast as ever; the instants are drawn with a fixed seed.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lab/matrix/driver.h"

#define SETTLE_MS 30000
#define TIMES_MAX 1000

static double back_after[TIMES_MAX]; /* seconds from the signal to the last process's end */
static size_t times;

static bool holds(const char *path, const char *text)
{
	char *all = contents(path);
	bool found = strstr(all, text) != NULL;

	free(all);
	return found;
}

/* Return: false when it ended before */
static bool wait_until_said(pid_t pid, const char *text)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd p[] = { { .fd = notify, .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };
	char events[4096];
	bool said = false;

	if (inotify_add_watch(notify, OUTPUT, IN_MODIFY) < 0)
		die(OUTPUT);
	while (!(said = holds(OUTPUT, text)) && !p[1].revents) {
		(void)poll(p, 2, limit_s * 1000);
		(void)read(notify, events, sizeof(events));
	}
	(void)close(notify);
	(void)close(pidfd);
	return said;
}

/* Is it still there when the instant has come? */
static bool wait_ms(pid_t pid, unsigned int ms)
{
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int n = pidfd < 0 ? 1 : poll(&p, 1, (int)ms);

	if (pidfd >= 0)
		(void)close(pidfd);
	return n == 0;
}

static unsigned int draw(unsigned int *seed, unsigned int below)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % (below ? below : 1);
}

static int signal_of(const char *name)
{
	for (int i = 1; i < NSIG; i++)
		if (sigabbrev_np(i) && !strcmp(sigabbrev_np(i), name))
			return i;
	return SIGKILL;
}

static void send_all(pid_t pid, const char *signals)
{
	char *copy = strdup(signals), *next = copy;

	for (char *name; (name = strsep(&next, ","));) {
		(void)kill(pid, signal_of(name));
		if (next && !wait_ms(pid, 100))
			break;
	}
	free(copy);
}

/* Return: 1 it was as it has to be, 0 it was not, -1 it had ended before the instant came */
static int one(const struct instants *what, unsigned int *late)
{
	unsigned int ms = draw(what->seed, what->spread_ms);
	bool is_kill = strstr(what->signals, "KILL") != NULL, changed;
	pid_t pid;
	double then;
	int status, code;

	(void)close(open(OUTPUT, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
	pid = start(what->command, OUTPUT);
	if ((what->after && !wait_until_said(pid, what->after)) || !wait_ms(pid, ms)) {
		(void)finish(pid);
		return is_back(SETTLE_MS) ? -1 : 0;
	}
	changed = holds(OUTPUT, " -> ");
	send_all(pid, what->signals);
	then = now_s();
	status = finish(pid);
	code = code_of(status);
	if (changed && times < TIMES_MAX)
		back_after[times++] = now_s() - then;
	*late += changed;
	if (is_back(SETTLE_MS) && status != -1 &&
	    (is_kill ? code == 128 + SIGKILL : code < 10 && strchr(what->codes, '0' + code)))
		return 1;
	printf("# matrix: NOT AS BEFORE after %s at %u ms (exit code %d)\n", what->signals, ms, code);
	(void)fflush(stdout);
	(void)system("timeout 5 diff " WANTED " " FOUND " | sed 's/^/#   /'; tail -n 6 " OUTPUT
		     " | sed 's/^/#   | /'");
	(void)shell("vfio-run recover; vfio-run attach", 0);
	return 0;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/**
 * instants() - as many commands as are asked for, each with its signals at a random instant
 *
 * Return: the exit status of the program
 */
int instants(const struct instants *what)
{
	unsigned int done = 0, bad = 0, late = 0, first_seed = *what->seed;
	double began = now_s();

	for (unsigned int tries = 0; done < what->count && tries < 4 * what->count; tries++) {
		int rc = one(what, &late);

		done += rc >= 0;
		bad += rc == 0;
	}
	qsort(back_after, times, sizeof(*back_after), ascending);
	printf("# matrix-total: %u points, %u injected, %u violations, %.0f s (%s at random instants within %u ms, "
	       "seed %u; %u after the first change, all gone after %.3f s in the middle, %.3f s at most)\n",
	       what->count, done, bad, now_s() - began, what->signals, what->spread_ms, first_seed, late,
	       times ? back_after[times / 2] : 0, times ? back_after[times - 1] : 0);
	return done == what->count && !bad ? 0 : 1;
}
