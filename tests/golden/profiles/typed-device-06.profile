[vm]
memory = 4G

[gpu]
device = vfio-pci,host=0000:01:00.0
