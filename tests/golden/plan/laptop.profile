# tree: laptop-hybrid
[vm]
memory = 4G
firmware = bios
[gpu]
device = 01:00.0
