#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-list.sh - `vfio-run list usb`, `list cpu`, and what `list -v` has of screens, BARs and resets
#
# The trees are made here; tests/golden/list-more has what is printed. UPDATE_GOLDEN=1 writes it.
# shellcheck disable=SC2016,SC2317 # the inner shells expand; functions are called through nothing
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/unit/tap.sh
. "$here/tap.sh"
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
program=$build/bin/vfio-run
golden=$here/../golden/list-more
work=$(mktemp -d)
trap 'rm -rf "$work" "$report"' EXIT
export LC_ALL=C

shown() { # NAME WORD...
	local name=$1
	shift
	"$program" list "$@" --sysroot "$work/tree" >"$work/out" 2>&1 || echo "exit $?" >>"$work/out"
	[ -z "${UPDATE_GOLDEN:-}" ] || cp "$work/out" "$golden/$name"
	nothing "$name" diff "$golden/$name" "$work/out"
	case $name in *.txt) nothing "$name: 80 columns" grep -E '^.{81}' "$work/out" ;; esac
}

# ---- USB ---------------------------------------------------------------------------------------------

usb=$work/tree/sys/bus/usb/devices
# usb NAME PATH VENDOR PRODUCT CLASS TITLE, and a driver for each further word
usb() {
	local name=$1 path=$work/tree/sys/devices/pci0000:00/0000:00:14.0/$2 n=0
	mkdir -p "$path" "$usb"
	ln -s "../../../devices/pci0000:00/0000:00:14.0/$2" "$usb/$name"
	echo "$3" >"$path/idVendor"
	echo "$4" >"$path/idProduct"
	echo "$5" >"$path/bDeviceClass"
	echo 1 >"$path/busnum"
	echo 7 >"$path/devnum"
	[ -z "$6" ] || echo "$6" >"$path/product"
	shift 6
	for driver; do
		mkdir -p "$path/$name:1.$n" "$work/tree/sys/bus/usb/drivers/$driver"
		ln -s "../../../devices/pci0000:00/0000:00:14.0/${path#*14.0/}/$name:1.$n" "$usb/$name:1.$n"
		ln -s "$work/tree/sys/bus/usb/drivers/$driver" "$path/$name:1.$n/driver"
		n=$((n + 1))
	done
}
"$here/../sysfs/make-tree" "$here/../sysfs/lab-dgpu.txt" "$work/tree"
usb usb1 usb1 1d6b 0002 09 'xHCI Host Controller' hub
usb 1-1 usb1/1-1 046d c52b 00 'USB Receiver' usbhid usbhid
usb 1-2 usb1/1-2 05e3 0610 09 'USB2.1 Hub' hub
usb 1-2.1 usb1/1-2/1-2.1 1234 5678 00 'Twin pad with a name that is longer than any column of a table could be' usbhid
usb 1-2.3 usb1/1-2/1-2.3 1234 5678 00 '' usbhid snd-usb-audio
usb 1-3 usb1/1-3 0781 5567 00 'Stick' usb-storage
usb 1-4 usb1/1-4 0483 5740 00 "$(printf 'Odd\033[31m')" usbfs
disk=$work/tree/sys/devices/pci0000:00/0000:00:14.0/usb1/1-3/1-3:1.0/host1/target1/1:0:0:0/block/sdz
mkdir -p "$disk" "$work/tree/proc/self" "$work/tree/sys/class/block" "$work/tree/sys/dev/block"
echo 8:400 >"$disk/dev"
ln -s ../../../../../../../../../../../class/block "$disk/subsystem"
mkdir -p "$work/tree/sys/class/block"
ln -s "../../devices/pci0000:00/0000:00:14.0/usb1/1-3/1-3:1.0/host1/target1/1:0:0:0/block/sdz" "$work/tree/sys/class/block/sdz"
printf '%s\n' '30 1 8:400 / /media/My\040stick rw - ext4 /dev/sdz rw' >"$work/tree/proc/self/mountinfo"
shown usb.txt usb
shown usb.json usb --json
nothing 'no byte of a device reaches a terminal' grep "$(printf '\033')" "$work/out"
rm -rf "$work/tree"
"$here/../sysfs/make-tree" "$here/../sysfs/lab-dgpu.txt" "$work/tree"
shown usb-none.txt usb
"$program" list gpu --watch >"$work/out" 2>&1
nothing '--watch is of USB' sh -c "[ $? = 2 ] && grep -q 'list usb --watch' '$work/out' || cat '$work/out'"

# ---- screens, BARs ---------------------------------------------------------------------------------------

card=$work/tree/sys/bus/pci/devices/0000:01:00.0/drm/card0
screen() { mkdir -p "$card/card0-$1" && echo "$2" >"$card/card0-$1/status" && cat >"$card/card0-$1/edid"; }
# edid NAME: 128 bytes, with that name or none
edid() {
	printf '\0\377\377\377\377\377\377\0\020\254\100\240'
	head -c 42 /dev/zero
	head -c 18 /dev/zero
	if [ -n "$1" ]; then
		printf '\0\0\0\374\0%-13.13s' "$1
"
	else
		head -c 18 /dev/zero
	fi
	head -c 38 /dev/zero
}
edid 'DELL U2720Q' | screen DP-1 connected
edid '' | screen DP-2 connected
edid 'CUT' | head -c 100 | screen DP-3 connected
edid "$(printf 'A\033[31mB')" | screen HDMI-A-1 connected
screen HDMI-A-2 disconnected </dev/null
shown screens.txt gpu -v
shown screens.json gpu --json

# ---- the only card, which the desktop has open: /dev/full has the numbers of its node ----------------------

echo 1:7 >"$card/dev"
ln -s ../../drm "$card/subsystem"
# holder PID NAME CGROUP
holder() {
	mkdir -p "$work/tree/proc/$1/fd"
	echo "$2" >"$work/tree/proc/$1/comm"
	echo "$1 ($2) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 77 1 1" >"$work/tree/proc/$1/stat"
	echo "0::$3" >"$work/tree/proc/$1/cgroup"
	ln -s /usr/bin/true "$work/tree/proc/$1/exe"
	ln -s /dev/full "$work/tree/proc/$1/fd/3"
}
# passed_with NAME WORDS: and the next one is without these holders
passed_with() {
	"$program" list gpu --sysroot "$work/tree" 2>&1 | tr -s '\n ' '  ' >"$work/out"
	nothing "$1" sh -c 'grep -qF "can be passed with $1" "$2" || { cat "$2"; echo; }' - "$2" "$work/out"
	find "$work/tree/proc" -mindepth 1 -maxdepth 1 -name '[0-9]*' -exec rm -r {} +
}
mkdir -p "$work/tree/run/systemd/sessions" "$work/tree/etc/systemd/system"
printf 'USER=alice\nSEAT=seat0\n' >"$work/tree/run/systemd/sessions/2"
printf 'USER=alice\nREMOTE=1\n' >"$work/tree/run/systemd/sessions/5"
ln -s /usr/lib/systemd/system/lightdm.service "$work/tree/etc/systemd/system/display-manager.service"
session='a [session] section, which ends the desktop:' ended='ended, or `holders = terminate` and [session]'
holder 4242 kwin_wayland /user.slice/user-1000.slice/session-2.scope
passed_with 'the desktop is to end, and not its display server alone' "$session kwin_wayland (pid 4242) has it open"
holder 4243 gnome-shell /user.slice/user-1000.slice/user@1000.service/session.slice/org.gnome.Shell@wayland.service
passed_with "likewise one of a user's manager" "$session gnome-shell (pid 4243) has it open"
holder 900 Xorg /system.slice/lightdm.service
passed_with "likewise the display manager's own" "$session Xorg (pid 900) has it open"
holder 812 ollama /system.slice/ollama.service
passed_with 'what no session ends is to be ended itself' "ollama (pid 812) $ended"
holder 813 hashcat /user.slice/user-1000.slice/session-5.scope
passed_with 'so is what was started through ssh' "hashcat (pid 813) $ended"
holder 100 kwin_wayland /user.slice/user-1000.slice/session-2.scope
holder 812 ollama /system.slice/ollama.service
passed_with 'beside a desktop too, whichever is found first' "ollama (pid 812) $ended"

# ---- CPUs ---------------------------------------------------------------------------------------------------

# cpu NUMBER CORE-LIST L3-LIST L3-SIZE
cpu() {
	local dir=$work/tree/sys/devices/system/cpu/cpu$1
	mkdir -p "$dir/topology" "$dir/cache/index3" "$dir/cpufreq"
	echo "$2" >"$dir/topology/core_cpus_list"
	echo "$3" >"$dir/cache/index3/shared_cpu_list"
	echo "$4" >"$dir/cache/index3/size"
	echo "$5" >"$dir/cpufreq/cpuinfo_max_freq"
}
fresh() {
	rm -rf "$work/tree" && mkdir -p "$work/tree/sys/devices/system/cpu" "$work/tree/sys/devices/system/node/node0"
	echo "$1" >"$work/tree/sys/devices/system/cpu/online"
	echo 0 >"$work/tree/sys/devices/system/node/online"
	echo "$1" >"$work/tree/sys/devices/system/node/node0/cpulist"
}
fresh 0-31 # two dies, one with more cache
for n in $(seq 0 15); do
	if [ "$n" -lt 8 ]; then l3=0-7,16-23 size=98304K mhz=5250000; else l3=8-15,24-31 size=32768K mhz=5750000; fi
	cpu "$n" "$n,$((n + 16))" $l3 $size $mhz
	cpu $((n + 16)) "$n,$((n + 16))" $l3 $size $mhz
done
shown cpu-x3d.txt cpu
shown cpu-x3d.json cpu --json
fresh 0-19 # eight cores with two threads, four with one
for n in $(seq 0 15); do cpu "$n" "$((n / 2 * 2))-$((n / 2 * 2 + 1))" 0-19 25600K 5000000; done
for n in 16 17 18 19; do cpu "$n" "$n" 0-19 25600K 3800000; done
shown cpu-hybrid.txt cpu
fresh 0-1
shown cpu-two.txt cpu
rm -rf "$work/tree" && mkdir -p "$work/tree/sys"
shown cpu-none.txt cpu
finish
