# tree: sriov
[vm]
memory = 1G
firmware = bios
[gpu]
device = 0000:04:02.1
[gpu]
device = 0000:04:00.0
[pci]
device = 0000:01:00.0
[pci]
device = 0000:02:10.0
group = all
[pci]
device = 0000:03:01.0
