# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# cpus - the threads of the real QEMU run where the profile says, and its memory is where it says; four CPUs
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
export PROFILE_QEMU=qemu-system-x86_64
dd if=/dev/zero of=/home/vmuser/disk.raw bs=1M count=1 2>/dev/null
chown vmuser /home/vmuser/disk.raw

# cpus_profile FILE VM-LINE...: two virtual processors, a disk with a thread of its own
cpus_profile() {
	file=$1
	shift
	plain_profile "$file" 'memory-node = 1' "$@" '[disk]' 'path = /home/vmuser/disk.raw' '[display]' 'type = none'
	sed -i 's/^cpus = .*/cpus = 2/; s/^shutdown-timeout = .*/shutdown-timeout = 1s/' "$file"
}
# threads NAME-PATTERN: the CPUs of each such thread of QEMU, whose names it gives its threads by itself
threads() {
	for thread in /proc/"$qemu"/task/*; do
		grep -q "^Name:.$1\$" "$thread/status" &&
			sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "$thread/status"
	done 2>/dev/null | sort -u | tr '\n' ' '
}
# start NAME: until its guest runs
start() {
	$own "$1" >/tmp/out 2>&1 &
	run=$!
	wait_for 180 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
	qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
}

cpus_profile /etc/vfio-run/pinned.profile 'pin = 3,1' 'emulator-pin = 0' 'iothread-pin = 2'
cpus_profile /etc/vfio-run/far.profile 'pin = 2,4'
fingerprint_before

start pinned
is "$(threads 'CPU 0\/TCG')" '3 ' "virtual processor 0 is on CPU 3"
is "$(threads 'CPU 1\/TCG')" '1 ' "virtual processor 1 is on CPU 1"
is "$(threads 'IO iothread0')" '2 ' "the disk's thread is on CPU 2"
is "$(threads '\(qemu.*\|IO mon_.*\)')" '0 ' "QEMU's other threads are on CPU 0"
is "$(threads '.*' | tr -d '0123 ')" '' "no thread is anywhere else"
memory=$(grep -E '^[0-9a-f]+ bind:1 ' /proc/"$qemu"/numa_maps)
like "$memory" 'anon=' "the guest's memory is bound to node 1"
unlike "$memory" ' N0=[0-9]' "none of it is elsewhere"
vfio_run stop --now pinned >&2
wait $run
is $? 0 "exit 0"

out=$(vfio_run far 2>&1)
is $? 3 "a CPU that is not there: exit 3"
like "$out" 'pin \(line 10\): CPU 4 is not online; this host has 0-3' "it says which"
echo 0 >/sys/devices/system/cpu/cpu3/online
out=$(vfio_run pinned 2>&1)
is $? 3 "a CPU that is offline: exit 3"
echo 1 >/sys/devices/system/cpu/cpu3/online
fingerprint_after "everything is back"
done_testing
