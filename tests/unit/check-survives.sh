#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-survives.sh - which features of the published machines come through `import`: how many do is printed
#
# tests/machines/sources.tsv has each feature as it is written in a domain of libvirt's, in a script and
# in Proxmox's format; tests/machines/survives imports them one by one.
# shellcheck disable=SC2016,SC2317 # awk expands; functions are called through nothing
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/unit/tap.sh
. "$here/tap.sh"
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work" "$report"' EXIT
chmod 755 "$work"
export LC_ALL=C
unset SUDO_UID SUDO_USER DOAS_USER PKEXEC_UID

nothing 'every feature is imported' sh -c '"$1" "$2" "$3" >"$3/said"' - "$here/../machines/survives" "$build/bin/vfio-run" "$work"
nothing 'each feature has an example in sources.tsv' grep '^none ' "$work/said"
nothing 'what a profile has a key for is there, or the profile says that it is not' sh -c 'grep "^lost " "$1" | grep -v "by the way$"' - "$work/said"
# of the three kinds: what comes over today; who makes it less has to say so here
nothing 'as many features come over as ever' awk '
	BEGIN { least["libvirt,"] = 95; least["qemu-script,"] = 87; least["proxmox,"] = 97 }
	/^share: / { shown++; gsub(/[(]/, ""); for (i = 1; i <= NF; i++) if ($i ~ /^%/ && $(i - 1) + 0 < least[$2]) print }
	END { if (shown != 3) print "the share of " shown + 0 " kinds is shown, not of 3" }' "$work/said"
grep '^share: ' "$work/said" | sed 's/^/# /'
finish
