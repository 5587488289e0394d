# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# usb-plug - a USB stick that is plugged in while the guest runs goes to it, out again, and in again
# shellcheck disable=SC2010 # names in sysfs are plain
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
p=/etc/vfio-run/demo.profile
usb=/sys/bus/usb/devices
stick=46f4:0001
LAB_PROCESSES='^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-system)'

# usb_profile LINE...: the real QEMU, without a card
usb_profile() { PROFILE_QEMU=qemu-system-x86_64 plain_profile $p '[display]' 'type = none' "$@"; }
find_stick() { grep -l 46f4 $usb/*/idVendor 2>/dev/null | sed 's,.*/\([^/]*\)/idVendor,\1,'; }
# usb_driver INTERFACE: its driver's name, or nothing
usb_driver() { basename "$(readlink "$usb/$1/driver" 2>/dev/null)" 2>/dev/null; }
driven_by() { [ "$(usb_driver "$1")" = "$2" ]; }
# starts PROFILE-LINE...: begins a run in the background, until the guest runs; $run is the keeper
starts() {
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 120 grep -q 'the guest runs' /tmp/out || { diag_file /tmp/out; return 1; }
}

wait_for 30 sh -c "ls $usb | grep -q :1.0"
port=$(find_stick)
# has_stick: QEMU takes the interface itself when its guest wants the device, which firmware does at its start
has_stick() { ! driven_by "$port:1.0" usb-storage && ls -l /proc/"$(pgrep -x qemu-system-x86)"/fd | grep -q /dev/bus/usb/; }
plug() { outer "{\"execute\":\"device_add\",\"arguments\":{\"driver\":\"usb-storage\",\"id\":\"$1\",\"drive\":\"stick\",\"bus\":\"xhci.0\",\"port\":\"1\"}}" >&2; }
unplug() { outer "{\"execute\":\"device_del\",\"arguments\":{\"id\":\"$1\"}}" >&2; }
said() { [ "$(grep -c "$1" /tmp/out)" -ge "$2" ]; }

unplug stick0
wait_for 30 sh -c "! test -e $usb/$port"
usb_profile '[usb]' "device = $stick"
fingerprint_before
starts
like "$(cat /tmp/out)" 'demo' "a guest runs without the stick"
plug stick1
ok "plugged in, it goes to the guest" wait_for 60 said 'USB .* goes to the guest' 1
ok "QEMU has its node, and the host no disk" wait_for 30 has_stick
unplug stick1
ok "unplugged, that is seen" wait_for 60 said 'USB .* is gone' 1
qemu=$(pgrep -x qemu-system-x86)
ok "QEMU has let go of the node" wait_for 30 sh -c "! ls -l /proc/$qemu/fd | grep -q /dev/bus/usb/"
plug stick2
ok "plugged in again, it goes to the guest again" wait_for 60 said 'USB .* goes to the guest' 2
ok "QEMU has its node, and the host no disk" wait_for 30 has_stick
is "$(ls -l /proc/"$qemu"/fd | grep -c 'bus/usb.*deleted')" 0 "and no old node"
vfio_run stop --now demo >&2
wait $run
ok "the stick's driver is back" wait_for 30 driven_by "$port:1.0" usb-storage
unplug stick2
wait_for 30 sh -c "! test -e $usb/$port"
fingerprint_after "and everything as it was without it"

starts
plug stick3
wait_for 60 said 'USB .* goes to the guest' 1
pkill -KILL -x qemu-system-x86
wait $run
is $? 1 "QEMU is killed with a stick that came later: exit 1"
ok "its driver is back" wait_for 30 driven_by "$port:1.0" usb-storage
wait_for 60 nobody
done_testing
