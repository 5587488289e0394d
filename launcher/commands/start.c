/* SPDX-License-Identifier: GPL-2.0-or-later */
/* start.c - `vfio-run start`: a VM as the service vfio-run@NAME, which no session takes along */
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/inspect/running.h"

#define SYSTEMCTL "/usr/bin/systemctl"

/* A service has a profile of root's, which systemd's journal alone would say that it misses. Return: is it there? */
static bool has_profile(const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "/etc/vfio-run/%s.profile", name);
	if (!access(path, F_OK) || errno != ENOENT)
		return true;
	log_error("there is no %s: a service runs one of those; `sudo install -D -m 644 ~/.config/vfio-run/%s.profile %s`, with "
		  "a line `user = NAME` in its [vm]", path, name, path);
	return false;
}

/**
 * command_start() - have the service manager start the unit
 *
 * Return: EXIT_OK when the guest runs; EXIT_HOST, and systemctl has said why
 */
int command_start(const struct cli *cli)
{
	char unit[64], word[] = "start", program[] = "systemctl";
	char *argv[] = { program, word, unit, NULL };
	int status = 0;
	pid_t pid;

	if (!running_is_name(cli->word[0])) {
		log_error("%s: expected a profile's name, without a folder: one in /etc/vfio-run",
			  cli_shown(cli->word[0]));
		return EXIT_BAD_USE;
	}
	if (access(SYSTEMCTL, X_OK) || access("/run/systemd/system", F_OK)) { /* sd_booted(3) */
		log_error("there is no systemd here: `sudo vfio-run %s` runs it in this terminal", cli->word[0]);
		return EXIT_HOST;
	}
	if (!has_profile(cli->word[0]))
		return EXIT_HOST;
	(void)snprintf(unit, sizeof(unit), "vfio-run@%s.service", cli->word[0]);
	pid = fork();
	if (pid == 0) {
		(void)execv(SYSTEMCTL, argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		log_error("systemctl: %s", strerror(errno));
		return EXIT_HOST;
	}
	if (status) {
		log_error("%s did not start: `journalctl -u %s` has its words", unit, unit);
		return EXIT_HOST;
	}
	log_notice("%s runs as a service: `vfio-run status %s`, `vfio-run stop %s`", cli->word[0],
		   cli->word[0], cli->word[0]);
	return EXIT_OK;
}
