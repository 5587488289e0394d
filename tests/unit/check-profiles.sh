#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-profiles.sh - every profile in profiles/examples is planned, with the addresses of a machine
#
# The machines are captured trees; of each plan is asked what the example is there for.
# shellcheck disable=SC2317 # functions are called through check
set -u
# shellcheck source=tests/unit/cli.sh
. "$(dirname "$0")/cli.sh"

# EXAMPLE|TREE|ADDRESSES in the order of the file|patterns that stand in the plan
table='
minimal|x570-four-functions|0000:0a:00.0|0000:0a:00.3
win10|x570-four-functions|0000:0a:00.0|pflash0=firmware-code
win11|x570-four-functions|0000:0a:00.0|smm=on driver=cfi.pflash01,property=secure,value=on hpet=off hv-stimer=on VARS-secure.fd base=localtime
linux|desktop-arc|0000:03:00.0|tcp::2222-:22
compute|server-switches|0000:19:00.0 0000:1a:00.0|0000:19:00.0 0000:1a:00.0 "rombar"
looking-glass|x570-four-functions|0000:0a:00.0|ivshmem-plain "size":67108864 "driver":"spice" spice:port=0
macos|desktop-arc|0000:03:00.0|Skylake-Client,vendor=GenuineIntel
nvme|checks|0000:22:00.0 0000:02:00.0|0000:02:00.0 hpet=off
single-card|x570-four-functions|0000:0a:00.0|display-manager.service
usb-controller|desktop-arc|0000:03:00.0 0000:0c:00.3|0000:0c:00.3
'

plan() { # EXAMPLE TREE ADDRESSES PATTERNS
	local tree=$scratch/$2 file=$scratch/$1.profile address pattern
	[ -d "$tree" ] || tests/sysfs/make-tree "tests/sysfs/$2.txt" "$tree" || return 1
	cp "profiles/examples/$1.profile" "$file"
	for address in $3; do
		sed -i "0,/= PUT-.*/s//= $address/" "$file"
	done
	chmod -R a+rX "$tree" "$file"
	as user "$program" -n --sysroot "$tree" "$file" >"$scratch/out" 2>"$scratch/err" || return 1
	for pattern in $4; do
		grep -qF -- "$pattern" "$scratch/out" || { echo "no $pattern" >"$scratch/odd"; return 1; }
	done
}

while IFS='|' read -r example tree addresses patterns; do
	[ -z "$example" ] || check "$example: a plan on $tree" plan "$example" "$tree" "$addresses" "$patterns"
done <<<"$table"
missing() {
	local file
	for file in profiles/examples/*.profile; do
		file=${file##*/}
		grep -q "^${file%.profile}|" <<<"$table" || echo "$file"
	done >"$scratch/odd"
	[ ! -s "$scratch/odd" ]
}
check 'every example is planned' missing
finish
