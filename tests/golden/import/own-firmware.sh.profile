#!/usr/bin/env -S sudo vfio-run
#
# Written by `vfio-run import`; every key is described in vfio-run.profile(5).
# What is not as it was, or not carried over:
#   line 4: maxmem of -m is not carried over: 32G
#   line 4: -overcommit mem-lock=off is not carried over
#   line 6: aio=io_uring is `auto` now
#   line 9: -net nic,model=e1000,macaddr=52:54:00:aa:bb:cc is not carried over
#   line 10: -set device.hostdev0.romfile=/x.rom is not carried over
#   line 11: -device usb-redir,chardev=r is not carried over
#   line 12: SPICE is on a socket of the user's now:
#     `remote-viewer spice+unix:///run/vfio-run/vm/NAME/display`
#   line 12: the clipboard is `clipboard = yes` in [display], with spice
#   line 13: -watchdog-action reset is not carried over
#   line 13: -trace foo is not carried over

[vm]
name = games
machine = pc-q35-6.0
cpu = Skylake-Client,migratable=no
hyperv = yes
memory = 16G
threads = 2
cpus = 8
smbios-string = type=1,uuid=0d3a0c1e-2222-4444-8888-000000000000
hugepages = 1G
firmware-image = /vms/OVMF_CODE.fd
nvram = /vms/OVMF_VARS.fd

[disk]
path = /vms/w.qcow2
bus = scsi
cache = none
ssd = yes
boot-index = 1

[disk]
path = /dev/disk/by-id/none
bus = nvme
cache = none
serial = deadbeef

[net]
mode = user
forward = tcp:2222:22
forward = udp:5353:53

[net]
mode = bridge
bridge = br1

[gpu]
device = 0000:f2:00.0
primary = yes

[usb]
device = 1-2.3

[display]
type = spice

[audio]
backend = spice
