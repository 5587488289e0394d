/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli-help.c - what --help prints, from the tables */
#include <stdio.h>
#include <string.h>

#include "launcher/base/log.h"
#include "launcher/cli.h"

#define WIDTH 80
#define COMMAND_COLUMN 30 /* where its text begins; a longer one has its text on the next line */
#define OPTION_COLUMN 25

/* @left, then @text from @column on, broken between words so that it fits a terminal */
static void row(const char *left, int column, const char *text)
{
	int at = printf("%s", left);

	if (at >= column && column)
		at = WIDTH;
	while (*text) {
		int word = (int)strcspn(text, " ");

		if (at + 1 + word > WIDTH)
			at = printf("\n%*s", column, "") - 1;
		else if (at < column)
			at += printf("%*s", column - at, "");
		else if (at)
			at += printf(" ");
		at += printf("%.*s", word, text);
		text += word + strspn(text + word, " ");
	}
	(void)printf("\n");
}

static void option_help(const struct cli_option *o, const struct cli_command *command)
{
	char left[56];
	char letter[8] = "    ";

	if (o->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	(void)snprintf(left, sizeof(left), "  %s--%s%s%s", letter, o->name, o->argument ? "=" : "",
		       o->argument ? o->argument : "");
	row(left, OPTION_COLUMN, cli_option_help(o, command));
}

/* @command: whose; NULL: of all */
static void options_help(const struct cli_command *command)
{
	for (size_t i = 0; i < cli_option_count; i++)
		if (!command || cli_options[i].bit & (command->options | CLI_ALWAYS))
			option_help(&cli_options[i], command);
}

static void command_row(const struct cli_command *c)
{
	char left[96];

	(void)snprintf(left, sizeof(left), "  %-8s %s", c->name, c->arguments);
	row(left, COMMAND_COLUMN, c->help);
}

/**
 * cli_help() - print the help to stdout
 * @command:	NULL: the help of the program
 */
void cli_help(const struct cli_command *command)
{
	if (command) {
		(void)printf("vfio-run %s%s%s\n", command->name, *command->arguments ? " " : "", command->arguments);
		row("", 0, command->help);
		(void)printf("%s\n", command->run ? "" : "Not built yet.\n");
		options_help(command);
		return;
	}
	(void)printf("vfio-run [OPTION]... PROFILE [-- QEMU-ARGUMENT...]\n"
		     "Gives a PCI device to a virtual machine, and takes it back.\n\n");
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run)
			command_row(&cli_commands[i]);
	(void)printf("\n");
	options_help(NULL);
	(void)printf("\nA PROFILE is a file, or the name of one: ~/.config/vfio-run/NAME.profile, or\n"
		     "/etc/vfio-run/NAME.profile. The first VM: setup, list gpu, new NAME, edit NAME,\n"
		     "check NAME, then `sudo vfio-run NAME`.\n"
		     "\nvfio-run(8), vfio-run.profile(5)\n");
}

/** command_help() - `vfio-run help [COMMAND]`: an exit code */
int command_help(const struct cli *cli)
{
	const struct cli_command *command = cli->word_count ? cli_find_command(cli->word[0]) : NULL;
	const char *near = cli->word_count ? cli_meant_command(cli->word[0]) : NULL;

	if (!cli->word_count || command) {
		cli_help(command);
		return EXIT_OK;
	}
	if (near)
		log_error("there is no command `%s`; did you mean `%s`?", cli_shown(cli->word[0]), near);
	else
		log_error("there is no command `%s`; `vfio-run help` lists them",
			  cli_shown(cli->word[0]));
	return EXIT_BAD_USE;
}
