# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Made by `make completion` from launcher/cli-tables.c; changes go there.

_vfio_run_commands='run setup check list new edit try status log stop start reset pause resume detach attach recover import rom report aliases help '

# The options of a command.
_vfio_run_options() {
	case $1 in
	run) echo '-n --dry-run -o --option= --json -y --yes --sysroot= --service --contained --no-devices -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	setup) echo '--json -y --yes --apply --undo --sysroot= -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	check) echo '-o --option= --json --sysroot= -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	list) echo '--json --watch --sysroot= -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	new) echo '--gpu= --iso= --sysroot= -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	edit) echo '-v --verbose -q --quiet --color= -h --help -V --version ' ;;
	try) echo '-n --dry-run -o --option= --json -y --yes --for= --sysroot= --contained -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	status) echo '--json --all --watch --wait -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	log) echo '-v --verbose -q --quiet --color= -h --help -V --version ' ;;
	stop) echo '--now -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	start) echo '-v --verbose -q --quiet --color= -h --help -V --version ' ;;
	reset) echo '-v --verbose -q --quiet --color= -h --help -V --version ' ;;
	pause) echo '-v --verbose -q --quiet --color= -h --help -V --version ' ;;
	resume) echo '-v --verbose -q --quiet --color= -h --help -V --version ' ;;
	detach) echo '-n --dry-run --json -y --yes --for= --at-boot --contained -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	attach) echo '-n --dry-run --json -y --yes --at-boot --contained -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	recover) echo '-n --dry-run --json -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	import) echo '-v --verbose -q --quiet --color= -h --help -V --version ' ;;
	rom) echo '-v --verbose -q --quiet --color= -h --help -V --version ' ;;
	report) echo '--sysroot= -v --verbose -q --quiet --color= -h --help -V --version ' ;;
	aliases) echo '-v --verbose -q --quiet --color= -h --help -V --version ' ;;
	help) echo '-v --verbose -q --quiet --color= -h --help -V --version ' ;;
	esac
}

# What follows a command, or an option that takes an argument; and how many words.
_vfio_run_follows() {
	case $1 in
	run) echo '1 profiles' ;;
	setup) echo '1 profiles' ;;
	check) echo '1 profiles' ;;
	list) echo '1 all gpu usb cpu' ;;
	new) echo '1 none' ;;
	edit) echo '1 profiles' ;;
	try) echo '1 profiles' ;;
	status) echo '1 names' ;;
	log) echo '1 profiles' ;;
	stop) echo '1 names' ;;
	start) echo '1 profiles' ;;
	reset) echo '1 names' ;;
	pause) echo '1 names' ;;
	resume) echo '1 names' ;;
	detach) echo '-1 both' ;;
	attach) echo '-1 both' ;;
	recover) echo '1 names' ;;
	import) echo '1 files' ;;
	rom) echo '3 dump check' ;;
	report) echo '1 files' ;;
	aliases) echo '0 none' ;;
	help) echo '1 commands' ;;
	-o | --option) echo '1 none' ;;
	--for) echo '1 none' ;;
	--gpu) echo '1 addresses' ;;
	--iso) echo '1 files' ;;
	--sysroot) echo '1 dirs' ;;
	--color) echo '1 when' ;;
	esac
}

# What follows a command's first word, one kind a line.
_vfio_run_then() {
	case $1 in
	'rom dump') printf '%s\n' addresses files ;;
	'rom check') printf '%s\n' files both ;;
	esac
}

# Names of profiles in the usual places; a path with a slash is completed as a file.
_vfio_run_profiles() {
	local file
	for file in ~/.config/vfio-run/*.profile /etc/vfio-run/*.profile; do
		[ -e "$file" ] || continue
		file=${file##*/}
		echo "${file%.profile}"
	done
}

# Addresses, without their domain when the word is begun so.
_vfio_run_addresses() {
	local device
	for device in /sys/bus/pci/devices/*; do
		device=${device##*/}
		case $device in
		"$1"*) echo "$device" ;;
		0000:"$1"*) echo "${device#0000:}" ;;
		esac
	done
}

_vfio_run_names() {
	local name
	for name in /run/vfio-run/vm/*; do
		[ ! -d "$name" ] || echo "${name##*/}"
	done
}

# _vfio_run_offer KIND-OR-WORDS WORD
_vfio_run_offer() {
	case $1 in
	none) return ;;
	commands) compgen -W "$_vfio_run_commands" -- "$2"; return ;;
	files) compgen -f -- "$2"; return ;;
	dirs) compgen -d -- "$2"; return ;;
	when) compgen -W 'auto always never' -- "$2"; return ;;
	names) compgen -W "$(_vfio_run_names)" -- "$2"; return ;;
	profiles | both | addresses) ;;
	*) compgen -W "$1" -- "$2"; return ;;
	esac
	[ "$1" = profiles ] || _vfio_run_addresses "$2"
	[ "$1" != addresses ] || return
	case $2 in
	*/*) compgen -f -X '!*.profile' -- "$2"; compgen -d -S / -- "$2" ;;
	*) compgen -W "$(_vfio_run_profiles)" -- "$2" ;;
	esac
}

_vfio_run() {
	local line=${COMP_LINE:0:${COMP_POINT:-0}} command='' pending='' count=0 ended='' first='' word cur most what i
	local -a words kinds
	[ -n "$line" ] || line="${COMP_WORDS[*]:0:COMP_CWORD+1}"
	# by blanks: an address is one word, whatever COMP_WORDBREAKS says
	read -ra words <<<"$line"
	case $line in *[[:blank:]]) words+=('') ;; esac
	cur=${words[${#words[@]}-1]}
	for ((i = 1; i < ${#words[@]} - 1; i++)); do
		word=${words[i]}
		if [ -n "$pending" ]; then
			pending=
			continue
		fi
		case $ended$word in
		--) ended=1
			# what follows a profile and -- is QEMU's
			[ "$command" != run ] || [ $count = 0 ] || return ;;
		--*=*) ;;
		--*) [ -z "$(_vfio_run_follows "$word")" ] || pending=$word ;;
		-*)
			# letters behind one dash: the argument of the last one is in a word of its own
			while [ ${#word} -gt 2 ] && [ -z "$(_vfio_run_follows "${word:0:2}")" ]; do word=-${word:2}; done
			[ ${#word} -ne 2 ] || [ -z "$(_vfio_run_follows "$word")" ] || pending=$word ;;
		*)
			if [ -n "$command" ]; then
				count=$((count + 1))
				[ -n "$first" ] || first=$word
			elif [ -n "$(_vfio_run_follows "$word")" ]; then
				command=$word
			else
				command=run count=1
			fi ;;
		esac
	done
	read -r most what <<<"$(_vfio_run_follows "${command:-run}")"
	mapfile -t kinds < <(_vfio_run_then "$command $first")
	[ $count = 0 ] || [ ${#kinds[@]} = 0 ] || what=${kinds[count-1]-none}
	if [ -n "$pending" ]; then
		read -r most what <<<"$(_vfio_run_follows "$pending")"
		mapfile -t COMPREPLY < <(_vfio_run_offer "$what" "$cur")
	elif [[ $cur == --*=* && -z $ended ]]; then
		read -r most what <<<"$(_vfio_run_follows "${cur%%=*}")"
		mapfile -t COMPREPLY < <(_vfio_run_offer "$what" "${cur#*=}")
		cur=${cur#*=}
	elif [[ $cur == -* && -z $ended ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_vfio_run_options "${command:-run}")" -- "$cur")
		[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace 2>/dev/null
	elif [ -z "$command" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$_vfio_run_commands" -- "$cur"; _vfio_run_offer profiles "$cur")
	elif [ "$most" -lt 0 ] || [ $count -lt "$most" ]; then
		mapfile -t COMPREPLY < <(_vfio_run_offer "$what" "$cur")
	else
		COMPREPLY=()
	fi
	[[ $what != files && $what != dirs ]] || compopt -o filenames 2>/dev/null
	[[ ${COMPREPLY[0]-} != */ ]] || compopt -o nospace 2>/dev/null
	# readline puts the answer in the place of what is behind the last colon
	if [[ $cur == *:* && ${COMP_WORDBREAKS-} == *:* ]]; then
		word=${cur%"${cur##*:}"}
		for i in "${!COMPREPLY[@]}"; do
			COMPREPLY[i]=${COMPREPLY[i]#"$word"}
		done
	fi
}
complete -F _vfio_run vfio-run
