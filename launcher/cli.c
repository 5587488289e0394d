/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli.c - the command line, read once, before anything else is looked at */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/base/cleanup.h"
#include "launcher/base/log.h"
#include "launcher/cli.h"
#include "launcher/inspect/running.h"

#define OPTIONS_MAX 32
#define FIRST_CODE 256 /* of options without a letter */

static const char *option_name(size_t i)
{
	return cli_options[i].name;
}

/** cli_version() - of this build */
const char *cli_version(void)
{
	return VFIO_RUN_VERSION;
}

/** cli_find_command() - the row of a command, NULL when there is none of that name */
const struct cli_command *cli_find_command(const char *word)
{
	for (size_t i = 0; i < cli_command_count; i++)
		if (!strcmp(cli_commands[i].name, word))
			return &cli_commands[i];
	return NULL;
}

/**
 * cli_show() - a word of the command line, made safe for a message
 * @buf:	receives it as one short piece of printable ASCII: a word can hold anything, a
 *		terminal's escape sequences too, and be as long as the kernel lets it
 *
 * Return: @buf
 */
const char *cli_show(const char *word, char buf[CLI_SHOWN_MAX])
{
	static const char more[] = "...";
	size_t length;

	(void)log_quote(word, buf, CLI_SHOWN_MAX);
	length = strlen(buf);
	if (length > CLI_SHOWN_MAX - 8)
		memcpy(buf + CLI_SHOWN_MAX - 8, more, sizeof(more));
	return buf;
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
		if (o->letter && o->argument)
			*letters++ = ':';
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
	return bad_use("--color=%s: expected auto, always or never", cli_shown(when));
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
	case CLI_SERVICE:
		cli->service = true;
		break;
	case CLI_NO_DEVICES:
		cli->no_devices = true;
		break;
	case CLI_WATCH:
		cli->watch = true;
		break;
	case CLI_AT_BOOT:
		cli->at_boot = true;
		break;
	case CLI_WAIT:
		cli->wait = true;
		break;
	case CLI_ALL:
		cli->all = true;
		break;
	case CLI_APPLY:
		cli->apply = true;
		break;
	case CLI_UNDO:
		cli->undo = true;
		break;
	case CLI_CONTAINED:
		cli->contained = true;
		break;
	case CLI_OPTION:
		cli->option[cli->option_count++] = argument;
		break;
	case CLI_FOR:
		cli->for_what = argument;
		break;
	case CLI_GPU:
		cli->gpu = argument;
		break;
	case CLI_ISO:
		cli->iso = argument;
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
		return set_colour(cli, argument ? argument : ""); /* getopt made sure of one */
	}
	return 0;
}

/* A long option may be cut short as long as it is one option's beginning. */
static unsigned int count_beginnings(const char *name)
{
	unsigned int count = 0;

	for (size_t i = 0; i < cli_option_count; i++)
		count += !strncmp(cli_options[i].name, name, strlen(name));
	return count;
}

static int unknown_option(const char *text)
{
	char name[64];
	const char *near;

	if (strncmp(text, "--", 2))
		return bad_use("unknown option %s; see vfio-run --help", cli_shown(text));
	(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(text + 2, "="), text + 2);
	if (count_beginnings(name) > 1)
		return bad_use("--%s could be several options; see vfio-run --help", cli_shown(name));
	if (cli_other_option(name))
		return bad_use("there is no --%s: %s", cli_shown(name), cli_other_option(name));
	near = cli_meant_option(name);
	return near ? bad_use("unknown option --%s; did you mean --%s?", cli_shown(name), near) :
		      bad_use("unknown option --%s; see vfio-run --help", cli_shown(name));
}

static bool is_option(const char *name)
{
	for (size_t i = 0; i < cli_option_count; i++)
		if (!strcmp(cli_options[i].name, name))
			return true;
	return false;
}

/* The word that getopt(3) stopped in: "-help" and "-device" are long options with one dash. */
static const char *single_dash(char *const *argv)
{
	for (int i = 1; argv[i] && strcmp(argv[i], "--") != 0; i++)
		if (argv[i][0] == '-' && argv[i][1] != '-' && strlen(argv[i]) > 3 &&
		    strchr(argv[i] + 1, optopt))
			return argv[i];
	return NULL;
}

/* The two ways in which an option that exists is given wrongly, and options that do not. */
static int bad_option(int code, const char *text, char *const *argv)
{
	const char letter[] = { (char)optopt, '\0' };
	const char *word = single_dash(argv);

	if (code == ':')
		return bad_use("%s needs an argument", cli_shown(text));
	if (optopt >= FIRST_CODE)
		return bad_use("--%s takes no argument", option_name((size_t)(optopt - FIRST_CODE)));
	if (optopt && word && is_option(word + 1))
		return bad_use("unknown option %s; did you mean -%s?", cli_shown(word), cli_shown(word));
	if (optopt && word && word[1] == optopt)
		return bad_use("unknown option %s; arguments for QEMU stand behind `--`", cli_shown(word));
	if (optopt)
		return bad_use("unknown option -%s; see vfio-run --help", cli_shown(letter));
	return unknown_option(text);
}

static int parse_options(struct cli *cli, int argc, char **argv, unsigned int *given, bool *help,
			 bool *version)
{
	struct option longs[OPTIONS_MAX];
	char letters[2 * OPTIONS_MAX + 2];
	int code;

	make_getopt(longs, letters);
	opterr = 0;
	optind = 0;
	while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		size_t i = code >= FIRST_CODE ? (size_t)(code - FIRST_CODE) : 0;
		int rc;

		if (code == ':' || code == '?')
			return bad_option(code, argv[optind - 1], argv);
		while (code < FIRST_CODE && cli_options[i].letter != code)
			i++;
		if (optarg && !*optarg)
			return bad_use("--%s: its argument is empty", cli_options[i].name);
		rc = set_option(cli, &cli_options[i], optarg, help, version);
		if (rc)
			return rc;
		*given |= cli_options[i].bit;
	}
	return 0;
}

/* Has the folder anything of another machine in it? One that has not looks like a machine without devices. */
static int check_tree(const char *sysroot)
{
	static const char *const folders[] = { "sys", "proc", "etc" };
	cleanup_close int root = open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return bad_use("--sysroot %s: %s", cli_shown(sysroot), strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (!faccessat(root, folders[i], F_OK, 0))
			return 0;
	return bad_use("--sysroot %s: no captured tree: expected a folder with the machine's `sys` in it", cli_shown(sysroot));
}

/* Options that the command does not take are named, not ignored. */
static int check_options(const struct cli *cli, unsigned int given)
{
	const struct cli_command *c = cli->command;
	bool run = !strcmp(c->name, "run") || !strcmp(c->name, "try");

	for (size_t i = 0; i < cli_option_count; i++)
		if (cli_options[i].bit & given & ~(c->options | CLI_ALWAYS))
			return bad_use("`%s` takes no --%s", c->name, cli_options[i].name);
	if (cli->option_count && !cli->word_count)
		return bad_use("-o overrides a key of a profile, and none is given");
	if (cli->json && run && !cli->dry_run)
		return bad_use("a run prints no JSON; --json goes with --dry-run");
	if (cli->sysroot && run && !cli->dry_run)
		return bad_use("--sysroot reads another machine: for a run it goes with --dry-run only");
	return cli->sysroot ? check_tree(cli->sysroot) : 0;
}

/* A command for a VM that runs, without its name: those that run are named. */
static int too_few(const struct cli_command *c)
{
	char names[160];

	if (!strcmp(c->arguments, "NAME")) {
		running_names(names, sizeof(names));
		if (*names)
			return bad_use("`%s` needs NAME: which one? running: %s", c->name, names);
	}
	return bad_use("`%s` needs %s; usage: vfio-run %s %s", c->name, c->arguments, c->name,
		       c->arguments);
}

static int check_words(const struct cli *cli)
{
	const struct cli_command *c = cli->command;

	if (cli->word_count < c->least)
		return too_few(c);
	for (int i = 0; i < cli->word_count; i++)
		if (!*cli->word[i])
			return bad_use("an empty word: is a variable of the shell not set?");
	for (char **word = cli->extra; word && *word; word++)
		if (!**word)
			return bad_use("an empty word behind `--`: is a variable of the shell not set?");
	if (c->most >= 0 && cli->word_count > c->most)
		return bad_use("%s: one word too many; usage: vfio-run %s%s%s%s",
			       cli_shown(cli->word[c->most]), c->name, *c->arguments ? " " : "",
			       c->arguments,
			       c->extra ? "; arguments for QEMU stand behind `--`" : "");
	return 0;
}

/* `vfio-run win10 stop`: in the order that some service managers have. */
static int swapped(const struct cli *cli)
{
	const char *command = cli->word[1], *profile = cli_shown(cli->word[0]);

	if (!strcmp(command, "run") || !strcmp(command, "start"))
		return bad_use("the profile alone runs it: `vfio-run %s`", profile);
	return bad_use("the command comes first: `vfio-run %s %s`", command, profile);
}

/*
 * `vfio-run detahc 01:00.0` is no profile and a word too many, but a slip. A single word
 * can be a profile's name: it is looked for first.
 */
static int check_slip(const struct cli *cli, unsigned int given)
{
	const char *near = cli_meant_command(cli->word[0]);
	bool fits = cli->word_count == 1 && !(given & ~(cli->command->options | CLI_ALWAYS)) &&
		    (!cli->json || cli->dry_run);

	if (cli->word_count > 1 && cli_find_command(cli->word[1]))
		return swapped(cli);
	if (fits || !near || cli_find_command(cli->word[0]) || strchr(cli->word[0], '/'))
		return 0;
	return bad_use("there is no command `%s`; did you mean `%s`?", cli_shown(cli->word[0]), near);
}

/* The first "--" at or behind @from, or @argc. */
static int find_end(int argc, char **argv, int from)
{
	while (from < argc && strcmp(argv[from], "--") != 0)
		from++;
	return from;
}

/*
 * "--" ends the options. What follows is QEMU's when a profile stands before it; else,
 * and for all other commands, it is words, for those that start with a dash.
 */
static void take_words(struct cli *cli, int argc, char **argv, int end)
{
	int words = end - optind, second = end;
	bool named = words && cli_find_command(argv[optind]);

	cli->command = cli_find_command(named ? argv[optind] : "run");
	cli->word = argv + optind + named;
	cli->word_count = words - named;
	if (end == argc || (cli->command->extra && cli->word_count)) {
		cli->extra = argv + (end == argc ? argc : end + 1);
		return;
	}
	memmove(&argv[end], &argv[end + 1], (size_t)(argc - end) * sizeof(*argv));
	second = cli->command->extra ? find_end(argc - 1, argv, end) : argc - 1;
	cli->word_count += second - end;
	cli->extra = argv + (second == argc - 1 ? second : second + 1);
}

/* getopt puts words in another order; the command line itself is kept for messages. */
static char **copy_words(int argc, char **argv)
{
	char **copy = calloc((size_t)argc + 1, sizeof(*copy));

	if (copy)
		memcpy(copy, argv, (size_t)argc * sizeof(*copy));
	return copy;
}

static int check(const struct cli *cli, bool named, unsigned int given)
{
	int rc = named ? 0 : check_slip(cli, given);

	if (!rc && !cli->command->run)
		return bad_use("`%s` is not built yet: %s", cli->command->name, cli->command->instead);
	if (!rc)
		rc = check_options(cli, given);
	if (!rc)
		rc = check_words(cli);
	return rc;
}

/**
 * cli_parse() - read the command line
 * @argc, @argv:	as main() got them
 * @cli:		filled; its vectors live until cli_fini()
 *
 * Return: -1 go on; else an exit code: 0 after --help or --version, EXIT_BAD_USE after
 *	   a mistake, which was reported
 */
int cli_parse(int argc, char **argv, struct cli *cli)
{
	bool help = false, version = false, named;
	unsigned int given = 0;
	int end, rc;

	*cli = (struct cli){ .argv = argv,
			     .copy = copy_words(argc, argv),
			     .option = calloc((size_t)argc + 1, sizeof(*cli->option)) };
	if (!cli->copy || !cli->option)
		return EXIT_HOST;
	end = find_end(argc, cli->copy, 1);
	rc = parse_options(cli, end, cli->copy, &given, &help, &version);
	if (rc)
		return rc;
	named = optind < end && cli_find_command(cli->copy[optind]);
	take_words(cli, argc, cli->copy, end);
	if (version) {
		(void)printf("vfio-run %s\n", cli_version());
		return EXIT_OK;
	}
	if (help) {
		cli_help(named ? cli->command : NULL);
		return EXIT_OK;
	}
	if (!named && !cli->word_count)
		return bad_use("which profile? `vfio-run new NAME` writes one; `vfio-run help` lists the commands");
	rc = check(cli, named, given);
	return rc ? rc : -1;
}

/** cli_fini() - free what cli_parse() allocated */
void cli_fini(struct cli *cli)
{
	free(cli->copy);
	free(cli->option);
	cli->copy = NULL;
	cli->option = NULL;
}

/**
 * cli_wants_colour() - is colour wanted there?
 * @fd:	stdout or stderr
 *
 * Without an option NO_COLOR counts, and a terminal that has no name or is called dumb has none.
 */
bool cli_wants_colour(const struct cli *cli, int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (cli->colour != CLI_COLOUR_AUTO)
		return cli->colour == CLI_COLOUR_ALWAYS;
	return term && *term && strcmp(term, "dumb") != 0 && !(no && *no) && isatty(fd);
}
