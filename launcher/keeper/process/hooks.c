/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.c - the administrator's programs, run by a process that has kept root's privileges
 *
 * The keeper gives up what it does not need, for itself and all that it starts; a hook may need
 * anything. So they are started by a process that was forked before, which sleeps until it is asked
 * and ends when keeper and standby are gone. A hook gets nothing of theirs: no descriptor but the
 * output, no environment but the VM's name, and half a minute. What becomes of it changes nothing
 * but for `prepare`, which is before the first change.
 *
 * The programs that stop a session and start it again are run by it too, the clients of containers'
 * runtimes, and, as the user, the program that speaks with a user's own service manager. These are
 * done one after the other: a request to start again what is still being stopped, from the standby
 * of a keeper that was killed, comes second. Each of these programs is written down before it is
 * let go: it outlives keeper, standby and this process, and a later `recover` waits for it, not
 * before the devices are back, but before anything of that kind is asked for again.
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
#include "launcher/keeper/process/caps.h"
#include "launcher/keeper/process/hooks.h"
#include "launcher/keeper/process/oom.h"

#define HOOKS_NAME "vfio-hooks"
#define ANSWER_MS(limit_s) ((int)(limit_s) * 1000 + 5000)

#define FD_SOCKET (STDERR_FILENO + 1)
#define FD_SCOPE (STDERR_FILENO + 2)
#define NOBODYS_GROUP 65534 /* a user's own service manager looks at the uid alone */

/* With what acts for long, a pipe comes, which lets the program go. */
struct request {
	uint32_t serial;
	uint32_t limit_s;
	uint32_t uid; /* who it is run as; not root: it is the program that speaks with service managers */
	uint32_t kept; /* 1: of what is stopped and started again, not a hook: these take turns */
	uint32_t quiet; /* 1: who asked says what its exit status means */
	char name[STATE_NAME_MAX];
	char path[KEEPER_HOOK_PATH_MAX]; /* of root's */
	char argument[HOOKS_ARGUMENTS_MAX][CHANGE_TEXT_MAX]; /* "": there are no more */
};

struct answer {
	uint32_t serial;
	int32_t pid;   /* of the program, which waits to be let go; 0: it has ended */
	int32_t error; /* 0; positive: its exit status; -errno */
};

static const char *const words[KEEPER_HOOK_MAX] = {
	[KEEPER_HOOK_PREPARE] = "prepare", [KEEPER_HOOK_STARTED] = "started",
	[KEEPER_HOOK_STOPPED] = "stopped", [KEEPER_HOOK_FAILED] = "failed",
	[KEEPER_HOOK_RELEASED] = "released",
};

/** hooks_has_no_room() - is that -errno of a process that could not be started? */
bool hooks_has_no_room(int error)
{
	return error == -EAGAIN || error == -ENOMEM;
}

/* ---- in the process that starts them ---------------------------------------------------- */

static void fill_arguments(struct request *r, char *argv[HOOKS_ARGUMENTS_MAX + 2])
{
	size_t count = 1;

	for (size_t i = 0; i < HOOKS_ARGUMENTS_MAX && *r->argument[i]; i++)
		argv[count++] = r->argument[i];
	argv[count] = NULL;
}

/* Not let go: who asked is dead, and nobody hears what becomes of it. */
static void wait_for_leave(int gate)
{
	char byte;
	ssize_t n;

	do
		n = read(gate, &byte, 1);
	while (n < 0 && errno == EINTR);
	(void)close(gate);
	if (n != 1)
		_exit(0);
}

static _Noreturn void execute(struct request *r, int gate)
{
	char variable[sizeof(r->name) + 16], path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char scope[] = "scope", *argv[HOOKS_ARGUMENTS_MAX + 2] = { r->uid ? scope : r->path };
	char *env[] = { variable, path, NULL }, *no_env[] = { NULL };
	sigset_t none;

	fill_arguments(r, argv);
	(void)snprintf(variable, sizeof(variable), "VFIO_RUN_NAME=%s", r->name);
	(void)setsid(); /* so that all of it can be ended */
	(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)umask(0022);
	if (gate >= 0)
		wait_for_leave(gate);
	if (!r->uid)
		(void)execve(r->path, argv, env);
	else if (caps_become((uid_t)r->uid, NOBODYS_GROUP) == 0)
		(void)execveat(FD_SCOPE, "", argv, no_env, AT_EMPTY_PATH);
	log_error("%s: %s: %s", r->name, argv[0], strerror(errno));
	_exit(127);
}

/* Return: 0; positive: its exit status; -ETIME it was ended; -EIO a signal has ended it; -errno */
static int run(int socket, struct request *r, int gate)
{
	struct answer waits = { .serial = r->serial };
	pid_t pid = fork();
	cleanup_close int fd = -1;
	struct pollfd p = { .events = POLLIN };
	bool late;
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		execute(r, gate);
	waits.pid = pid;
	if (gate >= 0) {
		(void)close(gate);
		(void)send(socket, &waits, sizeof(waits), MSG_NOSIGNAL);
	}
	p.fd = fd = (int)syscall(SYS_pidfd_open, pid, 0);
	late = fd < 0 || poll(&p, 1, (int)r->limit_s * 1000) <= 0;
	if (late && kill(-pid, SIGKILL))
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return late ? -ETIME : WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

/* For want of room, that is: who asks for what is put back tries again, and says so. */
static void say(const struct request *r, int error)
{
	if (error == -ETIME)
		log_warning("%s: %s: not done in %u s: ended", r->name, r->path, r->limit_s);
	else if (error < 0 && !(r->kept && hooks_has_no_room(error)))
		log_warning("%s: %s: %s", r->name, r->path,
			    error == -EIO ? "ended by a signal" : strerror(-error));
	else if (error > 0 && !r->quiet)
		log_warning("%s: %s: exit status %d", r->name, r->path, error);
}

/* Nobody has run it, for whom an answer would be waited for in vain. */
static void answer_not_run(int socket, const struct request *r, int error)
{
	struct answer a = { .serial = r->serial, .error = error };

	say(r, error);
	(void)send(socket, &a, sizeof(a), MSG_NOSIGNAL);
}

static _Noreturn void serve(int socket, struct request *r, int gate)
{
	struct answer a = { .serial = r->serial };

	(void)signal(SIGCHLD, SIG_DFL);
	(void)fcntl(socket, F_SETFD, FD_CLOEXEC);
	a.error = run(socket, r, gate);
	say(r, a.error);
	(void)send(socket, &a, sizeof(a), MSG_NOSIGNAL);
	_exit(0);
}

static void terminate_all(struct request *r)
{
	r->name[sizeof(r->name) - 1] = r->path[sizeof(r->path) - 1] = '\0';
	for (size_t i = 0; i < HOOKS_ARGUMENTS_MAX; i++)
		r->argument[i][CHANGE_TEXT_MAX - 1] = '\0';
}

/* Until the one before has been served, which ends by its own limit. */
static void wait_for_turn(int *before)
{
	struct pollfd p = { .fd = *before, .events = POLLIN };

	if (*before < 0)
		return;
	(void)poll(&p, 1, ANSWER_MS(HOOKS_KEPT_LIMIT_S));
	(void)close(*before);
	*before = -1;
}

/* @gate: receives the pipe that came with it, or -1. Return: false when nobody is there any more */
static bool receive(int socket, struct request *r, int *gate)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	struct iovec data = { .iov_base = r, .iov_len = sizeof(*r) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	const struct cmsghdr *header;
	ssize_t n;

	do {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*r))
		return false;
	header = CMSG_FIRSTHDR(&message);
	*gate = -1;
	if (header && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(gate, CMSG_DATA(header), sizeof(int));
	return true;
}

/* Each by a process of its own: a hook that hangs keeps no other waiting. */
static _Noreturn void life(const struct keeper *k, int socket)
{
	int before = -1, gate;
	struct request r;
	pid_t pid;

	oom_unprotect();
	(void)setsid();
	keeper_rename(k, HOOKS_NAME);
	(void)signal(SIGCHLD, SIG_IGN);
	socket = fcntl(socket, F_DUPFD, FD_SCOPE + 1); /* KEEPER_FD_* are many */
	if (dup3(k->has_scope ? KEEPER_FD_SCOPE : STDERR_FILENO, FD_SCOPE, O_CLOEXEC) < 0 ||
	    dup2(socket, FD_SOCKET) < 0 || dup2(open("/dev/null", O_RDWR), STDIN_FILENO) < 0 ||
	    syscall(SYS_close_range, FD_SCOPE + 1, ~0U, 0) < 0)
		_exit(1);
	socket = FD_SOCKET;
	while (receive(socket, &r, &gate)) {
		terminate_all(&r);
		if (r.kept)
			wait_for_turn(&before);
		pid = fork();
		if (pid == 0)
			serve(socket, &r, gate);
		if (pid < 0)
			answer_not_run(socket, &r, -errno);
		if (r.kept && pid > 0)
			before = (int)syscall(SYS_pidfd_open, pid, 0);
		if (gate >= 0)
			(void)close(gate);
	}
	_exit(0);
}

/* ---- in the keeper ------------------------------------------------------------------------ */

/* What recovers does not know yet what was left. */
static bool is_needed(const struct keeper_plan *plan)
{
	if (plan->job == KEEPER_RECOVER && !(plan->flags & KEEPER_DRY_RUN))
		return true;
	for (uint32_t i = 0; i < plan->change_count; i++)
		if (plan->change[i].kind == CHANGE_COMMAND || plan->change[i].kind == CHANGE_CONTAINER ||
		    plan->change[i].kind == CHANGE_USER_SERVICE)
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

/* @gate: -1: none goes with it */
static int send_request(const struct keeper *k, struct request *r, int gate)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS,
				  .cmsg_len = CMSG_LEN(sizeof(int)) } };
	struct iovec data = { .iov_base = r, .iov_len = sizeof(*r) };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };

	if (gate >= 0) {
		memcpy(CMSG_DATA(&control.header), &gate, sizeof(gate));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	return sendmsg(k->hooks, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int ask(struct keeper *k, struct request *r, int gate)
{
	r->serial = ++k->hooks_serial;
	(void)snprintf(r->name, sizeof(r->name), "%s", k->journal.name);
	return k->hooks < 0 ? -EPIPE : send_request(k, r, gate);
}

static void add_argument(struct request *r, size_t at, const char *text)
{
	(void)snprintf(r->argument[at], sizeof(r->argument[at]), "%s", text);
}

static int ask_hook(struct keeper *k, const char *word, const char *path)
{
	struct request r = { .limit_s = HOOKS_LIMIT_S };

	(void)snprintf(r.path, sizeof(r.path), "%s", path);
	add_argument(&r, 0, k->journal.name);
	add_argument(&r, 1, word);
	return ask(k, &r, -1);
}

/* Answers to what was not waited for come first, or never. */
static int hear_one(struct keeper *k, unsigned int limit_s, struct answer *a)
{
	struct pollfd p = { .fd = k->hooks, .events = POLLIN };

	while (poll(&p, 1, ANSWER_MS(limit_s)) > 0) {
		if (recv(k->hooks, a, sizeof(*a), MSG_DONTWAIT) != (ssize_t)sizeof(*a))
			return -EPIPE;
		if (a->serial == k->hooks_serial)
			return 0;
	}
	return -ETIME;
}

static int hear(struct keeper *k, unsigned int limit_s)
{
	struct answer a = { .serial = 0 };
	int rc = hear_one(k, limit_s, &a);

	return rc ? rc : a.error;
}

/**
 * hooks_execute() - run a program as a hook is run, and wait for its end
 * @word:	its second argument; the first is the VM's name
 *
 * Return: 0; positive: its exit status; -ETIME it took too long; -EPIPE nobody can start it; -errno
 */
int hooks_execute(struct keeper *k, const char *word, const char *path)
{
	int rc = ask_hook(k, word, path);

	return rc ? rc : hear(k, HOOKS_LIMIT_S);
}

static int hear_and_let_go(struct keeper *k, const struct request *r, int gate, hooks_begun_fn begun)
{
	unsigned int limit_s = HOOKS_KEPT_LIMIT_S + r->limit_s; /* another may be before it */
	struct answer a = { .serial = 0 };
	int rc = hear_one(k, limit_s, &a);

	if (rc || !a.pid)
		return rc ? rc : a.error;
	rc = begun(k, a.pid);
	if (!rc && write(gate, "", 1) != 1)
		rc = -EIO;
	return rc ? rc : hear(k, limit_s);
}

static int do_kept(struct keeper *k, struct request *r, hooks_begun_fn begun)
{
	int gate[2], rc;

	if (pipe2(gate, O_CLOEXEC))
		return -errno;
	rc = ask(k, r, gate[0]);
	(void)close(gate[0]);
	if (!rc)
		rc = hear_and_let_go(k, r, gate[1], begun);
	(void)close(gate[1]);
	return rc;
}

/**
 * hooks_kept() - run a program that stops or starts a session, when its turn has come
 * @begun:	is told its pid before it is let go, and may have it ended; NULL: it changes nothing
 *
 * Return: as hooks_execute(), or what @begun has returned
 */
int hooks_kept(struct keeper *k, const struct hooks_program *p, hooks_begun_fn begun)
{
	struct request r = { .limit_s = p->limit_s, .kept = 1, .quiet = p->quiet, .uid = p->uid };
	int rc;

	(void)snprintf(r.path, sizeof(r.path), "%s", p->path);
	for (size_t i = 0; i < HOOKS_ARGUMENTS_MAX && p->argument[i]; i++)
		add_argument(&r, i, p->argument[i]);
	if (begun)
		return do_kept(k, &r, begun);
	rc = ask(k, &r, -1);
	return rc ? rc : hear(k, HOOKS_KEPT_LIMIT_S + r.limit_s);
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

	if (*path && ask_hook(k, words[hook], path))
		log_warning("%s: %s: what starts hooks was killed", k->journal.name, path);
}
