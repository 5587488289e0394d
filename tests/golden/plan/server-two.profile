# tree: server-switches
[vm]
memory = 64G
firmware = bios
[gpu]
device = 19:00.0
[pci]
device = 3b:00.1
