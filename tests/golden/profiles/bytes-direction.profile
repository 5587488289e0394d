[vm]
memory = 4G
qemu = /usr/bin/‮umeq

[gpu]
device = 0000:01:00.0
