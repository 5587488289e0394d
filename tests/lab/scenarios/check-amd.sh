# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# check-amd - AMD-Vi: its own function is in no group, and is refused by name
. "$LAB_DIR/lib.sh"
vendor=$(grep -l 0x1022 $PCI/*/vendor)
iommu=$(basename "${vendor%/vendor}")

plain_profile /etc/vfio-run/demo.profile "[display]" "type = none" "[pci]" "device = $iommu"
fingerprint_before
out=$(vfio_run demo 2>&1)
is $? 3 "a run with $iommu is exit 3"
like "$out" "$iommu .*1022:[0-9a-f]{4}.* is in no IOMMU group" "it says so"
like "$out" "another device: the IOMMU does not cover this one" "and that the IOMMU itself is on"
out=$(vfio_run_ascii check demo 2>&1)
is $? 3 "check is exit 3"
like "$out" 'ok +iommu' "the IOMMU is on"
like "$out" "FAIL group +$iommu" "the row is group"
fingerprint_after "nothing was touched"

standin_profile /etc/vfio-run/card.profile guest-off-after=1
out=$(vfio_run card 2>&1)
is $? 0 "the card goes to a guest on AMD-Vi as on VT-d"
fingerprint_same || fingerprint_before
is "$(driver_of $LAB_GPU)" bochs-drm "and is back"
done_testing
