# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# keeper-killed - SIGKILL for the keeper: QEMU dies with it, and the next command gives back
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/sbin/vfio-run

standin_profile $p say=hello
fingerprint_before

# start: a run whose guest runs; $run is its keeper, $qemu its QEMU
start() {
	$own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
	qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
}

start
kill -KILL $run
wait $run
is $? 137 "the keeper is killed"
ok "QEMU dies with it" wait_for 20 gone "$qemu"
is "$(driver_of $LAB_GPU)" vfio-pci "the card is left on vfio-pci"
fingerprint >/tmp/left
out=$(vfio_run -n demo 2>&1)
is $? 0 "a dry run still works"
like "$out" 'demo was interrupted.*sudo vfio-run recover' "it says what is left, and what mends it"
fingerprint >/tmp/left.now
diff /tmp/left /tmp/left.now >/tmp/left.diff
is $? 0 "and changes nothing"
diag_file /tmp/left.diff
out=$(vfio_run recover --json 2>&1)
is $? 0 "recover"
like "$out" '"restored": ?true' "its JSON says that all is back"
like "$out" '"step": ?"bind"' "and names the steps"
fingerprint_after "everything is back"
vfio_run recover
is $? 0 "recovering twice is recovering once"
fingerprint_after "and changes nothing"

start
kill -KILL $run
wait $run
standin_profile /etc/vfio-run/demo.profile guest-off-after=1
out=$(vfio_run demo 2>&1)
is $? 0 "the next run gives back first, then runs"
like "$out" 'vfio-pci -> none' "it says so"
standin_profile $p say=hello
fingerprint_after "everything is back"

standin_profile $p hang-before-ready
fingerprint_before
$own demo >/tmp/out 2>&1 &
run=$!
wait_for 60 sh -c 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q vfio-device'
kill -KILL $run
wait $run
vfio_run recover
is $? 0 "killed while QEMU starts: recover"
fingerprint_after "everything is back"

# Not everything that is on vfio-pci is a leftover.
vfio_run detach $LAB_GPU
vfio_run recover
is "$(driver_of $LAB_GPU)" vfio-pci "recover leaves what was detached on purpose"
vfio_run attach
fingerprint_after "attach gives it back"
done_testing
