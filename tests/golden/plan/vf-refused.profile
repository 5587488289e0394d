# tree: sriov
[vm]
memory = 1G
firmware = bios
[pci]
device = 0000:01:00.0
vf = 3
[pci]
device = 0000:02:00.0
vf = 2
[pci]
device = 0000:05:00.0
vf = 5
[pci]
device = 0000:05:03.0
vf = 1
[pci]
device = 0000:05:04.0
vf = 1
[pci]
device = 0000:00:01.0
vf = 1
[gpu]
device = 0000:04:00.0
vf = 1
[pci]
device = 0000:03:00.0
vf = 2
