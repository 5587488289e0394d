#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   the VM is called as the profile's file: it was ubuntu
#   line 5: a part of the memory only (4096 of 8192 MiB): here the guest has all
#     of `memory`
#   line 6: 2 of 4 processors at first: here the guest has all of `cpus`
#   line 8: the machine pc-i440fx-6.2 (i440FX) is q35 now: the guest finds its
#     devices in other places, and Windows may want to be activated again
#   line 14: the variables belong to libvirt's user: copy them, and name the
#     copy at `nvram`
#   line 17: the guest cannot start from: network
#   line 19: <vmcoreinfo> is not carried over
#   line 24: <numa> is not carried over
#   line 26: a clock by timezone is UTC now: `rtc = localtime` is the host's
#     zone
#   line 27: a guest that restarts goes on here
#   line 29: /vms/a&b.vmdk is encrypted (LUKS): that is not carried over, and
#     the guest cannot read it
#   line 29: a disk on ide is on sata now
#   line 29: an image of the format vmdk: convert it with qemu-img
#   line 29: aio by io_uring is `auto` now
#   line 34: <blockio> is not carried over
#   line 35: <iotune> is not carried over
#   line 38: a device of the kind lun is not carried over
#   line 39: a disk that is neither a file nor a block device is not carried
#     over
#   line 41: a SCSI controller of the kind lsilogic is virtio's now: the guest
#     needs its driver
#   line 42: a folder by 9p is by virtiofs now: a Linux guest mounts it with
#     `-t virtiofs`
#   line 43: libvirt's network is reached by its bridge:
#     `virsh net-start isolated` makes virbr7; `mode = user` needs nothing
#   line 43: a network that is switched off (link down) is on here
#   line 43: the guest cannot start from this network
#   line 44: libvirt's network lan is `mode = user` now; `virsh net-dumpxml lan`
#     shows its bridge, for `mode = bridge` and `bridge`
#   line 44: a network card of the kind ne2k_pci is virtio now
#   line 44: <vlan> is not carried over
#   line 45: a range of forwarded ports is not carried over: one line `forward`
#     each
#   line 46: <serial> is not carried over
#   line 47: the display is on a socket of the user's now:
#     `remote-viewer vnc+unix:///run/vfio-run/vm/NAME/display`; a port is
#     `listen`, and its password `password-file`
#   line 48: an emulated graphics card of the kind vmvga: what is fit is taken
#   line 49: a host device that is neither PCI nor USB is not carried over
#   line 50: a TPM of version 1.2 is one of 2.0 now
#   line 50: the TPM's state is libvirt's and is not taken over: what was sealed
#     with it (BitLocker) asks for its recovery key
#   line 51: <vsock> is not carried over
#   line 55: -device virtio-keyboard-pci is passed on as it is: see whether a
#     key does the same
#   line 58: -monitor is not carried over: vfio-run has its own
#   line 59: <qemu:env> is not carried over

[vm]
memory = 8G
cpus = 4
affinity = 2-5
firmware = uefi
nvram = /vms/ubuntu_VARS.fd
smbios-string = type=1,uuid=0d3a0c1e-2222-4444-8888-000000000000
cpu = host
hyperv = yes
hide-hypervisor = yes

[disk]
path = /vms/a&b.vmdk
bus = sata
boot-index = 2

[cdrom]
path = /isos/u.iso
boot-index = 1

[share]
path = /home/alice
tag = h

[net]
mode = bridge
bridge = virbr7
model = rtl8139

[net]
mode = user

[net]
mode = user
forward = tcp:2022:22

[display]
type = vnc

[tpm]
version = 2.0

[input]
evdev = /dev/input/by-id/uinput-persist-kbd

[qemu]
argument = -device
argument = virtio-keyboard-pci

[gpu]
device = 0000:f1:00.0
primary = yes
