#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-docs.sh - the tables, --help, vfio-run(8) and the completions say the same
#
# The keys of a profile are held against their page by test-profile-man.
# shellcheck disable=SC2317 # functions are called through nothing and same
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
program=${VFIO_RUN_BUILD:-build}/bin/vfio-run
tables=launcher/cli-tables.c
page=launcher/vfio-run.8
completion="launcher/completion"

# rows ARRAY: its rows, each on one line
rows() { awk -v start="$1\\\\[\\\\] = {" '$0 ~ start { on = 1; next } /^};/ { on = 0 } on' $tables | tr -d '\n' | sed 's/},[[:space:]]*/}\n/g'; }
commands_built() { rows cli_commands | grep -v 'NULL }$' | sed -n 's/^[[:space:]]*{ "\([a-z]*\)".*/\1/p'; }
commands_missing() { rows cli_commands | sed -n 's/^[[:space:]]*{ "\([a-z]*\)".*NULL }$/\1/p'; }
# "-n --dry-run", "--color="
options() {
	rows cli_options | awk -F'"' 'NF > 2 {
		letter = $3; sub(/^[^'\'']*'\''/, "", letter); sub(/'\''.*/, "", letter)
		argument = $3 ~ /NULL/ ? "" : "="
		print (letter ~ /^[A-Za-z]$/ ? "-" letter " " : "") "--" $2 argument
	}'
}

# section NAME: of the manual
section() { awk -v name=".Sh $1" '$0 == name { on = 1; next } /^\.Sh / { on = 0 } on' "$page"; }
page_commands() { section COMMANDS | sed -n 's/^\.It Cm \([a-z]*\).*/\1/p'; }
page_missing() { section COMMANDS | awk '/^Not built yet/ { on = 1; next } /^\.(El|Pp|It|Sh)/ { on = 0 } on && $1 == ".Cm" { print $2 }'; }
page_options() { section OPTIONS | sed -n 's/^\.It Fl \(.*\)/\1/p' | sed 's/ Ns = Ns .*/=/; s/ , Fl / /; s/^\([a-zA-Z]\) /-\1 /; s/\(^\| \)-\([a-z][a-z]\)/\1--\2/'; }
page_codes() { section 'EXIT STATUS' | sed -n 's/^\.It \([0-9]*\)$/\1/p'; }
page_checks() { section CHECKS | sed -n 's/^\.It Sy \([a-z0-9-]*\)$/\1/p'; }
page_changes() { section 'WHAT IS CHANGED ON THE HOST' | sed -n 's/^\.It Vt \([a-z0-9_]*\) .*/\1/p'; }

help_commands() { "$program" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p'; }
help_options() { "$program" --help | sed -n 's/^  *\(-.*\)/\1/p' | sed 's/^\(-[a-zA-Z]\), /\1 /; s/=[A-Z]*.*/=/; s/\(--[a-z-]*\) .*/\1/'; }
codes() { sed -n 's/^[[:space:]]*EXIT_[A-Z_]* = \([0-9]*\),.*/\1/p' launcher/keeper/handover.h; }
check_names() { sed -n 's/^\(ROW\|FOUND\)("\([a-z0-9-]*\)".*/\2/p' launcher/plan/checks/checks-table.inc; }
change_names() { sed -n -e 's/^[[:space:]]*\[CHANGE_[A-Z0-9_]*\] *= { "\([a-z0-9_]*\)".*/\1/p' launcher/base/change-grammar.c; }

# Each command has help of its own.
help_of_each() {
	for command in $(commands_built) $(commands_missing); do
		"$program" "$command" --help >"$report/help" 2>&1 || echo "$command --help fails"
		grep -q "^vfio-run $command" "$report/help" || echo "$command --help is about something else"
		for option in --help --version --verbose --quiet --color; do
			grep -q -e "$option" "$report/help" || echo "$command --help: no $option"
		done
	done
}
help_fits() {
	for command in '' $(commands_built); do
		# shellcheck disable=SC2086 # one word or none
		"$program" $command --help | awk -v command="$command" 'length > 80 { print command ": " $0 }'
	done
}
bash_commands() { sed -n "s/^_vfio_run_commands='\(.*\)'/\1/p" "$completion"/vfio-run.bash | tr ' ' '\n' | grep .; }
zsh_commands() { sed -n '/^_vfio_run_commands=(/,/^)/s/^[[:space:]]*.\([a-z]*\):.*/\1/p' "$completion"/_vfio-run; }
fish_commands() { sed -n 's/^set -g __vfio_run_commands //p' "$completion"/vfio-run.fish | tr ' ' '\n'; }
# An option is offered when a command that is built takes it: its own help says so.
options_built() {
	for command in $(commands_built); do
		"$program" "$command" --help | sed -n 's/^  .*--\([a-z-]*\).*/\1/p'
	done
}
bash_options() { grep -oE -e '--[a-z-]+=? ' "$completion"/vfio-run.bash | sed 's/^--//; s/[= ]*$//'; }
zsh_options() { grep -oE "(^|[ ,'])--[a-z-]+[]=}[]" "$completion"/_vfio-run | sed 's/.*--//; s/[^a-z-]*$//'; }
fish_options() { sed -n 's/^complete -c vfio-run -l \([a-z-]*\).*/\1/p' "$completion"/vfio-run.fish; }

same 'commands: the table and --help' commands_built help_commands
same 'commands: the table and vfio-run(8)' commands_built page_commands
if [ -n "$(commands_missing)" ]; then
	same 'commands that are not built: the table and vfio-run(8)' commands_missing page_missing
else
	nothing 'vfio-run(8) does not speak of commands that are not built' page_missing
fi
same 'commands: the table and bash' commands_built bash_commands
same 'commands: the table and zsh' commands_built zsh_commands
same 'commands: the table and fish' commands_built fish_commands
same 'options: the table and --help' options help_options
same 'options: the table and vfio-run(8)' options page_options
nothing 'every command has its help' help_of_each
nothing '--help fits 80 columns' help_fits
same 'options: --help and bash' options_built bash_options
same 'options: --help and zsh' options_built zsh_options
same 'options: --help and fish' options_built fish_options
same 'exit codes: the table and vfio-run(8)' codes page_codes
# A version reads a journal of its own format line for line; a line or a change that it does not know is damage to it.
journal_written() {
	sed -n 's/^#define JOURNAL_FORMAT \([0-9]*\)$/format \1/p' launcher/keeper/journal/journal.h
	sed -n 's/^	{ "\([a-z]*\)", *\([0-9]*\), *read_[a-z_]* },$/line \1 \2/p' launcher/keeper/journal/journal.c
	change_names | sed 's/^/change /'
}
journal_frozen() { grep -v '^#' tests/unit/journal-format.txt; }
same 'the journal: what can be in it is what its format has, tests/unit/journal-format.txt' journal_written journal_frozen
same 'checks: the table and vfio-run(8)' check_names page_checks
same 'changes: the table and vfio-run(8)' change_names page_changes
if command -v mandoc >/dev/null; then
	nothing 'vfio-run(8) is well formed' mandoc -Tlint -W warning "$page"
else
	skip 'vfio-run(8) is well formed' 'no mandoc here'
fi
finish
