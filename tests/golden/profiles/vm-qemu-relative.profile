[vm]
memory = 4G
qemu = ./qemu-system-x86_64

[gpu]
device = 0000:01:00.0
