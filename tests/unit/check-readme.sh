#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-readme.sh - README's pictures are what the program prints
#
# Between `<!-- shown TREE -->` and `<!-- /shown -->` stand commands and their output, of 80 columns,
# on the machine tests/sysfs/pictured/TREE.txt. UPDATE_GOLDEN=1 writes them anew.
# shellcheck disable=SC2317 # functions are called through nothing
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
program=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)/bin/vfio-run
sysfs=$(cd "$(dirname "$0")/../sysfs" && pwd)
export LC_ALL=C.UTF-8

# What stands there: "TREE: $ COMMAND" a line
pictures() { awk '/^<!-- shown / { tree = $3; next } /^<!-- \/shown/ { tree = "" } tree && /^    \$ / { print tree ":" substr($0, 5) }' README.md; }

# README with each picture drawn anew
drawn() {
	while IFS= read -r line; do
		case $line in
		'<!-- shown '*)
			tree=${line#<!-- shown }
			tree=${tree% -->}
			printf '%s\n' "$line"
			;;
		'<!-- /shown -->') tree='' && printf '\n%s\n' "$line" ;;
		'    $ vfio-run '*)
			[ -n "$tree" ] || printf '%s\n' "$line"
			[ -n "$tree" ] || continue
			[ -d "$report/$tree" ] || "$sysfs/make-tree" "$sysfs/pictured/$tree.txt" "$report/$tree"
			printf '\n%s\n' "$line"
			# shellcheck disable=SC2086 # its words
			"$program" ${line#    \$ vfio-run } --sysroot="$report/$tree" 2>&1 | sed 's/^./    &/'
			;;
		*) [ -n "$tree" ] || printf '%s\n' "$line" ;;
		esac
	done
}
tree=''
drawn <README.md >"$report/README.md"
if [ -n "${UPDATE_GOLDEN:-}" ]; then cat "$report/README.md" >README.md; fi

nothing 'pictures of the README are what is printed' diff README.md "$report/README.md"
nothing 'and there are some' sh -c "[ $(pictures | wc -l) -ge 2 ] || pictures"
nothing 'what is printed fits 80 columns, its indent aside' grep -nE '^    .{81}' README.md
finish
