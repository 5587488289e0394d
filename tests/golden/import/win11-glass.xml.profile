#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   the VM is called as the profile's file: it was win11-gaming VM
#   queues of a network need virtio, and a bridge, a tap or a macvtap
#   line 22: <locked> is not carried over
#   line 26: <discard> is not carried over
#   line 45: <vcpusched> is not carried over
#   line 63: the machine pc-q35-8.1 is q35 now: Windows may want to be activated
#     again
#   line 69: the variables belong to libvirt's user: copy them, and name the
#     copy at `nvram`
#   line 154: a disk that is neither a file nor a block device is not carried
#     over
#   line 180: libvirt's network is reached by its bridge:
#     `virsh net-start default` makes virbr0; `mode = user` needs nothing
#   line 197: <serial> is not carried over
#   line 202: the clipboard is `clipboard = yes` in [display], with spice
#   line 216: the TPM's state is libvirt's and is not taken over: what was
#     sealed with it (BitLocker) asks for its recovery key
#   line 219: the display is on a socket of the user's now:
#     `remote-viewer spice+unix:///run/vfio-run/vm/NAME/display`; a port is
#     `listen`, and its password `password-file`
#   line 231: 0000:fa:00.0: taken for a graphics card; of another device write
#     [pci], one for each function
#   line 245: 0000:f1:00.0: of a graphics card write [gpu] in the place of [pci]
#   line 257: a USB device by its number on the bus: `vfio-run list usb` shows
#     ids and ports
#   line 262: <redirdev> is not carried over
#   line 263: <watchdog> is not carried over
#   line 265: <rng> is not carried over
#   line 284: -fw_cfg opt/ovmf/X-PciMmio64Mb,string=65536 is passed on as it is:
#     see whether a key does the same
#   line 285: <qemu:env> is not carried over
#   line 286: <qemu:capabilities> is not carried over
#   line 290: <qemu:override> is not carried over

[vm]
memory = 32G
cpus = 12
threads = 2
hugepages = 1G
cpu = host,topoext=on,hypervisor=off,invtsc=on,svm=off,host-cache-info=on,host-phys-bits-limit=40
pin = 2,14,3,15,4,16,5,17,6,18,7,19
emulator-pin = 0-1,12-13
iothread-pin = 0-1,12-13
rtc = localtime
firmware = uefi-secure
nvram = /var/lib/libvirt/qemu/nvram/win11_VARS.fd
hyperv = yes
hide-hypervisor = yes
smbios-string = type=0,vendor=American Megatrends Inc.
smbios-string = type=0,version=F31o
smbios-string = type=1,manufacturer=Gigabyte Technology Co.,, Ltd.
smbios-string = type=1,product=X570 AORUS MASTER
smbios-string = type=1,serial=Default string
smbios-string = type=1,uuid=b8d4a3f0-1b1d-4a55-8b6b-6e5b8a8d3f6e
guest-agent = yes

[disk]
path = /var/lib/libvirt/images/win11.qcow2
format = qcow2
cache = writeback
aio = threads
queues = 4
serial = B1
boot-index = 1

[disk]
path = /dev/disk/by-id/ata-Samsung_SSD_860_EVO_1TB_S3Z9NB0K
bus = scsi
format = raw
cache = none
aio = native
ssd = yes

[cdrom]
path = /home/alice/Downloads/Win11_23H2_English_x64v2.iso
boot-index = 2

[share]
path = /home/alice/share
tag = hostshare

[net]
mode = bridge
bridge = virbr0
mac = 52:54:00:aa:bb:cc

[net]
mode = bridge
bridge = br0
mac = 52:54:00:11:22:33
model = e1000e

[net]
mode = macvtap
parent = enp6s0
mac = 52:54:00:44:55:66

[input]
evdev = /dev/input/by-id/usb-Logitech_G502-event-mouse

[input]
evdev = /dev/input/by-id/usb-Keychron_K8-event-kbd
grab-toggle = ctrl-ctrl

[tpm]
version = 2.0

[display]
type = spice
video = none

[audio]
card = hda
backend = pulse

[gpu]
device = 0000:fa:00.0
rom = /usr/share/vgabios/gpu.rom

[pci]
device = 0000:f1:00.0
boot-index = 3

[usb]
device = 045e:02ea

[looking-glass]
device = /dev/kvmfr0

[shm]
name = scream-ivshmem
size = 2M

[qemu]
argument = -fw_cfg
argument = opt/ovmf/X-PciMmio64Mb,string=65536
