# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shutdown - the host goes down while two VMs run: one of the unit, one from a terminal
# init: systemd
#
# The last scenario of a boot: what comes after the shutdown's beginning is told by a witness,
# a unit that systemd stops when both VMs' are stopped.
. "$LAB_DIR/lib.sh"

# A guest that takes its time over shutting down: one SIGTERM too many would cut it.
standin_profile /etc/vfio-run/one.profile powerdown-takes=3
(LAB_GPU=0000:02:00.0 && standin_profile /etc/vfio-run/two.profile powerdown-takes=3)

# What sudo does, in the session of a user: it passes SIGTERM on.
cat >/tmp/relay <<'RELAY'
: >/tmp/two
/usr/local/bin/vfio-run two >/tmp/two 2>&1 &
trap 'kill -TERM $!' TERM
while kill -0 $! 2>/dev/null; do wait; done
RELAY

cat >/run/systemd/system/lab-witness.service <<UNIT
[Unit]
Before=vfio-run@one.service vfio-run-two.scope vfio-run-two-vm.scope
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/bin/sh /tmp/witness
TimeoutStopSec=60
UNIT

cat >/tmp/witness <<'WITNESS'
. /usr/lib/vfio-run-lab/job
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/vfio-run-lab
exec >/dev/ttyS1
stty raw -echo
. "$LAB_DIR/lib.sh"
tests_run=$(cat /tmp/tests-run)
both_back() { drivers_are bochs-drm 0000:01:00.0 0000:02:00.0 && drivers_are snd_hda_intel 0000:01:00.1 0000:02:00.1; }
ok "the devices are back before the host is down" both_back
is "$(cat $PCI/0000:0[12]:00.?/driver_override | sort -u)" '(null)' "with no override left"
journalctl -q --no-pager -o cat -u vfio-run@one.service >/tmp/one 2>&1
for name in one two; do
	like "$(cat /tmp/$name)" "$name: powering the guest down" "$name: the guest was powered down"
	like "$(cat /tmp/$name)" "$name: the guest powered off" "$name: it had the time that it took"
	unlike "$(cat /tmp/$name)" 'to quit|SIGTERM to|SIGKILL' "$name: and was not cut"
	like "$(cat /tmp/$name)" "$name: everything is back" "$name: everything is back"
done
ok "no VM is left" sh -c '! pgrep -x "qemu-standin|vfio-qmp|vfio-run|vfio-standby"'
ok "nor a journal" sh -c '! ls /run/vfio-run/state/*.journal 2>/dev/null'
is "$(systemctl show -p Result --value vfio-run@one.service)" success "the unit ended well"
done_testing
echo "# lab-end shutdown 0"
echo "# lab-done"
echo o >/proc/sysrq-trigger
sleep 60
WITNESS

systemctl daemon-reload
systemctl start lab-witness.service
ok "the unit runs one VM" systemctl start vfio-run@one.service
systemd-run --quiet --scope --slice=user-1500.slice --unit=session-9.scope sh /tmp/relay &
ok "a terminal the other" wait_for 60 grep -q 'the guest runs' /tmp/two
keeper=$(pgrep -f 'vfio-run two' | head -n 1)
is "$(cat "/proc/$keeper/cgroup")" '0::/system.slice/vfio-run-two.scope/keeper' "in a scope of its own"
echo $tests_run >/tmp/tests-run
systemctl poweroff --no-block
sleep 1000 # until it is ended
