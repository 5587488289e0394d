/* SPDX-License-Identifier: GPL-2.0-or-later */
/* aliases.c - `vfio-run aliases`: a line of shell for each profile in the usual places */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "launcher/cli.h"
#include "launcher/commands/commands.h"
#include "launcher/inspect/invoker.h"
#include "launcher/inspect/profile-names.h"

/* Of the shell's own: an alias goes before them. Source: bash(1), POSIX.1-2024, Shell Command Language, 2.4 and 2.15 */
static const char *const builtins[] = {
	"alias", "bg", "bind", "break", "builtin", "caller", "case", "cd", "command", "compgen", "complete", "continue",
	"coproc", "declare", "dirs", "disown", "do", "done", "echo", "elif", "else", "enable", "esac", "eval", "exec",
	"exit", "export", "false", "fc", "fg", "fi", "for", "function", "getopts", "hash", "help", "history", "if", "in",
	"jobs", "kill", "let", "local", "logout", "mapfile", "popd", "printf", "pushd", "pwd", "read", "readonly",
	"return", "select", "set", "shift", "shopt", "source", "suspend", "test", "then", "time", "times", "trap", "true",
	"type", "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
};

/* Would an alias take a command away? A comment in the same file says how the VM is run. Return: whose it is; NULL: no */
static const char *whose(const char *name)
{
	static const char *const folders[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
					       "/run/current-system/sw/bin" };
	char path[128];

	if (cli_find_command(name))
		return "vfio-run's";
	for (size_t i = 0; i < ARRAY_SIZE(builtins); i++)
		if (!strcmp(builtins[i], name))
			return "the shell's";
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folders[i], name);
		if (!access(path, X_OK))
			return "the system's";
	}
	return NULL;
}

/** command_aliases() - print them; a profile's name needs no quotes. Return: an exit code */
int command_aliases(const struct cli *cli)
{
	struct host_user user;
	struct profile_names names;
	bool found;
	int code = invoker_find(&user, &found);

	(void)cli;
	if (code)
		return code;
	profile_names(found ? &user : NULL, &names);
	for (size_t i = 0; i < names.count; i++) {
		const char *other = whose(names.name[i]);

		if (other)
			(void)printf("# %s is a command of %s: `sudo vfio-run run %s`\n", names.name[i], other, names.name[i]);
		else
			(void)printf("alias %s='sudo vfio-run %s'\n", names.name[i], names.name[i]);
	}
	return EXIT_OK;
}
