[vm]
memory = 4G

[gpu]
device = /sys/bus/pci/devices/0000:01:00.0
