/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli-words.c - words of other programs, and of later versions of vfio-run: what to type instead */
#include <string.h>

#include "launcher/base/suggest.h"
#include "launcher/cli.h"

struct pair {
	const char *word, *instead;
};

/* Commands by the names that other programs have for them. */
static const struct pair other_commands[] = {
	{ "launch", "run" },      { "boot", "run" },           { "up", "run" },
	{ "ls", "list" },         { "devices", "list" },       { "lspci", "list" },
	{ "ps", "status" },       { "info", "status" },        { "show", "status" },
	{ "doctor", "check" },    { "verify", "check" },       { "test", "check" },
	{ "bind", "detach" },     { "unbind", "detach" },      { "nodedev-detach", "detach" },
	{ "release", "attach" },  { "reattach", "attach" },    { "nodedev-reattach", "attach" },
	{ "down", "stop" },       { "shutdown", "stop" },      { "poweroff", "stop" },
	{ "kill", "stop --now" }, { "destroy", "stop --now" }, { "reboot", "reset" },
	{ "restart", "reset" },   { "suspend", "pause" },      { "unpause", "resume" },
	{ "continue", "resume" }, { "create", "new" },         { "init", "new" },
	{ "convert", "import" },  { "version", "--version" },
};

/* Long options that other programs have, and what to do here instead. */
static const struct pair other_options[] = {
	{ "profile", "a profile is named without an option: `vfio-run PROFILE`" },
	{ "config", "a profile is named without an option: `vfio-run PROFILE`" },
	{ "file", "a profile is named without an option: `vfio-run PROFILE`" },
	{ "name", "a profile is named without an option: `vfio-run PROFILE`" },
	{ "vm", "a profile is named without an option: `vfio-run PROFILE`" },
	{ "simulate", "did you mean --dry-run?" },
	{ "noop", "did you mean --dry-run?" },
	{ "test", "did you mean --dry-run?" },
	{ "debug", "did you mean --verbose?" },
	{ "force", "nothing is forced: what is in the way is named with its remedy" },
	{ "memory", "write it into the profile: `memory = 16G` in [vm]" },
	{ "ram", "write it into the profile: `memory = 16G` in [vm]" },
	{ "cpus", "write it into the profile: `cpus = 4` in [vm]" },
	{ "device", "write it into the profile, or behind `--` for QEMU" },
	{ "disk", "write it into the profile: `path = FILE` in [disk]" },
	{ "user", "write it into the profile: `user = NAME` in [vm]" },
};

static const char *command_name(size_t i)
{
	return cli_commands[i].name;
}

static const char *option_name(size_t i)
{
	return cli_options[i].name;
}

/**
 * cli_meant_command() - the command that a word may have meant, as it is typed, or NULL
 */
const char *cli_meant_command(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(other_commands); i++)
		if (!strcmp(other_commands[i].word, word))
			return other_commands[i].instead;
	return suggest(word, command_name, cli_command_count);
}

/** cli_meant_option() - the long option that a mistyped one may have meant, or NULL */
const char *cli_meant_option(const char *name)
{
	return suggest(name, option_name, cli_option_count);
}

/** cli_other_option() - what to do instead of giving a long option that there is not, or NULL */
const char *cli_other_option(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(other_options); i++)
		if (!strcmp(other_options[i].word, name))
			return other_options[i].instead;
	return NULL;
}
