# tree: quirks
[vm]
memory = 1G
firmware = bios
[gpu]
device = 06:00.0
