# tree: z790-igpu-sriov
[vm]
memory = 16G
[gpu]
device = 00:02.0
