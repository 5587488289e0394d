# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154 # $run is lib.sh's
# desktop-faults - a step of a real desktop's way down or up fails: it is back with a picture, or what is missing is named
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
desktop=display-manager.service
unit=$(systemctl show -p Id --value $desktop)
drop_in() { # LINE...: of [Service]
	mkdir -p /run/systemd/system/$unit.d
	{ echo '[Service]' && printf '%s\n' "$@"; } >/run/systemd/system/$unit.d/lab.conf
	systemctl daemon-reload
}
drop_in_unit() { # LINE: of [Unit]
	mkdir -p /run/systemd/system/$unit.d
	printf '[Unit]\n%s\n' "$1" >/run/systemd/system/$unit.d/lab.conf
	systemctl daemon-reload
}
drop_out() {
	rm /run/systemd/system/$unit.d/lab.conf
	systemctl daemon-reload
}
not_begun() { # WHAT CODE TEXT: it ends before its guest
	setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null
	is $? "$2" "$1: exit $2"
	like "$(tr '\n' ' ' </tmp/out)" "$3" "$1: it says so"
}
session_profile $p 'stop = display-manager.service'
ok "before: the picture is of a session of its user" draws

# Before: the unit cannot be stopped.
drop_in_unit RefuseManualStop=yes
not_begun "the unit cannot be stopped" 3 "systemd lets nobody stop $unit by hand"
ok "the unit cannot be stopped: it draws as before" draws
drop_out

# Down: its job fails, as of a unit that does not end in time.
# shellcheck disable=SC2016 # systemd expands it
drop_in TimeoutStopSec=2 'ExecStop=+/bin/sh -c "kill -STOP $MAINPID; sleep 3; exit 1"'
setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null &
run=$!
ok "it does not end in time, and is killed: the guest has the card" wait_for 60 runs
drop_out
vfio_run stop one >&2
wait $run
is $? 0 "it does not end in time: exit 0"
desktop_back "it does not end in time"

# Down: a program that nobody knew of has the card when the session has ended. It opens it while the
# display server has it, so that it is not the one that draws.
drop_in "ExecStop=+/bin/systemd-run --quiet --unit=lab-holder sh -c 'exec 3<>/dev/dri/card0 && exec sleep 1000000'"
not_begun "another program has the card then" 4 'held by process [0-9]+ \(sleep,.*/dev/dri/card0'
drop_out
systemctl stop lab-holder
desktop_back "another program has the card then"

# Up: its unit does not start.
start || diag_file /tmp/out
drop_in 'ExecStartPre=/bin/false'
vfio_run stop one >&2
wait $run
is $? 5 "its unit does not start: exit 5"
like "$(cat /tmp/out)" "service $unit: .*its job has failed" "it says so"
ok "its unit does not start: the card is back" drivers_are bochs-drm $LAB_GPU
drop_out
ok "it can be started again: recover" vfio_run recover
desktop_back "its unit does not start"

# Up: systemd refuses to start it.
start || diag_file /tmp/out
drop_in_unit RefuseManualStart=yes
vfio_run stop one >&2
wait $run
is $? 5 "it may not be started by hand: exit 5"
like "$(cat /tmp/out)" "service $unit: .*RefuseManualStart=" "it says so"
drop_out
ok "it may not be started by hand: recover" vfio_run recover
desktop_back "it may not be started by hand"

# A host without a power button of its own: logind is not asked to leave it alone.
inhibits() { systemd-inhibit --list --no-legend --no-pager | grep vfio-run; }
start || diag_file /tmp/out
like "$(inhibits)" handle-power-key "a button that is heard is not logind's"
vfio_run stop one >&2
wait $run
desktop_back "with a power button"
for button in /sys/bus/acpi/drivers/button/*:*; do basename "$button" >>/tmp/buttons; done
while read -r button; do echo "$button" >/sys/bus/acpi/drivers/button/unbind; done </tmp/buttons
like "$(vfio_run_ascii check one 2>&1)" 'does what this host is set up to do' "without a button: check does not promise it"
start || diag_file /tmp/out
diag "$(inhibits)"
like "$(inhibits)" sleep "without a button: logind is asked not to sleep"
unlike "$(inhibits)" handle-power-key "and acts on the power key as ever"
vfio_run stop one >&2
wait $run
is $? 0 "without a button: exit 0"
desktop_back "without a button"
while read -r button; do echo "$button" >/sys/bus/acpi/drivers/button/bind; done </tmp/buttons

# A desktop that runs in the background: its session is put in front.
drop_in 'ExecStartPost=+/usr/bin/chvt 1'
start || diag_file /tmp/out
vfio_run stop one >&2
wait $run
is $? 0 "the text console is in front: exit 0"
is "$(cat /sys/class/tty/tty0/active)" tty7 "its own terminal is in front then"
desktop_back "the text console in front"

# One that runs and draws nothing: 5, and what to do.
drop_in Type=simple ExecStart= 'ExecStart=/bin/sleep 100000'
start || diag_file /tmp/out
vfio_run stop one >&2
wait $run
is $? 5 "a desktop that draws nothing: exit 5"
like "$(cat /tmp/out)" "service $unit: .*it runs, and shows nothing" "it says so"
drop_out
systemctl restart $unit
ok "it is started anew: recover" vfio_run recover
desktop_back "a desktop that drew nothing"
done_testing
