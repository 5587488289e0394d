#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-setup.sh - `vfio-run setup`: the steps on each distribution, taken, interrupted and taken back
#
# tests/systems has the distributions, tests/golden/setup what is printed for each;
# UPDATE_GOLDEN=1 writes that. The tools are scripts that note their arguments. What counts in the
# end: whatever was done and wherever it was cut off, --undo leaves the tree as it was found.
# shellcheck disable=SC2317 # functions are called through nothing
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/unit/tap.sh
. "$here/tap.sh"
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
program=$build/bin/vfio-run
setup=$build/libexec/vfio-run/setup
systems=$here/../systems
golden=$here/../golden/setup
work=$(mktemp -d)
trap 'rm -rf "$work" "$report"' EXIT
: >"$work/failed"
trap 'exit 1' HUP INT TERM
export LC_ALL=C
umask 022

fresh() { rm -rf "${work:?}/$1" && "$systems/make-system" "$systems/$2.txt" "$work/$1"; }
# Everything of a tree that could change: names, modes, texts; not the state of setup and the tools' notes.
picture() {
	(cd "$work/$1" && find . ! -path './var/lib/vfio-run*' ! -name tools.log ! -name 'fail.*' -printf '%p %M %l\n' | sort &&
		find . -type f ! -path './var/lib/vfio-run*' ! -name tools.log ! -name 'fail.*' -exec sha256sum {} + | sort -k2)
}
json() { "$program" setup --json --sysroot "$work/$1" 2>/dev/null; }
# needs JSON: the needs that have steps or not, as the program takes them
needs() { sed -n '/"needs":/,/"steps":/s/^      "need": *"\([^"]*\)",*$/\1/p' "$1"; }
digest() { sed -n 's/.*"digest": *"\([0-9a-f]*\)".*/\1/p' "$1"; }
# apply TREE [WRAPPER...]: as vfio-run starts it
apply() {
	local tree=$1
	shift
	json "$tree" >"$work/json"
	# shellcheck disable=SC2046 # one word a need
	"$@" "$setup" --root "$work/$tree" apply "$(digest "$work/json")" $(needs "$work/json")
}
# holds NAME COMMAND...: the command has to succeed
holds() { local what=$1; shift; nothing "$what" sh -c '"$@" || echo "it does not: $*"' - "$@"; }
undo() { "$setup" --root "$work/$1" undo; }

# ---- for one profile: the command that is named takes its steps --------------------------------------

fresh debian-grub debian-grub
mkdir -m 755 "$work/own"
printf '[vm]\nmemory = 1G\n[gpu]\ndevice = 01:00.0\n' >"$work/own/some.profile"
SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody "$program" setup --sysroot "$work/debian-grub" "$work/own/some.profile" 2>&1 | tr -s '\n ' ' ' >"$work/shown"
if grep -q 'not read:\|is not shown to' "$work/shown"; then
	skip 'the command names the profile' 'others can write a folder above this one'
else
	nothing 'the command names the profile' sh -c "grep -q 'setup --apply $work/own/some.profile. takes' '$work/shown' || cat '$work/shown'"
fi

# ---- each distribution ---------------------------------------------------------------------------

for file in "$systems"/*.txt; do
	system=$(basename "$file" .txt)
	fresh "$system" "$system"
	picture "$system" >"$work/before"
	"$program" setup --sysroot "$work/$system" >"$work/shown" 2>&1
	status=$?
	[ -z "${UPDATE_GOLDEN:-}" ] || cp "$work/shown" "$golden/$system.txt"
	nothing "$system: what is printed" diff "$golden/$system.txt" "$work/shown"
	holds "$system: exit 3, as something lacks" test "$status" = 3
	nothing "$system: no line is longer than the terminal" sh -c "grep -v '^       [-+] ' '$work/shown' | grep -E '^.{81}'"
	picture "$system" >"$work/after"
	nothing "$system: nothing is touched" diff "$work/before" "$work/after"
	json "$system" >"$work/json"
	[ "$(sed -n '/"steps":/,/"digest"/p' "$work/json" | grep -cE '"(file|command)":')" = 0 ] && continue
	apply "$system" >"$work/out" 2>&1 || { echo failed; cat "$work/out"; } >"$work/failed"
	nothing "$system: the steps are taken" cat "$work/failed"
	: >"$work/failed"
	# what makes boot loaders and images has run, with its arguments
	sed -n '/"steps":/,/"digest"/p' "$work/json" | tr -d ' \n' | grep -o '"command":\[[^]]*\]' | sed 's/"command":\["\/\(.*\)"\]/\1/; s/","/ /g' >"$work/commands"
	[ ! -s "$work/commands" ] || nothing "$system: the tools were called as printed" diff "$work/commands" "$work/$system/tools.log"
	json "$system" >"$work/json2"
	if grep -q '"file":' "$work/json"; then
		nothing "$system: the files then have what was shown" sh -c "sed -n '/\"steps\":/,/\"digest\"/p' '$work/json2' | grep '\"file\"'"
	fi
	: >"$work/$system/tools.log"
	undo "$system" >"$work/out" 2>&1 || { echo failed; cat "$work/out"; } >"$work/failed"
	nothing "$system: they are taken back" cat "$work/failed"
	: >"$work/failed"
	picture "$system" >"$work/after"
	nothing "$system: the tree is as it was" diff "$work/before" "$work/after"
	nothing "$system: no text and no line is left" ls -A "$work/$system/var/lib/vfio-run/setup"
	: >"$work/$system/tools.log"
	undo "$system" >"$work/out" 2>&1
	nothing "$system: twice is no mistake" sh -c "[ $? = 0 ] && grep -q 'changed nothing' '$work/out' && ! [ -s '$work/$system/tools.log' ] || cat '$work/out'"
done

# ---- what undo leaves alone ---------------------------------------------------------------------------

fresh edited grub-off
apply edited >"$work/out" 2>&1
echo '# mine' >>"$work/edited/etc/default/grub"
undo edited >"$work/out" 2>&1
nothing 'a file that was edited since is refused, with exit 3' sh -c "[ $? = 3 ] && grep -q '/etc/default/grub was edited since' '$work/out' || cat '$work/out'"
nothing 'and stays as it is' sh -c "grep -q '^# mine' '$work/edited/etc/default/grub' || echo gone"
nothing 'the others are taken back all the same' sh -c "[ ! -e '$work/edited/etc/default/grub.d/zz-vfio-run.cfg' ] || echo there; grep -q unsafe_interrupts '$work/edited/etc/modprobe.d/vfio.conf' || echo missing"
sed -i '/^# mine/d' "$work/edited/etc/default/grub"
: >"$work/edited/tools.log"
undo edited >"$work/out" 2>&1
nothing 'and that one too, when the edit is gone' sh -c "[ $? = 0 ] && grep -q intel_iommu=off '$work/edited/etc/default/grub' && grep -q update-grub '$work/edited/tools.log' || cat '$work/out'"

fresh twice debian-grub
picture twice >"$work/before"
apply twice >/dev/null 2>&1
echo 'GRUB_CMDLINE_LINUX_DEFAULT="quiet"' >"$work/twice/etc/default/grub.d/zz-vfio-run.cfg"
undo twice >/dev/null 2>&1
holds 'a new file of ours that was edited is not removed' test -e "$work/twice/etc/default/grub.d/zz-vfio-run.cfg"

# ---- failures -------------------------------------------------------------------------------------------

fresh broken arch-grub
picture broken >"$work/before"
: >"$work/broken/fail.grub-mkconfig"
apply broken >"$work/out" 2>&1
nothing 'a tool that fails is named, with exit 3' sh -c "[ $? = 3 ] && grep -q 'grub-mkconfig.*ended with 7' '$work/out' || cat '$work/out'"
undo broken >"$work/out" 2>&1
nothing 'undo says so too, and keeps the line' sh -c "[ $? = 3 ] && [ -e '$work/broken/var/lib/vfio-run/setup/record' ] || cat '$work/out'"
rm "$work/broken/fail.grub-mkconfig"
undo broken >"$work/out" 2>&1
picture broken >"$work/after"
nothing 'and ends it when the tool works again' diff "$work/before" "$work/after"
fresh package debian-grub
: >"$work/package/fail.apt-get"
apply package >"$work/out" 2>&1
nothing 'a package that could not be installed is not taken away' sh -c "undo() { '$setup' --root '$work/package' undo; }; undo >/dev/null 2>&1; grep -q dpkg '$work/package/tools.log' && echo dpkg"

fresh changed arch-grub
json changed >"$work/json"
echo '# meanwhile' >>"$work/changed/etc/default/grub"
# shellcheck disable=SC2046
"$setup" --root "$work/changed" apply "$(digest "$work/json")" $(needs "$work/json") >"$work/out" 2>&1
nothing 'what has changed since it was shown is refused' sh -c "[ $? = 3 ] && grep -q 'start it again' '$work/out' && ! [ -e '$work/changed/var/lib/vfio-run' ] || cat '$work/out'"

# ---- strangers --------------------------------------------------------------------------------------------

fresh strange arch-grub
picture strange >"$work/before"
for need in parameter=init=/bin/sh parameter=intel_iommu=on,x 'parameter=intel_iommu=on quiet' package=../x package=bash \
	no-option=vfio:x no-parameter=root=UUID=1 file=/etc/passwd ''; do
	"$setup" --root "$work/strange" apply 0 "$need" >"$work/out" 2>&1
	holds "a need that is none is exit 2: ${need:-empty}" test $? = 2
done
mkdir -p "$work/strange/var/lib/vfio-run/setup"
chmod 700 "$work/strange/var/lib/vfio-run" "$work/strange/var/lib/vfio-run/setup"
record=$work/strange/var/lib/vfio-run/setup/record
zero=$(printf '%064d' 0)
for line in "file	etc/passwd	none	$zero" "file	etc/default/grub.d/../../passwd.cfg	none	$zero" 'command	usr/bin/rm	-rf' \
	"file	etc/default/grub	none" 'command' 'odd	line' "file	etc/default/grub	$zero"; do
	printf 'vfio-run setup 1\n%s\n' "$line" >"$record"
	undo strange >"$work/out" 2>&1
	nothing "a record that is none of ours is not followed: ${line%%	*}" sh -c "[ $? = 3 ] && grep -q 'nothing is guessed' '$work/out' || cat '$work/out'"
done
printf 'vfio-run setup 2\n' >"$record"
undo strange >"$work/out" 2>&1
nothing 'nor is one of another version' sh -c "[ $? = 3 ] || cat '$work/out'"
rm "$record"
picture strange >"$work/after"
nothing 'nothing of it was touched' diff "$work/before" "$work/after"
chmod 777 "$work/strange/etc/default"
apply strange >"$work/out" 2>&1
nothing 'a folder that others can write is refused' sh -c "[ $? = 3 ] && ! grep -q intel_iommu '$work/strange/etc/default/grub' || cat '$work/out'"
chmod 755 "$work/strange/etc/default"
undo strange >/dev/null 2>&1

# ---- as it is typed: on this machine, with a /boot and a processor of its own ------------------------------------

live() {
	fresh live arch-limine
	# shellcheck disable=SC2016 # the inner shell expands
	unshare -m sh -c '
		work=$1 program=$2 && mount --make-rprivate / &&
		mount -t tmpfs tmpfs /boot && cp "$work/live/boot/limine.conf" /boot/ && chmod 755 /boot &&
		mkdir -p /var/lib/vfio-run && mount -t tmpfs -o mode=700 tmpfs /var/lib/vfio-run &&
		mount --bind "$work/live/proc/cpuinfo" /proc/cpuinfo && mount --bind "$work/live/proc/cmdline" /proc/cmdline || exit 77
		for path in /etc/default/grub.d /etc/default/limine /etc/kernel/cmdline /usr/sbin/grubby /usr/bin/rpm-ostree /usr/bin/kernelstub; do
			[ ! -e "$path" ] || exit 77
		done
		[ ! -d /sys/kernel/iommu_groups ] || [ -z "$(ls /sys/kernel/iommu_groups)" ] || exit 77
		"$program" setup >"$work/shown"
		setsid "$program" setup --apply </dev/null >"$work/no" 2>&1 && echo "an answer was made up"
		grep -q "there is no terminal to ask on" "$work/no" || cat "$work/no"
		grep intel_iommu /boot/limine.conf
		"$program" setup --apply -y >"$work/yes" 2>&1
		grep -q "cmdline: root=UUID=1 rw intel_iommu=on" /boot/limine.conf || { echo "not written"; cat "$work/yes" /boot/limine.conf; }
		grep -q "done; it counts from the next boot on" "$work/yes" || cat "$work/yes"
		"$program" setup >"$work/shown"
		grep -q "boot again: intel_iommu=on stands in /boot/limine.conf" "$work/shown" || cat "$work/shown"
		"$program" setup --undo >"$work/undo" 2>&1 || cat "$work/undo"
		cmp "$work/live/boot/limine.conf" /boot/limine.conf
	' - "$work" "$program" >"$work/live.out" 2>&1
	[ $? != 77 ] || echo 77 >"$work/live.out"
}
if [ "$(id -u)" = 0 ] && live && [ "$(cat "$work/live.out")" != 77 ]; then
	nothing 'vfio-run setup, --apply without a terminal, --apply -y, --undo' cat "$work/live.out"
else
	skip 'vfio-run setup, --apply without a terminal, --apply -y, --undo' 'not here'
fi

# ---- firmware, which a VM has without asking for it --------------------------------------------------------

no_firmware() {
	# shellcheck disable=SC2016 # the inner shell expands
	unshare -m sh -c '
		work=$1 program=$2 && mount --make-rprivate / || exit 77
		for folder in /usr/share/qemu/firmware /usr/share/OVMF /usr/share/edk2 /usr/share/edk2-ovmf /etc/qemu/firmware; do
			[ ! -d $folder ] || mount -t tmpfs tmpfs $folder || exit 77
		done
		"$program" check --json >"$work/check" 2>/dev/null
		"$program" check >"$work/shown" 2>&1
	' - "$work" "$program"
	[ $? != 77 ]
}
if [ "$(id -u)" = 0 ] && no_firmware; then
	holds 'check without a profile: there is no firmware' sh -c "tr -d ' \n' <'$work/check' | grep -q '\"check\":\"firmware\",\"ok\":false'"
	holds 'and what to do' sh -c "tr -s ' \n' ' ' <'$work/shown' | grep -q 'firmware = uefi: no firmware descriptor.*apt install ovmf.*to do: .*firmware.*vfio-run setup. says how'"
else
	skip 'check without a profile: there is no firmware' 'not here'
fi

# ---- cut off ------------------------------------------------------------------------------------------------

# cut TREE CALL N: apply is killed at the N-th such call; the tree is then as before, or has the new text
cut() {
	fresh cut "$1"
	apply cut strace -f -o "$work/trace" -e "inject=$2:signal=SIGKILL:when=$3" >"$work/out" 2>&1
	grep -q 'killed by SIGKILL' "$work/trace" || return 1
	find "$work/cut" -size 0 -name 'grub*' | grep .
	undo cut >"$work/out" 2>&1 || { echo "$1 $2 $3: undo failed"; cat "$work/out"; }
	picture cut >"$work/after"
	diff "$work/before" "$work/after" || echo "$1 $2 $3"
	return 0
}
if strace -f -o /dev/null true 2>/dev/null; then
	points=0
	for tree in grub-off debian-grub; do
		fresh cut $tree
		picture cut >"$work/before"
		: >"$work/differs"
		for call in openat write fsync rename renameat unlinkat mkdirat execve fchmod; do
			n=1
			while [ $n -lt 60 ] && cut $tree $call $n >>"$work/differs"; do
				points=$((points + 1))
				n=$((n + 3))
			done
		done
		nothing "$tree: killed anywhere, undo gives the tree back" cat "$work/differs"
	done
	holds "killed at enough places ($points)" test $points -ge 40
	# undo itself, cut off and started again
	: >"$work/differs" points=0
	for call in write fsync renameat unlinkat execve; do
		n=1
		while [ $n -lt 30 ]; do
			fresh cut grub-off
			apply cut >/dev/null 2>&1
			{ strace -f -o "$work/trace" -e "inject=$call:signal=SIGKILL:when=$n" "$setup" --root "$work/cut" undo; } >/dev/null 2>&1
			grep -q 'killed by SIGKILL' "$work/trace" || break
			undo cut >"$work/out" 2>&1 || cat "$work/out" >>"$work/differs"
			fresh whole grub-off
			picture cut >"$work/after" && picture whole >"$work/before"
			diff "$work/before" "$work/after" >>"$work/differs" || echo "undo $call $n" >>"$work/differs"
			points=$((points + 1)) n=$((n + 3))
		done
	done
	nothing "an undo that is killed is done to its end by the next one ($points places)" cat "$work/differs"
	holds 'at enough places' test $points -ge 15
else
	skip 'killed anywhere, undo gives the tree back' 'strace cannot trace here'
fi
finish
