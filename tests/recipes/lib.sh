# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh - reads a recipe's example: which files it takes, and makes its edits; sourced
#
# tests/recipes/key says what the format is.

# recipe_files RECIPE: the files that it takes, sorted, each once.
recipe_files() { awk '$1 == "==" { print $2 }' "$1" | sort -u; }

# recipe_edit RECIPE: makes its edits in this folder, but for those that a command makes. Fails at the
# first whose place is not there.
recipe_edit() {
	local line file='' how='' at='' text=''
	while IFS= read -r line || { line='== end end'; false; }; do
		if [ "${line#== }" = "$line" ]; then
			[ -z "$file" ] || text+=$line$'\n'
			continue
		fi
		edit_one "$file" "$how" "$at" "$text" || return 1
		read -r _ file how _ <<<"$line"
		at=${line#"== $file $how"} text=''
		at=${at# }
	done < <(cat "$1"; echo '== end end')
}

# edit_one FILE HOW AT TEXT
edit_one() {
	case $2 in
	'' | end | made) return 0 ;;
	new) [ ! -e "$1" ] && printf '%s' "$4" >"$1" && return 0 ;;
	*)
		AT=$3 TEXT=$4 HOW=$2 awk '
			BEGIN { at = ENVIRON["AT"]; text = ENVIRON["TEXT"]; before = ENVIRON["HOW"] == "before" }
			!done && index($0, at) == 1 {
				done = 1
				if (before)
					printf "%s", text
				print
				if (!before)
					printf "%s", text
				next
			}
			{ print }
			END { exit !done }' "$1" >"$1.new" && cat "$1.new" >"$1" && rm -f "$1.new" && return 0
		;;
	esac
	echo "$1: no place $2 \"$3\""
	return 1
}

# recipe_made RECIPE: the commands that write what is not written by hand
recipe_made() { sed -n 's/^== [^ ]* made //p' "$1"; }
