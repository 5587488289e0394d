# tree: lab-dgpu
[vm]
memory = 64M
firmware = uefi
sandbox = log
[gpu]
device = 0000:01:00.0
rom = /roms/x.rom
[disk]
path = /vms/a.raw
[disk]
path = /vms/b.qcow2
readonly = yes
[net]
mode = user
