#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   the VM is called as the profile's file: it was win10
#   line 15: <vcpusched> is not carried over
#   line 18: the machine pc-q35-6.2 is q35 now: Windows may want to be activated
#     again
#   line 20: the variables belong to libvirt's user: copy them, and name the
#     copy at `nvram`
#   line 53: a disk that is neither a file nor a block device is not carried
#     over
#   line 54: libvirt's network is reached by its bridge:
#     `virsh net-start default` makes virbr0; `mode = user` needs nothing
#   line 61: the TPM's state is libvirt's and is not taken over: what was sealed
#     with it (BitLocker) asks for its recovery key
#   line 64: 0000:f1:00.0: taken for a graphics card; of another device write
#     [pci], one for each function
#   line 73: <redirdev> is not carried over
#   line 79: -overcommit cpu-pm=on is passed on as it is: see whether a key does
#     the same

[vm]
memory = 16G
cpus = 4
threads = 2
hugepages = yes
cpu = host,topoext=on,hypervisor=off,host-cache-info=on
pin = 4,12,5,13
emulator-pin = 0-1
rtc = localtime
firmware = uefi-secure
nvram = /var/lib/libvirt/qemu/nvram/win10_VARS.fd
hyperv = yes
hide-hypervisor = yes
smbios-string = type=1,uuid=1f2c3d4e-0000-0000-0000-000000000000

[disk]
path = "/dev/disk/by-id/ata-SSD # 1"
format = raw
cache = none
aio = native
boot-index = 1

[cdrom]
path = /isos/virtio-win.iso

[net]
mode = bridge
bridge = virbr0
mac = 52:54:00:12:34:56
model = e1000e

[input]
evdev = /dev/input/by-id/usb-kbd
grab-toggle = ctrl-ctrl

[tpm]
version = 2.0

[audio]
card = hda
backend = pulse

[gpu]
device = 0000:f1:00.0
rom = /vms/vbios.rom

[pci]
device = 0000:f2:00.3

[usb]
device = 046d:c52b

[looking-glass]
size = 64M

[qemu]
argument = -overcommit
argument = cpu-pm=on
