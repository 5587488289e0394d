#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-unit.sh - vfio-run@.service: well formed, exposed less than 5.0, and of what is there
# shellcheck disable=SC2317 # functions are called through nothing
set -u
# shellcheck source=tests/unit/tap.sh
. "$(dirname "$0")/tap.sh"
unit=${VFIO_RUN_BUILD:-build}/lib/systemd/system/vfio-run@.service
program=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)/bin/vfio-run

value() { sed -n "s/^$1=//p" "$unit"; }
nothing 'no place is left open' grep -n '@[a-z]*@' "$unit"
# Every word of its command lines is one that vfio-run takes.
commands_work() {
	for line in "$(value ExecStart)" "$(value ExecStopPost)"; do
		words=$(echo "$line" | cut -d' ' -f2- | sed 's/%i/nosuch/')
		# shellcheck disable=SC2086 # one word each
		"$program" $words --help >/dev/null 2>&1 || echo "vfio-run takes no: $words"
	done
}
nothing 'its commands are commands of vfio-run' commands_work
has() { value "$1" | grep -qx "$2" || echo "$1 is not $2"; }
nothing 'it says when the guest runs' has Type notify
nothing 'SIGTERM goes to the keeper alone' has KillMode mixed
nothing 'mapping memory may take what it takes' has TimeoutStartSec infinity

if ! command -v systemd-analyze >/dev/null; then
	skip 'systemd-analyze verify' 'no systemd-analyze here'
	skip 'systemd-analyze security' 'no systemd-analyze here'
	finish
fi
mkdir "$report/units"
sed "s|=[^ =]*/vfio-run |=$program |; /^Documentation=/d" "$unit" >"$report/units/vfio-run@.service"
verify() { systemd-analyze verify --man=no "$report/units/vfio-run@test.service" 2>&1 | grep -F vfio-run@; }
nothing 'systemd-analyze verify' verify
exposed() {
	systemd-analyze security --no-pager --offline=true "$report/units/vfio-run@.service" >"$report/security" 2>&1
	level=$(sed -n 's/.*exposure level for [^:]*: \([0-9.]*\).*/\1/p' "$report/security")
	[ -n "$level" ] || { cat "$report/security"; return; }
	awk -v level="$level" 'BEGIN { if (level >= 5.0) print "exposure level: " level }'
}
# Of a file too it makes /run/systemd first, which is there wherever systemd runs.
if [ ! -d /run/systemd ] && [ ! -w /run ]; then
	skip 'systemd-analyze security' 'no systemd runs here, and only root can make the /run/systemd that it wants'
elif systemd-analyze security --help 2>&1 | grep -q -e --offline; then
	nothing 'systemd-analyze security: less than 5.0' exposed
else
	skip 'systemd-analyze security' 'it cannot be asked of a file here'
fi
finish
