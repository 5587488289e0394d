#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   line 9: local:iso/win11.iso: a volume of Proxmox's storage:
#     `pvesm path local:iso/win11.iso` prints its path
#   line 14: local-lvm:vm-100-disk-1: a volume of Proxmox's storage:
#     `pvesm path local-lvm:vm-100-disk-1` prints its path
#   line 17: the TPM's state is not taken over

[vm]
guest-agent = yes
firmware = uefi
hide-hypervisor = yes
memory = 16384M
cpus = 6

[gpu]
device = 0000:01:00.0
primary = yes
rom = /usr/share/kvm/card.rom

[pci]
device = 0000:03:00.0

[cdrom]
path = local:iso/win11.iso

[net]
mode = bridge
bridge = vmbr0
mac = BC:24:11:00:00:01

[disk]
path = local-lvm:vm-100-disk-1
bus = scsi

[tpm]
version = 2.0

[usb]
device = 046d:c52b
