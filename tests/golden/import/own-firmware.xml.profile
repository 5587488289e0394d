#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   the VM is called as the profile's file: it was macOS
#   line 7: the variables belong to libvirt's user: copy them, and name the copy
#     at `nvram`
#   line 12: 0000:f3:00.0: taken for a graphics card; of another device write
#     [pci], one for each function
#   line 15: a host device that is neither PCI nor USB is not carried over
#   line 19: -device isa-applesmc,osk=OSK is passed on as it is: see whether a
#     key does the same
#   line 21: -device usb-tablet is passed on as it is: see whether a key does
#     the same
#   line 23: -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off is passed
#     on as it is: see whether a key does the same

[vm]
memory = 15259M
cpus = 8
firmware-image = /home/alice/OSX-KVM/OVMF_CODE.fd
nvram = /home/alice/OSX-KVM/OVMF_VARS-1024x768.fd
smbios-string = type=2
cpu = Penryn,kvm=on,vendor=GenuineIntel,+invtsc,vmware-cpuid-freq=on,+ssse3
acpi-table = /vms/SSDT1.dat

[disk]
path = /home/alice/OpenCore.qcow2
bus = sata
format = qcow2

[net]
mode = bridge
bridge = virbr0
model = e1000-82545em

[gpu]
device = 0000:f3:00.0
rom = off
primary = yes

[pci]
device = 0000:f0:14.3

[qemu]
argument = -device
argument = isa-applesmc,osk=OSK
argument = -device
argument = usb-tablet
argument = -global
argument = ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off

[looking-glass]
device = /dev/kvmfr0
