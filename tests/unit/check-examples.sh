#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-examples.sh - every command and every example of README and of both manuals does what it says
#
# They are taken out of the texts and run as they stand, in their order, by a shell that has a
# home, a sudo and an editor of this test's: README's steps are followed to the letter. vfio-run
# gets a captured machine (--sysroot), plans instead of running, and where it would change the
# host it is asked as somebody who is not root. What is not run has a row below, with the
# test that does.
# shellcheck disable=SC2016,SC2088,SC2154,SC2317 # cli.sh sets them; the texts hold signs of the shell
set -u
# shellcheck source=tests/unit/cli.sh
. "$(dirname "$0")/cli.sh"
here=$PWD
readme=README.md pages='launcher/vfio-run.8 profiles/vfio-run.profile.5'

# PATTERN|FILE|WORD: such a command is not run here, but by FILE, in which WORD stands.
elsewhere='
make demo*|Makefile|tests/lab/demo
VFIO_RUN_KERNEL=*make demo|Makefile|tests/lab/demo
make check*|tests/check|check-fast
make bench*|Makefile|tests/bench/run
make deps*|Makefile|tests/deps
make deb*|tests/packages/check|make deb
sudo systemctl start vfio-run@*|tests/lab/scenarios/unit.sh|vfio-run@
systemctl start vfio-run@*|tests/lab/scenarios/unit.sh|vfio-run@
killall vfio-run|tests/lab/scenarios/keeper-killed.sh|kill
pkill -f vfio-run|tests/lab/scenarios/keeper-killed.sh|kill
[[]section]*|tests/unit/test-profile-parse.c|key
vfio-run setup*|tests/unit/check-setup.sh|setup
sudo vfio-run setup*|tests/unit/check-setup.sh|setup --apply
vfio-run aliases *|tests/unit/check-aliases.sh|aliases
vfio-run edit *|tests/unit/check-edit.sh|edit
vfio-run list usb --watch|tests/unit/test-usb-watch.c|host_usb_event_parse
'

# ---- taking them out ------------------------------------------------------------------------

# Each example on one line, "KIND<tab>text" with "\n" for a new line: README's indented blocks (what is printed, check-readme.sh has)
# and the commands within its sentences, the manuals' literal blocks, .Dl and .Ql.
of_readme() {
	awk '
		function out(kind, text) { if (text != "") print kind "\t" text }
		/^<!-- (bench|shown|demo)/ { skip = 1 }
		/^<!-- \/(bench|shown|demo)/ { skip = 0 }
		/^    / && !skip { block = block (block == "" ? "" : "\\n") substr($0, 5); next }
		/^$/ && block != "" { block = block "\\n"; next }
		{ out("block", block); block = ""; text = text " " $0 }
		END {
			out("block", block)
			while (match(text, /`[^`]*`/)) {
				word = substr(text, RSTART + 1, RLENGTH - 2)
				text = substr(text, RSTART + RLENGTH)
				gsub(/ +/, " ", word)
				if (word ~ /^(sudo|make|vfio-run|[A-Z_]*=.* make) /) out("block", word)
			}
		}' "$readme"
}
of_pages() {
	# shellcheck disable=SC2086 # two files
	awk '
		function plain(s) { gsub(/\\\(dq/, "\"", s); gsub(/\\&/, "", s); gsub(/\\e/, "\\", s); gsub(/\\-/, "-", s); return s }
		/^\.Bd -literal/ { literal = 1; block = ""; next }
		/^\.Ed/ { if (literal) print "block\t" block; literal = 0; next }
		literal { block = block (block == "" ? "" : "\\n") plain($0); next }
		/^\.Dl / { print "block\t" plain(substr($0, 5)) }
		/^\.Ql (vfio-run|killall|pkill|sudo) / && sub(/( [;,.:)])*$/, "") && NF > 2 { print "block\t" plain(substr($0, 5)) }' $pages
}

# A profile, lines of sudoers, ... or commands?
kind_of() {
	case $1 in
	'['* | *'\n[vm]\n'*) echo profile ;;
	'#!/usr/bin/env'*) echo shebang ;;
	*'NOPASSWD:'*) echo sudoers ;;
	permit*) echo doas ;;
	*'\n0000:01:00.0  alice'*) echo allow ;;
	*) echo commands ;;
	esac
}

# ---- where they run -----------------------------------------------------------------------------

make_machine() {
	cat >"$scratch/machine" <<-'TREE'
		pci 0000:00:02.0 id=8086:9bc4 class=030000 driver=i915 module=i915 group=2 boot_vga=1
		pci 0000:00:01.0 id=8086:1901 class=060400 driver=pcieport group=1
		pci 0000:01:00.0 under=0000:00:01.0 id=10de:2486 class=030000 driver=nouveau module=nouveau group=1 boot_vga=0
		pci 0000:01:00.1 under=0000:00:01.0 id=10de:228b class=040300 driver=snd_hda_intel module=snd_hda_intel group=1
		pci 0000:00:14.0 id=8086:43ed class=0c0330 driver=xhci_hcd module=xhci_pci group=3
		module vfio_pci
		driver vfio-pci
	TREE
	tests/sysfs/make-tree "$scratch/machine" "$scratch/tree" 2>"$scratch/odd"
}

# The programs that the texts name. vfio-run: a profile by its name is the one that the steps
# before have put into the home; exit 3 is right for what takes root, or a VM that runs.
make_programs() {
	local nobody=
	[ "$(id -u)" != 0 ] || nobody='setpriv --reuid=65534 --regid=65534 --clear-groups'
	mkdir -p "$scratch/bin" "$scratch/home" "$scratch/folder" "$scratch/etc/vfio-run"
	cat >"$scratch/bin/vfio-run" <<-VFIO_RUN
		#!/bin/bash
		words=()
		for word; do
			case \$word in
			win10 | PROFILE) case \$command in stop | log) ;; *) false ;; esac || word=$scratch/home/.config/vfio-run/win10.profile ;;
			-*) ;;
			*) command=\${command:-\$word} ;;
			esac
			words+=("\$word")
		done
		case \$command in
		new) # to that home; a machine whose card has to be put in, which the editor does
			mkdir -p "$scratch/home/.config/vfio-run"
			$nobody "$program" new --gpu 01:00.0 --sysroot "$scratch/tree" linux >"$scratch/home/.config/vfio-run/win10.profile"
			exit
			;;
		import) # of a file that another user can read
			file=\$(mktemp) && cp "$here/tests/golden/import/win10.xml" "\$file" && chmod 644 "\$file"
			"$(cd "$build" && pwd)/bin/vfio-run" import "\$file"
			status=\$?
			rm "\$file"
			exit \$status
			;;
		list | check) exec "$program" --sysroot "$scratch/tree" "\${words[@]}" ;;
		status) exec "$program" status ;;
		stop | detach | attach | recover | log)
			$nobody "$program" "\${words[@]}" 2>$scratch/said
			case \$?:\$(cat $scratch/said) in
			0:* | 3:*sudo\ vfio-run* | 3:*'no such VM'* | 3:*'has not run yet'*) exit 0 ;;
			esac
			cat $scratch/said >&2
			exit 1
			;;
		esac
		exec "$program" -n --sysroot "$scratch/tree" "\${words[@]}"
	VFIO_RUN
	cat >"$scratch/bin/make" <<-MAKE
		#!/bin/sh
		exec $(command -v make) -s -C $here B=$build DESTDIR=$scratch/dest "\$@"
	MAKE
	printf '#!/bin/sh\nexec "$@"\n' >"$scratch/bin/sudo"
	printf '#!/bin/sh\nexec sed -i "s/PUT-ADDRESS-HERE/0000:01:00.0/" "$@"\n' >"$scratch/bin/editor"
	printf '#!/bin/sh\n' >"$scratch/bin/nvidia-smi"
	command -v jq >/dev/null || printf '#!/bin/sh\nexec cat\n' >"$scratch/bin/jq"
	chmod 755 "$scratch/bin"/*
}

# ---- running them ---------------------------------------------------------------------------------

# The row of a command that is not run: prints FILE|WORD
row_of() {
	local pattern rest
	while IFS='|' read -r pattern rest; do
		# shellcheck disable=SC2254 # it is a pattern
		case $1 in $pattern) [ -z "$pattern" ] || { echo "$pattern" >>"$scratch/used"; echo "$rest"; return; } ;; esac
	done <<<"$elsewhere"
}

# -e: the first command of a line that fails fails it. /etc is this test's, and the folder, where
# redirections leave their files; make finds the tree.
run_line() {
	(cd "$scratch/folder" && HOME=$scratch/home EDITOR=editor PATH=$scratch/bin:$PATH \
		bash -eo pipefail -c "${1//\/etc\/vfio-run/$scratch/etc/vfio-run}" >"$scratch/out" 2>"$scratch/err" </dev/null)
}

command_line() {
	local row
	row=$(row_of "$1")
	if [ -n "$row" ]; then
		check "not here but in ${row%|*}: $1" grep -qe "${row#*|}" "${row%|*}"
	else
		check "runs: $1" run_line "$1"
	fi
}

# Lines of a shell: comments off, "$ " off, a line that ends in "\" goes on.
commands() {
	local line
	while IFS= read -r line; do
		[ -z "$line" ] || command_line "$line"
	done < <(printf '%b\n' "${1//\\\\n/ }" | sed -e 's/^\$ //' -e 's/[[:space:]]\{1,\}#[[:space:]].*//' -e 's/ \{2,\}/ /g')
}

# Planned for the machine; a disk that is not there is another test's.
profile() {
	printf '%b\n' "$1" >"$scratch/example.profile"
	chmod 644 "$scratch/example.profile"
	check "is a good profile: $(grep -A1 -m1 '^\[' "$scratch/example.profile" | tr '\n' ' ')..." \
		run_line "vfio-run $scratch/example.profile"
}

# The program is where the rule says, and its words are taken.
rule() {
	local text=$1 path words
	while read -r path words; do
		check "is there after make install: $path" test -x "$scratch/dest$path"
		check "a rule allows what can be run: $words" run_line "vfio-run ${words/\/etc\/vfio-run\/*.profile/win10}"
	done < <(printf '%b\n' "${text//\\\\n/ }" | grep -o '/[a-z/]*/vfio-run .*' | sed 's/ args / /; s/  */ /g')
}

one() {
	case $(kind_of "$1") in
	profile) if [ -n "$(row_of "$1")" ]; then command_line "$1"; else profile "$1"; fi ;;
	shebang)
		chmod 755 "$scratch/home/.config/vfio-run/win10.profile"
		check "is in the example, and makes it a command" \
			grep -qxF "$1" "$scratch/home/.config/vfio-run/win10.profile"
		check 'runs: ~/.config/vfio-run/win10.profile' run_line '~/.config/vfio-run/win10.profile'
		;;
	sudoers | doas) rule "$1" ;;
	allow) check 'is read by test-allow: a device and a user' grep -q '0000:01:00.0.*alice' tests/unit/test-allow.c ;;
	*) commands "$1" ;;
	esac
}

make_machine
make_programs
# README's first line shows what its steps lead to: it comes after them.
{ of_readme | sed '1{h;d};$G'; of_pages; } >"$scratch/examples"
while IFS=$'\t' read -r _ text; do
	one "$text"
done <"$scratch/examples"

# `stop` has to find what the steps have started: its name is that of the word.
stopped=$(grep -o 'vfio-run stop [a-z0-9]*' $readme | head -n 1)
check "README's steps start the VM that they stop: ${stopped##* }" \
	run_line "vfio-run --json win10 | grep -q '\"name\": *\"${stopped##* }\"'"

# No row is left from a text that has changed, and there are few.
unused() {
	cut -d'|' -f1 <<<"$elsewhere" | grep . | sort >"$scratch/rows"
	sort -u "$scratch/used" | comm -23 "$scratch/rows" - >"$scratch/odd"
	[ ! -s "$scratch/odd" ] && [ "$(wc -l <"$scratch/rows")" -le 16 ]
}
check 'every row of what is not run here is used, and there are at most sixteen' unused
check 'there are examples' test "$(wc -l <"$scratch/examples")" -ge 25
wide() { awk '/^<!-- (bench|shown|demo)/ { skip = 1 } /^<!-- \/(bench|shown|demo)/ { skip = 0 } !skip && length > 80' "$readme" >"$scratch/odd"; [ ! -s "$scratch/odd" ]; }
check 'README fits 80 columns, but for tables and what is printed' wide
finish
