#!/bin/sh
X=$(touch /tmp/import-was-here)
Y=`touch /tmp/import-was-here`
A=aaaaaaaaaaaaaaaa
B="$A$A$A$A$A$A$A$A"
qemu-system-x86_64 -m $MEMORY -smp $(nproc) -name "$(hostname)" -drive file=${DIR:-/x}/a.qcow2 \
	-device vfio-pci,host=$CARD -object input-linux,evdev=`ls /dev/input` -m "8G" -device usb-host,hostbus=$B \
	-cpu 'host
# no comment' stray; rm -rf /
qemu-system-x86_64 -m 1G -smp 1 -cpu max -vga std
