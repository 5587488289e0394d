# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# session - the card's desktop ends before the VM and comes back after it, whatever is killed
# init: systemd
#
# The desktop is a unit that holds the card's node; a program in a session of the seat holds it, too,
# and lets go a little later.
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/one.profile
desktop_make
standin_profile $p say=hello
sed -i '/^\[qemu\]/i [session]\nstop = display-manager.service\nstop = lab-other' $p

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
like "$(vfio_run_ascii check one 2>&1)" 'goes before the device does' "check names who goes with it"

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
late 15
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

# What was typed is in the session that ends: it is sent away, and the VM runs on.
printf 'UID=1500\nSEAT=seat0\nTYPE=wayland\n' >/run/systemd/sessions/99
cat >/tmp/typed <<'TYPED'
/usr/local/bin/vfio-run one -y >/tmp/out 2>&1 </dev/null
echo $? >/tmp/typed-code
TYPED
systemd-run --quiet --scope --slice=user-1500.slice --unit=session-99.scope sh /tmp/typed
wait_for 60 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
is "$(cat /tmp/typed-code)" 6 "typed in the session that ends: exit 6"
like "$(tail -n 1 /tmp/out)" 'journalctl -t vfio-run' "with where it goes on"
ok "that session ends by itself" wait_for 20 sh -c '! systemctl --quiet is-active session-99.scope'
ok "the guest runs" vfio_run status one
/usr/local/bin/vfio-run status --wait one 2>/dev/null &
await=$!
ok "vfio-run stop" vfio_run stop one
wait $await
is $? 0 "its real exit code has status --wait"
back "a run that was handed over"
like "$(journalctl -q --no-pager -o cat -t vfio-run)" 'one: everything is back as it was' "its words are in the journal"

# One that does not come to run before its session has ended it is sent away all the same.
cp $p /tmp/profile
mkdir -p /etc/vfio-run/hooks
cat >/etc/vfio-run/hooks/late <<'HOOK'
#!/bin/sh
touch /tmp/prepared
until [ -e /tmp/viewer-stopped ]; do sleep 0.1; done
HOOK
chmod 0755 /etc/vfio-run/hooks/late
printf '[hooks]\nprepare = /etc/vfio-run/hooks/late\n' >>$p
rm -f /tmp/typed-code /tmp/prepared /tmp/viewer-stopped
systemd-run --quiet --scope --slice=user-1500.slice --unit=session-99.scope sh /tmp/typed &
wait_for 20 test -e /tmp/prepared
viewer=$(pgrep -o -x vfio-run)
kill -STOP $viewer
touch /tmp/viewer-stopped
wait_for 60 grep -q running /run/vfio-run/vm/one/status || diag_file /tmp/out
kill -TERM $viewer
kill -CONT $viewer
wait
is "$(cat /tmp/typed-code)" 6 "its viewer comes to run when it is ended: exit 6"
ok "the guest runs on" vfio_run status one
ok "vfio-run stop" vfio_run stop one
cp /tmp/profile $p
rm -r /etc/vfio-run/hooks
back "a late viewer"
rm -f /run/systemd/sessions/99

# A viewer that is ended means nothing; Ctrl-C reaches the keeper.
start || diag_file /tmp/out
kill -KILL $run
wait $run
ok "the viewer is killed: the guest runs on" vfio_run status one
ok "vfio-run stop" vfio_run stop one
back "the viewer is killed"
start || diag_file /tmp/out
kill -HUP $run
kill -TERM $run
wait $run
is $? 0 "SIGTERM to the viewer powers the guest down"
back "SIGTERM"

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

# What systemd would refuse is refused before anything, and of a unit that runs only.
sed -i 's/^stop = .*/stop = display-manager.service/' $p
refuses() { # PROPERTY TEXT
	mkdir -p /run/systemd/system/$desktop.d
	printf '[Unit]\n%s=yes\n' "$1" >/run/systemd/system/$desktop.d/lab.conf
	systemctl daemon-reload
	out=$(setsid /usr/local/bin/vfio-run one -y 2>&1 </dev/null)
	is $? 3 "$1: exit 3"
	like "$(echo "$out" | tr '\n' ' ')" "one.profile:[0-9]+:[0-9]+: stop = display-manager.service: $2" "it says so"
}
refuses RefuseManualStop "systemd lets nobody stop $desktop by hand"
ok "the desktop runs on" active
refuses RefuseManualStart "$desktop runs, and systemd would not start it again"
rm /run/systemd/system/$desktop.d/lab.conf
systemctl daemon-reload
done_testing
