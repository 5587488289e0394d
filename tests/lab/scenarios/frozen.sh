# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# frozen - a file system behind stderr, stdin, another descriptor or the VM's log that does not
# answer: frozen (nobody can write, and no signal ends who tries), or a stopped server's (nobody
# can even close). The devices come back while it is so, whatever ends the VM.
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
state=/home/vmuser/.local/state/vfio-run
processes='^(vfio-run|vfio-standby|vfio-qmp|w:|qemu-standin)'

modprobe -a loop ext4 fuse
mkdir -p /mnt/frozen
busybox dd if=/dev/zero of=/tmp/frozen.img bs=1M count=8 2>/dev/null
busybox mke2fs -F /tmp/frozen.img >&2
mount -t ext4 -o loop /tmp/frozen.img /mnt/frozen || skip_all "no file system that can be frozen"
: >/tmp/served
: >/tmp/fuse
fuse-file /tmp/served >/tmp/fuse 2>&1 &
server=$!
wait_for 20 grep -q mounted /tmp/fuse || diag_file /tmp/fuse
mkdir -p $state /mnt/frozen/state
chown -R vmuser:vmuser /home/vmuser /mnt/frozen/state
mount --bind /mnt/frozen/state $state
standin_profile /etc/vfio-run/demo.profile say=hello
standin_profile /etc/vfio-run/loud.profile chatter
standin_profile /etc/vfio-run/crashes.profile crash-after-cont=1
vfio_run detach $LAB_GPU >&2 && vfio_run attach >&2 # the modules are there from now on
wait_for 20 test -e /dev/snd/controlC0
fingerprint_before

freeze() { fsfreeze -f /mnt/frozen; }
thaw() { fsfreeze -u /mnt/frozen; }
stop_server() { kill -STOP $server; }
continue_server() { kill -CONT $server; }
child_of() { pgrep -P "$1" "$2"; }
# begun: the VM that was just started runs; $qemu and $standby are its
begun() {
	run=$!
	wait_for 60 grep -q running /run/vfio-run/vm/demo/status || fail "the VM does not run"
	qemu=$(pgrep -x qemu-standin)
	standby=$(pgrep -P $run vfio-standby)
}
is_back() { drivers_are bochs-drm $LAB_GPU && drivers_are snd_hda_intel $LAB_AUDIO && [ ! -e /run/vfio-run/vm ]; }
ended() { ! pgrep "$processes"; }
# back TITLE CODE UNDO: devices and processes, while nothing answers; then the rest
back() {
	ok "$1: the devices come back meanwhile" wait_for 40 is_back
	ok "and nobody waits for the words" wait_for 20 ended
	for pid in $(pgrep "$processes"); do diag "$(cat "/proc/$pid/comm" "/proc/$pid/wchan")"; done
	$3
	wait $run
	is $? "$2" "exit code $2"
	fingerprint_after "everything is back"
}
# end_by WAY
end_by() {
	case $1 in
	guest) vfio_run stop demo >/tmp/stop 2>&1 & ;;
	QEMU) kill -KILL "$qemu" ;;
	keeper) kill -KILL $run ;;
	both) kill -KILL "$qemu" $run ;;
	esac
}
# none_of PATTERN NAME: no process of the VM has a descriptor, or stands, there
none_of() {
	for pid in $(pgrep "$processes"); do ls -l "/proc/$pid/fd" "/proc/$pid/cwd"; done >/tmp/open 2>/dev/null
	unlike "$(cat /tmp/open)" "$1" "$2"
}

# 1. stderr is a file
for way in guest:0 QEMU:1 keeper:137 both:137; do
	rm -f /mnt/frozen/log
	(cd /mnt/frozen && exec $own demo >log 2>&1) &
	begun
	none_of /mnt/frozen "nobody who is needed has anything open there, or stands there"
	freeze
	end_by ${way%:*}
	back "stderr is on a frozen file system, the end comes by ${way%:*}" ${way#*:} thaw
	ok "and the words are there" wait_for 10 grep -q 'everything is back as it was' /mnt/frozen/log
done

# 2. closing waits too: stdin, stdout, stderr and another one
# shellcheck disable=SC2094 # that is the point
for way in guest:0 keeper:137; do
	$own demo </tmp/served >/tmp/served 2>&1 9<>/tmp/served &
	begun
	none_of /tmp/served "no descriptor of the caller's is left"
	stop_server
	end_by ${way%:*}
	back "the caller's descriptors are a dead server's, the end comes by ${way%:*}" ${way#*:} continue_server
done

# 3. the VM's log
for way in guest:0 keeper:137; do
	: >/tmp/out
	$own loud >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q 'the guest runs' /tmp/out || diag_file /tmp/out
	qemu=$(pgrep -x qemu-standin)
	none_of "$state" "the log is nobody's who is needed"
	freeze
	wait_for 3 false # QEMU goes on talking
	vfio_run status loud >&2
	is $? 0 "the log is on a frozen file system: the VM is served"
	case $way in guest:*) vfio_run stop loud >/tmp/stop 2>&1 & ;; *) end_by ${way%:*} ;; esac
	back "and ends by ${way%:*}" ${way#*:} thaw
done
ok "what QEMU said is in its log" grep -q 'Z qemu-standin: still here' $state/loud/qemu.log
diag "$(tail -n 3 $state/loud/qemu.log)"

# 4. a core is taken by a program that hangs
printf '#!/bin/sh\nexec sleep 1000\n' >/tmp/hang
chmod 0755 /tmp/hang
cat /proc/sys/kernel/core_pattern >/tmp/pattern
echo '|/tmp/hang' >/proc/sys/kernel/core_pattern
echo 4 >/proc/sys/kernel/core_pipe_limit
: >/tmp/out
$own crashes >/tmp/out 2>&1 &
run=$!
ok "QEMU crashes" wait_for 60 grep -q 'QEMU was ended by signal' /tmp/out
back "whoever takes its core hangs" 1 true
cat /tmp/pattern >/proc/sys/kernel/core_pattern
echo 0 >/proc/sys/kernel/core_pipe_limit

# 5. vfio-run itself hangs: what it has begun goes on
# back_behind WHAT: vfio-run may hang, its keeper does not
back_behind() {
	ok "$1 likewise: the devices come back meanwhile" wait_for 40 is_back
	thaw
	wait $run
	is $? 0 "exit 0"
	fingerprint_after "everything is back"
}
exec 8>/mnt/frozen/log # with O_CREAT this would wait too
freeze
vfio_run detach $LAB_GPU >&8 2>&8 &
run=$!
ok "a detach whose words are not taken" wait_for 40 drivers_are vfio-pci $LAB_GPU $LAB_AUDIO
thaw
wait $run
is $? 0 "exit 0"
freeze
vfio_run attach >&8 2>&8 &
run=$!
back_behind "an attach"
: >/tmp/out
$own demo >/tmp/out 2>&1 &
begun
kill_all "$standby" $run
wait_for 20 ended
freeze
vfio_run recover >&8 2>&8 &
run=$!
back_behind "a recover"
done_testing
