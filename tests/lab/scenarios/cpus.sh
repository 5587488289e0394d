# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# cpus - the threads of the real QEMU run where the profile says, alone there, and its memory is where it says
# init: systemd
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
export PROFILE_QEMU=qemu-system-x86_64
slice=/sys/fs/cgroup/vfiorun_pinned.slice
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
# policies NAME-PATTERN: the scheduling policy of each; proc(5), field 41
policies() {
	for thread in /proc/"$qemu"/task/*; do
		grep -q "^Name:.$1\$" "$thread/status" && sed 's/.*) //' "$thread/stat" | cut -d' ' -f39
	done 2>/dev/null | sort -u | tr '\n' ' '
}
# start NAME: until its guest runs
start() {
	: >/tmp/out
	$own "$1" >/tmp/out 2>&1 &
	run=$!
	wait_for 900 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
	qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
}
# left: the CPUs that all other units have
left() { cat /sys/fs/cgroup/system.slice/cpuset.cpus.effective 2>/dev/null || cat /sys/fs/cgroup/cpuset.cpus.effective; }

cpus_profile /etc/vfio-run/pinned.profile 'pin = 3,1' 'emulator-pin = 2' 'realtime = yes'
printf '%s\n' '[host]' 'isolate-cpus = yes' >>/etc/vfio-run/pinned.profile
cpus_profile /etc/vfio-run/far.profile 'pin = 2,4'
# it may be started anew when the host is slow, with other names for its /tmp
mkdir -p /run/systemd/system/systemd-logind.service.d
printf '[Service]\nPrivateTmp=no\n' >/run/systemd/system/systemd-logind.service.d/lab.conf
systemctl daemon-reload
systemctl start dbus systemd-logind >&2
wait_for 60 systemd-inhibit --list
fingerprint_before

start pinned
is "$(threads 'CPU 0\/TCG')" '3 ' "pin: virtual processor 0 is on CPU 3"
is "$(threads 'CPU 1\/TCG')" '1 ' "virtual processor 1 is on CPU 1"
is "$(threads '\(qemu.*\|IO .*\)')" '2 ' "all other threads are on CPU 2"
memory=$(grep -E '^[0-9a-f]+ bind:1 ' /proc/"$qemu"/numa_maps)
like "$memory" 'anon=' "the guest's memory is bound to node 1"
unlike "$memory" ' N0=[0-9]' "none of it is elsewhere"
is "$(policies 'CPU .*')" '1 ' "realtime: the virtual processors are SCHED_FIFO"
is "$(policies '\(qemu.*\|IO .*\)')" '0 ' "and no other thread is"
like "$(cat /proc/"$qemu"/cgroup)" '/vfiorun_pinned\.slice/' "QEMU is in a slice of its own"
is "$(left)" 0 "all else has CPU 0"
systemctl daemon-reload
is "$(cat $slice/cpuset.cpus.partition) $(left)" 'root 0' "after a daemon-reload too"
like "$(systemd-inhibit --list --no-pager 2>&1)" 'vfio-run.*sleep:handle-lid-switch.*the virtual machine pinned runs' \
	"logind does not let the host sleep"
vfio_run stop --now pinned >&2
wait $run
is $? 0 "exit 0"
is "$(left)" 0-3 "all CPUs are back"

start pinned
is "$(left)" 0 "again"
# shellcheck disable=SC2046 # one word each
kill_all $run $(pgrep -x vfio-standby)
wait $run
wait_for 120 sh -c '! pgrep -x qemu-system-x86'
vfio_run recover >&2
is $? 0 "everything killed: recover"
is "$(left)" 0-3 "all CPUs are back"
unlike "$(systemd-inhibit --list --no-pager 2>&1)" 'vfio-run' "the host may sleep again"

out=$(vfio_run far 2>&1)
is $? 3 "a CPU that is not there: exit 3"
like "$out" 'pin \(line 10\): CPU 4 is not online; this host has 0-3' "it says which"
# Huge pages of a node, and the interrupts of the host off the VM's CPUs.
cpus_profile /etc/vfio-run/paged.profile 'hugepages = 2M' 'pin = 2,3'
printf '%s\n' '[host]' 'irq-affinity = away' >>/etc/vfio-run/paged.profile
# on CPUS: how many interrupts that can be moved, and are of something, may go to one of them
on() {
	for irq in /proc/irq/*/; do
		find "$irq" -mindepth 1 -type d | grep -q . && grep -Eq "$1" "$irq/smp_affinity_list" && echo x
	done | wc -l
}
pages() { tr '\n' ' ' </sys/devices/system/node/node"$1"/hugepages/hugepages-2048kB/nr_hugepages; }
before=$(on '[23]')
like "$before" '[1-9]' "interrupts go to any CPU"
like "$(vfio_run -n paged)" 'CPUs of interrupts [0-9,-]*: 0-3 -> 0-1' "the dry run shows them"
start paged
like "$(grep huge /proc/"$qemu"/numa_maps)" 'bind:1 .*huge .* N1=32 ' "the guest's huge pages are node 1's"
is "$(pages 0)$(pages 1)" '0 32 ' "only that node has got some"
is "$(on '[23]')" "$(on '^[23]')" "interrupts that can be moved are off CPUs 2 and 3"
plain_profile /etc/vfio-run/any.profile 'hugepages = 2M' '[display]' 'type = none'
like "$(vfio_run any 2>&1)" 'another VM needs it to be something else' "huge pages of any node beside them: refused"
kill -9 $run
wait $run
wait_for 120 sh -c '! pgrep -x qemu-system-x86 && ! pgrep -x vfio-standby'
is "$(pages 0)$(pages 1)" '0 0 ' "keeper killed: no page is left"
is "$(on '[23]')" "$before" "and the interrupts go to all CPUs"
rm /etc/vfio-run/paged.profile /etc/vfio-run/any.profile
# what `make check` has no time for
if [ -n "$LAB_ALL" ]; then
	cpus_profile /etc/vfio-run/loose.profile 'affinity = 1,3' 'emulator-pin = 0' 'iothread-pin = 2'
	start loose
	is "$(threads 'CPU [01]\/TCG')" '1,3 ' "affinity: the virtual processors may use CPUs 1 and 3"
	is "$(threads 'IO iothread0')" '2 ' "the disk's thread is on CPU 2"
	is "$(threads '\(qemu.*\|IO mon_.*\)')" '0 ' "QEMU's other threads are on CPU 0"
	is "$(threads '.*' | tr -d '0123, ')" '' "no thread is anywhere else"
	vfio_run stop --now loose >&2
	wait $run
	is $? 0 "exit 0"
fi
fingerprint_after "everything is back"
done_testing
