[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[qemu]
argument = -object
argument = monitor-qmp,id=m,chardev=c
