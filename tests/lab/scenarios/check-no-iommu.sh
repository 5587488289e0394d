# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# check-no-iommu - without an IOMMU every device is refused, with the setting for this processor;
# a VM without any runs
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

# ---- a VM without host devices: neither an IOMMU nor VFIO is asked for; the real QEMU -----------

PROFILE_QEMU=qemu-system-x86_64 plain_profile /etc/vfio-run/bare.profile '[display]' 'type = none'
sed -i 's/^shutdown-timeout = .*/shutdown-timeout = 1s/' /etc/vfio-run/bare.profile
modules=$(cut -d' ' -f1 /proc/modules)
fingerprint_before
out=$(vfio_run_ascii check bare 2>&1)
is $? 0 "check: a VM without devices can run"
unlike "$out" 'iommu|modules|sysfs' "and says nothing of what only devices need"
out=$(vfio_run -n bare 2>&1)
is $? 0 "so says the dry run"
unlike "$out" 'vfio/vfio|module' "it changes nothing, and hands out no VFIO"
: >/tmp/out
/usr/local/bin/vfio-run bare >/tmp/out 2>&1 &
run=$!
ok "its guest runs" wait_for 120 grep -q 'the guest runs' /tmp/out
kill -INT $run
wait $run
is $? 0 "and ends"
is "$(cut -d' ' -f1 /proc/modules)" "$modules" "no module was loaded for it"
fingerprint_after "nothing is left of it"
done_testing
