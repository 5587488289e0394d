# tree: twins
[vm]
memory = 1G
firmware = bios
[gpu]
device = 02:00.0
