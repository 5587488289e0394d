#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-completion.sh - the completions are what the tables say, and complete
# shellcheck disable=SC2317 # functions are called through check
set -u
# shellcheck source=tests/unit/cli.sh
. "$(dirname "$0")/cli.sh"
folder=launcher/completion

for pair in bash:vfio-run.bash zsh:_vfio-run fish:vfio-run.fish; do
	"$build/generate" "${pair%:*}" >"$scratch/generated" 2>"$scratch/err"
	diff -u "$folder/${pair#*:}" "$scratch/generated" >"$scratch/differ"
	check "$folder/${pair#*:} is what \`make completion\` writes" test ! -s "$scratch/differ" -a -s "$scratch/generated"
done
: >"$scratch/differ"

# ---- bash, by what readline sets ------------------------------------------------------------

export HOME=$scratch/home
mkdir -p "$HOME/.config/vfio-run" "$scratch/vms/sub"
: >"$HOME/.config/vfio-run/win10.profile"
: >"$HOME/.config/vfio-run/linux.profile"
: >"$HOME/.config/vfio-run/notes.txt"
: >"$scratch/vms/one.profile"
: >"$scratch/vms/other"
# The directory is the test's: no word of the host's gets in but its PCI devices.
complete_bash() { # LINE: what TAB offers, sorted, one per line
	# shellcheck disable=SC1003 # the break characters have quotes among them
	bash --norc --noprofile -c '
		cd "$2" && . "$3"
		COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDBREAKS=$'\'' \t\n"\'\''><=;|&(:'\'' COMP_TYPE=9
		read -ra COMP_WORDS <<<"$1"
		case $1 in *\ ) COMP_WORDS+=("") ;; esac
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		handler=$(complete -p vfio-run | sed "s/.*-F \([^ ]*\).*/\1/")
		"$handler" vfio-run "${COMP_WORDS[-1]}" "" 2>&1
		printf "%s\n" "${COMPREPLY[@]}"
	' - "$1" "$scratch/vms" "$PWD/$folder/vfio-run.bash" | grep . | LC_ALL=C sort
}
offers() { # LINE WORD...: exactly these
	local line=$1
	shift
	complete_bash "$line" >"$scratch/offered"
	printf '%s\n' "$@" | grep . | LC_ALL=C sort | diff - "$scratch/offered" >"$scratch/differ"
}
etc=$(for f in /etc/vfio-run/*.profile; do [ ! -e "$f" ] || basename "$f" .profile; done)
built=$("$program" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
always='--verbose --quiet --color= --help --version'
# shellcheck disable=SC2086 # words
{
	check 'the first word: commands and profiles' offers 'vfio-run ' $built win10 linux $etc
	check 'one that is begun' offers 'vfio-run det' detach
	check 'a profile' offers 'vfio-run wi' win10
	check "a command's profile" offers 'vfio-run run wi' win10
	check 'one profile is enough' offers 'vfio-run win10 '
	check 'after an option too' offers 'vfio-run -n wi' win10
	check 'a path, and only profiles' offers 'vfio-run ./' ./one.profile ./sub/
	check 'options of a run' offers 'vfio-run --' --dry-run --json --option= --yes --service --contained --no-devices --sysroot= $always
	check 'options of detach, and no others' offers 'vfio-run detach --' --dry-run --json --yes --contained --for= --at-boot $always
	check 'one of them' offers 'vfio-run detach --j' --json
	check 'what an option takes' offers 'vfio-run --color=' auto always never
	check 'in a word of its own' offers 'vfio-run --color n' never
	check 'then the line goes on' offers 'vfio-run --color never wi' win10
	check "an option's letter, and its argument" offers 'vfio-run -o vm.memory=8G wi' win10
	check 'behind other letters' offers 'vfio-run -no vm.memory=8G wi' win10
	check 'in one word with it' offers 'vfio-run -novm.memory=8G wi' win10
	check 'a letter without one' offers 'vfio-run -n wi' win10
	check 'what can be started is a profile' offers 'vfio-run start wi' win10
	check 'and what has said something' offers 'vfio-run log wi' win10
	check 'the name of a new VM is nobody'"'"'s' offers 'vfio-run new '
	check "a command's words" offers 'vfio-run rom ' dump check
	check 'what follows one of them' offers 'vfio-run rom check o' one.profile other
	check 'then the line ends in what the usage has' offers 'vfio-run rom check other wi' win10
	check 'a file behind an address' offers 'vfio-run rom dump 01:00.0 o' one.profile other
	check 'and no more' offers 'vfio-run rom dump 01:00.0 other '
	check 'commands that help is had of' offers 'vfio-run help det' detach
	check 'a directory' offers 'vfio-run -n --sysroot=s' sub
	check 'nothing behind --' offers 'vfio-run win10 -- -dev'
	check '-- ends the options' offers 'vfio-run detach -- --'
	check 'no such option' offers 'vfio-run --xyz'
}
first=$(find /sys/bus/pci/devices -type l 2>/dev/null | sort | head -n 1)
first=${first##*/}
if [ -z "$first" ]; then
	skip 'addresses' 'no PCI devices here'
else
	# readline replaces what is behind the last colon only
	check 'an address' offers "vfio-run detach $first" "${first##*:}"
	check 'one without its domain' offers "vfio-run attach ${first#0000:}" "${first##*:}"
	complete_bash 'vfio-run detach win10 ' >"$scratch/offered"
	check 'addresses behind a profile' grep -qx "$first" "$scratch/offered"
	check 'all of them' test "$(grep -c '^[0-9a-f]*:..:..\..$' "$scratch/offered")" = "$(find /sys/bus/pci/devices -type l | wc -l)"
fi

# ---- the others, where they are -----------------------------------------------------------------

if command -v zsh >/dev/null; then
	check 'zsh reads its own' zsh -n $folder/_vfio-run
else
	skip 'zsh reads its own' 'no zsh here'
fi
fish_offers() { # LINE PATTERN
	fish --no-config -c "source $folder/vfio-run.fish; complete -C'$1'" >"$scratch/offered" 2>"$scratch/err"
	[ ! -s "$scratch/err" ] && cut -f1 "$scratch/offered" | grep -qx -- "$2"
}
if command -v fish >/dev/null; then
	check 'fish: commands' fish_offers 'vfio-run det' detach
	check 'fish: profiles' fish_offers 'vfio-run wi' win10
	check 'fish: options' fish_offers 'vfio-run -n --sys' '--sysroot'
	check 'fish: what an option takes' fish_offers 'vfio-run --color ' never
	check 'fish: profiles of detach' fish_offers 'vfio-run detach wi' win10
	check "fish: not a run's options for detach" sh -c "! fish --no-config -c 'source $folder/vfio-run.fish; complete -C\"vfio-run detach --\"' | grep -q service"
	[ -z "$first" ] || check 'fish: addresses' fish_offers "vfio-run detach $first" "$first"
else
	skip 'fish' 'no fish here'
fi
finish
