# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# session - the card's desktop ends before the VM and comes back after it, whatever is killed
# init: systemd
#
# The desktop is a unit that holds the card's node; a program in a session of the seat holds it, too,
# and lets go a little later.
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
node=/dev/dri/$(basename "$(ls -d $PCI/$LAB_GPU/drm/card*)")
desktop=lab-desktop.service
wait_for 20 test -c "$node"

cat >/run/systemd/system/$desktop <<UNIT
[Service]
ExecStart=/bin/sh -c 'exec 3<>$node && exec sleep 100000'
UNIT
ln -s $desktop /run/systemd/system/display-manager.service
printf '[Service]\nExecStart=/bin/sleep 100000\n' >/run/systemd/system/lab-other.service
systemctl daemon-reload
systemctl start user.slice # it stays once it was there

standin_profile $p say=hello
sed -i '/^\[qemu\]/i [session]\nstop = display-manager.service\nstop = lab-other' $p
active() { systemctl --quiet is-active $desktop; }
inactive() { ! active; }
holds() { find /proc/[0-9]*/fd -lname "$node" 2>/dev/null | grep -q .; }
start() {
	setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null &
	run=$!
	wait_for 60 grep -q running /run/vfio-run/vm/one/status
}
ended() { ! pgrep "$LAB_PROCESSES"; }
back() {
	ok "$1: all has ended" wait_for 60 ended
	ok "$1: the desktop runs" wait_for 20 active
	ok "$1: it has the card" wait_for 20 holds
	fingerprint_after "$1: everything is back" || diag_file /tmp/out
}

systemctl start $desktop
wait_for 20 holds
out=$(vfio_run -n one 2>&1)
like "$out" "service $desktop: running -> stopped" "-n shows the unit behind the alias"
like "$out" "service lab-other.service: not running -> stopped" "and one that does not run"
like "$(printf '%s\n' "$out" | grep -E 'service lab-desktop|driver: bochs' | tr '\n' ' ')" \
	'service lab-desktop.*driver: bochs' "before the card is taken"
out=$(setsid /usr/local/bin/vfio-run one 2>&1 </dev/null)
is $? 3 "without a terminal and without -y: exit 3"
like "$out" 'there is no terminal to ask on' "it says so"
ok "the desktop runs on" active
like "$(vfio_run_ascii check one 2>&1)" 'goes with the session' "check names who goes with it"

# What a first run loads and learns is there from now on.
start || diag_file /tmp/out
ok "the desktop has ended" inactive
ok "the card is on vfio-pci" drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
vfio_run stop one >&2
wait $run
is $? 0 "the guest is powered down: exit 0"
ok "the desktop runs" active
not_ok "what did not run before does not" systemctl --quiet is-active lab-other
diag_file /tmp/out
fingerprint_before

start || diag_file /tmp/out
pkill -KILL -x qemu-standin
wait $run
is $? 1 "QEMU is killed: exit 1"
back "QEMU is killed"

start || diag_file /tmp/out
pkill -KILL -x vfio-run
back "the keeper is killed"

start || diag_file /tmp/out
# shellcheck disable=SC2046 # one word each
kill_all $(pgrep -x 'vfio-run|vfio-standby')
ok "both are killed: the desktop is left" wait_for 20 inactive
like "$(vfio_run recover -n 2>&1)" "service $desktop: stopped -> running" "recover -n shows it"
ok "recover" vfio_run recover
back "both are killed"

# A holder that is of the seat's session, and goes after it.
mkdir -p /run/systemd/sessions
printf 'UID=1500\nSEAT=seat0\nTYPE=wayland\n' >/run/systemd/sessions/99
cat >/tmp/late <<LATE
exec 3<>$node
touch /tmp/late-holds
while systemctl --quiet is-active $desktop; do sleep 1; done
sleep \$1
LATE
late() { # SECONDS
	rm -f /tmp/late-holds
	systemd-run --quiet --scope --slice=user-1500.slice --unit=session-99.scope sh /tmp/late "$1" &
	wait_for 20 test -e /tmp/late-holds
}
late 4
start || diag_file /tmp/out
like "$(cat /tmp/out)" 'waiting for process [0-9]+ to let go' "one who goes later is waited for"
vfio_run stop one >&2
wait $run
is $? 0 "exit 0"
back "a late one"

late 1000
setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null
is $? 4 "one who does not go: exit 4"
like "$(cat /tmp/out)" "held by process [0-9]+ \(.*$node" "who it is"
ok "the desktop runs" active
ok "the card is on its driver" drivers_are bochs-drm $LAB_GPU
systemctl stop session-99.scope
rm /run/systemd/sessions/99
back "one who does not go"

# A unit that cannot be started again: 5, and with what is to be done.
start || diag_file /tmp/out
mv /run/systemd/system/$desktop /tmp/kept
systemctl daemon-reload
vfio_run stop one >&2
wait $run
is $? 5 "the unit is gone meanwhile: exit 5"
like "$(cat /tmp/out)" "service $desktop.*systemd has no unit of that name" "it says so"
mv /tmp/kept /run/systemd/system/$desktop
systemctl daemon-reload
ok "recover" vfio_run recover
back "a unit that was gone"

# As a unit of its own.
sed -i 's/^name = .*//' $p
systemctl start vfio-run@one || { systemctl status --no-pager -n 30 vfio-run@one >/tmp/status 2>&1; diag_file /tmp/status; }
ok "the unit: the desktop has ended" inactive
systemctl kill -s KILL vfio-run@one
ok "all of it is killed: the desktop runs" wait_for 60 active
systemctl reset-failed vfio-run@one
ok "it has the card" wait_for 20 holds
ok "the card is on its driver" drivers_are bochs-drm $LAB_GPU

standin_profile $p exit-1-before-greeting
sed -i '/^\[qemu\]/i [session]\nstop = display-manager.service' $p
pid=$(systemctl show -p MainPID --value $desktop)
setsid /usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null
is $? 1 "a QEMU that does not start: exit 1"
is "$(systemctl show -p MainPID --value $desktop)" "$pid" "and the desktop never ended"

sed -i 's/^stop = .*/stop = no-such.service/' $p
out=$(setsid /usr/local/bin/vfio-run one -y 2>&1 </dev/null)
is $? 3 "a unit that is not there: exit 3"
like "$out" 'one.profile:[0-9]+:[0-9]+: stop = no-such.service: systemd has no such unit' "with its place"
done_testing
