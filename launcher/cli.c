/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli.c - the command line, read once, before anything else is looked at */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/log.h"
#include "launcher/base/nearest.h"
#include "launcher/cli.h"

#define OPTIONS_MAX 32
#define FIRST_CODE 256 /* of options without a letter */

static const char *command_name(size_t i)
{
	return cli_commands[i].name;
}

static const char *option_name(size_t i)
{
	return cli_options[i].name;
}

static const struct cli_command *find_command(const char *word)
{
	for (size_t i = 0; i < cli_command_count; i++)
		if (!strcmp(cli_commands[i].name, word))
			return &cli_commands[i];
	return NULL;
}

static int bad_use(const char *format, ...) printf_like(1, 2);

static int bad_use(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	log_error("%s", text);
	return EXIT_BAD_USE;
}

/* ---- help -------------------------------------------------------------------------- */

static void option_help(const struct cli_option *o)
{
	char left[48];
	char letter[8] = "    ";

	if (o->letter)
		(void)snprintf(letter, sizeof(letter), "-%c, ", o->letter);
	(void)snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name, o->argument ? "=" : "",
		       o->argument ? o->argument : "");
	(void)printf("  %-22s %s\n", left, o->help);
}

static void options_help(unsigned int bits)
{
	for (size_t i = 0; i < cli_option_count; i++)
		if (cli_options[i].bit & bits)
			option_help(&cli_options[i]);
}

/**
 * cli_help() - print the help to stdout
 * @command:	whose; NULL: of the program
 */
void cli_help(const struct cli_command *command)
{
	if (command) {
		(void)printf("vfio-run %s %s\n%s%s\n\n", command->name, command->arguments,
			     command->help, command->run ? "" : " (not built yet)");
		options_help(command->options | CLI_ALWAYS);
		return;
	}
	(void)printf("vfio-run [OPTION]... PROFILE [-- QEMU-ARGUMENT...]\n"
		     "Gives a PCI device to a virtual machine, and takes it back.\n\n");
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run)
			(void)printf("  %-8s %-30s %s\n", cli_commands[i].name,
				     cli_commands[i].arguments, cli_commands[i].help);
	(void)printf("\n");
	options_help(~0u);
	(void)printf("\nvfio-run(8), vfio-run.profile(5)\n");
}

/* ---- parsing ----------------------------------------------------------------------- */

static void make_getopt(struct option *longs, char *letters)
{
	size_t n = 0;

	*letters++ = ':'; /* a missing argument is ours to report */
	for (; n < cli_option_count; n++) {
		const struct cli_option *o = &cli_options[n];

		longs[n] = (struct option){ .name = o->name,
					    .has_arg = o->argument ? required_argument : no_argument,
					    .val = FIRST_CODE + (int)n };
		if (o->letter)
			*letters++ = o->letter;
	}
	longs[n] = (struct option){ .name = NULL };
	*letters = '\0';
}

static int set_colour(struct cli *cli, const char *when)
{
	static const char *const words[] = { [CLI_COLOUR_AUTO] = "auto",
					     [CLI_COLOUR_ALWAYS] = "always",
					     [CLI_COLOUR_NEVER] = "never" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(when, words[i])) {
			cli->colour = (enum cli_colour)i;
			return 0;
		}
	return bad_use("--color=%s: expected auto, always or never", when);
}

/* What each option sets; order does not matter, so commands are checked afterwards. */
static int set_option(struct cli *cli, const struct cli_option *o, const char *argument,
		      bool *help, bool *version)
{
	switch (o->bit == CLI_ALWAYS ? (unsigned int)o->letter : o->bit) {
	case CLI_DRY_RUN:
		cli->dry_run = true;
		break;
	case CLI_JSON:
		cli->json = true;
		break;
	case CLI_YES:
		cli->yes = true;
		break;
	case CLI_NOW:
		cli->now = true;
		break;
	case CLI_GPU:
		cli->gpu = argument;
		break;
	case CLI_SYSROOT:
		cli->sysroot = argument;
		break;
	case 'v':
		cli->verbosity = 1;
		break;
	case 'q':
		cli->verbosity = -1;
		break;
	case 'h':
		*help = true;
		break;
	case 'V':
		*version = true;
		break;
	default:
		return set_colour(cli, argument);
	}
	return 0;
}

static int unknown_option(const char *text)
{
	char name[64];
	const char *near;

	if (strncmp(text, "--", 2))
		return bad_use("unknown option %s; see vfio-run --help", text);
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(text + 2, "="), text + 2);
	near = nearest(name, option_name, cli_option_count);
	return near ? bad_use("unknown option --%s; did you mean --%s?", name, near) :
		      bad_use("unknown option --%s; see vfio-run --help", name);
}

static int parse_options(struct cli *cli, int argc, char **argv, unsigned int *given, bool *help,
			 bool *version)
{
	struct option longs[OPTIONS_MAX];
	char letters[OPTIONS_MAX + 2];
	int code;

	make_getopt(longs, letters);
	opterr = 0;
	optind = 0;
	while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		size_t i = code >= FIRST_CODE ? (size_t)(code - FIRST_CODE) : 0;
		int rc;

		if (code == ':')
			return bad_use("%s needs an argument", argv[optind - 1]);
		if (code == '?' && optopt >= FIRST_CODE)
			return bad_use("--%s takes no argument", option_name((size_t)(optopt - FIRST_CODE)));
		if (code == '?' && optopt)
			return bad_use("unknown option -%c; see vfio-run --help", optopt);
		if (code == '?')
			return unknown_option(argv[optind - 1]);
		while (code < FIRST_CODE && cli_options[i].letter != code)
			i++;
		rc = set_option(cli, &cli_options[i], optarg, help, version);
		if (rc)
			return rc;
		*given |= cli_options[i].bit;
	}
	return 0;
}

/* Options that the command does not take are named, not ignored. */
static int check_options(const struct cli *cli, unsigned int given)
{
	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *o = &cli_options[i];

		if ((o->bit & given) && !(o->bit & (cli->command->options | CLI_ALWAYS)))
			return bad_use("`%s` takes no --%s", cli->command->name, o->name);
	}
	if (cli->json && !strcmp(cli->command->name, "run") && !cli->dry_run)
		return bad_use("a run prints no JSON; --json goes with --dry-run");
	if (cli->sysroot && !strcmp(cli->command->name, "run") && !cli->dry_run)
		return bad_use("--sysroot reads another machine: for a run it goes with --dry-run only");
	return 0;
}

static int check_words(const struct cli *cli)
{
	const struct cli_command *c = cli->command;

	if (cli->word_count < c->least)
		return bad_use("`%s` needs %s; usage: vfio-run %s %s", c->name, c->arguments, c->name,
			       c->arguments);
	if (c->most >= 0 && cli->word_count > c->most)
		return bad_use("%s: one word too many; usage: vfio-run %s %s%s", cli->word[c->most],
			       c->name, c->arguments,
			       c->extra ? "; arguments for QEMU stand behind `--`" : "");
	if (!c->extra && cli->extra && *cli->extra)
		return bad_use("`%s` passes nothing on to QEMU", c->name);
	return 0;
}

/* Cuts argv at the first "--"; what stands behind it is left alone by getopt. */
static int split(int argc, char **argv, char ***extra)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--")) {
			*extra = &argv[i + 1];
			return i;
		}
	*extra = &argv[argc];
	return argc;
}

/**
 * cli_parse() - read the command line
 * @argc, @argv:	as main() got them; reordered
 * @cli:		filled
 *
 * Return: -1 go on; else an exit code: 0 after --help or --version, EXIT_BAD_USE after
 *	   a mistake, which was told
 */
int cli_parse(int argc, char **argv, struct cli *cli)
{
	bool help = false, version = false;
	unsigned int given = 0;
	int count, rc;

	*cli = (struct cli){ .argv = argv };
	count = split(argc, argv, &cli->extra);
	rc = parse_options(cli, count, argv, &given, &help, &version);
	if (rc)
		return rc;
	cli->word = argv + optind;
	cli->word_count = count - optind;
	if (version) {
		(void)printf("vfio-run %s\n", VFIO_RUN_VERSION);
		return EXIT_OK;
	}
	cli->command = cli->word_count ? find_command(cli->word[0]) : NULL;
	if (help) {
		cli_help(cli->command);
		return EXIT_OK;
	}
	if (!cli->word_count)
		return bad_use("which profile? usage: vfio-run [OPTION]... PROFILE; see vfio-run --help");
	if (cli->command) {
		cli->word++;
		cli->word_count--;
	} else {
		cli->command = find_command("run");
	}
	rc = check_options(cli, given);
	if (!rc)
		rc = check_words(cli);
	if (!rc && !cli->command->run)
		rc = bad_use("`%s` is not built yet", cli->command->name);
	return rc ? rc : -1;
}

/** cli_nearest_command() - the command that a mistyped word may have meant, or NULL */
const char *cli_nearest_command(const char *word)
{
	return nearest(word, command_name, cli_command_count);
}

/** cli_wants_colour() - is colour wanted on stderr? NO_COLOR counts when nothing was said */
bool cli_wants_colour(const struct cli *cli)
{
	const char *no = getenv("NO_COLOR");

	if (cli->colour != CLI_COLOUR_AUTO)
		return cli->colour == CLI_COLOUR_ALWAYS;
	return isatty(STDERR_FILENO) && !(no && *no);
}
