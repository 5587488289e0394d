[vm]
memory = 4G

[gpu]
device = PCI:10:0:0
