# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# guest - the whole thing: a real Linux in a real QEMU has the card, powers off, all is back
. "$LAB_DIR/lib.sh"

PROFILE_QEMU=qemu-system-x86_64 profile /etc/vfio-run/linux.profile '[qemu]' \
	'argument = -kernel' "argument = $LAB_GUEST_KERNEL" \
	'argument = -initrd' "argument = $LAB_GUEST_INITRD" \
	'argument = -append' 'argument = "console=ttyS0 quiet panic=-1 no_timer_check"' \
	'argument = -serial' 'argument = stdio'
sed -i 's/^memory = .*/memory = 256M/' /etc/vfio-run/linux.profile
fingerprint_before

out=$(vfio_run linux 2>&1)
is $? 0 "the guest powers off: exit 0"
like "$out" 'linux: .*vfio-run-guest: 0000:[0-9a-f]*:00.0 1234:1111' "the guest sees the card"
like "$out" 'linux: .*vfio-run-guest: 0000:[0-9a-f]*:00.1 8086:293e' "and its audio function, in the same slot"
like "$out" 'vfio-run-guest: .*registers answer: 0xB0C5' "the card's registers answer in the guest"
like "$out" 'linux: the guest powered off' "vfio-run saw it power off"
fingerprint_after "everything is back"
diag "$out"
done_testing
