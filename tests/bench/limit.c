/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limit.c - the least that handing devices to QEMU and taking them back can cost
 *
 * Writes to sysfs, starts QEMU, waits for its end, writes back: no check, no journal, no
 * jail, no second process. No program that does the same work one step after the other can be
 * faster, so it is the denominator of every ratio, and `cycle` is the unit of "raw detach"
 * and "raw reattach" for any test. It is no tool: killed, it leaves the devices where they are.
 *
 * usage:	limit now				CLOCK_MONOTONIC in nanoseconds
 *		limit detach ADDRESS...			prints ADDRESS=DRIVER as it found each
 *		limit attach ADDRESS=DRIVER...		gives them back
 *		limit cycle COUNT ADDRESS...		COUNT times both; a line `detach NS` and
 *							`reattach NS` for each
 *		limit run ADDRESS... -- QEMU [ARG]...	lines `mark NAME NS` (CLOCK_MONOTONIC):
 *			begin detached started greeting ready gone back. QEMU's monitor is its
 *			descriptor 3 (-chardev socket,id=m,fd=3 -qmp chardev:m).
 *			SIGTERM or SIGINT presses the power button, a second one quits.
 *		limit late FILE ADDRESS... -- QEMU [ARG]...	likewise, but QEMU stands (-S) before
 *			the devices are taken: FILE has commands for its monitor, one a line, each
 *			sent when the one before is answered; its line `take` stands for the taking
 * Exit status 0, or 1 when a write failed; of `run` and `late`, QEMU's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEVICES_MAX 16
#define PCI "/sys/bus/pci"
#define MONITOR_FD 3 /* of QEMU */
#define ROWS_MAX 32 /* of `late` */
#define ROW_MAX 512

struct device {
	const char *address;
	char driver[64]; /* of the host; "" for none */
};

static struct device device[DEVICES_MAX];
static int device_count;

static char row[ROWS_MAX][ROW_MAX];
static int row_count, rows_said;

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void mark(const char *name)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "mark %s %llu\n", name, (unsigned long long)now_ns());

	(void)!write(STDOUT_FILENO, line, (size_t)n);
}

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0) {
		fprintf(stderr, "limit: %s: %s: %s\n", path, text, strerror(errno));
		exit(1);
	}
	(void)close(fd);
}

static void put_override(const struct device *d, const char *driver)
{
	char path[128];

	(void)snprintf(path, sizeof(path), PCI "/devices/%s/driver_override", d->address);
	put(path, driver);
}

/* @what: "bind" or "unbind" */
static void put_driver(const struct device *d, const char *driver, const char *what)
{
	char path[192];

	if (!*driver)
		return;
	(void)snprintf(path, sizeof(path), PCI "/drivers/%s/%s", driver, what);
	put(path, d->address);
}

static void remember(const char *address)
{
	struct device *d = &device[device_count];
	char path[128], link[256];
	const char *slash;
	ssize_t n;

	if (device_count == DEVICES_MAX)
		exit(1);
	d->address = address;
	(void)snprintf(path, sizeof(path), PCI "/devices/%s/driver", address);
	n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	slash = strrchr(link, '/');
	(void)snprintf(d->driver, sizeof(d->driver), "%s", slash ? slash + 1 : "");
	device_count++;
}

/* The order of vfio-run: all overrides, all unbinds from the last function, all binds from the first. */
static void detach(void)
{
	for (int i = 0; i < device_count; i++)
		put_override(&device[i], "vfio-pci");
	for (int i = device_count - 1; i >= 0; i--)
		put_driver(&device[i], device[i].driver, "unbind");
	for (int i = 0; i < device_count; i++)
		put_driver(&device[i], "vfio-pci", "bind");
}

static void attach(void)
{
	for (int i = device_count - 1; i >= 0; i--)
		put_driver(&device[i], "vfio-pci", "unbind");
	for (int i = 0; i < device_count; i++)
		put_override(&device[i], "\n");
	for (int i = 0; i < device_count; i++)
		put_driver(&device[i], device[i].driver, "bind");
}

static int cycle(int count)
{
	for (int i = 0; i < count; i++) {
		uint64_t begin = now_ns(), detached, back;

		detach();
		detached = now_ns();
		attach();
		back = now_ns();
		printf("detach %llu\nreattach %llu\n", (unsigned long long)(detached - begin),
		       (unsigned long long)(back - detached));
	}
	return 0;
}

static pid_t start(char **argv, int monitor)
{
	sigset_t none;
	pid_t pid;

	(void)sigemptyset(&none);
	pid = vfork();
	if (pid)
		return pid;
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(monitor, MONITOR_FD) < 0)
		_exit(127);
	(void)execvp(argv[0], argv);
	_exit(127);
}

static void say(int monitor, const char *command)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "{\"execute\":\"%s\"}\n", command);

	(void)send(monitor, line, (size_t)n, MSG_NOSIGNAL);
}

/* The next command of `late`; the taking answers itself. */
static void say_next(int monitor)
{
	if (rows_said < row_count && !strcmp(row[rows_said], "take")) {
		detach();
		mark("detached");
		rows_said++;
	}
	if (rows_said == row_count)
		return mark("ready");
	(void)send(monitor, row[rows_said], strlen(row[rows_said]), MSG_NOSIGNAL);
	rows_said++;
}

/*
 * The greeting, then the first reply, then one reply for each row; what comes later is read and
 * forgotten. A refusal ends it. False at the end.
 */
static bool listen_to(int monitor, int *heard)
{
	char text[4096];
	ssize_t n = recv(monitor, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	if (*heard == 0 && strstr(text, "\"QMP\"")) {
		mark("greeting");
		say(monitor, "qmp_capabilities");
		*heard = 1;
	} else if (*heard == 1 && strstr(text, "\"return\"")) {
		*heard = rows_said == row_count ? 2 : 1;
		say_next(monitor);
	} else if (*heard == 1 && strstr(text, "\"error\"")) {
		fprintf(stderr, "limit: %s", text);
		say(monitor, "quit");
		*heard = 2;
	}
	return n > 0;
}

static void watch(pid_t pid, int monitor)
{
	sigset_t ends;
	int asked = 0, heard = 0, signals;
	struct pollfd fds[3];

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
	signals = signalfd(-1, &ends, SFD_CLOEXEC);
	fds[0] = (struct pollfd){ .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = signals, .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = monitor, .events = POLLIN };
	while (poll(fds, 3, -1) >= 0 && !fds[0].revents) {
		struct signalfd_siginfo info;

		if (fds[1].revents && read(signals, &info, sizeof(info)) > 0)
			say(monitor, asked++ ? "quit" : "system_powerdown");
		if (fds[2].revents && !listen_to(monitor, &heard))
			fds[2].fd = -1; /* closed; its end follows */
	}
}

static int run(char **argv)
{
	int pair[2], status;
	pid_t pid;

	mark("begin");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return 1;
	if (!row_count) {
		detach();
		mark("detached");
	}
	pid = start(argv, pair[1]);
	mark("started");
	(void)close(pair[1]);
	watch(pid, pair[0]);
	(void)waitpid(pid, &status, 0);
	mark("gone");
	attach();
	mark("back");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The rows of `late`. Return: false when there are none, or too many. */
static bool read_rows(const char *path)
{
	FILE *f = fopen(path, "re");

	while (f && row_count < ROWS_MAX && fgets(row[row_count], ROW_MAX, f)) {
		if (!strcmp(row[row_count], "take\n"))
			row[row_count][4] = '\0';
		row_count++;
	}
	if (!f || fgetc(f) != EOF)
		row_count = 0;
	if (f)
		(void)fclose(f);
	return row_count > 0;
}

/* The devices of the command line, to its end or to "--", whose index is returned. */
static int take_devices(char **argv, int i)
{
	for (; argv[i] && strcmp(argv[i], "--"); i++)
		remember(argv[i]);
	return i;
}

static int give_back(char **argv)
{
	for (int i = 2; argv[i] && device_count < DEVICES_MAX; i++) {
		char *equals = strchr(argv[i], '=');

		if (!equals)
			return 1;
		*equals = '\0';
		device[device_count].address = argv[i];
		(void)snprintf(device[device_count++].driver, sizeof(device->driver), "%s", equals + 1);
	}
	attach();
	return 0;
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	if (!strcmp(command, "now"))
		return printf("%llu\n", (unsigned long long)now_ns()) < 0;
	if (argc < 3)
		command = "";
	if (!strcmp(command, "detach")) {
		(void)take_devices(argv, 2);
		for (int i = 0; i < device_count; i++)
			printf("%s=%s\n", device[i].address, device[i].driver);
		(void)fflush(stdout);
		detach();
		return 0;
	}
	if (!strcmp(command, "attach"))
		return give_back(argv);
	if (!strcmp(command, "cycle")) {
		(void)take_devices(argv, 3);
		return cycle(atoi(argv[2]));
	}
	if (!strcmp(command, "run") || (!strcmp(command, "late") && read_rows(argv[2]))) {
		int end = take_devices(argv, *command == 'l' ? 3 : 2);

		return argv[end] && argv[end + 1] ? run(argv + end + 1) : 1;
	}
	fprintf(stderr, "usage: limit detach|attach|cycle|run|late ...: see limit.c\n");
	return 1;
}
