# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# pins - the real QEMU's threads on the CPUs of the profile, huge pages under its guest, and both given back
. "$LAB_DIR/lib.sh"
pages=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages

PROFILE_QEMU=qemu-system-x86_64 plain_profile /etc/vfio-run/pins.profile 'pin = 3,1' 'emulator-pin = 2' 'hugepages = 2M' \
	'[display]' 'type = none'
sed -i 's/^cpus = .*/cpus = 2/; s/^shutdown-timeout = .*/shutdown-timeout = 1s/' /etc/vfio-run/pins.profile
fingerprint_before

: >/tmp/out
/usr/local/bin/vfio-run pins >/tmp/out 2>&1 &
run=$!
wait_for 120 grep -q 'the guest runs' /tmp/out || diag_file /tmp/out
qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
# A line a thread of QEMU's, process 1 of its own pid namespace: its number there, the CPUs it may use,
# the name that QEMU itself has given it
for status in /proc/"$qemu"/task/*/status; do
	awk '/^NSpid:/ { number = NF > 2 ? $NF : "none" }
		/^Cpus_allowed_list:/ { cpus = $2 }
		/^Name:/ { name = substr($0, 7) }
		END { print number, cpus, name }' "$status"
done 2>/dev/null | sort -n >/tmp/threads
diag_file /tmp/threads
at() { grep -E "^[0-9]+ [0-9,-]+ $1\$" /tmp/threads | cut -d' ' -f2 | sort -u | tr '\n' ' '; }
like "$(head -n 1 /tmp/threads)" '^1 2 ' "process 1 of the VM's pid namespace is on the emulator's CPU"
is "$(at 'CPU 0/TCG')" '3 ' "virtual processor 0 is on CPU 3"
is "$(at 'CPU 1/TCG')" '1 ' "virtual processor 1 is on CPU 1"
is "$(grep -v ' CPU [01]/TCG$' /tmp/threads | cut -d' ' -f2 | sort -u)" 2 "every other thread is on CPU 2"
is "$(awk '/^[0-9a-f]+-[0-9a-f]+ / { size = 0 } $1 == "Size:" { size = $2 } $1 == "KernelPageSize:" && $2 == 2048 { sum += size }
	END { print sum + 0 }' /proc/"$qemu"/smaps)" 65536 "the guest's 64 MB are mapped as pages of 2 MB"
is "$(cat $pages)" 32 "of which the host has as many"
vfio_run stop --now pins >&2
wait $run
is $? 0 "exit 0"
fingerprint_after "everything is back, the huge pages too"
rm /etc/vfio-run/pins.profile
done_testing
