#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   the VM is called as the profile's file: it was gaming
#   line 6: the UEFI variables begin anew: the firmware looks for what it can
#     start
#   line 9: local:iso/win11.iso: a volume of Proxmox's storage:
#     `pvesm path local:iso/win11.iso` prints its path
#   line 14: local-lvm:vm-100-disk-1: a volume of Proxmox's storage:
#     `pvesm path local-lvm:vm-100-disk-1` prints its path
#   line 17: the TPM's state is not taken over: what was sealed with it
#     (BitLocker) asks for its recovery key
#   line 20: snapshots are not carried over, from here on

[vm]
guest-agent = yes
cpu = host,+pcid
hide-hypervisor = yes
memory = 16G
cpus = 6
firmware = uefi

[gpu]
device = 0000:f1:00.0
primary = yes
rom = /usr/share/kvm/card.rom

[pci]
device = 0000:f3:00.0

[cdrom]
path = local:iso/win11.iso

[net]
mode = bridge
bridge = vmbr0
mac = BC:24:11:00:00:01

[disk]
path = local-lvm:vm-100-disk-1
bus = scsi
boot-index = 1

[tpm]
version = 2.0

[usb]
device = 046d:c52b
