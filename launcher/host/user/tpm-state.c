/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tpm-state.c - the state of a VM's TPM: looked for, and made by swtpm_setup, as its user
 *
 * swtpm would make one itself, without the key that a TPM is made with (EK) and with banks of
 * registers that firmware and Windows then fill for nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/host/user/as-user.h"
#include "launcher/host/user/tpm-state.h"

#define SAID_MAX 200

/** host_tpm_has_state() - is there a state at @path? No, also when it cannot be reached */
bool host_tpm_has_state(const struct host_user *user, const char *path)
{
	uint32_t mode;

	return !as_user_kind(user, path, &mode) && S_ISREG(mode);
}

struct making {
	const char *setup, *directory;
};

struct made {
	int error;	     /* 0 or -errno; -EPROTO: it ended with an error of its own */
	char said[SAID_MAX]; /* its last line then */
};

static int make_directory(const char *directory)
{
	char part[PATH_MAX];

	if (strlen(directory) >= sizeof(part))
		return -ENAMETOOLONG;
	for (size_t i = 1; i <= strlen(directory); i++) {
		if (directory[i] && directory[i] != '/')
			continue;
		(void)snprintf(part, sizeof(part), "%.*s", (int)i, directory);
		if (mkdir(part, 0700) && errno != EEXIST)
			return -errno;
	}
	return 0;
}

/* It ends with this process, and swtpm, which it starts, with it. */
static _Noreturn void execute(const struct making *m, int output)
{
	const char *const argv[] = { m->setup,	    "--tpm2",	   "--tpmstate",
				     m->directory,  "--createek",  "--pcr-banks",
				     "sha256",	    "--not-overwrite", NULL };
	const char *const env[] = { "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/", NULL };
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)umask(077);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || dup2(nothing, 0) < 0 || dup2(output, 1) < 0 ||
	    dup2(output, 2) < 0 || chdir("/"))
		_exit(127);
	(void)execve(m->setup, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)env);
	_exit(127);
}

/* The last line that is no blank one. */
static void keep_last_line(const char *text, char said[SAID_MAX])
{
	size_t length = strlen(text), start;

	while (length && strchr("\r\n ", text[length - 1]))
		length--;
	for (start = length; start && text[start - 1] != '\n'; start--)
		;
	(void)snprintf(said, SAID_MAX, "%.*s", (int)(length - start), text + start);
}

static void listen_to(int fd, char said[SAID_MAX])
{
	char text[4096];
	size_t used = 0;
	ssize_t n;

	while ((n = read(fd, text + used, sizeof(text) - 1 - used)) > 0) {
		used += (size_t)n;
		if (used > sizeof(text) / 2) { /* the end is what counts */
			(void)memmove(text, text + used - sizeof(text) / 4, sizeof(text) / 4);
			used = sizeof(text) / 4;
		}
	}
	text[used] = '\0';
	keep_last_line(text, said);
}

static int make(const struct making *m, char said[SAID_MAX])
{
	int output[2], status = 0, rc = make_directory(m->directory);
	pid_t pid;

	if (rc)
		return rc;
	if (pipe2(output, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid)
		execute(m, output[1]);
	(void)close(output[1]);
	if (pid > 0)
		listen_to(output[0], said);
	rc = pid < 0 ? -errno : 0;
	(void)close(output[0]);
	if (!rc && waitpid(pid, &status, 0) != pid)
		rc = -ECHILD;
	return rc ? rc : status ? -EPROTO : 0;
}

static int do_make(const void *request, void *reply)
{
	struct made *made = reply;

	(void)signal(SIGCHLD, SIG_DFL);
	made->error = make(request, made->said);
	return -1;
}

/**
 * host_tpm_make() - have the first state of a TPM made, unless there is one
 * @setup:	the program that makes it
 * @directory:	absolute; made when it is missing
 * @said:	receives the last line of what it said, when it failed; not fit for a terminal
 *
 * Return: 0; -EPROTO: it failed; -ETIMEDOUT: it does not end; other -errno
 */
int host_tpm_make(const struct host_user *user, const char *setup, const char *directory,
		  char *said, size_t size)
{
	const struct making making = { setup, directory };
	struct made made = { .error = 0 };
	int rc = as_user_call(user, do_make, &making, &made, sizeof(made), NULL);

	(void)snprintf(said, size, "%s", made.said);
	return rc ? rc : made.error;
}
