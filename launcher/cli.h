/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli.h - the command line: one table of commands, one of options */
#ifndef VFIO_RUN_CLI_H
#define VFIO_RUN_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "launcher/base/cleanup.h"
#include "launcher/keeper/handover.h"

enum cli_colour { CLI_COLOUR_AUTO, CLI_COLOUR_ALWAYS, CLI_COLOUR_NEVER };

/* What the user asked for. Borrows from argv. */
struct cli {
	const struct cli_command *command;
	bool dry_run, json, yes, now, service, contained, no_devices, apply, undo, watch, all, wait, at_boot;
	int verbosity; /* -1 quiet, 0, 1 verbose */
	enum cli_colour colour;
	const char *sysroot; /* NULL: this machine */
	const char *gpu;     /* of `new` */
	const char *iso;     /* likewise */
	const char *for_what; /* of `detach`: for whom, of `try`: for how long; NULL: not said */
	const char **option; /* of -o, in their order */
	size_t option_count;
	char **word;	     /* behind the command */
	int word_count;
	char **extra; /* behind "--", NULL-terminated; QEMU's in a run */
	char **argv;  /* as the program was started with */
	char **copy;  /* of argv, in getopt's order; what word and extra point into */
};

enum cli_option_bit {
	CLI_DRY_RUN = 1 << 0,
	CLI_JSON = 1 << 1,
	CLI_YES = 1 << 2,
	CLI_NOW = 1 << 3,
	CLI_SYSROOT = 1 << 4,
	CLI_GPU = 1 << 5,
	CLI_ALWAYS = 1 << 6, /* options that every command takes */
	CLI_SERVICE = 1 << 7,
	CLI_CONTAINED = 1 << 8,
	CLI_OPTION = 1 << 9,
	CLI_NO_DEVICES = 1 << 10,
	CLI_ISO = 1 << 11,
	CLI_FOR = 1 << 12,
	CLI_APPLY = 1 << 13,
	CLI_UNDO = 1 << 14,
	CLI_WATCH = 1 << 15,
	CLI_ALL = 1 << 16,
	CLI_WAIT = 1 << 17,
	CLI_AT_BOOT = 1 << 18,
};

struct cli_command {
	const char *name;
	const char *arguments; /* as the usage shows them */
	const char *help;
	unsigned int options; /* enum cli_option_bit */
	int least, most;      /* words; most -1: any number */
	bool extra;	      /* takes arguments behind "--" */
	bool root;	      /* changes the host */
	const char *instead;  /* of one that is not built yet: what to type */
	int (*run)(const struct cli *cli); /* NULL: not built yet */
};

struct cli_option {
	const char *name; /* long, without dashes */
	char letter;	  /* '\0': none */
	const char *argument; /* NULL: takes none */
	const char *help;
	unsigned int bit;
};

extern const struct cli_command cli_commands[];
extern const size_t cli_command_count;
extern const struct cli_option cli_options[];
extern const size_t cli_option_count;
const char *cli_option_help(const struct cli_option *o, const struct cli_command *command);

/* What a word of the command line may take of a message. */
#define CLI_SHOWN_MAX 96
#define cli_shown(word) cli_show((word), (char[CLI_SHOWN_MAX]){ "" })

int cli_parse(int argc, char **argv, struct cli *cli) must_check;
void cli_fini(struct cli *cli);
const char *cli_show(const char *word, char buf[CLI_SHOWN_MAX]);
bool cli_wants_colour(const struct cli *cli, int fd);
const char *cli_meant_command(const char *word);
const char *cli_meant_option(const char *name);
const char *cli_other_option(const char *name);
const struct cli_command *cli_find_command(const char *word);
void cli_help(const struct cli_command *command);
const char *cli_version(void);
int command_help(const struct cli *cli);

#endif /* VFIO_RUN_CLI_H */
