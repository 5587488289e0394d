# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2086,SC2154 # variables of lib.sh and of scenarios
# tests/lab/desktop/handover.sh - a real desktop's card goes to a VM and comes back, as a try of `row` (lib.sh)
#
# Each step is a condition that is waited for; the first one that is not met ends the try, and is told.

own=/usr/local/bin/vfio-run
typed=/tmp/typed # here writes who types
mkdir -p $typed
chown 1500:1500 $typed
times=1
# What a first run loads, and a first unit makes, is there from now on.
modprobe vfio_pci && udevadm settle
systemctl start 'system-vfio\x2drun.slice'
up=active # how it is known that the desktop runs

# must WHAT COMMAND...: a step
must() {
	_step=$1
	shift
	if "$@" >&2; then return 0; fi
	{
		echo "not so: $_step"
		cat $typed/out 2>/dev/null
		journalctl -q --no-pager -o short-monotonic -t vfio-run -n 20
	} >>/tmp/out
	cp /tmp/lab/session.diff /tmp/lab/fingerprint.diff 2>/dev/null
	return 1
}
dark() { ! screen | grep -q number; }
down() { ! $up; }

# goes BEGIN...: the command starts the VM; the guest gets the card, and nothing is left of the desktop's picture
goes() {
	rm -f $typed/* /tmp/lab/session.diff /tmp/lab/fingerprint.diff
	session_before
	names=$(card_names)
	must 'the desktop is there' $up &&
		must 'the VM is started' "$@" &&
		must 'the guest runs' wait_for 60 runs &&
		must 'it has the card' drivers_are vfio-pci $LAB_GPU $LAB_AUDIO &&
		must 'the desktop has ended' down &&
		must 'its picture is gone' dark
}
# ends_by COMMAND...: the guest ends
ends_by() { must 'the VM is told to end' "$@"; }
# comes: the desktop is back as it was, with a picture
comes() {
	must 'all has ended' wait_for 120 ended &&
		must 'the card is on its driver' drivers_are bochs-drm $LAB_GPU &&
		must 'the desktop runs' wait_for 20 $up &&
		must 'a new session has a terminal' wait_for 60 new_terminal &&
		must 'a program in it draws what is on the screen' draws &&
		must 'nodes and connectors have their names' [ "$(card_names)" = "$names" ] &&
		must 'everything is as it was' wait_for 20 session_same
}

# ---- from the session: what is typed in its terminal ---------------------------------------------------

line="sudo $own one -y >$typed/out 2>&1; echo \$? >$typed/code"
# exits CODE: what was typed
exits() { wait_for 60 test -s $typed/code && [ "$(cat $typed/code)" = "$1" ]; }
terminal() {
	goes type_in "$line" && must 'exit 6: handed over' exits 6 && ends_by vfio_run stop one && comes
}

# ---- udev is late ----------------------------------------------------------------------------------------

# Who starts the display server says first whether udev knew the card by then: for a unit, a program or a login.
mkdir -p /etc/vfio-run
cat >/etc/vfio-run/known <<'KNOWN'
#!/bin/sh
if [ -e /run/udev/data/c226:0 ]; then echo known; else echo unknown; fi >/tmp/typed/card
KNOWN
chmod 0755 /etc/vfio-run/known

# late STOP GO: as the card comes back udev does nothing between these
late() {
	goes start || return
	$1
	vfio_run stop one &
	wait_for 60 drivers_are bochs-drm $LAB_GPU
	wait_for 5 test -e $typed/card # in vain
	$2
	wait
	must 'udev knew the card when it was started' grep -qx known $typed/card && comes
}
# It has heard of the card, and does not see to it.
udev_late() { late 'udevadm control --stop-exec-queue' 'udevadm control --start-exec-queue'; }
# It has not heard of the card: to who looks it has nothing to do.
udev_asleep() {
	_udev=$(systemctl show -p MainPID --value systemd-udevd)
	late "kill -STOP $_udev" "kill -CONT $_udev"
}
