# tree: checks
[vm]
memory = 1G
firmware = bios
[gpu]
device = 0000:01:00.1
