#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   the VM is called as the profile's file: it was win11
#   line 12: the UEFI variables begin anew: the firmware looks for what it can
#     start
#   line 13: one half of an id (0x17aa): `subsystem-id` has both
#   line 15: hostpci2: mapping=nvme,pcie=1,rombar=0 is not carried over: write
#     the device itself, `device = ADDRESS`, in a [gpu] or [pci]
#   line 18: local:iso/virtio-win-0.1.240.iso: a volume of Proxmox's storage:
#     `pvesm path local:iso/virtio-win-0.1.240.iso` prints its path
#   line 26: tag of net0 is not carried over: 20
#   line 31: rng0: source=/dev/urandom is not carried over
#   line 32: local-lvm:vm-100-disk-1: a volume of Proxmox's storage:
#     `pvesm path local-lvm:vm-100-disk-1` prints its path
#   line 35: serial0: socket is not carried over
#   line 37: smbios1: manufacturer is encoded: `echo QVNVUw== | base64 -d`, for
#     `smbios-string = type=1,manufacturer=...`
#   line 41: the TPM's state is not taken over: what was sealed with it
#     (BitLocker) asks for its recovery key
#   line 45: usb2: spice is not carried over
#   line 46: usb3: mapping=kb is not carried over
#   line 47: vcpus: 8 is not carried over
#   line 51: virtiofs0: dirid=share,cache=always is not carried over
#   line 53: snapshots are not carried over, from here on

[vm]
guest-agent = yes
affinity = 2-7,14-19
cpu = host,+pcid
hide-hypervisor = yes
hugepages = 1G
rtc = localtime
memory = 32G
smbios-string = type=1,uuid=fb9d8a6f-1f6a-4d2f-9a7e-2f3b1a6fbb00
cpus = 12
firmware = uefi-secure
hyperv = yes

[looking-glass]
size = 64M

[gpu]
device = 0000:fa:00.0
primary = yes
rom = /usr/share/kvm/3080.rom
show-id = 10de:1f91

[pci]
device = 0000:fb:00.3

[pci]
device = 0000:f1:00.0

[pci]
device = 0000:f1:00.1

[cdrom]
path = local:iso/virtio-win-0.1.240.iso

[net]
mode = bridge
bridge = vmbr0
mac = BC:24:11:12:34:56
queues = 4

[net]
mode = bridge
bridge = vmbr1
mac = BC:24:11:12:34:57
model = e1000

[disk]
path = local-lvm:vm-100-disk-1
bus = scsi
cache = writeback
ssd = yes
boot-index = 1

[disk]
path = /dev/disk/by-id/ata-WDC_WD40
bus = scsi

[tpm]
version = 2.0

[usb]
device = 046d:c52b

[usb]
device = 1-4

[display]
video = none
type = none

[audio]
card = hda
