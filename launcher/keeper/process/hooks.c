/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.c - the administrator's programs, run by a process that has kept root's privileges
 *
 * The keeper gives up what it does not need, for itself and all that it starts; a hook may need
 * anything. So they are started by a process that was forked before, which sleeps until it is asked
 * and ends when keeper and standby are gone. A hook gets nothing of theirs: no descriptor but the
 * output, no environment but the VM's name, and half a minute. What becomes of it changes nothing
 * but for `prepare`, which is before the first change.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/keeper.h"
#include "launcher/keeper/process/hooks.h"
#include "launcher/keeper/process/oom.h"

#define HOOKS_NAME "vfio-hooks"
#define LIMIT_S 30
#define ANSWER_MS ((LIMIT_S + 5) * 1000)

struct request {
	uint32_t serial;
	char name[STATE_NAME_MAX];
	char word[16]; /* what it is run as */
	char path[KEEPER_HOOK_PATH_MAX];
};

struct answer {
	uint32_t serial;
	int32_t error; /* 0; positive: its exit status; -errno */
};

static const char *const words[KEEPER_HOOK_MAX] = {
	[KEEPER_HOOK_PREPARE] = "prepare", [KEEPER_HOOK_STARTED] = "started",
	[KEEPER_HOOK_STOPPED] = "stopped", [KEEPER_HOOK_FAILED] = "failed",
	[KEEPER_HOOK_RELEASED] = "released",
};

/* ---- in the process that starts them ---------------------------------------------------- */

static _Noreturn void execute(struct request *r)
{
	char variable[sizeof(r->name) + 16], path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *argv[] = { r->path, r->name, r->word, NULL }, *env[] = { variable, path, NULL };
	sigset_t none;

	(void)snprintf(variable, sizeof(variable), "VFIO_RUN_NAME=%s", r->name);
	(void)setsid(); /* so that all of it can be ended */
	(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)umask(0022);
	(void)execve(r->path, argv, env);
	log_error("%s: %s: %s", r->name, r->path, strerror(errno));
	_exit(127);
}

/* Return: 0; positive: its exit status; -ETIME it was ended; -EIO a signal has ended it; -errno */
static int run(struct request *r)
{
	pid_t pid = fork();
	cleanup_close int fd = -1;
	struct pollfd p = { .events = POLLIN };
	bool late;
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		execute(r);
	p.fd = fd = (int)syscall(SYS_pidfd_open, pid, 0);
	late = fd < 0 || poll(&p, 1, LIMIT_S * 1000) <= 0;
	if (late && kill(-pid, SIGKILL))
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return late ? -ETIME : WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

static _Noreturn void serve(int socket, struct request *r)
{
	struct answer a = { .serial = r->serial };

	(void)signal(SIGCHLD, SIG_DFL);
	(void)fcntl(socket, F_SETFD, FD_CLOEXEC);
	a.error = run(r);
	if (a.error == -ETIME)
		log_warning("%s: %s: not done in %d s: ended", r->name, r->path, LIMIT_S);
	else if (a.error < 0)
		log_warning("%s: %s: %s", r->name, r->path,
			    a.error == -EIO ? "ended by a signal" : strerror(-a.error));
	else if (a.error)
		log_warning("%s: %s: exit status %d", r->name, r->path, (int)a.error);
	(void)send(socket, &a, sizeof(a), MSG_NOSIGNAL);
	_exit(0);
}

/* Each by a process of its own: one that hangs keeps no other waiting. */
static _Noreturn void life(const struct keeper *k, int socket)
{
	struct request r;

	oom_unprotect();
	(void)setsid();
	keeper_rename(k, HOOKS_NAME);
	(void)signal(SIGCHLD, SIG_IGN);
	if (dup2(socket, STDERR_FILENO + 1) < 0 || dup2(open("/dev/null", O_RDWR), STDIN_FILENO) < 0 ||
	    syscall(SYS_close_range, STDERR_FILENO + 2, ~0U, 0) < 0)
		_exit(1);
	socket = STDERR_FILENO + 1;
	for (;;) {
		ssize_t n = recv(socket, &r, sizeof(r), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(r))
			_exit(0);
		r.name[sizeof(r.name) - 1] = r.word[sizeof(r.word) - 1] = r.path[sizeof(r.path) - 1] = '\0';
		if (fork() == 0)
			serve(socket, &r);
	}
}

/* ---- in the keeper ------------------------------------------------------------------------ */

/* What recovers does not know yet what was left. */
static bool is_needed(const struct keeper_plan *plan)
{
	if (plan->job == KEEPER_RECOVER && !(plan->flags & KEEPER_DRY_RUN))
		return true;
	for (uint32_t i = 0; i < plan->change_count; i++)
		if (plan->change[i].kind == CHANGE_COMMAND)
			return true;
	for (int i = 0; i < KEEPER_HOOK_MAX; i++)
		if (*plan->hook[i])
			return true;
	return false;
}

/**
 * hooks_start() - have the process that starts hooks, if the plan has any
 *
 * Before anything is given up. Return: 0 or -errno
 */
int hooks_start(struct keeper *k)
{
	int pair[2];

	if (!is_needed(k->plan))
		return 0;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	k->hooks_pid = fork();
	if (k->hooks_pid == 0)
		life(k, pair[1]);
	(void)close(pair[1]);
	k->hooks = pair[0];
	return k->hooks_pid < 0 ? -errno : 0;
}

static int ask(struct keeper *k, const char *word, const char *path)
{
	struct request r = { .serial = ++k->hooks_serial };

	if (k->hooks < 0)
		return -EPIPE;
	(void)snprintf(r.name, sizeof(r.name), "%s", k->journal.name);
	(void)snprintf(r.word, sizeof(r.word), "%s", word);
	(void)snprintf(r.path, sizeof(r.path), "%s", path);
	return send(k->hooks, &r, sizeof(r), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* Answers to what was not waited for come first, or never. */
static int hear(struct keeper *k)
{
	struct pollfd p = { .fd = k->hooks, .events = POLLIN };
	struct answer a = { .serial = 0 };

	while (poll(&p, 1, ANSWER_MS) > 0) {
		if (recv(k->hooks, &a, sizeof(a), MSG_DONTWAIT) != (ssize_t)sizeof(a))
			return -EPIPE;
		if (a.serial == k->hooks_serial)
			return a.error;
	}
	return -ETIME;
}

/**
 * hooks_execute() - run a program as a hook is run, and wait for its end
 * @word:	its second argument; the first is the VM's name
 *
 * Return: 0; positive: its exit status; -ETIME it took too long; -EPIPE nobody can start it; -errno
 */
int hooks_execute(struct keeper *k, const char *word, const char *path)
{
	int rc = ask(k, word, path);

	return rc ? rc : hear(k);
}

/** hooks_run() - run a hook, where there is one, and wait for its end; as hooks_execute() */
int hooks_run(struct keeper *k, enum keeper_hook hook)
{
	const char *path = k->plan->hook[hook];
	int rc = *path ? hooks_execute(k, words[hook], path) : 0;

	if (rc == -EPIPE)
		log_warning("%s: %s: what starts hooks was killed", k->journal.name, path);
	return rc;
}

/** hooks_tell() - have a hook run, where there is one, and go on */
void hooks_tell(struct keeper *k, enum keeper_hook hook)
{
	const char *path = k->plan->hook[hook];

	if (*path && ask(k, words[hook], path))
		log_warning("%s: %s: what starts hooks was killed", k->journal.name, path);
}
