# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# topology - every PC of topologies.sh is what its name says
. "$LAB_DIR/lib.sh"

ids() { cat "$PCI/$1/vendor" "$PCI/$1/device" | tr '\n' ' '; }
card_at() { is "$(ids "$1")" "0x1234 0x1111 " "a card at $1"; }
members() { find "$PCI/$1/iommu_group/devices/" -type l | wc -l; }
count() { find $PCI/ -type l | wc -l; }

case $LAB_TOPOLOGY in
dgpu)
	card_at $LAB_GPU
	is "$(ids 0000:02:00.0)" "0x1b36 0x0005 " "a device without a driver"
	;;
twins)
	card_at $LAB_GPU
	card_at 0000:02:00.0
	is "$(driver_of 0000:02:00.0)" bochs-drm "the second has its driver too"
	isnt "$(group_of $LAB_GPU)" "$(group_of 0000:02:00.0)" "each is in a group of its own"
	;;
shared-group)
	is "$(members 0000:02:01.0)" 5 "five members in the group"
	is "$(driver_of 0000:02:01.0)" bochs-drm "the card is on bochs-drm"
	is "$(driver_of 0000:02:02.0)" e1000 "the network card is on e1000"
	is "$(driver_of 0000:02:03.0)" xhci_hcd "the USB controller is on xhci_hcd"
	is "$(driver_of 0000:02:04.0)" "" "one has no driver"
	;;
boot-gpu)
	is "$(cat $PCI/$LAB_GPU/boot_vga)" 1 "the firmware booted on it"
	like "$(cat /sys/class/graphics/fb0/name)" 'EFI VGA|simple' "the firmware's framebuffer is fb0"
	like "$(cat /sys/class/vtconsole/*/name)" 'frame buffer' "a console is on it"
	is "$(driver_of $LAB_GPU)" "" "no driver yet"
	;;
amd)
	card_at $LAB_GPU
	ok "AMD-Vi" test -d /sys/class/iommu/ivhd0
	iommu=$(grep -l 0x1022 $PCI/*/vendor)
	not_ok "its own function has no group" test -e "${iommu%/vendor}/iommu_group"
	;;
held-nvme)
	ok "the disk can be mounted" hold_nvme
	like "$(cat /proc/mounts)" '^/dev/nvme0n1 /mnt ' "and is"
	umount /mnt
	;;
moved)
	is "$(ids $LAB_GPU)" "0x1b36 0x0005 " "another device at the card's address"
	card_at 0000:02:00.0
	;;
no-iommu)
	card_at $LAB_GPU
	not_ok "no groups" test -e $PCI/$LAB_GPU/iommu_group
	;;
many)
	card_at $LAB_GPU
	ok "many functions" test "$(count)" -ge 70
	diag "$(count) functions"
	;;
esac
fingerprint_before before
fingerprint_after "two fingerprints are the same"
start=$(cut -d' ' -f1 /proc/uptime)
fingerprint >/dev/null
diag "a fingerprint: from $start to $(cut -d' ' -f1 /proc/uptime) s of uptime"
done_testing
