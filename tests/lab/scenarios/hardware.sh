# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# hardware - PCIe errors and IOMMU faults while a guest has a device: `status` shows them, and so does the run's end
. "$LAB_DIR/lib.sh"
device=0000:04:00.0
where=/sys/bus/pci/devices/$device

plain_profile /etc/vfio-run/rng.profile '[display]' 'type = none' '[pci]' "device = $device" '[qemu]' 'argument = -standin' 'argument = say=hello'
ok "the device counts its errors" grep -q '^TOTAL_ERR_COR 0' $where/aer_dev_correctable
start() {
	: >/tmp/out
	/usr/local/bin/vfio-run rng >/tmp/out 2>&1 &
	run=$!
	wait_for 60 grep -q "the guest runs" /tmp/out || diag_file /tmp/out
}
end() { kill -TERM $run && wait $run; }
counted() { ! grep -q '^TOTAL_ERR_COR 0' $where/aer_dev_correctable; }
# inject CORRECTABLE NONFATAL: bits of the status registers; the kernel then sees them as a device's report
inject() {
	perl -e 'print pack("CCCxL7", 4, 0, 0, $ARGV[1], $ARGV[0], 0, 0, 0, 0, 0)' "$1" "$2" >/dev/aer_inject
}

start
vfio_run status >/tmp/status
not_ok "nothing has happened: status says nothing of it" grep -q 'PCIe errors' /tmp/status
end
not_ok "nor does the end of the run" grep -q 'PCIe errors\|the kernel says' /tmp/out

start
modprobe aer_inject
wait_for 10 test -e /dev/aer_inject
inject 1 0 # a receiver error
ok "an error is injected, and the kernel has counted it" wait_for 10 counted
like "$(vfio_run status)" "PCIe errors $device: 1 corrected, 0 nonfatal, 0 fatal, since boot" "status shows it"
like "$(vfio_run status)" 'kernel  .*AER' "and what the kernel says"
like "$(vfio_run status --json)" '"corrected": *1' "and in JSON"
end
is $? 0 "the run ends as ever"
like "$(cat /tmp/out)" "$device: PCIe errors while the guest had it: 1 corrected" "its end tells of the error"
like "$(cat /tmp/out)" 'the kernel says: .*AER' "and what the kernel said"

# A device that reads where it may not: the IOMMU keeps it from that, and the kernel has a line for it.
plain_profile /etc/vfio-run/edu.profile '[display]' 'type = none' '[pci]' 'device = 0000:05:00.0' '[qemu]' 'argument = -standin' 'argument = stray-dma'
faulted() { dmesg | grep -q 'DMAR.*05:00\.0.*fault'; }
: >/tmp/out
/usr/local/bin/vfio-run edu >/tmp/out 2>&1 &
run=$!
ok "a guest's device reads memory that it was not given: the IOMMU faults" wait_for 60 faulted
like "$(vfio_run status)" 'kernel  .*DMAR.*05:00\.0' "status shows what the kernel says of it"
unlike "$(vfio_run status)" "PCIe errors 0000:05" "no error was counted"
end
is $? 0 "the run ends as ever"
like "$(cat /tmp/out)" 'the kernel says: .*DMAR.*05:00\.0' "and its end tells of it"
done_testing
