# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# guest-ejects - a real Linux in a real QEMU powers the card's slot off, by either kind of hot-plug, and goes on; with
# eject = no it finds no such slot
. "$LAB_DIR/lib.sh"

# linux NAME MACHINE GPU-LINE: what was said in $out
linux() {
	PROFILE_QEMU=qemu-system-x86_64 profile "/etc/vfio-run/$1.profile" "$3" '[qemu]' \
		'argument = -kernel' "argument = $LAB_GUEST_KERNEL" \
		'argument = -initrd' "argument = $LAB_GUEST_INITRD" \
		'argument = -append' 'argument = "console=ttyS0 quiet panic=-1 no_timer_check vfio-run-eject"' \
		'argument = -serial' 'argument = stdio'
	sed -i "s/^memory = .*/memory = 256M/; s/^\[vm\]/[vm]\nmachine = $2/" "/etc/vfio-run/$1.profile"
	fingerprint_before
	out=$(vfio_run "$1" 2>&1)
	is $? 0 "$1: the guest powers off: exit 0"
	like "$out" 'vfio-run-guest: .*registers answer: 0xB0C5' "$1: it had the card"
	fingerprint_after "$1: everything is back"
}
for kind in 'acpi q35' 'native pc-q35-6.0'; do
	linux "${kind%% *}" "${kind#* }" 'eject = yes'
	like "$out" 'vfio-run-guest: ejecting slot' "${kind%% *}: it ejects it"
	unlike "$out" 'left: .*(0x1111|0x293e)' "${kind%% *}: both functions are gone in the guest"
	like "$out" 'the guest: it has ejected a device: the host gets it back' "${kind%% *}: that is told"
done
linux kept q35 'eject = no'
unlike "$out" 'ejecting slot|has ejected' "eject = no: there is no slot to be powered off"
like "$out" 'left: .*0x1111' "eject = no: it has it to its end"
done_testing
