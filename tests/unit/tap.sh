# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# tap.sh - what checks of the tree share: each prints what is wrong, nothing when all is well
count=0 failed=0
report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT

# nothing NAME COMMAND...: the command has to print nothing
nothing() {
	_title=$1 # in no variable that a loop around it may have
	shift
	count=$((count + 1))
	"$@" >"$report/out" 2>&1
	if [ -s "$report/out" ]; then
		failed=$((failed + 1))
		echo "not ok $count - $_title"
		head -n 40 "$report/out" | sed 's/^/# /'
	else
		echo "ok $count - $_title"
	fi
}

# same NAME COMMAND COMMAND: both have to print the same lines, in any order, and some
same() {
	LC_ALL=C sort -u >"$report/a" <<-A
		$($2)
	A
	LC_ALL=C sort -u >"$report/b" <<-B
		$($3)
	B
	nothing "$1" sh -c "diff '$report/a' '$report/b'; grep -q . '$report/a' || echo empty"
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

finish() {
	echo "1..$count"
	[ $failed = 0 ]
	exit
}
