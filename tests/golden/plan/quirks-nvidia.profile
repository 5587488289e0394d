# tree: quirks
[vm]
memory = 1G
firmware = bios
[gpu]
device = 01:00.0
