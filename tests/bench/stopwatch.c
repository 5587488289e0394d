/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stopwatch.c - one run of a VM with passed-through devices, timed from outside
 *
 * Starts a command, whatever it is, and watches what any process can see: the kernel's uevents
 * of drivers that bind, the output of tests/bench/guest.S, the death of QEMU. So a program,
 * a script and a daemon are measured with the same clock (CLOCK_MONOTONIC) from the same place.
 *
 * usage: stopwatch -w WAY -e stop|kill|keeper [-s STOP-COMMAND] [-l SOCKET] ADDRESS... -- COMMAND...
 *	-e stop		STOP-COMMAND, or SIGTERM to COMMAND, asks the guest to power off
 *	-e kill		SIGKILL to QEMU
 *	-e keeper	SIGKILL to COMMAND
 *	-l SOCKET	the guest speaks into this socket; without it into COMMAND's output
 * Prints lines "WAY ENDING FIGURE MILLISECONDS". Output of the guest or of COMMAND counts
 * when its line is complete. Exit status 1 when something never came.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEVICES_MAX 16
#define WORDS_MAX 16
#define NEVER_MS 60000
#define QUIET_MS 400 /* nothing happens for so long: the start is over */

enum figure { TAKEN, DETACHED, READY, GUEST, OFF, GONE, BACK, END, FIGURES };
static const char *const figure_names[FIGURES] = {
	[TAKEN] = "taken", [DETACHED] = "detached", [READY] = "ready", [GUEST] = "guest", [OFF] = "off",
	[GONE] = "gone",	 [BACK] = "back",   [END] = "end",
};

/* A line of output, and the figure that it stands for. */
static const struct { const char *text; enum figure figure; } words[] = {
	{ "guest-runs", GUEST },
	{ "guest-off", OFF },
	{ "mark ready", READY },     /* limit */
	{ "the guest runs", READY }, /* vfio-run */
};

static struct {
	const char *way, *ending, *stop, *socket;
	const char *address[DEVICES_MAX];
	bool on_vfio[DEVICES_MAX];
	int devices;
	pid_t command, qemu;
	int command_fd, qemu_fd; /* pidfds */
	int output, uevents, listening, guest;
	uint64_t at[FIGURES];
	uint64_t acted;
	char line[4][512]; /* what was not yet complete: output, guest */
	size_t length[4];
} s = { .command_fd = -1, .qemu_fd = -1, .output = -1, .listening = -1, .guest = -1 };

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void happened(enum figure f)
{
	if (!s.at[f])
		s.at[f] = now_ns();
}

static void print(const char *name, uint64_t from, uint64_t to)
{
	if (from && to > from)
		printf("%s %s %s %.3f\n", s.way, s.ending, name, (double)(to - from) / 1e6);
}

static _Noreturn void never(const char *what)
{
	printf("%s %s never 1 %s\n", s.way, s.ending, what);
	exit(1);
}

static pid_t spawn(char **argv, int output)
{
	pid_t pid = vfork();

	if (pid)
		return pid;
	if (output >= 0 && (dup2(output, 1) < 0 || dup2(output, 2) < 0))
		_exit(127);
	(void)execvp(argv[0], argv);
	_exit(127);
}

/* ---- what is seen ----------------------------------------------------------------------- */

/* The value of KEY= among the strings of a uevent. */
static const char *uevent_value(const char *text, size_t size, const char *key)
{
	for (const char *p = text; p < text + size; p += strlen(p) + 1)
		if (!strncmp(p, key, strlen(key)))
			return p + strlen(key);
	return "";
}

/* The first thing that goes: a node of one of the devices, or a driver. */
static void see_loss(const char *path)
{
	for (int i = 0; i < s.devices; i++)
		if (strstr(path, s.address[i]))
			happened(TAKEN);
}

static void see_driver(const char *path, const char *driver)
{
	const char *slash = strrchr(path, '/');
	bool all_on = true, all_off = true;

	for (int i = 0; i < s.devices; i++) {
		if (slash && !strcmp(slash + 1, s.address[i]))
			s.on_vfio[i] = !strcmp(driver, "vfio-pci");
		all_on &= s.on_vfio[i];
		all_off &= !s.on_vfio[i];
	}
	if (all_on)
		happened(DETACHED);
	if (all_off && s.at[DETACHED])
		happened(BACK);
}

static void read_uevents(void)
{
	char text[8192];
	ssize_t n;

	while ((n = recv(s.uevents, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		text[n] = '\0';
		const char *action = uevent_value(text, (size_t)n, "ACTION=");

		if (!strcmp(action, "remove") || !strcmp(action, "unbind"))
			see_loss(uevent_value(text, (size_t)n, "DEVPATH="));
		if (!strcmp(action, "bind"))
			see_driver(uevent_value(text, (size_t)n, "DEVPATH="),
				   uevent_value(text, (size_t)n, "DRIVER="));
	}
}

static void hear(const char *line)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strstr(line, words[i].text))
			happened(words[i].figure);
	fprintf(stderr, "%s: %s\n", s.way, line);
}

/* @which: whose half line is kept meanwhile. Return: false at the end of what there is to read. */
static bool read_words(int fd, int which)
{
	char text[512];
	ssize_t n = read(fd, text, sizeof(text));

	for (ssize_t i = 0; i < n; i++) {
		char *line = s.line[which];

		if (text[i] != '\n' && s.length[which] < sizeof(s.line[0]) - 1) {
			line[s.length[which]++] = text[i];
			continue;
		}
		line[s.length[which]] = '\0';
		s.length[which] = 0;
		hear(line);
	}
	return n > 0;
}

/* Watches for at most @ms. Return: did anything happen? */
static bool watch(int ms)
{
	struct pollfd fds[] = {
		{ .fd = s.uevents, .events = POLLIN },	  { .fd = s.output, .events = POLLIN },
		{ .fd = s.listening, .events = POLLIN },  { .fd = s.guest, .events = POLLIN },
		{ .fd = s.command_fd, .events = POLLIN }, { .fd = s.qemu_fd, .events = POLLIN },
	};

	if (poll(fds, sizeof(fds) / sizeof(*fds), ms) <= 0)
		return false;
	if (fds[5].revents) {
		happened(GONE);
		s.qemu_fd = -1;
	}
	if (fds[0].revents)
		read_uevents();
	if (fds[1].revents && !read_words(s.output, 0))
		s.output = -1;
	if (fds[2].revents)
		s.guest = accept4(s.listening, NULL, NULL, SOCK_CLOEXEC);
	if (fds[3].revents && !read_words(s.guest, 1))
		s.guest = -1;
	if (fds[4].revents) {
		happened(END);
		s.command_fd = -1;
	}
	return true;
}

static void wait_for(enum figure f)
{
	uint64_t end = now_ns() + NEVER_MS * 1000000ull;

	while (!s.at[f] && now_ns() < end)
		(void)watch(1000);
	if (!s.at[f])
		never(figure_names[f]);
}

/* ---- what is done ----------------------------------------------------------------------- */

static void listen_to_uevents(void)
{
	struct sockaddr_nl all = { .nl_family = AF_NETLINK, .nl_groups = 1 };

	s.uevents = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	if (s.uevents < 0 || bind(s.uevents, (struct sockaddr *)&all, sizeof(all)) < 0)
		never("uevents");
}

static void listen_to_guest(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	if (!s.socket)
		return;
	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s", s.socket);
	(void)unlink(s.socket);
	s.listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s.listening, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s.listening, 1) < 0 ||
	    chmod(s.socket, 0666) < 0)
		never("socket");
}

static void find_qemu(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;

	while (proc && (e = readdir(proc))) {
		char path[300], name[32] = "";
		FILE *f;

		(void)snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		f = isdigit((unsigned char)e->d_name[0]) ? fopen(path, "re") : NULL;
		if (f && fgets(name, sizeof(name), f) && !strncmp(name, "qemu-system-x86", 15))
			s.qemu = atoi(e->d_name);
		if (f)
			(void)fclose(f);
	}
	(void)closedir(proc);
	s.qemu_fd = s.qemu ? (int)syscall(SYS_pidfd_open, s.qemu, 0) : -1;
	if (s.qemu_fd < 0)
		never("QEMU");
}

static void act(void)
{
	char *argv[WORDS_MAX + 1], text[1024];
	int count = 0;

	s.acted = now_ns();
	if (!strcmp(s.ending, "kill"))
		(void)kill(s.qemu, SIGKILL);
	else if (!strcmp(s.ending, "keeper"))
		(void)kill(s.command, SIGKILL);
	else if (!s.stop)
		(void)kill(s.command, SIGTERM);
	else {
		(void)snprintf(text, sizeof(text), "%s", s.stop);
		for (char *p = strtok(text, " "); p && count < WORDS_MAX; p = strtok(NULL, " "))
			argv[count++] = p;
		argv[count] = NULL;
		(void)spawn(argv, 2);
	}
}

static void run(char **argv)
{
	int out[2];

	if (pipe2(out, O_CLOEXEC) < 0)
		never("pipe");
	s.output = out[0];
	s.at[TAKEN] = s.at[DETACHED] = s.at[BACK] = 0;
	uint64_t begin = now_ns();

	s.command = spawn(argv, out[1]);
	(void)close(out[1]);
	s.command_fd = (int)syscall(SYS_pidfd_open, s.command, 0);
	wait_for(GUEST);
	if (s.socket) { /* a daemon: the command's end is its word */
		wait_for(END);
		s.at[READY] = s.at[END];
		s.at[END] = 0;
	}
	while (watch(QUIET_MS))
		;
	find_qemu();
	act();
	wait_for(GONE);
	wait_for(BACK);
	if (!s.socket)
		wait_for(END);
	print("detached", begin, s.at[DETACHED]);
	print("ready", begin, s.at[READY]);
	print("guest", begin, s.at[GUEST]);
	print("dark", s.at[TAKEN], s.at[GUEST]);
	print("acted_gone", s.acted, s.at[GONE]);
	print("off_gone", s.at[OFF], s.at[GONE]);
	print("off_back", s.at[OFF], s.at[BACK]);
	print("gone_back", s.at[GONE], s.at[BACK]);
	print("acted_back", s.acted, s.at[BACK]);
	print("back_end", s.at[BACK], s.at[END]);
}

int main(int argc, char **argv)
{
	const struct sched_param first = { .sched_priority = 10 };
	int option;

	while ((option = getopt(argc, argv, "+w:e:s:l:")) > 0) {
		if (option == 'w')
			s.way = optarg;
		else if (option == 'e')
			s.ending = optarg;
		else if (option == 's')
			s.stop = optarg;
		else if (option == 'l')
			s.socket = optarg;
		else
			return 2;
	}
	for (; argv[optind] && strcmp(argv[optind], "--") && s.devices < DEVICES_MAX; optind++)
		s.address[s.devices++] = argv[optind];
	if (!s.way || !s.ending || !s.devices || !argv[optind] || !argv[optind + 1])
		return 2;
	listen_to_uevents();
	listen_to_guest();
	/* what it measures does not inherit this */
	(void)sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first);
	run(argv + optind + 1);
	return 0;
}
