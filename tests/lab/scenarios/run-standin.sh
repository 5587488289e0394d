# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# run-standin - whole runs with a stand-in for QEMU: every way in which one can end
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile

standin_profile $p guest-off-after=1
fingerprint_before

out=$(vfio_run -n demo 2>&1)
is $? 0 "a dry run"
like "$out" '0000:01:00.0  driver: bochs-drm -> none' "it shows the changes"
fingerprint_after "and changes nothing"

out=$(vfio_run demo 2>&1)
is $? 0 "the guest powers off: exit 0"
like "$out" 'demo: the guest powered off' "and says so"
fingerprint_after "everything is back"

# run_with SWITCHES WANTED-EXIT-CODE NAME [EXPECTED-OUTPUT]
run_with() {
	standin_profile $p "$1"
	fingerprint_before
	out=$(vfio_run demo 2>&1)
	is $? "$2" "$3: exit $2"
	[ -z "${4:-}" ] || like "$out" "$4" "$3: it says so"
	fingerprint_after "$3: everything is back"
}
run_with exit-1-before-greeting 1 "QEMU rejects an argument" 'no device was touched'
run_with fail-after-greeting 1 "QEMU fails to make a device"
run_with crash-before-ready 1 "QEMU crashes while it starts" 'signal 11|status 139'
run_with crash-after-cont 1 "QEMU crashes while the guest runs" 'signal 11|status 139'
run_with exit-status=3,guest-off-after=1 1 "QEMU ends with a status" 'status 3'
run_with internal-error-after=1 1 "the guest cannot go on" 'internal-error'
run_with qmp-garbage,guest-off-after=1 0 "a monitor that speaks no QMP" 'spoke no QMP'
run_with child,guest-off-after=1 0 "QEMU leaves a child behind"

# start SWITCHES: a run in the background, until its guest runs
start() {
	standin_profile $p "$1"
	fingerprint_before
	: >/tmp/out # the words of the last run are not taken for its own
	: >/tmp/out
	/usr/local/bin/vfio-run demo >/tmp/out 2>&1 & # no function: $! must be its own pid
	run=$!
	wait_for 60 grep -q "${2:-the guest runs}" /tmp/out || diag_file /tmp/out
}
# ended WANTED-EXIT-CODE NAME
ended() {
	wait $run
	is $? "$1" "$2: exit $1" || :
	fingerprint_after "$2: everything is back"
	diag_file /tmp/out
}
qemu_pid() { sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out; }

start say=hello
kill -TERM $run
ended 0 "SIGTERM powers the guest down"

start say=hello
kill -KILL "$(qemu_pid)"
ended 1 "QEMU is killed"

start ignore-powerdown
kill -INT $run
wait_for 10 grep -q "powering the guest down" /tmp/out
kill -INT $run
ended 0 "Ctrl-C twice ends it at once"

start ignore-powerdown,ignore-quit,ignore-term
kill -INT $run
wait_for 10 grep -q "powering the guest down" /tmp/out
kill -INT $run
wait_for 10 grep -q "telling QEMU to quit" /tmp/out
kill -INT $run
ended 0 "Ctrl-C three times kills it"

start hang-in=device_add2 "none -> vfio-pci"
wait_for 20 sh -c 'ls -l /proc/[0-9]*/fd 2>/dev/null | grep -q vfio-device'
kill -INT $run
ended 4 "interrupted before the guest runs"

# An emulator that is none: one that says no version, one that ends at once, one that never says a word.
PROFILE_QEMU=/usr/bin/true profile $p
fingerprint_before
out=$(vfio_run demo 2>&1)
is $? 3 "QEMU that is no QEMU: exit 3"
like "$out" 'does not say a version' "it says so"
fingerprint_after "nothing was touched"
cat >/usr/local/bin/no-qemu <<'SCRIPT'
#!/bin/sh
[ "$1" != --version ] || echo "QEMU emulator version 7.2.0"
SCRIPT
chmod 0755 /usr/local/bin/no-qemu
PROFILE_QEMU=/usr/local/bin/no-qemu profile $p
fingerprint_before
out=$(vfio_run demo 2>&1)
is $? 1 "QEMU that ends at once: exit 1"
like "$out" 'before the guest ran' "it says so"
fingerprint_after "everything is back"

cat >/usr/local/bin/no-qemu <<'SCRIPT'
#!/bin/sh
[ "$1" != --version ] || { echo "QEMU emulator version 7.2.0"; exit; }
exec sleep 1000
SCRIPT
chmod 0755 /usr/local/bin/no-qemu
PROFILE_QEMU=/usr/local/bin/no-qemu profile $p
fingerprint_before
: >/tmp/out
/usr/local/bin/vfio-run demo >/tmp/out 2>&1 &
run=$!
wait_for 60 pgrep -x sleep
kill -INT $run
wait_for 20 grep -q 'QEMU to quit\|SIGTERM' /tmp/out
kill -INT $run
ended 4 "one that never answers, interrupted"

# O_DIRECT is asked of the file system: ramfs has none. tmpfs has it from Linux 6.6 on.
mkdir -p /home/vmuser/ram
mount -t ramfs -o mode=0755 ramfs /home/vmuser/ram
truncate -s 1M /home/vmuser/ram/disk.raw
chown vmuser /home/vmuser/ram/disk.raw
PROFILE_QEMU=$LAB_STANDIN profile $p '[disk]' 'path = /home/vmuser/ram/disk.raw' 'cache = none' \
	'[qemu]' 'argument = -standin' 'argument = guest-off-after=1'
fingerprint_before
out=$(vfio_run demo 2>&1)
is $? 3 "cache = none where there is no O_DIRECT: exit 3"
like "$out" "O_DIRECT.*cache = writeback" "it says what to write instead"
fingerprint_after "nothing was touched"
done_testing
