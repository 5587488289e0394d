# tree: sriov-gpu
[vm]
memory = 1G
firmware = bios
[gpu]
device = 0000:04:02.0
[gpu]
device = 0000:04:02.2
[pci]
device = 0000:00:02.2
group = slot
