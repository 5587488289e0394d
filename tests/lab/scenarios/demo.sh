# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# demo - the story that `make demo` shows; not a test of `make check-lab`
. "$LAB_DIR/lib.sh"

heading() { echo "= $*"; }
card() { lspci -nnk -s 01:00; }

heading "1. The PC is up: Linux $(uname -r). Its graphics card, with the host's own drivers:"
echo "\$ lspci -nnk -s 01:00"
card
fingerprint_before before

heading "2. A profile: what the VM is, and which card it gets"
mkdir -p /etc/vfio-run
PROFILE_QEMU=qemu-system-x86_64 profile /etc/vfio-run/demo.profile '[qemu]' \
	'argument = -kernel' "argument = $LAB_GUEST_KERNEL" \
	'argument = -initrd' "argument = $LAB_GUEST_INITRD" \
	'argument = -append' 'argument = "console=ttyS0 quiet panic=-1 no_timer_check"' \
	'argument = -serial' 'argument = stdio'
sed -i 's/^memory = .*/memory = 256M/' /etc/vfio-run/demo.profile
fingerprint_before before # the profile is the demonstration's own
cat /etc/vfio-run/demo.profile

heading "3. vfio-run takes the card, starts the guest, and waits for it"
echo "\$ vfio-run demo"
vfio_run -v demo 2>&1 | tee run.log
grep -q vfio-run-guest: run.log ||
	cat /home/vmuser/.local/state/vfio-run/demo/* 2>/dev/null | tr -d '\r' | tee -a run.log |
	grep vfio-run-guest:

heading "4. Afterwards"
echo "\$ lspci -nnk -s 01:00"
card
like "$(cat run.log)" 'vfio-run-guest: .* 1234:1111' "a whole Linux in the guest saw the card"
like "$(cat run.log)" 'vfio-run-guest: .* registers answer: 0xB0C5' "and its registers answered there"
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "bochs-drm snd_hda_intel" "both functions are on their host drivers"
fingerprint_after "drivers, nodes, mounts, processes: the host is exactly as it was"
done_testing
