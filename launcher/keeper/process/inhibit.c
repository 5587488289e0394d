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

/* Each as logind calls it; a lid that is closed sends to sleep by another way. */
static const char *what(const struct keeper_plan *plan)
{
	if (plan->flags & KEEPER_INHIBIT_SHUTDOWN)
		return "shutdown:sleep:handle-lid-switch";
	return plan->flags & KEEPER_INHIBIT_SLEEP ? "sleep:handle-lid-switch" : NULL;
}

static _Noreturn void execute(int socket, const char *asked, const char *name)
{
	char words[][8] = { "scope", "inhibit" }, mode[40], vm[64];
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
 *
 * It is the child of a child that ends at once, so that it is no child of the keeper's: its end is
 * not looked at.
 */
void inhibit_start(const struct keeper *k)
{
	const char *asked = k->has_scope ? what(k->plan) : NULL;
	cleanup_close int its = -1;
	int pair[2], status;
	pid_t pid;

	if (!asked || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
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
