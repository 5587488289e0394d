/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generate.c - writes the completions for bash, zsh and fish from the tables of the command line
 *
 * usage: generate bash|zsh|fish. Not installed: `make completion` writes what is committed
 * beside this file, and a test compares. Offered is what is built.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "launcher/cli.h"

/* What a word of a command or an option's argument is, by how the usage calls it. */
static const struct kind {
	const char *word;
	const char *kind; /* of the shell functions below */
} kinds[] = {
	{ "PROFILE|ADDRESS", "both" }, { "PROFILE", "profiles" }, { "ADDRESS", "addresses" },
	{ "NAME", "names" },	       { "FILE", "files" },	  { "DIR", "dirs" },
	{ "WHEN", "when" },	       { "COMMAND", "commands" },
};

/* Commands whose NAME is not one of the VMs that run, or were interrupted. */
static const struct kind names_of[] = {
	{ "start", "profiles" }, { "log", "profiles" }, { "new", "none" },
};

static const char *kind_of(const char *arguments)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strstr(arguments, kinds[i].word))
			return kinds[i].kind;
	return "none";
}

/* "[all|gpu]" to "all gpu"; "" for arguments that are no words in lower case. */
static void words_of(const char *arguments, char *out, size_t size)
{
	size_t used = 0;

	for (const char *p = arguments; *p && used + 1 < size; p++) {
		if (isupper((unsigned char)*p)) {
			used = 0;
			break;
		}
		if (islower((unsigned char)*p))
			out[used++] = *p;
		else if (used && out[used - 1] != ' ')
			out[used++] = ' ';
	}
	while (used && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
}

static const char *kind_of_command(const struct cli_command *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(names_of); i++)
		if (!strcmp(names_of[i].word, c->name))
			return names_of[i].kind;
	return kind_of(c->arguments);
}

/*
 * "dump ADDRESS FILE | check FILE": the next of the ways in which a command goes on
 * @word:	receives its first word, which is typed as it is
 * @rest:	receives what is behind it
 *
 * Return: where the one after it begins; NULL: there is none at @usage
 */
static const char *next_way(const char *usage, char word[32], char rest[64])
{
	const char *end = usage ? strstr(usage, " | ") : NULL;
	size_t length;

	if (!usage || !islower((unsigned char)*usage))
		return NULL;
	length = end ? (size_t)(end - usage) : strlen(usage);
	(void)snprintf(word, 32, "%.*s", (int)strcspn(usage, " "), usage);
	(void)snprintf(rest, 64, "%.*s", (int)(length - strlen(word)), usage + strlen(word));
	return end ? end + 3 : usage + length;
}

/* What follows a command: words of its own, or a kind. */
static const char *follows(const struct cli_command *c, char *buf, size_t size)
{
	char word[32], rest[64];
	size_t used = 0;

	words_of(c->arguments, buf, size);
	for (const char *p = *buf ? NULL : c->arguments; (p = next_way(p, word, rest)) && used < size;)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? " " : "", word);
	return *buf ? buf : kind_of_command(c);
}

/* Single quotes are doubled by closing, escaping and opening; fish takes that too. */
static void quoted(const char *text)
{
	(void)putchar('\'');
	for (; *text; text++) {
		if (*text == '\'')
			(void)fputs("'\\''", stdout);
		else
			(void)putchar(*text);
	}
	(void)putchar('\'');
}

static bool takes(const struct cli_command *c, const struct cli_option *o)
{
	return o->bit & (c->options | CLI_ALWAYS);
}

static void header(const char *comment)
{
	(void)printf("%s SPDX-License-Identifier: GPL-2.0-or-later\n"
		     "%s Made by `make completion` from launcher/cli-tables.c; changes go there.\n",
		     comment, comment);
}

/* ---- bash --------------------------------------------------------------------------------- */

static void bash_options(const struct cli_command *c)
{
	(void)printf("\t%s) echo '", c->name);
	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *o = &cli_options[i];

		if (!takes(c, o))
			continue;
		if (o->letter)
			(void)printf("-%c ", o->letter);
		(void)printf("--%s%s ", o->name, o->argument ? "=" : "");
	}
	(void)printf("' ;;\n");
}

static void bash_ways(const struct cli_command *c)
{
	char word[32], rest[64];

	if (!strchr(c->arguments, ' '))
		return;
	for (const char *p = c->arguments; (p = next_way(p, word, rest));) {
		(void)printf("\t'%s %s') printf '%%s\\n'", c->name, word);
		for (char *save = NULL, *w = strtok_r(rest, " ", &save); w; w = strtok_r(NULL, " ", &save))
			(void)printf(" %s", kind_of(w));
		(void)printf(" ;;\n");
	}
}

static void bash_tables(void)
{
	char buf[64];

	(void)printf("_vfio_run_commands='");
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run)
			(void)printf("%s ", cli_commands[i].name);
	(void)printf("'\n\n# The options of a command.\n_vfio_run_options() {\n\tcase $1 in\n");
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run)
			bash_options(&cli_commands[i]);
	(void)printf("\tesac\n}\n\n# What follows a command, or an option that takes an argument;"
		     " and how many words.\n_vfio_run_follows() {\n\tcase $1 in\n");
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run)
			(void)printf("\t%s) echo '%d %s' ;;\n", cli_commands[i].name, cli_commands[i].most,
				     follows(&cli_commands[i], buf, sizeof(buf)));
	for (size_t i = 0; i < cli_option_count; i++) {
		const struct cli_option *o = &cli_options[i];

		if (o->argument && o->letter)
			(void)printf("\t-%c | --%s) echo '1 %s' ;;\n", o->letter, o->name, kind_of(o->argument));
		else if (o->argument)
			(void)printf("\t--%s) echo '1 %s' ;;\n", o->name, kind_of(o->argument));
	}
	(void)printf("\tesac\n}\n\n# What follows a command's first word, one kind a line.\n_vfio_run_then() {\n\tcase $1 in\n");
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run)
			bash_ways(&cli_commands[i]);
	(void)printf("\tesac\n}\n\n");
}

static const char bash_rest[] =
	"# Names of profiles in the usual places; a path with a slash is completed as a file.\n"
	"_vfio_run_profiles() {\n"
	"\tlocal file\n"
	"\tfor file in ~/.config/vfio-run/*.profile /etc/vfio-run/*.profile; do\n"
	"\t\t[ -e \"$file\" ] || continue\n"
	"\t\tfile=${file##*/}\n"
	"\t\techo \"${file%.profile}\"\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# Addresses, without their domain when the word is begun so.\n"
	"_vfio_run_addresses() {\n"
	"\tlocal device\n"
	"\tfor device in /sys/bus/pci/devices/*; do\n"
	"\t\tdevice=${device##*/}\n"
	"\t\tcase $device in\n"
	"\t\t\"$1\"*) echo \"$device\" ;;\n"
	"\t\t0000:\"$1\"*) echo \"${device#0000:}\" ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"}\n"
	"\n"
	"_vfio_run_names() {\n"
	"\tlocal name\n"
	"\tfor name in /run/vfio-run/vm/*; do\n"
	"\t\t[ ! -d \"$name\" ] || echo \"${name##*/}\"\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# _vfio_run_offer KIND-OR-WORDS WORD\n"
	"_vfio_run_offer() {\n"
	"\tcase $1 in\n"
	"\tnone) return ;;\n"
	"\tcommands) compgen -W \"$_vfio_run_commands\" -- \"$2\"; return ;;\n"
	"\tfiles) compgen -f -- \"$2\"; return ;;\n"
	"\tdirs) compgen -d -- \"$2\"; return ;;\n"
	"\twhen) compgen -W 'auto always never' -- \"$2\"; return ;;\n"
	"\tnames) compgen -W \"$(_vfio_run_names)\" -- \"$2\"; return ;;\n"
	"\tprofiles | both | addresses) ;;\n"
	"\t*) compgen -W \"$1\" -- \"$2\"; return ;;\n"
	"\tesac\n"
	"\t[ \"$1\" = profiles ] || _vfio_run_addresses \"$2\"\n"
	"\t[ \"$1\" != addresses ] || return\n"
	"\tcase $2 in\n"
	"\t*/*) compgen -f -X '!*.profile' -- \"$2\"; compgen -d -S / -- \"$2\" ;;\n"
	"\t*) compgen -W \"$(_vfio_run_profiles)\" -- \"$2\" ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"_vfio_run() {\n"
	"\tlocal line=${COMP_LINE:0:${COMP_POINT:-0}} command='' pending='' count=0 ended='' first='' word cur most what i\n"
	"\tlocal -a words kinds\n"
	"\t[ -n \"$line\" ] || line=\"${COMP_WORDS[*]:0:COMP_CWORD+1}\"\n"
	"\t# by blanks: an address is one word, whatever COMP_WORDBREAKS says\n"
	"\tread -ra words <<<\"$line\"\n"
	"\tcase $line in *[[:blank:]]) words+=('') ;; esac\n"
	"\tcur=${words[${#words[@]}-1]}\n"
	"\tfor ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
	"\t\tword=${words[i]}\n"
	"\t\tif [ -n \"$pending\" ]; then\n"
	"\t\t\tpending=\n"
	"\t\t\tcontinue\n"
	"\t\tfi\n"
	"\t\tcase $ended$word in\n"
	"\t\t--) ended=1\n"
	"\t\t\t# what follows a profile and -- is QEMU's\n"
	"\t\t\t[ \"$command\" != run ] || [ $count = 0 ] || return ;;\n"
	"\t\t--*=*) ;;\n"
	"\t\t--*) [ -z \"$(_vfio_run_follows \"$word\")\" ] || pending=$word ;;\n"
	"\t\t-*)\n"
	"\t\t\t# letters behind one dash: the argument of the last one is in a word of its own\n"
	"\t\t\twhile [ ${#word} -gt 2 ] && [ -z \"$(_vfio_run_follows \"${word:0:2}\")\" ]; do word=-${word:2}; done\n"
	"\t\t\t[ ${#word} -ne 2 ] || [ -z \"$(_vfio_run_follows \"$word\")\" ] || pending=$word ;;\n"
	"\t\t*)\n"
	"\t\t\tif [ -n \"$command\" ]; then\n"
	"\t\t\t\tcount=$((count + 1))\n"
	"\t\t\t\t[ -n \"$first\" ] || first=$word\n"
	"\t\t\telif [ -n \"$(_vfio_run_follows \"$word\")\" ]; then\n"
	"\t\t\t\tcommand=$word\n"
	"\t\t\telse\n"
	"\t\t\t\tcommand=run count=1\n"
	"\t\t\tfi ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tread -r most what <<<\"$(_vfio_run_follows \"${command:-run}\")\"\n"
	"\tmapfile -t kinds < <(_vfio_run_then \"$command $first\")\n"
	"\t[ $count = 0 ] || [ ${#kinds[@]} = 0 ] || what=${kinds[count-1]-none}\n"
	"\tif [ -n \"$pending\" ]; then\n"
	"\t\tread -r most what <<<\"$(_vfio_run_follows \"$pending\")\"\n"
	"\t\tmapfile -t COMPREPLY < <(_vfio_run_offer \"$what\" \"$cur\")\n"
	"\telif [[ $cur == --*=* && -z $ended ]]; then\n"
	"\t\tread -r most what <<<\"$(_vfio_run_follows \"${cur%%=*}\")\"\n"
	"\t\tmapfile -t COMPREPLY < <(_vfio_run_offer \"$what\" \"${cur#*=}\")\n"
	"\t\tcur=${cur#*=}\n"
	"\telif [[ $cur == -* && -z $ended ]]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$(_vfio_run_options \"${command:-run}\")\" -- \"$cur\")\n"
	"\t\t[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null\n"
	"\telif [ -z \"$command\" ]; then\n"
	"\t\tmapfile -t COMPREPLY < <(compgen -W \"$_vfio_run_commands\" -- \"$cur\"; _vfio_run_offer profiles \"$cur\")\n"
	"\telif [ \"$most\" -lt 0 ] || [ $count -lt \"$most\" ]; then\n"
	"\t\tmapfile -t COMPREPLY < <(_vfio_run_offer \"$what\" \"$cur\")\n"
	"\telse\n"
	"\t\tCOMPREPLY=()\n"
	"\tfi\n"
	"\t[[ $what != files && $what != dirs ]] || compopt -o filenames 2>/dev/null\n"
	"\t[[ ${COMPREPLY[0]-} != */ ]] || compopt -o nospace 2>/dev/null\n"
	"\t# readline puts the answer in the place of what is behind the last colon\n"
	"\tif [[ $cur == *:* && ${COMP_WORDBREAKS-} == *:* ]]; then\n"
	"\t\tword=${cur%\"${cur##*:}\"}\n"
	"\t\tfor i in \"${!COMPREPLY[@]}\"; do\n"
	"\t\t\tCOMPREPLY[i]=${COMPREPLY[i]#\"$word\"}\n"
	"\t\tdone\n"
	"\tfi\n"
	"}\n"
	"complete -F _vfio_run vfio-run\n";

static void bash(void)
{
	(void)printf("# shellcheck shell=bash\n");
	header("#");
	(void)printf("\n");
	bash_tables();
	(void)fputs(bash_rest, stdout);
}

/* ---- zsh ---------------------------------------------------------------------------------- */

static const char zsh_start[] =
	"\n_vfio_run_profiles() {\n"
	"\tlocal -a names\n"
	"\tnames=(~/.config/vfio-run/*.profile(N:t:r) /etc/vfio-run/*.profile(N:t:r))\n"
	"\t_alternative \"profiles:profile:($names)\" 'files:profile file:_files -g \"*.profile\"'\n"
	"}\n"
	"_vfio_run_addresses() {\n"
	"\tlocal -a addresses\n"
	"\taddresses=(/sys/bus/pci/devices/*(N:t))\n"
	"\taddresses+=(${${(M)addresses:#0000:*}#0000:})\n"
	"\tcompadd -- $addresses\n"
	"}\n"
	"_vfio_run_both() {\n"
	"\t_vfio_run_addresses\n"
	"\t_vfio_run_profiles\n"
	"}\n"
	"_vfio_run_names() { compadd -- /run/vfio-run/vm/*(N/:t) }\n"
	"_vfio_run_files() { _files }\n"
	"_vfio_run_dirs() { _files -/ }\n"
	"_vfio_run_commands() { _describe command _vfio_run_commands }\n"
	"_vfio_run_ways() {\n"
	"\t_vfio_run_both\n"
	"\t_files\n"
	"}\n"
	"_vfio_run_when() { compadd auto always never }\n"
	"_vfio_run_none() { _message 'no more words' }\n\n";

/* The text of a help line inside "[...]" of _arguments, in single quotes. */
static void zsh_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			(void)fputs("'\\''", stdout);
		else if (strchr("[]:\\`$", *text))
			(void)printf("\\%c", *text);
		else
			(void)putchar(*text);
	}
}

static void zsh_option(const struct cli_option *o)
{
	if (o->letter)
		(void)printf("\t\t'(-%c --%s)'{-%c,--%s}'[", o->letter, o->name, o->letter, o->name);
	else
		(void)printf("\t\t'--%s%s[", o->name, o->argument ? "=" : "");
	zsh_text(o->help);
	if (o->argument)
		(void)printf("]:%s:_vfio_run_%s' \\\n", o->argument, kind_of(o->argument));
	else
		(void)printf("]' \\\n");
}

static void zsh_command(const struct cli_command *c)
{
	char words[64];
	bool ways = islower((unsigned char)*c->arguments); /* its first word is typed as it is */

	(void)printf("\t%s) _arguments -s -S \\\n", c->name);
	for (size_t i = 0; i < cli_option_count; i++)
		if (takes(c, &cli_options[i]))
			zsh_option(&cli_options[i]);
	words_of(c->arguments, words, sizeof(words));
	if (ways)
		(void)printf("\t\t'1:word:(%s)' '*:word:_vfio_run_ways' ;;\n", follows(c, words, sizeof(words)));
	else if (*words)
		(void)printf("\t\t'1:word:(%s)' ;;\n", words);
	else
		(void)printf("\t\t'%s:%s:_vfio_run_%s' ;;\n", c->most < 0 ? "*" : "1",
			     kind_of_command(c), kind_of_command(c));
}

static void zsh(void)
{
	(void)printf("#compdef vfio-run\n");
	header("#");
	(void)fputs(zsh_start, stdout);
	(void)printf("_vfio_run_commands=(\n");
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run) {
			(void)printf("\t'%s:", cli_commands[i].name);
			zsh_text(cli_commands[i].help);
			(void)printf("'\n");
		}
	(void)printf(")\n\n_vfio_run_of() {\n\tcase $1 in\n");
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run)
			zsh_command(&cli_commands[i]);
	(void)fputs("\tesac\n}\n\n"
		    "_vfio_run() {\n"
		    "\tlocal word command\n"
		    "\tinteger i\n"
		    "\tfor ((i = 2; i < CURRENT; i++)); do\n"
		    "\t\tword=$words[i]\n"
		    "\t\t[[ $word == -* ]] && continue\n"
		    "\t\tif (( ${_vfio_run_commands[(I)$word:*]} )); then\n"
		    "\t\t\tcommand=$word\n"
		    "\t\t\twords=(${words[1,i-1]} ${words[i+1,-1]})\n"
		    "\t\t\t(( CURRENT-- ))\n"
		    "\t\telse\n"
		    "\t\t\tcommand=run\n"
		    "\t\tfi\n"
		    "\t\tbreak\n"
		    "\tdone\n"
		    "\tif [[ -z $command && $words[CURRENT] != -* ]]; then\n"
		    "\t\t_describe command _vfio_run_commands\n"
		    "\t\t_vfio_run_profiles\n"
		    "\telse\n"
		    "\t\t_vfio_run_of ${command:-run}\n"
		    "\tfi\n"
		    "}\n\n"
		    "_vfio_run \"$@\"\n",
		    stdout);
}

/* ---- fish --------------------------------------------------------------------------------- */

static const char fish_start[] =
	"\nfunction __vfio_run_profiles\n"
	"    for file in ~/.config/vfio-run/*.profile /etc/vfio-run/*.profile\n"
	"        string replace -r '.*/(.*)\\.profile$' '$1' -- $file\n"
	"    end\n"
	"    __fish_complete_suffix .profile\n"
	"end\n"
	"function __vfio_run_addresses\n"
	"    for device in /sys/bus/pci/devices/*\n"
	"        string replace -r '.*/' '' -- $device\n"
	"    end\n"
	"end\n"
	"function __vfio_run_both\n"
	"    __vfio_run_addresses\n"
	"    __vfio_run_profiles\n"
	"end\n"
	"function __vfio_run_names\n"
	"    for name in /run/vfio-run/vm/*\n"
	"        string replace -r '.*/' '' -- $name\n"
	"    end\n"
	"end\n"
	"function __vfio_run_files\n"
	"    __fish_complete_path (commandline -ct)\n"
	"end\n"
	"function __vfio_run_dirs\n"
	"    __fish_complete_directories (commandline -ct)\n"
	"end\n"
	"function __vfio_run_when\n"
	"    printf '%s\\n' auto always never\n"
	"end\n"
	"function __vfio_run_commands\n"
	"    printf '%s\\n' $__vfio_run_commands\n"
	"end\n"
	"function __vfio_run_ways\n"
	"    __vfio_run_both\n"
	"    __vfio_run_files\n"
	"end\n"
	"function __vfio_run_none\n"
	"end\n"
	"# The command on the line, \"run\" for a profile, nothing at the start of it.\n"
	"function __vfio_run_command\n"
	"    for word in (commandline -opc)[2..-1]\n"
	"        string match -q -- '-*' $word; and continue\n"
	"        contains -- $word $__vfio_run_commands; and echo $word; or echo run\n"
	"        return\n"
	"    end\n"
	"end\n"
	"function __vfio_run_is\n"
	"    set -l command (__vfio_run_command)\n"
	"    test -n \"$command\"; or set command run\n"
	"    contains -- $command $argv\n"
	"end\n";

static void fish_option(const struct cli_option *o)
{
	(void)printf("complete -c vfio-run -l %s", o->name);
	if (o->letter)
		(void)printf(" -s %c", o->letter);
	if (o->argument)
		(void)printf(" -x -a '(__vfio_run_%s)'", kind_of(o->argument));
	(void)printf(" -n '__vfio_run_is");
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run && takes(&cli_commands[i], o))
			(void)printf(" %s", cli_commands[i].name);
	(void)printf("' -d ");
	quoted(o->help);
	(void)printf("\n");
}

/* An option that no command takes that is built would be offered to none. */
static bool is_built(const struct cli_option *o)
{
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run && takes(&cli_commands[i], o))
			return true;
	return false;
}

static void fish(void)
{
	char words[64];

	header("#");
	(void)printf("\nset -g __vfio_run_commands");
	for (size_t i = 0; i < cli_command_count; i++)
		if (cli_commands[i].run)
			(void)printf(" %s", cli_commands[i].name);
	(void)printf("\n");
	(void)fputs(fish_start, stdout);
	(void)printf("\ncomplete -c vfio-run -f\n"
		     "complete -c vfio-run -n 'test -z (__vfio_run_command)' -a '(__vfio_run_profiles)' "
		     "-d profile\n");
	for (size_t i = 0; i < cli_command_count; i++) {
		const struct cli_command *c = &cli_commands[i];

		if (!c->run)
			continue;
		(void)printf("complete -c vfio-run -n 'test -z (__vfio_run_command)' -a %s -d ", c->name);
		quoted(c->help);
		words_of(c->arguments, words, sizeof(words));
		(void)printf("\ncomplete -c vfio-run -n 'test \"$(__vfio_run_command)\" = %s' -a ", c->name);
		if (islower((unsigned char)*c->arguments))
			(void)printf("'%s (__vfio_run_ways)'\n", follows(c, words, sizeof(words)));
		else if (*words)
			(void)printf("'%s'\n", words);
		else
			(void)printf("'(__vfio_run_%s)'\n", kind_of_command(c));
	}
	for (size_t i = 0; i < cli_option_count; i++)
		if (is_built(&cli_options[i]))
			fish_option(&cli_options[i]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*write)(void);
	} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(shells); i++)
		if (!strcmp(argv[1], shells[i].name)) {
			shells[i].write();
			return fflush(stdout) ? 1 : 0;
		}
	(void)fprintf(stderr, "usage: generate bash|zsh|fish\n");
	return 2;
}
