#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check-captured.sh - what a person is told on each captured machine, in terminals of 80 and of 120 columns
#
# tests/machines/sentences.tsv has a sentence of what list, check, new and setup must say;
# tests/golden/machines what new and setup print (list's and check's is in tests/golden/list and check).
# UPDATE_GOLDEN=1 writes it. And of every machine and each of its cards: a profile that `new` writes is
# planned by --dry-run, or `new` says why not.
# shellcheck disable=SC2016,SC2317 # the inner shells expand; functions are called through nothing
set -u
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/unit/tap.sh
. "$here/tap.sh"
build=$(cd "${VFIO_RUN_BUILD:-build}" && pwd)
golden=$here/../golden/machines
# A profile is not read from a folder where others can write.
work=$(mktemp -d) own=$(mktemp -d "$build/captured-XXXXXX")
program=$work/vfio-run # where another user can execute it
trap 'rm -rf "$work" "$own" "$report"' EXIT
chmod 755 "$work" "$own"
cp "$build/bin/vfio-run" "$program"
export LC_ALL=C
unset SUDO_UID SUDO_USER DOAS_USER PKEXEC_UID COLUMNS
if [ "$(id -u)" = 0 ]; then
	somebody='env SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody'
else
	somebody='env'
fi
as_user() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$@"; else "$@"; fi; }
for file in "$here"/../sysfs/*.txt; do
	"$here/../sysfs/make-tree" "$file" "$work/$(basename "$file" .txt)"
done

# ---- sentences -----------------------------------------------------------------------------------

# on COLUMNS MACHINE COMMAND...: what a terminal of so many columns gets, into $work/out
on() {
	columns=$1 machine=$2
	shift 2
	as_user script -qec "stty cols $columns rows 50; '$program' $* --color=never --sysroot '$work/$machine'" /dev/null \
		</dev/null 2>&1 | tr -d '\r' >"$work/out"
}
# In one line, however it was wrapped; without the signs of a comment, and of what each line of a log begins with.
joined() { sed -e 's/^# //' -e 's/^vfio-run: //' "$work/out" | tr -s '\n ' '  '; }
# too_long COLUMNS: a word that is longer than a line stays whole, and so does what is to be typed
too_long() { grep -E "^.{$(($1 + 1))}" "$work/out" | grep -Ev '^ *[^ ]+$|`|^# qemu-img |^path = '; }

nothing 'there are twelve machines or more' sh -c '[ "$(grep -v "^#" "$1" | cut -f 1 | sort -u | wc -l)" -ge 12 ] || echo fewer' - \
	"$here/../machines/sentences.tsv"
grep -v '^#' "$here/../machines/sentences.tsv" >"$work/sentences"
while IFS='	' read -r tree command sentence; do
	for width in 80 120; do
		on $width "$tree" "$command"
		nothing "$tree, $command, $width columns: $sentence" sh -c 'case $1 in *"$2"*) ;; *) cat "$3" ;; esac' - \
			"$(joined)" "$sentence" "$work/out"
		nothing "$tree, $command: no line is longer than $width columns" too_long $width
	done
	case $command in new* | setup*) ;; *) continue ;; esac
	on 80 "$tree" "$command"
	sed -i -e 's#^path = .*/\.local/#path = HOME/.local/#' -e "s#$work#WORK#g" "$work/out"
	[ -z "${UPDATE_GOLDEN:-}" ] || cp "$work/out" "$golden/$tree.${command%% *}.txt"
	nothing "$tree, $command: as before" diff "$golden/$tree.${command%% *}.txt" "$work/out"
done <"$work/sentences"

# ---- what new writes, a run takes -------------------------------------------------------------------

# planned NAME TREE [OPTION]...: a profile that --dry-run plans, or the reason why there is none
planned() {
	name=$1 tree=$2
	shift 2
	as_user "$program" new --sysroot "$work/$tree" "$@" "$name" >"$own/linux.profile" 2>"$work/err"
	case $? in
	0) ;;
	3) # and nothing written
		grep -q 'no guest can have it: .\|x86-64 hosts only' "$work/err" || grep -q -- '--gpu [0-9a-f]*:' "$work/err" || cat "$work/err"
		cat "$own/linux.profile"
		return
		;;
	*) echo "exit $?" && cat "$work/err" && return ;;
	esac
	$somebody "$program" -n --sysroot "$work/$tree" "$own/linux.profile" >"$work/plan" 2>&1 && return
	# That its card is refused until there is an IOMMU, it says itself.
	grep -q '^# No IOMMU is in use on this host' "$own/linux.profile" && ! [ -e "$work/$tree/sys/kernel/iommu_groups/0" ] &&
		grep -q 'no IOMMU is in use' "$work/plan" && return
	cat "$work/plan" "$own/linux.profile"
}
printf '[vm]\nno-key = 1\n' >"$own/linux.profile"
if ! $somebody "$program" -n "$own/linux.profile" 2>&1 | grep -q 'linux.profile:2:'; then
	skip 'what new writes is planned' 'others can write a folder above the build folder, or its user alone can enter it'
	finish
fi
for file in "$here"/../sysfs/*.txt; do
	tree=$(basename "$file" .txt)
	nothing "$tree: what new writes is planned, or it says why not" planned linux "$tree"
	nothing "$tree: and of Windows" planned win11 "$tree"
	grep -o '^.* class=03[0-9a-f]*' "$file" | awk '{ print $2 }' >"$work/cards"
	while read -r card; do
		nothing "$tree: and of the card $card" planned linux "$tree" --gpu "$card"
	done <"$work/cards"
done
finish
