#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   line 13: what the script does to drivers and consoles, a run does by itself
#   line 29: -overcommit mem-lock=on is not carried over
#   line 31: -global kvm-pit.lost_tick_policy=discard is not carried over
#   line 34: $HOME/vms/win10/OVMF_VARS.fd: the UEFI variables begin anew;
#     `nvram = FILE` takes these, where the firmware is the same
#   line 50: a USB device by its number on the bus: `vfio-run list usb` shows
#     ids and ports
#   line 57: the TPM's state is not taken over
#   line 59: a folder by 9p is by virtiofs now: a Linux guest mounts it with
#     `-t virtiofs`
#   line 62: $@: not known without running the script

[vm]
affinity = 2-7,14-19
name = win10
cpu = host,topoext,+invtsc,-svm,migratable=no
hyperv = yes
hide-hypervisor = yes
threads = 2
cpus = 12
memory = 16G
hugepages = yes
rtc = localtime
firmware = uefi

[disk]
path = /dev/disk/by-id/nvme-Samsung_SSD_970
cache = none
aio = native
queues = 4
boot-index = 1

[disk]
path = /data/d.qcow2
bus = sata
serial = ABC

[gpu]
device = 0000:fa:00.0
primary = yes
rom = /home/alice/gpu.rom

[pci]
device = 0000:fc:00.3

[net]
mode = tap
tap = tap0
mac = 52:54:00:12:34:56
queues = 4

[usb]
device = 046d:c52b

[input]
evdev = /dev/input/by-id/usb-kbd-event-kbd

[input]
evdev = /dev/input/by-id/usb-mouse-event-mouse

[audio]
backend = pulse

[display]
video = none
type = none

[tpm]
version = 2.0

[share]
path = /home/alice/share
tag = host0
