# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# hidepid - /proc hides other users' processes, and root's from whoever has no capability: what
# is killed is told by descriptors, and all comes back as without
#
# 4: a process that may not be traced is hidden (ptraceable); 2, 1: another user's, or what it
# holds. With gid= who is in the group sees all, and the keeper, uid 0, is in none.
# Source: Documentation/filesystems/proc.rst, 4
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run

standin_profile $p say=hello
wait_for 20 test -e /dev/snd/controlC0

# child_of PID COMM: its first child of that name
child_of() { pgrep -P "$1" -x "$2" | head -n 1; }
nothing_is_left() { ! pgrep '^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-standin)' && [ ! -e /run/vfio-run/vm ]; }
is_back() { [ "$(driver_of $LAB_GPU)" = bochs-drm ] && nothing_is_left; }
# start: $run is the VM's keeper
start() {
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
	standby=$(child_of $run vfio-standby)
	worker=$(child_of $run 'w:.*')
}
# comes_back TITLE
comes_back() {
	ok "$1" wait_for 60 is_back || diag_file /tmp/out
	fingerprint_after "$1: everything is as it was"
}
as_group() { # for what it sees itself the scenario stays as it is
	mount -o "remount,$1" /proc
	fingerprint_before
}

for how in hidepid=4 hidepid=2,gid=12345 hidepid=1,gid=12345; do
	as_group $how
	start
	like "$(vfio_run status demo)" 'running' "$how: status sees the VM"
	kill -KILL $run
	wait $run
	is $? 137 "$how: the keeper is killed"
	comes_back "$how: without help"
	unlike "$(cat /tmp/out)" 'does not die|could not' "$how: and nothing is said to hang"
done

as_group hidepid=4
start
kill -KILL "$standby"
other_standby() { standby2=$(child_of $run vfio-standby); [ -n "$standby2" ] && [ "$standby2" != "$standby" ]; }
ok "a standby that is killed is replaced" wait_for 20 other_standby
like "$(vfio_run status --json demo | tr -d ' ')" "\"(standby|standby)_pid\":$standby2" "status names the new one"
kill -KILL $run
wait $run
comes_back "the new one knows all that the first knew"

start
kill -KILL "$worker"
kill -TERM $run
wait $run
is $? 0 "a worker that is killed is replaced on the way back: exit 0"
comes_back "worker killed"
start
kill -KILL "$(child_of $run vfio-qmp)"
wait_for 20 grep -q 'another vfio-qmp' /tmp/out
kill -KILL $run
wait $run
comes_back "vfio-qmp killed, then the keeper"

start
kill_all "$standby" $run
wait $run
out=$(vfio_run recover 2>&1)
is $? 0 "keeper and standby killed at once: recover"
unlike "$out" 'does not die|could not|try again' "and it has no doubt"
comes_back "recover"

mount -o remount,hidepid=0,gid=0 /proc
done_testing
