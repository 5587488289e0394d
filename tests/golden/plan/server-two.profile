# tree: server-switches
[vm]
memory = 64G
firmware = bios
[gpu]
device = 19:00.0
[pci]
device = 10000:e1:00.0
[pci]
device = 3b:00.1
