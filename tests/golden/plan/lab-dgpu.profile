# tree: lab-dgpu
[vm]
memory = 256M
accel = tcg
firmware = bios
[gpu]
device = 0000:01:00.0
id = 1234:1111
[disk]
path = /vms/guest.qcow2
[net]
forward = tcp:2222:22
