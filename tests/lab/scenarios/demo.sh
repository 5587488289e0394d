# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# demo - the story that `make demo` shows; not a test of `make check-lab`
#
# Lines for demo.awk: `= STAGE TEXT` begins a stage, `$ ` is a command, what follows its output.
. "$LAB_DIR/lib.sh"

fingerprint_before before
echo "= boot Linux $(uname -r) is up; the host's drivers have the graphics card"
echo "\$ vfio-run list gpu"
vfio_run --color=never list gpu
PROFILE_QEMU=qemu-system-x86_64 profile /etc/vfio-run/demo.profile '[qemu]' \
	'argument = -kernel' "argument = $LAB_GUEST_KERNEL" \
	'argument = -initrd' "argument = $LAB_GUEST_INITRD" \
	'argument = -append' 'argument = "console=ttyS0 loglevel=7 panic=-1 no_timer_check nowatchdog"' \
	'argument = -serial' 'argument = stdio'
sed -i 's/^memory = .*/memory = 256M/' /etc/vfio-run/demo.profile
fingerprint_before before # the profile is the demonstration's own

echo "= take vfio-run takes the card, with its audio function"
echo "\$ vfio-run demo"
vfio_run -v demo 2>&1 | tee run.log
grep -q vfio-run-guest: run.log ||
	cat /home/vmuser/.local/state/vfio-run/demo/* 2>/dev/null | tr -d '\r' | tee -a run.log |
	grep vfio-run-guest:

like "$(cat run.log)" 'vfio-run-guest: .* 1234:1111' "a whole Linux in the guest saw the card"
like "$(cat run.log)" 'vfio-run-guest: .* registers answer: 0xB0C5' "its registers answered there"
is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" "bochs-drm snd_hda_intel" "both functions are on the host's drivers"
fingerprint_after "drivers, nodes, mounts, processes: as they were"
done_testing
