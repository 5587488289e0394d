# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# at-boot - `detach --at-boot`: of two equal cards one is on vfio-pci when udev has gone over the devices
# packages: udev
. "$LAB_DIR/lib.sh"
rules=/etc/udev/rules.d/10-vfio-run.rules
second="0000:02:00.0 0000:02:00.1"
use_packages
udevd=/lib/systemd/systemd-udevd
[ -x $udevd ] || skip_all "udev: $(cat "${LAB_PACKAGES:-/nonexistent}/why" 2>/dev/null || echo 'not to be had')"
mkdir -p /etc/udev/rules.d

# boot: as the devices are before any module is loaded, and then what udev makes of them.
boot() {
	modprobe -r snd_hda_intel bochs vfio_pci
	[ -z "$early" ] || modprobe $early
	for d in "$PCI"/*; do [ -e "$d/driver" ] || echo >"$d/driver_override"; done
	$udevd --daemon >&2
	udevadm trigger --action=add --subsystem-match=pci >&2
	udevadm settle >&2
	udevadm control --exit >&2 # its workers come and go
}

early=
boot
# shellcheck disable=SC2086 # two addresses each
ok "without rules both cards are on the host's drivers" drivers_are bochs-drm 0000:01:00.0 0000:02:00.0

fingerprint_before
out=$(vfio_run detach --at-boot -n 02:00.0 2>&1)
is $? 0 "detach --at-boot -n"
like "$out" "$rules, a new file" "shows what it would write"
not_ok "and writes nothing" test -e $rules
out=$(vfio_run detach --at-boot 02:00.0 2>&1 </dev/null)
is $? 3 "without a terminal and -y the answer is no"
not_ok "and nothing is written" test -e $rules
mkdir -p /etc/driverctl.d
echo vfio-pci >/etc/driverctl.d/0000:02:00.0
for switch in -n -y; do
	out=$(vfio_run detach --at-boot $switch 02:00.0 2>&1)
	is $? 3 "what is refused now and lasts is refused with $switch"
	like "$out" 'driverctl wants it on' "and says why"
done
rm -r /etc/driverctl.d
not_ok "and nothing is written" test -e $rules
for switch in --json --for=vmuser; do
	vfio_run detach --at-boot -n $switch 02:00.0 >/tmp/out 2>&1
	is $? 2 "detach --at-boot -n $switch is bad use"
done
out=$(vfio_run detach --at-boot -y 02:00.0 2>&1)
is $? 0 "detach --at-boot -y"
like "$out" 'from the next boot on' "it says from when on it counts"
ok "nothing happens to the card now" drivers_are bochs-drm 0000:02:00.0
fingerprint_after "nor to the rest of the host"

for i in 1 2 3; do
	boot
	# shellcheck disable=SC2086
	ok "boot $i: the card and its sound are on vfio-pci" drivers_are vfio-pci $second
	is "$(driver_of 0000:01:00.0) $(driver_of 0000:01:00.1)" "bochs-drm snd_hda_intel" "its twin is not"
done
early=vfio_pci
boot
# shellcheck disable=SC2086
ok "vfio-pci is there before the event: likewise" drivers_are vfio-pci $second
early=
unlike "$(vfio_run list 2>&1)" 'no journal says why' "list knows why"

standin_profile /etc/vfio-run/demo.profile guest-off-after=1
sed -i "s/^device = .*/device = 02:00.0/" /etc/vfio-run/demo.profile
fingerprint_before
vfio_run demo >/tmp/out 2>&1
is $? 0 "a run takes it from there" || diag_file /tmp/out
# shellcheck disable=SC2086
ok "and leaves it there" drivers_are vfio-pci $second
fingerprint_after "all is as it was"

sed -i 's/0x1111/0x1112/' $rules
boot
ok "another device at that address: it is left to its driver" drivers_are bochs-drm 0000:02:00.0
sed -i 's/0x1112/0x1111/' $rules
out=$(vfio_run attach --at-boot -y 01:00.0 2>&1)
like "$out" 'nothing sends it to vfio-pci' "attach --at-boot of another card: nothing to take away"
out=$(vfio_run attach --at-boot -y 02:00.0 2>&1)
is $? 0 "attach --at-boot -y"
not_ok "the rules are gone" test -e $rules
boot
ok "so both are on the host's drivers again" drivers_are bochs-drm 0000:01:00.0 0000:02:00.0
vfio_run setup --undo >/tmp/out 2>&1
is $? 0 "setup --undo finds nothing that was edited"
done_testing
