# tree: z790-igpu-sriov
[vm]
memory = 16G
firmware = bios
[gpu]
device = 03:00.0
