# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# starved - /run is full or read-only, no process can be started, memory is out, a device goes,
# and several want the same at once: refused untouched, or everything back
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run
if [ -n "${LAB_ALL:-}" ]; then times=20; else times=4; fi

standin_profile $p guest-off-after=300
standin_profile /etc/vfio-run/other.profile guest-off-after=300
standin_profile /etc/vfio-run/stays.profile say=hello
profile /etc/vfio-run/three.profile '[pci]' 'device = 0000:02:00.0' \
	'[qemu]' 'argument = -standin' 'argument = guest-off-after=300'
wait_for 20 test -e /dev/snd/controlC0
vfio_run demo >&2 # the modules are there from now on
wait_for 20 test -e /dev/snd/controlC0
fingerprint_before

standby_of() { pgrep -x -P "$1" vfio-standby; }
nothing_is_left() { ! pgrep '^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-standin)' && [ ! -e /run/vfio-run/vm ]; }
# start: the VM that stays; $run is its keeper
start() {
	: >/tmp/out
	$own stays >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
}
# refused TITLE: a run now ends with 3, says why, and has touched nothing
refused() {
	vfio_run demo >/tmp/out 2>&1
	is $? 3 "$1: exit 3"
	unlike "$(cat /tmp/out)" ' -> ' "nothing was changed"
	like "$(cat /tmp/out)" '/run' "it says where"
}

# ---- /run -----------------------------------------------------------------------------

full_of_blocks() { mount -o remount,size=4M /run; busybox dd if=/dev/zero of=/run/filler bs=4k 2>/dev/null; }
full_of_inodes() {
	mkdir /run/fillers
	mount -o remount,nr_inodes=$(($(df --output=iused /run | tail -n 1) + 20)) /run
	(cd /run/fillers && seq 100 | xargs touch) 2>/dev/null
}
empty_again() { rm -rf /run/filler /run/fillers; mount -o remount,size=1G,nr_inodes=100000 /run; }
mount -o remount,size=1G,nr_inodes=100000 /run
fingerprint_before # its options are part of it

rm -rf /run/vfio-run/state # made again, there has to be room for that too
for how in full_of_blocks full_of_inodes; do
	$how
	refused "$how"
	empty_again
	fingerprint_after "nothing was touched"
	for signal in TERM KILL; do
		start
		$how
		kill -$signal $run
		wait $run
		code=$?
		ok "$how while it runs, SIG$signal: nothing stays" wait_for 60 nothing_is_left
		[ $signal = KILL ] || is $code 0 "exit 0"
		empty_again
		fingerprint_after "everything is back"
	done
done
mount -o remount,ro /run
refused "/run read-only"
mount -o remount,rw /run
fingerprint_after "nothing was touched"

# ---- processes -------------------------------------------------------------------------

if echo +pids >/sys/fs/cgroup/cgroup.subtree_control; then
	fingerprint_before
	mkdir /sys/fs/cgroup/few
	for most in 1 2 3 4 5 6 7 8; do
		echo $most >/sys/fs/cgroup/few/pids.max
		sh -c "echo \$\$ >/sys/fs/cgroup/few/cgroup.procs && exec $own demo" >/tmp/out 2>&1
		code=$?
		ok "at most $most processes: exit 0, 1, 3 or 4" expr $code : '[0134]$'
		[ $code != 3 ] || unlike "$(cat /tmp/out)" ' -> ' "nothing was changed"
		wait_for 20 nothing_is_left
	done
	# no room for a worker, neither in its leaf nor beside the keeper and its standby
	mkdir -p /sys/fs/cgroup/vfio-run
	echo 0 >/sys/fs/cgroup/vfio-run/pids.max
	echo 2 >/sys/fs/cgroup/few/pids.max
	sh -c "echo \$\$ >/sys/fs/cgroup/few/cgroup.procs && exec $own demo" >/tmp/out 2>&1
	is $? 3 "no worker can be started: exit 3"
	like "$(cat /tmp/out)" 'no process can be started that asks the devices|more processes are allowed in the cgroup' "it says that"
	unlike "$(cat /tmp/out)" ' -> ' "nothing was changed"
	wait_for 20 nothing_is_left
	echo max >/sys/fs/cgroup/few/pids.max
	: >/tmp/out
	sh -c "echo \$\$ >/sys/fs/cgroup/few/cgroup.procs && exec $own stays" >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out
	echo 0 >/sys/fs/cgroup/few/pids.max
	kill -TERM $run
	wait $run
	is $? 0 "no further process while it runs: exit 0"
	wait_for 20 nothing_is_left
	rmdir /sys/fs/cgroup/few
	fingerprint_after "everything is back"
fi

# ---- memory -------------------------------------------------------------------------------

start
dmesg -c >/dev/null
echo f >/proc/sysrq-trigger
wait $run
is $? 1 "out of memory: QEMU is what the kernel kills: exit 1"
like "$(dmesg -c)" 'Killed process [0-9]* \(qemu-standin\)' "the kernel says so"
ok "nothing stays" wait_for 20 nothing_is_left
fingerprint_after "everything is back"

# ---- a device that goes ---------------------------------------------------------------------

n=0 bad=0
while [ $n -lt $times ]; do
	n=$((n + 1))
	: >/tmp/out
	$own three >/tmp/out 2>&1 &
	run=$!
	busybox usleep $((n * 700000 / times))
	echo 1 >$PCI/0000:02:00.0/remove &
	wait $run
	code=$?
	wait
	wait_for 20 nothing_is_left || vfio_run recover >>/tmp/out 2>&1
	case $code in
	[01345]) ;;
	*) bad=$((bad + 1)); diag_file /tmp/out ;;
	esac
	echo 1 >/sys/bus/pci/rescan
	wait_for 20 test -e $PCI/0000:02:00.0
	wait_for 10 fingerprint_same before || { bad=$((bad + 1)); diag "exit code $code"; diag_file /tmp/out; diag_file /tmp/lab/fingerprint.diff; }
done
is $bad 0 "a device is removed at $times instants of a run: all others are back"

# ---- several at once --------------------------------------------------------------------------

wins=0 bad=0 n=0
while [ $n -lt $times ]; do
	n=$((n + 1))
	other=demo
	[ $((n % 2)) = 0 ] || other=other # its own journal, the same devices
	: >/tmp/one
	$own demo >/tmp/one 2>&1 &
	one=$!
	: >/tmp/two
	$own $other >/tmp/two 2>&1 &
	two=$!
	wait $one
	first=$?
	wait $two
	second=$?
	# one after the other is possible too: they are not started at the very same instant
	case $first$second in
	03 | 30) wins=$((wins + 1)); [ $first = 3 ] && lost=/tmp/one || lost=/tmp/two; ! grep -q ' -> ' $lost || bad=$((bad + 1)) ;;
	00) ;;
	*) bad=$((bad + 1)); diag "exit codes $first $second"; diag_file /tmp/one; diag_file /tmp/two ;;
	esac
done
is $bad 0 "two starts at once, $n times: one wins, the other touches nothing"
isnt $wins 0 "they did meet ($wins times)"
fingerprint_after "everything is back"

bad=0 n=0
while [ $n -lt $times ]; do
	n=$((n + 1))
	start
	kill_all $run "$(standby_of $run)"
	wait $run
	for command in demo recover attach; do
		: >/tmp/$command.out
		$own $command >/tmp/$command.out 2>&1 &
	done
	wait
	vfio_run recover >/tmp/out 2>&1 || { bad=$((bad + 1)); diag_file /tmp/out; }
	wait_for 20 nothing_is_left
	wait_for 10 fingerprint_same before || { bad=$((bad + 1)); diag_file /tmp/lab/fingerprint.diff; }
done
is $bad 0 "start, recover and attach at once, $n times, on what a killed run has left: all is back"
done_testing
