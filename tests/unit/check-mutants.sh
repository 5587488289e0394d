#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-mutants.sh - each seeded bug of the lab still changes the source that it is for
# shellcheck disable=SC2317 # functions are called through nothing
#
# They are tried by `make check-all` alone; one that the code has moved away from is seen here.
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"

stale() {
	for bug in tests/lab/mutants/*.sed; do
		file=$(sed -n 's/^# file: //p' "$bug")
		if [ ! -r "$file" ]; then
			echo "$bug: there is no $file"
		elif sed -f "$bug" "$file" | cmp -s - "$file"; then
			echo "$bug: changes nothing in $file"
		fi
		scenario=$(sed -n 's/^# scenario: //p' "$bug")
		[ -z "$scenario" ] || [ -r "tests/lab/scenarios/$scenario.sh" ] || echo "$bug: there is no scenario $scenario"
	done
}
nothing "each bug of tests/lab/mutants changes its source" stale
finish
