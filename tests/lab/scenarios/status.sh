# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# status - what `status` says of a VM in each of its states, and `stop`
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run
as_user() { setpriv --reuid "$1" --regid "$1" --clear-groups "$own" "$2" "$3" "$4"; }

is "$(vfio_run status --json 2>/dev/null | tr -d ' \n')" '[]' "no VM runs: an empty array"
vfio_run status demo
is $? 3 "status of a VM that does not run: exit 3"
vfio_run stop demo
is $? 3 "stop of a VM that does not run: exit 3"
vfio_run status --wait demo
is $? 3 "there is nothing to wait for: exit 3"
is "$($own status --wait --json demo 2>/dev/null | tr -d ' \n')" '[]' "and in JSON an empty array"
vfio_run status --watch demo
is $? 3 "nor to watch"
: >/tmp/watch-all
$own status --watch >/tmp/watch-all 2>&1 &
watch_all=$!

# start [SWITCHES]: a run in the background, until its guest runs
start() {
	standin_profile $p "${1:-say=hello}"
	wait_for 20 test -e /dev/snd/controlC0 # the last run gave the sound back, which looks for its codec
	fingerprint_before
	: >/tmp/out # the words of the last run are not taken for its own
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
}
# json KEY: of the one VM that there is
json() { vfio_run status --json 2>/dev/null | tr -d ' \n"[]{}' | tr , '\n' | sed -n "s/^$1://p" | head -n 1; }
# role ROLE: its process, of the list of them
role() { vfio_run status --json 2>/dev/null | tr -d ' \n"[]{}' | tr , '\n' | sed -n "/role:$1\$/{n;s/^pid://p}"; }
# The keeper's children that are dead, and that it has not reaped.
unreaped() { pgrep -P "$run" | while read -r pid; do ! grep -q '^State:.*Z' "/proc/$pid/status" || echo "$pid"; done; }
another() { now=$(role vfio-qmp) && [ "${now:-$old}" != "$old" ]; }
shows() { [ "$(json state)" = "$1" ]; }
# Somebody else waits for its end; started when it runs.
await() {
	: >/tmp/await
	setpriv --reuid 65534 --regid 65534 --clear-groups $own status --wait demo >/tmp/await 2>&1 &
	await=$!
	wait_for 20 listens $await
}
# It sleeps in its poll: what happens from here on is not missed.
listens() { grep -q '^7 ' "/proc/$1/syscall"; } # poll(2)

start
out=$(vfio_run status 2>&1)
is $? 0 "a VM runs: status"
like "$out" '^demo: running, started [0-9]+ s ago, user vmuser' "in words: its state"
like "$out" "devices +$LAB_GPU $LAB_AUDIO" "its devices"
like "$out" "processes +vfio-run $run, .*vfio-qmp [0-9]+, QEMU [0-9]+" "its processes"
is "$(json pid)" $run "in JSON: the keeper"
is "$(json qemu_pid)" "$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)" "QEMU"
is "$(json qmp_pid)" "$(pgrep -x vfio-qmp)" "vfio-qmp"
is "$(role keeper) $(role standby) $(role vfio-qmp) $(role qemu)" \
	"$run $(json standby_pid) $(json qmp_pid) $(json qemu_pid)" "a row for each process"
old=$(role vfio-qmp)
kill -KILL "$old"
ok "a program is killed: its row has another one" wait_for 20 another
is "$(unreaped)" "" "and the dead one is reaped"
is "$(json user)" vmuser "its user"
is "$(json devices)" "$LAB_GPU" "its devices"
ok "since when" [ "$(($(date +%s) - $(json since)))" -lt 60 ]
out=$(as_user 65534 status --json demo 2>&1)
is $? 0 "anybody may ask"
like "$out" "\"qemu_pid\": ?[0-9]+" "and gets the same answer"
# Its card, memory and name are taken by itself: that is one thing, with one remedy.
out=$(vfio_run demo 2>&1)
is $? 3 "started once more: exit 3"
is "$(printf '%s\n' "$out" | grep -c 'error:')" 1 "and one error"
like "$out" "error: a VM called demo is running .pid $run.; .vfio-run stop demo. powers it down" "which names it, and what to do"
out=$(vfio_run check demo 2>&1)
is $? 3 "check says so too: exit 3"
like "$out" '^1 thing to do: vm-running' "and nothing that follows from it"
await
: >/tmp/watch
$own status --watch demo >/tmp/watch 2>&1 &
watch=$!
ok "who watches sees it" wait_for 20 grep -q 'demo: running' /tmp/watch
like "$(as_user 65534 stop demo -q 2>&1)" 'only its user and root' "but nobody else may stop it"
$own stop demo >/tmp/stop 2>&1
is $? 0 "stop"
not_ok "its devices are back when it returns" bound_to $LAB_GPU vfio-pci
not_ok "and nothing of it is left in /run" test -e /run/vfio-run/vm/demo
wait $run
is $? 0 "the run ended as asked"
wait $await
is $? 0 "who waited for it has its exit code"
like "$(cat /tmp/await)" 'demo: has ended with exit status 0' "and is told"
wait $watch
is $? 0 "who watched it, too"
like "$(sed 's/^[0-9:]* //' /tmp/watch | tr '\n' '|')" 'demo: running.*stopping.*restoring.*ended with exit status 0' "each state was a line"
fingerprint_after "everything is back"

start
await
pkill -KILL -x qemu-standin
wait $await
is $? 1 "QEMU is killed: who waited gets 1"
wait $run
is $? 1 "as the run has"
start
await
kill -KILL $run
wait $await
is $? 1 "vfio-run is killed, its standby gives the devices back: 1"
not_ok "they are back then" bound_to $LAB_GPU vfio-pci
wait $run
wait_for 20 shows ''
fingerprint_after "everything is back"

start ignore-powerdown
: >/tmp/stop
$own stop demo >/tmp/stop 2>&1 &
stop=$!
ok "a guest that ignores its power button: status says stopping" wait_for 20 shows stopping
: >/tmp/stop.2
$own stop demo >/tmp/stop.2 2>&1 &
ok "stop says what it waits for" wait_for 20 grep -q 'waiting until its devices are back' /tmp/stop
unlike "$(cat /tmp/out)" 'to quit' "a second stop does not end it at once"
vfio_run stop --now demo
is $? 0 "stop --now"
wait $stop
is $? 0 "and the first one"
wait $run
is $? 0 "the run ended as asked"
like "$(cat /tmp/out)" 'telling QEMU to quit' "QEMU was told to quit"
fingerprint_after "everything is back"

start ignore-powerdown,ignore-quit,ignore-term
vfio_run stop --now demo
is $? 0 "stop --now of a QEMU that obeys nothing"
like "$(cat /tmp/out)" 'SIGTERM' "one rung after the other"
wait $run
fingerprint_after "everything is back"

start
standby=$(json standby_pid)
kill -STOP $run # it would start another standby
[ "${standby:-null}" = null ] || kill -KILL "$standby"
kill -KILL $run
wait $run
wait_for 20 shows interrupted
is "$(json state)" interrupted "all of its processes are killed: interrupted"
is "$(json qemu_pid)" null "without QEMU"
out=$(vfio_run status demo 2>&1)
is $? 3 "exit 3"
out=$out$(vfio_run status --wait demo 2>&1)
is $? 5 "nobody gives its devices back: who waits is told so, exit 5"
like "$out" 'sudo vfio-run recover' "it says what mends it"
vfio_run stop demo
is $? 5 "stop of it: exit 5"
# A status that goes without a last word: it was killed, and nothing of it is left.
mkdir /run/vfio-run/vm/gone
cp /run/vfio-run/vm/demo/status /run/vfio-run/vm/gone/
$own status --wait --json gone >/tmp/await 2>/dev/null &
await=$!
wait_for 4 listens $await
rm -r /run/vfio-run/vm/gone
wait $await
is $? 1 "one that is killed and leaves nothing: exit 1"
like "$(cat /tmp/await)" '"state": *"ended"' "in JSON it has ended"
: >/tmp/await
vfio_run status --wait demo 2>/tmp/await &
await=$!
vfio_run recover
wait $await
like "$?$(cat /tmp/await)" '^(1|3)' "recover ends the wait"
like "$(sed 's/^[0-9:]* //' /tmp/watch-all | tr '\n' '|')" \
	'^demo: .*running.*exit status 0.*exit status 1.*demo: interrupted' "all of it was seen, in its order"
fingerprint_after "recover gives everything back"
kill $watch_all
done_testing
