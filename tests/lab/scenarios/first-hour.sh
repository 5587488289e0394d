# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154,SC2016 # lib.sh reads some; backquotes are looked for
# first-hour - the first hour of a person: README's commands on a Debian with one card, typed in tmux at 80 by 24
#
# Topology `desktop:trixie`. Every command is one of README's, or one that the command before it has named. What is
# seen is kept, as it stood in the panes: first-hour.txt beside the lab's logs. Two things are the lab's and no
# person's: it has no KVM, so the profile gets `accel = tcg` where README says to read and edit it; and who types
# while the desktop is gone has tmux still, as over ssh.
. "$LAB_DIR/lib.sh"
desktop=display-manager.service
LAB_PROCESSES='^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-system)'
home=/home/vmuser own=/usr/local/bin/vfio-run
seen=/tmp/first-hour.txt all=/tmp/first-hour.joined
: >$seen
: >$all
[ -e /usr/share/lab/packages/Packages ] || skip_all "this root has no packages to be installed"

# ---- tmux ----------------------------------------------------------------------------------------------

cat >$home/.bashrc <<'RC'
PS1='vmuser@desktop:~$ '
PROMPT_COMMAND='echo $? >>/tmp/typed/codes'
export LANG=C.UTF-8 EDITOR=/tmp/typed/editor
cd
RC
mkdir -p /tmp/typed
cat >/tmp/typed/editor <<'EDITOR'
#!/bin/sh
exec sed -i -e 's/^memory = .*/memory = 512M/' -e 's/^\[vm\]/[vm]\naccel = tcg\nshutdown-timeout = 10s/' \
	-e '/^hyperv = /d' -e '/^shutdown-timeout = 120s/d' -e '/^pin = /d' -e '/^emulator-pin = /d' "$1"
EDITOR
chmod 0755 /tmp/typed/editor
printf '%s\n' 'set -g status off' 'set -g history-limit 20000' 'set -g default-terminal screen-256color' >/tmp/typed/tmux.conf
chown -R 1500:1500 /tmp/typed $home/.bashrc
tm() { setpriv --reuid 1500 --regid 1500 --clear-groups tmux -S /tmp/tmux-1500/hour "$@"; }
codes() { wc -l <"/tmp/typed/codes"; }
at_prompt() { [ "$(tm capture-pane -p -t hour | grep -c .)" = 1 ] && tm capture-pane -p -t hour | grep -q '^vmuser@desktop:~\$$'; }
asked() { tm capture-pane -p -t hour | grep -q '\[y/N\]'; }
answered() { [ "$(codes)" -gt "$1" ]; }
# session_of_tmux: one of its own in the desktop's session that is there now
session_of_tmux() {
	: >/tmp/typed/codes
	chown 1500:1500 /tmp/typed/codes
	type_in 'mkdir -m 700 -p /tmp/tmux-1500; LANG=C.UTF-8 tmux -S /tmp/tmux-1500/hour -f /tmp/typed/tmux.conf new-session -d -s hour -x 80 -y 24 bash'
	wait_for 60 at_prompt
}
# types WHAT CODE LINE [yes]: one line, with an answer to its question; $out is what was seen, in whole lines
types() {
	tm send-keys -t hour C-l
	wait_for 20 at_prompt
	tm clear-history -t hour
	_before=$(codes)
	tm send-keys -t hour -l "$3"
	tm send-keys -t hour Enter
	if [ -n "${4:-}" ]; then
		ok "$1: it asks" wait_for 120 asked
		tm send-keys -t hour y Enter
	fi
	wait_for 200 answered "$_before" || diag "no prompt comes back"
	tm capture-pane -p -t hour -S - | awk '{ sub(/ *$/, "") } $0 == "" { n++; next } $0 == "vmuser@desktop:~$" { exit }
		{ for (; n; n--) print ""; print } END { print "" }' >>$seen
	tm capture-pane -p -J -t hour -S - | sed -e 1d -e '/^vmuser@desktop:~\$ *$/d' -e 's/ *$//' >/tmp/out
	cat /tmp/out >>$all
	out=$(tr -s ' \n' ' ' </tmp/out)
	is "$(tail -n 1 /tmp/typed/codes)" "$2" "$1: exit $2"
	# what is to be copied for a shell is as long as it is, and what apt and qemu-img say is theirs
	sed -n -e '/^Plug/q' -e '/^Command/q' -e '/^Get:/d' -e '/^Formatting /d' -e p /tmp/out >/tmp/shown
	is "$(LC_ALL=C.UTF-8 /usr/bin/grep -E '^.{81}' /tmp/shown)" "" "$1: nothing is wider than the terminal"
}
running() { grep -q running /run/vfio-run/vm/win10/status; }

# ---- before there is a VM ----------------------------------------------------------------------------------

ok "before: the picture is of a session of its user" draws
ok "a terminal with tmux in it" session_of_tmux

types check 3 'vfio-run check'
like "$out" 'firmware = uefi: no firmware descriptor' "check: there is no firmware"
like "$out" '[0-9] things to do: .*firmware.*`vfio-run setup` says how' "check: and what says how to get it"
types setup 3 'vfio-run setup'
like "$out" 'Debian GNU/Linux 13' "setup: it knows the system"
like "$out" '/usr/bin/apt-get install -y --no-install-recommends ovmf' "setup: the command"
types 'setup --apply' 3 'sudo vfio-run setup --apply' yes # KVM's module is left to its owner
ok "setup --apply: the firmware is there" test -e /usr/share/qemu/firmware/60-edk2-x86_64.json
ok "setup --apply: and what makes disks" test -x /usr/bin/qemu-img
types 'check again' 3 'vfio-run check'
unlike "$out" 'no firmware descriptor' "check again: there is firmware"
like "$out" '1 thing to do: kvm' "check again: it has no KVM, which is the lab's"
types 'list gpu' 0 'sudo vfio-run list gpu'
like "$out" "the card $LAB_GPU can be passed with a .session. section, which ends the desktop: weston" "list gpu: its one card, and who has it"
unlike "$out" 'systemd' "list gpu: and nobody who has it for another one"
types 'list cpu' 0 'vfio-run list cpu'

# ---- the VM ------------------------------------------------------------------------------------------------

types new 0 'vfio-run new win10'
like "$out" 'sudo vfio-run try win10' "new: it names what is next"
grep -E '^  (mkdir|qemu-img) ' /tmp/out | sed 's/^ *//' >/tmp/named
is "$(wc -l </tmp/named)" 2 "new: and how its disk is made"
for n in 1 2; do
	line=$(sed -n ${n}p /tmp/named)
	types "${line%% *}" 0 "$line"
done
types edit 0 'vfio-run edit win10'
types 'check win10' 0 'sudo vfio-run check win10'
like "$out" 'ready' "check win10: it is ready"
like "$out" 'this host has no picture while the VM runs' "check win10: the picture goes"
types '-n' 0 'vfio-run -n win10'
like "$out" 'driver: bochs-drm -> none' "-n: the card goes"
types 'log before' 3 'vfio-run log win10'

# ---- its card goes, and comes back ----------------------------------------------------------------------------

types try 6 'sudo vfio-run try win10' yes
like "$out" 'it ends by itself after 60 s' "try: when it ends"
unlike "$out" 'Ctrl-C' "try: this terminal goes"
like "$out" 'the session ends now' "try: as it is said"
ok "try: the firmware has the card" wait_for 60 drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
unlike "$(screen)" number "try: the desktop's picture is gone"
desktop_back try
tm kill-server
ok "try: a new terminal" session_of_tmux
types 'log after try' 0 'vfio-run log win10'
like "$out" "$LAB_GPU .*: is on bochs-drm, with 1 of its 1 monitors" "log: how try went"

types run 6 'sudo vfio-run win10' yes
like "$out" 'to end it: shut the guest down, or `sudo vfio-run stop win10`' "run: how it is ended"
unlike "$out" 'Ctrl-C' "run: no key of a terminal that goes"
ok "run: the guest has the card" wait_for 60 drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
ok "run: it runs" wait_for 60 running
types status 0 'vfio-run status'
like "$out" 'win10: running' "status: it runs"
types 'a second start' 3 'sudo vfio-run win10'
is "$(grep -c error: /tmp/out)" 1 "a second start: one error"
like "$out" 'a VM called win10 is running .pid [0-9]+.; `vfio-run stop win10` powers it down' "a second start: and one remedy"
types stop 0 'vfio-run stop win10'
like "$out" 'its devices are back' "stop: it says when it is done"
desktop_back run
types log 0 'vfio-run log win10'
types 'status after' 0 'vfio-run status'
types 'report' 0 'sudo vfio-run report mine.txt'
ok "report: it has what the commands say" grep -q 'no VM runs' $home/mine.txt
types 'setup --undo' 0 'sudo vfio-run setup --undo'
ok "setup --undo: what it installed is gone" [ ! -e /usr/bin/qemu-img ]
tm kill-server

# ---- what was named ------------------------------------------------------------------------------------------

# exists COMMAND: is its first word one that can be typed here?
exists() {
	# shellcheck disable=SC2086 # words
	set -- $1
	[ "$1" != sudo ] || shift
	case $1:${2:-} in
	vfio-run:*) ;;
	*:?*) command -v "$1"; return ;;
	*) $own help "$1" || command -v "$1"; return ;;
	esac
	case ${2:-} in
	-* | win10 | '') return 0 ;;
	esac
	$own help "$2"
}
tr -s ' \n' ' ' <$all | grep -o '`[^`]*`' | tr -d '`' | sort -u >/tmp/named
while read -r line; do
	case $line in
	*' = '* | -* | '['* | name | quit) continue ;; # a key, an option, a section; QEMU's word
	esac
	ok "there is what was named: $line" exists "$line" </dev/null
done </tmp/named
keep first-hour.txt $seen
done_testing
