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
 * The clients of containers' runtimes are run by it too, and, as the user, the program that speaks
 * with a user's own service manager. These are done one after the other: a request to start again
 * what is still being stopped, from the standby of a keeper that was killed, comes second.
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
#define LIMIT_S 30
#define KEPT_LIMIT_S 160 /* TimeoutStopSec= is 90 s as it comes; before a start udev has 30 s */
#define ASKED_LIMIT_S 20
#define ANSWER_MS(limit_s) ((int)(limit_s) * 1000 + 5000)

#define ARGUMENTS_MAX 4
#define FD_SOCKET (STDERR_FILENO + 1)
#define FD_SCOPE (STDERR_FILENO + 2)
#define NOBODYS_GROUP 65534 /* a user's own service manager looks at the uid alone */

struct request {
	uint32_t serial;
	uint32_t limit_s;
	uint32_t uid; /* who it is run as; not root: it is the program that speaks with service managers */
	uint32_t kept; /* 1: of what is stopped and started again, not a hook */
	char name[STATE_NAME_MAX];
	char path[KEEPER_HOOK_PATH_MAX]; /* of root's */
	char argument[ARGUMENTS_MAX][CHANGE_TEXT_MAX]; /* "": there are no more */
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

static void fill_arguments(struct request *r, char *argv[ARGUMENTS_MAX + 2])
{
	size_t count = 1;

	for (size_t i = 0; i < ARGUMENTS_MAX && *r->argument[i]; i++)
		argv[count++] = r->argument[i];
	argv[count] = NULL;
}

static _Noreturn void execute(struct request *r)
{
	char variable[sizeof(r->name) + 16], path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char scope[] = "scope", *argv[ARGUMENTS_MAX + 2] = { r->uid ? scope : r->path };
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
	if (!r->uid)
		(void)execve(r->path, argv, env);
	else if (caps_become((uid_t)r->uid, NOBODYS_GROUP) == 0)
		(void)execveat(FD_SCOPE, "", argv, no_env, AT_EMPTY_PATH);
	log_error("%s: %s: %s", r->name, argv[0], strerror(errno));
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
	late = fd < 0 || poll(&p, 1, (int)r->limit_s * 1000) <= 0;
	if (late && kill(-pid, SIGKILL))
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return late ? -ETIME : WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

/* What is stopped and started again is judged, and reported, by who asked. */
static void say(const struct request *r, int error)
{
	if (error == -ETIME)
		log_warning("%s: %s: not done in %u s: ended", r->name, r->path, r->limit_s);
	else if (error < 0)
		log_warning("%s: %s: %s", r->name, r->path,
			    error == -EIO ? "ended by a signal" : strerror(-error));
	else if (error && !r->kept)
		log_warning("%s: %s: exit status %d", r->name, r->path, error);
}

static _Noreturn void serve(int socket, struct request *r)
{
	struct answer a = { .serial = r->serial };

	(void)signal(SIGCHLD, SIG_DFL);
	(void)fcntl(socket, F_SETFD, FD_CLOEXEC);
	a.error = run(r);
	say(r, a.error);
	(void)send(socket, &a, sizeof(a), MSG_NOSIGNAL);
	_exit(0);
}

static void terminate_all(struct request *r)
{
	r->name[sizeof(r->name) - 1] = r->path[sizeof(r->path) - 1] = '\0';
	for (size_t i = 0; i < ARGUMENTS_MAX; i++)
		r->argument[i][CHANGE_TEXT_MAX - 1] = '\0';
}

/* Until the one before has been served, which ends by its own limit. */
static void wait_for_turn(int *before)
{
	struct pollfd p = { .fd = *before, .events = POLLIN };

	if (*before < 0)
		return;
	(void)poll(&p, 1, ANSWER_MS(KEPT_LIMIT_S));
	(void)close(*before);
	*before = -1;
}

/* Each by a process of its own: a hook that hangs keeps no other waiting. */
static _Noreturn void life(const struct keeper *k, int socket)
{
	int before = -1;
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
	for (;;) {
		ssize_t n = recv(socket, &r, sizeof(r), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(r))
			_exit(0);
		terminate_all(&r);
		if (r.kept)
			wait_for_turn(&before);
		pid = fork();
		if (pid == 0)
			serve(socket, &r);
		if (r.kept && pid > 0)
			before = (int)syscall(SYS_pidfd_open, pid, 0);
	}
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

static int ask(struct keeper *k, struct request *r)
{
	r->serial = ++k->hooks_serial;
	(void)snprintf(r->name, sizeof(r->name), "%s", k->journal.name);
	if (k->hooks < 0)
		return -EPIPE;
	return send(k->hooks, r, sizeof(*r), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static void add_argument(struct request *r, size_t at, const char *text)
{
	(void)snprintf(r->argument[at], sizeof(r->argument[at]), "%s", text);
}

static int ask_hook(struct keeper *k, const char *word, const char *path)
{
	struct request r = { .limit_s = LIMIT_S };

	(void)snprintf(r.path, sizeof(r.path), "%s", path);
	add_argument(&r, 0, k->journal.name);
	add_argument(&r, 1, word);
	return ask(k, &r);
}

/* Answers to what was not waited for come first, or never. */
static int hear(struct keeper *k, unsigned int limit_s)
{
	struct pollfd p = { .fd = k->hooks, .events = POLLIN };
	struct answer a = { .serial = 0 };

	while (poll(&p, 1, ANSWER_MS(limit_s)) > 0) {
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
	int rc = ask_hook(k, word, path);

	return rc ? rc : hear(k, LIMIT_S);
}

/**
 * hooks_container() - have a container's runtime do something to it, and wait until it is done
 * @program:	the runtime's client, absolute
 * @word:	"stop", "start"
 *
 * Return: as hooks_execute()
 */
int hooks_container(struct keeper *k, const char *program, const char *word, const char *id)
{
	struct request r = { .limit_s = KEPT_LIMIT_S, .kept = 1 };
	int rc;

	(void)snprintf(r.path, sizeof(r.path), "%s", program);
	add_argument(&r, 0, word);
	add_argument(&r, 1, id);
	rc = ask(k, &r);
	return rc ? rc : hear(k, 2 * KEPT_LIMIT_S); /* another may be before it */
}

/* What is only asked. Return: as hooks_execute() */
static int ask_runtime(struct keeper *k, const char *program, const char *word, const char *option,
		       const char *id)
{
	struct request r = { .limit_s = ASKED_LIMIT_S, .kept = 1 };
	int rc;

	(void)snprintf(r.path, sizeof(r.path), "%s", program);
	add_argument(&r, 0, word);
	add_argument(&r, 1, option);
	add_argument(&r, 2, id);
	rc = ask(k, &r);
	return rc ? rc : hear(k, 2 * KEPT_LIMIT_S);
}

/** hooks_runtime() - does a containers' runtime answer? As hooks_execute(); -ETIME no */
int hooks_runtime(struct keeper *k, const char *program)
{
	return ask_runtime(k, program, "ps", "--quiet", "--last=1");
}

/**
 * hooks_container_is_gone() - has the runtime no container of that id any more?
 *
 * Both would be refused by one that does not answer.
 */
bool hooks_container_is_gone(struct keeper *k, const char *program, const char *id)
{
	return ask_runtime(k, program, "inspect", "--format={{.State.Status}}", id) > 0 &&
	       hooks_runtime(k, program) == 0;
}

/**
 * hooks_user_unit() - ask a user's own service manager about a unit, as that user
 * @word:	as programs/scope-unit.c has it
 *
 * Return: 0; -errno, for what the exit status of that program says too
 */
int hooks_user_unit(struct keeper *k, uint32_t uid, const char *word, const char *unit)
{
	struct request r = { .limit_s = KEPT_LIMIT_S, .kept = 1, .uid = uid };
	int rc;

	(void)snprintf(r.path, sizeof(r.path), "%s", unit); /* for messages */
	add_argument(&r, 0, "user-unit");
	add_argument(&r, 1, word);
	add_argument(&r, 2, unit);
	rc = k->has_scope ? ask(k, &r) : -ENOSYS;
	if (!rc)
		rc = hear(k, 2 * KEPT_LIMIT_S);
	return rc > 0 ? -rc : rc;
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
