# tree: one-group-pcieport
[vm]
memory = 1G
firmware = bios
[gpu]
device = 02:01.0
group = hold
[pci]
device = 02:02.0
