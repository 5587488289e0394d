// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run.c - runs a command to its very end, and compares the host with what it was
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/matrix/driver.h"

int limit_s = 120;
bool words_may_stay;
double fingerprint_s;

double now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

_Noreturn void die(const char *what)
{
	printf("# matrix: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* ---- running things ----------------------------------------------------------------- */

static void spawn_and_exec(char *const *argv, const char *output)
{
	sigset_t none;
	int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600), null = open("/dev/null", O_RDONLY);

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (fd < 0 || dup2(null, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
		_exit(126);
	(void)close_range(3, ~0U, 0);
	(void)execvp(argv[0], argv);
	_exit(127);
}

static bool may_stay(const char *comm)
{
	return !strcmp(comm, "vfio-words\n") || !strcmp(comm, WAITING_TRACER "\n");
}

/* Scribes of a file that takes no data, and their tracers; no other process. */
static bool only_words_are_left(void)
{
	FILE *children = fopen("/proc/thread-self/children", "re");
	char path[64], name[32];
	bool only = children != NULL;
	int pid;

	while (only && fscanf(children, "%d", &pid) == 1) {
		FILE *comm;

		(void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		comm = fopen(path, "re");
		only = comm && fgets(name, sizeof(name), comm) && may_stay(name);
		if (comm)
			(void)fclose(comm);
	}
	if (children)
		(void)fclose(children);
	return only;
}

/* All that came from us, also what left its session: we are the subreaper. */
bool wait_for_all(pid_t pid, int *status, int limit_s)
{
	double end = now_s() + limit_s;
	struct timespec wait;
	sigset_t child;
	int ended_with;
	pid_t ended;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	for (;;) {
		while ((ended = waitpid(-1, &ended_with, WNOHANG)) > 0)
			if (ended == pid)
				*status = ended_with;
		if (ended < 0 || (words_may_stay && only_words_are_left()))
			return true;
		if (now_s() >= end)
			return false;
		wait = (struct timespec){ .tv_sec = 1 };
		(void)sigtimedwait(&child, NULL, &wait);
	}
}

static void name_process(pid_t pid)
{
	static const char *const files[] = { "stat", "wchan", "syscall", "cmdline" };
	char path[64], text[512];

	printf("#   still there:");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		ssize_t n;
		int fd;

		(void)snprintf(path, sizeof(path), "/proc/%d/%s", pid, files[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, text, i ? sizeof(text) : 40);
		for (ssize_t k = 0; k < n; k++)
			putchar(text[k] >= ' ' && text[k] <= '~' ? text[k] : ' ');
		printf(" |");
		if (fd >= 0)
			(void)close(fd);
	}
	printf("\n");
}

/* What is still there becomes our child when its parent ends. */
static void end_survivors(void)
{
	for (int i = 0; i < 20; i++) {
		FILE *children = fopen("/proc/thread-self/children", "re");
		int pid, status;

		while (children && fscanf(children, "%d", &pid) == 1) {
			name_process(pid);
			(void)kill(pid, SIGKILL);
		}
		if (children)
			(void)fclose(children);
		if (wait_for_all(0, &status, 1))
			return;
	}
}

pid_t start(char *const *argv, const char *output)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0)
		spawn_and_exec(argv, output);
	return pid;
}

/* Return: a wait status, -1: it or something of it did not end in time */
int finish(pid_t pid)
{
	int status = -1;

	if (wait_for_all(pid, &status, limit_s))
		return status;
	printf("# matrix: not all have ended after %d s:\n", limit_s);
	(void)fflush(stdout);
	end_survivors();
	return -1;
}

int run(char *const *argv, const char *output)
{
	return finish(start(argv, output));
}

int shell(const char *text, int command_status)
{
	char sh[] = "/bin/sh", c[] = "-c", *copy = strdup(text), value[16];
	char *argv[] = { sh, c, copy, NULL };
	int status;

	(void)snprintf(value, sizeof(value), "%d", command_status);
	(void)setenv("STATUS", value, 1);
	status = run(argv, "/tmp/lab/matrix.shell");
	free(copy);
	return status;
}

/* What a shell would call it. */
int code_of(int status)
{
	return status == -1 ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- as it was? ---------------------------------------------------------------------- */

char *contents(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0 || !(text = calloc(1, (size_t)st.st_size + 1)))
		die(path);
	if (read(fd, text, (size_t)st.st_size) != st.st_size)
		die(path);
	(void)close(fd);
	return text;
}

void fingerprint(const char *file)
{
	char program[] = "fingerprint";
	char *argv[] = { program, NULL };
	double began = now_s();

	if (run(argv, file) != 0)
		die("fingerprint");
	fingerprint_s += now_s() - began;
}

bool is_back(int patience_ms)
{
	double end = now_s() + patience_ms / 1000.0;
	bool same;

	for (;;) {
		char *wanted, *found;

		fingerprint(FOUND);
		wanted = contents(WANTED);
		found = contents(FOUND);
		same = !strcmp(wanted, found);
		free(wanted);
		free(found);
		if (same || now_s() > end)
			return same;
		(void)usleep(20000);
	}
}

