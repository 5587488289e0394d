#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-hardening.sh - what was built is position independent, bound at start, without a stack
# that can be executed, and has stack protectors
# shellcheck disable=SC2317 # functions are called through nothing
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
build=${VFIO_RUN_BUILD:-build}
flags=$(cat "$build/flags" 2>/dev/null)
programs='bin/vfio-run libexec/vfio-run/keeper libexec/vfio-run/module libexec/vfio-run/rom libexec/vfio-run/vfio-qmp'
[ ! -e "$build/libexec/vfio-run/scope" ] || programs="$programs libexec/vfio-run/scope" # optional

case $flags in
*' -fsanitize='*)
	skip 'hardening' 'built with a sanitizer'
	finish
	;;
esac
: "${flags:?no $build/flags: run make first}"

pie() {
	readelf -hW "$1" | grep -q 'Type:[[:space:]]*DYN' || echo 'not position independent'
	readelf -dW "$1" | grep -q 'FLAGS_1.*PIE' || echo 'no PIE flag'
}
bound() {
	readelf -dW "$1" | grep -qE 'BIND_NOW|FLAGS_1.*NOW' || echo 'symbols are bound late'
	readelf -lW "$1" | grep -q 'GNU_RELRO' || echo 'no RELRO'
}
stack() {
	readelf -lW "$1" | grep -q 'GNU_STACK' || echo 'no GNU_STACK'
	readelf -lW "$1" | grep 'GNU_STACK' | grep -q 'RWE' && echo 'the stack can be executed'
	readelf -lW "$1" | awk '$1 == "LOAD" && / RWE / { print "a segment can be written and executed" }'
}
paths() { readelf -dW "$1" | grep -E 'RPATH|RUNPATH|TEXTREL'; }
protected() { readelf -sW "$1" | grep -q '__stack_chk_fail' || echo 'no stack protector'; }
fortified() { readelf -sW "$1" | grep -q '_chk@' || echo 'no fortified call'; }
modes() { find "$1" -perm /7022 | sed 's/$/: set-id or writable by others/'; }

for program in $programs; do
	if [ ! -x "$build/$program" ]; then
		nothing "$program" echo 'is not there'
		continue
	fi
	for what in pie bound stack paths modes; do
		nothing "$program: $what" $what "$build/$program"
	done
	case $flags in
	*-fstack-protector-strong*) nothing "$program: stack protector" protected "$build/$program" ;;
	*) skip "$program: stack protector" 'the compiler has none' ;;
	esac
	case $flags in
	*_FORTIFY_SOURCE=3*)
		# musl has no fortified functions
		if [ "$program" = libexec/vfio-run/module ]; then
			skip "$program: fortified" 'it calls nothing that could be'
		elif readelf -dW "$build/$program" | grep -q 'libc\.so\.6'; then
			nothing "$program: fortified" fortified "$build/$program"
		else
			skip "$program: fortified" 'not glibc'
		fi
		;;
	*) skip "$program: fortified" 'built without optimisation' ;;
	esac
done
finish
