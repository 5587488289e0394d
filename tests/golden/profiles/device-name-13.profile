[vm]
memory = 4G

[gpu]
device = pci_0000_01_00_0
