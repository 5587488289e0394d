# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# unit - vfio-run@.service under systemd: every way in which it can start and end
# init: systemd
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
unit=vfio-run@demo.service

# vm SWITCHES: what the unit runs from here on, and what the host is then
vm() {
	standin_profile $p "$1"
	systemctl reset-failed $unit 2>/dev/null
	fingerprint_before
}
# A unit that failed is kept, and its slice with what systemd has set there.
back() {
	systemctl reset-failed $unit 2>/dev/null
	fingerprint_after "$1"
}
property() { systemctl show -p "$1" --value $unit; }
ended() { case $(property ActiveState) in inactive | failed) ;; *) return 1 ;; esac; }
# cgroup COMM: where a process of that name is
cgroup() { cat "/proc/$(pgrep -x "$1" | head -n 1)/cgroup"; }
say_why() { systemctl status --no-pager -n 30 $unit >/tmp/status 2>&1; diag_file /tmp/status; }

# What systemd makes for a unit and its template once, and what a first run learns and loads.
standin_profile $p guest-off-after=1
systemctl start $unit
wait_for 60 ended || say_why
is "$(property Result)" success "the guest powers off: success"

vm say=hello
ok "systemctl start" systemctl start $unit
is "$(property SubState)" running "it is running when the guest runs, not before"
like "$(property StatusText)" 'the guest runs' "it says so"
ok "the card is on vfio-pci" drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
like "$(cgroup qemu-standin)" 'vfio-run@demo.service$' "QEMU is in the unit's cgroup"
not_ok "there is no standby" pgrep -x vfio-standby
is "$(awk '/^NoNewPrivs/ { print $2 }' "/proc/$(property MainPID)/status")" 1 "the unit's hardening is in force"
ok "systemctl stop" systemctl stop $unit
is "$(property Result) $(property ExecMainStatus)" 'success 0' "the guest was powered down"
back "everything is back"

systemctl start $unit || say_why
/usr/local/bin/vfio-run status --wait demo &
await=$!
wait_for 20 grep -q '^7 ' /proc/$await/syscall
systemctl kill -s KILL --kill-who=main $unit
ok "the keeper is killed: the unit ends" wait_for 60 ended
wait $await
is $? 1 "who waits has the end from what recovers: 1"
is "$(property Result)" signal "it says so"
ok "ExecStopPost gave the card back" drivers_are bochs-drm $LAB_GPU
back "everything is back"

systemctl start $unit || say_why
systemctl kill -s KILL $unit
ok "all of it is killed: the unit ends" wait_for 60 ended
back "everything is back"

systemctl start $unit || say_why
pkill -KILL -x qemu-standin
ok "QEMU is killed: the unit ends" wait_for 60 ended
is "$(property Result) $(property ExecMainStatus)" 'exit-code 1' "it failed"
back "everything is back"

vm exit-1-before-greeting
not_ok "a start that fails" systemctl start $unit
is "$(property Result) $(property ExecMainStatus)" 'exit-code 1' "QEMU's failure is the unit's"
back "everything is back"

# The profile gives the guest more time than the unit knows of.
mkdir -p /run/systemd/system/$unit.d
printf '[Service]\nTimeoutStopSec=10\n' >/run/systemd/system/$unit.d/short.conf
systemctl daemon-reload
standin_profile $p ignore-powerdown
sed -i 's/^shutdown-timeout.*/shutdown-timeout = 18s/' $p
fingerprint_before
systemctl start $unit || say_why
systemctl stop $unit
is "$(property Result) $(property ExecMainStatus)" 'success 0' "a longer shutdown-timeout is waited for"
rm -r /run/systemd/system/$unit.d
systemctl daemon-reload
back "everything is back"

standin_profile $p guest-off-after=1
sed -i '/^user/a name = other' $p
fingerprint_before
not_ok "a VM of another name" systemctl start $unit
is "$(property ExecMainStatus)" 2 "is refused"
like "$(journalctl -u $unit -n 20 --no-pager 2>&1; systemctl status -n 20 --no-pager $unit)" 'vfio-run@other' "with the unit to start"
back "nothing was touched"
done_testing
