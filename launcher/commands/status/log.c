/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.c - `vfio-run log`: what QEMU said in a VM's last run, or how its last `try` went
 *
 * The file is the user's and is opened as the user. What stands in it comes from QEMU: on a
 * terminal nothing of it can move the cursor. What is known of its lines follows them.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/commands/status/causes.h"
#include "launcher/commands/terminal/columns.h"
#include "launcher/host/user/as-user.h"
#include "launcher/inspect/invoker.h"
#include "launcher/inspect/running.h"

/* On a terminal broken between words, as all that we say there. */
static void print_line(const char *line)
{
	size_t width = log_columns(STDOUT_FILENO);

	if (width && columns_of(line) > width)
		columns_wrap(line, 0, 2, width);
	else
		(void)puts(line);
}

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
		print_line(log_quote(line, quoted, (size_t)n * 4 + 1));
	}
	causes_print(&seen);
	if (!any)
		log_notice("QEMU has said nothing");
}

/* A run's, and a trial's. */
static const char *const files[] = { "qemu.log", "try.log" };

static const char *path_of(const struct host_user *user, const char *name, size_t file,
			   char buf[PATH_MAX])
{
	(void)snprintf(buf, PATH_MAX, "%s/.local/state/vfio-run/%s/%s", user->home, name, files[file]);
	return buf;
}

/* The one that was written last. Return: 0; -ENOENT: there is none; other -errno, of @path */
static int open_last(const struct host_user *user, const char *name, char path[PATH_MAX], int *out)
{
	struct timespec last = { .tv_sec = -1 };
	bool both = false;
	int error = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char one[PATH_MAX];
		cleanup_close int fd = -1;
		struct stat st;
		int rc = as_user_open(user, path_of(user, name, i, one), &fd);

		if (!rc && fstat(fd, &st))
			rc = -errno;
		if (rc && rc != -ENOENT && *out < 0)
			error = rc;
		if (rc)
			continue;
		both = *out >= 0;
		if (st.st_mtim.tv_sec < last.tv_sec ||
		    (st.st_mtim.tv_sec == last.tv_sec && st.st_mtim.tv_nsec < last.tv_nsec))
			continue;
		close_fd(out);
		*out = take_fd(&fd);
		last = st.st_mtim;
		(void)snprintf(path, PATH_MAX, "%s", one);
	}
	if (both)
		log_notice("%s, the newer one of a run's and of `try`'s", path);
	return *out < 0 ? error : 0;
}

/* Return: an exit code; a failure was reported */
static int show(const struct host_user *user, const char *name)
{
	char path[PATH_MAX];
	cleanup_fclose FILE *in = NULL;
	cleanup_close int fd = -1;
	int rc = open_last(user, name, path, &fd);

	if (rc == -ENOENT)
		log_error("%s has not run yet for user %s, nor was it tried: there is no %s", name,
			  user->name, path_of(user, name, 0, path));
	else if (rc)
		log_error("the log of %s: %s", name, strerror(-rc));
	if (rc)
		return EXIT_HOST;
	in = fdopen(fd, "r");
	if (!in)
		return EXIT_HOST;
	(void)take_fd(&fd);
	print_lines(in);
	return EXIT_OK;
}

/** command_log() - print the log of the last run, or trial. Return: an exit code */
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
