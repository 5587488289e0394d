# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# ends - the ends of a VM without a request: panics, hang-ups, a monitor that is lost
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run

# start SWITCHES [KEY-OF-VM...]: a run in the background, until its guest runs
start() {
	standin_profile $p "$1"
	shift
	for key; do sed -i "/^${key%% *} /d; s/^cpus = 1\$/&\n$key/" $p; done
	fingerprint_before
	: >/tmp/out # the words of the last run are not taken for its own
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
}
# ended WANTED-EXIT-CODE NAME [PATTERN]
ended() {
	wait $run
	code=$?
	is $code "$1" "$2: exit $1"
	[ -z "${3:-}" ] || like "$(cat /tmp/out)" "$3" "$2: it says so"
	fingerprint_after "$2: everything is back"
	[ $code = "$1" ] || diag_file /tmp/out
}
shows() { $own status demo 2>/dev/null | grep -q "^demo: $1"; }
qemu() { sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out; }

# ---- panics ------------------------------------------------------------------------------

start panic-after=1 'on-panic = shutdown'
ended 0 "on-panic = shutdown" 'its kernel panicked'
start panic-after=1 'on-panic = fail'
ended 1 "on-panic = fail" "error: demo: the guest's kernel panicked"
start panic-after=1 'on-panic = pause'
ok "on-panic = pause: status shows it" wait_for 20 shows panicked
$own stop demo
ended 0 "on-panic = pause: it is ended without waiting for its power button" 'QEMU to quit'
start panic-after=1,guest-off-after=1 'on-panic = reset'
ended 0 "on-panic = reset: it goes on and powers itself off" 'it was reset'

# ---- the terminal ------------------------------------------------------------------------

start say=hello 'on-hangup = keep'
kill -HUP $run
kill -TERM $run
ended 0 "on-hangup = keep" 'powering the guest down'
start say=hello 'on-hangup = stop'
kill -HUP $run
ended 0 "on-hangup = stop" 'powering the guest down'
start ignore-powerdown
kill -QUIT $run
ended 0 "Ctrl-\\ ends it at once" 'QEMU to quit'

# ---- QEMU that does not answer -------------------------------------------------------------

start say=hello
kill -STOP "$(qemu)"
kill -QUIT $run
ended 0 "QEMU is stopped by SIGSTOP" 'sending SIGTERM'
start qmp-deaf 'shutdown-timeout = 1s'
kill -TERM $run
ended 0 "QEMU does not read its monitor" 'sending SIGTERM'
start qmp-close
kill -TERM $run
ended 0 "QEMU closes its monitor" 'sending SIGTERM'

# ---- vfio-qmp ----------------------------------------------------------------------------

qmp() { pgrep -x vfio-qmp; }
other() { new=$(qmp) && [ "$new" != "$old" ] && grep -q '^Seccomp:.*2' "/proc/$new/status"; }
start say=hello
for n in 1 2 3; do
	old=$(qmp)
	kill -KILL "$old"
	ok "vfio-qmp is killed: another one, $n" wait_for 20 other
	is "$($own status --json | tr -d ' ,' | sed -n 's/"qmp_pid"://p')" "$(qmp)" "status knows it"
done
status=/proc/$(qmp)/status
is "$(awk '/^Uid/ { print $2 $3 $4 $5 }' "$status")" 1500150015001500 "it is the VM's user"
is "$(awk '/^Groups/ { print NF }' "$status")" 1 "without groups"
is "$(grep '^Cap' "$status" | awk '{ print $2 }' | sort -u)" 0000000000000000 "without capabilities in any set"
is "$(awk '/^NoNewPrivs/ { print $2 }' "$status")" 1 "with no way to new ones"
# shellcheck disable=SC2012 # numbers
like "$(ls "/proc/$(qmp)/fd" | tr '\n' ' ')" '^0 1 2 3 4 5 6 7 8 9 $' "with its descriptors"
is "$(awk '/^CapEff/ { print $2 }' /proc/$run/status)" 0000000000000020 "the keeper rests with CAP_KILL alone"
kill -KILL "$(qmp)"
ok "the fourth time it is given up" wait_for 20 grep -q 'vfio-qmp is given up' /tmp/out
ok "and the VM goes on" shows running
kill -TERM $run
ended 0 "without a monitor QEMU is sent SIGTERM" 'sending SIGTERM'

start powerdown-takes=3000
kill -TERM $run
wait_for 20 grep -q 'power button was pressed' /tmp/out
old=$(qmp)
kill -KILL "$old"
ended 0 "vfio-qmp is killed while the guest powers down" 'starting another vfio-qmp'
start ignore-powerdown
old=$(qmp)
kill -KILL "$old"
wait_for 20 other
kill -TERM $run
wait_for 20 grep -q 'power button was pressed' /tmp/out
kill -TERM $run
ended 0 "the new one presses the power button, and tells QEMU to quit" 'the guest: its power button was pressed'
unlike "$(cat /tmp/out)" 'SIGTERM' "no signal was needed"

start qmp-long-line
ok "QEMU says 64 MB without an end of line: not listened to any more" \
	wait_for 60 grep -q 'speaks no QMP: it is not listened to' /tmp/out
kill -TERM $run
ended 0 "and ended by SIGTERM" '3 of 3'
start qmp-flood
kill -TERM $run
ended 0 "QEMU floods its monitor: it is powered down as any other" 'the guest: its power button was pressed'
unlike "$(cat /tmp/out)" 'starting another' "by the first vfio-qmp"
done_testing
