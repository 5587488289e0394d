#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check-cli.sh - command lines as users type them, and as nobody should
#
# Every line of tests/golden/cli/wrong.txt, as root (when we are) and as somebody else; help
# and version; descriptors that are closed or full; set-uid; and, traced, that nothing of the
# host is opened for writing. VFIO_RUN_GOLDEN=write writes the answers instead.
# shellcheck disable=SC2317 # functions are called through check
set -u
# shellcheck source=tests/unit/cli.sh
. "$(dirname "$0")/cli.sh"
table=tests/golden/cli/wrong.txt

# The profiles of this machine's owner are not in the answers.
if [ "$(id -u)" = 0 ] && [ -d /etc/vfio-run ] && [ -z "${OWN_ETC:-}" ] && unshare -m true 2>/dev/null; then
	# shellcheck disable=SC2016 # for the inner shell
	OWN_ETC=yes unshare -m sh -c 'cp -a /etc "$1/etc" && rm -rf "$1/etc/vfio-run" && mount --bind "$1/etc" /etc && exec "$0"' "$0" "$scratch"
	exit
fi

# ask WHO LINE: the exit code, and the messages with what differs from host to host taken out
ask() {
	local -a words
	eval "words=(${2})"
	{ (cd / && as "$1" "$program" "${words[@]}" 2>&1 >/dev/null </dev/null); echo "exit $?"; } |
		sed "s#$home#HOME#g" | sed -n 'H; ${ x; s/\n\(.*\)\n\(exit [0-9]*\)$/\2\n\1/; s/^\n//; p; }'
}

# The table with the answers that the program gives.
answered() {
	while IFS= read -r line; do
		who=${line%%\$*}
		case $line in
		'$'* | 'user$'* | 'root$'*) ;;
		'' | '#'*) echo "$line"; continue ;;
		*) continue ;;
		esac
		[ "$who" != root ] || [ "$(id -u)" = 0 ] || { old_answer "$line"; continue; }
		echo "$line"
		ask "${who:-user}" "${line#*\$}" | sed 's/^/    /'
	done <$table
}

# What stands in the table behind a line, which we cannot ask now.
old_answer() { awk -v line="$1" '$0 == line { on = 1; print; next } on && !/^    /{ exit } on' $table; }

if [ "${VFIO_RUN_GOLDEN:-}" = write ]; then
	answered >"$scratch/table" && cat "$scratch/table" >$table
	exit
fi

answered >"$scratch/table"
if diff -u $table "$scratch/table" >"$scratch/diff"; then
	ok "$(grep -c '^[a-z]*\$' $table) wrong command lines are answered as in $table"
else
	not_ok "wrong command lines are answered as in $table" <"$scratch/diff"
fi
awk '/^[a-z]*\$/ { line = $0; getline code; if (code !~ /^    exit [23]$/) print line ": " code }' \
	$table >"$scratch/odd"
check 'all of them end with 2 or 3' test ! -s "$scratch/odd"
check 'no message holds a byte that a terminal acts on' sh -c "! LC_ALL=C grep -q '[^ -~]' $scratch/table"
check 'no message is longer than 1024 bytes' sh -c "! grep -qE '^ .{1024}' $scratch/table"

if [ "$(id -u)" = 0 ]; then
	grep '^\$' $table | while IFS= read -r line; do
		echo "$line" && ask root "${line#*\$}"
	done >"$scratch/root"
	awk '
		/^[a-z]*\$/ { line = $0 }
		/^ *exit / && NR == FNR { code[line] = $2 }
		/^ *exit / && NR != FNR && code[line] != $2 { print line ": " $2 " as root, " code[line] " else" }
	' $table "$scratch/root" >"$scratch/differ"
	check 'root gets the same exit codes' test ! -s "$scratch/differ"
else
	skip 'root gets the same exit codes' 'not root'
fi

# ---- help and version ---------------------------------------------------------------------

# says CODE PATTERN WORD...: exit code and a pattern of stdout; stderr stays empty
says() {
	local code=$1 pattern=$2
	shift 2
	as user "$program" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	[ $? = "$code" ] && [ ! -s "$scratch/err" ] && grep -qE "$pattern" "$scratch/out"
}
check '--help' says 0 '^vfio-run \[OPTION\]\.\.\. PROFILE' --help
check '-h, before anything else is judged' says 0 '^vfio-run \[OPTION\]' -h one two three
check '--hel is enough' says 0 '^vfio-run \[OPTION\]' --hel
check '--version' says 0 '^vfio-run [^ ]+$' --version
check '-V' says 0 '^vfio-run [^ ]+$' -V
commands=$(as user "$program" --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
any=$(echo "$commands" | grep . | paste -sd '|')
for command in $commands; do
	check "$command --help" says 0 "^vfio-run $command( |$)" "$command" --help
	check "--help $command" says 0 "^vfio-run $command( |$)" --help "$command"
	# what an option is of another command is no help; nor is what does not fit a terminal, or ends in a blank
	check "help $command: of this command alone" sh -c "! '$program' help $command | tr -s '\n ' ' ' |
		grep -E '(list usb|$any): '"
	check "help $command: in 80 columns" sh -c "! '$program' help $command | grep -E '^.{81}| $'"
done
check 'help: in 80 columns' sh -c "! '$program' help | grep -E '^.{81}| $'"
check '--help behind -- is no option' sh -c "! '$program' -- --help 2>/dev/null"
check 'errors are shown with -q' sh -c "'$program' -q nosuch 2>&1 | grep -q 'no profile'"
check 'no colour without a terminal' sh -c "! '$program' nosuch 2>&1 | grep -q '$(printf '\033')'"
# ---- one cause, one message ---------------------------------------------------------------------

printf '[vm]\nmemory = 64M\naccel = tcg\nfirmware = bios\n[display]\ntype = none\n' >"$scratch/nothing.profile"
[ "$(id -u)" != 0 ] || chown "$user_name" "$scratch/nothing.profile"
nothing_to_detach() {
	as user "$program" -n detach "$@" "$scratch/nothing.profile" >"$scratch/out" 2>"$scratch/err" </dev/null
	[ $? = 2 ] && grep -q 'names no device: there is nothing to detach' "$scratch/err" &&
		[ "$(grep -c error "$scratch/err")" = 1 ]
}
check 'a profile without devices is nothing to detach' nothing_to_detach

if command -v script >/dev/null; then
	coloured() { TERM=$1 script -qec "'$program' nosuch" /dev/null </dev/null 2>&1 | grep -q "$(printf '\033')"; }
	check 'colour on a terminal' coloured xterm
	for term in dumb ''; do
		check "no colour where TERM is \"$term\"" eval "! coloured '$term'"
	done
else
	skip 'colour by TERM' 'no script(1)'
fi

# ---- what is said is so ------------------------------------------------------------------------

check 'a tree that is not there is not "ready"' sh -c "! '$program' check --sysroot /nosuch 2>&1 | grep -q ready"
"$program" list --json >/dev/full 2>"$scratch/err"
check 'what a full disk cut short is not for another reason' sh -c \
	"grep -q 'could not be written' '$scratch/err' && ! grep -q 'written: No such file' '$scratch/err'"
# The helper is beside the program where it was built; $program is a copy without it.
for input in tests/golden/import/win10.xml tests/golden/import/proxmox-all.conf; do
	"$build/bin/vfio-run" import "$input" >/dev/full 2>"$scratch/err"
	check "import of $input to a full disk fails" test $? = 3
	check 'and says so, before all else' sh -c "[ \"\$(grep -c . '$scratch/err')\" = 1 ] && \
		grep -q 'the output could not be written' '$scratch/err'"
done
if [ "$(id -u)" = 0 ] && [ -x /usr/bin/systemctl ] && unshare -m true 2>/dev/null; then
	unshare -m sh -c "mount -t tmpfs none /run && mkdir -p /run/systemd/system && exec '$program' start nosuch" \
		>"$scratch/out" 2>"$scratch/err"
	check 'start: without a profile of root'"'"'s, where it belongs' sh -c \
		"grep -q 'there is no /etc/vfio-run/nosuch.profile' '$scratch/err' && ! grep -q journalctl '$scratch/err'"
else
	skip 'start: without a profile of root'"'"'s, where it belongs' 'takes root, and systemctl'
fi

# ---- descriptors ----------------------------------------------------------------------------

# closed SUBSET WORD...: runs with the descriptors of the subset closed
closed() {
	local subset=$1
	shift
	(
		case $subset in *0*) exec 0<&- ;; esac
		case $subset in *1*) exec 1>&- ;; esac
		case $subset in *2*) exec 2>&- ;; esac
		exec "$program" "$@"
	) >/dev/null 2>&1
}
for subset in 0 1 2 01 02 12 012; do
	case $subset in *1*) want=3 ;; *) want=0 ;; esac
	closed $subset --help
	check "--help with closed $subset" test $? = $want
	closed $subset --xyzzy
	check "a wrong option with closed $subset" test $? = 2
done
# With stderr closed, nothing that is opened later may get its number, and our messages.
cp /dev/null "$scratch/victim"
(exec 2>&- && exec "$program" -n "$scratch/victim" >/dev/null)
check 'a file that is opened does not become stderr' test ! -s "$scratch/victim"
if [ -w /dev/full ]; then
	"$program" --help >/dev/full 2>"$scratch/err"
	check '--help to a full disk fails' test $? = 3
	check 'and says so' grep -q 'could not be written' "$scratch/err"
	"$program" --xyzzy 2>/dev/full
	check 'a message to a full disk keeps the exit code' test $? = 2
fi
"$program" --help 2>/dev/null | :
case ${PIPESTATUS[0]} in 0 | 3 | 141) gone=0 ;; *) gone=1 ;; esac
check 'a reader that is gone does no harm' test $gone = 0

# ---- set-uid --------------------------------------------------------------------------------

set_uid() {
	cp "$program" "$scratch/set-uid" && chown "$1" "$scratch/set-uid" && chmod 4755 "$scratch/set-uid"
	setpriv --reuid=1 --regid=1 --clear-groups "$scratch/set-uid" --help >"$scratch/out" 2>"$scratch/err"
	[ $? = 3 ] && grep -q 'set-uid' "$scratch/err" && [ ! -s "$scratch/out" ]
}
if [ "$(id -u)" != 0 ]; then
	skip 'set-uid is refused' 'not root'
elif findmnt -no OPTIONS -T "$scratch" | grep -q nosuid; then
	skip 'set-uid is refused' 'nosuid here'
else
	check 'set-uid root is refused' set_uid 0
	check 'set-uid somebody is refused' set_uid 65534
fi

# ---- what is touched --------------------------------------------------------------------------

if ! strace -o /dev/null true 2>/dev/null; then
	skip 'nothing of the host is opened for writing' 'strace cannot trace here'
else
	grep '^[a-z]*\$' $table | while IFS= read -r line; do
		eval "words=(${line#*\$})"
		[ "${line%%\$*}" != user ] || [ "$(id -u)" != 0 ] || continue
		strace -f -A -o "$scratch/trace" -e trace=%file,write,execve "$program" "${words[@]}" \
			>/dev/null 2>&1 </dev/null
	done
	grep -E 'O_WRONLY|O_RDWR|O_CREAT|mkdir|rename|unlink|symlink|mknod|chmod|chown|truncate' \
		"$scratch/trace" | grep -v '"/dev/null"' >"$scratch/touched"
	check 'nothing is opened for writing, made or taken away' test ! -s "$scratch/touched"
	grep -E 'execve\(' "$scratch/trace" | grep -v "\"$program\"" >"$scratch/executed"
	check 'nothing is executed' test ! -s "$scratch/executed"
	grep -vE '^[0-9]+ +write\((1|2|1<.*>|2<.*>), ' "$scratch/trace" | grep -E '^[0-9]+ +write\(' >"$scratch/written"
	check 'nothing is written but messages' test ! -s "$scratch/written"
	check 'the trace saw every run' \
		test "$(grep -c 'exited with [23]' "$scratch/trace")" -ge 90
fi
finish
