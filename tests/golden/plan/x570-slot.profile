# tree: x570-four-functions
[vm]
memory = 16G
cpus = 8
threads = 2
firmware = uefi
[gpu]
device = 0a:00.0
[disk]
path = /vms/win10.qcow2
boot-index = 2
[disk]
path = /vms/data.raw
bus = virtio
[net]
mac = 52:54:00:12:34:56
model = e1000e
