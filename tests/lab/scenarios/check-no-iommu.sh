# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# check-no-iommu - without an IOMMU everything is refused, with the setting for this processor
. "$LAB_DIR/lib.sh"

profile /etc/vfio-run/demo.profile
fingerprint_before
out=$(vfio_run demo 2>&1)
is $? 3 "a run is exit 3"
like "$out" 'no IOMMU' "it says why"
out=$(vfio_run_ascii check 2>&1)
is $? 3 "check is exit 3"
like "$out" 'FAIL iommu' "the row fails"
case $(grep -m1 vendor_id /proc/cpuinfo) in
*AMD*) wanted='AMD-Vi' ;;
*) wanted='intel_iommu=on' ;;
esac
like "$out" "$wanted" "the remedy is the one for this processor"
vfio_run_ascii check --json >check.json
ok "as JSON" grep -q '"check": "iommu"' check.json
out=$(vfio_run list 2>&1)
is $? 0 "list works all the same"
like "$out" 'in no IOMMU group: the IOMMU is off' "and says it"
fingerprint_after "nothing was touched"
done_testing
