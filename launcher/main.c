/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - vfio-run: read, look, plan, check; whatever changes the host is the keeper's
 *
 * Everything that can fail fails in this program, while nothing has been touched. It
 * may be started by anybody, from anywhere, with anything open: that is put in order
 * before the first word of the command line is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"

/*
 * A file opened as number 2 would get our messages. A closed stdout becomes one that
 * cannot be written: output that nobody gets is an error.
 */
static bool open_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) != fd)
			return false;
	return true;
}

/* What a parent may have ignored or blocked is as it is in any program. */
static void default_signals(void)
{
	sigset_t none;

	(void)signal(SIGCHLD, SIG_DFL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

int main(int argc, char **argv)
{
	struct cli cli;
	int code;

	if (argc < 1 || !argv[0] || !open_standard_descriptors())
		return EXIT_BAD_USE;
	if (getauxval(AT_SECURE)) {
		log_error("it must not be set-uid: use sudo, doas or pkexec");
		return EXIT_HOST;
	}
	default_signals();
	(void)umask(077);
	code = cli_parse(argc, argv, &cli);
	if (code < 0) {
		log_setup(cli.verbosity < 0 ? LOG_WARNING : cli.verbosity ? LOG_VERBOSE : LOG_NOTICE,
			  cli_wants_colour(&cli));
		code = cli.command->run(&cli);
	}
	cli_fini(&cli);
	if (fflush(stdout) || ferror(stdout)) {
		log_error("the output could not be written: %s", strerror(errno));
		return code ? code : EXIT_HOST;
	}
	return code;
}
