#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-machines - what people's own VMs have can be written as a profile, or is refused as not supported yet
#
# tests/machines has the features, the lines of a profile for each, and the published machines. Each
# feature is asked of the program by `--dry-run` on a captured machine; then every machine whose
# features are all there, as one profile. How many these are is printed.
# shellcheck disable=SC2317 # functions are called by their names
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/unit/tap.sh
. "$here/tap.sh"
machines=$here/../machines
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
card=0000:01:00.0

if [ "$(id -u)" != 0 ]; then
	skip 'published machines as profiles' 'only of root a profile can name a user and hooks'
	finish
fi
# A profile is not read from a folder where others can write.
work=$(mktemp -d "$build/machines-XXXXXX")
trap 'rm -rf "$work" "$report"' EXIT
mkdir "$work/files" && "$here/../sysfs/make-tree" "$here/../machines/workstation.txt" "$work/tree"

# value FILE VALUE: in the tree, what make-tree has no word for
value() { mkdir -p "$work/tree/${1%/*}" && echo "$2" >"$work/tree/$1"; }
for kib in 2048 1048576; do
	for file in nr_hugepages free_hugepages resv_hugepages surplus_hugepages nr_overcommit_hugepages; do
		value sys/kernel/mm/hugepages/hugepages-${kib}kB/$file 0
	done
done
value proc/meminfo 'Hugepagesize:       2048 kB'
for file in sys_vendor product_name product_version product_family board_vendor board_name bios_vendor; do
	value sys/class/dmi/id/$file Example
done

value sys/class/drm/renderD129/dev 226:129
ln -s ../../../bus/pci/devices/0000:00:02.0 "$work/tree/sys/class/drm/renderD129/device"

table() { grep -v '^#' "$machines/features.tsv"; }
published() { grep -v '^#' "$machines/published.tsv"; }

# plan FEATURE...: what the program says to a profile of them; 0: it can be planned
plan() {
	"$machines/profile" "$work/files" "$card" "$@" >"$work/p.profile"
	"$build/bin/vfio-run" -n --sysroot "$work/tree" "$work/p.profile" >"$work/out" 2>&1
}

# ask: what can be done, into $work/supported; prints what is neither planned nor not supported yet
ask() {
	table | while IFS='	' read -r feature by _ lines _; do
		case $by in key | close) ;; *) continue ;; esac
		if [ "$lines" = - ] || plan "$feature"; then
			echo "$feature"
		elif ! grep -q 'not supported yet' "$work/out"; then
			printf '%s: %s\n' "$feature" "$lines" >&2
			grep -E 'error|missing' "$work/out" >&2
		fi
	done >"$work/supported"
}

# whole: every machine that has nothing else is planned as a whole
whole() {
	published | while IFS='	' read -r id _ _ features; do
		IFS=,
		# shellcheck disable=SC2086 # one feature each
		set -- $features
		unset IFS
		for feature; do
			shift
			case $feature in *~*) continue ;; esac
			grep -qxF "${feature%!}" "$work/supported" || continue 2
			set -- "$@" "$feature"
		done
		plan "$@" || {
			echo "$id:"
			cat "$work/p.profile"
			grep error "$work/out"
		}
	done
}

# shellcheck disable=SC2016 # awk expands
nothing 'every feature of a machine stands in features.tsv' awk -F '\t' '
	/^#/ { next }
	FILENAME == ARGV[1] { there[$1]; next }
	{ n = split($4, f, ","); for (i = 1; i <= n; i++) { sub(/[~!]+$/, "", f[i]); if (!(f[i] in there)) print $1, f[i] } }
' "$machines/features.tsv" "$machines/published.tsv"
nothing 'every feature that has keys is planned, or not supported yet' ask
nothing 'every machine that has only these is planned as one profile' whole
"$machines/share" "$work/supported" | sed 's/^/# /' | head -n 12
finish
