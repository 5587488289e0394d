# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154 # lib.sh and handover.sh read them
# desktop-two - two cards: that of a real desktop goes to a VM, and is what the desktop draws on when it is back;
# the other one stays the host's. Topology `desktop-two`
#
# To logind the seat can draw all the time, by the card that stays: a display server that is started before udev
# knows of the one that came back takes the other.
. "$LAB_DIR/lib.sh"
. "$LAB_DIR/desktop/handover.sh"
p=/etc/vfio-run/one.profile
desktop=display-manager.service
other='0000:02:00.0 0000:02:00.1'
session_profile $p 'stop = display-manager.service'
unit=$(systemctl show -p Id --value $desktop)
mkdir -p /run/systemd/system/$unit.d
printf '[Service]\nExecStartPre=+/etc/vfio-run/known\n' >/run/systemd/system/$unit.d/lab.conf
systemctl daemon-reload

dark_second() { ! screen second | grep -q number; }
can_draw() { [ "$(loginctl show-seat seat0 -p CanGraphical --value)" = yes ]; }
other_stays() {
	for function in $other; do bound_to "$function" vfio-pci && return 1; done
	can_draw
}
ok "before: the picture is of a session of its user" draws
is "$(screen second | sed 's/ .*//')" colours "it is not on the other card's screen"
unlike "$(vfio_run -n one 2>&1)" '0000:02:00' "-n: nothing of the other card changes"

stays() { must 'the other card stays, and the seat can draw' other_stays; }
on_first() { must 'nothing of it is on the other screen' dark_second; }
from_terminal() {
	goes type_in "$line" && stays && must 'exit 6: handed over' exits 6 && ends_by vfio_run stop one && comes && on_first
}
by_unit() { goes systemctl start vfio-run@one && stays && ends_by systemctl stop vfio-run@one && comes && on_first; }
qemu_killed() { goes start && stays && ends_by pkill -KILL -x qemu-standin && comes && on_first; }
late_first() { udev_late && on_first; }
asleep_first() { udev_asleep && on_first; }
row "two cards, $unit on the one that goes" from_terminal by_unit qemu_killed late_first asleep_first

# A display server that takes the other card is no picture where it was: that is waited for, and told.
[ $unit = weston.service ] || { done_testing; exit 0; }
start || diag_file /tmp/out
printf '[Service]\nExecStart=\nExecStart=/usr/bin/weston --backend=drm-backend.so --use-pixman --drm-device=card1 %s\n' \
	'--modules=systemd-notify.so --shell=kiosk-shell.so' >/run/systemd/system/$unit.d/else.conf
systemctl daemon-reload
vfio_run stop one >&2
wait "$run"
is $? 0 "it draws on the other card: the devices are back"
second_shows() { screen second | grep -q "^number $1\$"; }
wait_for 60 new_terminal
type_in '/usr/lib/vfio-run-lab/picture draw 4242'
ok "it is on the other screen" wait_for 30 second_shows 4242
like "$(cat /tmp/out)" "$unit: it draws, and not on the card that it drew on before \($LAB_GPU\)" "and that is told"
rm /run/systemd/system/$unit.d/else.conf
systemctl daemon-reload
systemctl restart $desktop
wait_for 60 new_terminal
ok "started anew it draws where it was" draws
done_testing
