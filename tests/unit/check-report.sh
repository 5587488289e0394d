#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-report.sh - `vfio-run report`: no known secret is in it, and the machine can be built from it again
# shellcheck disable=SC2317,SC2016 # functions are called through nothing; an inner shell expands
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/unit/tap.sh
. "$here/tap.sh"
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
program=$build/bin/vfio-run
work=$(mktemp -d)
trap 'rm -rf "$work" "$report"' EXIT
trap 'exit 1' HUP INT TERM
chmod 755 "$work"
export LC_ALL=C
unset SUDO_UID SUDO_USER DOAS_USER PKEXEC_UID
holds() { local what=$1; shift; nothing "$what" sh -c '"$@" || echo "it does not: $*"' - "$@"; }

# ---- every machine, there and back ---------------------------------------------------------------------

machine() { sed -n '/^==== the machine/,/^==== /p' | grep -E '^(pci|module|driver|reserved|foreign|file) '; }
for file in "$here"/../sysfs/*.txt; do
	name=$(basename "$file" .txt)
	"$here/../sysfs/make-tree" "$file" "$work/$name"
	"$program" report --sysroot "$work/$name" 2>/dev/null >"$work/report"
	machine <"$work/report" >"$work/again.txt"
	rm -rf "$work/again"
	"$here/../sysfs/make-tree" "$work/again.txt" "$work/again"
	"$program" list --json --sysroot "$work/$name" >"$work/a" 2>/dev/null
	"$program" list --json --sysroot "$work/again" >"$work/b" 2>/dev/null
	nothing "$name: the machine of its report is the same" diff "$work/a" "$work/b"
	nothing "$name: and has the same report" sh -c "'$program' report --sysroot '$work/again' 2>/dev/null | sed -n '/^==== the machine/,/^==== /p' | grep -E '^(pci|module|driver|reserved|foreign|file) ' | diff '$work/again.txt' -"
done
for part in 'vfio-run [^ ]*$' '==== vfio-run check' '==== vfio-run list -v' 'system: '; do
	holds "a report has: $part" grep -q "^$part" "$work/report"
done

# ---- secrets ---------------------------------------------------------------------------------------------

secrets='melusine Melusine Raimondin lusignan-tower lusignan BOARD7SERIAL CHASSIS7 SN0USB77 NVME77SERIAL
a1b2c3d4-0000-1111-2222-333344445555 52:54:00:77:77:77 feedfacefeedfacefeedfacefeedface 192.168.77.7
fd00:77::1234 WDC_77SERIAL AGE77'
tree=$work/secret
"$here/../sysfs/make-tree" "$here/../sysfs/lab-dgpu.txt" "$tree"
mkdir -p "$tree/proc/sys/kernel" "$tree/etc" "$tree/sys/class/dmi/id" "$tree/sys/bus/usb/devices/1-1" "$tree/sys/class/nvme/nvme0"
echo lusignan-tower.example >"$tree/proc/sys/kernel/hostname"
printf 'root:x:0:0:root:/root:/bin/sh\nmelusine:x:1000:1000:Melusine Raimondin,,,:/srv/people/melusine:/bin/sh\n' >"$tree/etc/passwd"
echo feedfacefeedfacefeedfacefeedface >"$tree/etc/machine-id"
echo BOARD7SERIAL >"$tree/sys/class/dmi/id/board_serial"
echo CHASSIS7 >"$tree/sys/class/dmi/id/chassis_serial"
echo "Board of melusine" >"$tree/sys/class/dmi/id/board_name"
echo SN0USB77 >"$tree/sys/bus/usb/devices/1-1/serial"
echo "NVME77SERIAL     " >"$tree/sys/class/nvme/nvme0/serial"
echo "root=UUID=a1b2c3d4-0000-1111-2222-333344445555 rd.mac=52:54:00:77:77:77 ip=192.168.77.7 dns=fd00:77::1234 hostname=lusignan-tower home=/home/melusine id=/dev/disk/by-id/ata-WDC_77SERIAL-part1 x=NVME77SERIAL,SN0USB77 BOARD7SERIAL CHASSIS7 feedfacefeedfacefeedfacefeedface intel_iommu=on" >"$tree/proc/cmdline"
"$program" report --sysroot "$tree" >"$work/report" 2>/dev/null
for secret in $secrets; do
	nothing "of a machine: not in it: $secret" grep -i -- "$secret" "$work/report"
done
holds 'what is none is kept' grep -q 'intel_iommu=on' "$work/report"
holds 'and what was taken out has its sign' grep -q 'UUID=<id> rd.mac=<mac> ip=<ip> dns=<ip> hostname=<host> home=/home/<user>' "$work/report"

# The logs of a user's VMs: of this machine, with a user and a host name of its own.
logs() {
	mkdir -p "$work/home/.config/vfio-run" "$work/home/.local/state/vfio-run/win10" &&
		echo '[vm]' >"$work/home/.config/vfio-run/win10.profile" &&
		{
			seq -f 'line %g of melusine' 100
			echo "qemu: $work/home/disk.qcow2: melusine@lusignan-tower 52:54:00:77:77:77 serial=AGE77"
			printf 'an escape \033[31m\n'
			echo 'qemu: Failed to get "write" lock'
		} >"$work/home/.local/state/vfio-run/win10/qemu.log" &&
		echo 'seconds  what of melusine' >"$work/home/.local/state/vfio-run/win10/try.log" &&
		touch -d '1 hour ago' "$work/home/.local/state/vfio-run/win10/try.log" &&
		mkdir "$work/home/.local/state/vfio-run/tried" "$work/home/.local/state/vfio-run/both" &&
		{ echo 'how it went' && echo 'which is longer than a narrow terminal is wide'; } >"$work/home/.local/state/vfio-run/tried/try.log" &&
		echo 'of a run' >"$work/home/.local/state/vfio-run/both/qemu.log" && touch -d '1 hour ago' "$work/home/.local/state/vfio-run/both/qemu.log" &&
		echo 'of a trial' >"$work/home/.local/state/vfio-run/both/try.log" &&
		mkdir "$work/home/.local/state/vfio-run/silent" && : >"$work/home/.local/state/vfio-run/silent/qemu.log" &&
		{ cat /etc/passwd; echo "melusine:x:54321:54321:Melusine Raimondin:$work/home:/bin/sh"; } >"$work/passwd" &&
		chown -R 54321:54321 "$work/home" && chmod 755 "$work/home" || return 1
	unshare -m -u sh -c '
		mount --make-rprivate / && mount --bind "$1/passwd" /etc/passwd && echo lusignan-tower >/proc/sys/kernel/hostname || exit 77
		SUDO_USER=melusine "$2" report >"$1/report" 2>"$1/err"
		SUDO_USER=melusine "$2" log win10 >"$1/log" 2>&1
		SUDO_USER=melusine "$2" log tried >"$1/tried" 2>&1
		SUDO_USER=melusine script -qec "stty cols 40; exec \"$2\" log tried" /dev/null </dev/null >"$1/narrow" 2>&1
		SUDO_USER=melusine "$2" log both >"$1/both" 2>&1
		SUDO_USER=melusine "$2" log never >"$1/never" 2>&1
		SUDO_USER=melusine "$2" log silent >"$1/silent" 2>&1
		SUDO_USER=melusine "$2" status --all >"$1/all" 2>&1
		SUDO_USER=melusine "$2" status --all --json >"$1/all.json" 2>/dev/null
		cd "$1/home" && SUDO_USER=melusine "$2" report mine.txt >"$1/out" 2>&1 && SUDO_USER=melusine "$2" report mine.txt >"$1/twice" 2>&1
		[ $? = 3 ] || echo "written twice" >>"$1/wrong"
	' - "$work" "$program"
	[ $? != 77 ]
}
: >"$work/wrong"
if [ "$(id -u)" = 0 ] && logs; then
	for secret in $secrets "$work/home"; do
		nothing "of this machine: not in it: $secret" grep -i -- "$secret" "$work/report"
	done
	holds 'the last lines of a log are in it' grep -q '^line 100 of <user>$' "$work/report"
	holds 'and how `try` went' grep -q '^seconds  what of <user>$' "$work/report"
	holds 'a VM that was only tried has that log' grep -qx 'how it went' "$work/tried"
	nothing 'on a terminal between its words' sh -c "tr -d '\r' <'$work/narrow' | grep -E '^.{41}'; grep -q '^  is wide' '$work/narrow' || cat '$work/narrow'"
	nothing 'and nothing is amiss' grep -E 'error|not run' "$work/tried"
	holds 'of a run and a trial the later one has' sh -c "grep -qx 'of a trial' '$work/both' && ! grep -q 'of a run$' '$work/both'"
	holds 'and it is said which' grep -q 'both/try.log, the newer one' "$work/both"
	holds 'without either that is said' grep -q 'never has not run yet for user melusine, nor was it tried' "$work/never"
	holds 'what a command says beside its output is in the report' sh -c "sed -n '/^==== vfio-run status/,/^==== the machine/p' '$work/report' | grep -qx 'vfio-run: no VM runs'"
	nothing 'and nowhere else' cat "$work/err"
	holds 'a log without a line is said to be one' grep -qx 'vfio-run: QEMU has said nothing' "$work/silent"
	holds 'with what a line of it means' grep -q 'another program has the disk.s image open' "$work/report"
	holds 'which `log` tells too' sh -c "tail -n 2 '$work/log' | grep -q 'another program has the disk.s image open'"
	holds 'status --all names a profile that does not run' grep -qx 'win10: stopped' "$work/all"
	holds 'as JSON too' sh -c "grep -q '\"name\": \"win10\"' '$work/all.json' && grep -q '\"state\": \"stopped\"' '$work/all.json'"
	nothing 'and not the first' grep '^line 50 of' "$work/report"
	holds 'what a terminal acts on is not' grep -q 'an escape .x1b' "$work/report"
	holds 'a file of the user'\''s is written' test "$(stat -c %u "$work/home/mine.txt")" = 54321
	nothing 'once, and not over another' cat "$work/wrong"
	holds 'with the same in it' grep -q '^line 100 of <user>$' "$work/home/mine.txt"
else
	skip 'of this machine: the logs' 'not root'
fi
finish
