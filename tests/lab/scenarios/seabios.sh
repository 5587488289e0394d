# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# seabios - the real QEMU with a guest that knows nothing of power buttons; on any IOMMU
. "$LAB_DIR/lib.sh"
own=/usr/local/bin/vfio-run
export PROFILE_QEMU=qemu-system-x86_64

profile /etc/vfio-run/bios.profile '[display]' 'type = none'
sed -i 's/^shutdown-timeout = .*/shutdown-timeout = 3s/' /etc/vfio-run/bios.profile
osk=$(printf %064d 7)
echo "$osk" >/home/vmuser/osk.txt && chmod 644 /home/vmuser/osk.txt
agent=/run/vfio-run/vm/bios/agent
sed -i 's|^shutdown-timeout|guest-agent = yes\napple-smc = /home/vmuser/osk.txt\n&|' /etc/vfio-run/bios.profile
profile /etc/vfio-run/uefi.profile
sed -i 's/^firmware = .*/firmware = uefi/' /etc/vfio-run/uefi.profile
profile /etc/vfio-run/bad.profile '[qemu]' 'argument = -machine' 'argument = no-such-machine'
fingerprint_before

# start NAME: until its guest runs
start() {
	: >/tmp/out
	$own "$1" >/tmp/out 2>&1 &
	run=$!
	wait_for 120 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
	qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
}
devices_of() { find "/proc/$1/fd" -lname 'anon_inode:\[vfio-device\]' 2>/dev/null | wc -l; }

start bios
is "$(devices_of "$qemu")" 2 "QEMU has both functions"
is "$(tr '\0' '\n' <"/proc/$qemu/cmdline" | grep -c '^-S$')" 1 "it was started stopped"
is "$(stat -c '%a %U %F' $agent)" "600 vmuser socket" "the guest agent's socket is its user's alone"
is "$(tr '\0' ' ' <"/proc/$qemu/cmdline" | grep -c "$osk")" 0 "no process list shows the string of the Apple SMC"
kill -INT $run
wait $run
is $? 0 "no reaction to the power button: quit after shutdown-timeout, exit 0"
like "$(cat /tmp/out)" 'telling QEMU to quit' "it says so"
not_ok "the guest agent's socket is gone" test -e $agent
fingerprint_after "everything is back"

start uefi
is "$(devices_of "$qemu")" 2 "with UEFI: QEMU has both functions"
is "$(stat -c '%U %a' /home/vmuser/.local/state/vfio-run/uefi/VARS.fd)" "vmuser 600" "the variables are the user's own copy"
kill -TERM $run
wait_for 10 grep -q "powering the guest down" /tmp/out
kill -TERM $run
wait $run
is $? 0 "asked twice: exit 0"
fingerprint_after "everything is back"

# A port with hot-plug of its own: firmware sees what was added only after a reset. Its words go to QEMU's.
profile /etc/vfio-run/native.profile '[display]' 'type = none' '[qemu]' 'argument = -debugcon' 'argument = stdio' \
	'argument = -global' 'argument = isa-debugcon.iobase=0x402'
sed -i 's/^\[vm\]/[vm]\nmachine = pc-q35-6.0/' /etc/vfio-run/native.profile
fingerprint_before
start native
wait_for 60 grep -q 'init bdf=01:00.1' /tmp/out
words=$(cat /tmp/out)
like "$words" 'map device bdf=01:00.0 *bar 0, addr ' "with native hot-plug: the firmware gives the card its memory"
like "$words" 'map device bdf=01:00.1 *bar 0, addr ' "and its second function"
kill -KILL "$qemu"
wait $run
fingerprint_after "everything is back"

start bios
kill -KILL "$qemu"
wait $run
is $? 1 "kill -9 of QEMU: exit 1"
fingerprint_after "everything is back"

out=$(vfio_run bad 2>&1)
is $? 1 "QEMU rejects an argument: exit 1"
like "$out" '^bad: qemu-system-x86_64: unsupported machine type' "its words are shown"
fingerprint_after "everything is back"
done_testing
