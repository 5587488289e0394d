# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# control - the control socket: whose it is, what it does, what it does not do; QEMU's log
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run
socket=/run/vfio-run/vm/demo/control
log=/home/vmuser/.local/state/vfio-run/demo/qemu.log
as() { # UID COMMAND...
	uid=$1
	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
}
# start SWITCHES: a run in the background, until its guest runs
start() {
	standin_profile $p "$1"
	fingerprint_before
	: >/tmp/out # the words of the last run are not taken for its own
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
}
shows() { $own status demo 2>/dev/null | grep -q "^demo: $1"; }
qmp() { pgrep -x vfio-qmp; }

for command in reset pause resume; do
	as 1500 $own $command demo
	is $? 3 "$command of a VM that does not run: exit 3"
done

start say=hello
is "$(stat -c '%a %u %F' $socket)" "600 1500 socket" "the socket is the VM's user's alone"
as 1500 $own pause demo
is $? 0 "its user pauses it"
ok "status says so" wait_for 20 shows paused
like "$($own status demo)" 'last event stop' "and what happened last"
as 1500 $own resume demo
is $? 0 "and resumes it"
ok "status says so" wait_for 20 shows running
as 1500 $own reset demo
is $? 0 "and resets it"
ok "the run says so" wait_for 20 grep -q 'the guest: it was reset' /tmp/out
$own pause demo
is $? 0 "root may, too"
chmod 0666 $socket
for command in pause resume reset stop; do
	as 65534 $own $command demo 2>/tmp/err
	is $? 3 "nobody else, though the socket were open to all: $command"
done
chmod 0600 $socket
as 65534 $own pause demo 2>/tmp/err
like "$(cat /tmp/err)" 'only its user and root' "with the socket's own mode it says why"
ok "it is paused still" shows paused
kill -KILL "$(qmp)"
wait_for 20 shows paused
ok "a new vfio-qmp resumes what the old one paused" wait_for 20 as 1500 $own resume demo
ok "it runs" wait_for 20 shows running
as 1500 $own pause demo
as 1500 $own stop demo
is $? 0 "its user stops it, paused as it is"
not_ok "its devices are back when that returns" bound_to $LAB_GPU vfio-pci
wait $run
is $? 0 "the run ended as asked"
not_ok "the socket is gone" test -e $socket
fingerprint_after "everything is back"

start ignore-powerdown
as 1500 $own stop --now demo
is $? 0 "its user ends it at once"
wait $run
fingerprint_after "everything is back"

standin_profile $p hang-before-ready
fingerprint_before
: >/tmp/out
$own demo >/tmp/out 2>&1 &
run=$!
wait_for 60 test -S $socket
wait_for 60 qmp
as 1500 $own resume demo 2>/tmp/err
is $? 3 "a guest that does not run yet is nobody's to start"
as 1500 $own stop --now demo
is $? 0 "but it can be ended"
wait $run
is $? 4 "before the guest ran: exit 4"
fingerprint_after "everything is back"

# ---- what QEMU says ----------------------------------------------------------------------

start 'say=forged\e[2J,flood=3000000'
as 1500 $own stop demo
wait $run
is "$(stat -c '%a %u' $log)" "600 1500" "the log is the user's alone"
ok "3 MB of words are less than a megabyte of log" [ "$(stat -c %s $log)" -le 1048576 ]
not_ok "nothing in it makes a terminal act" grep -q "$(printf '\033')" $log
not_ok "nor on the terminal" grep -q "$(printf '\033\\[2J')" /tmp/out
like "$(head -1 $log)" '^20[0-9-]*T[0-9:]*Z forged\\x1b\[2J$' "its lines have a time"
fingerprint_after "everything is back"
start say=again
as 1500 $own stop demo
wait $run
like "$(cat $log)" 'Z again$' "a new run has a new log"
like "$(head -1 $log.old)" 'forged' "and keeps the one before"
fingerprint_after "everything is back"

# ---- a guest's lies ----------------------------------------------------------------------

start qmp-lies
ok "QEMU says that it is shutting down, was reset, and more" wait_for 20 grep -q 'powered off' /tmp/out
is "$(driver_of $LAB_GPU)" vfio-pci "no device goes back for that"
ok "it is given its time to end" shows stopping
kill -TERM $run
wait $run
is $? 0 "and is ended when that is asked for"
fingerprint_after "everything is back"
done_testing
