#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-refusals.sh - each place where the keeper refuses has a check that says so before
#
# tests/unit/refusals.txt has one line for each place: its file, its words, the check that is red
# for it, and who shows that. A place that is not in the list, a line whose place is gone, a check
# that is none, or a proof that is not there, fails. The proofs themselves run where they stand.
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
list=tests/unit/refusals.txt
walk=tests/lab/scenarios/refusals.sh
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# places FILE...: "FILE|words" of each refusal. A statement that refuses, and in it what is a phrase.
places() {
	awk 'BEGIN { RS = ";"; quote = "\"" }
	FNR == 1 { file = FILENAME; sub(/.*\//, "", file); comment = 0 }
	{
		gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "")
		if ($0 !~ /job_refuse\(|jail_fail\(|jail_check\(|mount_new\(|[^_a-z]limit\(c|not_started\(|refuse\(|why = |wrong = |return (p->|"|\*|is_|strcmp|!|NULL)|log_error\(/)
			next
		words = ""
		rest = $0
		while (match(rest, /"([^"\\]|\\.)*"/)) {
			part = substr(rest, RSTART + 1, RLENGTH - 2)
			rest = substr(rest, RSTART + RLENGTH)
			if (part ~ /[a-z]+.* / && part !~ /^ABC|^0123/)
				words = words (words == "" ? "" : " ") part
		}
		if (words != "")
			print file "|" words
	}' "$@"
}

# Before the first change: plan, jail, locks and journal. What is refused after it is tests/lab's.
files="base/change.c keeper/ledger/check-plan.c keeper/jail/*.c keeper/job.c keeper/job-try.c keeper/job-run.c
keeper/vm/launch.c keeper/main.c"
# shellcheck disable=SC2086 # names without blanks, and a pattern
(cd launcher && places $files) | sort -u >"$scratch/places"
grep -v '^#' $list | grep . >"$scratch/list"
cut -d'|' -f1,2 "$scratch/list" | sort >"$scratch/listed"
[ "${1:-}" != places ] || { cat "$scratch/places"; exit 0; }

comm -23 "$scratch/places" "$scratch/listed" >"$scratch/new"
nothing "each place of the keeper's that refuses is in the list" cat "$scratch/new"
comm -13 "$scratch/places" "$scratch/listed" >"$scratch/gone"
nothing "each line of the list is a place of the keeper's" cat "$scratch/gone"

{
	sed -n 's/^\(ROW\|FOUND\)("\([a-z-]*\)",.*/\2/p' launcher/plan/checks/checks-table.inc
	echo jail
} >"$scratch/rows"
proved() { # CHECK HOW
	case $2 in
	walk) grep -q "^[^#]*\(walk\|red\) $1 " $walk || { [ "$1" = jail ] && grep -q '^step ' $walk; } ;;
	step:*) grep -q "^step ${2#step:} " $walk ;;
	tree) grep -q "{ \"$1\", .*CHECK_FAILED" tests/unit/test-checks.c ;;
	facts) grep -q "\"$1\"" tests/unit/test-check-facts.c ;;
	lab:*) [ -s "tests/lab/scenarios/${2#lab:}.sh" ] && grep -q "^[^#].*[ :]${2#lab:}\( \|$\)" tests/lab/jobs ;;
	unit:*) [ -s "tests/unit/test-${2#unit:}.c" ] ;;
	*) false ;;
	esac
}
: >"$scratch/wrong"
while IFS='|' read -r file words row how; do
	if [ "$row" = - ]; then
		# No check can know: somebody was quicker, or memory ran out at that moment. Shown otherwise.
		case $how in race:?* | memory) [ "$how" = memory ] || proved - "${how#race:}" ;; *) false ;; esac
	else
		grep -qx "$row" "$scratch/rows" && proved "$row" "$how"
	fi || echo "$file|$words|$row|$how" >>"$scratch/wrong"
done <"$scratch/list"
nothing "each has a check that there is, and a proof that breaks it" cat "$scratch/wrong"
[ "$(grep -c . "$scratch/list")" -ge 60 ] || echo "the list is short" >"$scratch/short"
grep -q '^[^#].* refusals$' tests/lab/jobs || echo "tests/lab/jobs has no walk at the end of a boot" >>"$scratch/short"
# sentences FILE...: what is said in each statement that refuses; the remedy stands before it
sentences() {
	awk 'BEGIN { RS = ";" }
	/row_failed\(|CHECK_FAILED,/ {
		gsub(/PRI[a-z][0-9]+/, "")
		gsub(/"[ \t\n]*"/, "")
		last = ""
		while (match($0, /"([^"\\]|\\.)*"/)) {
			part = substr($0, RSTART + 1, RLENGTH - 2)
			$0 = substr($0, RSTART + RLENGTH)
			if (part ~ /[a-z][a-z][a-z].* / && part !~ /^`/)
				last = part
		}
		if (last != "")
			print last
	}' "$@" | sort
}
sentences launcher/plan/*.c launcher/plan/*/*.c launcher/inspect/*.c launcher/commands/*.c launcher/commands/*/*.c >"$scratch/sentences"
nothing "no sentence that refuses stands twice" uniq -d "$scratch/sentences"
[ "$(grep -c . "$scratch/sentences")" -ge 50 ] || echo "few sentences were seen" >>"$scratch/short"
nothing "nothing of it is missing, and the lab walks it" sh -c "[ ! -s '$scratch/short' ] || cat '$scratch/short'"
finish
