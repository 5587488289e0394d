// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - stands in QEMU's place and tries to get out, row by row
 *
 * Called with QEMU's command line, in which a file named probe.raw stands: it reads there
 * what the filter refuses, and writes there what came of trying. `-probe MODE`:
 *
 *	all		every row that leaves it alive
 *	unfiltered	those that another layer must hold when there is no filter
 *	unshare		one thread makes a call that kills: no other may go on
 *	stop		ignores everything, leaves threads, stops itself
 *
 * `probe accomplice` is the one outside that waits for it: it listens where QEMU must not
 * get through, and reports each connection on stdout.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/lab/probe/probe.h"

int accomplice(void);

bool filtered = true;
static char report[256 << 10];
static size_t used;
static int tried, through;

void row(const char *id, bool got_through, const char *format, ...)
{
	va_list args;

	tried++;
	through += got_through;
	if (!got_through || used > sizeof(report) - 1024)
		return;
	used += (size_t)snprintf(report + used, 64, "through %s ", id);
	va_start(args, format);
	used += (size_t)vsnprintf(report + used, 512, format, args);
	va_end(args);
	report[used++] = '\n';
}

/* The path in an argument that names the file: "/a/probe.raw", {"filename":"/a/probe.raw"} */
static bool find_file(int argc, char **argv, char *path, size_t size)
{
	for (int i = 1; i < argc; i++) {
		char *end = strstr(argv[i], "/probe.raw"), *start = end;

		if (!end)
			continue;
		while (start > argv[i] && !strchr("\"=,", start[-1]))
			start--;
		snprintf(path, size, "%.*s", (int)(end - start + 10), start);
		return true;
	}
	return false;
}

static void *unshare_alone(void *nothing)
{
	(void)unshare(CLONE_NEWNET);
	return nothing;
}

static void *spin(void *nothing)
{
	for (;;)
		(void)poll(NULL, 0, 1000);
	return nothing;
}

static _Noreturn void stay(void)
{
	pthread_t thread;

	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_IGN);
	for (int i = 0; i < 8; i++)
		(void)pthread_create(&thread, NULL, spin, NULL);
	(void)raise(SIGSTOP);
	for (;;)
		(void)poll(NULL, 0, 1000);
}

static int run_mode(const char *mode)
{
	pthread_t thread;

	if (!strcmp(mode, "stop"))
		stay();
	if (!strcmp(mode, "unshare")) {
		(void)pthread_create(&thread, NULL, unshare_alone, NULL);
		(void)poll(NULL, 0, 30000); /* still alive after that: half dead */
		return 77;
	}
	return -1;
}

int main(int argc, char **argv)
{
	static char list[64 << 10];
	char path[512] = "";
	int fd;

	if (argc == 2 && !strcmp(argv[1], "accomplice"))
		return accomplice();
	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], "-probe")) {
			int code = run_mode(argv[i + 1]);

			filtered = strcmp(argv[i + 1], "unfiltered") != 0;
			if (code >= 0)
				return code;
		}
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return puts("QEMU emulator version 7.2.22 (probe)") < 0;
	if (argc == 3 && !strcmp(argv[2], "help"))
		return puts("name \"vfio-pci\", bus PCI") < 0;
	fd = find_file(argc, argv, path, sizeof(path)) ? open(path, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0 || read(fd, list, sizeof(list) - 1) < 0) {
		fprintf(stderr, "probe: no file: %s\n", strerror(errno));
		return 78;
	}
	try_self();
	try_files(path);
	try_processes();
	try_sockets();
	try_devices();
	if (filtered && prctl(PR_GET_SECCOMP) == 2) /* else some would wait for ever */
		try_calls(list);
	used += (size_t)snprintf(report + used, 64, "tried %d rows, %d got through\n", tried, through);
	if (lseek(fd, 0, SEEK_SET) || ftruncate(fd, 0) || write(fd, report, used) != (ssize_t)used)
		return 79;
	return through ? 80 : 0;
}
