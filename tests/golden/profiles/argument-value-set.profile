[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[qemu]
argument = -set
argument = chardev.vfio-run-qmp.path=/tmp/x
