#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   line 10: disk_size=128G is not carried over
#   line 11: 2 forwarded ports are not carried over: that takes `mode = user`,
#     and on a bridge the guest has an address of its own
#   line 12: the public folder is by virtiofs now: a Linux guest mounts it with
#     `-t virtiofs Public`
#   line 17: macos_release=ventura is not carried over
#   line 18: width=1920 is not carried over
#   line 20: keyboard=usb is not carried over

[vm]
hyperv = yes
rtc = localtime
firmware = uefi-secure
memory = 8G
cpus = 4

[net]
mode = bridge
bridge = br0

[disk]
path = /FOLDER/windows-11/disk.qcow2

[cdrom]
path = /FOLDER/windows-11/windows-11.iso

[cdrom]
path = /FOLDER/windows-11/virtio-win.iso

[tpm]
version = 2.0

[share]
path = /home/alice/Public
tag = Public

[usb]
device = 046d:082d

[usb]
device = 046d:085e

[display]
type = spice
