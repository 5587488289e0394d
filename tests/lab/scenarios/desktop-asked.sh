# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # lib.sh reads them
# desktop-asked - a real display server has two cards open and shows its desktop on the first: it is asked to
# let go of the second, a VM takes that, and gives it back; the same process draws on meanwhile and afterwards.
# Topology `desktop-two:trixie-kwin`
. "$LAB_DIR/lib.sh"
second=0000:02:00.0 second_audio=0000:02:00.1
p=/etc/vfio-run/one.profile
desktop=display-manager.service
server=$(pgrep -x kwin_wayland)

# asks ADDRESS WORD [LINE...]: the profile of a VM with that card
asks() {
	_address=$1 _word=$2
	shift 2
	plain_profile $p '[gpu]' "device = $_address" "holders = $_word" "$@" '[qemu]' 'argument = -standin' 'argument = say=hello'
}
# node_of ADDRESS: the name of the card's node
node_of() { basename "$(ls -d $PCI/"$1"/drm/card*)"; }
# opened: what the server has open, or mapped, of all cards; what is gone reads "(deleted)"
opened() {
	find /proc/"$server"/fd -lname '/dev/dri/*' -printf '%l\n'
	sed -n 's|.* \(/dev/dri/.*\)|\1|p' /proc/"$server"/maps
}
has() { opened | grep -qx "/dev/dri/$1"; }
has_second() { ls -d $PCI/$second/drm/card* >/dev/null 2>&1 && has "$(node_of $second)"; }
free_of() { ! opened | grep -Eq "^/dev/dri/$1( |\$)"; }
same() { [ "$(pgrep -x kwin_wayland)" = "$server" ]; }
begins() {
	: >/tmp/out
	setsid /usr/local/bin/vfio-run one >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 60 runs || diag_file /tmp/out
}
# given WHAT: the guest has the second card, and the desktop has gone on
given() {
	ok "$1: the guest has the card" drivers_are vfio-pci $second $second_audio
	ok "$1: it has let go of it" free_of "$node"
	ok "$1: it is the same one" same
	ok "$1: a program of the session draws what is on the screen" draws
}
# returned WHAT
returned() {
	ok "$1: all has ended" wait_for 120 ended
	ok "$1: the card is on its driver" drivers_are bochs-drm $second
	ok "$1: it has it open again" wait_for 60 has_second
	ok "$1: it is still the same one" same
	ok "$1: a program of the session draws what is on the screen" draws
}

ok "before: the picture is of a session of its user" draws
ok "before: it has the second card open" has_second
node=$(node_of $second)
asks $second refuse
out=$(vfio_run_ascii one 2>&1)
is $? 3 "a profile that refuses: exit 3"
# shellcheck disable=SC2016 # backquotes are looked for
like "$out" 'is open in kwin_wayland .*write `holders = ask`.*KWIN_DRM_DEVICES' "with what it would take"

asks $second ask
like "$(vfio_run_ascii check one)" 'kwin_wayland .*, which is asked to let go of it, and goes on' "check: it is asked"
like "$(vfio_run -n one 2>&1)" "announcement of $second/drm/card[0-9]+: add -> remove" "-n: by what"
modprobe vfio_pci && udevadm settle # loaded modules stay, with their nodes
begins
like "$(cat /tmp/out)" "this asks to let go of the card, and to go on without it: kwin_wayland .pid $server" "asked without a question"
given "asked"
vfio_run stop one >&2
wait $run
is $? 0 "stopped: exit 0"
returned "stopped"

node=$(node_of $second)
begins
given "once more"
kill -KILL $run
wait $run
returned "the keeper was killed"

node=$(node_of $second)
begins
# shellcheck disable=SC2046 # one word each
kill_all $run $(pgrep -x vfio-standby)
wait $run
vfio_run recover >&2
returned "both were killed"

# One that does not let go: nothing is taken, and it is as it was.
kill -STOP "$server"
setsid /usr/local/bin/vfio-run one >/tmp/out 2>&1 </dev/null
is $? 4 "it does not let go: exit 4"
like "$(cat /tmp/out)" 'was asked and does not let go, so they are announced again' "that is said"
ok "the card is on its driver" drivers_are bochs-drm $second
kill -CONT "$server"
returned "it goes on"

# It takes the card again when that is announced as changed: it is asked once more.
node=$(node_of $second)
: >/tmp/out
setsid /usr/local/bin/vfio-run -v one >/tmp/out 2>&1 </dev/null &
run=$!
ok "it lets go" wait_for 60 grep -q 'no process holds its devices' /tmp/out
kill -STOP $run
udevadm trigger --action=change "$PCI/$second/drm/$node"
ok "the card is announced as changed: it has it open again" wait_for 20 has_second
kill -CONT $run
wait_for 60 runs || diag_file /tmp/out
like "$(cat /tmp/out)" 'a card that was let go of is open again: it is announced as gone once more' "that is said"
given "changed meanwhile"
vfio_run stop one >&2
wait $run
is $? 0 "stopped: exit 0"
returned "changed meanwhile"

# Another one opens the card when the plan was made: nobody is asked.
node=$(node_of $second)
mkdir -p /etc/vfio-run/hooks
cat >/etc/vfio-run/hooks/late <<HOOK
#!/bin/sh
systemd-run --quiet --unit=lab-late sh -c 'exec 3<>/dev/dri/$node; : >/tmp/late; exec sleep 100000'
until [ -e /tmp/late ]; do sleep 0.1; done
HOOK
chmod 0755 /etc/vfio-run/hooks/late
asks $second ask '[hooks]' 'prepare = /etc/vfio-run/hooks/late'
data=/run/udev/data/c$(cat "$PCI/$second/drm/$node/dev")
known=$(stat -c %i "$data")
out=$(setsid /usr/local/bin/vfio-run one 2>&1 </dev/null)
is $? 4 "another one has it since: exit 4"
like "$out" 'who holds the card has changed since the plan was made: try again' "that is said"
like "$out" "$second: held by process [0-9]+ .sleep, uid 0" "and who"
unlike "$out" 'held by process [0-9]+ .kwin' "and nobody else"
is "$(stat -c %i "$data")" "$known" "nothing was announced"
ok "another one has it since: it has it open" has_second
systemctl stop lab-late
returned "another one has it since"

# The first card is what it shows the desktop on: it is not asked, which would end it.
asks $LAB_GPU ask
out=$(setsid /usr/local/bin/vfio-run one 2>&1 </dev/null)
is $? 3 "the first card: exit 3"
like "$out" 'end the desktop for it: a section .session.' "what it would take is said"
asks $LAB_GPU ask '[session]' 'release-console = yes'
out=$(vfio_run -n one 2>&1)
like "$out" 'kwin_wayland' "the first card, and its console is released: it would end"
unlike "$out" 'announcement of' "and is not asked"
out=$(setsid /usr/local/bin/vfio-run one 2>&1 </dev/null)
is $? 3 "nobody to ask: exit 3"
like "$out" 'this ends what uses the card: kwin_wayland' "what it would take is said"
like "$out" 'nothing was changed' "and nothing was changed"
ok "the first card: it is the same one" same
ok "the first card: it has it open" has "$(node_of $LAB_GPU)"
ok "the first card: a program of the session draws what is on the screen" draws

# One that ends when it has let go: its card is not taken.
asks $second ask
: >/tmp/out
setsid /usr/local/bin/vfio-run -v one >/tmp/out 2>&1 </dev/null &
run=$!
ok "it lets go" wait_for 60 grep -q 'no process holds its devices' /tmp/out
kill -KILL "$server"
wait $run
is $? 4 "it has ended: exit 4"
like "$(cat /tmp/out)" "process $server was asked to let go of the card and to go on, and has ended" "that is said"
unlike "$(cat /tmp/out)" "driver of $second" "its card was not touched"
ok "it has ended: the card is on its driver" drivers_are bochs-drm $second
done_testing
