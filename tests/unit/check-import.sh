#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-import.sh - `vfio-run import`: what comes out is a profile, and tells what it lacks
#
# tests/golden/import has a description and the profile that it becomes, side by side.
# UPDATE_GOLDEN=1 writes them.
# shellcheck disable=SC2016 # the inner shells expand
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/unit/tap.sh
. "$here/tap.sh"
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
program=$build/bin/vfio-run
golden=$here/../golden/import
work=$(mktemp -d)
trap 'rm -rf "$work" "$report"' EXIT
chmod 755 "$work"
unset SUDO_UID SUDO_USER DOAS_USER PKEXEC_UID

for input in "$golden"/*.xml "$golden"/*.conf "$golden"/*.sh; do
	name=$(basename "$input")
	profile=$golden/$name.profile
	cp "$input" "$work/$name"
	"$program" import "$work/$name" >"$work/out.profile" 2>"$work/err"
	[ -z "${UPDATE_GOLDEN:-}" ] || cp "$work/out.profile" "$profile"
	nothing "$name" diff "$profile" "$work/out.profile"
	notes=$(awk '/^#   [^ ]/ { n++ } END { print n + 0 }' "$work/out.profile")
	nothing "$name: how many things are not as they were is said beside it" sh -c '
		[ "$1" = 0 ] && [ ! -s "$2" ] || grep -qx "vfio-run: $1 things are not as they were: .*" "$2" || cat "$2"' - "$notes" "$work/err"
	nothing "$name: they are in the order of its lines, in 80 columns" awk '
		/^#   line / { if ($3 + 0 < last) print; last = $3 + 0 }
		/^#/ && length > 80 && $0 !~ /^# *[^ ]*$/ && $0 !~ /`/' "$work/out.profile"
	"$program" -n "$work/out.profile" >/dev/null 2>"$work/errors"
	# what this version cannot do yet is a profile's all the same
	nothing "$name: every line of it is one of a profile" sh -c 'grep -A3 "out.profile:[0-9]*:" "$1" | grep -v "not supported yet" | grep "error:"' - "$work/errors"
done

# refused NAME STATUS WORDS: what is in $work/bad is refused so
refused() {
	"$program" import "$work/bad" >"$work/out" 2>"$work/err"
	status=$?
	nothing "$1" sh -c '[ "$1" = "$2" ] && grep -q -- "$3" "$4" && ! [ -s "$5" ] || { echo "exit $1"; cat "$4"; }' - \
		$status "$2" "$3" "$work/err" "$work/out"
}
printf '<domain><name>a</domain>' >"$work/bad"
refused 'XML that is none' 2 'line 1: mismatched tag'
printf '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><domain>&b;</domain>' >"$work/bad"
refused 'entities' 2 'declares entities'
printf '<network/>' >"$work/bad"
refused 'another document of libvirt' 2 'expected <domain>'
: >"$work/bad"
refused 'an empty file' 3 'empty'
printf '#!/bin/sh\nkillall qemu-system-x86_64\n' >"$work/bad"
refused 'a script that starts no VM' 2 'no command that starts QEMU'
awk 'BEGIN { print "a=x"; for (i = 0; i < 40; i++) print "a=\"$a$a\""; print "qemu-system-x86_64 -m 1G -smp 1 -cpu $a" }' >"$work/bad"
refused 'variables in variables, without end' 3 'more devices'
awk 'BEGIN { printf "qemu-system-x86_64"; for (i = 0; i < 3000; i++) printf " -usb"; print "" }' >"$work/bad"
refused 'more words than a command has' 3 'more devices'
nothing 'nothing of a script was executed' sh -c 'ls /tmp/import-was-here 2>/dev/null'
printf 'a = b\n' >"$work/bad"
refused 'something else' 2 'expected a libvirt domain'
printf 'memory: 1\0' >"$work/bad"
refused 'bytes that are no text' 2 'no text'
awk 'BEGIN { for (i = 0; i < 100; i++) printf "<a>" }' >"$work/bad"
refused 'elements in elements, without end' 2 'nested too deeply'
awk 'BEGIN { print "memory: 1"; for (i = 0; i < 200; i++) print "net" i ": virtio=BC:24:11:00:00:01" }' >"$work/bad"
refused 'more devices than a profile holds' 3 'more devices'
head -c 1100000 /dev/zero | tr '\0' a >"$work/bad"
refused 'more than a megabyte' 3 'more than a megabyte'
rm "$work/bad" && mkdir "$work/bad"
refused 'a folder' 3 'Is a directory'
rmdir "$work/bad"
refused 'no file' 3 'No such file'
finish
