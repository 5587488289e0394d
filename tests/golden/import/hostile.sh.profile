#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   2 commands of QEMU's are in it: the first that starts a VM was read
#   line 6: -m: $MEMORY: not known without running the script
#   line 6: -smp: $(nproc): not known without running the script
#   line 6: the name "$(hostname)" is none that a VM can have: the profile's
#     file names it
#   line 7: -device: vfio-pci,host=$CARD: not known without running the script
#   line 7: -object: input-linux,evdev=`ls /dev/input`: not known without
#     running the script
#   line 7: -device
#     usb-host,hostbus=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
#     is not carried over
#   line 8: -cpu: host?# no comment: not known without running the script
#   line 9: stray is not carried over

[vm]
memory = 8G
firmware = bios

[disk]
path = /x/a.qcow2
bus = sata

[net]
mode = user
