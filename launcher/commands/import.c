/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import.c - `vfio-run import`: another tool's description of a VM to a profile on stdout
 *
 * The file is parsed by a program of its own (launcher/import), as the user: root never reads it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/host/as-user.h"
#include "launcher/host/programs.h"
#include "launcher/inspect/invoker.h"

/* For good: this process has nothing else to do. Return: 0 or an exit code, reported */
static int become_user(void)
{
	struct host_user user;
	bool found;
	int code = invoker_find(&user, &found), rc;

	if (code)
		return code;
	if (!found)
		host_user_nobodys(&user);
	rc = as_user_become(&user);
	if (!rc)
		return 0;
	log_error("this process cannot become user %s: %s", user.name, strerror(-rc));
	return EXIT_HOST;
}

/* Return: 0 or EXIT_HOST, reported */
static int open_input(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	else if (fd >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO)
		return 0;
	log_error("%s: %s", cli_shown(path), strerror(errno));
	if (fd >= 0)
		(void)close(fd);
	return EXIT_HOST;
}

/**
 * command_import() - print the profile
 *
 * Return: only when the program was not executed: an exit code; else the exit code is its own
 */
int command_import(const struct cli *cli)
{
	static char name[] = "vfio-run-import";
	char *argv[] = { name, NULL }, *none[] = { NULL };
	int program = host_program_open("import"), code;

	if (program < 0)
		return EXIT_HOST;
	code = become_user();
	if (!code)
		code = open_input(cli->word[0]);
	if (code)
		return code;
	(void)fflush(stdout);
	(void)execveat(program, "", argv, none, AT_EMPTY_PATH);
	log_error("the import program cannot be executed: %s", strerror(errno));
	return EXIT_HOST;
}
