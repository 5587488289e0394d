# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# before-removal.sh - the body of every package's script before a removal: says what goes on without it
#
# A VM that runs needs nothing of the package: its programs are open, and its devices come back when
# it ends. So nothing is stopped here, and no card is given back unasked: somebody may look at
# it, or compute on it. What is in /run/vfio-run stays; installed again, vfio-run goes on from it.
running=$(vfio-run status 2>/dev/null) || running=
detached=$(vfio-run attach -n -q 2>/dev/null) || detached=
left=$(vfio-run recover -n -q 2>/dev/null) || true
if [ -n "$running" ]; then
	echo "vfio-run: these VMs run on, and give their devices back when they end:"
	echo "$running" | sed -n 's/^\([^ ].*\)/  \1/p'
	echo "  Until then Ctrl-C powers the guest down, or systemctl stop where it is a unit."
fi
if [ -n "$detached$left" ]; then
	echo "vfio-run: these devices stay on vfio-pci until a reboot:"
	echo "$detached $left" | grep -oE '[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]' | sort -u | sed 's/^/  /'
	echo "  To have them back before, install it again, then:"
	echo "  sudo vfio-run attach; sudo vfio-run recover"
fi
