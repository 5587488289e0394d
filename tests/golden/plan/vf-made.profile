# tree: sriov
[vm]
memory = 1G
firmware = bios
[pci]
device = 0000:05:00.0
id = 8086:1563
vf = 1
vfs = 3
[pci]
device = 0000:05:00.0
vf = 2
vfs = 3
