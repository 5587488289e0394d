/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.c - `vfio-run log`: what QEMU said in a VM's last run
 *
 * The file is the user's and is opened as the user. What stands in it comes from QEMU: on a
 * terminal nothing of it can move the cursor. What is known of its lines follows them.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/status/causes.h"
#include "launcher/host/user/as-user.h"
#include "launcher/inspect/invoker.h"
#include "launcher/inspect/running.h"

static void print_lines(FILE *in)
{
	cleanup_free char *line = NULL, *quoted = NULL;
	struct causes_seen seen = { { 0 } };
	size_t size = 0;
	bool any = false;
	ssize_t n;

	for (; (n = getline(&line, &size, in)) > 0; any = true) {
		char *grown = realloc(quoted, (size_t)n * 4 + 1);

		if (!grown)
			return;
		quoted = grown;
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		causes_note(&seen, line);
		(void)puts(log_quote(line, quoted, (size_t)n * 4 + 1));
	}
	causes_print(&seen);
	if (!any)
		log_notice("QEMU has said nothing");
}

/* Return: an exit code; a failure was reported */
static int show(const struct host_user *user, const char *name)
{
	char path[PATH_MAX];
	cleanup_fclose FILE *in = NULL;
	cleanup_close int fd = -1;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/.local/state/vfio-run/%s/qemu.log", user->home, name);
	rc = as_user_open(user, path, &fd);
	if (rc == -ENOENT)
		log_error("%s has not run yet for user %s: there is no %s", name, user->name, path);
	else if (rc)
		log_error("%s: %s", path, strerror(-rc));
	if (rc)
		return EXIT_HOST;
	in = fdopen(fd, "r");
	if (!in)
		return EXIT_HOST;
	(void)take_fd(&fd);
	print_lines(in);
	return EXIT_OK;
}

/** command_log() - print QEMU's log of the last run. Return: an exit code */
int command_log(const struct cli *cli)
{
	struct host_user user;
	bool found;
	int code = invoker_find(&user, &found);

	if (code)
		return code;
	if (!running_is_name(cli->word[0])) {
		log_error("%s: expected the name of a VM", cli_shown(cli->word[0]));
		return EXIT_BAD_USE;
	}
	if (!found) {
		log_error("%s: whose VM? start it as its user, or through sudo", cli->word[0]);
		return EXIT_HOST;
	}
	return show(&user, cli->word[0]);
}
