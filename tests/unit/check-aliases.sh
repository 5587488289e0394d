#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-aliases.sh - `vfio-run aliases`: lines that a shell takes, for the profiles that there are
# shellcheck disable=SC2317,SC2016 # functions are called through check; the inner shell expands
set -u
# shellcheck source=tests/unit/cli.sh
. "$(dirname "$0")/cli.sh"
if ! unshare -m true 2>/dev/null; then
	skip 'aliases of the profiles in /etc/vfio-run' 'no mount namespace can be made here'
	finish
fi
etc=$scratch/etc
mkdir -p "$etc/vfio-run"
for file in passwd group nsswitch.conf ld.so.cache; do
	[ ! -e "/etc/$file" ] || cp "/etc/$file" "$etc/"
done
for name in game run cd cat 'a b' win10 .hidden 'x;id' README; do
	: >"$etc/vfio-run/$name.profile"
done
: >"$etc/vfio-run/devices.allow"
# what the user has at home is not of this test
unshare -m sh -c 'mount --make-rprivate / && mount --bind "$1" /etc && env -u SUDO_UID -u SUDO_USER -u DOAS_USER -u PKEXEC_UID "$2" aliases' - \
	"$etc" "$program" >"$scratch/out" 2>"$scratch/err"
check 'it ends with 0' [ $? = 0 ]
check 'the profiles of /etc/vfio-run, and nothing that is no name' \
	[ "$(cat "$scratch/out")" = "alias README='sudo vfio-run README'
# cat is a command of the system's: \`sudo vfio-run run cat\`
# cd is a command of the shell's: \`sudo vfio-run run cd\`
alias game='sudo vfio-run game'
# run is a command of vfio-run's: \`sudo vfio-run run run\`
alias win10='sudo vfio-run win10'" ]
check 'a shell takes them' [ "$(sh -c '. "$1"; alias game' - "$scratch/out")" = "game='sudo vfio-run game'" ]
finish
