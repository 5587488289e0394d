#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   line 7: what the script does to drivers and consoles, a run does by itself
#   line 8: echo 1 >/sys/bus/pci/rescan: a step of the script's own: [hooks] can
#     do it, in a profile of root's
#   line 18: /vms/win10_VARS.fd: the UEFI variables begin anew; `nvram = FILE`
#     takes these, where the firmware is the same
#   line 26: 0000:f5:00.0: of a graphics card write [gpu] in the place of [pci]
#   line 36: -fw_cfg opt/ovmf/X-PciMmio64Mb,string=65536 is not carried over
#   line 39: $@: not known without running the script

[vm]
affinity = 2-13
name = win10
cpu = host,topoext=on
hyperv = yes
hide-hypervisor = yes
threads = 2
cpus = 12
memory = 16G
rtc = localtime
firmware = uefi

[disk]
path = /vms/win10.qcow2
cache = none

[gpu]
device = 0000:f1:00.0
primary = yes
rom = /home/alice/vbios.rom

[pci]
device = 0000:f5:00.0

[input]
evdev = /dev/input/by-id/usb-Maker_Board-event-kbd

[net]
mode = tap
tap = tap0
mac = 52:54:00:12:34:56

[looking-glass]
size = 64M

[audio]
backend = pulse

[display]
video = none
type = none
