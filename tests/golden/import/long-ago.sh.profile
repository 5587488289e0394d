#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   line 5: 0000:f1:00.0: taken for a graphics card; of another device write
#     [pci], one for each function
#   line 8: win.img: the path is relative: write it from / on
#   line 8: win.img: its format has to be written: `format = raw` or `qcow2`
#   line 11: smb=/home/alice: a folder is given by [share]
#   line 12: -numa node,memdev=mem is not carried over
#   line 13: [share] with `path =` and `tag = sh`: which folder virtiofsd has is
#     not in QEMU's words
#   line 14: SPICE is on a socket of the user's now:
#     `remote-viewer spice+unix:///run/vfio-run/vm/NAME/display`
#   line 15: -k de is not carried over
#   line 15: -no-reboot is not carried over
#   line 16: a second display is not carried over

[vm]
memory = 8G
hide-hypervisor = yes
cpus = 4
rtc = localtime
firmware = uefi

[gpu]
device = 0000:f1:00.0

[disk]
path = win.img
cache = writeback

[cdrom]
path = /isos/virtio.iso

[net]
mode = user
forward = tcp:3389:3389
model = e1000

[display]
type = spice
video = virtio

[audio]
backend = auto
