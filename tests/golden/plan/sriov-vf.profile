# tree: sriov-gpu
[vm]
memory = 1G
firmware = bios
[gpu]
device = 0000:00:02.1
