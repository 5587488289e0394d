# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# eject - a guest ejects the card, through ACPI or at its port: it is told, the VM runs on, all is given back at the
# end; with eject = no it keeps it
. "$LAB_DIR/lib.sh"
lab=/usr/lib/vfio-run-lab
[ -e $lab/ejects-native.bin ] || skip_all "no guest that ejects can be built here"
wait_for 20 test -e /dev/snd/controlC0

# guest NAME IMAGE MACHINE GPU-LINE: until it has ejected what it can
guest() {
	PROFILE_QEMU=qemu-system-x86_64 profile "/etc/vfio-run/$1.profile" "$4" '[display]' 'type = none' '[qemu]' \
		'argument = -bios' "argument = $lab/ejects-$2.bin" 'argument = -debugcon' 'argument = stdio' \
		'argument = -global' 'argument = isa-debugcon.iobase=0x402'
	sed -i "s/^\[vm\]/[vm]\nmachine = $3/" "/etc/vfio-run/$1.profile"
	fingerprint_before
	: >/tmp/out
	/usr/local/bin/vfio-run "$1" >/tmp/out 2>&1 &
	run=$!
	wait_for 120 grep -q 'the guest runs' /tmp/out
	wait_for 60 grep -q guest-ejected /tmp/out || diag_file /tmp/out
	qemu=$(sed -n 's/.*QEMU is process \([0-9]*\).*/\1/p' /tmp/out)
}
devices_are() { [ "$(find "/proc/$qemu/fd" -lname 'anon_inode:\[vfio-device\]' | wc -l)" = "$1" ]; }
last_event() { vfio_run status --json "$1" | grep -o '"last_event": *"[^"]*"' | cut -d'"' -f4; }
told() { grep -q 'the guest: it has ejected a device: the host gets it back when the VM ends' /tmp/out; }
ends() { # NAME WHAT
	vfio_run stop --now "$1" >&2
	wait $run
	is $? 0 "$2: exit 0"
	fingerprint_after "$2: everything is back"
}

for kind in 'acpi q35' 'native pc-q35-6.0'; do
	name=${kind%% *}
	guest "$name" "$name" "${kind#* }" 'eject = yes'
	ok "$name: QEMU lets go of both functions" wait_for 60 devices_are 0
	ok "$name: that is told" wait_for 20 told || diag_file /tmp/out
	is "$(last_event "$name")" device-deleted "$name: status has it"
	is "$(driver_of $LAB_GPU) $(driver_of $LAB_AUDIO)" 'vfio-pci vfio-pci' "$name: they stay the VM's until it ends"
	ends "$name" "$name"
done

guest kept acpi q35 'eject = no'
ok "eject = no: QEMU has both functions" devices_are 2
not_ok "eject = no: nothing is told" told
ends kept 'eject = no'
done_testing
