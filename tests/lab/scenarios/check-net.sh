# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# check-net - a network card that has the way out, or this ssh session, is refused
. "$LAB_DIR/lib.sh"
nic=0000:03:00.0
plain_profile /etc/vfio-run/demo.profile "[display]" "type = none" "[pci]" "device = $nic" \
	"[qemu]" "argument = -standin" "argument = guest-off-after=1"
wait_for 20 test -d $PCI/$nic/net
name=$(ls $PCI/$nic/net)
busybox ip link set "$name" up
busybox ip addr add 10.0.2.15/24 dev "$name"
busybox ip route add default via 10.0.2.2

refused() {
	fingerprint_before
	out=$(vfio_run demo 2>&1)
	is $? 3 "$1: exit 3"
	like "$out" "$2" "$1: it says why"
	is "$(driver_of $nic)" e1000e "$1: the card stays"
	fingerprint_after "$1: nothing was touched"
}
refused "the default route" "$nic: $name has the default route"
like "$(vfio_run_ascii check demo)" "FAIL network" "the row is network"
busybox ip route del default

export SSH_CONNECTION="10.0.2.2 50000 10.0.2.15 22"
refused "this ssh session" "$name carries this ssh session from 10.0.2.2"
# sudo takes the variable away: it is found in the process that started it
sh -c 'env -u SSH_CONNECTION /usr/local/bin/vfio-run demo; echo exit $?' >out 2>&1
like "$(cat out)" 'exit 3' "behind sudo: exit 3"
like "$(cat out)" 'this ssh session' "and found"
unset SSH_CONNECTION

# A bridge on top has the route now.
modprobe bridge
if busybox brctl addbr br0 && busybox brctl addif br0 "$name"; then
	busybox ip addr del 10.0.2.15/24 dev "$name"
	busybox ip link set br0 up
	busybox ip addr add 10.0.2.15/24 dev br0
	busybox ip route add default via 10.0.2.2
	refused "a bridge on it has the default route" "$name is part of br0, and br0 has the default route"
	busybox ip link set br0 down
	busybox brctl delbr br0
else
	skip "a bridge on it" "no bridge here"
fi

busybox ip addr flush dev "$name"
busybox ip link set "$name" down
out=$(vfio_run demo 2>&1)
is $? 0 "a card that nothing goes through is taken"
wait_for 20 test -d $PCI/$nic/net
is "$(driver_of $nic)" e1000e "and comes back"
diag "$out"
done_testing
