# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# session-killed - a session ends, by its cgroup, in the middle of detach, attach and recover
. "$LAB_DIR/lib.sh"
first=$LAB_NAUGHTY_DEVICE second=$LAB_NAUGHTY_SECOND
session=/sys/fs/cgroup/session

naughty_load || skip_all "the driver that misbehaves cannot be built here"
wait_for 20 test -e /dev/snd/controlC0
vfio_run detach $first $second >&2 && vfio_run attach >&2 # the modules are there from now on
fingerprint_before
nobody() { ! pgrep '^(vfio-run|vfio-standby|w:)'; }
hangs() { [ "$(naughty_said hanging)" != 0 ]; }

# in_session HANG WORD...: a command in a session, which is killed while the driver hangs in it
in_session() {
	naughty "$1" Y
	hang=$1
	shift
	mkdir $session
	: >/tmp/out
	sh -c "echo \$\$ >$session/cgroup.procs; exec /usr/local/bin/vfio-run $*" >/tmp/out 2>&1 &
	ok "$*: the driver hangs in it" wait_for 60 hangs
	echo 1 >$session/cgroup.kill
	wait
	naughty "$hang" N
	ok "$*: what was begun goes on without its session, to its end" wait_for 60 nobody
	wait_for 10 rmdir $session
}

in_session hang_remove detach $first $second
is "$(driver_of $first) $(driver_of $second)" "vfio-pci vfio-pci" "the devices are detached"
in_session hang_probe attach
is "$(driver_of $first) $(driver_of $second)" "naughty naughty" "the devices are back"
fingerprint_after "everything is as it was"
vfio_run detach $first $second >&2
sed -i /^class/d /run/vfio-run/state/detach-$first.journal # as of one that was interrupted
in_session hang_probe recover
fingerprint_after "recover: everything is as it was"

# A lock that the kernel does not let go of stays with the standby: the standby of a dead keeper must not
# wait for what its own standby has. Another detach keeps the directory of the locks there.
vfio_run detach $LAB_GPU >&2
fingerprint_before kept
vfio_run detach $first $second >&2
sed -i /^class/d /run/vfio-run/state/detach-$first.journal
naughty hang_probe Y
: >/tmp/out
no-unlock /usr/local/bin/vfio-run recover >/tmp/out 2>&1 &
shown=$!
wait_for 60 hangs
kill -KILL "$(pgrep -P $shown -x vfio-run)"
naughty hang_probe N
ok "no lock is let go of: the standby comes to its end" wait_for 60 nobody
fingerprint_after "and all is back but what was detached" kept
pkill -KILL '^(vfio-run|vfio-standby)'
wait
vfio_run attach >&2
fingerprint_after "everything is as it was"
rmmod naughty
done_testing
