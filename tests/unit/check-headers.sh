#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-headers.sh - every header compiles alone, and twice, with gcc and with clang
# shellcheck disable=SC2317 # functions are called through nothing
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"

headers=$(find launcher qmp profiles -name '*.h' | sort)
flags='-std=gnu11 -D_GNU_SOURCE -I. -Wall -Wextra -Werror -Wundef -Wmissing-prototypes -fsyntax-only -x c'
# shellcheck disable=SC2046 # flags, one word each
libraries=$(pkg-config --cflags libpci libkmod json-c libseccomp)

# A header may be the only one, the first one, and there twice; once more by another path.
compiles() {
	for header in $headers; do
		# shellcheck disable=SC2086 # flags, one word each
		printf '#include "%s"\n#include "%s"\nextern int not_empty;\n' "$header" "./$header" |
			"$1" $flags $libraries - || echo "$header"
	done
}
for compiler in gcc clang; do
	if command -v $compiler >/dev/null; then
		nothing "every header alone and twice, $compiler" compiles $compiler
	else
		skip "every header alone and twice, $compiler" "no $compiler here"
	fi
done

guards() {
	for header in $headers; do
		guard=$(sed -n 's/^#ifndef \(VFIO_[A-Z]*_[A-Z0-9_]*H\)$/\1/p' "$header" | head -n 1)
		[ -n "$guard" ] || { echo "$header: no guard VFIO_..._H"; continue; }
		grep -q "^#define $guard\$" "$header" || echo "$header: $guard is not defined"
		[ "$(tail -n 1 "$header")" = "#endif /* $guard */" ] || echo "$header: does not end with #endif /* $guard */"
		echo "$guard" >>"$report/guards"
	done
	sort "$report/guards" | uniq -d | sed 's/$/: in two headers/'
}
nothing 'every header has a guard of its own' guards

starts() {
	for file in $(find launcher qmp profiles tests -name '*.[ch]' | sort); do
		head -n 1 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$file: no SPDX line"
		head -n 5 "$file" | grep -qE "[ /]$(basename "$file") - " || echo "$file: does not say what it is for"
	done
}
nothing 'every file has its licence and says what it is for' starts
finish
