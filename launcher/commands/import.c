/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * import.c - `vfio-run import`: another tool's description of a VM to a profile on stdout
 *
 * The file is parsed by a program of its own (launcher/import), as the user: root never reads it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/host/programs.h"
#include "launcher/host/user/as-user.h"
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

/* A file, or a pipe: `<(virsh dumpxml win10)`; nothing whose opening or reading does something. */
static bool is_readable(int fd, const char *path)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		log_error("%s: %s", cli_shown(path), strerror(errno));
		return false;
	}
	if (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode))
		return true;
	if (S_ISDIR(st.st_mode))
		log_error("%s: %s", cli_shown(path), strerror(EISDIR));
	else
		log_error("%s: expected a file or a pipe", cli_shown(path));
	return false;
}

/* "-" is the standard input. Return: 0 or EXIT_HOST, reported */
static int open_input(const char *path)
{
	bool stdin_itself = !strcmp(path, "-");
	int fd = stdin_itself ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), flags;

	if (!is_readable(fd, path)) {
		if (fd > STDERR_FILENO)
			(void)close(fd);
		return EXIT_HOST;
	}
	if (stdin_itself)
		return 0;
	flags = fcntl(fd, F_GETFL);
	if (flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO)
		return 0;
	log_error("%s: %s", cli_shown(path), strerror(errno));
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
	cleanup_free char *folder = NULL;
	static char input[CLI_SHOWN_MAX] = "the standard input";
	char *argv[] = { name, input, NULL, NULL }, *none[] = { NULL };
	int program = host_program_open("import"), code;

	if (program < 0)
		return EXIT_HOST;
	code = become_user();
	if (!code)
		code = open_input(cli->word[0]);
	if (code)
		return code;
	folder = strcmp(cli->word[0], "-") ? realpath(cli->word[0], NULL) : NULL;
	if (folder && strrchr(folder, '/'))
		*strrchr(folder, '/') = '\0';
	argv[2] = folder;
	if (strcmp(cli->word[0], "-") != 0)
		(void)cli_show(cli->word[0], input);
	(void)fflush(stdout);
	(void)execveat(program, "", argv, none, AT_EMPTY_PATH);
	log_error("the import program cannot be executed: %s", strerror(errno));
	return EXIT_HOST;
}
