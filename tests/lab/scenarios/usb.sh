# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# usb - a USB stick and a keyboard go to a guest in a real QEMU, and the host has them again, however that ends
# shellcheck disable=SC2012,SC2016 # names in sysfs are plain; the inner shell expands
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
p=/etc/vfio-run/demo.profile
usb=/sys/bus/usb/devices
stick=46f4:0001

# usb_profile LINE...: the real QEMU, without a card
usb_profile() { PROFILE_QEMU=qemu-system-x86_64 plain_profile $p '[display]' 'type = none' "$@"; }
find_stick() { grep -l 46f4 $usb/*/idVendor 2>/dev/null | sed 's,.*/\([^/]*\)/idVendor,\1,'; }
# usb_driver INTERFACE: its driver's name, or nothing
usb_driver() { basename "$(readlink "$usb/$1/driver" 2>/dev/null)" 2>/dev/null; }
driven_by() { [ "$(usb_driver "$1")" = "$2" ]; }
has_disk() { ls -d $usb/"$port":1.0/host*/target*/*/block/sd? >/dev/null 2>&1; }
# starts PROFILE-LINE...: begins a run in the background, until the guest runs; $run is the keeper
starts() {
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 120 grep -q 'the guest runs' /tmp/out || { diag_file /tmp/out; return 1; }
}

wait_for 30 sh -c "ls $usb | grep -q :1.0"
port=$(find_stick)
wait_for 30 has_disk
diag "the stick is $port; $(ls $usb | tr '\n' ' ')"
is "$(usb_driver "$port:1.0")" usb-storage "the stick is the host's"

# ---- what is said before ---------------------------------------------------------------------------

usb_profile '[usb]' "device = $stick" 'required = yes' 'boot-index = 1'
out=$(vfio_run -n demo 2>&1)
is $? 0 "a dry run"
like "$out" "USB interface $port:1.0: usb-storage -> the guest \\($stick\\)" "it shows the change"
like "$out" '"driver":"usb-host","id":"usb0","bus":"usb.0","hostdevice":"/dev/fdset/100","bootindex":1' "and what QEMU is told"
like "$out" '^  system_reset' "and that firmware looks anew for what it boots from"

refused() {
	fingerprint_before
	out=$(timeout 60 $own demo 2>&1)
	is $? 3 "$1: exit 3"
	like "$out" "$2" "$1: it says why"
	fingerprint_after "$1: nothing was touched"
}
disk=$(basename $usb/"$port":1.0/host*/target*/*/block/sd?)
busybox mke2fs -F "/dev/$disk" >&2 && modprobe ext4 && mount -t ext4 "/dev/$disk" /mnt
refused "a mounted stick" "USB $port: $disk is mounted at /mnt"
umount /mnt
wait_for 20 sh -c "! grep -q ' /mnt ' /proc/self/mountinfo"
usb_profile '[usb]' 'device = dead:beef' 'required = yes'
refused "a device that is not there" 'there is no USB device dead:beef'
usb_profile '[usb]' 'device = 1d6b:0002'
refused "a root hub" 'is a part of a USB controller'

# ---- it goes and comes back --------------------------------------------------------------------------

usb_profile '[usb]' "device = $stick" 'required = yes' 'boot-index = 1'
learn demo >&2
wait_for 30 has_disk
fingerprint_before
starts
is $? 0 "a guest has the stick"
like "$(cat /tmp/out)" "USB interface $port:1.0: usb-storage -> the guest" "the change is reported"
ok "QEMU has the interface" wait_for 30 driven_by "$port:1.0" usbfs
qemu=$(pgrep -x qemu-system-x86)
ok "QEMU has the node open" sh -c "ls -l /proc/$qemu/fd | grep -q /dev/bus/usb/"
not_ok "vfio-qmp has not" sh -c "ls -l /proc/$(pgrep -x vfio-qmp)/fd | grep -q /dev/bus/usb/"
not_ok "the keeper has not" sh -c "ls -l /proc/$run/fd | grep -q /dev/bus/usb/"
is "$(grep -c '^Seccomp:.*2' /proc/"$qemu"/status)" 1 "under the filter"
out=$(timeout 60 $own -o vm.name=two demo 2>&1)
is $? 3 "a second VM does not get it: exit 3"
like "$out" "USB $port: a program has it, or another VM" "and it says so"
vfio_run stop --now demo >&2
wait $run
ok "the stick's driver is back" driven_by "$port:1.0" usb-storage
wait_for 30 has_disk
fingerprint_after "stopped: everything is back"

killed() {
	fingerprint_before
	starts || fail "$1: no start"
	wait_for 30 driven_by "$port:1.0" usbfs
	eval "$2"
	wait $run
	is $? "$3" "$1: exit $3"
	wait_for 60 nobody
	[ -z "${4:-}" ] || eval "$4"
	ok "$1: the stick's driver is back" wait_for 30 driven_by "$port:1.0" usb-storage
	wait_for 30 has_disk
	fingerprint_after "$1: everything is back"
}
LAB_PROCESSES='^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-system)'
killed "QEMU is killed" 'pkill -KILL -x qemu-system-x86' 1
killed "the keeper is killed" 'kill -KILL $run' 137
killed "both keepers are killed" 'kill_all $run $(pgrep -P $run vfio-standby)' 137 'vfio_run recover >&2'
killed "vfio-qmp is killed, then QEMU" 'pkill -KILL -x vfio-qmp; sleep 2; pkill -KILL -x qemu-system-x86' 1

# ---- a keyboard that both use ----------------------------------------------------------------------------

event=$(for e in /sys/class/input/event*; do grep -q 'QEMU USB Keyboard' "$e/device/name" && basename "$e"; done)
mkdir -p /dev/input/by-id
ln -s "../$event" /dev/input/by-id/usb-keys-event-kbd
usb_profile '[input]' 'evdev = /dev/input/by-id/usb-keys-event-kbd' 'grab-toggle = scrolllock'
like "$(vfio_run -n demo 2>&1)" "object-add .*/dev/input/$event.*when it is plugged in again" "a dry run shows what is said later"
fingerprint_before
starts
is $? 0 "a guest shares the keyboard"
qemu=$(pgrep -x qemu-system-x86)
ok "QEMU has the event node open" sh -c "ls -l /proc/$qemu/fd | grep -q '/dev/input/$event'"
vfio_run stop --now demo >&2
wait $run
is $? 0 "it ends"
fingerprint_after "everything is back"
starts
outer '{"execute":"device_del","arguments":{"id":"keys"}}' >&2
ok "unplugged, that is seen" wait_for 30 grep -q "the input device $event is gone" /tmp/out
outer '{"execute":"device_add","arguments":{"driver":"usb-kbd","id":"keys","bus":"xhci.0","port":"2"}}' >&2
ok "plugged in again, it is shared again" wait_for 30 grep -q "the input device $event is back" /tmp/out
ok "QEMU has its node open" sh -c "ls -l /proc/$(pgrep -x qemu-system-x86)/fd | grep -q '/dev/input/$event\$'"
vfio_run stop --now demo >&2
wait $run
is $? 0 "it ends"
usb_profile '[input]' 'evdev = /etc/passwd'
refused "a file that is no device" 'it does not lead to a place below /dev/input'
usb_profile '[input]' 'evdev = /dev/input/by-id/none-event-kbd'
refused "a node that is not there" 'No such file or directory'
done_testing
