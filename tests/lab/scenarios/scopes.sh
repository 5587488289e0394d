# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# scopes - from a terminal under systemd: what ends a session does not end the VM
# init: systemd
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
keeper_scope=vfio-run-demo.scope vm_scope=vfio-run-demo-vm.scope

# start [PROFILE]: in a session of a user's, as far as systemd is concerned; $run is the keeper
sessions=0
start() {
	sessions=$((sessions + 1))
	session=session-$sessions.scope
	: >/tmp/out
	systemd-run --quiet --scope --slice=user-1500.slice --unit=$session \
		/usr/local/bin/vfio-run -v "${1:-demo}" >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
}
# cgroup PID; of COMM: the pid of the process of that name
cgroup() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }
of() { pgrep -x "$1" | head -n 1; }
inactive() { ! systemctl --quiet is-active "$1"; }
# ended WANTED-EXIT-CODE NAME
ended() {
	wait_for 60 gone $run || diag_file /tmp/out
	wait $run
	is $? "$1" "$2: exit $1"
	ok "$2: its scopes are gone" wait_for 20 sh -c "! systemctl --quiet is-active $keeper_scope && ! systemctl --quiet is-active $vm_scope"
	fingerprint_after "$2: everything is back"
}

standin_profile $p guest-off-after=1
start # what a first run learns, and the slice
wait_for 60 gone $run
wait_for 20 inactive $keeper_scope
mkdir -p /home/vmuser && printf '#!/bin/sh\n(setsid sleep 99999 &)\n' >/home/vmuser/leaves && chmod 755 /home/vmuser/leaves
profile $p '[program]' 'run = /home/vmuser/leaves' '[qemu]' 'argument = -standin' 'argument = say=hello'
standin_profile /etc/vfio-run/demo-vm.profile say=hello
fingerprint_before

start
unlike "$(cat /tmp/out)" 'no cgroup|no scope' "both scopes are made"
is "$(cgroup $run)" /system.slice/$keeper_scope/keeper "the keeper is in its leaf"
is "$(cgroup "$(of vfio-standby)")" /system.slice/$keeper_scope/standby "the standby is in its own"
is "$(cgroup "$(pgrep -P $run -x 'w:.*')")" /system.slice/$keeper_scope/worker "the worker too"
is "$(cgroup "$(of qemu-standin)")" /system.slice/$vm_scope "QEMU is in the VM's scope"
is "$(cgroup "$(of vfio-qmp)")" /system.slice/$vm_scope "and vfio-qmp"
left() { pgrep -f 'sleep 99999'; }
ok "a program of the user's has ended, and left another one" wait_for 20 left
is "$(cgroup "$(left)")" /system.slice/$keeper_scope/program "which is in a leaf of these programs"
like "$(systemctl show -p After --value $keeper_scope)" "$vm_scope" "the keeper's is stopped before the VM's"
ok "nothing is left in the session" wait_for 10 inactive $session
systemctl stop user-1500.slice
ok "the session's end leaves the keeper alone" kill -0 $run
ok "and the VM" drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
kill -TERM $run
ended 0 "SIGTERM"

start
systemctl stop $keeper_scope
like "$(cat /tmp/out)" 'powering the guest down' "its scope is stopped: the guest is powered down"
unlike "$(cat /tmp/out)" 'to quit|SIGTERM' "and not cut"
ended 0 "its scope is stopped"

start
systemctl stop $vm_scope
wait_for 60 gone $run
wait $run
fingerprint_after "the VM's scope is stopped: everything is back"

start
pkill -KILL -x vfio-run
ended 137 "killall -9 vfio-run"

start
wait_for 20 left
# shellcheck disable=SC2046 # one word each
kill_all $run $(of vfio-standby)
wait $run
ok "both keepers are killed: what a program has left is still there" left
vfio_run recover >&2
ended_by_recover() { ! left; }
ok "recover ends it" wait_for 10 ended_by_recover
wait_for 20 inactive $keeper_scope
fingerprint_after "and everything is back"

# A program has more processes than the scope may have from then on, and none of them obeys SIGTERM.
cat >/home/vmuser/leaves <<'END'
#!/bin/sh
trap '' TERM
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 99999 & done
END
fingerprint_before
# full NAME: the scope of the VM that runs; what dies with a keeper makes no room
full() {
	pids=/sys/fs/cgroup/system.slice/$keeper_scope
	all_left() { [ "$(left | wc -l)" = 20 ]; }
	ok "$1: the program has its processes" wait_for 20 all_left
	tasks=$(($(cat $pids/pids.current) - 12))
	systemctl set-property --runtime $keeper_scope TasksMax=$tasks
	is "$(cat $pids/pids.max)" $tasks "$1: the scope is full"
}
start
full "a program has all processes"
kill -TERM $run
ended 0 "a program has all processes"

start
full "and the keeper is killed"
pkill -KILL -x vfio-run
ended 137 "and the keeper is killed"
standin_profile $p say=hello
fingerprint_before

# Somebody else has a scope of that name: it is done without.
systemd-run --quiet --scope --unit=$keeper_scope sleep 1000 >/dev/null 2>&1 &
squatter=$!
wait_for 10 systemctl --quiet is-active $keeper_scope
start
like "$(cat /tmp/out)" 'no cgroup of its own: File exists' "a name that is taken is said"
like "$(cgroup $run)" "/$session\$" "the keeper stays where it is"
kill -TERM $run
wait $run
is $? 0 "and all goes on"
kill $squatter
wait $squatter 2>/dev/null
wait_for 20 inactive $keeper_scope
fingerprint_after "everything is back"

# systemd that does not answer is waited for, not for ever.
bus=$(of dbus-daemon)
kill -STOP "$bus"
start
kill -CONT "$bus"
like "$(cat /tmp/out)" 'no cgroup of its own: ' "systemd that does not answer"
kill -TERM $run
ended 0 "systemd did not answer"

start demo-vm
is "$(cgroup $run)" '/system.slice/vfio-run-demo\x2dvm.scope/keeper' "a name that could be another's scope is escaped"
kill -TERM $run
wait $run
fingerprint_after "everything is back"

# A session is killed in the middle of a detach: KillUserProcesses=yes, systemd-oomd.
if naughty_load; then
	fingerprint_before
	naughty hang_remove Y
	: >/tmp/out
	systemd-run --quiet --scope --slice=user-1500.slice --unit=session-detach.scope \
		/usr/local/bin/vfio-run detach $LAB_NAUGHTY_DEVICE $LAB_NAUGHTY_SECOND >/tmp/out 2>&1 &
	hangs() { [ "$(naughty_said hanging)" != 0 ]; }
	ok "a driver hangs in a detach" wait_for 60 hangs
	systemctl kill -s KILL session-detach.scope
	wait
	naughty hang_remove N
	ok "the session is killed: what was begun goes on" wait_for 60 sh -c "! pgrep '^(vfio-run|vfio-standby|w:)'"
	ok "the devices are detached" drivers_are vfio-pci $LAB_NAUGHTY_DEVICE $LAB_NAUGHTY_SECOND
	vfio_run attach >&2
	fingerprint_after "attach gives them back"
	rmmod naughty
fi
done_testing
