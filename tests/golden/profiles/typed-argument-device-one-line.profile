[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[qemu]
argument = -device vfio-pci,host=01:00.0
