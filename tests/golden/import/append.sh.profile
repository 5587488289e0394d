#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   line 4: the machine pc-i440fx-5.2 is q35 now: Windows may want to be
#     activated again
#   line 8: disk.img: the path is relative: write it from / on
#   line 8: disk.img: its format has to be written: `format = raw` or `qcow2`
#   line 12: SPICE is on a socket of the user's now:
#     `remote-viewer spice+unix:///run/vfio-run/vm/NAME/display`
#   line 13: -watchdog-action reset is not carried over

[vm]
memory = 4G
threads = 2
cpus = 4
firmware = bios

[disk]
path = disk.img
bus = sata

[cdrom]
path = /isos/debian.iso

[net]
mode = user
forward = tcp:2222:22
forward = udp:5000:5001
model = e1000

[usb]
device = 046d:c52b

[usb]
device = 1-2.3

[display]
video = qxl
type = spice
