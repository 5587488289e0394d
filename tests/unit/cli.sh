# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0-or-later
# cli.sh - what the tests of the command line share: TAP, users, a copy of the program
#
# $scratch is a directory of its own in which a profile can be trusted: below one that only
# root and we can write. $program can be executed by every user. $home is the user's.
build=${VFIO_RUN_BUILD:-build}
count=0 failed=0
unset SUDO_USER SUDO_UID DOAS_USER PKEXEC_UID POSIXLY_CORRECT XDG_CONFIG_HOME NO_COLOR
export LC_ALL=C

ok() {
	count=$((count + 1))
	echo "ok $count - $1"
}
not_ok() { # NAME, with what is known on stdin
	count=$((count + 1)) failed=$((failed + 1))
	echo "not ok $count - $1"
	sed 's/^/# /'
}
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}
check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@"; then ok "$name"; else
		not_ok "$name" < <(for f in odd differ err touched executed written; do
			[ ! -s "$scratch/$f" ] || { echo "$f:"; head -n 20 "$scratch/$f"; }
		done)
	fi
}
finish() {
	echo "1..$count"
	[ $failed = 0 ]
	exit
}

# Is this directory, with all that leads to it, ours and root's alone to write? And open to all,
# where the tests are root and play a user; a user's home is open to that user alone.
is_trusted() {
	local d open=100
	[ "$(id -u)" != 0 ] || open=001
	d=$(cd "$1" 2>/dev/null && pwd -P) || return 1
	while :; do
		case $(stat -c %u "$d") in 0 | "$(id -u)") ;; *) return 1 ;; esac
		[ -n "$(find "$d" -maxdepth 0 -perm -$open ! -perm /022)" ] || return 1
		[ "$d" != / ] || return 0
		d=$(dirname "$d")
	done
}
for place in "$build" "$HOME" /var/lib /run; do
	[ -w "$place" ] && is_trusted "$place" && break
	place=
done
if [ -z "$place" ]; then
	echo "ok 1 - the command line # SKIP no directory here in which a profile can be trusted"
	echo 1..1
	exit 0
fi
scratch=$(mktemp -d "$(cd "$place" && pwd -P)/cli-XXXXXX")
copy=$(mktemp -d)
trap 'rm -rf "$scratch" "$copy"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$scratch" "$copy"
cp "$build/bin/vfio-run" "$copy/"
program=$copy/vfio-run

# as root|user COMMAND...: as root with nobody behind it, or as somebody who is not
if [ "$(id -u)" = 0 ]; then
	home=$(getent passwd 65534 | cut -d: -f6)
	user_name=$(getent passwd 65534 | cut -d: -f1)
	as() {
		local who=$1
		shift
		case $who in
		root) "$@" ;;
		*) setpriv --reuid=65534 --regid=65534 --clear-groups "$@" ;;
		esac
	}
else
	home=$(getent passwd "$(id -u)" | cut -d: -f6)
	user_name=$(id -un)
	as() { shift; "$@"; }
fi
