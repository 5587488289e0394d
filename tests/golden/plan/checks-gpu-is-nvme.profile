# tree: checks
[vm]
memory = 1G
firmware = bios
[gpu]
device = 0000:02:00.0
