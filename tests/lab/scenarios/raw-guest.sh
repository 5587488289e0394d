# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# raw-guest - proves the nested guest, without vfio-run: a whole Linux gets the card
. "$LAB_DIR/lib.sh"

modprobe vfio-pci
for device in $LAB_AUDIO $LAB_GPU; do
	printf vfio-pci >$PCI/$device/driver_override
	printf %s $device >$PCI/$device/driver/unbind
done
for device in $LAB_GPU $LAB_AUDIO; do
	printf %s $device >/sys/bus/pci/drivers/vfio-pci/bind
done
timeout 400 qemu-system-x86_64 -machine q35,accel=tcg -cpu max -m 256 -nodefaults -display none \
	-no-reboot -kernel "$LAB_GUEST_KERNEL" -initrd "$LAB_GUEST_INITRD" \
	-append "console=ttyS0 quiet panic=-1 no_timer_check" -serial file:guest.log \
	-device '{"driver":"vfio-pci","host":"0000:01:00.0","bus":"pcie.0","addr":"3.0","multifunction":true}' \
	-device '{"driver":"vfio-pci","host":"0000:01:00.1","bus":"pcie.0","addr":"3.1"}' >&2
is $? 0 "QEMU ended well"
like "$(cat guest.log)" 'vfio-run-guest: 0000:00:03.0 1234:1111' "the guest has the card"
like "$(cat guest.log)" 'vfio-run-guest: 0000:00:03.1 8086:' "and its audio function"
like "$(cat guest.log)" 'registers answer: 0xB0C5' "the card's registers answer in the guest"
diag "guest log:"
diag_file guest.log
done_testing
