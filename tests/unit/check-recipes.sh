#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-recipes.sh - CONTRIBUTING.md's recipes list the files that their examples take, and no others
#
# The examples are in tests/recipes/; tests/recipes/follow builds and runs them.
# shellcheck disable=SC2317 # functions are called through nothing and same
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/recipes/lib.sh
. tests/recipes/lib.sh
page=CONTRIBUTING.md

# steps TITLE: the first numbered list of a section, and nothing behind it
steps() {
	awk -v title="## $1" '
		$0 == title { on = 1; next }
		on && /^[0-9]+\. / { list = 1; print; next }
		list && /^   / { print; next }
		list { exit }' "$page"
}

# What stands in backquotes and is a file's place.
places() { grep -o "\`[^\` ]*/[^\` ]*\`" | tr -d '\`' | grep -v '^build/\|/$'; }

# is_at FILE PLACE RECIPE: is that the file's place? A NAME is one of a file that the recipe makes.
is_at() {
	local pattern=${2/NAME/*}
	# shellcheck disable=SC2053 # a pattern
	[[ $1 == $pattern ]] && { [ "$pattern" = "$2" ] || grep -q "^== $1 new" "tests/recipes/$3"; }
}

# takes RECIPE TITLE: each of its files is in a step, and each place in a step is one of its files
takes() {
	local files places file place
	files=$(recipe_files "tests/recipes/$1")
	places=$(steps "$2" | places)
	[ -n "$places" ] && [ -n "$files" ] || echo "nothing to compare"
	set -f # they are patterns
	for file in $files; do
		for place in $places; do is_at "$file" "$place" "$1" && continue 2; done
		echo "no step of \"$2\" is about $file"
	done
	for place in $places; do
		for file in $files; do is_at "$file" "$place" "$1" && continue 2; done
		echo "\"$2\" lists $place, and tests/recipes/$1 does not take it"
	done
	set +f
}
nothing 'a key takes the files of its recipe' takes key 'To add a profile key'
nothing 'a change takes the files of its recipe' takes change 'To add a change to the host'

# A place that is gone would send a reader astray. One with NAME in it is to be made.
gone() {
	local paths
	places <"$page" | sort -u | while read -r place; do
		paths=${place/NAME/*}
		compgen -G "$paths" >/dev/null || compgen -G "launcher/$paths" >/dev/null ||
			compgen -G "launcher/keeper/$paths" >/dev/null || echo "$place"
	done
}
nothing 'every file that it names is there' gone

fits() {
	copy=$report/copy
	mkdir "$copy" || return
	cat tests/recipes/key tests/recipes/change | awk '$1 == "==" && $3 != "new" { print $2 }' | sort -u |
		xargs cp --parents -t "$copy"
	mkdir -p "$copy/launcher/keeper/kinds"
	for recipe in key change; do
		(here=$PWD && cd "$copy" && recipe_edit "$here/tests/recipes/$recipe")
	done
}
nothing 'every edit of the examples finds its place' fits
finish
