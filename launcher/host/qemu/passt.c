/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * passt.c - does passt start here, and how old is it?
 *
 * It wants a user namespace, which some hosts forbid, older ones a route, and each has its own rules
 * of AppArmor or SELinux: so it is started as the user, as for a VM, on a connection whose other
 * end is closed already. It ends by itself then, with 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/host/qemu/passt.h"
#include "launcher/host/qemu/qemu.h"
#include "launcher/host/user/as-user.h"

#define TRIAL_MS 5000
#define HELP_TEXT 16384
#define CONNECTION_FD 3
/* Came with 2025_01_21. Distributions build passt without its version: Debian's does not know it. */
#define RECENT_OPTION "--vhost-user"

static _Noreturn void execute(const char *path, int connection, int words)
{
	static char foreground[] = "--foreground", quiet[] = "--quiet", fd[] = "--fd", three[] = "3",
		    locale[] = "LC_ALL=C";
	char *argv[] = { strdup(path), foreground, quiet, fd, three, NULL }, *env[] = { locale, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(words, 2) < 0 || dup2(connection, CONNECTION_FD) < 0 ||
	    close_range(CONNECTION_FD + 1, ~0u, 0))
		_exit(126);
	(void)execve(path, argv, env);
	_exit(127);
}

/* Its first line, as far as it was quick; the rest is not wanted. */
static void read_words(int fd, char *said, size_t size)
{
	ssize_t n = read(fd, said, size - 1);

	said[n > 0 ? n : 0] = '\0';
	said[strcspn(said, "\n")] = '\0';
}

static int wait_for(pid_t pid, int words, struct host_passt *out)
{
	struct pollfd end = { .fd = words, .events = POLLIN };
	int status = 0, left = TRIAL_MS;

	/* its words end with it */
	while (poll(&end, 1, left) > 0 && end.revents & POLLIN) {
		char more[256];

		if (*out->said)
			read_words(words, more, sizeof(more));
		else
			read_words(words, out->said, sizeof(out->said));
	}
	if (!end.revents)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -EPROTO;
}

static int try_it(const char *path, struct host_passt *out)
{
	int pair[2], words[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || pipe2(words, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid) {
		(void)close(pair[1]);
		execute(path, pair[0], words[1]);
	}
	(void)close(pair[0]);
	(void)close(pair[1]);
	(void)close(words[1]);
	return pid < 0 ? -errno : wait_for(pid, words[0], out);
}

static int do_try(const void *request, void *reply)
{
	struct host_passt *out = reply;

	*out = (struct host_passt){ .error = 0 };
	out->error = try_it(request, out);
	return -1;
}

/**
 * host_passt() - start it as the user, and ask for its options
 * @path:	absolute
 * @out:	overwritten; one that does not start is no error of the call
 *
 * Return: 0, or the -errno of as_user_call()
 */
int host_passt(const struct host_user *user, const char *path, struct host_passt *out)
{
	char text[HELP_TEXT];
	int r;

	*out = (struct host_passt){ .error = 0 };
	r = as_user_call(user, do_try, path, out, sizeof(*out), NULL);
	if (r)
		return r;
	if (!host_qemu_ask(path, user, (const char *const[]){ "--help", NULL }, NULL, text,
			   sizeof(text)))
		out->recent = strstr(text, RECENT_OPTION) != NULL;
	return 0;
}
