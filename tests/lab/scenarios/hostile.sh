# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# hostile - workers killed, drivers that fail oddly, others at work at the same time, a full /run
. "$LAB_DIR/lib.sh"
p=/etc/vfio-run/demo.profile
own=/usr/local/bin/vfio-run
drivers=/sys/bus/pci/drivers
vfio=$drivers/vfio-pci
state=/run/vfio-run/state
kept=detach-$LAB_GPU

wait_for 20 test -e /dev/snd/controlC0
standin_profile $p guest-off-after=0
fingerprint_before

# start: a run whose guest runs; $run is its keeper
start() {
	standin_profile $p say=hello
	: >/tmp/out
	$own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
}
# a stale journal: the keeper of a run is killed, and its standby
leave_stale() {
	start
	# shellcheck disable=SC2046 # one word each
	kill_all $run $(pgrep -x vfio-standby)
	wait $run
	standin_profile $p guest-off-after=0
}
worker() { grep -l -x "${1:-w:idle}" /proc/[0-9]*/comm 2>/dev/null | cut -d/ -f3; }
has_worker() { [ -n "$(worker "$1")" ]; }
# Writes to FILE take three seconds; meanwhile the worker that does it is killed.
kill_worker_at() { # FILE DEVICE
	truncate -s 0 /tmp/out /tmp/strace
	strace -f -o /tmp/strace -P "$1" -e inject=write:delay_enter=3000000:when=1 $own demo >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -qE 'write\([0-9]*, "0000' /tmp/strace
	wait_for 10 has_worker "w:$2"
	kill -KILL "$(worker "w:$2")"
	wait $run
}

# ---- errors that could be mistaken for something else ------------------------------------

for error in ENXIO ETIME ECHILD; do
	strace -f -o /tmp/strace -P $drivers/bochs-drm/bind -P "$(realpath $PCI/$LAB_GPU)/remove" \
		-e inject=write:error=$error $own demo >/tmp/out 2>&1
	is $? 5 "the host driver's probe fails with $error: not given back, and it says so"
	is "$(driver_of $LAB_GPU)" "" "the card has no driver"
	unlike "$(cat /tmp/out)" 'gone from the bus|does not come back|killed by the kernel' \
		"it is not said to be gone, stuck, or to have killed anybody"
	vfio_run recover
	is $? 0 "recover gives it back"
	fingerprint_after "everything is back"
done
strace -f -o /tmp/strace -P $PCI/$LAB_GPU -e inject=access:error=EIO $own demo >/tmp/out 2>&1
like "$(grep -c INJECTED /tmp/strace)" '[1-9]' "whether the device is there could not be told"
unlike "$(cat /tmp/out)" 'gone from the bus' "that does not count as gone"
vfio_run recover
fingerprint_after "everything is back"

# ---- a worker's death costs nothing --------------------------------------------------------

kill_worker_at $vfio/bind $LAB_GPU
is $? 0 "the worker is killed while it gives the card to vfio-pci: another one does it"
fingerprint_after "everything is back"
kill_worker_at $vfio/unbind $LAB_AUDIO
is $? 0 "the worker is killed while it takes a function from vfio-pci: another one does it"
fingerprint_after "everything is back"
kill_worker_at $drivers/bochs-drm/bind $LAB_GPU
is $? 0 "the worker is killed while it gives the card back: another one does it"
fingerprint_after "everything is back"
start
# shellcheck disable=SC2012 # links of /proc, one in a line
is "$(ls -l "/proc/$(worker)/fd" | sed -n 's/.*-> //p' | sed 's/:.*//' | tr '\n' ' ')" \
	"/dev/null /dev/null /dev/null socket /usr/local/libexec/vfio-run/module /dev/null " \
	"a worker has its socket and the module program open, nothing where no program talks to systemd, and nothing else"
kill -KILL "$(worker)"
kill -INT $run
wait $run
is $? 0 "the worker is killed while the guest runs"
standin_profile $p guest-off-after=0
fingerprint_after "everything is back"

# ---- who else touches the devices ------------------------------------------------------------

standin_profile $p guest-off-after=0
truncate -s 0 /tmp/out /tmp/strace
strace -f -o /tmp/strace -P $vfio/bind -e inject=write:delay_enter=3000000:when=1 $own demo >/tmp/out 2>&1 &
run=$!
wait_for 60 sh -c "! test -e $PCI/$LAB_GPU/driver"
echo $LAB_AUDIO >/sys/bus/pci/drivers_probe # the override is vfio-pci: that takes it
wait $run
is $? 4 "somebody probes between unbind and bind: exit 4"
fingerprint_after "everything is back"

echo vfio-pci >$PCI/$LAB_GPU/driver_override
fingerprint_before preset
vfio_run demo
is $? 0 "a card whose override was vfio-pci already"
fingerprint_after "is vfio-pci again" preset
printf '\n' >$PCI/$LAB_GPU/driver_override

# ---- others at work at the same time --------------------------------------------------------

leave_stale
# the lock of a dead keeper: a child of it has it for a moment, or another recover
flock $state/demo.journal sleep 2 &
wait_for 10 sh -c "! flock -n $state/demo.journal true"
vfio_run recover
is $? 0 "the journal of a dead keeper is locked: recover waits"
fingerprint_after "everything is back"

leave_stale
flock "$state/group-$(group_of $LAB_GPU).lock" sleep 5 &
holder=$!
wait_for 10 sh -c "! flock -n $state/group-*.lock true"
vfio_run recover
is $? 5 "another vfio-run has the group: recover leaves it alone"
is "$(driver_of $LAB_GPU)" vfio-pci "nothing was touched"
wait $holder
vfio_run recover
is $? 0 "and gives it back afterwards"
fingerprint_after "everything is back"

for round in 1 2 3; do
	leave_stale
	for n in 1 2 3; do
		: >/tmp/recover.$n
		{ $own recover >/tmp/recover.$n 2>&1; echo $? >/tmp/code.$n; } &
	done
	: >/tmp/run.1
	{ $own demo >/tmp/run.1 2>&1; echo $? >/tmp/code.run; } &
	: >/tmp/attach.1
	{ $own attach >/tmp/attach.1 2>&1; echo $? >/tmp/code.attach; } &
	wait
	is "$(cat /tmp/code.1 /tmp/code.2 /tmp/code.3 | tr -d '\n')" 000 "three recovers, a run and an attach at once, round $round"
	like "$(cat /tmp/code.run /tmp/code.attach | tr -d '\n')" '^[03]0$' "the run ran or was refused"
	cat /tmp/recover.* /tmp/run.1 /tmp/attach.1 >/tmp/all
	[ "$(cat /tmp/code.*| tr -d '\n')" = 00000 ] || diag_file /tmp/all
	fingerprint_after "everything is back"
done
rm -f /tmp/code.*
for n in 1 2 3 4 5 6; do
	: >/tmp/run.$n
	{ $own demo >/tmp/run.$n 2>&1; echo $? >/tmp/code.$n; } &
done
wait
like "$(cat /tmp/code.* | tr -d '\n')" '^[03]*0[03]*$' "six starts at once: one runs or more after each other, the others are refused"
fingerprint_after "everything is back"

# ---- detach that was killed at its very end -----------------------------------------------------

vfio_run detach $LAB_GPU
mkdir -p /run/vfio-run/detach/$kept
echo '1073741823 1' >/run/vfio-run/detach/$kept/keeper
vfio_run recover
is $? 0 "recover, with the announcement of a detach that was killed after its last record"
not_ok "takes it away" test -e /run/vfio-run/detach/$kept
is "$(driver_of $LAB_GPU)" vfio-pci "what was detached stays detached"
vfio_run attach
is $? 0 "attach"
fingerprint_after "everything is back"

vfio_run detach $LAB_GPU
leave_stale
vfio_run attach
is $? 0 "a run on detached devices whose keeper was killed: attach gives all back"
fingerprint_after "everything is back"

start
mount -o remount,hidepid=2 /proc
out=$(setpriv --reuid 1500 --regid 1500 --clear-groups $own list 2>&1)
unlike "$out" 'interrupted' "a user who cannot see root's processes is not told that a running VM was interrupted"
mount -o remount,hidepid=0 /proc
kill -INT $run
wait $run
standin_profile $p guest-off-after=0
fingerprint_after "everything is back"

# ---- damaged journals -----------------------------------------------------------------------------

for word in name keeper device change worker process; do
	leave_stale
	sed -i -e "/^$word/{s//$word?/" -e :a -e n -e ba -e '}' $state/demo.journal
	vfio_run recover >/tmp/out 2>&1
	is $? 5 "the first line with '$word' is damaged: recover says that not all is known"
	like "$(cat /tmp/out)" 'damaged.*line [0-9]+' "and which line"
	ok "the journal is kept to be looked at" test -s $state/demo.damaged
	rm $state/demo.damaged
	vfio_run recover >/tmp/out 2>&1
	is $? 0 "and nothing is left for another one"
	wait_for 10 sh -c '! pgrep -x qemu-standin'
	fingerprint_after "everything is back"
done

# ---- a full /run -------------------------------------------------------------------------------------

vfio_run list >/dev/null
cat /dev/zero >/run/full 2>/dev/null
fingerprint_before full
vfio_run demo >/tmp/out 2>&1
is $? 3 "/run is full: refused"
fingerprint_after "nothing is changed" full
rm /run/full
start
cat /dev/zero >/run/full 2>/dev/null
kill -KILL "$(worker)"
kill -INT $run
wait $run
is $? 0 "/run fills up while the guest runs, and the worker is killed: all is given back"
rm /run/full
vfio_run detach $LAB_GPU
cat /dev/zero >/run/full 2>/dev/null
vfio_run attach
is $? 0 "attach with a full /run"
rm /run/full
leave_stale
cat /dev/zero >/run/full 2>/dev/null
vfio_run recover
is $? 0 "recover with a full /run"
rm /run/full
standin_profile $p guest-off-after=0
fingerprint_after "everything is back"

# ---- journals of another boot, and no room for processes ------------------------------------------

echo 01234567-89ab-cdef-0123-456789abcdef >/tmp/boot_id
mount --bind /tmp/boot_id /proc/sys/kernel/random/boot_id
leave_stale # in another boot, as far as it can tell
cp $state/demo.journal /tmp/old.journal
vfio_run recover
umount /proc/sys/kernel/random/boot_id
mkdir -p /run/vfio-run/state
chmod 0711 /run/vfio-run
chmod 0700 /run/vfio-run/state
cp /tmp/old.journal $state/old.journal
vfio_run recover >/tmp/out 2>&1
is $? 0 "recover with the journal of another boot"
like "$(cat /tmp/out)" 'of another boot' "it says so"
fingerprint_after "and drops it"

echo +pids >/sys/fs/cgroup/cgroup.subtree_control
start
echo +pids >/sys/fs/cgroup/vfio-run/cgroup.subtree_control
kill -KILL "$(worker)"
echo 0 >/sys/fs/cgroup/vfio-run/demo/pids.max # for the leaf that it would be born in, and its keeper's
kill -INT $run
wait $run
is $? 0 "no process can be started on the way back, and the worker is dead: all is given back"
diag_file /tmp/out
like "$(cat /tmp/out)" 'no process can be started' "it says so"
echo -pids >/sys/fs/cgroup/cgroup.subtree_control
standin_profile $p guest-off-after=0
fingerprint_after "everything is back"

# ---- a launcher that is killed or stopped --------------------------------------------------------------

for signal in KILL STOP; do
	truncate -s 0 /tmp/out /tmp/strace
	strace -f -o /tmp/strace -P $vfio/bind -e inject=write:delay_enter=2000000:when=1 $own detach $LAB_GPU >/tmp/out 2>&1 &
	tracer=$!
	wait_for 60 grep -q 'write(' /tmp/strace
	launcher=$(pgrep -P $tracer)
	kill -$signal "$launcher"
	wait_for 20 drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
	ok "the launcher gets SIG$signal: its keeper goes on" wait_for 20 sh -c "flock -n $state/$kept.journal true"
	kill -CONT "$launcher" 2>/dev/null
	wait $tracer
	vfio_run attach
	is $? 0 "attach"
	fingerprint_after "everything is back"
done

vfio_run recover ../../etc/passwd
isnt $? 0 "recover of a name that is a path is refused"
leave_stale
vfio_run recover other
is "$(driver_of $LAB_GPU)" vfio-pci "recover of another name leaves this one"
vfio_run recover demo
is $? 0 "recover by name"
fingerprint_after "everything is back"
done_testing
