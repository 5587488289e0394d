/* SPDX-License-Identifier: GPL-2.0-or-later */
/* containers.c - what a container's runtime says of it, by its own client */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/holders/containers.h"

#define ANSWER_MS 10000

static _Noreturn void child(const char *program, const char *id, int out)
{
	char path[64], word[] = "inspect", option[] = "--format",
		       format[] = "{{.HostConfig.AutoRemove}}", of[80];
	char *argv[] = { path, word, option, format, of, NULL };
	char search[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", *env[] = { search, NULL };
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)snprintf(path, sizeof(path), "%s", program);
	(void)snprintf(of, sizeof(of), "%s", id);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
	    dup2(out, STDOUT_FILENO) >= 0)
		(void)execve(program, argv, env);
	_exit(127);
}

/**
 * host_container_is_temporary() - does its runtime forget it when it is stopped (--rm)?
 * @program:	the client, absolute
 * @id:		whole
 *
 * What cannot be asked, as by a user who may not, is taken for one that stays: starting it again
 * then says what is wrong.
 */
bool host_container_is_temporary(const char *program, const char *id)
{
	struct pollfd p = { .events = POLLIN };
	char text[16] = "";
	int pair[2];
	pid_t pid;

	if (geteuid() || pipe2(pair, O_CLOEXEC) < 0)
		return false;
	pid = fork();
	if (pid == 0)
		child(program, id, pair[1]);
	(void)close(pair[1]);
	p.fd = pair[0];
	if (pid > 0 && poll(&p, 1, ANSWER_MS) > 0)
		(void)!read(pair[0], text, sizeof(text) - 1);
	else if (pid > 0)
		(void)kill(pid, SIGKILL);
	(void)close(pair[0]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return !strncmp(text, "true", 4);
}
