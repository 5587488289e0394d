/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keeper-start.c - vfio-run becomes the keeper, or starts one and listens to it
 *
 * The programs are opened here, before anything is changed, and executed by descriptor:
 * nothing that could be gone by then is needed later.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/handover/keeper-start.h"
#include "launcher/commands/handover/notify-open.h"
#include "launcher/host/programs.h"

#define OUT_OF_THE_WAY 32 /* descriptors are moved there before they are placed */

/* What the keeper is started with, moved above the numbers that it expects. */
struct handover {
	int keeper;
	int fd[KEEPER_FD_LAST + 1]; /* by number; -1: none */
};

/* clang-format off */
/* The programs that stand beside the keeper, and the number that it expects each at. */
static const struct { const char *name; int number; } helpers[] = {
	{ "module",   KEEPER_FD_MODULE },
	{ "vfio-qmp", KEEPER_FD_QMP },
	{ "session",  KEEPER_FD_SESSION },
};
/* clang-format on */

static bool move_away(int fd, int *out)
{
	*out = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	return *out >= 0;
}

/* The program that asks systemd and logind, where systemd is and it was built. */
static bool add_scope(struct handover *h)
{
	if (access("/run/systemd/system", F_OK) || !host_program_exists("scope"))
		return true;
	return move_away(host_program_open("scope"), &h->fd[KEEPER_FD_SCOPE]);
}

/* The service manager's socket, where it runs as a service of one that takes messages. */
static bool add_notify(struct handover *h, const struct cli *cli)
{
	int fd = cli->service ? notify_open() : -ENOENT;
	bool moved = move_away(fd, &h->fd[KEEPER_FD_NOTIFY]);

	if (fd >= 0)
		(void)close(fd);
	if (fd == -ENOENT || moved)
		return true;
	log_error("NOTIFY_SOCKET: the service manager cannot be reached: %s",
		  strerror(fd < 0 ? -fd : errno));
	return false;
}

static bool prepare(struct handover *h, int plan_fd, int report)
{
	for (size_t i = 0; i < ARRAY_SIZE(h->fd); i++)
		h->fd[i] = -1;
	for (size_t i = 0; i < ARRAY_SIZE(helpers); i++)
		if (!move_away(host_program_open(helpers[i].name), &h->fd[helpers[i].number]))
			return false;
	return move_away(host_program_open("keeper"), &h->keeper) &&
	       move_away(plan_fd, &h->fd[KEEPER_FD_PLAN]) &&
	       (report < 0 || move_away(report, &h->fd[KEEPER_FD_REPORT]));
}

/* The name that killall finds; arguments are for people who look at a process list. */
static int execute(const struct cli *cli, const struct handover *h)
{
	char *env[] = { NULL };

	for (int i = KEEPER_FD_PLAN; i <= KEEPER_FD_LAST; i++)
		if (h->fd[i] < 0)
			(void)close(i);
		else if (dup2(h->fd[i], i) < 0)
			return -errno;
	(void)execveat(h->keeper, "", cli->argv, env, AT_EMPTY_PATH);
	return -errno;
}

/**
 * keeper_flags() - how the keeper shows itself, from the command line, and where it is
 *
 * A service is where it belongs already, as is its ExecStopPost=: systemd.exec(5).
 */
uint32_t keeper_flags(const struct cli *cli)
{
	return (cli->verbosity < 0 ? (uint32_t)KEEPER_QUIET : 0) |
	       (cli->verbosity > 0 ? (uint32_t)KEEPER_VERBOSE : 0) |
	       (cli->service || notify_is_after_service() ? (uint32_t)KEEPER_IN_PLACE : 0) |
	       (cli_wants_colour(cli, STDERR_FILENO) ? (uint32_t)KEEPER_COLOUR : 0);
}

/** keeper_files_close() - those that are there */
void keeper_files_close(struct keeper_files *files)
{
	int *const all[] = { &files->filter,   &files->log,     &files->rows,	&files->settings,
			     &files->display, &files->given,   &files->report,	&files->syslog,
			     &files->filter_beside };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (*all[i] >= 0)
			close_fd(all[i]);
}

/**
 * keeper_become() - execute the keeper in this process: pid, terminal and exit code are its own
 * @plan_fd:	the sealed plan; borrowed
 *
 * Return: only when it failed: EXIT_HOST, nothing was touched
 */
int keeper_become(const struct cli *cli, int plan_fd, const struct keeper_files *files)
{
	const struct {
		int fd, number;
	} optional[] = {
		{ files->filter, KEEPER_FD_FILTER },
		{ files->log, KEEPER_FD_LOG },
		{ files->settings, KEEPER_FD_CONFIG },
		{ files->rows, KEEPER_FD_ROWS },
		{ files->display, KEEPER_FD_DISPLAY },
		{ files->given, KEEPER_FD_GIVEN },
		{ files->filter_beside, KEEPER_FD_FILTER_BESIDE },
		{ files->syslog, KEEPER_FD_SYSLOG },
	};
	struct handover h;
	int rc;

	if (!prepare(&h, plan_fd, files->report) || !add_notify(&h, cli) || !add_scope(&h))
		return EXIT_HOST;
	for (size_t i = 0; i < ARRAY_SIZE(optional); i++)
		if (optional[i].fd >= 0 && !move_away(optional[i].fd, &h.fd[optional[i].number]))
			return EXIT_HOST;
	(void)fflush(stdout);
	rc = execute(cli, &h);
	log_error("the keeper cannot be executed: %s", strerror(-rc));
	return EXIT_HOST;
}

/*
 * The child has the other end, and its standby: end of file means that both are gone.
 *
 * Return: the exit code of the closing record; EXIT_LEFT when there was none
 */
static int listen_to(int fd, keeper_report_fn fn, void *context)
{
	struct keeper_report r;
	int code = EXIT_LEFT;
	ssize_t n;

	for (;;) {
		n = recv(fd, &r, sizeof(r), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(r))
			return code;
		if (r.change.kind < CHANGE_MAX && change_is_cut(&r.change))
			return code;
		r.text[sizeof(r.text) - 1] = '\0';
		if (r.change.kind >= CHANGE_MAX)
			code = r.error >= EXIT_OK && r.error <= EXIT_LEFT ? r.error : EXIT_LEFT;
		fn(context, &r);
	}
}

/* A keeper that was killed has a standby, which ended the job and reported the result. */
static int exit_code(pid_t pid, int told)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_LEFT;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (told == EXIT_LEFT)
		log_error("the keeper was killed by signal %d; `sudo vfio-run recover` undoes what it "
			  "left", WTERMSIG(status));
	return told;
}

/* The keeper gets Ctrl-C from the terminal too, and decides; this process only shows. */
static void let_the_keeper_decide(void)
{
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
}

/**
 * keeper_call() - start a keeper for a job that is no run, and receive its reports
 * @plan_fd:	the sealed plan; borrowed
 * @filter_fd:	QEMU's system call filter, borrowed, of KEEPER_TRY; -1: none
 * @fn:		called for every record, in order
 *
 * Return: the keeper's exit code; EXIT_HOST when it could not be started
 */
int keeper_call(const struct cli *cli, int plan_fd, int filter_fd, keeper_report_fn fn,
		void *context)
{
	struct handover h;
	int pair[2], told;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ||
	    !prepare(&h, plan_fd, pair[1]) || !add_scope(&h) ||
	    (filter_fd >= 0 && !move_away(filter_fd, &h.fd[KEEPER_FD_FILTER])))
		return EXIT_HOST;
	pid = fork();
	if (pid < 0) {
		log_error("fork: %s", strerror(errno));
		return EXIT_HOST;
	}
	if (pid == 0) {
		log_error("the keeper cannot be executed: %s", strerror(-execute(cli, &h)));
		_exit(EXIT_HOST);
	}
	let_the_keeper_decide();
	(void)close(pair[1]);
	(void)close(h.fd[KEEPER_FD_REPORT]);
	told = listen_to(pair[0], fn, context);
	(void)close(pair[0]);
	return exit_code(pid, told);
}
