/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * viewer.c - a keeper that outlives what was typed: with [session] that may be in the session that ends
 *
 * The keeper is a child in a session of its own, without a terminal: neither a closed one nor a sudo
 * that is ended reaches it. What was typed stays as its viewer, which copies its words and passes
 * Ctrl-C on for as long as it lives, and whose death means nothing. When the session ends that it
 * belongs to, the keeper sends it away before: it would be what keeps that session, and with it the
 * user's sound server, from ending. From then on words are in the system's log.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/handover/viewer.h"

struct viewer {
	pid_t keeper;
	int words;   /* its stderr */
	int records; /* its reports; only of a hand-over */
	int signals;
	int pidfd;
	bool handed_over;
	char line[LOG_LINE_MAX]; /* a message of which the end is still to come */
	size_t held;
};

/* The system's log; -1: there is none. */
static int open_syslog(void)
{
	const struct sockaddr_un to = { .sun_family = AF_UNIX, .sun_path = "/dev/log" };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

/* Before the fork: none is lost in between. */
static int take_signals(sigset_t *before)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGQUIT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &set, before);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

#define SIGNALS_MAX 4 /* each of them is pending once */

/* Return: how many have come */
static size_t read_signals(const struct viewer *v, struct signalfd_siginfo info[SIGNALS_MAX])
{
	ssize_t n = read(v->signals, info, SIGNALS_MAX * sizeof(*info));

	return n > 0 ? (size_t)n / sizeof(*info) : 0;
}

/* A terminal that is closed is none of the keeper's business, nor is the SIGTERM of a session that ends. */
static void pass_on(const struct viewer *v, const struct signalfd_siginfo *info, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (info[i].ssi_signo != SIGHUP && !(v->handed_over && info[i].ssi_signo == SIGTERM))
			(void)kill(v->keeper, (int)info[i].ssi_signo);
}

/* What is held, as it is. */
static void show_held(struct viewer *v)
{
	(void)!write(STDERR_FILENO, v->line, v->held);
	v->held = 0;
}

/* A message is broken into lines here: the keeper's end of the pipe is as wide as any. */
static void show_message(struct viewer *v)
{
	v->line[v->held - 1] = '\0';
	log_wrap(v->line, sizeof(v->line) - 1, 0, log_columns(STDERR_FILENO));
	v->held = strlen(v->line);
	v->line[v->held++] = '\n';
	show_held(v);
}

/* Is what is held a message of the keeper's, or can it become one? All others are QEMU's. */
static bool holds_message(const struct viewer *v)
{
	size_t length = sizeof(LOG_NAME) - 1;

	return !strncmp(v->line, LOG_NAME, v->held < length ? v->held : length);
}

static void show_words(struct viewer *v, const char *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		v->line[v->held++] = words[i];
		if (words[i] == '\n' && holds_message(v))
			show_message(v);
		else if (words[i] == '\n' || v->held == sizeof(v->line))
			show_held(v);
	}
	if (!holds_message(v))
		show_held(v);
}

/* Return: false when there will be no more */
static bool copy_words(struct viewer *v)
{
	char buf[4096];
	ssize_t n = read(v->words, buf, sizeof(buf));

	if (n > 0)
		show_words(v, buf, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		close_fd(&v->words);
	if (n <= 0 && v->held)
		show_held(v);
	return n > 0;
}

static void read_records(struct viewer *v)
{
	struct keeper_report r;
	ssize_t n;

	while ((n = recv(v->records, &r, sizeof(r), MSG_DONTWAIT)) > 0)
		v->handed_over |= n == (ssize_t)sizeof(r) && r.error == EXIT_HANDED_OVER;
	if (n == 0)
		close_fd(&v->records);
}

/* One that was killed has a standby, whose words are waited for. Return: an exit code */
static int end(struct viewer *v)
{
	int status = 0;

	while (copy_words(v))
		;
	while (waitpid(v->keeper, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	(void)fcntl(v->words, F_SETFL, 0);
	while (copy_words(v))
		;
	return 128 + WTERMSIG(status);
}

/*
 * The end of the session sends this process SIGTERM where logind has KillUserProcesses=yes. One that
 * comes to run only then, behind a terminal that takes no words, finds both: that it was sent away,
 * which the keeper said before it ended the session, and the signal, which is then none for the guest.
 * So signals are read before records, and passed on after.
 */
static int watch(struct viewer *v, const char *name)
{
	struct signalfd_siginfo come[SIGNALS_MAX];
	size_t count;

	for (;;) {
		struct pollfd p[] = { { .fd = v->signals, .events = POLLIN },
				      { .fd = v->words, .events = POLLIN },
				      { .fd = v->records, .events = POLLIN },
				      { .fd = v->pidfd, .events = POLLIN } };

		(void)poll(p, ARRAY_SIZE(p), -1);
		count = read_signals(v, come);
		if (v->records >= 0)
			read_records(v);
		pass_on(v, come, count);
		if (p[1].revents)
			(void)copy_words(v);
		if (v->handed_over) {
			while (copy_words(v))
				;
			log_notice("%s: what happens from here on is in the system's log: `journalctl "
				   "-t vfio-run`", name);
			return EXIT_HANDED_OVER;
		}
		if (p[3].revents)
			return end(v);
	}
}

/* In the child: nothing of the terminal but the pipe. */
static _Noreturn void become(const struct cli *cli, int plan_fd, struct keeper_files *files,
			     int words, const sigset_t *mask)
{
	cleanup_close int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	if (null >= 0) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
	}
	if (dup2(words, STDERR_FILENO) < 0)
		_exit(EXIT_HOST);
	_exit(keeper_become(cli, plan_fd, files));
}

/**
 * viewer_run() - start the keeper of a run that ends a session, and show what it does
 * @plan_fd:	the sealed plan; borrowed
 * @files:	borrowed; report and syslog are filled
 * @name:	the VM's
 *
 * Return: the keeper's exit code; EXIT_HANDED_OVER: the VM runs on
 */
int viewer_run(const struct cli *cli, int plan_fd, struct keeper_files *files, const char *name)
{
	struct viewer v = { .words = -1 };
	int words[2], records[2];
	sigset_t mask;

	if (pipe2(words, O_CLOEXEC) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, records) < 0) {
		log_error("the keeper cannot be started: %s", strerror(errno));
		return EXIT_HOST;
	}
	files->report = records[1];
	files->syslog = open_syslog();
	v.signals = take_signals(&mask);
	v.keeper = fork();
	if (v.keeper == 0)
		become(cli, plan_fd, files, words[1], &mask);
	if (v.keeper < 0) {
		log_error("the keeper cannot be started: %s", strerror(errno));
		return EXIT_HOST;
	}
	close_fd(&words[1]);
	keeper_files_close(files); /* or a copy here would keep what QEMU has closed */
	v.pidfd = (int)syscall(SYS_pidfd_open, v.keeper, 0);
	v.words = words[0];
	v.records = records[0];
	(void)fcntl(v.words, F_SETFL, O_NONBLOCK);
	return watch(&v, name);
}
