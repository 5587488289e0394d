#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-rom.sh - `rom check`: what a file is that is to be a card's ROM
# shellcheck disable=SC2317 # functions are called through nothing
# shellcheck disable=SC2012,SC2086 # names here are plain; lists are words
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/unit/tap.sh
. "$here/tap.sh"
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work" "$report"' EXIT
cd "$work" || exit 1

# rom KIND BLOCKS: an image of so many times 512 bytes for 10de:2486, the last one; KIND 0 or 3
rom() {
	{
		printf 'U\252'
		head -c 22 /dev/zero
		printf '\034\000\000\000PCIR\336\020\206\044\000\000\030\000\003\000\000\003'
		printf '%b' "\\0$(printf %o "$2")\\0000\\0001\\0000\\0$1\\0200"
		head -c $(($2 * 512)) /dev/zero
	} | head -c $(($2 * 512))
}
# says STATUS WORDS ARGUMENT...
says() {
	wanted=$1 words=$2
	shift 2
	"$build/bin/vfio-run" rom check "$@" >out 2>&1
	status=$?
	[ $status = "$wanted" ] || echo "exit status $status"
	grep -qF -- "$words" out || cat out
}
rom 0 2 >bios.rom
rom 3 2 >efi.rom
head -c 700 bios.rom >cut.rom
: >empty.rom
head -c 2048 /dev/zero >zeros.rom
printf 'U\252' >two.rom
{ head -c 1004 /dev/zero && cat bios.rom; } >front.rom
{ printf NVGI && head -c 1020 /dev/zero && cat bios.rom; } >nvidia.rom
nothing 'a whole one' says 0 'a ROM for 10de:2486, 1024 bytes, for BIOS alone' bios.rom
nothing 'for UEFI' says 0 'for UEFI alone' ./efi.rom
nothing 'cut off' says 3 'cut.rom: is cut off: its images have 1024 bytes, the file has 700' cut.rom
nothing 'empty' says 3 'is empty' empty.rom
nothing 'no ROM' says 3 'does not start with the bytes 55 AA' zeros.rom
nothing 'two bytes of one' says 3 'not followed by the structure PCIR' two.rom
nothing 'with something before it, at no round place' says 3 "has 1004 bytes of a flashing tool's before the ROM; cut them off: \`tail -c +1005" front.rom
nothing "with NVIDIA's header before it" says 3 "has 1024 bytes of NVIDIA's flashing tool (NVGI) before the ROM" nvidia.rom
nothing 'not there' says 3 'none.rom: No such file' none.rom
nothing 'for no card' says 3 'no device at 0000:ff:1f.7' bios.rom 0000:ff:1f.7
other() {
	card=$(ls /sys/bus/pci/devices 2>/dev/null | head -n 1)
	[ -z "$card" ] || says 3 'and the card is' bios.rom "$card"
}
nothing 'for another card' other
wrong() {
	"$build/bin/vfio-run" rom "$@" >out 2>&1
	[ $? = 2 ] || cat out
}
nothing 'rom of something else is a bad command line' wrong burn a b
nothing 'and dump without a file' wrong dump 0000:00:01.0
finish
