/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inhibit.c - the host neither sleeps nor shuts down by itself while a VM runs
 *
 * A program asks logind, and sends what logind has given for it: a descriptor that holds as long
 * as it is open. Nobody waits for it: it stays in the queue of the socket, and goes when the
 * keeper is dead, however that came. So there is nothing to write down and nothing to undo; and
 * where there is no logind, there is no descriptor.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/keeper/keeper.h"
#include "launcher/keeper/process/inhibit.h"
#include "launcher/keeper/process/oom.h"

#define ASKED_MAX 64 /* all of them */

/* Each as logind calls it; a lid that is closed sends to sleep by another way. */
static const struct {
	uint32_t flag;
	const char *what;
} rows[] = {
	{ KEEPER_INHIBIT_SHUTDOWN, "shutdown" },
	{ KEEPER_INHIBIT_SHUTDOWN | KEEPER_INHIBIT_SLEEP, "sleep:handle-lid-switch" },
	{ KEEPER_DARK, "handle-power-key" }, /* vm/button.c acts on it */
};

/* With colons between; "": there is nothing to ask for. */
static void list(uint32_t flags, char buf[ASKED_MAX])
{
	size_t used = 0;

	*buf = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (flags & rows[i].flag)
			used += (size_t)snprintf(buf + used, ASKED_MAX - used, "%s%s",
						 used ? ":" : "", rows[i].what);
}

static _Noreturn void execute(int socket, const char *asked, const char *name)
{
	char words[][8] = { "scope", "inhibit" }, mode[ASKED_MAX], vm[64];
	char *argv[] = { words[0], words[1], mode, vm, NULL }, *env[] = { NULL };
	sigset_t none;

	(void)snprintf(mode, sizeof(mode), "%s", asked);
	(void)snprintf(vm, sizeof(vm), "%s", name);
	oom_unprotect();
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(socket, STDIN_FILENO) == STDIN_FILENO)
		(void)execveat(KEEPER_FD_SCOPE, "", argv, env, AT_EMPTY_PATH);
	_exit(errno);
}

/**
 * inhibit_start() - have logind asked, and go on
 * @hears_button:	this process hears the host's power button. Where it does not, a press would do
 *			nothing at all if logind did not act on it either
 *
 * It is the child of a child that ends at once, so that it is no child of the keeper's: its end is
 * not looked at.
 */
void inhibit_start(const struct keeper *k, bool hears_button)
{
	uint32_t flags = hears_button ? k->plan->flags : k->plan->flags & ~(uint32_t)KEEPER_DARK;
	cleanup_close int its = -1;
	char asked[ASKED_MAX];
	int pair[2], status;
	pid_t pid;

	list(flags, asked);
	if (!k->has_scope || !*asked || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return;
	its = pair[1]; /* the other stays open for as long as this process lives */
	pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			execute(its, asked, k->plan->name);
		_exit(pid < 0);
	}
	if (pid < 0 || (waitpid(pid, &status, 0) == pid && status))
		log_verbose("%s: logind could not be asked not to let the host sleep",
			    k->plan->name);
}
