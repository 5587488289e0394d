#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-new.sh - `vfio-run new`: what it writes is a profile that runs, and fits the machine
# shellcheck disable=SC2016,SC2317 # the inner shells expand; functions are called through holds
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/unit/tap.sh
. "$here/tap.sh"
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
work=$(mktemp -d)
program=$work/vfio-run # where another user can execute it
trap 'rm -rf "$work" "$report"' EXIT
chmod 755 "$work"
cp "$build/bin/vfio-run" "$program"
unset SUDO_UID SUDO_USER DOAS_USER PKEXEC_UID
as_user() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$@"; else "$@"; fi; }

tree() { "$here/../sysfs/make-tree" "$here/../sysfs/$1.txt" "$work/$1"; }
# new TREE ARGUMENT...: into $work/out and $work/err
new() {
	tree=$work/$1
	shift
	as_user "$program" new --sysroot "$tree" "$@" >"$work/out" 2>"$work/err"
}
has() { grep -qxF -- "$1" "$work/out"; }
has_none() { ! grep -q -- "$1" "$work/out"; }
# holds NAME COMMAND...
holds() {
	_what=$1
	shift
	if "$@"; then nothing "$_what" true; else nothing "$_what" sh -c 'echo "not so"; cat "$@"' - "$work/err" "$work/out"; fi
}

# cpu TREE NUMBER THREADS CACHE-LIST CACHE-KIB
cpu() {
	folder=$work/$1/sys/devices/system/cpu/cpu$2
	mkdir -p "$folder/topology" "$folder/cache/index3"
	echo "$3" >"$folder/topology/core_cpus_list"
	echo "$4" >"$folder/cache/index3/shared_cpu_list"
	echo "$5K" >"$folder/cache/index3/size"
}
online() { mkdir -p "$work/$1/sys/devices/system/cpu" && echo "$2" >"$work/$1/sys/devices/system/cpu/online"; }
memory() { mkdir -p "$work/$1/proc" && printf 'MemTotal: %s kB\nMemAvailable: %s kB\n' "$2" "$2" >"$work/$1/proc/meminfo"; }

for name in x570-four-functions twins laptop-hybrid no-card; do tree $name; done

# ---- the card
new x570-four-functions linux
holds "the only card, and the desktop that is on it" has 'device = 0000:0a:00.0'
holds "with its ids" has 'id = 10de:1f08'
holds "the desktop ends" has 'stop = display-manager.service'
cat >"$work/console.txt" <<'TREE'
# A server's board: its remote console is not what it started on.
pci 0000:00:01.0 id=8086:1901 class=060400 driver=pcieport group=1
pci 0000:02:00.0 under=0000:00:01.0 id=1a03:2000 class=030000 driver=ast module=ast group=2 boot_vga=0
pci 0000:00:03.0 id=8086:1905 class=060400 driver=pcieport group=3
pci 0000:09:00.0 under=0000:00:03.0 id=10de:2484 class=030000 driver=nouveau module=nouveau group=4 boot_vga=1
module vfio_pci
driver vfio-pci
TREE
"$here/../sysfs/make-tree" "$work/console.txt" "$work/console"
new console linux
holds "not a server's remote console, but the card" has 'device = 0000:09:00.0'
holds "which the desktop is on" has 'stop = display-manager.service'
for name in desktop-arc z790-igpu-sriov; do
	tree $name
	new $name linux
	holds "$name: the sound of a card that has it in a slot of its own" has 'device = 0000:04:00.0'
done
new twins linux
status=$?
holds "of two cards that the host did not start on none is chosen" test $status = 3
holds "they are named, as they are given" grep -q -- '--gpu 0000:02:00.0' "$work/err"
new twins --gpu 02:00.0 linux
holds "one that was chosen" has 'device = 0000:02:00.0'
new twins --gpu 09:00.0 linux
status=$?
holds "one that is not there" test $status = 3
new twins --gpu x linux
status=$?
holds "no address" test $status = 2
tree laptop-apu
new laptop-apu linux
status=$?
holds "one that shares its group with what the host needs: a profile without it" test $status = 0
holds "with the section as a comment" has '#device = 0000:04:00.0'
holds "and what is in the way, with what to do" grep -q '^# .*group = hold' "$work/out"
holds "which is said, too" grep -q 'without the card 0000:04:00.0: group 5 also holds' "$work/err"
new laptop-apu --gpu 04:00.0 linux
status=$?
holds "asked for by its address it is refused" test $status = 3
holds "with the same reason" grep -q 'no guest can have it: group 5 also holds' "$work/err"
holds "and there is no profile" test ! -s "$work/out"
tree sriov-gpu
new sriov-gpu linux
status=$?
holds "a card with virtual functions: which of these?" test $status = 3
holds "those that can go are named" grep -q -- '--gpu 0000:04:02.2' "$work/err"
holds "that it has them, is no way to give the card itself" sh -c '! grep -q -- "--gpu 0000:04:00.0" "$1"' - "$work/err"
holds "and one that does not answer is none" sh -c '! grep -q -- "--gpu 0000:04:02.1" "$1"' - "$work/err"
new sriov-gpu --gpu 04:02.2 linux
holds "a virtual function that was chosen" has 'device = 0000:04:02.2'
holds "which no desktop is on" has_none '^.session.'
new sriov-gpu --gpu 04:00.0 linux
status=$?
holds "the card itself is refused" test $status = 3
holds "as its virtual functions would vanish" grep -q 'virtual functions' "$work/err"
tree no-iommu
new no-iommu linux
holds "while no IOMMU is on the card is taken all the same" has 'device = 0000:01:00.0'
holds "and that is said" grep -q '^# No IOMMU is in use' "$work/out"
new no-card linux
holds "without a card there is no [gpu]" has_none '^\[gpu\]'
new no-card a/b
status=$?
holds "a name that is none" test $status = 2

for name in list run help; do
	new no-card $name
	status=$?
	holds "a command's name: $name" test $status = 2
	holds "and that is said of $name" grep -q "$name: that is a command of vfio-run's" "$work/err"
done
new no-card ..
holds "how a name begins" grep -q 'a letter or a digit first' "$work/err"

# ---- the processors
online x570-four-functions 0-15
for n in 0 1 2 3 4 5 6 7; do
	cpu x570-four-functions $n "$n,$((n + 8))" 0-15 32768
	cpu x570-four-functions $((n + 8)) "$n,$((n + 8))" 0-15 32768
done
memory x570-four-functions 32768000
new x570-four-functions linux
holds "one cache: the host keeps a quarter of the cores" has 'pin = 2,10,3,11,4,12,5,13,6,14,7,15'
holds "which is what QEMU itself runs on" has 'emulator-pin = 0-1,8-9'
holds "the guest has as many" has 'cpus = 12'
holds "with threads" has 'threads = 2'
holds "half of the memory" has 'memory = 16G'

online twins 0-15
for n in 0 1 2 3 4 5 6 7; do cpu twins $n "$n" 0-7 98304; done
for n in 8 9 10 11 12 13 14 15; do cpu twins $n "$n" 8-15 32768; done
new twins --gpu 01:00.0 linux
holds "two caches: the cores of the larger one" has 'pin = 0,1,2,3,4,5,6,7'
holds "QEMU's own work on the others" has 'emulator-pin = 8-15'

online laptop-hybrid 0-11
for n in 0 2 4 6; do
	cpu laptop-hybrid $n "$n-$((n + 1))" 0-11 24576
	cpu laptop-hybrid $((n + 1)) "$n-$((n + 1))" 0-11 24576
done
for n in 8 9 10 11; do cpu laptop-hybrid $n $n 0-11 24576; done

new laptop-hybrid --gpu 01:00.0 linux
holds "different cores: those with two threads" has 'pin = 2,3,4,5,6,7'
online no-card 0-1
cpu no-card 0 0 0-1 4096
cpu no-card 1 1 0-1 4096
new no-card linux
holds "too few cores to divide: nothing is pinned" has_none '^pin'
holds "and the guest has all but one" has 'cpus = 1'

# ---- it is a profile: check-captured.sh has each machine's planned
new x570-four-functions win11
holds "win11: what Windows wants" has 'hyperv = yes'
holds "win11: local time" has 'rtc = localtime'
holds "win11: Secure Boot, before a firmware is installed" has 'firmware = uefi-secure'
holds "win11: a TPM, before swtpm is installed" has '[tpm]'
holds "win11: how to get swtpm" has '# It takes swtpm, which is not installed: `vfio-run setup win11` says how.'
mkdir -p "$work/x570-four-functions/usr/bin" && : >"$work/x570-four-functions/usr/bin/swtpm"
new x570-four-functions win11
holds "win11: with swtpm it has a TPM" has '[tpm]'
holds "win11: and nothing is to be got" has_none 'It takes swtpm'
rm "$work/x570-four-functions/usr/bin/swtpm"

# descriptor NAME FEATURES: a firmware of this machine
descriptor() {
	mkdir -p "$work/x570-four-functions/usr/share/qemu/firmware" "$work/x570-four-functions/fw"
	: >"$work/x570-four-functions/fw/CODE"
	: >"$work/x570-four-functions/fw/VARS"
	cat >"$work/x570-four-functions/usr/share/qemu/firmware/$1.json" <<-JSON
		{ "interface-types": ["uefi"], "targets": [{ "architecture": "x86_64", "machines": ["pc-q35-*"] }], "features": [$2],
		"mapping": { "device": "flash", "executable": { "filename": "/fw/CODE", "format": "raw" },
		"nvram-template": { "filename": "/fw/VARS", "format": "raw" } } }
	JSON
}
descriptor 60-plain ''
new x570-four-functions win11
holds "win11: no Secure Boot where a firmware without it is installed" has 'firmware = uefi'
descriptor 50-secure '"secure-boot", "requires-smm"'
new x570-four-functions win11
holds "win11: one without keys is capable of Secure Boot" has 'firmware = uefi-secure'
rm "$work/x570-four-functions/usr/share/qemu/firmware/50-secure.json"

# ---- the files are the user's
if [ "$(id -u)" = 0 ]; then
	home=$work/home
	mkdir "$home" && chown 65534:65534 "$home"
	skip_files=''
else
	skip_files='the home of who runs this is not written to'
fi
if [ -n "$skip_files" ]; then
	skip "files" "$skip_files"
else
	# a passwd of its own: the home is not the environment's; with $work/os-release another system, without QEMU's modules
	as_its() {
		unshare -m sh -c 'home=$1 work=$2
			sed "s#^nobody:.*#nobody:x:65534:65534::$home:/bin/sh#" /etc/passwd >"$work/passwd"
			mount --bind "$work/passwd" /etc/passwd || exit
			[ ! -e "$work/emulator" ] || mount --bind "$work/emulator" /usr/bin/qemu-system-x86_64 || exit
			if [ -e "$work/os-release" ]; then
				mount --bind "$work/os-release" /etc/os-release || exit
				for folder in /usr/lib/*/qemu /usr/lib64/qemu /usr/lib64/qemu-kvm /usr/lib/qemu; do
					[ ! -d "$folder" ] || mount --bind "$work/empty" "$folder" || exit
				done
			fi
			shift 2 && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"' - "$home" "$work" "$@" >"$work/out" 2>"$work/err"
	}
	if as_its true; then
		printf '<html>' >"$work/page.iso"
		head -c 40000 /dev/zero >"$work/cd.iso"
		printf CD001 | dd of="$work/cd.iso" bs=1 seek=32769 conv=notrunc status=none
		as_its "$program" new --iso "$work/page.iso" guest
		status=$?
		holds "a web page is no CD" test $status = 3
		holds "and that is said" grep -q 'a web page' "$work/err"
		holds "nothing was written" sh -c '! [ -e "$1/.config" ]' - "$home"
		no_cd() { # WORDS FILE: it is refused with them
			as_its "$program" new --iso "$2" guest
			status=$?
			holds "no CD: $2" test $status = 3
			holds "and what it is, is said: $1" grep -q -- "--iso $2: $1" "$work/err"
		}
		cp "$work/cd.iso" "$work/cut.iso"
		printf '\001CD001' | dd of="$work/cut.iso" bs=1 seek=32768 conv=notrunc status=none
		printf '\0\0\040\0' | dd of="$work/cut.iso" bs=1 seek=32848 conv=notrunc status=none
		printf '\0\010' | dd of="$work/cut.iso" bs=1 seek=32896 conv=notrunc status=none
		printf 'QFI\373' >"$work/disk.qcow2"
		no_cd 'cut off (4096 MiB by its own descriptor, and 39 KiB are there): download it again' "$work/cut.iso"
		no_cd 'a disk image (qcow2)' "$work/disk.qcow2"
		no_cd 'a folder' /etc
		no_cd 'a device' /dev/null
		holds "nothing was written for them" sh -c '! [ -e "$1/.config" ]' - "$home"
		as_its "$program" new --iso "$work/cd.iso" guest
		status=$?
		holds "a profile, with a CD" test $status = 0
		"$program" setup 2>/dev/null | grep -q 'installation in a window' && names=0 || names=1
		grep -q 'names the package that QEMU has for a window' "$work/out"
		holds "what its window lacks is named as setup has it" test $? = "$names"
		# window ID: what is said of it on that system, whose QEMU has none
		window() {
			printf 'ID=%s\nNAME=%s\n' "$1" "$1" >"$work/os-release"
			mkdir -p "$work/empty"
			rm -rf "$home/.config"
			as_its "$program" new --iso "$work/cd.iso" guest
		}
		window debian
		holds "setup has a package for a window: that is said" grep -q 'names the package that QEMU has for a window' "$work/out"
		window void
		holds "it has none: it is not sent for" has_none 'names the package'
		holds "and the profile is written all the same" grep -q '^guest.desktop and .rules' "$work/out"
		rm "$work/os-release"
		profile=$home/.config/vfio-run/guest.profile
		holds "it names the CD" grep -qx "path = $work/cd.iso" "$profile"
		holds "it is the user's, whom alone it can be written by" sh -c '[ "$(stat -c %u:%a "$1")" = 65534:644 ]' - "$profile"
		# for the desktop's menu: the examples, with the names of the VM and its user
		for file in desktop rules; do
			sed 's/win10\|Windows 10/guest/g; s/alice/nobody/g' "$here/../../launcher/menu/win10.$file" >"$work/wanted"
			holds "guest.$file is of this VM and its user" cmp "$work/wanted" "$home/.config/vfio-run/guest.$file"
		done
		holds "that is said" grep -q '^guest.desktop and .rules' "$work/out"
		if command -v qemu-img >/dev/null; then
			holds "the disk is made" sh -c 'qemu-img info "$1" | grep -q "virtual size: 100 GiB"' - "$home/.local/share/vfio-run/guest/disk.qcow2"
		fi
		as_its "$program" new win10
		status=$?
		holds "a profile for Windows" test $status = 0
		if [ -x /usr/bin/qemu-system-x86_64 ] && [ ! -L /usr/bin/qemu-system-x86_64 ]; then
			# one whose KVM has, and has not, what Windows likes
			for answer in true false; do
				printf '#!/bin/sh\necho %s\ncat >/dev/null\n' "'{\"return\": {\"model\": {\"props\": {\"hv-relaxed\": $answer}}}}'" >"$work/emulator"
				chmod 755 "$work/emulator"
				rm -f "$home/.config/vfio-run/win10.profile"
				as_its "$program" new win10
				grep -qx 'hyperv = yes' "$home/.config/vfio-run/win10.profile" && says=true || says=false
				holds "enlightenments as KVM has them: $answer" test "$says" = "$answer"
			done
			rm "$work/emulator"
		else
			skip "enlightenments as KVM has them" "no emulator here in whose place another could be"
		fi
		# what it tells to type makes the disk, in a home where nothing was before
		as_its "$program" new typed
		sed -n 's/^  \(mkdir\|qemu-img\) /\1 /p' "$work/out" >"$work/typed"
		command -v qemu-img >/dev/null || sed -i 's/^qemu-img .* \([^ ]*\) 100G$/touch \1/' "$work/typed"
		as_its env HOME="$home" sh -e "$work/typed"
		holds "what it tells to type makes the disk" test -s "$work/typed" -a -e "$home/.local/share/vfio-run/typed/disk.qcow2"
		before=$(cksum <"$profile")
		as_its "$program" new guest
		status=$?
		holds "one that is there stays" test $status = 3
		holds "as it was" test "$before" = "$(cksum <"$profile")"
	else
		skip "files" "no mount namespace can be made here"
	fi
fi
finish
