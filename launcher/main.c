/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - vfio-run: read, look, plan, check; whatever changes the host is the keeper's
 *
 * Everything that can fail fails in this program, while nothing has been touched. It
 * may be started by any user, from anywhere, with anything open: that is put in order
 * before the command line is read.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/base/sanitize-process.h"
#include "launcher/cli.h"

/* What is read of the environment, here or by the C library: no other is there any more. */
static const char *const variables[] = {
	"SUDO_USER", "SUDO_UID", "DOAS_USER", "PKEXEC_UID", /* the invoking user */
	"SSH_CONNECTION",			/* the network card of the session */
	"NOTIFY_SOCKET",			/* the service manager's socket */
	"SERVICE_RESULT",			/* is it what that runs when its service has ended */
	"NO_COLOR",  "TERM",	  "COLUMNS",	/* the terminal */
	"LC_ALL",    "LC_CTYPE",  "LANG",	/* its character set */
	"DISPLAY",   "XAUTHORITY", "WAYLAND_DISPLAY", /* the desktop, for a window */
	"VISUAL",    "EDITOR",			/* of `edit` */
	NULL,
};

int main(int argc, char **argv)
{
	struct cli cli;
	int code;

	code = sanitize_process(argc, argv, variables);
	if (code == -EPERM) {
		log_error("it must not be set-uid: use sudo, doas or pkexec");
		return EXIT_HOST;
	}
	if (code)
		return EXIT_BAD_USE;
	log_fit_terminal();
	code = cli_parse(argc, argv, &cli);
	if (code < 0) {
		log_setup(cli.verbosity < 0 ? LOG_WARNING : cli.verbosity ? LOG_VERBOSE : LOG_NOTICE,
			  cli_wants_colour(&cli, STDERR_FILENO));
		code = cli.command->run(&cli);
	}
	cli_fini(&cli);
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		if (errno)
			log_error("the output could not be written: %s", strerror(errno));
		else /* an earlier part of it: the reason is gone */
			log_error("the output could not be written whole");
		return code ? code : EXIT_HOST;
	}
	return code;
}
