# tree: x570-four-functions
[vm]
memory = 1G
firmware = bios
[gpu]
device = 10de:1f08
rom = off
