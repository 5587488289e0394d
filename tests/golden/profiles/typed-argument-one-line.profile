[vm]
memory = 4G

[gpu]
device = 0000:01:00.0

[qemu]
argument = -device virtio-rng-pci
argument = -cpu=host
argument = -device
