#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   line 3: what the script does to drivers and consoles, a run does by itself
#   line 6: nice -n -10 before QEMU is not carried over
#   line 8: /vms/VARS.fd: the UEFI variables begin anew; `nvram = FILE` takes
#     these, where the firmware is the same
#   line 9: -blockdev
#     {"driver":"host_device","node-name":"f0","filename":"/dev/vg0/win","cache":{"direct":true}}
#     is not carried over
#   line 10: the serial number "A,1" is none that a disk can have here: 20
#     letters, digits, _ . or -
#   line 12: 0000:fb:00.0: taken for a graphics card; of another device write
#     [pci], one for each function

[vm]
memory = 12G
cpus = 6
cpu = host,-hypervisor
smbios-string = type=1,uuid=11111111-2222-3333-4444-555555555555
firmware = uefi-secure

[disk]
path = /vms/data.img
format = raw
discard = ignore
readonly = yes
boot-index = 2

[gpu]
device = 0000:fb:00.0

[net]
mode = bridge
bridge = br0
mac = 52:54:00:00:00:01

[looking-glass]
device = /dev/kvmfr0

[session]
stop = sddm.service
