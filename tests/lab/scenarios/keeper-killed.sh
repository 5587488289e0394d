# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# keeper-killed - SIGKILL for keeper, standby, or both: QEMU dies, and the devices come back
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run

standin_profile $p say=hello
fingerprint_before

# standby_of PID: the standby of that keeper; its name holds nothing that pkill -f vfio-run finds
standby_of() {
	for status in /proc/[0-9]*/status; do
		grep -q -x "PPid:	$1" "$status" 2>/dev/null && grep -q 'vfio-standby' "$status" && basename "${status%/status}"
	done
}
has_standby() { [ -n "$(standby_of "$1")" ]; }
has_other_standby() { has_standby "$1" && [ "$(standby_of "$1")" != "$2" ]; }
is_back() { [ "$(driver_of $LAB_GPU)" = bochs-drm ] && [ ! -e /run/vfio-run/vm ]; }
# start: a run whose guest runs; $run is its keeper, $qemu its QEMU, $standby its standby
start() {
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
	qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
	standby=$(standby_of $run)
}

start
is "$(tr '\0' ' ' <"/proc/$standby/cmdline" | grep -c vfio-run)" 0 "the standby's arguments do not name vfio-run"
isnt "$(cut -d' ' -f6 "/proc/$standby/stat")" "$(cut -d' ' -f6 "/proc/$run/stat")" "it has a session of its own"
is "$(cat "/proc/$run/oom_score_adj" "/proc/$standby/oom_score_adj" | tr '\n' ' ')" "-1000 -1000 " "both are the last that a lack of memory kills"
is "$(cat "/proc/$qemu/oom_score_adj")" "$(cat /proc/$$/oom_score_adj)" "QEMU is as killable as ever"
kill -KILL $run
wait $run
is $? 137 "the keeper is killed"
ok "QEMU dies with it" wait_for 20 gone "$qemu"
ok "without help the devices come back" wait_for 30 is_back
ok "the standby goes" wait_for 20 gone "$standby"
fingerprint_after "everything is back"
like "$(cat /tmp/out)" 'everything is back as it was' "the standby says so"

start
kill -KILL "$standby"
ok "a standby that is killed is replaced" wait_for 20 has_other_standby $run "$standby"
kill -KILL $run
wait $run
ok "and the new one does the same" wait_for 30 is_back
fingerprint_after "everything is back"

start
pkill -KILL -f 'vfio-run demo'
wait $run
ok "pkill -9 -f 'vfio-run demo': the devices come back" wait_for 30 is_back
start
busybox killall -KILL vfio-run
wait $run
ok "killall -9 vfio-run: the devices come back" wait_for 30 is_back
fingerprint_after "everything is back"

standin_profile $p hang-in=device_add2
fingerprint_before
: >/tmp/out
$own demo >/tmp/out 2>&1 &
run=$!
wait_for 60 sh -c 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q vfio-device'
kill -KILL $run
wait $run
ok "killed while QEMU is given its devices: they come back" wait_for 30 is_back
fingerprint_after "everything is back"

# Both at once: nothing is left that could act, but the next command does.
standin_profile $p say=hello
fingerprint_before
start
kill_all "$standby" $run
wait $run
is $? 137 "keeper and standby are killed at once"
ok "QEMU dies with them" wait_for 20 gone "$qemu"
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
kill_all "$standby" $run
wait $run
standin_profile /etc/vfio-run/demo.profile guest-off-after=1
out=$(vfio_run demo 2>&1)
is $? 0 "the next run gives back first, then runs"
like "$out" 'vfio-pci -> none' "it says so"
standin_profile $p say=hello
fingerprint_after "everything is back"

# Not everything that is on vfio-pci is a leftover.
vfio_run detach $LAB_GPU
vfio_run recover
is "$(driver_of $LAB_GPU)" vfio-pci "recover leaves what was detached on purpose"
vfio_run attach
fingerprint_after "attach gives it back"
done_testing
