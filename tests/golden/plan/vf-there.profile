# tree: sriov
[vm]
memory = 1G
firmware = bios
[pci]
device = 0000:01:00.0
vf = 1
